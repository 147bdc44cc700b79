"""Top500: measured performance of the listed supercomputers by country, 1993 to 2025."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.sources import editions


def load_top500(edition: str | None = None) -> pd.DataFrame:
    """Return the sums over the 500 listed systems of each country.

    Parameters
    ----------
    edition : str, optional
        List as ``"YYYY-MM"``, for example ``"2024-11"``: one of the 65 embedded lists, or one that
        was fetched with ``caraml data refresh top500``. All embedded lists by default.

    Returns
    -------
    DataFrame
        Columns ``edition``, ``iso3``, ``country``, ``systems``, ``rmax_tflops`` and
        ``rpeak_tflops`` (TFlop/s), ``power_kw`` (kW, of the systems that publish it; missing if
        none does) and ``systems_with_power``; largest ``rmax_tflops`` first. Countries without a
        listed system have no row: they lie below the list's entry level, which is not zero.

    Raises
    ------
    YearError
        If there is no such list.

    Notes
    -----
    Card ``reference/top500.csv``. The list holds LINPACK results that were submitted: clouds and
    clusters that nobody submits are not on it, and China has submitted few since about 2020.
    """
    table = editions.read_csv("top500", "reference/top500.csv", edition, dtype={"edition": str})
    if edition is not None:
        table = table[table["edition"] == edition]
    return tables.TOP500.check(table.reset_index(drop=True))
