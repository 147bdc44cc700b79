"""The World Bank's workbook of income groups (OGHIST), and Our World in Data's version of it.

Rows are found by what they hold, never by their number: the July 2026 edition dropped four rows.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.errors import SourceChangedError, YearError
from caraml_analysis.sources import owid
from caraml_analysis.sources.http import CSV, Client
from caraml_analysis.sources.workbooks import Rows, read_sheet

SHEET = "Country Analytical History"
LETTERS = {"L": "low", "LM": "lower_middle", "UM": "upper_middle", "H": "high", "..": "", "": ""}
OWID_CLASSES = {
    "Low-income countries": "low",
    "Lower-middle-income countries": "lower_middle",
    "Upper-middle-income countries": "upper_middle",
    "High-income countries": "high",
}
#: Codes of Our World in Data beside those that every file of theirs has.
_OWID_FORMER = {
    "OWID_CZS": "CSK",
    "OWID_USS": "SUN",
    "OWID_SRM": "YUG",
    "OWID_YGS": "YUGf",
    "ANT": "ANT",
}

#: Have France's class at Our World in Data, and no row at the World Bank.
OWID_ONLY = ("ATF", "GUF")
_OWID_START = re.compile(rb'\W*entity"?,"?code"?,"?year', re.IGNORECASE)

_FISCAL_YEAR = re.compile(r"FY\s?(\d{2})")
_CODE = re.compile(r"[A-Z]{3}")
_FEWEST_ECONOMIES = 200
_KEPT = "Nothing was changed."


class Workbook(NamedTuple):
    """What a file says: its edition (the last fiscal year), and one row per economy and year.

    ``table`` has the columns ``iso3``, ``economy``, ``data_year`` and ``income_group``, which is
    empty where the World Bank does not classify.
    """

    edition: str
    table: pd.DataFrame


def read_workbook(content: bytes, name: str = "OGHIST.xlsx", edition: str = "") -> Workbook:
    """Return the income groups of an OGHIST workbook.

    Parameters
    ----------
    content : bytes
        The workbook.
    name : str
        What messages call it.
    edition : str
        Fiscal year that it must be of, such as ``"FY26"``; any by default.

    Raises
    ------
    SourceChangedError
        If the rows of fiscal and data years are not found or contradict each other, a class is of
        a kind that is not known, or there are far fewer economies than ever.
    YearError
        If the workbook is of another edition.
    """
    rows = read_sheet(content, name, SHEET).rows
    fiscal, years = _year_rows(rows, name)
    found = _edition_that_ends(years[max(years)], edition, name)
    _check_years(fiscal, years, name)
    records = []
    for row in rows:
        code = str(row[0]).strip()
        if not _CODE.fullmatch(code):
            continue
        for column, year in years.items():
            records.append((code, str(row[1]).strip(), year, _group(row[column], code, year, name)))
    table = pd.DataFrame(records, columns=["iso3", "economy", "data_year", "income_group"])
    economies = table["iso3"].nunique()
    if economies < _FEWEST_ECONOMIES or table.duplicated(["iso3", "data_year"]).any():
        raise SourceChangedError(
            f"{name}: {economies} economies in {len(table):,} cells, expected at least "
            f"{_FEWEST_ECONOMIES} and each once. {_KEPT} Is the file whole?"
        )
    return Workbook(found, table.sort_values(["iso3", "data_year"], ignore_index=True))


def _edition_that_ends(data_year: int, wanted: str, name: str) -> str:
    """Return the edition whose newest data year this is; raise if another one is wanted."""
    found = f"FY{(data_year + 2) % 100:02}"
    if wanted and wanted != found:
        raise YearError(
            f"{name}: is the edition {found}, not {wanted}. {_KEPT} The publisher's address "
            f"serves only the newest one: name it with --edition {found}, or an older file with "
            "--from."
        )
    return found


def _is_year(value: Any) -> bool:
    return isinstance(value, (int, float)) and 1980 < value < 2100


def _year_rows(rows: Rows, name: str) -> tuple[dict[int, int], dict[int, int]]:
    """Return fiscal year (two digits) and data year by column."""
    years: dict[int, int] = {}
    above: Rows = []
    for row in rows:
        years = {i: int(value) for i, value in enumerate(row) if i >= 2 and _is_year(value)}
        if len(years) > 20:
            break
        above.append(row)
    if len(above) == len(rows):
        raise SourceChangedError(
            f"{name}: sheet {SHEET!r} has no row of data years. {_KEPT} It is another file, "
            "or the publisher changed the layout: compare it with the edition FY25."
        )
    for row in above:
        cells = {i: _FISCAL_YEAR.fullmatch(str(value).strip()) for i, value in enumerate(row)}
        fiscal = {i: int(match[1]) for i, match in cells.items() if match}
        if len(fiscal) > 20:
            return fiscal, years
    raise SourceChangedError(
        f"{name}: no row of fiscal years (FY89, FY90, ...) above the data years. {_KEPT} It is "
        "another file, or the publisher changed the layout: compare it with the edition FY25."
    )


def _check_years(fiscal: dict[int, int], years: dict[int, int], name: str) -> None:
    """Fiscal year N rests on the income of year N-2: a shift would move every class."""
    for column, year in years.items():
        if fiscal.get(column) != (year + 2) % 100:
            raise SourceChangedError(
                f"{name}: data year {year} stands below FY{fiscal.get(column)}, expected "
                f"FY{(year + 2) % 100:02}. {_KEPT} Fiscal and data years contradict each other."
            )


def _group(value: Any, code: str, year: int, name: str) -> str:
    letter = str(value).strip().rstrip("*").strip()
    try:
        return LETTERS[letter]
    except KeyError:
        raise SourceChangedError(
            f"{name}: {code} has the class {letter!r} in {year}; known are "
            f"{', '.join(filter(None, LETTERS))}. {_KEPT}"
        ) from None


def without_former_yugoslavia(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is embedded; its codes have three letters, so ``YUGf`` is left out."""
    return table[table["iso3"].str.len() == 3].reset_index(drop=True)


def read_owid(content: bytes, name: str = "world-bank-income-groups.csv") -> pd.DataFrame:
    """Return Our World in Data's file as ``iso3``, ``data_year`` and ``income_group``.

    Its ``Year`` is the data year. Former economies get the World Bank's codes.

    Raises
    ------
    SourceChangedError
        If the columns or the names of the classes changed.
    """
    table = owid.read_csv(content, name, codes=_OWID_FORMER, column="income")
    unknown = sorted(set(table["value"]) - set(OWID_CLASSES))
    if unknown:
        raise SourceChangedError(
            f"{name}: unknown classes {', '.join(map(repr, unknown[:5]))}; known are "
            f"{', '.join(OWID_CLASSES)}. {_KEPT}"
        )
    return table.assign(income_group=table["value"].map(OWID_CLASSES)).rename(
        columns={"year": "data_year"}
    )[["iso3", "data_year", "income_group"]]


def is_owid(content: bytes) -> bool:
    """Return whether a file is no workbook but begins as the charts of Our World in Data do."""
    return _OWID_START.match(content[:200]) is not None


def read_owid_as_workbook(
    content: bytes, name: str, embedded: pd.DataFrame, edition: str = ""
) -> Workbook:
    """Return Our World in Data's file in the form of the World Bank's: a row per year, also empty.

    Parameters
    ----------
    content, name, edition
        See :func:`read_workbook`.
    embedded : DataFrame
        The embedded income groups, for the names of economies, and since the file must be as whole.

    Raises
    ------
    SourceChangedError
        If the columns or the names of the classes changed, or countries or rows are missing.
    YearError
        If it is of another edition.

    Notes
    -----
    :data:`OWID_ONLY` and Yugoslavia until 1991 are left out, as the embedded table has no row of
    them. So the two differ only where :func:`differences` finds something for other codes.
    """
    key = ["iso3", "data_year"]
    known = embedded.dropna(subset="income_group")[[*key, "income_group"]]
    of_today = known["iso3"].isin(countries.known_codes())  # theirs of former ones are others
    owid.read_whole(content, name, known[of_today], column="income")
    classes = without_former_yugoslavia(read_owid(content, name))
    classes = classes[~classes["iso3"].isin(OWID_ONLY)]
    years = range(int(classes["data_year"].min()), int(classes["data_year"].max()) + 1)
    found = _edition_that_ends(years[-1], edition, name)
    names = dict(zip(embedded["iso3"], embedded["economy"], strict=True))
    names |= {code: countries.name(code) for code in set(classes["iso3"]) - set(names)}
    rows = pd.MultiIndex.from_product([sorted(names), years], names=key).to_frame(index=False)
    table = rows.merge(classes, how="left", on=key).fillna({"income_group": ""})
    table.insert(1, "economy", table["iso3"].map(names))
    return Workbook(found, table)


def fetch_owid(client: Client, server: str = owid.BASE) -> pd.DataFrame:
    """Return Our World in Data's newest file from its server, see :func:`read_owid`."""
    with client.get(owid.address("world-bank-income-groups", server), CSV) as download:
        return read_owid(download.content)


def differences(world_bank: pd.DataFrame, owid_table: pd.DataFrame) -> pd.DataFrame:
    """Return where the two versions do not say the same, as runs of years.

    Parameters
    ----------
    world_bank, owid_table : DataFrame
        ``iso3``, ``data_year`` and ``income_group`` (empty or missing: not classified).

    Returns
    -------
    DataFrame
        ``iso3``, ``world_bank``, ``owid`` (empty where it has no class), ``first_year`` and
        ``last_year``.
    """
    key = ["iso3", "data_year"]
    both = world_bank[[*key, "income_group"]].merge(
        owid_table[[*key, "income_group"]], on=key, how="outer", suffixes=("_wb", "_owid")
    )
    both = both.fillna({"income_group_wb": "", "income_group_owid": ""})
    both = both[both["income_group_wb"] != both["income_group_owid"]].sort_values(key)
    columns = {"income_group_wb": "world_bank", "income_group_owid": "owid"}
    both = both.rename(columns=columns)
    # consecutive years of the same country and classes share one number
    run = (
        both["data_year"] - both.groupby(["iso3", "world_bank", "owid"], dropna=False).cumcount()
    ).rename("run")
    return (
        both.groupby(["iso3", "world_bank", "owid", run])["data_year"]
        .agg(first_year="min", last_year="max")
        .reset_index()
        .drop(columns="run")
    )
