"""Reading a CSV of reported runs that somebody has written: every cell that is wrong, told at once.

Columns are those of ``data/carbon/runs.csv``, in any order; what is missing counts as not printed.
The separator and the encoding are recognised, values are not guessed: what cannot be is refused
with its line, its run and its column.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.carbon.checking import LEAST, MOST, check_runs, incomparable
from caraml_analysis.carbon.checking.reports import CLASSES, COLUMNS, not_a_class
from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.carbon.quantities import read_number
from caraml_analysis.csv_reader import CsvForm, CsvReader, Source, form_of, opened
from caraml_analysis.errors import CountryError, FactorError, UnitError, UsageError, listed
from caraml_analysis.reproduce.carbon_runs import load_factors
from caraml_analysis.sources.model_runs import load_runs

#: Columns that the rules read; those with numbers are in `COLUMNS`.
READ = (
    *("run", "organisation", "date", "accelerator", "accelerator_assumed", *COLUMNS.values()),
    *(
        "hours_basis",
        "power_basis",
        "energy_scope",
        "energy_basis",
        "training_country",
        "certainty",
    ),
)
#: One of these must be there, for there is nothing to check otherwise.
_CHECKED = (*COLUMNS.values(), "accelerator", "energy_scope", "energy_basis")
_YEARS = range(1990, 2101)
#: Numbers that are never 0 where they are printed.
_NOT_ZERO = ("accelerator_hours", "devices", "reported_power_w", "reported_energy_mwh")


@dataclass(frozen=True)
class _Row:
    """One row of the file: its line, the name of its run, its cells by column."""

    line: int
    run: str
    cells: Mapping[str, str]


def check_file(source: Source) -> tuple[pd.DataFrame, list[str]]:
    """Return the findings about a CSV of reported runs, and what was not read or not compared.

    Parameters
    ----------
    source : path or binary stream
        The CSV.

    Returns
    -------
    DataFrame
        As :func:`caraml_analysis.carbon.checking.check_runs`.
    list of str
        Remarks, one line each.

    Raises
    ------
    UsageError
        As :func:`read_reported`.
    """
    runs, remarks = read_reported(source)
    factors = load_factors()
    parts = factors.accelerators.set_index("accelerator")
    silent = incomparable(runs, parts, factors.grid)
    if silent:
        shown = ", ".join(silent[:5]) + (", ..." if len(silent) > 5 else "")
        remarks.append(
            f"no two numbers to hold against one another in {len(silent)} of {len(runs)} runs: "
            f"{shown}"
        )
    return check_runs(runs, parts, factors.grid), remarks


def read_reported(source: Source) -> tuple[pd.DataFrame, list[str]]:
    """Return a CSV of reported runs as :func:`caraml_analysis.load_runs` gives them, and remarks.

    Parameters
    ----------
    source : path or binary stream
        The CSV: UTF-8, UTF-16 with its mark, or cp1252; cells separated by commas, semicolons, tabs
        or bars.

    Returns
    -------
    DataFrame
        Indexed by ``run``; columns that the file lacks are empty.
    list of str
        Columns that were not read, and an encoding that was not UTF-8.

    Raises
    ------
    UsageError
        If the file cannot be read or is empty, if a column looks like a misspelled one, or if cells
        hold what cannot be; lists up to ten of them with line, run and column.
    """
    name, header, rows, separator, remarks = _cells(source)
    remarks += _check_header(header, name)
    problems = list(_names_twice(rows))
    records: list[dict[str, Any]] = []
    for row in rows:
        record: dict[str, Any] = {}
        for column, cell in row.cells.items():
            if column not in READ or not cell:
                continue
            try:
                record[column] = _read(column, cell, row.run, separator)
            except UnitError as error:
                problems.append(f"line {row.line}: {error}")
        records.append(record)
    if problems:
        cells = "1 cell" if len(problems) == 1 else f"{len(problems)} cells"
        summary = f"{name}: {cells} cannot be used. Nothing was checked."
        raise UsageError(listed(summary, sorted(problems, key=_line_of)))
    table = pd.DataFrame(records).set_index("run").reindex(columns=list(load_runs().columns))
    return table.astype(dict.fromkeys(COLUMNS.values(), float)), remarks


# --- the file ---------------------------------------------------------------------------------


def _cells(source: Source) -> tuple[str, list[str], list[_Row], str, list[str]]:
    name = CsvReader(source).name  # refuses workbooks
    with opened(source) as stream:
        content = stream.read()
    form, remarks = _form(content, name)
    reading = CsvReader(io.BytesIO(content), form.encoding, delimiter=form.delimiter)
    reading.name, reading.kept = name, "Nothing was checked."
    read = reading.rows()
    header = [cell.strip() for cell in next(read, [])]
    if not any(header):
        raise UsageError(f"{name}: is empty. Nothing was checked.")
    rows = []
    for cells in read:
        stripped = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        if any(stripped.values()):  # spreadsheets leave rows of commas at the end
            rows.append(_Row(reading.line, stripped.get("run", ""), stripped))
    if not rows:
        raise UsageError(f"{name}: has a header but no rows. Nothing was checked.")
    return name, header, rows, form.delimiter, remarks


def _form(content: bytes, name: str) -> tuple[CsvForm, list[str]]:
    """Return how the file is written, and a remark if its encoding had to be found out."""
    form = form_of(content, READ)
    marked = form.encoding == "utf-16"
    if b"\0" in content and not marked:
        raise UsageError(f"{name}: is no text (it holds zero bytes). Nothing was checked.")
    # names with accents may be in the encoding of old spreadsheets; numbers are the same in it
    for encoding in (form.encoding,) if marked else (form.encoding, "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        remarks = ["read as cp1252, since it is not UTF-8"] if encoding == "cp1252" else []
        return form._replace(encoding=encoding), remarks
    what = "not UTF-16, as it says" if marked else "neither UTF-8 nor cp1252"
    raise UsageError(f"{name}: is {what}. Nothing was checked. Save it as UTF-8.")


# --- the header -------------------------------------------------------------------------------


def _check_header(header: Sequence[str], name: str) -> list[str]:
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise UsageError(f"{name}: two columns {twice[0]!r}. Nothing was checked.")
    known = {"run", *load_runs().columns}
    unread = [column for column in header if column not in known]
    free = [column for column in READ if column not in header]
    meant = {column: near for column in unread if (near := _meant(column, free, 0.9))}
    if meant:
        hints = "; ".join(f"{column!r}: did you mean {near}?" for column, near in meant.items())
        raise UsageError(
            f"{name}: columns that look like misspelled ones: {hints} Rename or drop them. "
            "Nothing was checked."
        )
    if "run" not in header or not set(header) & set(_CHECKED):
        raise UsageError(
            f"{name}: needs a column run and some of {', '.join(_CHECKED)} "
            f"(found {', '.join(header)}). Nothing was checked."
        )
    if not unread:
        return []
    shown = [
        f"{column or 'a column without a name'}{f' (did you mean {near}?)' if near else ''}"
        for column in unread
        for near in [_meant(column, free, 0.7)]
    ]
    return [f"not read: {', '.join(shown)}"]


def _meant(column: str, names: Sequence[str], cutoff: float) -> str:
    """Return the column that a name was meant to be, with or without ``reported_``, or nothing."""
    plain = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
    for written in (plain, f"reported_{plain}"):
        near = difflib.get_close_matches(written, names, n=1, cutoff=cutoff)
        if near:
            return near[0]
    return ""


# --- the cells --------------------------------------------------------------------------------


def _names_twice(rows: Sequence[_Row]) -> Iterator[str]:
    first: dict[str, int] = {}
    for row in rows:
        if not row.run:
            yield f"line {row.line}: run is empty; every row needs a name."
        elif row.run in first:
            yield f"line {row.line}: run {row.run!r} stands in line {first[row.run]}, too."
        first.setdefault(row.run, row.line)


def _read(column: str, cell: str, run: str, separator: str) -> Any:
    field = f"{column} of {run or 'a run without a name'}"
    if column in COLUMNS.values():
        return _number(column, cell, field, separator)
    if column in CLASSES and cell not in CLASSES[column]:
        raise UnitError(f"{field} is {cell!r}; {not_a_class(column, cell)}")
    reader = _READERS.get(column)
    return reader(cell, field) if reader else cell


def _number(column: str, cell: str, field: str, separator: str) -> float:
    if separator != "," and re.fullmatch(r"[^,]*\d,\d+[^,]*", cell):
        raise UnitError(
            f"{field}: {cell!r} may have a decimal comma, which is not guessed. Write a point, and "
            "nothing between thousands."
        )
    value = read_number(cell, field)
    if value == 0 and column in _NOT_ZERO:
        raise UnitError(f"{field} is 0; leave the cell empty if the report does not print it.")
    if value and not LEAST <= value <= MOST:
        raise UnitError(
            f"{field} is {cell}; no report prints such a number. Is it in another unit?"
        )
    if column == "reported_pue":
        low, high = LIMITS["pue"]
        if not low <= value <= high:
            raise UnitError(
                f"{field} is {cell}; it must lie between {low:g} and {high:g}. A site uses at "
                "least what its computers use."
            )
    if column == "reported_kg_co2e_per_kwh":
        low, high = (limit / 1000 for limit in LIMITS["g_co2e_per_kwh"])
        if value > high or 0 < value < low:
            unit = f"g/kWh: write {value / 1000:g}" if value > high else "t/kWh or kg/Wh"
            raise UnitError(
                f"{field} is {cell}; in kg/kWh it must be 0 or lie between {low:g} and {high:g}. "
                f"Is it in {unit}?"
            )
    return value


def _accelerator(cell: str, field: str) -> str:
    try:
        return load_factors().part(cell)
    except FactorError as error:
        # the rest of the message is advice for an estimate, which has other columns
        reason = str(error).removeprefix("accelerator: ").partition(" Or give power_w")[0]
        raise UnitError(f"{field}: {reason} Leave the cell empty if it is another one.") from None


def _country(cell: str, field: str) -> str:
    try:
        return countries.to_alpha3(cell)
    except CountryError as error:
        raise UnitError(f"{field}: {error}") from None


def _date(cell: str, field: str) -> str:
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", cell)
    try:
        year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
        date(year, month, day)
    except ValueError:
        year = 0
    if year not in _YEARS:
        raise UnitError(f"{field} is {cell!r}; write 2024, 2024-07 or 2024-07-23.")
    return cell


_READERS: dict[str, Callable[[str, str], str]] = {
    "accelerator": _accelerator,
    "training_country": _country,
    "date": _date,
}


def _line_of(problem: str) -> int:
    return int(problem.split(":")[0].removeprefix("line "))
