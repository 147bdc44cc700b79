"""A user's own judgements about texts: they come before everything that the geocoder knows.

A table of two or three columns: ``text`` (one affiliation, exactly) or ``pattern`` (a regular
expression), ``country``, and if wanted a ``reason``. Every row is checked when the table is read,
and all faults are named at once; rows that decided nothing can be listed after a run.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from caraml_analysis import countries
from caraml_analysis.csv_reader import CsvForm, CsvReader, form_of
from caraml_analysis.errors import CountryError, TableError, UsageError
from caraml_analysis.geocoding import resolver
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Columns that a table of overrides may have.
COLUMNS: Final = ("text", "pattern", "country", "reason")
#: Written instead of a country: this text stays without one, whatever the tiers would say.
UNKNOWN: Final = "unknown"
#: Patterns look at so many characters of a text, so that no text can make them slow.
PATTERN_CHARACTERS: Final = 1_000

_MOST_REPEATS = 3  # of ``*``, ``+`` and ``{m,n}`` in one pattern
_MOST_OPTIONAL = 10  # of ``?`` in one pattern
_MOST_FAULTS_SHOWN = 10

_NOTHING_DONE = "No override was used and nothing was resolved."
_SAVE_AS_UTF8 = (
    "Overrides must be UTF-8. Save the file as UTF-8: in Excel with the type 'CSV UTF-8', in "
    "LibreOffice with the character set UTF-8. Then see whether its letters are right."
)

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\??|\)|\||\{\d*,?\d*\}|[*+?]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[*+?]|\{(?:\d+|\d*,\d*)\}")


@dataclass(frozen=True)
class Override:
    """One row: a text or a pattern, and the countries that the user gives it."""

    where: str
    text: str
    pattern: re.Pattern[str] | None
    countries: tuple[str, ...]
    reason: str

    @property
    def description(self) -> str:
        """The row as people look for it: where it stands and what it names."""
        named = f'pattern "{self.pattern.pattern}"' if self.pattern else f'text "{self.text}"'
        return f"{self.where}: {named}"

    @property
    def resolution(self) -> Resolution:
        """The answer that the row gives."""
        evidence = self.description + (f" ({self.reason})" if self.reason else "")
        first = self.countries[0] if self.countries else None
        status = "resolved" if self.countries else "not_found"
        return Resolution(first, self.countries, status, "override", evidence, 1.0)


class Overrides:
    """A checked table of overrides, and which of its rows have decided something.

    Make one with :meth:`read`, give it to :func:`caraml_analysis.geocode` or
    :func:`caraml_analysis.resolve` as often as you like, and ask :meth:`unused` at the end.

    Examples
    --------
    >>> mine = Overrides.read({"Our lab": "KEN", "Somewhere": "unknown"})
    >>> mine.find("OUR LAB").country
    'KEN'
    >>> mine.unused()
    ['overrides key 2: text "Somewhere"']
    """

    def __init__(self, rows: Iterable[Override]) -> None:
        self._rows = tuple(rows)
        self._texts = {_key(row.text): n for n, row in enumerate(self._rows) if not row.pattern}
        self._patterns = [(n, row.pattern) for n, row in enumerate(self._rows) if row.pattern]
        self._answers = [row.resolution for row in self._rows]
        self._used: set[int] = set()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __repr__(self) -> str:
        """Return how many rows there are and how many have decided something."""
        return f"<Overrides: {len(self)} rows, {len(self._used)} used>"

    @classmethod
    def read(cls, source: OverridesLike, *, skip_unfilled: bool = False) -> Overrides:
        """Read and check overrides.

        Parameters
        ----------
        source : path, DataFrame, mapping or Overrides
            A CSV file, a table with the same columns, or a mapping from text to country. The
            file is UTF-8, or UTF-16 with its mark; a comma, a semicolon or a tab stands between
            cells, as a spreadsheet saves it.
            Columns: ``text`` or ``pattern`` (one of the two in every row), ``country``, and if
            wanted ``reason``. Texts are compared after markup, odd spaces and capitals are evened
            out. A pattern is a Python regular expression that is searched anywhere in the text
            without regard to case (``^`` and ``$`` anchor it); it sees the first
            ``PATTERN_CHARACTERS`` characters. A country is an ISO 3166-1 code (alpha-3 or
            alpha-2), several of them joined by ``;``, or ``unknown``.
        skip_unfilled : bool
            Whether a row with an empty country is one that is still to be filled in, as in a file
            of ``caraml unresolved``, and no fault.

        Returns
        -------
        Overrides
            Rows with a text come before rows with a pattern; of several patterns the first counts.

        Raises
        ------
        TableError
            If the file cannot be read, a column is missing or unknown, or a row has a fault: no or
            two names, a bad code, a bad or costly pattern, a name that another row has already.
            All faults are named with their rows; no row is used.
        """
        if isinstance(source, Overrides):
            return source
        faults: list[str] = []
        file = "overrides"
        if isinstance(source, (str, os.PathLike)):
            # evidence names the file only: it is the same wherever the file lies
            name, file = Path(source).name, os.fspath(source)
            cells = iter(read_cells(Path(os.path.expanduser(source)))[1])
        elif isinstance(source, Mapping):
            name, cells = "overrides", _read_mapping(source)
        elif hasattr(source, "itertuples"):
            name, cells = "overrides", _read_table(source)
        else:
            raise TableError(
                f"overrides: a path, a DataFrame or a mapping is wanted, not "
                f"{type(source).__name__}. Nothing was resolved."
            )
        rows: list[Override] = []
        first_with: dict[tuple[bool, str], Override] = {}
        for where, row in cells:
            try:
                if skip_unfilled and _is_unfilled(row):
                    continue
                override = _checked(f"{name} {where}", row)
                _check_alone(override, first_with)
                rows.append(override)
            except TableError as fault:
                faults.append(f"{where}: {fault}")
        if faults:
            shown = "\n  ".join(faults[:_MOST_FAULTS_SHOWN])
            more = len(faults) - _MOST_FAULTS_SHOWN
            raise TableError(
                f"{file}: {len(faults)} row{'s' if len(faults) > 1 else ''} cannot be used:\n"
                f"  {shown}\n"
                + (f"  and {more} more\n" if more > 0 else "")
                + f"{_NOTHING_DONE} Correct the rows."
            )
        return cls(rows)

    def find(self, text: str) -> Resolution | None:
        """Return the answer of the row that names `text`, or None; the row counts as used."""
        cleaned = clean(text)
        row = self._texts.get(cleaned.casefold())
        if row is None:
            row = next(
                (n for n, p in self._patterns if p.search(cleaned, 0, PATTERN_CHARACTERS)), None
            )
        if row is None:
            return None
        self._used.add(row)
        return self._answers[row]

    def unused(self) -> list[str]:
        """Return the rows that have decided nothing so far, as the file has them.

        A row that is never used is a typing error, or has become superfluous.
        """
        return [row.description for n, row in enumerate(self._rows) if n not in self._used]


#: What functions with an argument ``overrides`` accept.
OverridesLike: TypeAlias = "Overrides | Mapping[str, str] | str | os.PathLike[str] | pd.DataFrame"
_Cells: TypeAlias = Iterator[tuple[str, dict[str, Any]]]


# --- reading ----------------------------------------------------------------------------------


def read_cells(path: Path) -> tuple[CsvForm, list[tuple[str, dict[str, str]]]]:
    """Return the form of a file, and where each row stands and its cells; rows are not checked.

    Rows are counted as a spreadsheet does, the header is row 1. A row of another width than the
    header has a cell ``width`` that says so.

    Raises
    ------
    TableError
        If the file cannot be read, or has other columns.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(
            f"{path}: overrides cannot be read ({error.strerror}). Nothing was resolved."
        ) from None
    form = form_of(content, COLUMNS)
    try:
        reader = CsvReader(
            io.BytesIO(content), form.encoding, "strict", form.delimiter, ragged=True
        )
        reader.name, reader.kept, reader.advice = str(path), _NOTHING_DONE, _SAVE_AS_UTF8
        # of the lines that the reader leaves out, those before a row are known when it comes
        rows = [(number + reader.blank_lines, row) for number, row in enumerate(reader.rows(), 1)]
    except UsageError as error:
        raise TableError(str(error)) from None
    if not rows:
        raise TableError(
            f"{path}: is empty. Nothing was resolved. Give it the columns text, country and, "
            "if wanted, pattern and reason."
        )
    header = [name.strip().casefold() for name in rows[0][1]]
    _check_columns(header, str(path))
    return form, [_csv_cells(header, number, row) for number, row in rows[1:] if any(row)]


def _csv_cells(header: list[str], number: int, row: list[str]) -> tuple[str, dict[str, str]]:
    cells = dict(zip(header, row, strict=False))
    cells["width"] = "" if len(row) == len(header) else f"{len(row)} cells, not {len(header)}"
    return f"row {number}", cells


def _read_table(table: Any) -> _Cells:
    _check_columns([str(name) for name in table.columns], "overrides")
    return (
        (f"row {label}", dict(zip(table.columns, row, strict=True)))
        for label, row in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    )


def _read_mapping(source: Mapping[Any, Any]) -> _Cells:
    return (
        (f"key {number}", {"text": text, "country": country})
        for number, (text, country) in enumerate(source.items(), start=1)
    )


def _check_columns(found: list[str], name: str) -> None:
    unknown = [repr(column) for column in found if column not in COLUMNS]
    twice = sorted({repr(column) for column in found if found.count(column) > 1})
    problem = ""
    if unknown:
        problem = f"unknown column {', '.join(unknown)}"
    elif twice:
        problem = f"column {', '.join(twice)} occurs twice"
    elif "country" not in found:
        problem = "no column 'country'"
    elif not {"text", "pattern"} & set(found):
        problem = "no column 'text' or 'pattern'"
    if problem:
        raise TableError(
            f"{name}: {problem} (found {', '.join(map(repr, found))}). Nothing was resolved. "
            f"Overrides have the columns {', '.join(COLUMNS)}."
        )


# --- checking one row -------------------------------------------------------------------------


def _cell(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if value is None or value != value or type(value).__name__ == "NAType":
        return ""
    if not isinstance(value, str):
        raise TableError(f"{column} is {type(value).__name__} ({value!r:.40}), not a text")
    return value.strip()


def _is_unfilled(row: dict[str, Any]) -> bool:
    """Tell whether a row waits for its country; what stands in a wrong column does not."""
    if row.get("width") or _cell(row, "country"):
        return False
    return not (_cell(row, "text") and _cell(row, "pattern"))


def _checked(where: str, row: dict[str, Any]) -> Override:
    if row.get("width"):
        raise TableError(
            f"has {row['width']}; is a quote missing? A cell that holds what stands between cells "
            'needs quotes, such as "KEN;UGA"'
        )
    text, pattern = _cell(row, "text"), _cell(row, "pattern")
    if bool(text and _key(text)) == bool(pattern):
        both = "both text and pattern are" if pattern else "neither text nor pattern is"
        stray = pattern and not _cell(row, "country")
        raise TableError(
            f"{both} filled in; one of the two names what the row is for"
            + (f" (does {pattern!r} belong into the column country?)" if stray else "")
        )
    return Override(
        where,
        text,
        _compiled(pattern) if pattern else None,
        _codes(_cell(row, "country")),
        _cell(row, "reason"),
    )


def _codes(cell: str) -> tuple[str, ...]:
    if cell.casefold() == UNKNOWN:
        return ()
    if not cell:
        raise TableError(
            "country is empty; write a code, or 'unknown' (for Namibia NAM: many programs read "
            "NA as a missing value)"
        )
    try:
        codes = tuple(countries.to_alpha3(code) for code in cell.split(";"))
    except CountryError as error:
        hint = _code_hint(cell) or ". Where nobody can tell, write 'unknown'"
        raise TableError(f"{str(error).rstrip('.')}{hint}") from None
    if any(a == b for a, b in pairwise(codes)):
        raise TableError(f"country {cell!r} names one country twice in a row")
    return codes


def _code_hint(cell: str) -> str:
    """Return the codes of countries that were written by name."""
    hints = []
    for part in map(str.strip, cell.split(";")):
        found = resolver.resolve(part)
        if (
            found.method == "country"
            and len(found.countries) == 1
            and part.upper() != found.country
        ):
            hints.append(f"{part} is {found.country}")
    return f". {'; '.join(hints)}" if hints else ""


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise TableError(f"pattern {pattern!r} is no regular expression ({error})") from None
    costly = why_costly(pattern)
    if costly:
        raise TableError(f"pattern {pattern!r} {costly}")
    if compiled.search(""):
        raise TableError(f"pattern {pattern!r} fits every text, the empty one too")
    return compiled


def why_costly(pattern: str) -> str | None:
    """Return why a regular expression could take very long, or None.

    Parameters
    ----------
    pattern : str
        A regular expression that compiles.

    Notes
    -----
    A repeated group that itself holds a repeat or a choice can take exponential time (``(a+)+``),
    many repeats a high power of the length. Both are refused; the rule is simple and refuses some
    harmless patterns, too.
    """
    varies = [False]  # for the whole and each open group: does it hold a repeat or a choice?
    closed_varies = after_quantifier = False
    repeats = optional = 0
    for token in _TOKEN.findall(pattern):
        if after_quantifier and token in ("?", "+"):  # lazy or possessive
            after_quantifier = False
            continue
        is_quantifier = _QUANTIFIER.fullmatch(token) is not None
        if is_quantifier:
            if closed_varies and token != "?":
                return (
                    "repeats a group that holds a repeat or a choice, which can take for ever. "
                    "Write the repeat once, for example [ab]+ instead of (a|b)+"
                )
            optional += token == "?"
            repeats += token in ("*", "+") or "," in token
            varies[-1] = True
        closed_varies = False
        if token.startswith("(") and token in ("(", "(?"):
            varies.append(False)
        elif token == ")":
            closed_varies = varies.pop()
            varies[-1] |= closed_varies
        elif token == "|":
            varies[-1] = True
        after_quantifier = is_quantifier
    if repeats > _MOST_REPEATS or optional > _MOST_OPTIONAL:
        return (
            f"has more than {_MOST_REPEATS} of *, + and {{m,n}} or more than {_MOST_OPTIONAL} of "
            "?, which can take very long. Split it into several rows"
        )
    return None


def _check_alone(override: Override, first_with: dict[tuple[bool, str], Override]) -> None:
    """Raise if an earlier row names the same."""
    name = override.pattern.pattern if override.pattern else _key(override.text)
    earlier = first_with.setdefault((override.pattern is not None, name), override)
    if earlier is override:
        return
    same = earlier.countries == override.countries
    raise TableError(
        f"names the same as {earlier.description}"
        + (
            "; delete one"
            if same
            else f", which says {_shown(earlier)} and not {_shown(override)}; delete one"
        )
    )


def _shown(override: Override) -> str:
    return ";".join(override.countries) or UNKNOWN


def _key(text: str) -> str:
    """Return a text as overrides compare it."""
    return clean(text).casefold()
