"""Zip archives that are the same bytes for the same parts, and are read with suspicion (floor 4)."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from qualitrace.errors import DocumentError
from qualitrace.text import Text

MOST_PARTS = 500
MOST_BYTES = 256 * 1024 * 1024  # all parts together, unpacked
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,4}")


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive of parts: sorted, without times or anything else of the machine."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(parts):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, parts[name])
    return stream.getvalue()


def unpack(path: Path, *, most_bytes: int = MOST_BYTES) -> dict[str, bytes]:
    """Read all parts of an archive into memory; nothing is written anywhere.

    Raises DocumentError for what is no archive, is damaged, is too large when unpacked, or names its
    parts in a way that :func:`pack` never does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist(), path, most_bytes)
            return {entry.filename: _read(archive, entry, path) for entry in archive.infolist()}
    except OSError as error:
        what = Text(zh="文件无法读取。", en="The file cannot be read.")
        raise DocumentError(what, where=f"{path}: {error.strerror}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise _refused(path, str(error)) from error
    except RuntimeError as error:  # how the library tells of a password
        raise _refused(path, str(error)) from error


def _check(entries: list[zipfile.ZipInfo], path: Path, most_bytes: int) -> None:
    if len(entries) > MOST_PARTS:
        raise _refused(path, f"{len(entries)} > {MOST_PARTS}")
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise _too_large(path, most_bytes)
    names = [entry.filename for entry in entries]
    for entry in entries:
        name = entry.filename
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            raise _refused(path, name)
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG) or entry.flag_bits & 1:
            raise _refused(path, name)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    """Read a part, and no more of it than it says it has."""
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except zlib.error as error:
        raise _refused(path, f"{entry.filename}: {error}") from error
    if len(data) != entry.file_size:
        raise _refused(path, entry.filename)
    return data


def _refused(path: Path, where: str) -> DocumentError:
    return DocumentError(
        Text(zh="这不是可用的证据包。", en="This is no evidence pack that can be used."),
        where=f"{path}: {where}",
        hint=Text(zh="请向出具者索取原件。", en="Ask whoever made it for the original."),
    )


def _too_large(path: Path, most_bytes: int) -> DocumentError:
    return DocumentError(
        Text(
            zh=f"解开后超过 {most_bytes // 1_048_576} MB。",
            en=f"Unpacked it is over {most_bytes // 1_048_576} MB.",
        ),
        where=str(path),
    )
