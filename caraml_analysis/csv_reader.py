"""Read CSV as people have it: any encoding, a byte-order mark, quotes across lines, huge fields.

Nothing is guessed: what cannot be read is an error that names its line.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, TypeAlias

from caraml_analysis.errors import UsageError

#: A longer field is taken for a missing closing quote.
LONGEST_FIELD = 32 * 2**20

#: How names of workbooks end, which are not CSV.
ENDINGS_OF_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")

_BLOCK = 2**20
# how files begin that people take for CSV, or that were given its ending
_OTHER_FORMATS = {
    b"PK\x03\x04": "a workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "a workbook of an old kind",
    b"\x1f\x8b": "compressed (gzip)",
    b"PAR1": "Parquet",
    b"%PDF": "a PDF",
}
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Source: TypeAlias = "str | os.PathLike[str] | BinaryIO"


class CsvReader:
    """A CSV being read: rows as lists of cells, with the line of each for messages.

    Parameters
    ----------
    source : str, path or binary stream
        The file.
    encoding : str
        Its encoding; a byte-order mark is left out.
    errors : {"strict", "replace"}
        A byte that is not in the encoding is an error, or becomes U+FFFD and is counted.
    delimiter : str
        One character.
    ragged : bool
        Whether rows may have another width than the header; otherwise that is an error.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    blank_lines, replaced : int
        Lines without any cell, and characters that could not be read, so far.
    line : int
        Line where the last row begins, from 1.
    kept : str
        What messages say of the output. Who writes while reading sets it.
    advice : str
        What messages say of a byte that is not in the encoding. Who has no such options sets it.

    Raises
    ------
    UsageError
        Names the line that cannot be read, and what to do.
    """

    def __init__(
        self,
        source: Source,
        encoding: str = "utf-8",
        errors: str = "strict",
        delimiter: str = ",",
        ragged: bool = False,
    ) -> None:
        self.name = source_name(source)
        self.replaced = self.blank_lines = self.line = 0
        self.kept = "No output file was written."
        self.advice = (
            "Name another encoding, for example --encoding cp1252, or let bad bytes be replaced "
            "with --encoding-errors replace."
        )
        self.delimiter = delimiter
        self._ragged = ragged
        self._source = source
        self._encoding, self._errors = _checked_encoding(encoding, errors)
        if delimiter == "\\t":  # as one types it
            delimiter = self.delimiter = "\t"
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise UsageError(f"the delimiter is one character, not {delimiter!r}.")
        if self.name.lower().endswith(ENDINGS_OF_WORKBOOKS):
            raise UsageError(
                f"{self.name}: is a workbook, not CSV. Nothing was written. Save its sheet as CSV."
            )

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows; the first one is the header, all have its width unless ragged."""
        previous_limit = csv.field_size_limit(LONGEST_FIELD)
        begins = 1
        try:
            with opened(self._source) as stream:
                # strict: a quote that is never closed is an error, not one very long cell
                lines = self._lines(stream)
                reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                width = None
                for row in reader:
                    if not row:
                        self.blank_lines += 1
                    elif self._ragged or len(row) == (width := width or len(row)):
                        self.line = begins
                        yield row
                    else:
                        raise UsageError(
                            f"{self.name}: line {begins} has {len(row)} fields instead of {width}; "
                            f"is a quote missing? {self.kept} Correct the line."
                        )
                    begins = reader.line_num + 1
        except csv.Error as error:
            raise UsageError(
                f"{self.name}: line {begins}: is not CSV ({error}); is a closing quote missing? "
                f"{self.kept}"
            ) from None
        finally:
            csv.field_size_limit(previous_limit)

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        """Yield decoded lines with their ends, so that a bad byte can be named by its line."""
        decoder = codecs.getincrementaldecoder(self._encoding)(self._errors)
        pending, line = "", 1
        while True:
            block = stream.read(_BLOCK)
            if line == 1 and not pending:
                self._refuse_other_formats(block)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(self._encoding, "replace")
                line += _line_ends(pending + before)
                raise UsageError(
                    f"{self.name}: line {line}: byte 0x{error.object[error.start]:02x} is not "
                    f"{self._encoding.removesuffix('-sig')}. {self.kept} {self.advice}"
                ) from None
            if self._errors == "replace":
                self.replaced += text.count("\N{REPLACEMENT CHARACTER}")
            pending += text
            if block and pending.endswith("\r"):  # the line feed after it may be in the next block
                continue
            *lines, pending = [*io.StringIO(pending, newline="")] or [""]
            if pending.endswith(("\r", "\n")) or not block:
                lines.append(pending)
                pending = ""
            line += len(lines)
            yield from filter(None, lines)
            if not block:
                return

    def _refuse_other_formats(self, start: bytes) -> None:
        kind = next((name for mark, name in _OTHER_FORMATS.items() if start.startswith(mark)), "")
        if kind:
            raise UsageError(f"{self.name}: is {kind}, not CSV, whatever its name. {self.kept}")
        marked = start.startswith(_UTF16_MARKS)
        if marked and not self._encoding.startswith(("utf-16", "utf-32")):
            raise UsageError(
                f"{self.name}: begins with the byte-order mark of UTF-16. Nothing was written. "
                "Name its encoding: --encoding utf-16."
            )


class CsvForm(NamedTuple):
    """How a CSV is written: ``utf-8-sig`` and ``utf-16`` begin with a byte-order mark."""

    encoding: str = "utf-8"
    delimiter: str = ","


def form_of(content: bytes, columns: Collection[str]) -> CsvForm:
    r"""Tell the form of a CSV whose columns have names that are known beforehand.

    The byte-order mark tells the encoding, and what stands between known names is the delimiter
    (a comma, a semicolon, a tab or a bar): so spreadsheets may save the file as they like.

    Parameters
    ----------
    content : bytes
        The file.
    columns : collection of str
        Names that its header can have, in lower case.

    Examples
    --------
    >>> form_of(b"text;country\r\nMIT;USA\r\n", ("text", "country"))
    CsvForm(encoding='utf-8', delimiter=';')
    """
    marks = {codecs.BOM_UTF8: "utf-8-sig"} | dict.fromkeys(_UTF16_MARKS, "utf-16")
    encoding = next((name for mark, name in marks.items() if content.startswith(mark)), "utf-8")
    header = (content[:_BLOCK].decode(encoding, "replace").splitlines() or [""])[0]

    def known(delimiter: str) -> int:
        return sum(cell.strip(' "').casefold() in columns for cell in header.split(delimiter))

    return CsvForm(encoding, max(",;\t|", key=known))


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def source_name(source: Source) -> str:
    """Return what messages call a source."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    return "standard input" if source is getattr(sys.stdin, "buffer", None) else "the stream"


def _checked_encoding(encoding: str, errors: str) -> tuple[str, str]:
    if errors not in ("strict", "replace"):
        raise UsageError(f"no way {errors!r} to treat bad bytes; there are strict and replace.")
    try:
        "".encode(encoding)
        known = codecs.lookup(encoding).name
    except LookupError:
        raise UsageError(f"no encoding {encoding!r}; try utf-8, cp1252 or latin-1.") from None
    return ("utf-8-sig" if known == "utf-8" else known), errors


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open a file for reading bytes, or pass a stream through."""
    if not isinstance(source, (str, os.PathLike)):
        yield source
        return
    try:
        stream = open(source, "rb")  # noqa: SIM115 - closed below, errors of reading are others
    except OSError as error:
        raise UsageError(_cannot_read(source, error)) from None
    with stream:
        yield stream


def _cannot_read(source: str | os.PathLike[str], error: OSError) -> str:
    reasons = {
        FileNotFoundError: "no such file",
        IsADirectoryError: "is a folder, not a file",
        PermissionError: "cannot be read (permission denied)",
    }
    reason = reasons.get(type(error), f"cannot be read ({error.strerror})")
    return f"{os.fspath(source)}: {reason}. Nothing was written."
