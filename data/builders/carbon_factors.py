"""Factors of the carbon estimator: host overhead, PUE, water, embodied carbon, power, grids."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv
from ranges import described, named_in
from runs import ASSUMED_PARTS, PARTS

ACCELERATORS = "carbon/factors_accelerators.csv"
PUE = "carbon/factors_pue.csv"
WUE = "carbon/factors_wue.csv"
EMBODIED = "carbon/factors_embodied.csv"
RATIOS = "carbon/power_ratio_observations.csv"
GRID = "carbon/factors_grid_g_per_kwh.csv"
RUNS = "carbon/reported_runs.csv"
INPUTS = (ACCELERATORS, PUE, WUE, EMBODIED, RATIOS, GRID, RUNS)
OUTPUTS = (
    "carbon/host.csv",
    "carbon/pue.csv",
    "carbon/wue.csv",
    "carbon/embodied.csv",
    "carbon/power_ratios.csv",
    "carbon/grid_of_tools.csv",
)
SCOPES = {"GPU only": "gpu", "node incl. host": "node"}
#: The part that a system holds, by the system.
SYSTEMS = {
    "DGX A100 system": "NVIDIA A100 SXM 40/80GB",
    "DGX H100 system": "NVIDIA H100 SXM5 80GB",
}
#: What the source of a row says beside its value, by operator, site and year.
OTHER_PUES = {"Oracle, fleet, 2023": "1.15"}
#: Different names of one thing.
SAME_ITEMS = dict.fromkeys(("NVIDIA A100 GPU card", "NVIDIA A100 SXM 40GB"), "A100 card")
FAMILIES = {"TPU": "TPU", "V100": "GPU", "A100": "GPU", "P100": "GPU", "H100": "GPU"}


def build(inputs: Path) -> dict[str, bytes]:
    """Return the factor tables, in the order of their sources."""
    return {
        "carbon/host.csv": to_csv(_host(read_csv(inputs / ACCELERATORS))),
        "carbon/pue.csv": to_csv(_pue(read_csv(inputs / PUE))),
        "carbon/wue.csv": to_csv(
            described(
                read_csv(inputs / WUE), "litres_per_kwh", ("operator", "year", "kind"), unit="L/kWh"
            )
        ),
        "carbon/embodied.csv": to_csv(_embodied(read_csv(inputs / EMBODIED))),
        "carbon/power_ratios.csv": to_csv(
            _ratios(read_csv(inputs / RATIOS), read_csv(inputs / RUNS))
        ),
        "carbon/grid_of_tools.csv": to_csv(_grids(read_csv(inputs / GRID))),
    }


def _host(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the nameplate power of whole systems, by accelerator."""
    rows = parts[parts["kind"] == "system share"]
    systems = rows["accelerator"].str.replace(" / GPU", "")
    table = pd.DataFrame(
        {
            "system": systems,
            "accelerator": systems.map(SYSTEMS),
            "watts_per_accelerator": rows["watts"],
            "basis": rows["basis"],
            "source": rows["source"],
            "certainty": rows["certainty"],
            "note": rows["other_sources_and_conflicts"],
        }
    )
    return described(table, "watts_per_accelerator", ("system",), unit="W")


def _pue(rows: pd.DataFrame) -> pd.DataFrame:
    named = rows["operator"] + ", " + rows["site"] + ", " + rows["year"]
    others = named_in(rows.assign(named=named), "named", rows["source"], OTHER_PUES)
    return described(rows, "pue", ("operator", "site", "year"), others, unit="kWh/kWh")


def _embodied(rows: pd.DataFrame) -> pd.DataFrame:
    # leads whose number was not read are not factors
    kept = rows[rows["value"] != ""].rename(columns={"value": "kg_co2e"})
    of = kept["item"].replace(SAME_ITEMS)
    return described(kept.assign(of=of), "kg_co2e", ("of", "scope")).drop(columns="of")


def _ratios(rows: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return only what was metered on the hardware that it is printed for."""
    kept = rows[
        (rows["observation_kind"] == "measured on the run")
        & rows["scope"].isin(SCOPES)
        # rated power of the TPU v4 is disputed, so that a ratio to it says nothing
        & ~rows["hardware"].str.startswith("TPU v4")
    ].copy()
    kept["scope"] = kept["scope"].map(SCOPES)
    kept["family"] = kept["hardware"].str.split().str[0].map(FAMILIES)
    kept["accelerator"] = kept["hardware"].map({**PARTS, **ASSUMED_PARTS})
    of_run = runs.set_index("run_id")
    kept["accelerator_hours"] = kept["run_id"].map(of_run["accel_hours"]).fillna("")
    kept["organisation"] = (
        kept["run_id"]
        .map(of_run["organisation"])
        .fillna(kept["source"].str.startswith("arXiv:2104").map({True: "Google", False: "Ai2"}))
    )
    kept["organisation"] = kept["organisation"].replace("Ai2 / Microsoft (measured)", "Ai2")
    columns = ["run_id", "organisation", "accelerator", "family", "scope", "accelerator_hours"]
    return kept[[*columns, "watts", "tdp_w", "source", "note"]].rename(columns={"run_id": "run"})


def _grids(rows: pd.DataFrame) -> pd.DataFrame:
    kept = rows[rows["row_type"] == "country"]
    return kept[
        ["iso3", "codecarbon_owid", "codecarbon_year", "carbontracker_owid", "carbontracker_year"]
    ].rename(
        columns={
            "codecarbon_owid": "codecarbon_g_co2e_per_kwh",
            "carbontracker_owid": "carbontracker_g_co2e_per_kwh",
        }
    )
