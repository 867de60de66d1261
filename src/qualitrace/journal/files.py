"""Files that appear whole or not at all (floor 0)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qualitrace.errors import RegistryError
from qualitrace.text import Text


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a place beside a file that does not exist yet; what is written there becomes the file.

    Raises RegistryError when the file exists or its folder cannot be written to.
    """
    if target.exists():
        raise RegistryError(
            Text(zh="文件已存在,没有覆盖。", en="The file is there already and was not overwritten."),
            where=str(target),
            hint=Text(zh="请换一个文件名。", en="Choose another name."),
        )
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.rename(target)
    except OSError as error:
        raise file_refused(target, error) from error
    finally:
        draft.unlink(missing_ok=True)


def file_refused(path: Path, error: Exception) -> RegistryError:
    """Make the error for a file that cannot be read or written."""
    reason = getattr(error, "strerror", None) or str(error)
    return RegistryError(
        Text(zh="文件无法读写。", en="The file cannot be read or written."),
        where=f"{path}: {reason}",
        hint=Text(zh="请检查路径、权限和磁盘空间。", en="Check the path, the rights on it and free space."),
    )
