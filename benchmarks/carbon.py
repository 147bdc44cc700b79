"""How long many estimates take, and what the types of quantity cost.

    python benchmarks/carbon.py

Every run has ranges of its own, so that nothing can be reused between runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from caraml_analysis.carbon.distributions import SEED
from caraml_analysis.carbon.quantities import AcceleratorHours, Power
from caraml_analysis.reproduce.carbon_runs import estimate_runs, load_factors


def many_runs(runs: int, seed: int = SEED) -> pd.DataFrame:
    """Return runs whose hours and ranges all differ."""
    random = np.random.default_rng(seed)
    load, host, pue = (
        random.uniform(low, high, runs) for low, high in ((0.4, 0.8), (1, 1.4), (1, 1.2))
    )
    return pd.DataFrame(
        {
            "accelerator": random.choice(["H100-SXM", "A100-SXM", "V100-SXM2"], runs),
            "accelerator_hours": random.lognormal(10, 3, runs),
            "load": [f"{low:.6f}..{low + 0.1:.6f}..{low + 0.2:.6f}" for low in load],
            "host": [f"{low:.6f}..{low + 0.3:.6f}" for low in host],
            "pue": [f"{low:.6f}..{low + 0.2:.6f}" for low in pue],
            "country": random.choice(["USA", "CHN", "FRA", "DEU"], runs),
            "year": random.integers(2018, 2025, runs),
            "grid_error": [f"{low:.6f}..1..1.19" for low in random.uniform(0.8, 0.9, runs)],
        }
    )


def time_estimates(runs: int, samples: int) -> tuple[float, float]:
    """Return wall and processor seconds of estimating so many runs, factor tables loaded."""
    table = many_runs(runs)
    load_factors()
    start, used = time.perf_counter(), time.process_time()
    estimate_runs(table, samples=samples)
    return time.perf_counter() - start, time.process_time() - used


def time_quantities(values: int) -> tuple[float, float]:
    """Return the seconds of hours x power over a column, with our types and with bare numbers."""
    hours = pd.Series(np.random.default_rng(SEED).lognormal(10, 3, values))
    seconds = []
    for product in (
        lambda: (AcceleratorHours(hours) * Power(700, "W")).to("MWh"),
        lambda: hours * 700 / 1e6,
    ):
        start = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - start)
    return seconds[0], seconds[1]


def import_seconds() -> float:
    """Return the median time of importing the types in new processes, numpy already loaded."""
    code = (
        "import numpy, time; start = time.perf_counter(); "
        "import caraml_analysis.carbon.quantities; print(time.perf_counter() - start)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    return sorted(runs)[2]


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description="Time the carbon estimator.")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=2_000)
    options = parser.parse_args()
    wall, used = time_estimates(options.runs, options.samples)
    print(
        f"{options.runs:,} runs x {options.samples:,} samples: {wall:.2f} s "
        f"({used:.2f} s of processor, one core)"
    )
    ours, bare = time_quantities(1_000_000)
    print(
        f"hours x power over 1,000,000 rows: {ours * 1e3:.0f} ms, bare numbers {bare * 1e3:.0f} ms"
    )
    print(f"import of the types of quantity: {import_seconds() * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
