"""Renewable electricity by income group or region: the share, the amount, and who has access.

The share alone misleads: where there is little power, a single dam makes a high share.
"""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError

#: A part may exceed its whole by so much, of the whole or in its unit: sources round both.
_ROUNDING = 0.01
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
        connection) and `by`. Numbers may be missing, but not negative.
    by : str
        Column with the groups. A missing ``income_group`` counts as ``unknown``; rows without
        another kind of group (a country outside of all regions) are left out. The rows of the
        groups that are there do not depend on them.

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
        If a column is missing, a country has two rows in a year, no country has every year, a word
        is no income group, a number is negative, infinite or text, more electricity is renewable
        than there is, or more than 100 percent of people have access.
    """
    tables.require_columns(table, ["iso3", "year", *_NUMBERS, "access_pct", by], "electricity")
    tables.require_keys(table, ["iso3", "year"], "electricity")
    table = tables.with_numbers(table, [*_NUMBERS, "access_pct"], "electricity", missing=True)
    _refuse_parts_above_the_whole(table)
    if by == "income_group":
        table = table.assign(income_group=tables.income_groups(table, by, "electricity"))
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


def _refuse_parts_above_the_whole(table: pd.DataFrame) -> None:
    """Raise a TableError if a part is larger than its whole by more than rounding."""
    parts = (
        ("renewable_kwh_per_head", table["kwh_per_head"], "there is in 'kwh_per_head'"),
        ("access_pct", pd.Series(100.0, index=table.index), "all people"),
    )
    for name, whole, words in parts:
        more = table[name] > whole * (1 + _ROUNDING) + _ROUNDING
        if more.any():
            place = int(more.to_numpy().argmax())
            row = table.iloc[place]
            raise TableError(
                f"electricity: column {name!r} holds {row[name]:g} for {row['iso3']} in "
                f"{row['year']}, more than {words} ({whole.iloc[place]:g}). "
                "Look at the units of both columns; nothing was computed."
            )
