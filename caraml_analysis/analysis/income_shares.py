"""Shares of entries by income group, with intervals and with bounds that need no assumption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.countries import MERGED_TERRITORIES
from caraml_analysis.errors import TableError

Count = Literal["first", "fractional"]

#: Order of the groups in every table of shares; the last one is not a group but the rest.
GROUP_ORDER = (*tables.INCOME_GROUPS, tables.UNCLASSIFIED, tables.UNKNOWN)


def count_countries(located: pd.DataFrame, count: Count = "first") -> pd.DataFrame:
    """Give the entries of each row to its country, or in equal parts to its countries.

    Parameters
    ----------
    located : DataFrame
        Authorships with the columns of :func:`caraml_analysis.geocode` (``country``,
        ``countries``) and ``entries``.
    count : {"first", "fractional"}
        ``first``: an entry counts once, for the first country of its text (closest to the paper).
        ``fractional``: in equal parts for every country of its text.

    Returns
    -------
    DataFrame
        The columns of `located`; with ``fractional`` one row per country of a row, ``country``
        replaced and ``entries`` divided. The sum of ``entries`` does not change.
    """
    if count not in ("first", "fractional"):
        raise TableError(f"no way to count {count!r}; there are 'first' and 'fractional'.")
    tables.require_columns(located, ["country", "countries", "entries"], "located authorships")
    tables.refuse_failures(located, "located authorships")
    if count == "first":
        return located.copy()
    lists = located["countries"].fillna("").str.split(";")
    parts = located.assign(country=lists, entries=located["entries"] / lists.str.len())
    parts = parts.explode("country", ignore_index=True)
    parts["country"] = parts["country"].replace("", None)
    return parts


def merge_territories(country: pd.Series) -> pd.Series:
    """Count Hong Kong, Macao and Taiwan with China, and Puerto Rico with the United States."""
    return country.replace(MERGED_TERRITORIES)


def drop_headquarters(located: pd.DataFrame) -> pd.DataFrame:
    """Make rows unknown that only a multinational's head office decided."""
    seat_only = located["method"] == "headquarters"
    return located.assign(
        country=located["country"].mask(seat_only), countries=located["countries"].mask(seat_only)
    )


def income_shares(
    entries: pd.DataFrame,
    by: Sequence[str] = ("conference", "year"),
    *,
    resamples: int = 1000,
    seed: int = 2025,
) -> pd.DataFrame:
    """Return the share of entries of each income group, with intervals and bounds.

    Parameters
    ----------
    entries : DataFrame
        Columns `by`, ``income_group`` (``unknown`` where the country is not known), ``entries``
        (weights >= 0) and ``paper`` (the cluster that is resampled); ``carried_forward`` (bool) and
        ``kind`` (of the source) are passed on if there. Left as it is.
    by : sequence of str
        Columns whose combinations are summarised apart.
    resamples : int
        Bootstrap samples; 0 leaves the intervals out (missing).
    seed : int
        Seed of the bootstrap; the same seed gives the same intervals.

    Returns
    -------
    DataFrame
        `by`, ``income_group``, ``entries``, ``share_of_known`` (missing for unknown),
        ``share_of_all``, ``known_low`` and ``known_high`` (95 % interval of ``share_of_known``),
        ``bound_low`` and ``bound_high`` (the share of all entries if none, or all, of the unknown
        were of this group) and ``carried_forward``. Every group has a row, with 0 entries, too.
        ``kind`` if `entries` has it; several kinds of one block are joined by ``;``.

    Notes
    -----
    The entries of a conference-year are all that were listed, not a sample. The interval answers
    another question: how much the share would move if the conference had accepted other papers of
    the same kind. Authors of one paper tend to share a country, so papers are resampled whole
    (cluster bootstrap, percentile interval; Cameron, Gelbach, Miller 2008). It does not contain
    geocoding errors; `bound_low` and `bound_high` contain any fate of the unknowns.
    """
    by = list(by)
    tables.require_columns(entries, [*by, "income_group", "entries", "paper"], "entries")
    tables.refuse_failures(entries, "entries")
    wrong = set(entries["income_group"]) - set(GROUP_ORDER)
    if wrong or (entries["entries"] < 0).any():
        raise TableError(
            f"entries: income_group {sorted(wrong)} is not allowed"
            if wrong
            else "entries: a negative number of entries. Correct the row; nothing was computed."
        )
    # one row of counts by group for each paper: the unit of the bootstrap
    counts = entries.pivot_table(
        index=[*by, "paper"], columns="income_group", values="entries", aggfunc="sum", fill_value=0
    ).reindex(columns=list(GROUP_ORDER), fill_value=0)
    carried = (
        entries.groupby(by)["carried_forward"].any()
        if "carried_forward" in entries.columns
        else None
    )
    kinds = (
        entries.groupby(by)["kind"].agg(lambda kind: ";".join(sorted(kind.unique())))
        if "kind" in entries.columns
        else None
    )
    parts = []
    for key, papers in counts.groupby(level=by, sort=True):
        part = _shares_of_one(papers.to_numpy(dtype=float), resamples, seed)
        key = key if isinstance(key, tuple) else (key,)
        for position, (name, value) in enumerate(zip(by, key, strict=True)):
            part.insert(position, name, value)
        where = key if len(by) > 1 else key[0]
        part["carried_forward"] = bool(carried.loc[where]) if carried is not None else False
        if kinds is not None:
            part["kind"] = kinds.loc[where]
        parts.append(part)
    if not parts:
        raise TableError("entries: the table is empty, so there is no share to compute.")
    return pd.concat(parts, ignore_index=True)


def _shares_of_one(papers: np.ndarray, resamples: int, seed: int) -> pd.DataFrame:
    """Return the share table of one block, given counts of shape (papers, groups)."""
    total = papers.sum(axis=0)
    known, unknown = total[:-1].sum(), total[-1]
    everything = known + unknown
    low, high = _bootstrap_interval(papers, resamples, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "income_group": GROUP_ORDER,
                "entries": total,
                "share_of_known": np.append(total[:-1] / known, np.nan),
                "share_of_all": total / everything,
                "known_low": np.append(low, np.nan),
                "known_high": np.append(high, np.nan),
                "bound_low": np.append(total[:-1] / everything, np.nan),
                "bound_high": np.append((total[:-1] + unknown) / everything, np.nan),
            }
        )


def _bootstrap_interval(
    papers: np.ndarray, resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 2.5 and 97.5 percentiles of the known shares over resampled papers."""
    groups = papers.shape[1] - 1
    if resamples == 0 or not papers[:, :-1].any():
        return np.full(groups, np.nan), np.full(groups, np.nan)
    number = len(papers)
    # how often each paper is drawn; a sum over drawn papers is then a matrix product
    drawn = np.random.default_rng(seed).multinomial(
        number, np.full(number, 1 / number), size=resamples
    )
    sums = drawn @ papers[:, :-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sums / sums.sum(axis=1, keepdims=True)
    low, high = np.nanpercentile(shares, [2.5, 97.5], axis=0)
    return low, high


def appendix_table(shares: pd.DataFrame, papers: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's Appendix A for every conference-year: one row each.

    Parameters
    ----------
    shares : DataFrame
        Result of :func:`income_shares` by conference and year.
    papers : DataFrame
        Columns ``conference``, ``year``, ``papers``.

    Returns
    -------
    DataFrame
        ``conference``, ``year``, ``entries``, ``papers``, one column of entries per income group,
        ``unclassified``, ``unknown``, and ``unknown_pct`` (percent of all entries).
    """
    wide = shares.pivot_table(
        index=["conference", "year"], columns="income_group", values="entries", aggfunc="sum"
    )[list(GROUP_ORDER)]
    wide = wide.assign(entries=wide.sum(axis=1)).reset_index()
    wide = wide.merge(papers, on=["conference", "year"], validate="1:1")
    wide["unknown_pct"] = (100 * wide["unknown"] / wide["entries"]).round(2)
    columns = ["conference", "year", "entries", "papers", *GROUP_ORDER, "unknown_pct"]
    return wide[columns].rename_axis(columns=None)
