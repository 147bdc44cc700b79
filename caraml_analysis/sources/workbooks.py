"""Read the cells of a publisher's workbook (.xlsx or .xls), and refuse what is none.

Workbooks come from the network, so they are looked at before they are opened: a login page, a file
that broke off, a zip that unpacks to a thousand times its size, a sheet of seventeen billion cells.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any, NamedTuple

from caraml_analysis.errors import ArchiveError, SourceChangedError, UsageError, WebPageError

Rows = list[list[Any]]


class Sheet(NamedTuple):
    """A sheet: its name, and its cells row by row; an empty cell is an empty text."""

    name: str
    rows: Rows


# The largest workbook that is read here has 0.3 MB and unpacks to 1.5 MB.
MOST_BYTES = 30_000_000
MOST_UNPACKED_BYTES = 200_000_000
MOST_RATIO = 100
MOST_MEMBERS = 500
MOST_CELLS = 5_000_000
_SMALL = 1_000_000  # the ratio of a small file says nothing

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how every .xls begins
_ZIP = b"PK\x03\x04"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_NOT_USED = "It was not used, nothing was changed."


def read_sheet(content: bytes, name: str, sheet: str | None = None) -> Sheet:
    """Return one sheet of a workbook.

    Parameters
    ----------
    content : bytes
        The workbook.
    name : str
        What messages call it.
    sheet : str, optional
        Name of the sheet; the first one by default.

    Raises
    ------
    ArchiveError
        If the file is truncated, damaged, or unsafe to open.
    SourceChangedError
        If it is a web page or no workbook at all, or has no such sheet.
    UsageError
        If the package that reads workbooks is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise UsageError(
            f"{name}: reading a workbook needs python-calamine, which is not installed. Nothing "
            "was changed. Install it with: pip install 'caraml-analysis[data]'"
        ) from None
    _check(content, name)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen = workbook.sheet_names[0] if sheet is None else sheet
        if chosen in workbook.sheet_names:
            cells = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
            return Sheet(chosen, cells)
        others = ", ".join(workbook.sheet_names)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise ArchiveError(_damaged(name, error)) from error
    except BaseException as error:
        # a broken file can make the reader panic, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ArchiveError(_damaged(name, error)) from error
    raise SourceChangedError(
        f"{name}: has no sheet {chosen!r} (but {others}). {_NOT_USED} It is another file, or "
        "the publisher renamed the sheet: compare it with an older edition."
    )


def _damaged(name: str, error: BaseException) -> str:
    return (
        f"{name}: is damaged or truncated ({error!s:.100}). {_NOT_USED} Download it again, and "
        "compare its size with that of other editions."
    )


def refuse_web_page(content: bytes, name: str, wanted: str) -> None:
    """Raise if a publisher sent a web page (a login, a notice) in place of a file.

    Raises
    ------
    WebPageError
        Names the title of the page.
    """
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start.startswith((b"<!doctype html", b"<html", b"<head")):
        return
    title = re.search(rb"<title[^>]*>(.*?)</title>", content[:20_000], re.IGNORECASE | re.DOTALL)
    words = b" ".join(title[1].split()).decode("utf-8", "replace") if title else "without a title"
    login = re.search(rb"log ?in|sign ?in|password", content[:200_000], re.IGNORECASE)
    what = "a login page" if login else "a web page"
    raise WebPageError(
        f"{name}: is {what} ({words[:80]!r}) instead of {wanted}. {_NOT_USED} What is wanted is "
        "the file itself."
    )


_KINDS = {
    _OLE: "it is an old workbook",
    b"PK": "it is a zip, as newer workbooks are",
    b"\x1f\x8b": "it is packed with gzip",
    b"\x89PNG": "it is a picture",
    b"%PDF": "it is a PDF",
    b"\xff\xfe": "it is a text in UTF-16",
    b"\xfe\xff": "it is a text in UTF-16",
}


def kind_of(content: bytes) -> str:
    """Return in words what a file is that was to be something else."""
    if not content.strip():
        return "it is empty"
    for start, words in _KINDS.items():
        if content.startswith(start):
            return words
    begins = content.lstrip(b"\xef\xbb\xbf \t\r\n").splitlines()[0][:40]
    is_text = begins.decode("utf-8", "ignore").isprintable()
    return f"it begins {begins!r}" if is_text else "it is no text"


def _check(content: bytes, name: str) -> None:
    """Raise if the content is no workbook that can be opened without harm."""
    refuse_web_page(content, name, "a workbook")
    if len(content) > MOST_BYTES:
        raise ArchiveError(
            f"{name}: has {len(content):,} bytes, more than any workbook of ours. {_NOT_USED}"
        )
    if content.startswith(_OLE):
        return
    if not content.startswith(_ZIP):
        raise SourceChangedError(
            f"{name}: is no Excel workbook ({kind_of(content)}). {_NOT_USED} Name an .xlsx or .xls "
            "file."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, len(content), name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ArchiveError(_damaged(name, error)) from error
    except RuntimeError as error:  # an encrypted member
        raise ArchiveError(_damaged(name, error)) from error


def _check_archive(archive: zipfile.ZipFile, size: int, name: str) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if (
        len(members) > MOST_MEMBERS
        or unpacked > MOST_UNPACKED_BYTES
        or (unpacked > _SMALL and unpacked > MOST_RATIO * size)
    ):
        raise ArchiveError(
            f"{name}: would unpack from {size:,} to {unpacked:,} bytes in {len(members):,} files: "
            f"no workbook is like that. It was not opened. {_NOT_USED}"
        )
    for member in members:
        # reading checks the size that is promised and the checksum
        data = archive.read(member)
        if _SHEET.fullmatch(member.filename):
            _check_sheet(data, name)


def _check_sheet(data: bytes, name: str) -> None:
    """Raise for a sheet whose cells lie so far apart that a full table would not fit."""
    rows = columns = 0
    for letters, number in _CELL.findall(data):
        rows = max(rows, int(number))
        column = 0
        for letter in letters:
            column = 26 * column + letter - 64
        columns = max(columns, column)
    if rows * columns > MOST_CELLS:
        raise ArchiveError(
            f"{name}: has a sheet of {rows:,} rows and {columns:,} columns, far more than any "
            f"edition. It was not opened. {_NOT_USED}"
        )
