"""PePR: performance per unit of a resource, as Selvan et al. define it (arXiv:2403.12562).

``PePR = P / (1 + R)`` with the performance P between 0 and 1 and the resource R scaled to 0 for the
cheapest and 1 for the most expensive model *of the compared set*. Hence two traps:

- if every model needs the same, R is 0/0. It is an error here, unless the caller says that nobody
  pays more than another (``constant="zero"``, then PePR is P);
- the scores of all models change when the cheapest or the most expensive one comes or goes. Scores
  are only comparable with the limits that they were made with: keep them, hand them in again, and
  see with :func:`pepr_stability` how much hangs on single models.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from caraml_analysis.errors import TableError, UnitError, UsageError
from caraml_analysis.tables import as_numbers, require_columns, shortly

#: The variants of the paper and the columns that hold their resource: energy in kWh, emissions in
#: g CO2e, training time in s, memory in GB. The unit does not change a score.
PEPR_VARIANTS = {
    "pepr_e": "energy_kwh",
    "pepr_c": "co2_g",
    "pepr_t": "train_time_s",
    "pepr_m": "memory_gb",
}

Limits = tuple[float, float]


def pepr(
    performance: ArrayLike,
    resource: ArrayLike,
    *,
    limits: Limits | None = None,
    constant: str = "error",
) -> np.ndarray:
    """Return the performance per resource unit of each model.

    Parameters
    ----------
    performance : array_like, shape (n,)
        Between 0 and 1; divide percentages by 100.
    resource : array_like, shape (n,)
        What each model needs, >= 0, in any unit, the same for all. A missing value is an error and
        never 0.
    limits : (float, float), optional
        Least and largest resource of the set that defines the scale; by default those of
        `resource`. Give the limits of an earlier set to keep its scores comparable.
    constant : {"error", "zero"}
        What to do if both limits are the same, so that the formula has no value: stop, or take R as
        0 for every model.

    Returns
    -------
    ndarray of float, shape (n,)
        Between P / 2 (as expensive as the upper limit) and P (as cheap as the lower limit).

    Raises
    ------
    TableError
        If there is no model, the lengths differ, or all need the same and `constant` is "error".
    UnitError
        If a value is missing, no number, negative or not finite, a performance is above 1, or a
        resource is outside of given `limits`; names the first such row.
    UsageError
        If `constant` or `limits` is not as described.

    Examples
    --------
    >>> pepr([0.8, 0.9], [1, 10]).tolist()
    [0.8, 0.45]
    """
    score, cost = _column(performance, "performance"), _column(resource, "resource")
    if len(score) != len(cost):
        raise TableError(
            f"PePR: {len(score)} performances but {len(cost)} resources; give one of each for "
            "every model. Nothing was computed."
        )
    _refuse(score > 1, score, "performance", "is above 1; divide percentages by 100")
    return score / (1 + _scaled(cost, limits, constant))


def pepr_limits(
    table: pd.DataFrame, variants: Mapping[str, str] = PEPR_VARIANTS
) -> dict[str, Limits]:
    """Return the least and the largest resource of a set of models, by variant.

    Keep them beside the scores: without them a score cannot be compared with another set's.

    Parameters
    ----------
    table : DataFrame
        One row per model.
    variants : mapping of str to str
        Column of the resource by name of the score.

    Raises
    ------
    TableError
        If a column is missing or there is no row.
    UnitError
        If a resource is missing, no number, negative or not finite.
    """
    require_columns(table, list(variants.values()), "models")
    costs = {name: _column(table[column], column) for name, column in variants.items()}
    return {name: (float(cost.min()), float(cost.max())) for name, cost in costs.items()}


def pepr_scores(
    table: pd.DataFrame,
    *,
    performance: str = "test_accuracy",
    variants: Mapping[str, str] = PEPR_VARIANTS,
    limits: Mapping[str, Limits] | None = None,
    constant: str = "error",
) -> pd.DataFrame:
    """Return one column of PePR scores for each resource, with the index of the models.

    Parameters
    ----------
    table : DataFrame
        One row per model, of **one** data set: the rows are the compared set.
    performance : str
        Column between 0 and 1.
    variants : mapping of str to str
        Column of the resource by name of the score; energy, emissions, time and memory by default.
    limits : mapping of str to (float, float), optional
        Result of :func:`pepr_limits` for another set, whose scale is kept.
    constant : {"error", "zero"}
        See :func:`pepr`.

    Returns
    -------
    DataFrame
        Columns named as in `variants`.

    Raises
    ------
    TableError, UnitError, UsageError
        As :func:`pepr` does; a table of several data sets (column ``dataset``) is refused.
    """
    require_columns(table, [performance, *variants.values()], "models")
    if "dataset" in table and table["dataset"].nunique() > 1:
        names = ", ".join(sorted(map(str, table["dataset"].unique())))
        raise TableError(
            f"models: the rows are of several data sets ({names}), whose scores cannot be "
            "compared. Score one data set at a time; nothing was computed."
        )
    kept = {} if limits is None else limits
    if not isinstance(kept, Mapping) or set(kept) - set(variants):
        raise UsageError(
            f"limits={shortly(limits)}; give the result of pepr_limits, by {', '.join(variants)}. "
            "Nothing was computed."
        )
    scores = {
        name: pepr(table[performance], table[column], limits=kept.get(name), constant=constant)
        for name, column in variants.items()
    }
    return pd.DataFrame(scores, index=table.index)


def pepr_stability(performance: ArrayLike, resource: ArrayLike, *, top: int = 10) -> pd.DataFrame:
    """Return what happens to the other models' scores when each model leaves the set.

    Parameters
    ----------
    performance, resource : array_like, shape (n,)
        As in :func:`pepr`, of at least three models.
    top : int
        Size of the list of the best, >= 1.

    Returns
    -------
    DataFrame
        One row per model, in their order: ``largest_shift`` (largest change of the score of
        another model) and ``top_replaced`` (how many of the best `top` of the others make room for
        one that was not among them). Both are 0 for all but the holders of the limits.

    Raises
    ------
    TableError, UnitError, UsageError
        As :func:`pepr` does; there must be at least three models, and `top` at least 1.
    """
    score, cost = _column(performance, "performance"), _column(resource, "resource")
    scores = pepr(score, cost)
    if len(score) < 3 or not isinstance(top, Integral) or top < 1:
        raise UsageError(
            f"PePR: {len(score)} models and top={top!r}; taking one away needs at least three "
            "models and a list of at least 1. Nothing was computed."
        )
    rows = []
    for left_out in range(len(score)):
        others = np.arange(len(score)) != left_out
        before = scores[others]
        after = pepr(score[others], cost[others], constant="zero")
        rows.append((np.abs(after - before).max(), len(_best(before, top) - _best(after, top))))
    return pd.DataFrame(rows, columns=["largest_shift", "top_replaced"])


def _best(scores: np.ndarray, top: int) -> set[int]:
    """Return the places of the highest scores; of equal ones the first counts."""
    return set(np.argsort(-scores, kind="stable")[:top].tolist())


def _scaled(cost: np.ndarray, limits: Limits | None, constant: str) -> np.ndarray:
    """Return the resource as a part of the way from the lower to the upper limit."""
    if constant not in ("error", "zero"):
        raise UsageError(f"constant={constant!r}; it is 'error' or 'zero'.")
    low, high = (cost.min(), cost.max()) if limits is None else _checked(limits)
    _refuse(
        (cost < low) | (cost > high),
        cost,
        "resource",
        f"is outside of the limits {low:g} to {high:g}, so the set has changed; "
        "compute all scores again",
    )
    if low < high:
        return (cost - low) / (high - low)
    if constant == "zero":
        return np.zeros_like(cost)
    raise TableError(
        f"PePR: every model needs the same resource ({low:g}), so it has no scale (0/0). Leave "
        "this resource out, or say constant='zero' to count nobody as more expensive."
    )


def _checked(limits: Limits) -> Limits:
    try:
        low, high = (float(end) for end in as_numbers(limits, "limits"))
    except (TypeError, ValueError):  # not two, or no numbers
        low = high = np.nan
    if not 0 <= low <= high < np.inf:
        raise UsageError(
            f"limits={shortly(limits)}; give the least and the largest resource, >= 0."
        )
    return low, high


def _column(values: ArrayLike, name: str) -> np.ndarray:
    """Return finite numbers of 0 or more, at least one."""
    column = as_numbers(values, f"PePR: {name}")
    if column.ndim != 1 or column.size == 0:
        raise TableError(
            f"PePR: {name} has the shape {column.shape}; give one number for each model."
        )
    _refuse(~np.isfinite(column), column, name, "is missing or not finite; it does not count as 0")
    _refuse(column < 0, column, name, "is negative")
    return column


def _refuse(wrong: np.ndarray, values: np.ndarray, name: str, reason: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise UnitError(
            f"PePR: {name} {values[row]:g} in row {row} {reason}. Nothing was computed."
        )
