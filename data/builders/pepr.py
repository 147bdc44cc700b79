"""Measured trainings of 131 image models (PePR), on the three data sets that are consistent.

In the other five data sets, energy and emissions of many models repeat those of another data set
to the last digit while the training time differs, so they are left out. So are the ImageNet scores:
eight models have no accuracy there (0), and fifteen carry that of another variant.
"""

from __future__ import annotations

from pathlib import Path

from common import read_csv, to_csv

RESULTS = "carbon/pepr/all_results.csv"
SCORES = "carbon/pepr/full_data_pepr_dataset_level.csv"
LICENCE = "carbon/pepr/LICENSE"
INPUTS = (RESULTS, SCORES, LICENCE)
OUTPUTS = ("carbon/pepr.csv", "carbon/pepr_scores.csv", "carbon/pepr_LICENSE.txt")

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
SCORE_COLUMNS = ["dataset", "model", "pepr_e", "pepr_c", "pepr_t", "pepr_m"]


def _kept(table):
    """Return the rows of the consistent data sets, sorted by data set and model."""
    return table[table["dataset"].isin(DATASETS)].sort_values(["dataset", "model"])


def build(inputs: Path) -> dict[str, bytes]:
    """Return the trainings, their published scores, and the licence they come under."""
    runs = _kept(read_csv(inputs / RESULTS)).rename(columns=COLUMNS)
    return {
        "carbon/pepr.csv": to_csv(runs[list(COLUMNS.values())]),
        "carbon/pepr_scores.csv": to_csv(_kept(read_csv(inputs / SCORES))[SCORE_COLUMNS]),
        "carbon/pepr_LICENSE.txt": (inputs / LICENCE).read_bytes(),
    }
