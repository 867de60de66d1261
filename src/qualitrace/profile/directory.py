"""Where a profile lies, and which files of it are read."""

from __future__ import annotations

import difflib
from pathlib import Path

from qualitrace.errors import ProfileError
from qualitrace.profile.problems import problem

FOLDERS = ("ontology", "shapes", "reasoning", "loaders", "graphql", "exports")
NEEDED = ("ontology", "shapes")
ENGINE_VOCABULARY = Path(__file__).with_name("engine.ttl")
_OTHER_RDF = (".owl", ".rdf", ".xml", ".nt", ".nq", ".trig", ".n3", ".jsonld")
_EXPECTED = {"ontology": ".ttl", "shapes": ".ttl", "reasoning": ".rq", "loaders": ".yaml"}


def default_directory() -> Path:
    """Return the shipped profile: the six folders beside ``src`` in a checkout, else the package's own.

    Raises ProfileError when the program was installed without them.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    for candidate in (checkout, package / "_profile"):
        if all((candidate / folder).is_dir() for folder in FOLDERS):
            return candidate
    raise problem(
        "找不到随程序提供的配置",
        "the profile that comes with the program is missing",
        where=str(package / "_profile"),
        hint_zh="请重新安装，或用 --profile 指定一个配置目录。",
        hint_en="Install the program again, or name a profile directory with --profile.",
    )


def folder_problems(directory: Path) -> list[ProfileError]:
    """Return what is wrong with the directory itself: not there, folders missing or misspelt."""
    if not directory.is_dir():
        return [
            problem(
                "配置目录不存在",
                "the profile directory does not exist",
                where=str(directory),
                hint_zh="请检查 --profile 后的路径。",
                hint_en="Check the path after --profile.",
            )
        ]
    missing = [name for name in FOLDERS if not (directory / name).is_dir()]
    others = [p.name for p in sorted(directory.iterdir()) if p.is_dir() and p.name not in FOLDERS]
    found = []
    for name in missing:
        close = difflib.get_close_matches(name, others, n=1, cutoff=0.8)
        if name in NEEDED or close:
            found.append(_missing_folder(directory, name, close))
    return found


def shapes_problems(directory: Path) -> list[ProfileError]:
    """Return what is wrong with a directory of shapes that lies outside a profile."""
    if any(True for _ in files(directory, ".", ".ttl")):
        return []
    return [
        problem(
            "这里没有规则文件（.ttl）",
            "there are no files of rules (.ttl) here",
            where=str(directory),
            hint_zh="请检查 --shapes 后的路径；文件夹里应有 .ttl 文件。",
            hint_en="Check the path after --shapes; the directory holds .ttl files.",
        )
    ]


def files(directory: Path, folder: str, *suffixes: str) -> list[Path]:
    """Return the files of ``folder`` and its subfolders with one of ``suffixes``, in order of path."""
    return sorted(p for p in (directory / folder).rglob("*") if p.suffix in suffixes and p.is_file())


def unread_files(directory: Path) -> list[ProfileError]:
    """Return a problem for each file that looks meant to be read and is not."""
    found = []
    for folder, suffix in _EXPECTED.items():
        wrong = (*_OTHER_RDF, ".ttl", ".rq", ".yaml", ".sparql")
        for path in files(directory, folder, *(set(wrong) - {suffix, ".yml" if folder == "loaders" else ""})):
            found.append(
                problem(
                    f"{folder}/ 里只读 {suffix} 文件，这个文件不会被读到",
                    f"only {suffix} files are read in {folder}/, so this file would be ignored",
                    where=path.relative_to(directory).as_posix(),
                    hint_zh="请转换格式、移到合适的文件夹，或删去。",
                    hint_en="Convert it, move it to the folder it belongs to, or remove it.",
                )
            )
    return found


def _missing_folder(directory: Path, name: str, close: list[str]) -> ProfileError:
    return problem(
        f"配置目录里没有 {name}/" + (f"（有一个 {close[0]}/）" if close else ""),
        f"the profile has no folder {name}/" + (f" (there is {close[0]}/)" if close else ""),
        where=str(directory),
        hint_zh="配置的文件夹是：" + "、".join(FOLDERS) + "；至少要有 ontology 和 shapes。",
        hint_en="A profile's folders are " + ", ".join(FOLDERS) + "; at least ontology and shapes.",
    )
