"""The benchmark of the estimator measures what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from caraml_analysis.carbon.distributions import read_distribution

SCRIPT = Path(__file__).resolve().parent.parent.parent / "benchmarks/carbon.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_carbon", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_run_has_ranges_of_its_own(benchmark):
    runs = benchmark.many_runs(500)
    for column in ("load", "host", "pue", "grid_error"):
        assert runs[column].nunique() > 495
        assert not read_distribution(runs[column].iloc[0], column).is_fixed


def test_times_are_measured(benchmark):
    runs = benchmark.with_all_outputs(benchmark.many_runs(20))
    assert benchmark.time_estimates(runs, 200, 1) > 0
    outputs = benchmark.estimate_runs(runs, samples=200).filter(like="_p50")
    assert outputs.drop(columns=["t_co2e_market_p50", "t_co2e_net_p50"]).notna().all(axis=None)
    assert min(benchmark.time_quantities(1000)) > 0
