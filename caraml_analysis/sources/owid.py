"""Chart files of Our World in Data: entity, code, year and one value.

The fourth column changes its name between editions, so it is found by its place; the first three
must be what they always were. Regions are left out: they have no code, or one that begins OWID_.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.errors import SourceChangedError
from caraml_analysis.sources.workbooks import refuse_web_page

BASE = "https://ourworldindata.org/grapher"
#: Codes of Our World in Data that are countries.
COUNTRY_CODES = {"OWID_KOS": "XKX", "OWID_CIS": "CHI"}
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
        If it is a web page, no CSV, or its first four columns are others.
    """
    refuse_web_page(content, name, "a CSV")
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise SourceChangedError(
            f"{name}: is no CSV ({error!s:.80}). Nothing was changed. Download it again."
        ) from error
    names = [str(title) for title in table.columns]
    fitting = len(names) >= 4 and [title.strip().lower() for title in names[:3]] == _COLUMNS
    if not fitting or not re.search(column, names[3], re.IGNORECASE):
        wanted = f"Entity, Code, Year and a value{f' like {column!r}' if column else ''}"
        raise SourceChangedError(
            f"{name}: its columns are {', '.join(names[:6])}; expected {wanted}. Nothing was "
            "changed. The publisher renamed or moved a column; compare it with the card."
        )
    known = countries.known_codes()
    mapped = {**COUNTRY_CODES, **(codes or {})}
    iso3 = table[names[1]].replace(mapped)
    kept = iso3.isin(known | set(mapped.values())) & (table[names[3]] != "")
    years = pd.to_numeric(table[names[2]], errors="coerce")
    if years[kept].isna().any():
        raise SourceChangedError(f"{name}: a year is no number. Nothing was changed.")
    rows = pd.DataFrame(
        {"iso3": iso3[kept], "year": years[kept].astype(int), "value": table[names[3]][kept]}
    )
    twice = rows[rows.duplicated(["iso3", "year"])]
    if len(twice):
        code, year = twice.iloc[0][["iso3", "year"]]
        raise SourceChangedError(
            f"{name}: {code} {year} stands there twice. Nothing was changed. Is the file whole?"
        )
    return rows.sort_values(["iso3", "year"], ignore_index=True)


def numbers(
    rows: pd.DataFrame, name: str, least: float, most: float, countries_at_least: int
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
