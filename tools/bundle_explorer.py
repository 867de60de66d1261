"""Bundle the explorer into src/qualitrace/web/static/explorer (docs/decisions/0010).

Needs node and npm. The packages are those of tools/explorer/package-lock.json, so that the same files come
out every time: ``python tools/bundle_explorer.py [FOLDER]``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "explorer"
INSTALLED = ROOT / "build" / "explorer"
BUNDLE = ROOT / "src" / "qualitrace" / "web" / "static" / "explorer"
LISTED = ("package.json", "package-lock.json", ".npmrc")
FILES = ("explorer.js", "explorer.css", "LICENSES.txt")


def install() -> None:
    """Install the packages of the lock, unless they are there."""
    mark = INSTALLED / ".installed"
    lock = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    if mark.is_file() and mark.read_text(encoding="utf-8") == lock:
        return
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in LISTED:
        shutil.copyfile(SOURCE / name, INSTALLED / name)
    subprocess.run(["npm", "ci"], cwd=INSTALLED, check=True, stdout=sys.stderr)
    mark.write_text(lock, encoding="utf-8")


def bundle(folder: Path) -> None:
    """Write the bundle's files into a folder."""
    install()
    for path in SOURCE.iterdir():
        if path.suffix in (".mjs", ".jsx", ".css"):
            shutil.copyfile(path, INSTALLED / path.name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(["node", "bundle.mjs", made], cwd=INSTALLED, check=True)
        for name in FILES:
            shutil.copyfile(Path(made) / name, folder / name)


if __name__ == "__main__":
    bundle(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLE)
