"""Do countries lack compute and clean electricity at once? Having any, and how much, apart.

Most countries host no listed system. A correlation over all of them mostly says who hosts one; a
correlation among hosts says nothing of the others. So both questions are asked, each on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError, UnitError

#: Names of the four classes of :func:`penalty_classes`.
BOTH, ONLY_COMPUTE, ONLY_CLEAN, NEITHER = (
    "listed system and clean electricity",
    "listed system only",
    "clean electricity only",
    "neither",
)
CLASSES = (BOTH, ONLY_COMPUTE, ONLY_CLEAN, NEITHER)


#: Bootstrap samples of an interval: with so many, another seed moves its limits by little.
RESAMPLES = 20_000


class Estimate(NamedTuple):
    """A statistic, its bootstrap interval (95 %), the number of countries, the seed's part.

    ``error`` is the Monte-Carlo standard error of ``low`` and ``high``, the larger of the two: so
    far they would move with another seed.
    """

    value: float
    low: float
    high: float
    countries: int
    error: float = float("nan")


def rank_correlation(
    x: pd.Series | np.ndarray,
    y: pd.Series | np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 2025,
) -> Estimate:
    """Return Spearman's rank correlation with a bootstrap interval over countries.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        Two values of each country; pairs with a missing value are left out.
    resamples : int
        Bootstrap samples; 0 leaves the interval out (missing). They are held at once, 4 bytes for
        each country of each sample.
    seed : int
        Seed of the bootstrap; the same seed gives the same interval.

    Returns
    -------
    Estimate
        Ties share their mean rank. Missing if there are fewer than three pairs, or one side is
        constant.

    Raises
    ------
    UnitError
        If there is not one `y` for each `x`, one of them is no number, or `resamples` or `seed` is
        no whole number or negative.

    Notes
    -----
    The countries are all that there are, not a sample. The interval says how much the correlation
    hangs on single countries, not how likely chance is.
    """
    _check_bootstrap(resamples, seed)
    x, y = _one_each(tables.as_numbers(x, "x"), tables.as_numbers(y, "y"))
    pairs = pd.DataFrame({"x": x, "y": y}).dropna()
    number = len(pairs)
    if number < 3:
        return Estimate(np.nan, np.nan, np.nan, number)
    first, second = pairs["x"].to_numpy(), pairs["y"].to_numpy()
    value = _spearman(first, second, np.ones((number, 1)))[0]
    if resamples == 0 or np.isnan(value):
        return Estimate(float(value), np.nan, np.nan, number)
    return _estimate(value, _spearman(first, second, _draws(number, resamples, seed)), number)


def host_advantage(
    has_system: pd.Series | np.ndarray,
    value: pd.Series | np.ndarray,
    *,
    resamples: int = RESAMPLES,
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

    Raises
    ------
    UnitError
        If there is not one `value` for each `has_system`, a `value` is no number, a `has_system`
        is neither true nor false, or `resamples` or `seed` is no whole number or negative.
    """
    _check_bootstrap(resamples, seed)
    hosts, values = _one_each(_truths(has_system), tables.as_numbers(value, "value"))
    kept = ~np.isnan(values)
    hosts, values = hosts[kept], values[kept]
    number = len(values)
    if not 0 < hosts.sum() < number:
        return Estimate(np.nan, np.nan, np.nan, number)
    once = _advantage(hosts, values, np.ones((number, 1)))[0]
    if resamples == 0:
        return Estimate(float(once), np.nan, np.nan, number)
    return _estimate(once, _advantage(hosts, values, _draws(number, resamples, seed)), number)


def _estimate(value: float, drawn: np.ndarray, number: int) -> Estimate:
    """Return the statistic with the limits between which 95 % of the drawn ones lie."""
    drawn = np.sort(drawn[~np.isnan(drawn)].astype(float))
    if not drawn.size:
        return Estimate(float(value), np.nan, np.nan, number)
    low, high = np.percentile(drawn, [2.5, 97.5])
    # how many of the drawn lie below a limit varies like a binomial number
    step = np.sqrt(0.025 * 0.975 / len(drawn))
    around = np.quantile(
        drawn, np.clip([0.025 - step, 0.025 + step, 0.975 - step, 0.975 + step], 0, 1)
    )
    error = max(around[1] - around[0], around[3] - around[2]) / 2
    return Estimate(float(value), float(low), float(high), number, float(error))


#: So near to no relation a limit counts as being there: what is nearer hangs on a few countries.
_NEAR = 0.01


def interval_side(low: float, high: float, error: float, nothing: float) -> str:
    """Say on which side of no relation an interval lies, if on either.

    Parameters
    ----------
    low, high : float
        Limits of the interval.
    error : float
        Monte-Carlo standard error of the limits; see :class:`Estimate`.
    nothing : float
        Value of no relation: 0 for a rank correlation, 0.5 for :func:`host_advantage`.

    Returns
    -------
    {"above", "below", "near", "around", "unknown"}
        ``near``: a limit lies within 0.01 and two standard errors of `nothing`, so the side is
        left open. ``around``: `nothing` lies well inside. ``unknown``: there is no interval.

    Examples
    --------
    >>> interval_side(0.56, 0.74, 0.001, 0.5)
    'above'
    >>> interval_side(0.499, 0.67, 0.001, 0.5)
    'near'
    """
    if np.isnan([low, high, error]).any():
        return "unknown"
    if min(abs(low - nothing), abs(high - nothing)) <= _NEAR + 2 * error:
        return "near"
    if low > nothing:
        return "above"
    return "below" if high < nothing else "around"


@lru_cache(maxsize=4)
def _draws(number: int, resamples: int, seed: int) -> np.ndarray:
    """Return how often each country (rows) is drawn in each resample; not to be written to."""
    drawn = np.random.default_rng(seed).integers(number, size=(resamples, number))
    drawn *= resamples
    drawn += np.arange(resamples)[:, np.newaxis]
    times = np.bincount(drawn.ravel(), minlength=drawn.size)
    # Exact in single precision for some hundred countries: ranks and products are halves, quarters.
    return times.reshape(number, resamples).astype(np.float32)


def _levels(values: np.ndarray, times: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each different value, lowest first, who has it and how often it occurs."""
    # one value after the other keeps the sums in the processor's cache
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    starts = [0, *(np.flatnonzero(sorted_values[1:] != sorted_values[:-1]) + 1).tolist()]
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        tied = times[order[start]]
        if end - start > 1:
            tied = tied.copy()
            for other in order[start + 1 : end]:
                tied += times[other]
        yield order[start:end], tied


def _ranks(values: np.ndarray, wanted: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the ranks of ``values[wanted]`` if value i occurs ``times[i]`` times; ties share one.

    They are counted from the mean of all ranks. Columns are resamples.
    """
    below = times.sum(axis=0) / -2
    row = np.cumsum(wanted) - 1
    ranks = np.empty((np.count_nonzero(wanted), times.shape[1]), times.dtype)
    for members, tied in _levels(values, times):
        some = members[wanted[members]]
        if some.size:
            ranks[row[some]] = below + tied / 2
        below += tied
    return ranks


def _spread(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the sum of squared ranks about their mean: (n³ - sum of t³) / 12, t values tied."""
    number = times.sum(axis=0)
    spread = number * number * number
    for _, tied in _levels(values, times):
        spread -= tied * tied * tied
    return spread / 12


def _spearman(x: np.ndarray, y: np.ndarray, times: np.ndarray) -> np.ndarray:
    # The ranks of y add up to 0, so those of x may be counted from any rank. From that of the most
    # frequent value most countries, those without a system, add nothing.
    _, level, count = np.unique(x, return_inverse=True, return_counts=True)
    frequent = level == count.argmax()
    wanted = ~frequent
    wanted[frequent.argmax()] = True
    first = _ranks(x, wanted, times)
    first -= first[np.count_nonzero(wanted[: frequent.argmax()])].copy()
    products = np.einsum("ij,ij,ij->j", times[wanted], first, _ranks(y, wanted, times))
    squares = _spread(x, times) * _spread(y, times)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, products / np.sqrt(squares), np.nan)


def _advantage(hosts: np.ndarray, values: np.ndarray, times: np.ndarray) -> np.ndarray:
    # ranks among all less ranks among hosts, which add up to 0: what is left counts the others
    above = np.einsum("ij,ij->j", times[hosts], _ranks(values, hosts, times))
    with_system = times[hosts].sum(axis=0)
    pairs = with_system * (times.sum(axis=0) - with_system)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, 0.5 + above / pairs, np.nan)


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

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a country (in ``iso3``, if there) has two,
        `value` is missing everywhere, nobody lives where it is known, or a number is text or
        infinite, or (other than `value`) missing or negative.
    UnitError
        If `threshold` is no finite number.
    """
    panel = _checked_panel(panel, ["rmax_tflops", "population"], [value])
    known = panel[value].notna()
    if not known.any():
        raise TableError(f"panel of countries: column {value!r} is empty; nothing was compared.")
    if threshold is None:
        rows = panel[known]
        if not rows["population"].sum() > 0:
            raise TableError(
                f"panel of countries: nobody lives where {value!r} is known, so there is no mean "
                "of all people. Look at 'population', or give a threshold."
            )
        threshold = float(np.average(rows[value], weights=rows["population"]))
    elif not (isinstance(threshold, Real) and np.isfinite(threshold)):
        raise UnitError(
            f"threshold is {threshold!r}; it must be a finite number in the unit of {value!r}. "
            "Nothing was compared."
        )
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
        group's people in countries with a class, 0 to 1); every combination has a row, those of
        ``unknown`` only if a country's group is missing or unknown.

    Raises
    ------
    TableError
        If a column is missing, no country has a class, one (in ``iso3``, if there) has two rows, a
        word is no income group or no class, or ``population`` is missing, negative, infinite or
        no number.
    """
    what = "classes"
    tables.require_columns(classified, ["income_group", "penalty", "population"], what)
    classified = _checked_panel(classified, ["population"], [], what)
    rows = classified.dropna(subset="penalty")
    tables.require_rows(rows, ["penalty"], what)
    other = [name for name in rows["penalty"].unique() if name not in CLASSES]
    if other:
        raise TableError(
            f"classes: column 'penalty' holds {other[0]!r}; allowed is one of "
            f"{', '.join(map(repr, CLASSES))}. Use the result of penalty_classes."
        )
    rows = rows.assign(income_group=tables.income_groups(rows, "income_group", what))
    order = tables.shown_groups(rows["income_group"])
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
    resamples: int = RESAMPLES,
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
        ``value``, ``low``, ``high``, ``countries`` and ``error``: the fields of an
        :class:`Estimate`.

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a country (in ``iso3``, if there) has two,
        ``rmax_tflops`` is missing or negative, or a number is text or infinite.
    UnitError
        If `resamples` or `seed` is no whole number or negative.
    """
    panel = _checked_panel(panel, ["rmax_tflops"], [compute, clean])
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


def _checked_panel(
    panel: pd.DataFrame, needed: list[str], partly: list[str], what: str = "panel of countries"
) -> pd.DataFrame:
    """Return `panel` with numbers in its columns: amounts that are `needed`, others `partly`."""
    tables.require_rows(panel, [*needed, *partly], what)
    if "iso3" in panel.columns:
        tables.require_keys(panel, ["iso3"], what)
    panel = tables.with_numbers(panel, needed, what)
    return tables.with_numbers(panel, partly, what, minimum=None, missing=True)


def _check_bootstrap(resamples: int, seed: int) -> None:
    for name, number in (("resamples", resamples), ("seed", seed)):
        if not isinstance(number, Integral) or number < 0:
            raise UnitError(f"{name} is {number!r}; it must be a whole number, 0 or more.")


def _one_each(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two arrays if they are of one length."""
    if first.shape != second.shape or first.ndim != 1:
        raise UnitError(
            f"{first.shape} and {second.shape} values; there must be one of both for each country. "
            "Nothing was compared."
        )
    return first, second


def _truths(values: pd.Series | np.ndarray) -> np.ndarray:
    """Return an array of bool; what is neither true nor false is refused, missing included."""
    cells = np.asarray(values, dtype=object)
    for place, cell in np.ndenumerate(cells):
        if not (isinstance(cell, (Real, np.bool_)) and cell in (0, 1)):
            raise UnitError(
                f"has_system holds {tables.shortly(cell)} in row {tables.row_of(values, place)}; "
                "it must be true or false. Correct the row, or leave it out; nothing was compared."
            )
    return cells.astype(bool)
