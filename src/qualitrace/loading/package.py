"""Opening Office files safely: what is inside, how large it says it is, and nothing that expands."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from qualitrace.errors import DocumentError
from qualitrace.text import Text

LARGEST_FILE = 100 * 2**20  # bytes on disk
LARGEST_WHOLE = 512 * 2**20  # unpacked
# Bytes of one part, unpacked: worksheets are read as streams, other parts are held in memory.
LARGEST_PARTS = (
    (re.compile(r"^xl/worksheets/[^/]*$"), 256 * 2**20),
    (re.compile(r"^xl/sharedStrings\.xml$", re.IGNORECASE), 64 * 2**20),
    (re.compile(r"^word/document\.xml$", re.IGNORECASE), 32 * 2**20),
    (re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE), 16 * 2**20),
    (re.compile(r""), 256 * 2**20),
)
MOST_PARTS = 5_000
_HIGHEST_RATIO = 400  # of unpacked to packed, for parts above _RATIO_FROM
_RATIO_FROM = 16 * 2**20
_CHUNK = 2**20
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
# What libraries raise for files whose content makes no sense; RecursionError is a RuntimeError.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    EOFError,
    OSError,
    RuntimeError,
)
_XML_PART = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Package:
    """An Office file whose parts were found to be of bearable size and free of DTDs."""

    kind: str  # docx or xlsx
    data: bytes


def kind_of_zip(data: bytes) -> str:
    """Return ``docx``, ``xlsx``, or ``""`` for a zip archive that is neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except DAMAGE:
        return ""
    if any(name.startswith("word/") for name in names):
        return "docx"
    return "xlsx" if any(name.startswith("xl/") for name in names) else ""


def open_package(data: bytes, kind: str, where: str) -> Package:
    """Check a zip archive before anything unpacks it. Raises DocumentError.

    Sizes come from the archive's directory; a part cannot unpack to more than it declares there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive.infolist(), where)
            for info in archive.infolist():
                if _XML_PART.search(info.filename):
                    _refuse_dtd(archive, info, where)
    except DAMAGE as error:
        raise damaged(where) from error
    return Package(kind, data)


def damaged(where: str) -> DocumentError:
    """Return the error for a file that cannot be opened."""
    return DocumentError(
        Text(zh="文件已损坏，打不开。", en="The file is damaged and cannot be opened."),
        where=where,
        hint=Text(
            zh="请在 Word 或 Excel 中打开并另存后重试。",
            en="Open it in Word or Excel, save it again, and retry.",
        ),
    )


def too_large(where: str, what: Text, limit: int) -> DocumentError:
    """Return the error for something beyond a limit of bytes."""
    return DocumentError(
        Text(
            zh=f"文件过大：{what['zh']}超过 {limit // 2**20} MB。",
            en=f"The file is too large: {what['en']} is over {limit // 2**20} MB.",
        ),
        where=where,
        hint=Text(
            zh="请删去多余的内容、图片或空白区域，或分成几个文件。",
            en="Remove what is not needed, pictures and empty areas, or divide it into several files.",
        ),
    )


def _check_sizes(infos: list[zipfile.ZipInfo], where: str) -> None:
    if len(infos) > MOST_PARTS:
        raise damaged(where)
    if sum(info.file_size for info in infos) > LARGEST_WHOLE:
        raise too_large(where, Text(zh="解开后的全部内容", en="the unpacked content"), LARGEST_WHOLE)
    for info in infos:
        part = Text(zh=f"其中的 {info.filename} ", en=info.filename)
        if info.flag_bits & 0x1:
            raise encrypted(where)
        limit = next(size for pattern, size in LARGEST_PARTS if pattern.search(info.filename))
        if info.file_size > limit:
            raise too_large(where, part, limit)
        if info.file_size > _RATIO_FROM and info.file_size > _HIGHEST_RATIO * max(info.compress_size, 1):
            raise too_large(where, part, _RATIO_FROM)


def encrypted(where: str) -> DocumentError:
    """Return the error for a file with a password."""
    return DocumentError(
        Text(zh="文件有密码。", en="The file is protected by a password."),
        where=where,
        hint=Text(zh="请取消密码后另存。", en="Remove the password and save it again."),
    )


def _refuse_dtd(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> None:
    """Office files have no document type declaration; one could expand without end. They are UTF-8 or
    UTF-16 (ECMA-376 part 2, 9.1.3.1), so that one cannot hide in another encoding either."""
    before = b""
    with archive.open(info) as part:
        while chunk := part.read(_CHUNK):
            if not before and not _plain_start(chunk):
                raise damaged(f"{where} › {info.filename}")
            window = before + chunk
            if any(mark in window for mark in _DOCTYPES):
                raise _not_allowed(f"{where} › {info.filename}")
            before = window[-32:]


def _plain_start(chunk: bytes) -> bool:
    head = chunk.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    declared = re.match(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", head[:200])
    known = declared is None or declared[1].lower() in {b"utf-8", b"utf-16", b"us-ascii", b"ascii"}
    return known and head.lstrip(b"\x00 \t\r\n").startswith(b"<")


def _not_allowed(where: str) -> DocumentError:
    return DocumentError(
        Text(
            zh="文件含有不允许的 XML 声明（DTD）。",
            en="The file holds an XML declaration (DTD) that is not allowed.",
        ),
        where=where,
        hint=Text(zh="请在 Word 或 Excel 中另存后重试。", en="Save it again in Word or Excel, and retry."),
    )
