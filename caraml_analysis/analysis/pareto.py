"""Non-dominated sorting: which rows cannot be improved in one objective without a loss in another.

Row a dominates row b if it is no worse in every objective and better in at least one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.tables import require_columns


def non_dominated_ranks(values: ArrayLike, *, maximise: Sequence[int] = ()) -> np.ndarray:
    """Return the rank of each row: 1 if no row dominates it, 2 if only rows of rank 1 do, ...

    Parameters
    ----------
    values : array_like
        One row per point and one column per objective, all to be small; a list of numbers is one
        objective.
    maximise : sequence of int
        Columns that are to be large instead.

    Returns
    -------
    ndarray of int
        One rank per row, in the order of the rows. Equal rows do not dominate each other and
        share a rank.

    Raises
    ------
    TableError
        If there are no rows or no columns, or `maximise` names a column that does not exist.
    UnitError
        If a value is missing or infinite; it names the row.

    Examples
    --------
    >>> non_dominated_ranks([(1, 5), (2, 3), (3, 4)]).tolist()
    [1, 1, 2]
    """
    costs = _costs(values, maximise)
    beaten_by = _dominance(costs)
    ranks = np.zeros(len(costs), dtype=int)
    rank = 0
    while (left := ranks == 0).any():
        rank += 1
        # a row whose rivals are all ranked already is on the next front
        ranks[left & ~beaten_by[:, left].any(axis=1)] = rank
    return ranks


def pareto_front(
    table: pd.DataFrame, minimise: Sequence[str], maximise: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows that no other row dominates, in their order and with their index.

    Parameters
    ----------
    table : DataFrame
        One row per candidate.
    minimise, maximise : sequence of str
        Columns that are to be small, and those that are to be large.

    Raises
    ------
    TableError
        If a column is missing, or there is no row or no objective.
    UnitError
        If a value is missing or infinite; it names the row.
    """
    objectives = [*minimise, *maximise]
    require_columns(table, objectives, "candidates")
    large = range(len(minimise), len(objectives))
    values = table[objectives].to_numpy(dtype=float)
    return table[non_dominated_ranks(values, maximise=large) == 1]


def _costs(values: ArrayLike, maximise: Sequence[int]) -> np.ndarray:
    """Return the values as rows of finite numbers, all of them to be small."""
    costs = np.array(values, dtype=float)
    if costs.ndim == 1:
        costs = costs[:, np.newaxis]
    if costs.ndim != 2 or costs.size == 0:
        raise TableError(
            f"objectives: nothing to rank in values of shape {np.shape(values)}; "
            "give one row per point and one column per objective."
        )
    wrong = ~np.isfinite(costs).all(axis=1)
    if wrong.any():
        row = int(wrong.argmax())
        raise UnitError(
            f"objectives: row {row} holds {costs[row].tolist()}, which cannot be ranked. "
            "Drop the row or complete it; nothing was ranked."
        )
    outside = [column for column in maximise if not 0 <= column < costs.shape[1]]
    if outside:
        raise TableError(
            f"objectives: no column {outside[0]} to maximise; "
            f"there are {costs.shape[1]}, counted from 0."
        )
    costs[:, list(maximise)] *= -1
    return costs


def _dominance(costs: np.ndarray) -> np.ndarray:
    """Return a square table that is true where the column's row dominates the row's row."""
    no_worse = np.ones((len(costs), len(costs)), dtype=bool)
    better = np.zeros_like(no_worse)
    for objective in costs.T:  # one at a time: memory grows with the points only
        no_worse &= objective[np.newaxis, :] <= objective[:, np.newaxis]
        better |= objective[np.newaxis, :] < objective[:, np.newaxis]
    return no_worse & better
