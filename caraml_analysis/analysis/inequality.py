"""How unequal the listed compute is: Lorenz curves, Gini coefficients, and who has none.

A country without a listed system has none at the entry level of the list, which is not the same
as none at all. So everything that counts such countries is given under two assumptions of what they
have. Neither counts the unlisted machines of hosts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError, UnitError

#: Steps of the search for the lowest Gini coefficient; the result moves by less than 1e-4 beyond.
_LEVELS = 120


def lorenz_curve(
    values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray | None = None
) -> pd.DataFrame:
    """Return the Lorenz curve of values that belong to groups of people.

    Parameters
    ----------
    values : array of float, shape (n,)
        Amount of each holder, >= 0, in any unit. Their sum must not be 0.
    weights : array of float, shape (n,), optional
        People (or another weight > 0) who share the amount; 1 each by default. Holders are sorted
        by amount per weight.

    Returns
    -------
    DataFrame
        ``holders`` and ``amount``: cumulative shares from 0 to 1, poorest first; n + 1 rows.

    Raises
    ------
    UnitError
        If a value is negative or missing, a weight is not positive, or the sum is 0.
    """
    amount, weight = _checked(values, weights)
    order = np.argsort(amount / weight, kind="stable")
    return pd.DataFrame(
        {
            "holders": np.append(0, np.cumsum(weight[order]) / weight.sum()),
            "amount": np.append(0, np.cumsum(amount[order]) / amount.sum()),
        }
    )


def gini(
    values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray | None = None
) -> float:
    """Return the Gini coefficient: twice the area between Lorenz curve and equality.

    Parameters
    ----------
    values, weights : array of float
        As in :func:`lorenz_curve`.

    Returns
    -------
    float
        0 (all have the same) to 1 - 1/n (one of n has everything), without a correction for
        small n.

    Raises
    ------
    UnitError
        As :func:`lorenz_curve`.

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0])
    0.0
    >>> gini([0.0, 0.0, 0.0, 1.0])
    0.75
    """
    return float(_gini(*_checked(values, weights)))


def _gini(amount: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the coefficient of the last axis; each row of `amount` is a case of its own."""
    order = np.argsort(amount / weight, axis=-1, kind="stable")
    amount, weight = np.take_along_axis(amount, order, axis=-1), weight[order]
    holders, total = np.cumsum(weight, axis=-1), np.cumsum(amount, axis=-1)
    before = total - amount
    area = np.sum(weight * (total + before), axis=-1) / (holders[..., -1] * total[..., -1])
    return np.maximum(0.0, 1 - area)


def _checked(
    values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    amount = np.asarray(values, dtype=float)
    weight = np.ones_like(amount) if weights is None else np.asarray(weights, dtype=float)
    if amount.shape != weight.shape or amount.ndim != 1:
        raise UnitError(
            f"{amount.shape} values and {weight.shape} weights; there must be one weight for each "
            "value. Nothing was computed."
        )
    if not (amount >= 0).all() or not np.isfinite(amount).all():
        raise UnitError("a value is negative, infinite or missing; all must be >= 0.")
    if not (weight > 0).all() or not np.isfinite(weight).all():
        raise UnitError("a weight is missing or not positive; all must be > 0.")
    if amount.sum() <= 0:
        raise UnitError("the values add up to 0, so there is nothing to share out.")
    return amount, weight


def raise_to_entry(
    values: np.ndarray, weights: np.ndarray | None, entry: float, systems: int = 1
) -> np.ndarray:
    """Return the values with the least inequality, if the unlisted machines are so many.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Listed amount of each country, 0 where nothing is listed.
    weights : ndarray of float, shape (n,), optional
        People of each country; 1 each by default.
    entry : float
        Smallest listed system, in the unit of `values`. What is not listed is smaller.
    systems : int
        How many unlisted systems of this size a country without a listed one may have: an
        assumption, since no list says it.

    Returns
    -------
    ndarray
        `values`, where each 0 became at most ``systems * entry``: all of it, unless a small
        country would then have more per head than is least unequal.

    Notes
    -----
    More for a holder lowers the Gini coefficient exactly if the holder stands low enough in the
    order. So the least unequal filling lifts everyone to one level per head, or to the cap where
    the cap is lower. The level is found by trying many.
    """
    amount, weight = _checked(values, weights)
    empty = amount == 0
    cap = systems * entry
    if not empty.any() or cap <= 0:
        return amount
    highest = cap / weight[empty]
    levels = np.geomspace(highest.min(), highest.max(), _LEVELS)
    filled = np.where(empty, np.minimum(cap, levels[:, np.newaxis] * weight), amount)
    cases = np.vstack([amount, filled])
    return cases[np.argmin(_gini(cases, weight))]


def gini_bounds(
    values: np.ndarray, weights: np.ndarray | None, entry: float, systems: int = 1
) -> tuple[float, float]:
    """Return the Gini coefficient under two assumptions of what is not listed.

    Parameters
    ----------
    values, weights, entry, systems
        As in :func:`raise_to_entry`.

    Returns
    -------
    low, high : float
        `high`: countries without a listed system have nothing. `low`: they have up to `systems`
        systems as large as the smallest listed one, so shared out that it is least unequal.

    Notes
    -----
    These are no bounds of the inequality of all machines. Countries without a listed system may
    have more than `systems` machines below the entry level, which would lower the coefficient
    further; hosts have unlisted machines, too, which may lower or raise it, and are not counted.
    """
    return gini(raise_to_entry(values, weights, entry, systems), weights), gini(values, weights)


def holders(values: Sequence[float] | np.ndarray, part: float) -> int:
    """Return how many of the largest holders have at least `part` of the sum.

    Parameters
    ----------
    values : array of float
        Amounts, >= 0.
    part : float
        0 < part <= 1.

    Examples
    --------
    >>> holders([50, 30, 20], 0.8)
    2
    """
    if not 0 < part <= 1:
        raise UnitError(f"part is {part}; it must lie above 0 and be at most 1.")
    amount, _ = _checked(values, None)
    largest = np.cumsum(np.sort(amount)[::-1])
    # a sum of many numbers may miss its own total in the last digit
    return int(np.searchsorted(largest, part * largest[-1] * (1 - 1e-12)) + 1)


_PANEL = ["edition", "iso3", "population", "rmax_tflops", "entry_rmax_tflops"]


def inequality_by_edition(panel: pd.DataFrame) -> pd.DataFrame:
    """Return how unequally Rmax is spread in each edition.

    Parameters
    ----------
    panel : DataFrame
        One row for each edition and country of a fixed set: ``edition``, ``iso3``,
        ``population``, ``rmax_tflops`` (0 where nothing is listed) and ``entry_rmax_tflops``
        (TFlop/s of the last system of the list).

    Returns
    -------
    DataFrame
        One row for each edition: ``countries`` (of the set), ``hosts``; ``gini_countries_low`` and
        ``gini_countries`` (every country the same weight; under the two assumptions of
        :func:`gini_bounds`);
        ``gini_people_low`` and ``gini_people`` (weighted by population); ``gini_hosts`` (among
        hosts only); ``holders_50``, ``holders_90``, ``holders_99`` (countries that have so many
        percent of Rmax).

    Raises
    ------
    TableError
        If a column is missing, or the set of countries changes between editions.
    """
    tables.require_columns(panel, _PANEL, "panel of countries")
    sets = panel.groupby("edition")["iso3"].agg(frozenset)
    if sets.nunique() > 1:
        odd = sets.index[(sets != sets.iloc[0]).to_numpy()][0]
        raise TableError(
            f"panel of countries: edition {odd} has other countries than {sets.index[0]}; Gini "
            "coefficients of different sets cannot be compared. Use one set for all editions."
        )
    rows = []
    for edition, block in panel.groupby("edition", sort=True):
        rmax, people = block["rmax_tflops"].to_numpy(), block["population"].to_numpy()
        entry = float(block["entry_rmax_tflops"].iloc[0])
        countries = gini_bounds(rmax, None, entry)
        per_head = gini_bounds(rmax, people, entry)
        rows.append(
            {
                "edition": edition,
                "countries": len(block),
                "hosts": int((rmax > 0).sum()),
                "gini_countries_low": countries[0],
                "gini_countries": countries[1],
                "gini_people_low": per_head[0],
                "gini_people": per_head[1],
                "gini_hosts": gini(rmax[rmax > 0]),
            }
            | {f"holders_{round(100 * part)}": holders(rmax, part) for part in (0.5, 0.9, 0.99)}
        )
    return pd.DataFrame(rows)


def people_without_system(panel: pd.DataFrame, group: str = "income_group") -> pd.DataFrame:
    """Return how many people live in countries without a listed system.

    Parameters
    ----------
    panel : DataFrame
        ``edition``, ``population``, ``rmax_tflops`` (0 where nothing is listed) and `group`.
    group : str
        Column with the income group.

    Returns
    -------
    DataFrame
        One row for each edition and income group, also those without a country: ``countries``,
        ``countries_without``, ``people``, ``people_without`` and ``share_without`` (of the
        group's people, 0 to 1; missing for a group without people).
    """
    tables.require_columns(panel, ["edition", "population", "rmax_tflops", group], "panel")
    none = panel["rmax_tflops"] == 0
    parts = panel.assign(
        income_group=panel[group],
        countries=1,
        countries_without=none.astype(int),
        people=panel["population"],
        people_without=panel["population"].where(none, 0),
    )
    order = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    index = pd.MultiIndex.from_product(
        [sorted(panel["edition"].unique()), order], names=["edition", "income_group"]
    )
    columns = ["countries", "countries_without", "people", "people_without"]
    sums = parts.groupby(["edition", "income_group"])[columns].sum().reindex(index, fill_value=0)
    sums["share_without"] = sums["people_without"] / sums["people"].where(sums["people"] > 0)
    return sums.reset_index()
