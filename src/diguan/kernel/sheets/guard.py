"""The door: refuses what is no honest sheet before anything unpacks it.

A workbook is a zip of XML. Sizes in a zip's directory can lie, so each part is unpacked once, with a
bound and its checksum, before a parser sees it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from diguan.kernel.messages import Message

MEGABYTE = 1024 * 1024
MAX_FILE = 50 * MEGABYTE
MAX_EXPANDED = 400 * MEGABYTE
MAX_RATIO = 120
RATIO_MATTERS_FROM = 8 * MEGABYTE
MAX_PARTS = 5000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


class SheetRefused(ValueError):
    """The file as a whole cannot be used; one sentence says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def refuse(zh: str, en: str) -> SheetRefused:
    """A refusal ready to raise."""
    return SheetRefused(Message(zh, en))


def kind_of(name: str, content: bytes) -> str:
    """``xlsx`` or ``csv``, by content rather than by name.

    Raises:
        SheetRefused: too large, empty, old or encrypted Excel, a macro workbook, a zip bomb, or no sheet at all.
    """
    check_size(len(content))
    suffix = Path(name).suffix.lower()
    if content.startswith(_OLE):
        raise _ole(content)
    if content.startswith(b"PK"):
        if suffix in (".xlsm", ".xltm", ".xlam", ".xlsb"):
            raise _macro() if suffix != ".xlsb" else refuse(
                "不读 .xlsb 二进制工作簿，请另存为 .xlsx", "binary workbooks (.xlsb) are not read; save as .xlsx")
        check_workbook(content)
        return "xlsx"
    if suffix in (".xlsx", ".xlsm", ".xls"):
        raise refuse("这个文件的名字是 Excel，内容却不是；请在 Excel 中打开并另存为 .xlsx",
                     "the file is named Excel but its content is not; open it in Excel and save as .xlsx")
    if not content.strip() or (b"\0" in content[:4096] and not content.startswith(UTF16)) or suffix in (".pdf", ".doc", ".docx", ".jpg", ".png", ".zip"):
        raise refuse("这不是表格文件；可导入 .xlsx 和 .csv", "this is no sheet; .xlsx and .csv can be imported")
    return "csv"


def check_size(size: int) -> None:
    """Refuse a file over the limit; called with the size before the content is read.

    Raises:
        SheetRefused: it is over 50 MB.
    """
    if size > MAX_FILE:
        raise refuse(f"文件有 {size / MEGABYTE:.0f} MB，上限 {MAX_FILE // MEGABYTE} MB；请按月份或单位拆开",
                     f"the file has {size / MEGABYTE:.0f} MB, the limit is {MAX_FILE // MEGABYTE} MB; split it")


def _macro() -> SheetRefused:
    return refuse("这是带宏的工作簿；请另存为不带宏的 .xlsx 再导入",
                  "this workbook carries macros; save it as .xlsx without macros")


def _ole(content: bytes) -> SheetRefused:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refuse("工作簿设有打开密码；请去掉密码再导入", "the workbook is encrypted; remove its password")
    return refuse("这是旧版 Excel（.xls）；请另存为 .xlsx 再导入", "this is an old Excel file (.xls); save it as .xlsx")


def check_workbook(content: bytes) -> None:
    """Refuse a zip that is no plain workbook, or that unpacks to far more than it is.

    Raises:
        SheetRefused: see the message.
    """
    damaged = refuse("工作簿已损坏，打不开", "the workbook is damaged and cannot be opened")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist(), len(content))
            for part in archive.infolist():
                _check_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, SheetRefused):
            raise
        raise damaged from error


def _check_parts(parts: list[zipfile.ZipInfo], size: int) -> None:
    names = [part.filename.lower() for part in parts]
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise _macro()
    if "[content_types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise refuse("这个压缩包不是 Excel 工作簿；可导入 .xlsx 和 .csv",
                     "this archive is no Excel workbook; .xlsx and .csv can be imported")
    expanded = sum(part.file_size for part in parts)
    bomb = expanded > MAX_EXPANDED or (expanded > RATIO_MATTERS_FROM and expanded > MAX_RATIO * size)
    if bomb or len(parts) > MAX_PARTS or len(set(names)) != len(names):
        raise _bomb()


def _bomb() -> SheetRefused:
    return refuse("工作簿展开后大得不正常，为安全起见不打开；请把数据粘贴到新表再导入",
                  "the workbook unpacks to an abnormal size and is not opened; paste the data into a new one")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack once: Python stops at the declared size and then compares the checksum, so a lie shows."""
    if part.flag_bits & 0x1:
        raise refuse("工作簿设有密码；请去掉密码再导入", "the workbook is encrypted; remove its password")
    left = part.file_size + 1
    with archive.open(part) as stream:
        head = stream.read(4096)
        if part.filename.endswith((".xml", ".rels")) and (_DOCTYPE.search(head) or head[:2] in UTF16):
            raise refuse("工作簿内含不该有的定义，为安全起见不打开", "the workbook holds definitions it should not and is not opened")
        left -= len(head)
        while chunk := stream.read(MEGABYTE):
            left -= len(chunk)
            if left <= 0:
                raise _bomb()
    if part.filename.lower() == "[content_types].xml" and b"macroEnabled" in head:
        raise _macro()
