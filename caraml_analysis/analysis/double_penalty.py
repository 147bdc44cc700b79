"""Do countries lack compute and clean electricity at once? Having any, and how much, apart.

Most countries host no listed system. A correlation over all of them mostly says who hosts one; a
correlation among hosts says nothing of the others. So both questions are asked, each on its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError

#: Names of the four classes of :func:`penalty_classes`.
BOTH, ONLY_COMPUTE, ONLY_CLEAN, NEITHER = (
    "listed system and clean electricity",
    "listed system only",
    "clean electricity only",
    "neither",
)
CLASSES = (BOTH, ONLY_COMPUTE, ONLY_CLEAN, NEITHER)


class Estimate(NamedTuple):
    """A statistic with its bootstrap interval (95 %) and the number of countries behind it."""

    value: float
    low: float
    high: float
    countries: int


def rank_correlation(
    x: pd.Series | np.ndarray,
    y: pd.Series | np.ndarray,
    *,
    resamples: int = 1000,
    seed: int = 2025,
) -> Estimate:
    """Return Spearman's rank correlation with a bootstrap interval over countries.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        Two values of each country; pairs with a missing value are left out.
    resamples : int
        Bootstrap samples; 0 leaves the interval out (missing).
    seed : int
        Seed of the bootstrap; the same seed gives the same interval.

    Returns
    -------
    Estimate
        Ties share their mean rank. Missing if there are fewer than three pairs, or one side is
        constant.

    Notes
    -----
    The countries are all that there are, not a sample. The interval says how much the correlation
    hangs on single countries, not how likely chance is.
    """
    pairs = pd.DataFrame({"x": np.asarray(x, float), "y": np.asarray(y, float)}).dropna()
    number = len(pairs)
    if number < 3:
        return Estimate(np.nan, np.nan, np.nan, number)
    first, second = pairs["x"].to_numpy(), pairs["y"].to_numpy()
    value = _spearman(first, second, np.ones((1, number)))[0]
    if resamples == 0 or np.isnan(value):
        return Estimate(float(value), np.nan, np.nan, number)
    drawn = _spearman(first, second, _draws(number, resamples, seed))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high), number)


def host_advantage(
    has_system: pd.Series | np.ndarray,
    value: pd.Series | np.ndarray,
    *,
    resamples: int = 1000,
    seed: int = 2025,
) -> Estimate:
    """Return how often a country with a listed system has more of `value` than one without.

    Parameters
    ----------
    has_system : array of bool, shape (n,)
        Whether the country hosts a listed system.
    value : array of float, shape (n,)
        For example clean electricity per head; countries without a value are left out.
    resamples, seed : int
        As in :func:`rank_correlation`.

    Returns
    -------
    Estimate
        Probability over all pairs of one host and one other country, ties as one half (the
        statistic of Mann and Whitney): 0.5 if hosting and `value` have nothing to do with each
        other, 1 if every host has more than every other country. Missing without a pair.
    """
    values = np.asarray(value, float)
    kept = ~np.isnan(values)
    hosts, values = np.asarray(has_system, bool)[kept], values[kept]
    number = len(values)
    if not 0 < hosts.sum() < number:
        return Estimate(np.nan, np.nan, np.nan, number)
    once = _advantage(hosts, values, np.ones((1, number)))[0]
    if resamples == 0:
        return Estimate(float(once), np.nan, np.nan, number)
    drawn = _advantage(hosts, values, _draws(number, resamples, seed))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(float(once), float(low), float(high), number)


@lru_cache(maxsize=8)
def _draws(number: int, resamples: int, seed: int) -> np.ndarray:
    """Return how often each country is drawn in each resample; not to be written to."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(number, np.full(number, 1 / number), size=resamples).astype(float)


def _middle_ranks(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return mean ranks (from 0 to n) if value i occurs ``times[:, i]`` times."""
    _, place = np.unique(values, return_inverse=True)
    # columns sorted by value, ties added up
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    sums = np.add.reduceat(times[:, order], starts, axis=1)
    return (np.cumsum(sums, axis=1) - sums / 2)[:, place]


def _spearman(x: np.ndarray, y: np.ndarray, times: np.ndarray) -> np.ndarray:
    number = times.sum(axis=1, keepdims=True)
    first, second = (_middle_ranks(values, times) - number / 2 for values in (x, y))
    product = (times * first * second).sum(axis=1)
    squares = (times * first**2).sum(axis=1) * (times * second**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, product / np.sqrt(squares), np.nan)


def _advantage(hosts: np.ndarray, values: np.ndarray, times: np.ndarray) -> np.ndarray:
    ranks = _middle_ranks(values, times)
    with_system = times[:, hosts].sum(axis=1)
    without = times[:, ~hosts].sum(axis=1)
    won = (times[:, hosts] * ranks[:, hosts]).sum(axis=1) - with_system**2 / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((with_system > 0) & (without > 0), won / (with_system * without), np.nan)


def penalty_classes(
    panel: pd.DataFrame, value: str = "renewable_kwh_per_head", threshold: float | None = None
) -> pd.DataFrame:
    """Say of each country whether it has a listed system, clean electricity, both or neither.

    Parameters
    ----------
    panel : DataFrame
        One row for each country: ``rmax_tflops`` (0 where nothing is listed), ``population`` and
        `value`.
    value : str
        Column with clean electricity per head or its share.
    threshold : float, optional
        From here on a country counts as having clean electricity; by default the mean of all
        people (weighted by population).

    Returns
    -------
    DataFrame
        The columns of `panel` with ``penalty`` (one of ``CLASSES``, missing where `value` is) and
        ``threshold``.
    """
    tables.require_columns(panel, ["rmax_tflops", "population", value], "panel of countries")
    known = panel[value].notna()
    if not known.any():
        raise TableError(f"panel of countries: column {value!r} is empty; nothing was compared.")
    if threshold is None:
        rows = panel[known]
        threshold = float(np.average(rows[value], weights=rows["population"]))
    host, clean = panel["rmax_tflops"] > 0, panel[value] >= threshold
    names = np.select(
        [host & clean, host & ~clean, ~host & clean], [BOTH, ONLY_COMPUTE, ONLY_CLEAN], NEITHER
    )
    penalty = pd.Series(names, index=panel.index, dtype=object).where(known)
    return panel.assign(penalty=penalty, threshold=threshold)


def penalty_by_income_group(classified: pd.DataFrame) -> pd.DataFrame:
    """Return countries and people of each class and income group.

    Parameters
    ----------
    classified : DataFrame
        Result of :func:`penalty_classes` with ``income_group``. Countries without a class are
        left out.

    Returns
    -------
    DataFrame
        ``income_group``, ``penalty``, ``countries``, ``people`` and ``share_of_people`` (of the
        group's people in countries with a class, 0 to 1); every combination has a row.
    """
    tables.require_columns(classified, ["income_group", "penalty", "population"], "classes")
    rows = classified.dropna(subset="penalty")
    order = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    index = pd.MultiIndex.from_product([order, CLASSES], names=["income_group", "penalty"])
    groups = rows.groupby(["income_group", "penalty"])["population"]
    sums = groups.agg(countries="size", people="sum").reindex(index, fill_value=0)
    people = sums.groupby(level="income_group")["people"].transform("sum")
    sums["share_of_people"] = sums["people"] / people.where(people > 0)
    return sums.reset_index()


def measure_penalty(
    panel: pd.DataFrame,
    compute: str,
    clean: str,
    *,
    resamples: int = 1000,
    seed: int = 2025,
) -> pd.DataFrame:
    """Return how compute and clean electricity go together: having any, how much, everywhere.

    Parameters
    ----------
    panel : DataFrame
        One row for each country: ``rmax_tflops`` (0 where nothing is listed) and the columns
        `compute` and `clean`.
    compute : str
        Column with the amount of compute, for example ``gflops_per_head``.
    clean : str
        Column with clean electricity, for example ``renewable_kwh_per_head``.
    resamples, seed : int
        As in :func:`rank_correlation`.

    Returns
    -------
    DataFrame
        ``question`` (``any``: :func:`host_advantage`; ``amount``: rank correlation among hosts;
        ``all``: rank correlation over all countries, those without a system tied at the bottom),
        ``value``, ``low``, ``high``, ``countries``.
    """
    tables.require_columns(panel, ["rmax_tflops", compute, clean], "panel of countries")
    host = panel["rmax_tflops"] > 0
    options = {"resamples": resamples, "seed": seed}
    answers = {
        "any": host_advantage(host, panel[clean], **options),
        "amount": rank_correlation(panel.loc[host, compute], panel.loc[host, clean], **options),
        "all": rank_correlation(panel[compute], panel[clean], **options),
    }
    return pd.DataFrame(
        [{"question": question} | answer._asdict() for question, answer in answers.items()]
    )
