"""A CSV or Parquet file larger than memory, streamed through the geocoder.

Rows keep their order, their other columns and the types of these; the columns of
``caraml_analysis.tables.RESOLUTIONS`` are added. What is written is whole or not there.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from caraml_analysis import paths
from caraml_analysis.csv_reader import ENDINGS_OF_WORKBOOKS, CsvReader, Source, opened, source_name
from caraml_analysis.errors import UsageError
from caraml_analysis.geocoding import resolver
from caraml_analysis.geocoding.batch import Answer, Geocoder, as_answer
from caraml_analysis.geocoding.overrides import OverridesLike
from caraml_analysis.geocoding.tiers import DEFAULT_TIERS, Tiers
from caraml_analysis.tables import RESOLUTIONS

#: Rows that are geocoded at a time, and characters after which fewer are taken.
CHUNK_ROWS = 20_000
CHUNK_CHARACTERS = 16_000_000
#: Rows of a Parquet file that are read, and written as one row group.
PARQUET_ROWS = 65_536
_REMEMBERED_TEXTS = 100_000
_REMEMBERED_CHARACTERS = 32_000_000
_MOST_COUNTED = 1_000_000
_ENDINGS_OF_PARQUET = (".parquet", ".pq")
# what a program would take for another format than the one that is written
_OTHER_ENDINGS = (*ENDINGS_OF_WORKBOOKS, ".json", ".gz", ".bz2", ".xz", ".zst", ".zip")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Target: TypeAlias = "str | os.PathLike[str] | TextIO"


@dataclass
class Summary:
    """What became of the rows of one file.

    Attributes
    ----------
    rows : int
        Rows read, and written.
    distinct : int
        Distinct texts; counting stops at 1,000,000.
    statuses : Counter of str
        Rows by ``status``.
    blank_lines : int
        Lines without any cell, which are no rows and were left out.
    replaced : int
        Characters that could not be decoded and stand as U+FFFD.
    unused_overrides : list of str
        Rows of the overrides that decided nothing.
    failure : str
        Why the first of the rows with status ``error`` has no answer.
    """

    rows: int = 0
    distinct: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    blank_lines: int = 0
    replaced: int = 0
    unused_overrides: list[str] = field(default_factory=list)
    failure: str = ""

    def __str__(self) -> str:
        """Return the counts and shares in a few lines for people."""
        more = "more than " if self.distinct >= _MOST_COUNTED else ""
        lines = [f"{self.rows:,} rows, {more}{self.distinct:,} distinct texts"]
        shown = ["resolved", "ambiguous", "not_found", "empty"]
        shown += sorted(set(self.statuses) - set(shown))
        for status in shown if self.rows else []:
            number = self.statuses[status]
            lines.append(f"  {status:<10} {number:>12,}  {number / self.rows:6.1%}")
        if self.blank_lines:
            lines.append(f"{self.blank_lines:,} blank lines were left out.")
        if self.replaced:
            lines.append(f"{self.replaced:,} characters could not be read and stand as U+FFFD.")
        if self.statuses["error"]:
            lines.append(f"{self.statuses['error']:,} rows got no answer: {self.failure}")
            lines.append(
                "The other rows are whole. Run again to ask about the rest; Nominatim's answers "
                "so far are kept and not asked again."
            )
        if self.unused_overrides:
            lines.append("Overrides that decided nothing:")
            lines += [f"  {row}" for row in self.unused_overrides]
        return "\n".join(lines)


def geocode_file(
    source: Source,
    column: str,
    output: Target,
    *,
    prefix: str = "",
    tiers: Tiers = DEFAULT_TIERS,
    overrides: OverridesLike | None = None,
    jobs: int = 1,
    encoding: str = "utf-8",
    encoding_errors: str = "strict",
    delimiter: str = ",",
    escape_formulas: bool = False,
    progress: bool | None = None,
) -> Summary:
    """Add countries, status and evidence to a CSV or Parquet file, however large.

    Parameters
    ----------
    source : path or binary stream
        Parquet if the name ends in ``.parquet`` or ``.pq`` (needs the extra ``parquet``), else CSV
        with a header.
    column : str
        Column that holds the affiliations; in Parquet it must hold texts.
    output : path or text stream
        A path gets the format of `source` and is written whole or not at all. Folders that are
        missing are made, a file that is there is replaced, and a symbolic link is followed.
    prefix : str
        Put before the names of the new columns.
    tiers, overrides, jobs
        As in :func:`caraml_analysis.geocode`.
    encoding : str
        Encoding of a CSV; a byte-order mark is no part of the first column. Written is UTF-8.
    encoding_errors : {"strict", "replace"}
        Whether a byte that is not in this encoding is an error, or becomes U+FFFD and is counted.
    delimiter : str
        What stands between the cells of a CSV, one character.
    escape_formulas : bool
        Put ``'`` before cells of a CSV that a spreadsheet would take for a formula (those that
        begin with ``=``, ``+``, ``-``, ``@`` and are no number), in all columns. By default cells
        pass unharmed.
    progress : bool, optional
        Whether to show rows and rows per second on standard error; by default on a terminal.

    Returns
    -------
    Summary
        Rows about which a tier failed have status ``error``; the file is written all the same.

    Raises
    ------
    UsageError
        If the file cannot be read, is not what its name or the options say, lacks the column, or
        has the new columns already. Names the line where there is one.
    OutputError
        If `output` cannot be written, or is a folder, a device or a pipe. What stood there before
        still stands.
    """
    with Geocoder(tiers=tiers, overrides=overrides, jobs=jobs) as geocoder:
        run = _Run(geocoder, Summary())
        if _is_parquet(source):
            _geocode_parquet(source, column, output, prefix, run, escape_formulas, progress)
        else:
            reading = CsvReader(source, encoding, encoding_errors, delimiter)
            _geocode_csv(reading, column, output, prefix, run, escape_formulas, progress)
    if geocoder.overrides is not None:
        run.summary.unused_overrides = geocoder.overrides.unused()
    return run.summary


class _Run:
    """Answers for chunk after chunk, with what was counted and a memory that is bounded."""

    def __init__(self, geocoder: Geocoder, summary: Summary) -> None:
        self.summary = summary
        self._geocoder = geocoder
        self._missing = as_answer(resolver.resolve(None))
        self._known: dict[str, Answer] = {}
        self._known_characters = 0
        self._seen: set[int] = set()  # hashes: the texts themselves would not fit

    def answers(self, texts: Sequence[str | None]) -> list[Answer]:
        """Return one answer for each row, and count them."""
        too_many = len(self._known) > _REMEMBERED_TEXTS
        if too_many or self._known_characters > _REMEMBERED_CHARACTERS:
            self._known.clear()
            self._known_characters = 0
        new = [text for text in dict.fromkeys(texts) if text is not None]
        new = [text for text in new if text not in self._known]
        for text, answer in zip(new, self._geocoder.answers(new), strict=True):
            self._known[text] = answer
            self._known_characters += len(text) + len(answer.evidence)
        found = [self._missing if text is None else self._known[text] for text in texts]
        self._count(new, found)
        return found

    def _count(self, new: list[str], found: list[Answer]) -> None:
        if len(self._seen) < _MOST_COUNTED:
            self._seen.update(map(hash, new))
        self.summary.distinct = min(len(self._seen), _MOST_COUNTED)
        self.summary.rows += len(found)
        self.summary.statuses.update(answer.status for answer in found)
        failures = (answer.evidence for answer in found if answer.status == "error")
        self.summary.failure = self.summary.failure or next(failures, "")


def _columns(header: Sequence[str], column: str, prefix: str, name: str) -> tuple[int, list[str]]:
    """Return the position of the column, and the names of the new ones."""
    if column not in header:
        hint = ""
        if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
            hint = " Is another delimiter than ',' used? Name it with --delimiter."
        if any("\0" in cell for cell in header):
            hint = " The header holds NUL bytes: is it UTF-16? Try --encoding utf-16-le."
        raise UsageError(
            f"{name}: no column {column!r} (found {', '.join(header)}). "
            f"Nothing was written. Name one of them with --column.{hint}"
        )
    if header.count(column) > 1:
        raise UsageError(
            f"{name}: {header.count(column)} columns are named {column!r}. Nothing was written. "
            "Give the one that is meant another name."
        )
    added = [f"{prefix}{new}" for new in RESOLUTIONS.names]
    clash = [new for new in added if new in header]
    if clash:
        raise UsageError(
            f"{name}: already has the column {', '.join(clash)}. Nothing was written. "
            "Give the new columns other names, for example --prefix geo_."
        )
    return header.index(column), added


def _progress(progress: bool | None, total: int | None = None) -> Any:
    from tqdm import tqdm

    disable = None if progress is None else not progress
    return tqdm(total=total, unit=" rows", disable=disable, file=sys.stderr)


# --- CSV --------------------------------------------------------------------------------------


def _geocode_csv(
    reading: CsvReader,
    column: str,
    output: Target,
    prefix: str,
    run: _Run,
    escape: bool,
    progress: bool | None,
) -> None:
    if _names_parquet(output):
        raise UsageError(
            f"{output}: {reading.name} is CSV and stays CSV. Nothing was written. "
            "Give the output a name that ends in .csv."
        )
    if isinstance(output, (str, os.PathLike)) and _ends_in(output, _OTHER_ENDINGS):
        raise UsageError(
            f"{output}: only CSV is written, not what this name promises. Nothing was written. "
            "Give the output a name that ends in .csv."
        )
    rows = reading.rows()
    header = next(rows, None)
    if not header or not any(header):
        raise UsageError(f"{reading.name}: is empty. Nothing was written.")
    position, added = _columns(header, column, prefix, reading.name)
    with _text_target(output) as target, _progress(progress) as bar:
        # CR LF makes the writer quote a lone CR as well; _LineFeed then ends rows with LF
        writer = csv.writer(_LineFeed(target), delimiter=reading.delimiter, lineterminator="\r\n")
        write = _escaped(writer.writerows) if escape else writer.writerows
        write([[*header, *added]])
        if target is output:
            reading.kept = "What went to the output so far is not whole; do not use it."
        for chunk in _chunks(rows):
            answers = run.answers([row[position] for row in chunk])
            write(
                [*row, answer.country or "", *answer[1:]]
                for row, answer in zip(chunk, answers, strict=True)
            )
            bar.update(len(chunk))
    run.summary.blank_lines, run.summary.replaced = reading.blank_lines, reading.replaced


def _chunks(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """Yield rows in portions that fit into memory, also where single cells are very long."""
    chunk: list[list[str]] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += sum(map(len, row))
        if len(chunk) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


class _LineFeed:
    """Pass rows on with LF at their end, where the writer has put CR LF."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, row: str) -> int:
        return self._target.write(row.removesuffix("\r\n") + "\n")


@contextmanager
def _text_target(output: Target) -> Iterator[TextIO]:
    if not isinstance(output, (str, os.PathLike)):
        yield output
        return
    with (
        paths.atomic_path(Path(output)) as temporary,
        open(temporary, "w", encoding="utf-8", newline="") as stream,
    ):
        yield stream


def _escaped(write: Callable[[Iterable[list[Any]]], object]) -> Callable[[Iterable], object]:
    """Return `write` with every cell made safe for spreadsheets."""
    return lambda rows: write([[escape_formula(cell) for cell in row] for row in rows])


def escape_formula(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("-1.5"), escape_formula("MIT")
    ("'=1+1", '-1.5', 'MIT')
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


# --- Parquet ----------------------------------------------------------------------------------


def _is_parquet(source: Source) -> bool:
    return isinstance(source, (str, os.PathLike)) and _names_parquet(source)


def _names_parquet(target: Any) -> bool:
    return isinstance(target, (str, os.PathLike)) and _ends_in(target, _ENDINGS_OF_PARQUET)


def _ends_in(path: str | os.PathLike[str], endings: tuple[str, ...]) -> bool:
    return os.fspath(path).lower().endswith(endings)


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed. Nothing was written. Install it with: "
            "pip install 'caraml-analysis[parquet]', or save the table as CSV."
        ) from None
    return pyarrow, pyarrow.parquet


def _geocode_parquet(
    source: Any,
    column: str,
    output: Target,
    prefix: str,
    run: _Run,
    escape: bool,
    progress: bool | None,
) -> None:
    name = source_name(source)
    if escape:
        raise UsageError(
            f"{name}: formulas are escaped in CSV only; no spreadsheet runs a Parquet file. "
            "Nothing was written."
        )
    if not _names_parquet(output):
        raise UsageError(
            f"{name}: is Parquet and stays Parquet. Nothing was written. "
            "Give an output whose name ends in .parquet."
        )
    pa, pq = _arrow()
    with opened(source) as stream:
        try:
            file = pq.ParquetFile(stream)
        except (pa.ArrowException, OSError) as error:
            raise UsageError(
                f"{name}: is not Parquet, or is cut off ({_short(error)}). Nothing was written."
            ) from None
        schema = file.schema_arrow
        position, added = _columns(schema.names, column, prefix, name)
        _require_texts(pa, schema.field(position), name)
        for new in added:
            kind = pa.float64() if new == f"{prefix}confidence" else pa.string()
            schema = schema.append(pa.field(new, kind))
        with (
            paths.atomic_path(Path(str(output))) as temporary,
            pq.ParquetWriter(temporary, schema) as writer,
            _progress(progress, file.metadata.num_rows) as bar,
        ):
            for batch, texts in _batches(pa, file, position, name):
                answers = run.answers(texts)
                new_columns = zip(*answers, strict=True) if answers else [()] * len(added)
                arrays = [
                    pa.array(values, schema.field(new).type)
                    for new, values in zip(added, new_columns, strict=True)
                ]
                writer.write_batch(pa.record_batch([*batch.columns, *arrays], schema=schema))
                bar.update(len(texts))


def _require_texts(pa: Any, column: Any, name: str) -> None:
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = ("is_string", "is_large_string", "is_string_view", "is_null")
    if not any(getattr(pa.types, test)(kind) for test in tests if hasattr(pa.types, test)):
        raise UsageError(
            f"{name}: column {column.name!r} holds {column.type}, not texts. Nothing was written. "
            "Name the column of the affiliations with --column."
        )


def _batches(pa: Any, file: Any, position: int, name: str) -> Iterator[tuple[Any, list[Any]]]:
    """Yield portions of the file with their texts."""
    row = 0
    try:
        for batch in file.iter_batches(batch_size=PARQUET_ROWS):
            yield batch, batch.column(position).to_pylist()
            row += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{name}: cannot be read after row {row:,} ({_short(error)}). "
            "No output file was written."
        ) from None


def _short(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
