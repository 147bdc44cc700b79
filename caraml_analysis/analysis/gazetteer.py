"""Which income groups the reviewed organisations cover, and which of them are put to use."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables


def rows_by_income(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of the gazetteer, and those that decide an entry, by income group.

    Parameters
    ----------
    rows : DataFrame
        ``country`` (ISO alpha-3), ``income_group`` and ``decides`` (bool), one row for each
        reviewed organisation.

    Returns
    -------
    DataFrame
        ``income_group`` (all groups, ``unclassified`` last), ``countries`` (with at least one row),
        ``rows``, ``deciding`` and ``deciding_share`` (0 to 1; missing for a group without rows).

    Raises
    ------
    TableError
        If a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"country": ["UGA", "UGA"], "income_group": ["low", "low"], "decides": [True, False]}
    ... )
    >>> rows_by_income(rows).set_index("income_group").loc["low", "deciding_share"]
    np.float64(0.5)
    """
    tables.require_columns(rows, ["country", "income_group", "decides"], "rows")
    groups = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    by = rows.groupby("income_group")
    counts = pd.DataFrame(
        {
            "countries": by["country"].nunique(),
            "rows": by.size(),
            "deciding": by["decides"].sum(),
        }
    ).reindex(groups, fill_value=0)
    share = counts["deciding"] / counts["rows"].where(counts["rows"] > 0)
    return counts.assign(deciding_share=share).rename_axis("income_group").reset_index()
