"""Write deploy/settings.toml and the table of docs/running.md anew from the declarations of settings."""

from __future__ import annotations

from pathlib import Path

from qualitrace.web.settings_shown import example, table

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- settings: made by `qualitrace settings --table` -->\n", "<!-- end of settings -->"


def main() -> None:
    """Write both files."""
    (ROOT / "deploy" / "settings.toml").write_text(example(), encoding="utf-8")
    page = ROOT / "docs" / "running.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
