"""Top500: measured performance of the listed supercomputers by country, 1993 to 2025."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry, tables
from caraml_analysis.sources import editions


def load_top500(edition: str | None = None) -> pd.DataFrame:
    """Return the sums over the 500 listed systems of each country.

    Parameters
    ----------
    edition : str, optional
        List as ``"YYYY-MM"``, for example ``"2024-11"``: one of the 65 embedded lists, or one that
        was fetched with ``caraml data refresh top500``. By default all embedded lists, and those
        in use (:func:`caraml_analysis.using`).

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
    return tables.TOP500.check(_lists("reference/top500.csv", edition))


def load_top500_entry(edition: str | None = None) -> pd.DataFrame:
    """Return ``edition`` and ``entry_rmax_tflops`` (TFlop/s of the last system) of every list.

    Parameters
    ----------
    edition : str, optional
        One list, as in :func:`load_top500`.

    Raises
    ------
    YearError
        If there is no such list.

    Notes
    -----
    Card ``reference/top500_entry.csv``. What is too small to be listed is below this level, and
    not zero; what nobody submitted may be above it.
    """
    return _lists("reference/top500_entry.csv", edition)


def _lists(file: str, edition: str | None) -> pd.DataFrame:
    """Return the rows of one list, or of all embedded ones and those in use, oldest first."""
    if edition is not None:
        table = editions.read_csv("top500", file, edition, dtype={"edition": str})
        return table[table["edition"] == edition].reset_index(drop=True)
    embedded = registry.read_csv(file, dtype={"edition": str})
    known = set(embedded["edition"])
    others = [one for one in editions.in_use().get("top500", ()) if one not in known]
    if not others:
        return embedded
    parts = [_lists(file, one) for one in dict.fromkeys(others)]
    both = pd.concat([embedded, *parts])
    return both.sort_values("edition", kind="stable", ignore_index=True)
