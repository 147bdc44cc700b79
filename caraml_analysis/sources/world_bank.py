"""World Bank income groups: the class of an economy, by data year or as it was in force."""

from __future__ import annotations

import datetime
from typing import Any, Literal, NamedTuple, overload

import pandas as pd

from caraml_analysis import countries, registry, tables
from caraml_analysis.errors import YearError
from caraml_analysis.sources import editions

YearRule = Literal["data_year", "in_force"]

#: Newest data year of each embedded edition. FY25 is the edition that the paper used.
EDITIONS = {"FY25": 2023, "FY26": 2024}
# embedded as the newest one without its last data year
_SHORTER = frozenset(("FY25",))
FIRST_DATA_YEAR = 1987
#: A class may stand in for a missing one for so many years; beyond that a newer edition is needed.
CARRY_YEARS = 5

# Territories without a row of their own that the World Bank counts with another economy.
_COUNTED_WITH = {
    "GLP": "FRA",
    "GUF": "FRA",
    "MTQ": "FRA",
    "MYT": "FRA",
    "REU": "FRA",
    "GGY": "CHI",
    "JEY": "CHI",
}


class IncomeClass(NamedTuple):
    """Class of one economy, and the year whose income it rests on."""

    income_group: str
    data_year: int
    carried_forward: bool


def load_income_groups(edition: str | None = None) -> pd.DataFrame:
    """Return the income group of every economy and data year.

    Parameters
    ----------
    edition : str, optional
        Fiscal year of the World Bank table: ``"FY26"`` (default) or ``"FY25"``, which are embedded,
        or one that was fetched with ``caraml data refresh income_groups``. FY25 ends with data
        year 2023, FY26 with 2024; the years that both have are the same (checked when the file is
        built).

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``economy``, ``data_year`` and ``income_group`` (missing where the World
        Bank does not classify).

    Raises
    ------
    YearError
        If the edition is not known.

    Notes
    -----
    Card ``reference/income_groups.csv``.
    """
    edition = edition or editions.default("income_groups")
    table = editions.read_csv("income_groups", "reference/income_groups.csv", edition)
    if edition in _SHORTER:  # the same table without its newest data years
        table = table[table["data_year"] <= EDITIONS[edition]]
    return table.reset_index(drop=True)


class _Classes(NamedTuple):
    """The classes of one edition by country and data year, and its newest data year."""

    groups: dict[tuple[str, int], str]
    newest: int


def _classes(edition: str) -> _Classes:
    return _classes_of(edition, editions.stamp("income_groups", edition))


@registry.remembered
def _classes_of(edition: str, stamp: int) -> _Classes:
    """Return the classes of an edition; `stamp` changes when it is fetched anew."""
    table = load_income_groups(edition).dropna(subset="income_group")
    years = table["data_year"].astype(int)
    keys = zip(table["iso3"], years, strict=True)
    return _Classes(dict(zip(keys, table["income_group"], strict=True)), int(years.max()))


def _wanted_data_year(year: int | str | datetime.date, rule: YearRule) -> int:
    """Return the data year that `rule` asks for."""
    if rule not in ("data_year", "in_force"):
        raise YearError(f"no income-year rule {rule!r}; there are 'data_year' and 'in_force'.")
    if isinstance(year, str):
        year = datetime.date.fromisoformat(year)
    if isinstance(year, datetime.date):
        first_half, number = year.month < 7, year.year
    else:
        # a bare year means its end: the class published in July of that year
        first_half, number = False, int(year)
    if rule == "data_year":
        return number
    return number - (2 if first_half else 1)


def income_class(
    country: str,
    year: int | str | datetime.date,
    rule: YearRule = "data_year",
    edition: str | None = None,
) -> IncomeClass:
    """Return the income group of one economy with the data year it rests on.

    Parameters
    ----------
    country : str
        Alpha-3 or alpha-2 code.
    year : int, str or date
        Year, or (for ``in_force``) the day as a date or ``"YYYY-MM-DD"``. A bare year stands for
        its last day.
    rule : {"data_year", "in_force"}
        ``data_year``: the class computed from the income of `year`, Our World in Data's column.
        ``in_force``: the class that was published at the time, from the income of the year before
        (from July on) or two years before (until June).
    edition : str, optional
        World Bank table: ``"FY26"`` (default), ``"FY25"``, or one that was fetched.

    Returns
    -------
    IncomeClass
        ``income_group`` (``"unclassified"`` where the World Bank has none), ``data_year``, and
        ``carried_forward``: the wanted year is not published in this edition, the newest stands in.

    Raises
    ------
    CountryError
        If no table knows the code.
    YearError
        If the year lies before 1987, or more than five years after the newest class.
    """
    code = countries.to_alpha3(country)
    edition = edition or editions.default("income_groups")
    classes = _classes(edition)
    newest = classes.newest
    wanted = _wanted_data_year(year, rule)
    if not FIRST_DATA_YEAR <= wanted <= newest + CARRY_YEARS:
        raise YearError(
            f"no income groups for data year {wanted}: edition {edition} has "
            f"{FIRST_DATA_YEAR} to {newest}, and its last class is carried forward at most "
            f"{CARRY_YEARS} years."
        )
    data_year = min(wanted, newest)
    group = classes.groups.get((code, data_year)) or classes.groups.get(
        (_COUNTED_WITH.get(code, ""), data_year)
    )
    return IncomeClass(group or tables.UNCLASSIFIED, data_year, wanted > newest)


def income_classes(
    country: pd.Series,
    year: pd.Series | int,
    rule: YearRule = "data_year",
    edition: str | None = None,
) -> pd.DataFrame:
    """Return income group, data year and ``carried_forward`` for a column of countries.

    Parameters
    ----------
    country : Series of str
        Alpha-3 codes. Missing ones become ``"unknown"``.
    year : Series or int
        Year or date for each row, or one for all.
    rule, edition : str
        As in :func:`income_class`.

    Returns
    -------
    DataFrame
        Same index as `country`; columns ``income_group``, ``data_year`` (missing if unknown) and
        ``carried_forward``.
    """
    years = year if isinstance(year, pd.Series) else pd.Series(year, index=country.index)
    known: dict[Any, tuple[str, int | None, bool]] = {}
    rows = []
    for key in zip(country.tolist(), years.tolist(), strict=True):
        if key not in known:
            missing = pd.isna(key[0])
            known[key] = (
                (tables.UNKNOWN, None, False)
                if missing
                else income_class(*key, rule=rule, edition=edition)
            )
        rows.append(known[key])
    return pd.DataFrame(
        rows, index=country.index, columns=["income_group", "data_year", "carried_forward"]
    ).astype({"data_year": "Int64", "carried_forward": bool})


@overload
def income_group(
    country: str, year: int | str | datetime.date, rule: YearRule = ..., edition: str | None = ...
) -> str: ...
@overload
def income_group(
    country: pd.Series, year: pd.Series | int, rule: YearRule = ..., edition: str | None = ...
) -> pd.Series: ...
def income_group(country, year, rule="data_year", edition=None):
    """Return the World Bank income group: a word for a code, a Series for a Series.

    Parameters
    ----------
    country : str or Series of str
        Country codes; missing ones in a Series become ``"unknown"``.
    year : int, date or Series
        Year of each row, or one for all; see :func:`income_class` for dates.
    rule : {"data_year", "in_force"}
        Which class counts for a year; see :func:`income_class`.
    edition : str, optional
        World Bank table: ``"FY26"`` (default), ``"FY25"``, or one that was fetched.

    Returns
    -------
    str or Series of str
        ``high``, ``upper_middle``, ``lower_middle``, ``low``, ``unclassified`` or ``unknown``.

    See Also
    --------
    income_class : the same for one economy, with data year and ``carried_forward``.
    income_classes : the same for a column.

    Examples
    --------
    >>> income_group("IDN", 2021)
    'lower_middle'
    >>> income_group("IDN", 2021, rule="in_force")
    'lower_middle'
    """
    if isinstance(country, pd.Series):
        return income_classes(country, year, rule=rule, edition=edition)["income_group"]
    return income_class(country, year, rule=rule, edition=edition).income_group
