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


def with_all_outputs(table: pd.DataFrame, seed: int = SEED) -> pd.DataFrame:
    """Return runs with ranges for hours, water and hardware, too: ten uncertain inputs."""
    random = np.random.default_rng(seed)

    def ranges(low: float, high: float, width: float) -> list[str]:
        return [f"{x:.6f}..{x + width:.6f}" for x in random.uniform(low, high, len(table))]

    return table.assign(
        accelerator_hours=[f"{x:.6g}..{1.1 * x:.6g}" for x in table["accelerator_hours"] + 1],
        wue_site=ranges(0.1, 0.5, 0.5),
        wue_source=ranges(1, 2, 2),
        embodied_kg=ranges(100, 200, 100),
        lifetime_years=ranges(3, 4, 2),
        use_share=ranges(0.5, 0.7, 0.2),
    )


def time_estimates(table: pd.DataFrame, samples: int, jobs: int) -> float:
    """Return the seconds that it takes to estimate a table, factor tables loaded."""
    load_factors()
    start = time.perf_counter()
    estimate_runs(table, samples=samples, jobs=jobs)
    return time.perf_counter() - start


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
    four = many_runs(options.runs)
    for what, table in (
        ("4 uncertain inputs, energy and emissions", four),
        ("10 uncertain inputs, all outputs", with_all_outputs(four)),
    ):
        seconds = [time_estimates(table, options.samples, jobs) for jobs in (1, 2)]
        print(
            f"{options.runs:,} runs x {options.samples:,} samples, {what}: {seconds[0]:.2f} s, "
            f"with two processes {seconds[1]:.2f} s"
        )
    ours, bare = time_quantities(1_000_000)
    print(
        f"hours x power over 1,000,000 rows: {ours * 1e3:.0f} ms, bare numbers {bare * 1e3:.0f} ms"
    )
    print(f"import of the types of quantity: {import_seconds() * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
