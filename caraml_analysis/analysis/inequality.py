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
        If a value is no number, negative, infinite or missing, a weight is not positive, the sum
        is 0, or the numbers are so large or small that a float cannot hold their products.
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
    amount = tables.as_numbers(values, "the list of values")
    weight = (
        np.ones_like(amount)
        if weights is None
        else tables.as_numbers(weights, "the list of weights")
    )
    if amount.shape != weight.shape or amount.ndim != 1:
        raise UnitError(
            f"{amount.shape} values and {weight.shape} weights; there must be one weight for each "
            "value. Nothing was computed."
        )
    if not (amount >= 0).all() or not np.isfinite(amount).all():
        raise UnitError("a value is negative, infinite or missing; all must be >= 0.")
    if not (weight > 0).all() or not np.isfinite(weight).all():
        raise UnitError("a weight is missing or not positive; all must be > 0.")
    if not (amount > 0).any():
        raise UnitError("the values add up to 0, so there is nothing to share out.")
    least, most = min(amount.max(), weight.min()), max(amount.max(), weight.max())
    if least < 1 / tables.LARGEST or most > tables.LARGEST:
        raise UnitError(
            f"the values or weights are as small as {least:g} or as large as {most:g}; a float "
            "cannot hold their products. Use another unit; nothing was computed."
        )
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

    Raises
    ------
    UnitError
        As :func:`lorenz_curve`, and if `entry` or `systems` is negative, missing or infinite.

    Notes
    -----
    More for a holder lowers the Gini coefficient exactly if the holder stands low enough in the
    order. So the least unequal filling lifts everyone to one level per head, or to the cap where
    the cap is lower. The level is found by trying many; where all weights are the same, it is
    the cap.
    """
    amount, weight = _checked(values, weights)
    for name, number in (("entry", entry), ("systems", systems)):
        if not 0 <= number <= tables.LARGEST:
            raise UnitError(
                f"{name} is {number}; it must be 0 or more and finite. Nothing was computed."
            )
    empty = amount == 0
    cap = systems * entry
    if not empty.any() or cap <= 0:
        return amount
    highest = cap / weight[empty]
    lowest, highest = highest.min(), highest.max()
    levels = np.geomspace(lowest, highest, _LEVELS if lowest < highest else 1)
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

    Raises
    ------
    UnitError
        As :func:`raise_to_entry`.

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

    Raises
    ------
    UnitError
        As :func:`lorenz_curve`, and if `part` is out of its range.

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
        If a column is missing, there are no rows, a country has two rows in an edition, the set of
        countries or the entry level within one changes, an edition is not of the form YYYY-MM, or
        an amount is missing, negative, infinite or no number.
    UnitError
        If a country has no people, or nothing is listed in an edition.
    """
    tables.require_rows(panel, _PANEL, "panel of countries")
    tables.require_editions(panel, "panel of countries")
    tables.require_keys(panel, ["edition", "iso3"], "panel of countries")
    panel = tables.with_numbers(panel, _PANEL[2:], "panel of countries")
    levels = panel.groupby("edition")["entry_rmax_tflops"].nunique()
    if levels.max() > 1:
        raise TableError(
            f"panel of countries: edition {levels.idxmax()} has several values of "
            "'entry_rmax_tflops'; a list has one last system. Correct them; nothing was computed."
        )
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
        ``edition``, ``population``, ``rmax_tflops`` (0 where nothing is listed) and `group`; with
        ``iso3``, one row for each country and edition.
    group : str
        Column with the income group.

    Returns
    -------
    DataFrame
        One row for each edition and income group, also those without a country, and ``unknown``
        if a row's group is missing or unknown: ``countries``, ``countries_without``, ``people``,
        ``people_without`` and ``share_without`` (of the group's people, 0 to 1; missing for a
        group without people).

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a country has two rows in an edition, a word is
        no income group, an edition is not of the form YYYY-MM, or ``rmax_tflops`` or
        ``population`` is missing, negative, infinite or no number.
    """
    what = "panel of countries"
    tables.require_rows(panel, ["edition", "population", "rmax_tflops", group], what)
    tables.require_editions(panel, what)
    if "iso3" in panel.columns:
        tables.require_keys(panel, ["edition", "iso3"], what)
    panel = tables.with_numbers(panel, ["population", "rmax_tflops"], what)
    none = panel["rmax_tflops"] == 0
    parts = panel.assign(
        income_group=tables.income_groups(panel, group, what),
        countries=1,
        countries_without=none.astype(int),
        people=panel["population"],
        people_without=panel["population"].where(none, 0),
    )
    index = pd.MultiIndex.from_product(
        [sorted(panel["edition"].unique()), tables.shown_groups(parts["income_group"])],
        names=["edition", "income_group"],
    )
    columns = ["countries", "countries_without", "people", "people_without"]
    sums = parts.groupby(["edition", "income_group"])[columns].sum().reindex(index, fill_value=0)
    sums["share_without"] = sums["people_without"] / sums["people"].where(sums["people"] > 0)
    return sums.reset_index()
