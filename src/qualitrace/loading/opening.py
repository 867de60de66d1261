"""From a path to a grid: what the file really is, and the reader for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from qualitrace.errors import DocumentError
from qualitrace.journal.model import Document
from qualitrace.loading.grid import Grid
from qualitrace.loading.mapping import Form
from qualitrace.loading.package import LARGEST_FILE, encrypted, kind_of_zip, open_package, too_large
from qualitrace.loading.read_excel import read_excel
from qualitrace.loading.read_text import decode, read_csv, read_plain_text
from qualitrace.loading.read_word import read_word
from qualitrace.text import Text, readable

KINDS = {".docx": "docx", ".xlsx": "xlsx", ".csv": "csv", ".txt": "txt"}
_LARGEST_TEXT = 64 * 2**20
_NAMES = {
    "docx": ("Word 文档", "a Word document"),
    "xlsx": ("Excel 工作簿", "an Excel workbook"),
    "zip": ("压缩文件", "a zip archive"),
    "pdf": ("PDF", "a PDF"),
    "text": ("文本", "text"),
    "unknown": ("无法识别的文件", "a file of an unknown kind"),
}  # fmt: skip
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def open_document(path: Path, forms: tuple[Form, ...]) -> tuple[Document, Grid]:
    """Read a file into a grid. Raises DocumentError for whatever is wrong with it."""
    data = _bytes(path)
    name = readable(path.name)
    document = Document(name, hashlib.sha256(data).hexdigest())
    wanted = KINDS.get(path.suffix.lower())
    if wanted is None:
        raise _wrong_type(name, _kind(data))
    if not data.strip(b"\x00 \t\r\n"):
        raise DocumentError(
            Text(zh="文件是空的。", en="The file is empty."),
            where=name,
            hint=Text(
                zh="请确认选对了文件，并已保存。",
                en="Make sure it is the file you mean, and that it was saved.",
            ),
        )
    if data.startswith(_OLE):
        raise _old_office(data, name)
    found = _kind(data)
    if wanted in {"docx", "xlsx"}:
        if found != wanted:
            raise _wrong_type(name, found)
        package = open_package(data, wanted, name)
        return document, read_word(package, name) if wanted == "docx" else read_excel(package, name)
    if found != "text":
        raise _wrong_type(name, found)
    if len(data) > _LARGEST_TEXT:
        raise too_large(name, Text(zh="文本", en="the text"), _LARGEST_TEXT)
    text = decode(data, name)
    return document, read_csv(text, name, forms) if wanted == "csv" else read_plain_text(text, name)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise DocumentError(
                Text(zh="没有这个文件。", en="There is no such file."),
                where=str(path),
                hint=Text(zh="请检查路径和文件名。", en="Check the path and the name."),
            )
        if path.stat().st_size > LARGEST_FILE:
            raise too_large(readable(path.name), Text(zh="它", en="it"), LARGEST_FILE)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise DocumentError(
            Text(zh="文件打不开。", en="The file cannot be opened."),
            where=str(path),
            hint=Text(
                zh="请检查权限，并关闭正在使用它的程序。",
                en="Check the permissions, and close programs that use it.",
            ),
        ) from error


def _kind(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return kind_of_zip(data) or "zip"
    if data.startswith(b"%PDF"):
        return "pdf"
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "unknown" if b"\x00" in data[:65536] and not utf16 else "text"


def _wrong_type(name: str, kind: str) -> DocumentError:
    zh, en = _NAMES[kind]
    suffix = Path(name).suffix
    return DocumentError(
        Text(
            zh=f"文件名以“{suffix}”结尾，内容却是{zh}。"
            if suffix.lower() in KINDS
            else f"不能读取“{suffix or name}”类型的文件（内容是{zh}）。",
            en=f"The name ends in “{suffix}”, but the content is {en}."
            if suffix.lower() in KINDS
            else f"Files of type “{suffix or name}” cannot be read (the content is {en}).",
        ),
        where=name,
        hint=Text(
            zh="可读取 .docx、.xlsx、.csv 和 .txt；请用正确的类型另存。",
            en="What can be read: .docx, .xlsx, .csv and .txt. Save it as the right type.",
        ),
    )


def _old_office(data: bytes, name: str) -> DocumentError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted(name)
    return DocumentError(
        Text(
            zh="这是旧版 Office 文件（.doc 或 .xls）。",
            en="This is a file of an old Office version (.doc or .xls).",
        ),
        where=name,
        hint=Text(
            zh="请在 Word 或 Excel 中另存为 .docx 或 .xlsx。",
            en="Save it in Word or Excel as .docx or .xlsx.",
        ),
    )
