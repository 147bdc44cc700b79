"""Chart files of Our World in Data: entity, code, year and one value.

The fourth column changes its name between editions, so it is found by its place; the first three
must be what they always were. Regions are left out: they have no code, or one that begins OWID_.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.csv_reader import CsvReader
from caraml_analysis.errors import SourceChangedError, UsageError
from caraml_analysis.sources.workbooks import kind_of, refuse_web_page

BASE = "https://ourworldindata.org/grapher"
#: Codes of Our World in Data that are countries.
COUNTRY_CODES = {"OWID_KOS": "XKX", "OWID_CIS": "CHI"}
#: A newer file has at least this part of the countries, and of the rows of the same years.
LEAST_PART = 0.9
_COLUMNS = ["entity", "code", "year"]


def address(chart: str, server: str = BASE) -> str:
    """Return the address of a chart's full file."""
    return f"{server}/{chart}.csv?v=1&csvType=full&useColumnShortNames=false"


def read_csv(
    content: bytes, name: str, codes: Mapping[str, str] | None = None, column: str = ""
) -> pd.DataFrame:
    """Return the countries of a chart file as ``iso3``, ``year`` and ``value`` (a text).

    Parameters
    ----------
    content : bytes
        The CSV.
    name : str
        What messages call it.
    codes : mapping, optional
        Further codes that are kept, with what they are called here.
    column : str
        Pattern that the name of the value must match, such as ``"carbon intensity"``.

    Raises
    ------
    SourceChangedError
        If it is a web page, no CSV, broke off within a line, or its first four columns are others.
    """
    rows = _countries(content, name, codes or {}, column)
    return rows.drop(columns="entity").sort_values(["iso3", "year"], ignore_index=True)


def read_whole(content: bytes, name: str, embedded: pd.DataFrame, column: str = "") -> pd.DataFrame:
    """Return what :func:`read_csv` does, of a file that is as whole as the embedded edition.

    Parameters
    ----------
    content, name, column
        See :func:`read_csv`.
    embedded : DataFrame
        ``iso3``, ``year`` and one value: the embedded edition of the same chart.

    Raises
    ------
    SourceChangedError
        Also if it has far fewer countries or rows than the embedded edition, or broke off at the
        end of a line or within the last number.

    Notes
    -----
    The publisher ends its files without a line feed, so that the lack of one says nothing. A file
    that broke off shows by its last country: years that the embedded edition has are missing, or
    the countries that come after it, or the last number is the beginning of the embedded one.
    """
    rows = _countries(content, name, {}, column)
    known = embedded.set_axis(["iso3", "year", "value"], axis="columns")
    problem = _shrunk(rows, known) or _broken_off(rows, known, content)
    if problem:
        raise SourceChangedError(
            f"{name}: {problem}. Nothing was changed. The file is not whole: download it again."
        )
    return rows.drop(columns="entity").sort_values(["iso3", "year"], ignore_index=True)


def _countries(content: bytes, name: str, codes: Mapping[str, str], column: str) -> pd.DataFrame:
    """Return ``entity``, ``iso3``, ``year`` and ``value`` of the countries, in the file's order."""
    header, *lines = _lines(content, name, column)
    known = countries.known_codes()
    mapped = {**COUNTRY_CODES, **codes}
    kept = known | set(mapped.values())
    rows = []
    for entity, code, year, value in (line[:4] for line in lines):
        iso3 = mapped.get(code, code)
        if iso3 not in kept or not value:
            continue
        if not re.fullmatch(r"-?\d{1,6}", year):
            raise SourceChangedError(
                f"{name}: a year is no number ({iso3} has {year!r}). Nothing was changed."
            )
        rows.append((entity, iso3, int(year), value))
    table = pd.DataFrame(rows, columns=["entity", "iso3", "year", "value"])
    twice = table[table.duplicated(["iso3", "year"])]
    if len(twice):
        code, year = twice.iloc[0][["iso3", "year"]]
        raise SourceChangedError(
            f"{name}: {code} {year} stands there twice. Nothing was changed. Is the file whole?"
        )
    if table.empty:
        raise SourceChangedError(
            f"{name}: has the columns {', '.join(header[:4])} and no row of a country. Nothing was "
            "changed. Is the file whole?"
        )
    return table


def _lines(content: bytes, name: str, column: str) -> list[list[str]]:
    """Return the cells of all lines, the header first; all lines have as many."""
    refuse_web_page(content, name, "a CSV")
    wanted = f"Entity, Code, Year and a value{f' like {column!r}' if column else ''}"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceChangedError(_no_csv(content, name, wanted)) from error
    if not text.strip() or "\0" in text or text.lstrip("\ufeff \r\n")[:1] in "<[{":
        raise SourceChangedError(_no_csv(content, name, wanted))
    reader = CsvReader(io.BytesIO(content))
    found: list[list[str]] = []
    try:
        for row in reader.rows():
            if not found:
                _check_header(row, name, column, wanted)
            found.append(row)
    except UsageError as error:
        what = str(error).partition(reader.kept)[0].removeprefix(f"{reader.name}: ").strip()
        raise SourceChangedError(
            f"{name}: {what} Nothing was changed. The file is damaged or broke off: download it "
            "again."
        ) from error
    return found


def _no_csv(content: bytes, name: str, wanted: str) -> str:
    return (
        f"{name}: is no CSV in UTF-8 ({kind_of(content)}); expected the columns {wanted}. Nothing "
        "was changed. Name the CSV as it was downloaded."
    )


def _check_header(titles: Sequence[str], name: str, column: str, wanted: str) -> None:
    """Raise if the first four columns are others than every chart file has."""
    fitting = len(titles) >= 4 and [title.strip().lower() for title in titles[:3]] == _COLUMNS
    if not fitting or not re.search(column, titles[3], re.IGNORECASE):
        shown = ", ".join(title[:60] for title in titles[:6])
        raise SourceChangedError(
            f"{name}: its columns are {shown}; expected {wanted}. Nothing was changed. It is "
            "another file, or a column was renamed or moved."
        )


def _shrunk(rows: pd.DataFrame, embedded: pd.DataFrame) -> str:
    """Return in words that countries or rows are missing, or nothing."""
    ours, theirs = embedded["iso3"].nunique(), rows["iso3"].nunique()
    if theirs < LEAST_PART * ours:
        return f"has {theirs} countries, the embedded edition has {ours}"
    # a file of older years is not broken, so only years that both could have are compared
    first, last = rows["year"].min(), rows["year"].max()
    same_years = int(embedded["year"].between(first, last).sum())
    if len(rows) < LEAST_PART * same_years or len(rows) < len(embedded) / 2:
        return (
            f"has {len(rows):,} values from {first} to {last}, the embedded edition has "
            f"{same_years:,} of these years and {len(embedded):,} in all"
        )
    return ""


def _broken_off(rows: pd.DataFrame, embedded: pd.DataFrame, content: bytes) -> str:
    """Return in words that the end of the file is missing, or nothing."""
    last = rows.iloc[-1]
    entity, iso3 = last["entity"], last["iso3"]
    ours = embedded[embedded["iso3"] == iso3].set_index("year")["value"]
    ends = rows.loc[rows["iso3"] == iso3, "year"].max()
    # in its newest year an older edition may lack many countries, so that one says nothing
    before, now = embedded["year"].value_counts(), rows["year"].value_counts()
    complete = [year for year in ours.index if now.get(year, 0) >= LEAST_PART * before[year]]
    goes_on = max(complete, default=ends)
    if ends < goes_on:
        return f"ends with {entity} {ends}, the embedded edition goes on to {goes_on}"
    entities = rows["entity"].drop_duplicates().tolist()
    if entities == sorted(entities):
        missing = sorted(set(embedded["iso3"]) - set(rows["iso3"]))
        after = [code for code in missing if countries.name(code) > entity]
        if after:
            return f"ends with {entity}, without {', '.join(after[:10])} that come after it"
    number = ours.get(last["year"])
    if number is not None and not content.endswith((b"\n", b"\r")):
        text = last["value"]
        whole = pd.to_numeric(text, errors="coerce") == number
        if not whole and f"{number!s}".startswith(text):
            return (
                f"ends within a number: {entity} {last['year']} has {text}, the embedded edition "
                f"has {number}"
            )
    return ""


def numbers(
    rows: pd.DataFrame, name: str, least: float, most: float, countries_at_least: int = 1
) -> pd.Series:
    """Return the values as numbers within the bounds of their unit.

    Raises
    ------
    SourceChangedError
        If a value is no number or lies outside: the unit or the layout changed. Also if there are
        far fewer countries than ever: the file is not whole.
    """
    values = pd.to_numeric(rows["value"], errors="coerce")
    wrong = rows[values.isna() | ~values.between(least, most)]
    if len(wrong):
        row = wrong.iloc[0]
        raise SourceChangedError(
            f"{name}: {row['iso3']} {row['year']} has {row['value']!r}, expected a number from "
            f"{least:g} to {most:g}. Nothing was changed. Has the unit changed?"
        )
    found = rows["iso3"].nunique()
    if found < countries_at_least:
        raise SourceChangedError(
            f"{name}: has {found} countries, expected at least {countries_at_least}. Nothing was "
            "changed. Is the file whole?"
        )
    return values
