"""How near estimates come to what was metered: ours and other tools', on the same few runs.

Only runs whose energy was metered count; a circular report (hours x rated power) would test
multiplication. Two questions are kept apart: what each tool prints with its own PUE, and what it
prints at the boundary of the report (the report's PUE; the cards alone where only they were
metered). The second tests the watts, the first also the habits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.estimating import Estimate, estimate
from caraml_analysis.carbon.factors import Factors
from caraml_analysis.carbon.tools import TOOLS, it_energy_mwh, own_pue
from caraml_analysis.errors import FactorError, TableError

if TYPE_CHECKING:
    import pandas as pd

OURS = "caraml_analysis"
NO_SIZE_RULE = "caraml_analysis without the rule on small runs"
RATED = "rated power x hours"
#: Who must have metered nothing when a run is predicted.
HELD_OUT = ("run", "organisation")
#: Load where no metered run is left to learn from: the range over all metered runs, and its middle.
NOTHING_LEFT = "0.30..0.85..1.14"


def organisation(name: str) -> str:
    """Return the organisation that metered, as the power table names it."""
    return "Ai2" if name.startswith("Ai2") else name


def measured_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs whose own energy was metered and whose hours are known.

    Parameters
    ----------
    runs : DataFrame
        From :func:`caraml_analysis.load_runs`, indexed by ``run``.

    Raises
    ------
    TableError
        If there is none.
    """
    found = runs[runs["use_for_accuracy"] == "yes"]
    if found.empty:
        raise TableError("no run is marked use_for_accuracy = yes, so nothing can be validated.")
    return found


@dataclass(frozen=True)
class _Run:
    name: str
    organisation: str
    accelerator: str
    hours: float
    scope: str
    pue: float
    energy_mwh: float
    t_location: float
    country: str
    year: int

    @property
    def cloud(self) -> str:
        return {"Google": "google", "OpenAI": "azure"}.get(self.organisation, "")


def _read(row: Any) -> _Run:
    pue = float(row.reported_pue)
    return _Run(
        row.Index,
        organisation(row.organisation),
        row.accelerator,
        float(row.accelerator_hours),
        row.energy_scope,
        1.0 if math.isnan(pue) else pue,
        float(row.reported_energy_mwh),
        float(row.reported_t_co2e_location),
        row.training_country if isinstance(row.training_country, str) else "",
        int(str(row.date)[:4]),
    )


def predict(run: _Run, factors: Factors, held_out: str, boundary: str) -> Estimate:
    """Estimate a metered run as if it, or its whole organisation, had metered nothing."""
    left = (
        factors.without(runs=[run.name])
        if held_out == "run"
        else factors.without(organisations=[run.organisation])
    )
    facts: dict[str, Any] = {
        "run": run.name,
        "accelerator": run.accelerator,
        "accelerator_hours": run.hours,
        "host": 1.0,  # in the fitted load of nodes; left out where cards alone were metered
        "load": "fitted-gpu" if run.scope == "gpu" else "fitted",
        "pue": "1.04..1.30" if boundary == "own" and run.scope != "gpu" else run.pue,
    }
    if run.country:
        facts |= {"country": run.country, "year": run.year, "grid_error": "0.84..1.00..1.19"}
    try:
        return estimate(facts, left)
    except FactorError as error:
        if not str(error).startswith("load:"):
            raise
        return estimate(facts | {"load": NOTHING_LEFT}, left)


def validation_rows(runs: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return every prediction of every tool for every metered run.

    Parameters
    ----------
    runs : DataFrame
        From :func:`caraml_analysis.load_runs`.
    factors : Factors
        The factor tables.

    Returns
    -------
    DataFrame
        ``run``, ``organisation``, ``tool``, ``held_out`` (run or organisation, ours only),
        ``boundary`` (report or own), ``quantity`` (energy_mwh or t_co2e_location), ``reported``,
        ``predicted``, ``p5``, ``p95`` (ours only) and ``error`` (predicted / reported - 1).
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for row in measured_runs(runs).itertuples():
        run = _read(row)
        for boundary in ("report", "own"):
            for held_out in HELD_OUT:
                rows += _ours(run, factors, held_out, boundary)
            plain = _ours(run, replace(factors, small_run_hours=0.0, _cache={}), "run", boundary)
            rows += [row | {"tool": NO_SIZE_RULE} for row in plain]
            rows += _rated(run, factors, boundary)
            for tool in TOOLS:
                rows += _theirs(run, tool, boundary)
    table = pd.DataFrame(rows)
    table["error"] = table["predicted"] / table["reported"] - 1
    return table


def _row(run: _Run, tool: str, boundary: str, quantity: str, predicted: float) -> dict[str, Any]:
    reported = run.energy_mwh if quantity == "energy_mwh" else run.t_location
    return {
        "run": run.name,
        "organisation": run.organisation,
        "tool": tool,
        "held_out": "",
        "boundary": boundary,
        "quantity": quantity,
        "reported": reported,
        "predicted": predicted,
    }


def _ours(run: _Run, factors: Factors, held_out: str, boundary: str) -> list[dict[str, Any]]:
    found = predict(run, factors, held_out, boundary)
    names = {"energy_mwh": "energy_facility_mwh"}
    if not math.isnan(run.t_location):
        names["t_co2e_location"] = "t_co2e_location"
    rows = []
    for quantity, name in names.items():
        value = found[name]
        row = _row(run, OURS, boundary, quantity, value.p50)
        rows.append(row | {"held_out": held_out, "p5": value.p5, "p95": value.p95})
    return rows


def _rated(run: _Run, factors: Factors, boundary: str) -> list[dict[str, Any]]:
    watts = factors.tdp(run.accelerator).value.values[0]
    pue = run.pue if boundary == "report" else 1.0
    return [_row(run, RATED, boundary, "energy_mwh", run.hours * watts / 1e6 * pue)]


def _theirs(run: _Run, tool: str, boundary: str) -> list[dict[str, Any]]:
    energy = it_energy_mwh(tool, run.name, run.accelerator, run.hours)
    if energy is None:
        return []
    # LLMCarbon takes the report's PUE and grid as inputs
    own = boundary == "own" and tool != "LLMCarbon"
    energy *= own_pue(tool, run.cloud) if own else run.pue
    rows = [_row(run, tool, boundary, "energy_mwh", energy)]
    grams = TOOLS[tool].grid.get(run.country)
    if grams is not None and not math.isnan(run.t_location):
        rows.append(_row(run, tool, boundary, "t_co2e_location", energy * grams / 1000))
    return rows


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how near each tool comes, by quantity and boundary.

    Parameters
    ----------
    rows : DataFrame
        From :func:`validation_rows`, or a part of it.

    Returns
    -------
    DataFrame
        ``quantity``, ``boundary``, ``tool``, ``held_out``, ``n`` (runs), ``median_absolute_error``,
        ``bias`` (geometric mean of predicted / reported, minus 1), ``largest`` (absolute error),
        ``inside`` (reported values between p5 and p95; missing without an interval),
        ``inside_low`` and ``inside_high`` (exact 95 % interval of that share), ``ours_nearer`` and
        ``compared`` (runs where ours, with the run left out, is nearer, of those both have).
    """
    import numpy as np
    import pandas as pd

    result = []
    keys = ["quantity", "boundary", "tool", "held_out"]
    for key, group in rows.groupby(keys, sort=False):
        errors = group["error"].astype(float)
        line: dict[str, Any] = dict(zip(keys, key, strict=True))
        line |= {
            "n": len(group),
            "median_absolute_error": float(errors.abs().median()),
            "bias": float(np.exp(np.log1p(errors).mean()) - 1),
            "largest": float(errors.abs().max()),
        }
        if group["p5"].notna().all():
            inside = int(group["reported"].between(group["p5"], group["p95"]).sum())
            low, high = exact_binomial(inside, len(group))
            line |= {"inside": inside, "inside_low": low, "inside_high": high}
        if line["tool"] not in (OURS, NO_SIZE_RULE):
            line |= _nearer(rows, group, line)
        result.append(line)
    return pd.DataFrame(result)


def _nearer(rows: pd.DataFrame, group: pd.DataFrame, line: dict[str, Any]) -> dict[str, int]:
    ours = rows[
        (rows["tool"] == OURS)
        & (rows["held_out"] == "run")
        & (rows["boundary"] == line["boundary"])
        & (rows["quantity"] == line["quantity"])
    ].set_index("run")["error"]
    theirs = group.set_index("run")["error"]
    nearer = ours.reindex(theirs.index).abs() < theirs.abs()
    return {"ours_nearer": int(nearer.sum()), "compared": len(theirs)}


def exact_binomial(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share, given k of n.

    Examples
    --------
    >>> [round(limit, 3) for limit in exact_binomial(12, 14)]
    [0.572, 0.982]
    """
    if not 0 <= k <= n or n < 1:
        raise TableError(f"{k} of {n} is no share.")
    tail = (1 - confidence) / 2

    def at_least(share: float) -> float:
        return sum(math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k, n + 1))

    def at_most(share: float) -> float:
        return sum(math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k + 1))

    low = 0.0 if k == 0 else _solve(lambda share: at_least(share) - tail)
    high = 1.0 if k == n else _solve(lambda share: tail - at_most(share))
    return low, high


def _solve(rising: Any) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
