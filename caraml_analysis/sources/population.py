"""Population by country and year (World Bank; United Nations for 14 codes)."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry


def load_population() -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``population``, 1990-2024.

    Notes
    -----
    Card ``reference/population.csv``. France includes its overseas regions, Cyprus the whole
    island; China is without Hong Kong, Macao and Taiwan, Serbia without Kosovo.
    """
    return registry.read_csv("reference/population.csv")
