"""What the compiler does not know: found before a shape is compiled, never skipped."""

from __future__ import annotations

from qualitrace.text import Text
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH, local_name

_UNKNOWN = (SH.js, SH.expression, SH.reifierShape, SH.reificationRequired)


def check_supported(shapes: Shapes, shape: Shape) -> None:
    """Raise UnsupportedError when a shape uses what only another validator knows (SHACL-AF and the like)."""
    for predicate in _UNKNOWN:
        if shapes.values(shape, predicate):
            name = local_name(str(predicate))
            raise UnsupportedError(Text(zh=f"用到 sh:{name}", en=f"it uses sh:{name}"))
