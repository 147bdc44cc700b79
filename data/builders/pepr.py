"""Measured trainings of 131 image models (PePR), on the three data sets that are consistent.

In the other five data sets, energy and emissions of many models repeat those of another data set
to the last digit while the training time differs, so they are left out.
"""

from __future__ import annotations

from pathlib import Path

from common import read_csv, to_csv

RESULTS = "carbon/pepr/all_results.csv"
LICENCE = "carbon/pepr/LICENSE"
INPUTS = (RESULTS, LICENCE)
OUTPUTS = ("carbon/pepr.csv", "carbon/pepr_LICENSE.txt")

DATASETS = ("derma", "derma_pt", "lidc")
COLUMNS = {
    "dataset": "dataset",
    "model": "model",
    "type": "type",
    "test_09": "test_accuracy",  # after the tenth and last epoch
    "energy": "energy_kwh",
    "co2": "co2_g",
    "train_time": "train_time_s",
    "memR": "memory_gb",
    "num_param": "n_parameters",
}


def build(inputs: Path) -> dict[str, bytes]:
    """Return the trainings, sorted by data set and model, and the licence they come under."""
    results = read_csv(inputs / RESULTS)
    kept = results[results["dataset"].isin(DATASETS)].rename(columns=COLUMNS)
    kept = kept[list(COLUMNS.values())].sort_values(["dataset", "model"])
    return {
        "carbon/pepr.csv": to_csv(kept),
        "carbon/pepr_LICENSE.txt": (inputs / LICENCE).read_bytes(),
    }
