"""Tables of reported runs: what is used of a report, and what is held back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from caraml_analysis.analysis.emissions import allowed_under_caps
from caraml_analysis.carbon.checking import check_runs
from caraml_analysis.carbon.presets import GRID_ERROR, PUE_OF_FLEETS, PUE_OF_SITES
from caraml_analysis.reproduce import emission_tables
from caraml_analysis.reproduce.carbon_runs import estimate, load_factors
from caraml_analysis.sources.credits import CREDITS
from caraml_analysis.sources.grid import grid_intensity, load_grid_intensity
from caraml_analysis.sources.model_runs import load_accelerators, load_runs


@pytest.fixture(scope="module")
def agreement():
    return emission_tables.agreement()


def test_estimates_do_not_use_what_the_report_says():
    runs = load_runs().loc[["llama-65b"]]
    lied = runs.assign(
        reported_power_w=1.0,
        reported_energy_mwh=1.0,
        reported_t_co2e_location=1.0,
        reported_kg_co2e_per_kwh=1.0,
        reported_pue=3.0,
    )
    honest = emission_tables.outside_estimates(runs)
    assert emission_tables.outside_estimates(lied).equals(honest)


@pytest.mark.parametrize("held_out", ["run", "organisation"])
def test_metered_power_of_a_run_is_not_used_for_itself(held_out):
    runs = load_runs().loc[["meena", "t5-11b", "llama-65b"]]
    found = emission_tables.outside_estimates(runs, held_out=held_out)
    every = load_factors()
    ratios = every.ratios.copy()
    own = ratios["run"] == "meena" if held_out == "run" else ratios["organisation"] == "Google"
    ratios.loc[own, "watts"] *= 3
    changed = replace(every, ratios=ratios, _cache={})
    again = emission_tables.outside_estimates(runs, changed, held_out=held_out)
    column = "energy_facility_mwh_p50"
    assert again.loc["meena", column] == found.loc["meena", column]
    if held_out == "run":
        assert again.loc["t5-11b", column] > found.loc["t5-11b", column]


def test_without_metered_runs_a_row_is_marked_and_not_guessed():
    runs = load_runs().loc[["meena"]]
    few = load_factors().without(organisations=["Ai2"])
    found = emission_tables.outside_estimates(runs, few, held_out="organisation")
    assert found["error"].str.startswith("load:").all()
    assert found["energy_facility_mwh_p50"].isna().all()


def test_credits_name_the_ranges_that_are_used():
    def said(text: str) -> str:
        least, *_, most = text.split("..")
        return f"{least} to {most}"

    assert said(PUE_OF_SITES) in CREDITS["agreement"]
    for figure in ("footnote2", "every_grid"):
        assert said(PUE_OF_FLEETS) in CREDITS[figure]
    assert said(GRID_ERROR) in CREDITS["footnote2"]


def test_most_measured_energies_lie_inside(agreement):
    row = emission_tables.agreement_summary(agreement).loc[("energy", "measured")]
    assert row["runs"] >= 14
    assert row["inside"] >= 0.8 * row["runs"]
    assert row["median_error"] < 0.25


def test_what_is_validated_is_measured_and_nothing_else(agreement):
    """Neither an estimate of a tool, nor a report of unstated basis, may pass as measured."""
    measured = agreement[agreement["basis"] == "measured"]
    assert set(load_runs().loc[measured["run"], "energy_basis"]) == {"measured"}
    assert (load_runs().query("use_for_accuracy == 'yes'")["energy_basis"] == "measured").all()


def test_a_value_is_drawn_as_what_is_known_of_it():
    runs = pd.DataFrame(
        {
            "energy_basis": ["measured", "tool estimate", "not stated", "circular", "circular"],
            "accounting": ["not stated", "location-based", "location-based"] + 2 * ["not stated"],
        },
        index=list("abcde"),
    )
    findings = pd.DataFrame(
        [
            ("d", "intensity-range", "slip"),
            ("c", "intensity-range", "note"),
            ("e", "printed-twice", "slip"),
        ],
        columns=["run", "rule", "severity"],
    )
    emitted = emission_tables.kind_of_value(runs, "emissions", findings)
    assert emitted.tolist() == ["unstated", "tool", "other", "refuted", "unstated"]
    energy = emission_tables.kind_of_value(runs, "energy", findings)
    assert energy.tolist() == ["measured", "tool", "other", "circular", "circular"]
    slips = emission_tables.with_slip(runs, findings)
    assert slips.tolist() == [False, False, False, True, True]


def test_gemma_and_munin_are_not_drawn_as_measured():
    kinds = emission_tables.reported_emissions().set_index("run")["basis"]
    assert kinds[["gemma-1", "gemma-2"]].tolist() == ["unstated", "unstated"]
    assert kinds["munin-skolegpt-7b"] == "tool"


def test_a_renamed_run_is_refuted_all_the_same():
    """By what the checker finds, not by a name: the same numbers under another name."""
    runs = emission_tables.first_hand(load_runs()).query("reported_t_co2e_location > 0")
    runs = runs.rename(index={"llama-3.3-70b": "renamed"})
    found = check_runs(runs, load_accelerators(), load_grid_intensity())
    kinds = emission_tables.kind_of_value(runs, "emissions", found)
    assert kinds.index[kinds == "refuted"].tolist() == ["renamed"]
    right = runs.copy()
    right.loc["renamed", "reported_t_co2e_location"] = 2040.0
    found = check_runs(right, load_accelerators(), load_grid_intensity())
    assert not (emission_tables.kind_of_value(right, "emissions", found) == "refuted").any()


def test_what_is_refuted_sets_no_record_and_is_not_held_against_a_cap():
    reported = emission_tables.reported_emissions()
    refuted = reported[reported["basis"] == "refuted"]
    assert refuted["run"].tolist() == ["llama-3.3-70b"]
    assert not refuted["record"].any()
    assert refuted["slip"].all()
    table = emission_tables.runs_for_cap()
    without = table[table["left_out"] != ""]
    assert without["reported"].isna().all()
    assert without.loc["llama-3.3-70b", "left_out"] == "refuted"
    assert set(without["left_out"]) == {"refuted", "unstated"}


def test_only_single_trainings_set_records_and_are_capped():
    reported = emission_tables.reported_emissions()
    assert set(reported.loc[reported["record"], "covers"]) == {"one training"}
    assert (reported["covers"] == "project").any(), "still drawn"
    covers = load_runs().loc[emission_tables.runs_for_cap().index, "covers"]
    assert set(covers) == {"one training"}


def test_the_scope_of_a_reported_energy_does_not_change_estimated_emissions():
    runs = load_runs().loc[["bloom-176b-luccioni", "sam"]]
    cards = emission_tables.outside_estimates(runs)
    servers = emission_tables.outside_estimates(runs.assign(energy_scope="it"))
    column = "t_co2e_location_p50"
    assert cards[column].tolist() == servers[column].tolist()
    # cards alone draw less than the servers around them
    assert (cards["energy_accelerator_mwh_p50"] < servers["energy_it_mwh_p50"]).all()


def test_an_organisation_left_out_is_harder(agreement):
    harder = emission_tables.agreement_summary(emission_tables.agreement("organisation"))
    easier = emission_tables.agreement_summary(agreement)
    key = ("energy", "measured")
    assert harder.loc[key, "median_error"] > easier.loc[key, "median_error"]


def test_the_report_that_is_far_off_is_the_one_with_the_known_slip(agreement):
    far = agreement[(agreement["p50"] / agreement["reported"]) > 5]
    assert far["run"].tolist() == ["llama-3.3-70b"]


def test_energy_is_compared_at_the_scope_of_the_report(agreement):
    rows = agreement[agreement["quantity"] == "energy"].set_index("run")
    scopes = load_runs().loc[rows.index, "energy_scope"]
    assert set(scopes) <= {"gpu", "it", "facility"}
    found = emission_tables.outside_estimates(load_runs().loc[["bloom-176b-luccioni"]])
    scope = {"it": "energy_it_mwh", "gpu": "energy_accelerator_mwh"}
    column = scope[load_runs().loc["bloom-176b-luccioni", "energy_scope"]]
    assert rows.loc["bloom-176b-luccioni", "p50"] == found[f"{column}_p50"].iloc[0]


def test_estimates_by_others_are_no_reports():
    reported = emission_tables.reported_emissions()
    assert not reported["run"].isin(["nas-strubell", "bert-base", "gpt-4-iea"]).any()
    assert len(reported) >= 45
    assert (reported["t_co2e"] > 0).all()


def test_footnote_two_has_the_ratio_of_the_paper_in_hours():
    table = emission_tables.footnote_runs().set_index(["model", "quantity"])
    hours = table.xs("Accelerator-hours, million", level="quantity")["p50"]
    assert hours["Llama 3.1 405B"] / hours["DeepSeek-V3"] == pytest.approx(11.06, abs=0.005)
    card = table.loc[("Llama 3.1 405B", "Emissions, location-based, t CO2e")]
    assert card["p5"] < card["reported"] == 8930 < card["p95"]
    assert table["reported"].isna().sum() == 3


def test_emissions_are_proportional_to_the_grid():
    table = emission_tables.every_grid().set_index("iso3")
    year = load_factors().newest_year
    assert f"national averages of {year}" in CREDITS["every_grid"]
    ratio = grid_intensity("USA", year) / grid_intensity("FRA", year)
    assert table.loc["USA", "p50"] / table.loc["FRA", "p50"] == pytest.approx(ratio)
    assert table["p50"].is_monotonic_increasing
    run = {
        "accelerator": "H100-SXM",
        "accelerator_hours": 30.84e6,
        "country": "USA",
        "year": year,
        "grid_error": GRID_ERROR,
    }
    found = estimate(run, assume="hyperscale")["t_co2e_location"]
    assert table.loc["USA", "p50"] == pytest.approx(found.p50)


def test_a_cap_on_the_reported_runs():
    table = emission_tables.runs_for_cap()
    assert table[["p5", "p50", "p95"]].notna().all().all()
    at = allowed_under_caps(table, [1000]).iloc[0]
    above = table[table["p50"] > 1000]
    assert at["allowed"] == len(table) - len(above)
    assert {"llama-3.1-405b", "deepseek-v3"} <= set(above.index)
