"""Draw the README's picture anew from the demonstration (`make pictures`)."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

from qualitrace.demonstration import build
from qualitrace.exporting import trace_svg
from qualitrace.profile import load_profile

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
NODE, TO, DAY = "Indicator:ZB2.3.2", "Person", dt.date(2025, 3, 1)


def main() -> None:
    """Trace one indicator of the demonstration to people, in Chinese and in English."""
    profile = load_profile()
    with tempfile.TemporaryDirectory() as folder:
        registry = build(profile, Path(folder) / "demo.db")
        trace = registry.trace(NODE, TO, as_of=DAY)
        registry.close()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for language, name in (("zh", "trace.zh.svg"), ("en", "trace.svg")):
        path = PICTURES / name
        path.write_text(trace_svg(trace, profile, language), encoding="utf-8")
        sys.stderr.write(f"{path.relative_to(ROOT)}: {len(trace.paths)} paths\n")


if __name__ == "__main__":
    main()
