"""IRENA: renewable share of power capacity and generation by region, country, income group."""

from __future__ import annotations

import pandas as pd

from caraml_analysis.errors import TableError
from caraml_analysis.sources import editions

MEASURES = ("capacity", "generation")


def load_renewable_shares(measure: str = "capacity", edition: str | None = None) -> pd.DataFrame:
    """Return renewable and non-renewable shares of each IRENA region, largest renewable first.

    Parameters
    ----------
    measure : {"capacity", "generation"}
        Installed capacity (2023, MW) or electricity generated (2022, GWh): the newest year of each
        in "Renewable energy statistics 2024".
    edition : str, optional
        ``"2024 H2"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh irena``.

    Returns
    -------
    DataFrame
        Columns ``region``, ``level`` (region or world), ``measure``, ``year``, ``unit``,
        ``renewable``, ``renewable_pct`` and ``non_renewable_pct`` (percent, sum 100).

    Raises
    ------
    TableError
        If the measure is not one of the two.
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/irena_regions.csv``. Pumped storage and nuclear count as non-renewable; the
    regions are IRENA's own (Mexico in North America, Türkiye in Eurasia).
    """
    table = _of_measure("reference/irena_regions.csv", measure, edition).assign(
        non_renewable_pct=lambda rows: (100 - rows["renewable_pct"]).round(2)
    )
    return table.sort_values(["renewable_pct", "region"], ascending=[False, True]).reset_index(
        drop=True
    )


def load_irena_regions(measure: str = "capacity", edition: str | None = None) -> pd.DataFrame:
    """Return the renewable share of each IRENA region and the world by year.

    Parameters
    ----------
    measure : {"capacity", "generation"}
        Installed capacity (MW, 2000-2023) or electricity generated (GWh, 2000-2022).
    edition : str, optional
        ``"2024 H2"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh irena``.

    Returns
    -------
    DataFrame
        Columns ``region``, ``level`` (region or world), ``measure``, ``year``, ``unit``,
        ``renewable`` and ``renewable_pct``.

    Raises
    ------
    TableError
        If the measure is not one of the two.
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/irena_region_years.csv``.
    """
    return _of_measure("reference/irena_region_years.csv", measure, edition)


def load_irena_countries(measure: str = "capacity", edition: str | None = None) -> pd.DataFrame:
    """Return the renewable amount and share of each country in the newest year.

    Parameters
    ----------
    measure : {"capacity", "generation"}
        Installed capacity (2023, MW) or electricity generated (2022, GWh).
    edition : str, optional
        ``"2024 H2"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh irena``.

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``area``, ``measure``, ``year``, ``unit``, ``renewable``,
        ``renewable_pct`` and ``total``, which is computed from the two before and missing where the
        share is 0 or missing. Countries without any value have no row.

    Raises
    ------
    TableError
        If the measure is not one of the two.
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/irena_countries.csv``. Pumped storage and nuclear count as non-renewable.
    """
    return _of_measure("reference/irena_countries.csv", measure, edition)


def load_irena_income_groups(
    measure: str = "capacity",
    class_basis: str = "class_of_year",
    edition: str | None = None,
) -> pd.DataFrame:
    """Return renewable sums and shares of each World Bank income group by year.

    Parameters
    ----------
    measure : {"capacity", "generation"}
        Installed capacity (MW, 2000-2023) or electricity generated (GWh, 2000-2022).
    class_basis : {"class_of_year", "class_of_2023"}
        Each country in its class of that year, or in its class of 2023 throughout, so that a
        reclassification is not mistaken for a change of its power plants.
    edition : str, optional
        ``"2024 H2"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh irena``.

    Returns
    -------
    DataFrame
        Columns ``class_basis``, ``measure``, ``year``, ``unit``, ``income_group``, ``renewable``,
        ``total``, ``areas`` (countries in the sums), ``areas_left_out`` (their total is not known:
        mostly such with a share of 0, so the share of a group is slightly too high) and
        ``renewable_pct``.

    Raises
    ------
    TableError
        If there is no such measure or class basis.
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/irena_income_groups.csv``; income groups of edition FY26.
    """
    table = _of_measure("reference/irena_income_groups.csv", measure, edition)
    known = sorted(table["class_basis"].unique())
    if class_basis not in known:
        raise TableError(f"no class basis {class_basis!r}; there are {' and '.join(known)}.")
    return table[table["class_basis"] == class_basis].reset_index(drop=True)


def _of_measure(file: str, measure: str, edition: str | None) -> pd.DataFrame:
    if measure not in MEASURES:
        raise TableError(f"no measure {measure!r}; there are {' and '.join(MEASURES)}.")
    table = editions.read_csv("irena", file, edition)
    return table[table["measure"] == measure].reset_index(drop=True)
