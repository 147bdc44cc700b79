"""What a table of runs says together: how many a cap would have allowed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.tables import require_columns


def allowed_under_caps(runs: pd.DataFrame, caps: Sequence[float] | None = None) -> pd.DataFrame:
    """Return how many runs a cap on the emissions of one run would have allowed.

    Parameters
    ----------
    runs : DataFrame
        One row per run: ``p5``, ``p50``, ``p95`` (estimated emissions, t CO2e, > 0) and
        ``reported`` (t CO2e of the same accounting, missing if not reported).
    caps : sequence of float, optional
        In t CO2e, > 0; by default every value at which a count changes.

    Returns
    -------
    DataFrame
        One row per cap, rising: ``cap_t_co2e``, ``runs``, ``allowed`` (median at or below the
        cap), ``allowed_low`` (even the 95 % point), ``allowed_high`` (at least the 5 % point),
        ``reported_runs``, ``reported_allowed``, ``reported_runs_estimated`` (of the runs that
        report, those whose median is at or below the cap), and ``as_reported_differs``: runs that
        their own report and the median put on different sides.

    Raises
    ------
    TableError
        If a column is missing or there is no run.
    UnitError
        If an estimate is missing or not positive, or a cap is not positive.

    Examples
    --------
    >>> runs = pd.DataFrame({"p5": [1.0], "p50": [2.0], "p95": [3.0], "reported": [2.5]})
    >>> allowed_under_caps(runs, [2.2])[["allowed", "allowed_low", "reported_allowed"]].to_numpy()
    array([[1, 0, 0]])
    """
    columns = ["p5", "p50", "p95", "reported"]
    require_columns(runs, columns, "runs")
    if runs.empty:
        raise TableError("runs: the table is empty, so no cap can be judged.")
    estimates = runs[columns[:3]].to_numpy(float)
    if not (estimates > 0).all():
        row = runs.index[int((~(estimates > 0)).any(axis=1).argmax())]
        raise UnitError(
            f"runs: row {row!r} has no positive estimate. Leave out runs that cannot be "
            "estimated, and say how many; nothing was counted."
        )
    reported = runs["reported"].to_numpy(float)
    levels = np.unique(np.append(estimates, reported[reported > 0]) if caps is None else caps)
    if not (levels > 0).all():
        raise UnitError("caps: a cap must be above 0 t CO2e. Nothing was counted.")
    below = estimates[None, :, :] <= levels[:, None, None]
    said = reported[None, :] <= levels[:, None]  # a missing report is never below
    counts = below.sum(axis=1)
    return pd.DataFrame(
        {
            "cap_t_co2e": levels,
            "runs": len(runs),
            "allowed": counts[:, 1],
            "allowed_low": counts[:, 2],
            "allowed_high": counts[:, 0],
            "reported_runs": int(np.isfinite(reported).sum()),
            "reported_allowed": said.sum(axis=1),
            "reported_runs_estimated": below[:, np.isfinite(reported), 1].sum(axis=1),
            "as_reported_differs": ((said != below[:, :, 1]) & np.isfinite(reported)).sum(axis=1),
        }
    )
