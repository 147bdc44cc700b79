"""Authorship beside compute: who writes the papers, and who hosts the listed machines."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables


def authorship_beside_compute(
    entries: pd.DataFrame, top500: pd.DataFrame, by: str = "income_group"
) -> pd.DataFrame:
    """Return the share of entries and the share of Rmax of each group or country and year.

    Parameters
    ----------
    entries : DataFrame
        Located authorships: ``year``, ``entries`` and `by`. Rows whose `by` is missing or
        ``unknown`` are left out of the shares; see ``unknown_share``.
    top500 : DataFrame
        Lists by country: ``edition`` (YYYY-MM), ``rmax_tflops`` and `by`. Where `by` is missing or
        ``unknown``, the machines count as ``unknown``, a row of its own, so that the shares are of
        the whole list.
    by : str
        Column that both tables have: ``income_group`` or ``iso3``.

    Returns
    -------
    DataFrame
        One row for each year that both tables have and each value of `by` that occurs in one of
        them in any year: ``entries``, ``entries_share`` (of entries with a known country),
        ``rmax_share`` (mean over the lists of the year, of which each counts the same) and
        ``unknown_share`` (of all entries of the year, the same in all its rows). All shares 0 to 1.

    Raises
    ------
    TableError
        If a column is missing, a table has no rows, a geocoder failed on a row, a word in
        ``income_group`` is no income group, an edition is not of the form YYYY-MM, or an amount or
        a year is missing, negative, infinite or no number.

    Notes
    -----
    A list ranks machines of all sciences. Neither share is a cause of the other.
    """
    tables.require_rows(entries, ["year", "entries", by], "entries")
    tables.require_rows(top500, ["edition", "rmax_tflops", by], "top500")
    tables.refuse_failures(entries, "entries")
    tables.require_editions(top500, "top500")
    entries = tables.with_numbers(entries, ["year", "entries"], "entries")
    top500 = tables.with_numbers(top500, ["rmax_tflops"], "top500")
    entries, top500 = (
        table.assign(**{by: _known_or_unknown(table, by, what)})
        for table, what in ((entries, "entries"), (top500, "top500"))
    )
    known = entries[entries[by] != tables.UNKNOWN]
    counts = known.groupby(["year", by])["entries"].sum().unstack(by, fill_value=0)
    everything = entries.groupby("year")["entries"].sum()
    lists = top500.groupby(["edition", by])["rmax_tflops"].sum().unstack(by, fill_value=0)
    shares = lists.div(lists.sum(axis=1), axis=0)
    shares = shares.groupby(shares.index.str[:4].astype(int)).mean()
    years = counts.index.intersection(shares.index)
    names = counts.columns.union(shares.columns)
    counts, shares = (
        table.reindex(index=years, columns=names, fill_value=0.0) for table in (counts, shares)
    )
    total = counts.sum(axis=1)
    long = pd.DataFrame(
        {
            "entries": counts.stack(),
            "entries_share": counts.div(total, axis=0).stack(),
            "rmax_share": shares.stack(),
        }
    )
    long.index.names = ["year", by]
    # a sum of parts may miss the whole in the last digit
    unknown = (1 - total / everything.reindex(years)).clip(lower=0).rename("unknown_share")
    return long.reset_index().merge(unknown.rename_axis("year").reset_index(), on="year")


def _known_or_unknown(table: pd.DataFrame, by: str, what: str) -> pd.Series:
    if by == "income_group":
        return tables.income_groups(table, by, what)
    return table[by].astype(object).where(table[by].notna(), tables.UNKNOWN)
