"""Renewable electricity by income group or region: the share, the amount, and who has access.

The share alone misleads: where there is little power, a single dam makes a high share.
"""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError

_NUMBERS = ["population", "kwh_per_head", "renewable_kwh_per_head"]


def complete_countries(table: pd.DataFrame) -> list[str]:
    """Return the codes of the countries with electricity figures and population in every year.

    Parameters
    ----------
    table : DataFrame
        As in :func:`renewable_electricity`.
    """
    tables.require_columns(table, ["iso3", "year", *_NUMBERS], "electricity")
    years = table.dropna(subset=_NUMBERS).groupby("iso3")["year"].nunique()
    return sorted(years.index[years == table["year"].nunique()])


def renewable_electricity(table: pd.DataFrame, by: str = "income_group") -> pd.DataFrame:
    """Return renewable share and amount per head of each group and year, and access.

    Parameters
    ----------
    table : DataFrame
        One row for each country and year: ``iso3``, ``year``, ``population``, ``kwh_per_head``,
        ``renewable_kwh_per_head`` (kWh a year), ``access_pct`` (percent of people with a
        connection, may be missing) and `by`.
    by : str
        Column with the groups.

    Returns
    -------
    DataFrame
        ``year``, `by`, ``countries``, ``people``, ``renewable_pct`` (of what the group generates,
        0 to 100), ``renewable_kwh_per_head``, ``kwh_per_head`` (kWh a year per person of the
        group), ``access_countries`` and ``access_pct`` (of the people of these countries; missing
        if there is none).

    Notes
    -----
    Two sets of countries, both the same in every year. ``countries``: those with electricity
    figures and population in every year of the table. ``access_countries``: those among them that
    report access in every year, too; they may be fewer, and their people are not all people of the
    group. Countries outside of the sets are left out, so that no change of a sum is one of the set.

    The shares of capacity that :func:`plot_renewables_over_time` draws beside these are not made
    here and have no fixed set: :func:`load_irena_income_groups` sums the areas whose total is known
    in each year (of low income 20 in 2000 and 26 in 2023), and leaves out those without a total.

    Raises
    ------
    TableError
        If a column is missing, or no country has every year.
    """
    tables.require_columns(table, ["iso3", "year", *_NUMBERS, "access_pct", by], "electricity")
    rows = table[table["iso3"].isin(complete_countries(table))]
    if rows.empty:
        raise TableError(
            "electricity: no country has every year of the table, so there is no set to follow. "
            "Choose fewer years."
        )
    people = rows["population"]
    reports = rows.groupby("iso3")["access_pct"].count() == table["year"].nunique()
    reported = rows["iso3"].map(reports)
    rows = rows.assign(
        total=people * rows["kwh_per_head"],
        renewable=people * rows["renewable_kwh_per_head"],
        connected=(people * rows["access_pct"] / 100).where(reported, 0),
        reporting=people.where(reported, 0),
        access_countries=reported.astype(int),
    )
    sums = rows.groupby(["year", by]).agg(
        countries=("iso3", "size"),
        people=("population", "sum"),
        total=("total", "sum"),
        renewable=("renewable", "sum"),
        connected=("connected", "sum"),
        reporting=("reporting", "sum"),
        access_countries=("access_countries", "sum"),
    )
    result = sums[["countries", "people"]].assign(
        renewable_pct=100 * sums["renewable"] / sums["total"].where(sums["total"] > 0),
        renewable_kwh_per_head=sums["renewable"] / sums["people"],
        kwh_per_head=sums["total"] / sums["people"],
        access_countries=sums["access_countries"],
        access_pct=100 * sums["connected"] / sums["reporting"].where(sums["reporting"] > 0),
    )
    return result.reset_index()
