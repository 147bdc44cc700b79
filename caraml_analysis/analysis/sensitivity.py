"""How much the income shares depend on choices that the paper does not state."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from caraml_analysis import tables


def largest_shifts(
    shares: pd.DataFrame,
    choices: Sequence[str],
    default: dict[str, str],
    values: Sequence[str] = tables.INCOME_GROUPS,
) -> pd.DataFrame:
    """Return, for every choice, the largest change of a share when only this choice is changed.

    Parameters
    ----------
    shares : DataFrame
        One row per combination of choices and block (for example conference-year): the columns
        `choices`, the columns `values` (shares, 0 to 1), and the remaining columns as block.
    choices : sequence of str
        Columns that hold choices.
    default : dict
        The default option of each choice.
    values : sequence of str
        Columns that hold shares.

    Returns
    -------
    DataFrame
        One row per choice: ``choice``, ``option`` (instead of the default), the block, ``group``
        whose share moved most, ``default_share``, ``share`` and ``shift_points`` (percentage
        points), largest first.
    """
    values = list(values)
    tables.require_columns(shares, [*choices, *values], "sensitivity")
    block = [name for name in shares.columns if name not in {*choices, *values}]
    at_default = pd.Series(True, index=shares.index)
    for choice in choices:
        at_default &= shares[choice] == default[choice]
    base = shares[at_default].set_index(block)[values]
    found = []
    for choice in choices:
        others_default = pd.Series(True, index=shares.index)
        for other in choices:
            if other != choice:
                others_default &= shares[other] == default[other]
        changed = shares[others_default & (shares[choice] != default[choice])]
        for option, rows in changed.groupby(choice):
            shift = rows.set_index(block)[values] - base
            key = shift.abs().stack().idxmax()
            *where, group = key
            found.append(
                {"choice": choice, "option": option}
                | dict(zip(block, where, strict=True))
                | {
                    "group": group,
                    "default_share": base.loc[tuple(where), group],
                    "share": base.loc[tuple(where), group] + shift.loc[tuple(where), group],
                    "shift_points": 100 * shift.loc[tuple(where), group],
                }
            )
    return (
        pd.DataFrame(found)
        .sort_values("shift_points", key=abs, ascending=False)
        .reset_index(drop=True)
    )
