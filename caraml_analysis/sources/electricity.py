"""Access to electricity, and electricity generated per head, by country and year."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry
from caraml_analysis.sources import editions


def load_electricity_access(edition: str | None = None) -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``access_pct`` (percent of the population), 1990-2023.

    Parameters
    ----------
    edition : str, optional
        ``"2026-02"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh electricity_access``.

    Raises
    ------
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/electricity_access.csv``. Access is a household connection of any quality. The
    countries with a value grow from 98 (1990) to 215 (2009 on), so means over the early years mix
    different sets; a missing country (Taiwan, small territories) is neither 0 nor 100.
    """
    return editions.read_csv("electricity_access", "reference/electricity_access.csv", edition)


def load_electricity_per_head() -> pd.DataFrame:
    """Return ``iso3``, ``year``, ``kwh_per_head`` and ``renewable_kwh_per_head``, 1990-2025.

    Notes
    -----
    Card ``reference/electricity_per_head.csv``. Generation inside the country: no imports, exports
    or losses. The divisor is the UN population, not that of ``load_population``; 2024 and 2025 have
    fewer countries. Pumped storage and nuclear are not renewable. Liechtenstein has no row.
    """
    return registry.read_csv("reference/electricity_per_head.csv")
