"""Non-dominated sorting: which rows cannot be improved in one objective without a loss in another.

Row a dominates row b if it is no worse in every objective and better in at least one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.tables import as_numbers, require_columns, shortly


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
        If a value is missing, infinite or no number; it names the row.

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
        Columns that are to be small, and those that are to be large; one name may stand alone.

    Raises
    ------
    TableError
        If a column is missing, or there is no row or no objective.
    UnitError
        If a value is missing, infinite or no number; it names the row.
    """
    small = _listed(minimise, "minimise")
    objectives = small + _listed(maximise, "maximise")
    require_columns(table, objectives, "candidates")
    large = range(len(small), len(objectives))
    return table[non_dominated_ranks(table[objectives], maximise=large) == 1]


def _costs(values: ArrayLike, maximise: Sequence[int]) -> np.ndarray:
    """Return the values as rows of finite numbers, all of them to be small."""
    costs = np.array(as_numbers(values, "objectives"))  # a copy: some columns change their sign
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
    known = range(costs.shape[1])
    columns = _listed(maximise, "maximise")
    outside = [column for column in columns if isinstance(column, bool) or column not in known]
    if outside:
        raise TableError(
            f"objectives: no column {shortly(outside[0])} to maximise; "
            f"there are {costs.shape[1]}, counted from 0."
        )
    costs[:, [int(column) for column in columns]] *= -1
    return costs


def _listed(columns: Any, name: str) -> list[Any]:
    """Return the columns of an argument as a list; one name is a list of one."""
    try:
        return [columns] if isinstance(columns, str) else list(columns)
    except TypeError:
        raise TableError(f"objectives: {name} is {shortly(columns)}; give a list.") from None


def _dominance(costs: np.ndarray) -> np.ndarray:
    """Return a square table that is true where the column's row dominates the row's row."""
    no_worse = np.ones((len(costs), len(costs)), dtype=bool)
    better = np.zeros_like(no_worse)
    for objective in costs.T:  # one at a time: memory grows with the points only
        no_worse &= objective[np.newaxis, :] <= objective[:, np.newaxis]
        better |= objective[np.newaxis, :] < objective[:, np.newaxis]
    return no_worse & better
