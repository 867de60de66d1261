"""What somebody sees, and the note of what personal data they were shown (floor 5).

Every route that shows something of the registry asks :func:`seen` and, before it sends an answer, calls
:func:`disclose`; it adds :func:`headers_for` to the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qualitrace.access.disclosure import Disclosure
from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import PUBLIC, Caller
from qualitrace.errors import ForbiddenError
from qualitrace.registry.protecting import Texts, protected_values
from qualitrace.text import Text

if TYPE_CHECKING:
    from qualitrace.web.parts import Parts

WITHHELD = "Qualitrace-Withheld"
VARY = "Authorization, Qualitrace-Purpose"


class Disclosing:
    """Finds whose personal data an answer holds; what it looks for is made anew when that has changed."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._made: tuple[Texts, Disclosure] | None = None
        self._seen: dict[int, tuple[Texts, frozenset[str]]] = {}

    def nodes_in(self, content: bytes, seen: Any) -> frozenset[str]:
        """Return the nodes (IRIs) whose personal data is in the bytes and is shown to whoever sees this."""
        found = self._disclosure().nodes_in(content)
        if not found or seen is self._registry:
            return found
        return found & self._shown(seen)

    def _disclosure(self) -> Disclosure:
        texts = protected_values(self._registry)
        with self._lock:
            if self._made is None or self._made[0] is not texts:
                self._made = texts, Disclosure(texts)
            return self._made[1]

    def _shown(self, seen: Any) -> frozenset[str]:
        texts = protected_values(seen)
        with self._lock:
            held = self._seen.get(id(seen))
            if held is None or held[0] is not texts:
                if len(self._seen) > 64:
                    self._seen.clear()
                held = self._seen[id(seen)] = texts, frozenset(node for node, _ in texts)
            return held[1]


def seen(parts: Parts, caller: Caller) -> Any:
    """Return the registry as a caller sees it. Raises ForbiddenError where that cannot be told apart."""
    return _seen(parts.registry, caller)


def asked(parts: Parts, caller: Caller) -> Any:
    """Return what GraphQL is answered from to a caller: the registry as they see it, or a server of graphs.

    Raises ForbiddenError as :func:`seen`, UnavailableError when the server is away.
    """
    return _seen(parts.asked, caller)


def _seen(registry: Any, caller: Caller) -> Any:
    audience = caller.audience
    if audience.everything:
        return registry
    seen_by = getattr(registry, "seen_by", None)
    if seen_by is None:
        raise ForbiddenError(
            Text(zh="这个登记库不能按读者区分内容。", en="This registry cannot be shown to some only.")
        )
    return seen_by(audience)


def is_noted(caller: Caller) -> bool:
    """Tell whether what a caller is shown must be looked through for personal data."""
    return not caller.trusted and caller.audience != PUBLIC


def read_of(
    parts: Parts, caller: Caller, route: str, content: bytes, question: bytes = b"", *, always: bool = False
) -> PersonalRead | None:
    """Return the note of whose personal data an answer holds, or a question asks by; None when none.

    Arguments as of :func:`disclose`. To be asked while the registry stands as it did for the answer.
    """
    if parts.access is None or not is_noted(caller):
        return None
    shown = seen(parts, caller)
    nodes = parts.disclosing.nodes_in(content, shown)
    if question:
        nodes |= parts.disclosing.nodes_in(question, shown)
    return PersonalRead.by(caller, route, nodes) if nodes or always else None


def disclose(
    parts: Parts, caller: Caller, route: str, content: bytes, question: bytes = b"", *, always: bool = False
) -> None:
    """Note whose personal data an answer holds, or a question asks by; to be called before it is sent.

    ``route`` says what was asked, ``always`` notes it whatever is found in it: what was personal once may
    be no longer there to compare with. Not to be called within ``registry.reading()``: the note is written
    where commits are. Nothing is to be sent when this raises (RegistryError).
    """
    read = read_of(parts, caller, route, content, question, always=always)
    if read is not None and parts.access is not None:
        parts.access.note(read)


def is_withheld(caller: Caller) -> bool:
    """Tell whether a caller sees less than their role allows, as they stated no purpose."""
    return not caller.trusted and not caller.purpose and caller.principal.sees_personal


def headers_for(caller: Caller) -> Mapping[str, str]:
    """Return what every answer about the registry carries: who it is for, and whether it is complete."""
    if caller.trusted:
        return {}
    return {
        "Vary": VARY,
        "Cache-Control": "private",
        **({WITHHELD: "purpose"} if is_withheld(caller) else {}),
    }


def withheld() -> dict[str, Any]:
    """Return what is said in an answer that is not complete for want of a purpose."""
    return {
        "reason": "PURPOSE",
        "what": {
            "zh": "没有说明目的，个人信息未予显示。",
            "en": "Personal data is left out: no purpose was stated.",
        },
        "hint": {
            "zh": "请在请求头 Qualitrace-Purpose（或 extensions.purpose）中说明目的。",
            "en": "State it in the header Qualitrace-Purpose, or in extensions.purpose.",
        },
    }
