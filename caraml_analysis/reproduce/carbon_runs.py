"""The carbon estimator on the embedded factors: what notebooks and the command line use."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import pandas as pd
from tqdm import tqdm

from caraml_analysis import registry
from caraml_analysis.carbon import estimating
from caraml_analysis.carbon.checking import Printed, check_runs
from caraml_analysis.carbon.distributions import SAMPLES, SAMPLES_OF_ONE, SEED
from caraml_analysis.carbon.estimating import Estimate
from caraml_analysis.carbon.factors import Factors
from caraml_analysis.errors import UsageError
from caraml_analysis.sources import carbon_factors
from caraml_analysis.sources.editions import default, remembered
from caraml_analysis.sources.grid import load_grid_intensity
from caraml_analysis.sources.model_runs import load_accelerators, load_runs

#: Rows that one process works on before it takes the next ones.
ROWS_AT_ONCE = 1000


@remembered
def load_factors() -> Factors:
    """Return the factor tables; ``caraml data list`` names the editions of the embedded ones."""
    return Factors(
        accelerators=load_accelerators().reset_index(),
        grid=load_grid_intensity(),
        grid_edition=f"Ember, edition {default('grid_intensity')}",
        other_grids=carbon_factors.load_grid_of_tools(),
        ratios=carbon_factors.load_power_ratios(),
        pue=carbon_factors.load_pue(),
        wue=carbon_factors.load_wue(),
        embodied=carbon_factors.load_embodied(),
        host=carbon_factors.load_host(),
    )


def estimate(
    run: Mapping[str, Any],
    *,
    assume: str | None = None,
    factors: Factors | None = None,
    samples: int = SAMPLES_OF_ONE,
    seed: int = SEED,
) -> Estimate:
    """Estimate one run on the embedded factors.

    Arguments, result and errors: :func:`caraml_analysis.carbon.estimating.estimate`.

    Examples
    --------
    >>> run = {"accelerator": "H100-SXM", "accelerator_hours": "30.84M", "country": "USA",
    ...        "year": 2024}
    >>> estimate(run, assume="gpu-only")["energy_it_mwh"].p50
    21588.0
    """
    tables = factors or load_factors()
    return estimating.estimate(run, tables, assume=assume, samples=samples, seed=seed)


def estimate_runs(
    table: pd.DataFrame,
    *,
    assume: str | None = None,
    on_error: str = "raise",
    factors: Factors | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
    jobs: int = 1,
    progress: bool = False,
) -> pd.DataFrame:
    """Estimate a table of runs on the embedded factors.

    Arguments, result and errors: :func:`caraml_analysis.carbon.estimating.estimate_runs`.

    Parameters
    ----------
    jobs : int
        Processes; the result does not depend on it.
    progress : bool
        Show a bar on a terminal.

    Raises
    ------
    UsageError
        If `jobs` is below 1.
    """
    if not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"jobs is {jobs!r}; give a number of processes, 1 or more.")
    of_part = partial(
        estimating.estimate_runs,
        factors=factors or load_factors(),
        assume=assume,
        on_error=on_error,
        samples=samples,
        seed=seed,
    )
    if len(table) <= ROWS_AT_ONCE and not progress:
        return of_part(table)
    parts = [table.iloc[i : i + ROWS_AT_ONCE] for i in range(0, len(table), ROWS_AT_ONCE)]
    bar = partial(tqdm, total=len(parts), unit=" x 1,000 runs", disable=None if progress else True)
    if jobs == 1 or len(parts) < 2:
        return pd.concat([*bar(map(of_part, parts or [table]))])
    with ProcessPoolExecutor(min(jobs, len(parts))) as pool:
        return pd.concat([*bar(pool.map(of_part, parts))])


@remembered
def check_reported_runs() -> pd.DataFrame:
    """Return what does not fit in the embedded reported runs.

    Returns
    -------
    DataFrame
        As :func:`caraml_analysis.carbon.checking.check_runs`.
    """
    printed = Printed(
        registry.read_csv("carbon/printed_values.csv"),
        registry.read_csv("carbon/printed_totals.csv"),
    )
    return check_runs(load_runs(), load_accelerators(), load_grid_intensity(), printed)


def reported_inputs(runs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return reported runs as inputs of :func:`estimate_runs`: hours, part, country and year.

    Nothing of the reported power, PUE, energy or emissions is in it, so that an estimate can be
    held against them. The country is that of the training, else that of the organisation if it has
    one; the year is that of the report.

    Parameters
    ----------
    runs : DataFrame, optional
        From :func:`caraml_analysis.load_runs`; all embedded runs by default.

    Returns
    -------
    DataFrame
        Indexed by ``run``; ``accelerator``, ``accelerator_hours``, ``country``, ``year``; only runs
        with hours and a part whose rated power is published.
    """
    runs = load_runs() if runs is None else runs
    rated = load_accelerators()["tdp_w"].dropna().index
    runs = runs[runs["accelerator_hours"].notna() & runs["accelerator"].isin(rated)]
    own = runs["country"].where(~runs["country"].str.contains(";"))
    return pd.DataFrame(
        {
            "accelerator": runs["accelerator"],
            "accelerator_hours": runs["accelerator_hours"],
            "country": runs["training_country"].fillna(own),
            "year": runs["date"].astype(str).str[:4].astype(int),
        }
    )
