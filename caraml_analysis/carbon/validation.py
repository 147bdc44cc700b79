"""How near estimates come to what was metered: ours and other tools', on the same few runs.

Only runs whose energy was metered count; a circular report (hours x rated power) would test
multiplication. Two questions are kept apart: what each tool prints at the boundary of the report
(the report's PUE; the cards alone where only they were metered), and what it prints by itself. The
first tests the watts. The second also tests the habits, and is held against reports of whole sites
only: where a report is of cards alone, every formula that counts more must overshoot, ours as the
others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.estimating import Estimate, estimate
from caraml_analysis.carbon.factors import Factors
from caraml_analysis.carbon.presets import GRID_ERROR, HOST, range_of_metered
from caraml_analysis.carbon.tools import TOOLS, it_energy_mwh, own_pue
from caraml_analysis.errors import FactorError, TableError

if TYPE_CHECKING:
    import pandas as pd

OURS = "caraml_analysis"
NO_SIZE_RULE = "caraml_analysis without the rule on small runs"
FULL_RANGE = "caraml_analysis with the range of all metered runs"
HOST_ADDED = "caraml_analysis with a host on top of the range"
#: Ours, and ours with one choice changed.
VARIANTS = (OURS, FULL_RANGE, HOST_ADDED, NO_SIZE_RULE)
RATED = "rated power x hours"
#: Who must have metered nothing when a run is predicted.
HELD_OUT = ("run", "organisation")
#: The report's PUE, or none for cards alone; each tool's own assumptions, held against reports of
#: sites, and against reports of cards alone.
BOUNDARIES = ("report", "own", "own-cards")


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


def _own_boundary(run: _Run) -> str:
    return "own-cards" if run.scope == "gpu" else "own"


def predict(
    run: _Run, factors: Factors, held_out: str, boundary: str, variant: str = OURS
) -> tuple[Estimate, str]:
    """Estimate a metered run as if it, or its whole organisation, had metered nothing.

    Parameters
    ----------
    run : _Run
        The run.
    factors : Factors
        The factor tables, with what the run metered.
    held_out : {"run", "organisation"}
        Who must have metered nothing.
    boundary : {"report", "own", "own-cards"}
        Whose PUE and host: those of the report, or what the preset ``metered`` gives to anybody.
    variant : str
        One of ``VARIANTS``, which show how much hangs on the range that stands in for a fit.
        ``FULL_RANGE``: it is that of all metered runs, those held out among them, and no
        prediction. ``HOST_ADDED``: at the boundary of the report, runs with a host get that of the
        preset on top of the range, as if all runs in it were of cards alone; else none, as if all
        were of nodes. It holds both.

    Returns
    -------
    tuple of Estimate and str
        The estimate, and the range of load that stood in; empty if a load could be fitted.

    Raises
    ------
    FactorError
        If fewer than two metered runs are left.
    """
    left = (
        factors.without(runs=[run.name])
        if held_out == "run"
        else factors.without(organisations=[run.organisation])
    )
    facts: dict[str, Any] = {
        "run": run.name,
        "accelerator": run.accelerator,
        "accelerator_hours": run.hours,
    }
    if boundary == "report":
        # the host is in the fitted load of nodes, and no part of cards alone
        load = "fitted-gpu" if run.scope == "gpu" else "fitted"
        facts |= {"load": load, "host": 1.0, "pue": run.pue}
    if run.country:
        facts |= {"country": run.country, "year": run.year, "grid_error": GRID_ERROR}
    assume = None if boundary == "report" else "metered"
    try:
        return estimate(facts, left, assume=assume), ""
    except FactorError as error:
        if not str(error).startswith("load:"):
            raise
    facts["load"] = range_of_metered((factors if variant == FULL_RANGE else left).ratios)
    if variant == HOST_ADDED and run.scope != "gpu":
        facts["host"] = HOST
    return estimate(facts, left, assume=assume), facts["load"]


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
        ``boundary`` (see ``BOUNDARIES``), ``quantity`` (energy_mwh or t_co2e_location),
        ``reported``, ``predicted``, ``p5``, ``p95`` (ours only), ``stand_in`` (range of load where
        too few metered runs were left to fit one, else empty) and ``error`` (predicted / reported
        - 1).

    Raises
    ------
    FactorError
        If too few runs are metered to predict one from the others.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for row in measured_runs(runs).itertuples():
        run = _read(row)
        for boundary in ("report", _own_boundary(run)):
            for held_out in HELD_OUT:
                rows += _ours(OURS, run, factors, held_out, boundary)
            rows += _ours(FULL_RANGE, run, factors, "organisation", boundary)
            if boundary == "report":  # what is printed by itself has a host
                rows += _ours(HOST_ADDED, run, factors, "organisation", boundary)
            plain = replace(factors, small_run_hours=0.0, _cache={})
            rows += _ours(NO_SIZE_RULE, run, plain, "run", boundary)
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
        "stand_in": "",
    }


def _ours(
    tool: str, run: _Run, factors: Factors, held_out: str, boundary: str
) -> list[dict[str, Any]]:
    found, range_ = predict(run, factors, held_out, boundary, tool)
    names = {"energy_mwh": "energy_facility_mwh"}
    if not math.isnan(run.t_location):
        names["t_co2e_location"] = "t_co2e_location"
    rows = []
    for quantity, name in names.items():
        value = found[name]
        row = _row(run, tool, boundary, quantity, value.p50)
        ends = {"p5": value.p5, "p95": value.p95}
        rows.append(row | {"held_out": held_out, "stand_in": range_} | ends)
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
    own = boundary != "report" and tool != "LLMCarbon"
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
        ``inside_low`` and ``inside_high`` (exact 95 % interval of that share), ``stood_in`` (runs
        whose load was a range over other runs, not fitted), ``ours_nearer`` and ``compared`` (runs
        where ours, with the run left out, is nearer, of those both have).
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
            line["stood_in"] = int((group["stand_in"] != "").sum())
        if line["tool"] not in VARIANTS:
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
