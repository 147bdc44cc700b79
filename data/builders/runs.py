"""The reported model runs that the paper's carbon figures need, and the accelerators they used."""

from __future__ import annotations

from pathlib import Path

from common import read_csv, to_csv

RUNS = "carbon/reported_runs.csv"
ACCELERATORS = "carbon/factors_accelerators.csv"
INPUTS = (RUNS, ACCELERATORS)
OUTPUTS = ("carbon/runs.csv", "carbon/accelerators.csv")

# Section 4 and footnote 2 need the first two; the others are checks that close within rounding.
WANTED = (
    "llama-3.1-405b",
    "deepseek-v3",
    "llama-3.1-8b",
    "llama-3.1-70b",
    "llama-2-7b",
    "llama-2-13b",
    "llama-2-70b",
    "llama-65b",
    "bloom-176b-luccioni",
)
PARTS = {
    "A100-80GB SXM": "NVIDIA A100 SXM 40/80GB",
    "H100-80GB SXM": "NVIDIA H100 SXM5 80GB",
    "H800 SXM": "NVIDIA H800 SXM5",
}
RUN_COLUMNS = {
    "run_id": "run",
    "model": "model",
    "organisation": "organisation",
    "date": "date",
    "accelerator": "accelerator",
    "accel_hours": "accelerator_hours",
    "power_w": "reported_power_w",
    "pue": "reported_pue",
    "energy_mwh_reported": "reported_energy_mwh",
    "energy_scope": "energy_scope",
    "energy_basis": "energy_basis",
    "ci_kg_per_kwh_reported": "reported_kg_co2e_per_kwh",
    "tco2e_location": "reported_t_co2e_location",
    "tco2e_market": "reported_t_co2e_market",
    "certainty": "certainty",
    "source": "source",
}


def build(inputs: Path) -> dict[str, bytes]:
    """Return the runs and the accelerators."""
    runs = read_csv(inputs / RUNS).set_index("run_id").loc[list(WANTED)].reset_index()
    runs["accelerator"] = runs["hardware"].map(PARTS)
    if runs["accelerator"].isna().any():
        raise SystemExit(f"runs: no accelerator for {set(runs['hardware']) - set(PARTS)}")
    parts = read_csv(inputs / ACCELERATORS)
    parts = parts[parts["accelerator"].isin(PARTS.values())].rename(
        columns={"watts": "tdp_w", "other_sources_and_conflicts": "other_sources"}
    )
    parts = parts[["accelerator", "tdp_w", "basis", "source", "certainty", "other_sources"]]
    return {
        "carbon/runs.csv": to_csv(runs.rename(columns=RUN_COLUMNS)[list(RUN_COLUMNS.values())]),
        "carbon/accelerators.csv": to_csv(parts.sort_values("accelerator")),
    }
