"""The carbon estimator on the embedded factors: what notebooks and the command line use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from caraml_analysis.carbon import estimating
from caraml_analysis.carbon.distributions import SAMPLES, SEED
from caraml_analysis.carbon.estimating import Estimate
from caraml_analysis.carbon.factors import Factors
from caraml_analysis.sources import carbon_factors
from caraml_analysis.sources.grid import load_grid_intensity
from caraml_analysis.sources.model_runs import load_accelerators


@cache
def load_factors() -> Factors:
    """Return the embedded factor tables; ``caraml data list`` names their editions."""
    return Factors(
        accelerators=load_accelerators().reset_index(),
        grid=load_grid_intensity(),
        grid_edition=carbon_factors.GRID_EDITION,
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
    samples: int = SAMPLES,
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
) -> pd.DataFrame:
    """Estimate a table of runs on the embedded factors.

    Arguments, result and errors: :func:`caraml_analysis.carbon.estimating.estimate_runs`.
    """
    return estimating.estimate_runs(
        table,
        factors or load_factors(),
        assume=assume,
        on_error=on_error,
        samples=samples,
        seed=seed,
    )
