"""A table of the user's own: CSV, Excel or Parquet, one row per author of a paper.

Organisers have such a table in their registration or submission system. Its columns may have any
names: a mapping says which is which. Nothing is guessed; what cannot be read is named by its line.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from caraml_analysis.csv_reader import ENDINGS_OF_WORKBOOKS, CsvReader
from caraml_analysis.errors import TableError, UsageError, YearError
from caraml_analysis.sources.conference_years import model
from caraml_analysis.sources.conference_years.model import ConferenceYear, Paper, Reading
from caraml_analysis.sources.conference_years.texts import (
    NOTHING,
    affiliation_text,
    conference_name,
    one_line,
    unescape,
)
from caraml_analysis.sources.http import Client, local_file

NAME = "csv"
KIND = "user"
COVERAGE: model.Coverage = {}

#: What a column can be. ``paper`` (an id) or ``title`` tells which rows are one paper.
FIELDS = ("affiliation", "title", "paper", "author", "conference", "year", "track")

#: Longer texts are taken for a missing quote, or a cell that holds a file.
LONGEST_TEXT = 5_000

# parts of the names that such columns usually have, the likeliest first
_USUAL_NAMES = {
    "affiliation": ("institution", "affil", "organi", "universit", "employer", "company"),
    "title": ("paper title", "title", "paper", "submission"),
    "author": ("name", "author", "full name"),
}
# what is said of rows that a reader would not expect
_NOTES = {
    "headers": "Lines that repeat the header, left out: {:,}.",
    "repeated": "Rows that repeat another one in every column, left out: {:,}.",
    "equal": "Rows that equal another one but name no author, kept: {:,}.",
    "nameless": "Rows without an author, counted as entries: {:,}.",
    "replaced": "Characters that could not be read and stand as U+FFFD: {:,}.",
    "others": "Rows of other conferences or years, left out: {:,}.",
    "again": "Rows of an author whom the paper has already, counted as entries: {:,}.",
    "unequal": "Papers with another number of affiliations than of authors: {:,}.",
    "alone": "Each paper has one row only, {:,} in all: are all its authors there?",
}
_MOST_CAPTION_LINES = 20
_FEWEST_PAPERS = 5  # fewer tell nothing of what a row is
_BETWEEN = " / "  # several institutions of one person, as the conference sites write them

ColumnNames: TypeAlias = "str | Sequence[str]"
#: Pairs of conference and year as a file spells them, with their rows.
Seen: TypeAlias = "Counter[tuple[str, str]]"
Mapped: TypeAlias = "Mapping[str, ColumnNames]"


def read(
    conference: str,
    year: int,
    *,
    path: str | os.PathLike[str],
    client: Client | None = None,
    mapping: Mapped | None = None,
    sheet: str | int = 0,
    encoding: str = "utf-8",
    encoding_errors: str = "strict",
    delimiter: str = ",",
    split: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    r"""Return a conference year from a file of the user's own.

    Parameters
    ----------
    conference, year
        Whose rows they are. If the file has such columns, only rows that fit are read.
    path : path
        ``.csv`` (any other ending, too), ``.xlsx``, ``.xls``, ``.ods`` (need python-calamine),
        ``.parquet`` or ``.pq`` (need pyarrow).
    client
        Not used: nothing is fetched.
    mapping : mapping, optional
        Which column is what, such as ``{"affiliation": "Institution", "title": "Paper title"}``;
        keys are of :data:`FIELDS`. ``affiliation`` may be several columns, joined in this order.
        What is not mapped goes by its own name, in any case. ``{"paper": ""}`` says that there is
        no such column: each row then stands for itself, as in a list of registrations.
    sheet : str or int
        Of a workbook.
    encoding, encoding_errors, delimiter
        Of a CSV, as in :func:`caraml_analysis.geocode_file`.
    split : str
        What stands between the authors of a paper, if a row is a paper: ``;``, ``|`` or ``\n``
        (a line break in the cell). Then the one column ``affiliation`` is a list of theirs, and so
        is ``author``, which need not be there. An author for whom the list has no place counts as
        an entry without affiliation.
    keep_authors : bool
        Keep names; needs a column ``author``.

    Returns
    -------
    ConferenceYear

    Raises
    ------
    UsageError
        If the file cannot be read, names the line; or if a mapping names no field or column.
    TableError
        If a column is missing, names it and the columns that are there; or if the file has no
        such conference.
    YearError
        If the file has no such year.

    Examples
    --------
    >>> mapping = {"affiliation": ["Institution 1", "Institution 2"], "paper": "Submission"}
    >>> read("ICML", 2026, path="export.csv", mapping=mapping)  # doctest: +SKIP
    """
    file = local_file(path)
    conference = conference_name(conference)
    rows = Rows(path, sheet, encoding, encoding_errors, delimiter)
    try:
        found = columns(rows.header, mapping or {}, file.url)
    except TableError as error:
        again = Rows(path, sheet, encoding, "replace", delimiter, ragged=True)
        hint = _header_hint(again, mapping or {}, file.url) or _other_sheets_hint(path)
        raise TableError(f"{error}{hint}") from None
    if keep_authors and "author" not in found:
        raise _missing(file.url, "author", rows.header)
    reading, seen = read_rows(rows, found, conference, year, file.url, _checked_split(split, found))
    if not reading.papers:
        raise _nothing_left(file.url, conference, year, seen)
    found_year = model.tidy(
        reading,
        conference,
        year,
        source=NAME,
        kind=KIND,
        inputs=[file.input],
        keep_authors=keep_authors,
        repeats=False,
    )
    if found_year.counts["empty"] == found_year.counts["entries"]:
        names = ", ".join(repr(rows.header[place]) for place in found["affiliation"])
        raise TableError(
            f"{file.url}: no row of {conference} {year} names anything in {names}. Nothing was "
            "changed. Is another column that of the affiliations? Say so with --map affiliation=."
        )
    return found_year


class Rows:
    """The rows of any of the formats, with the line or row number of each for messages.

    Parameters
    ----------
    path, sheet, encoding, errors, delimiter
        As in :func:`read`.
    name : str
        What messages call the file.
    ragged : bool
        Whether rows of a CSV may have another width than the header.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        sheet: str | int = 0,
        encoding: str = "utf-8",
        errors: str = "strict",
        delimiter: str = ",",
        name: str = "",
        ragged: bool = False,
    ) -> None:
        self.where = "row"
        self.replaced = 0
        self._csv: CsvReader | None = None
        ending = Path(path).suffix.lower()
        if ending in ENDINGS_OF_WORKBOOKS:
            self._rows = _workbook_rows(path, sheet)
        elif ending in (".parquet", ".pq"):
            self._rows = _parquet_rows(path)
        else:
            self.where = "line"
            self._csv = CsvReader(path, encoding, errors, delimiter, ragged)
            self._csv.kept = "Nothing was added; the workspace is as it was."
            self._rows = self._csv.rows()
        header = next(self._rows, None)
        if header is None:
            raise UsageError(f"{name or Path(path).name}: is empty. Nothing was changed.")
        # a tab in the only cell is kept: it shows what stands between the cells
        alone = len(header) == 1 and "\t" in header[0]
        self.header = header if alone else [one_line(name) for name in header]

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        """Yield where a row is, and the row, without the header."""
        for number, row in enumerate(self._rows, start=2):
            line = self._csv.line if self._csv else number
            yield f"{self.where} {line:,}", row
        if self._csv:
            self.replaced = self._csv.replaced


def _workbook_rows(path: str | os.PathLike[str], sheet: str | int) -> Iterator[list[str]]:
    import pandas as pd

    name = Path(path).name
    try:
        table = pd.read_excel(
            path, sheet_name=sheet, header=None, dtype=str, na_filter=False, engine="calamine"
        )
    except ImportError:
        raise UsageError(
            f"{name}: workbooks need python-calamine, which is not installed. Nothing was changed. "
            "Install it with: pip install 'caraml-analysis[data]', or save the sheet as CSV."
        ) from None
    except Exception as error:  # the reader's own errors have no common parent
        raise UsageError(
            f"{name}: cannot be read as a workbook ({str(error)[:120]}). Nothing was changed. "
            f"{_sheets_hint(path)}"
        ) from error
    return iter(table.to_numpy().tolist())


def _sheets(path: str | os.PathLike[str]) -> list[str]:
    import pandas as pd

    try:
        with pd.ExcelFile(path, engine="calamine") as workbook:
            return [repr(name) for name in workbook.sheet_names]
    except Exception:  # the reader's own errors have no common parent
        return []


def _sheets_hint(path: str | os.PathLike[str]) -> str:
    if sheets := _sheets(path):
        return f"Its sheets are {', '.join(sheets)}."
    return "If it is a CSV, end its name with .csv; otherwise save it as CSV."


def _other_sheets_hint(path: str | os.PathLike[str]) -> str:
    """Return advice if a workbook has several sheets."""
    sheets = _sheets(path) if Path(path).suffix.lower() in ENDINGS_OF_WORKBOOKS else []
    return f" Its sheets are {', '.join(sheets)}: --sheet names one." if len(sheets) > 1 else ""


def _parquet_rows(path: str | os.PathLike[str]) -> Iterator[list[str]]:
    import pandas as pd

    name = Path(path).name
    try:
        table = pd.read_parquet(path)
    except ImportError:
        raise UsageError(
            f"{name}: Parquet needs pyarrow, which is not installed. Nothing was changed. Install "
            "it with: pip install 'caraml-analysis[parquet]'"
        ) from None
    except Exception as error:
        raise UsageError(
            f"{name}: cannot be read as Parquet ({str(error)[:120]}). Nothing was changed."
        ) from error
    texts = table.astype(object).where(table.notna(), "").astype(str)
    return iter([[str(column) for column in table.columns], *texts.to_numpy().tolist()])


def columns(header: list[str], mapping: Mapped, file: str) -> dict[str, list[int]]:
    """Return the positions of each field's columns."""
    mapping = {name.strip().casefold(): column for name, column in mapping.items()}
    unknown = sorted(set(mapping) - set(FIELDS))
    if unknown:
        raise UsageError(
            f"no field {', '.join(map(repr, unknown))} to map to; there are {', '.join(FIELDS)}. "
            f"Nothing was changed.{_reversed_hint(mapping, header)}"
        )
    found: dict[str, list[int]] = {}
    for name in FIELDS:
        wanted = mapping.get(name)
        if wanted is None:
            same = [i for i, column in enumerate(header) if column.casefold() == name]
            if len(same) > 1:
                raise _twice(file, header[same[0]])
            if same:
                found[name] = same
        elif wanted:
            names = [wanted] if isinstance(wanted, str) else list(wanted)
            found[name] = [_position(header, one_line(column), file, name) for column in names]
    if "affiliation" not in found:
        raise _missing(file, "affiliation", header)
    no_papers = "paper" in mapping and not mapping["paper"]
    if not no_papers and not {"title", "paper"} & set(found):
        raise _missing(file, "title", header)
    return found


def _reversed_hint(mapping: Mapped, header: list[str]) -> str:
    """Return advice if a field and its column were taken for each other."""
    columns = {column.casefold(): column for column in header}
    for name, field in mapping.items():
        if name in columns and isinstance(field, str) and field.strip().casefold() in FIELDS:
            return (
                " The field comes first, then the column: "
                f"--map {_quoted(f'{field.strip().casefold()}={columns[name]}')}."
            )
    return ""


def _quoted(pair: str) -> str:
    """Return a pair of field and column as one types it in a shell."""
    name, _, column = pair.partition("=")
    return f"{name}={shlex.quote(column)}"


def _position(header: list[str], column: str, file: str, name: str) -> int:
    places = [i for i, there in enumerate(header) if there == column]
    if not places:
        places = [i for i, there in enumerate(header) if there.casefold() == column.casefold()]
    if len(places) > 1:
        raise _twice(file, column)
    if not places:
        raise TableError(
            f"{file}: no column {column!r}, which {name!r} is mapped to (found "
            f"{_listed(header)}). Nothing was changed. Name one of these."
            f"{_several_hint(header, column, name)}{_delimiter_hint(header)}"
        )
    return places[0]


def _several_hint(header: list[str], column: str, name: str) -> str:
    """Return advice if several columns were named at once."""
    parts = [part.strip() for part in column.replace("+", ",").split(",")]
    known = {there.casefold() for there in header}
    if name != "affiliation" or len(parts) < 2 or not all(one.casefold() in known for one in parts):
        return ""
    pairs = " ".join(f"--map {_quoted(f'affiliation={part}')}" for part in parts)
    return f" Several columns are named one by one: {pairs}."


def _header_hint(rows: Rows, mapping: Mapped, file: str) -> str:
    """Return advice if there is something like a header further down, below a caption."""
    if _delimiter_hint(rows.header):
        return ""
    try:
        below = [(where, row) for where, row in islice(rows, _MOST_CAPTION_LINES) if any(row)]
    except UsageError:  # not to be said here: what is wrong with line 1 comes first
        return ""
    header = next(((where, row) for where, row in below if _fits(row, mapping, file)), None)
    if header is None and _filled(rows.header) <= 1:  # a caption is alone in its line
        full = [(where, row) for where, row in below if _filled(row) > 1]
        if len(full) * 2 > len(below):
            header = max(full, key=lambda found: _filled(found[1]))  # of equal ones the first
        else:
            header = next((found for found in below if _delimiter_hint(found[1])), None)
    if header is None:
        return ""
    where, row = header
    return (
        f" The header seems to be in {where} ({_listed([*filter(None, row)])}): delete the lines "
        f"above it.{_delimiter_hint(row)}"
    )


def _fits(row: list[str], mapping: Mapped, file: str) -> bool:
    try:
        return bool(columns([one_line(name) for name in row], mapping, file))
    except (TableError, UsageError):
        return False


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _delimiter_hint(header: list[str]) -> str:
    """Return advice if the only column looks like several with another mark between them."""
    other = next((mark for mark in ";\t|" if len(header) == 1 and mark in header[0]), "")
    return f" Or is {other!r} between the cells? Then add --delimiter {other!r}." if other else ""


def _listed(header: list[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in header[:30])
    return shown + (f" and {len(header) - 30} more" if len(header) > 30 else "")


def _missing(file: str, name: str, header: list[str]) -> TableError:
    # a column that is there makes the better example
    usual, other = _USUAL_NAMES[name], _delimiter_hint(header)
    found = [column for part in usual for column in header if part in column.casefold()]
    column = found[0] if found and not other else usual[0].capitalize()
    example = _quoted(f"{name}={column}")
    more = (
        " or 'paper' (an id); if rows belong to no paper, say so with --map paper="
        if name == "title"
        else ""
    )
    return TableError(
        f"{file}: no column {name!r}{more} (found {_listed(header)}). Nothing was changed. Say "
        f"which column it is, for example --map {example}." + other
    )


def _twice(file: str, column: str) -> TableError:
    return TableError(
        f"{file}: has several columns {column!r}. Nothing was changed. Give them different names "
        "in line 1."
    )


def _checked_split(split: str, columns: dict[str, list[int]]) -> str:
    split = split.replace("\\n", "\n")  # as one types it
    if split and (len(columns["affiliation"]) > 1 or not {"title", "paper"} & set(columns)):
        raise UsageError(
            f"split {split!r} is for rows that are papers, with a list in one column of "
            "affiliations. Nothing was changed. Leave it out, or map title and affiliation to one "
            "column each."
        )
    return split


def read_rows(
    rows: Rows,
    columns: dict[str, list[int]],
    conference: str,
    year: int,
    file: str,
    split: str = "",
) -> tuple[Reading, Seen]:
    """Return the papers of one conference year, and which others the file holds."""
    reading = Reading()
    others: Seen = Counter()
    counts: Counter[str] = Counter()  # by the names of _NOTES
    papers: dict[str, Paper] = {}
    known: set[bytes] = set()
    authors_of: set[tuple[str, str]] = set()
    lists: list[str] = []
    no_papers = not {"title", "paper"} & set(columns)
    for line, row in _data_rows(rows, counts):
        record = _record(row, columns, line, file, split)
        if _is_other(record, conference, year):
            others[(record.get("conference", ""), record.get("year", ""))] += 1
            continue
        reading.records += 1
        author = record.get("author", "")
        cells = hashlib.blake2b("\x1f".join(row).encode("utf-8", "replace")).digest()
        if cells in known:
            is_repeated = author or split
            counts["repeated" if is_repeated else "equal"] += 1
            if is_repeated:
                continue
        known.add(cells)
        key = record.get("paper") or record.get("title") or ""
        if not key and not no_papers:
            raise UsageError(
                f"{file}: {line}: tells no paper. Nothing was changed. Fill in the title or "
                "delete the row; a title that stands only beside the first author has to be "
                "filled down."
            )
        track = record.get("track") or "main"
        place = f"{track}\n{key or line}"
        paper = papers.setdefault(place, Paper(key or line, [], track))
        if split:
            authors, fits = _listed_authors(row, columns, split)
            paper.authors += authors
            counts["unequal"] += not fits
            continue
        paper.authors.append((author, record["affiliation"]))
        counts["nameless"] += "author" in columns and not author
        if author:
            counts["again"] += (place, author) in authors_of
            authors_of.add((place, author))
        if any(_is_list(row[column]) for column in columns["affiliation"]):
            lists.append(record["affiliation"])
    reading.papers = list(papers.values())
    if not (no_papers or split):
        counts["alone"] = _papers_of_one_row(reading.papers, lists, file)
    counts |= Counter(replaced=rows.replaced, others=sum(others.values()))
    reading.more = {"repeated_headers": counts["headers"], "repeated_rows": counts["repeated"]}
    reading.notes = [note.format(counts[name]) for name, note in _NOTES.items() if counts[name]]
    return reading, others


def _data_rows(rows: Rows, counts: Counter[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield rows that are not blank and do not repeat the header; count those that do."""
    header = [name.casefold() for name in rows.header]
    for line, row in rows:
        # the first cell tells nearly always
        is_header = one_line(row[0]).casefold() == header[0] and header == [
            one_line(cell).casefold() for cell in row
        ]
        counts["headers"] += is_header
        if not is_header and any(cell.strip() for cell in row):
            yield line, row


def _papers_of_one_row(papers: list[Paper], lists: list[str], file: str) -> int:
    """Return the number of papers if each has one row; raise if such a row lists all authors."""
    if len(papers) < _FEWEST_PAPERS or any(len(paper.authors) > 1 for paper in papers):
        return 0
    if len(lists) * 2 > len(papers):
        raise TableError(
            f"{file}: every paper has one row, and most rows hold a list of affiliations (such as "
            f"{lists[0][:80]!r}). Nothing was changed: authors are counted, not papers. Give one "
            "row for each author of a paper, or say what stands between them: --split ';'."
        )
    return len(papers)


def _is_list(cell: str) -> bool:
    """Tell whether a cell holds several lines, or texts that a semicolon or a bar divides."""
    if not any(mark in cell for mark in ";|\n"):
        return False
    plain = unescape(cell).strip(" \t\r\n;|")
    return any(mark in plain for mark in ";|\n")


def _listed_authors(
    row: list[str], columns: dict[str, list[int]], split: str
) -> tuple[list[tuple[str, str]], bool]:
    """Return authors and affiliations of a row that is a paper, and whether both are as many."""

    def listed(name: str) -> list[str]:
        cell = unescape(row[columns[name][0]]).strip().removesuffix(split)
        return [one_line(part) for part in cell.split(split)]

    texts = listed("affiliation")
    if "author" not in columns:
        return [("", text) for text in texts], True
    names = listed("author")
    if len(names) == len(texts):
        return list(zip(names, texts, strict=True)), True
    # who has which one is not known; that somebody has none is
    texts += [""] * (len(names) - len(texts))
    return [("", text) for text in texts], False


def _record(
    row: list[str],
    columns: dict[str, list[int]],
    line: str,
    file: str,
    split: str = "",
) -> dict[str, str]:
    record = {}
    for name, places in columns.items():
        for place in places:
            longest = max(map(len, row[place].split(split))) if split else len(row[place])
            if longest > LONGEST_TEXT:
                raise UsageError(
                    f"{file}: {line}: the {name} has {longest:,} characters, more than "
                    f"{LONGEST_TEXT:,}; is a quote missing? Nothing was changed. Correct it."
                )
        if name == "affiliation" and len(places) > 1:
            texts = dict.fromkeys(affiliation_text(row[place]) for place in places)
            record[name] = _BETWEEN.join(filter(None, texts))
        else:
            record[name] = one_line(unescape(row[places[0]]))
    if "author" in record and record["author"].casefold() in NOTHING:
        record["author"] = ""
    return record


def _is_other(record: dict[str, str], conference: str, year: int) -> bool:
    """Tell whether a row says that it belongs to another conference or year."""
    other = (
        "conference" in record
        and conference_name(record["conference"]).casefold() != conference.casefold()
    )
    return other or ("year" in record and record["year"].removesuffix(".0") != str(year))


def _nothing_left(
    file: str, conference: str, year: int, seen: Seen
) -> TableError | YearError | UsageError:
    if not seen:
        return UsageError(f"{file}: has a header but no rows. Nothing was changed.")
    names = {conference_name(name) for name, _ in seen}
    there = ", ".join(sorted({f"{conference_name(name)} {y}".strip() for name, y in seen})[:40])
    message = (
        f"{file}: has no rows of {conference} {year}; it has {there}. Nothing was changed. If a "
        "column says something else, leave it out with --map conference= or --map year=."
    )
    return YearError(message) if conference in names or "" in names else TableError(message)
