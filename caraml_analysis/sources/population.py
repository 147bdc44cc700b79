"""Population by country and year (World Bank; United Nations for 14 codes)."""

from __future__ import annotations

import pandas as pd

from caraml_analysis.sources import editions


def load_population(edition: str | None = None) -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``population``, 1990-2024.

    Parameters
    ----------
    edition : str, optional
        ``"2026-03"``, the embedded one (default), or one that was fetched with
        ``caraml data refresh population``.

    Raises
    ------
    YearError
        If there is no such edition.

    Notes
    -----
    Card ``reference/population.csv``. France includes its overseas regions, Cyprus the whole
    island; China is without Hong Kong, Macao and Taiwan, Serbia without Kosovo.
    """
    return editions.read_csv("population", "reference/population.csv", edition)
