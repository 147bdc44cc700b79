"""Carbon intensity of national electricity grids, yearly averages (Ember)."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.errors import YearError
from caraml_analysis.sources import editions


def load_grid_intensity(edition: str | None = None) -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``g_co2e_per_kwh`` (life cycle), 1990-2025.

    Parameters
    ----------
    edition : str, optional
        ``"2026-04"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh grid_intensity``.

    Raises
    ------
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/grid_intensity.csv``, edition 2026-04. Editions revise history, so name the
    edition beside a result; a yearly national average stands for no single hour or site.
    """
    return editions.read_csv("grid_intensity", "reference/grid_intensity.csv", edition)


def grid_intensity(country: str, year: int, edition: str | None = None) -> float:
    """Return the carbon intensity of one grid and year in g CO2e per kWh.

    Raises
    ------
    CountryError
        If no table knows the code.
    YearError
        If the table has no value for this country and year; names the years it has.
    """
    code = countries.to_alpha3(country)
    table = load_grid_intensity(edition)
    rows = table[table["iso3"] == code].set_index("year")["g_co2e_per_kwh"]
    if year not in rows.index:
        span = f"{rows.index.min()} to {rows.index.max()}" if len(rows) else "no year"
        raise YearError(f"no grid intensity of {countries.name(code)} in {year}; there is {span}.")
    return float(rows[year])
