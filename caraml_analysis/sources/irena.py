"""IRENA: renewable share of power capacity and generation by region."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry
from caraml_analysis.errors import TableError

MEASURES = ("capacity", "generation")


def load_renewable_shares(measure: str = "capacity") -> pd.DataFrame:
    """Return renewable and non-renewable shares of each IRENA region, largest renewable first.

    Parameters
    ----------
    measure : {"capacity", "generation"}
        Installed capacity (2023, MW) or electricity generated (2022, GWh): the newest year of each
        in "Renewable energy statistics 2024".

    Returns
    -------
    DataFrame
        Columns ``region``, ``level`` (region or world), ``measure``, ``year``, ``unit``,
        ``renewable``, ``renewable_pct`` and ``non_renewable_pct`` (percent, sum 100).

    Raises
    ------
    TableError
        If the measure is not one of the two.

    Notes
    -----
    Card ``reference/irena_regions.csv``. Pumped storage and nuclear count as non-renewable; the
    regions are IRENA's own (Mexico in North America, Türkiye in Eurasia).
    """
    if measure not in MEASURES:
        raise TableError(f"no measure {measure!r}; there are {' and '.join(MEASURES)}.")
    table = registry.read_csv("reference/irena_regions.csv")
    table = table[table["measure"] == measure].assign(
        non_renewable_pct=lambda rows: (100 - rows["renewable_pct"]).round(2)
    )
    return table.sort_values(["renewable_pct", "region"], ascending=[False, True]).reset_index(
        drop=True
    )
