"""The checker: rules find contradictions in what is printed, whoever printed it."""

from __future__ import annotations

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.checking import (
    CLAIMS,
    NOTE,
    SLIP,
    Printed,
    check_runs,
    false_alarms,
    recall,
    rounding,
)
from caraml_analysis.carbon.planting import plant_slips
from caraml_analysis.errors import TableError

SOUND = {
    "run": "invented",
    "organisation": "Somebody",
    "date": "2022-05",
    "accelerator": "NVIDIA A100 SXM 40/80GB",
    "accelerator_hours": 1_022_362.0,
    "reported_power_w": 400.0,
    "reported_pue": 1.1,
    "reported_energy_mwh": 449.8,
    "energy_scope": "facility",
    "energy_basis": "circular",
    "reported_kg_co2e_per_kwh": 0.385,
    "reported_t_co2e_location": 173.2,
    "training_country": "USA",
    "certainty": "primary",
}


def table(*changes):
    rows = [SOUND | {"run": f"invented-{i}"} | change for i, change in enumerate(changes)]
    return pd.DataFrame(rows).set_index("run").reindex(columns=[*ca.load_runs().columns])


def slips(*changes, printed=None):
    found = check_runs(table(*changes), ca.load_accelerators(), ca.load_grid_intensity(), printed)
    return found[found["severity"] == SLIP]


def test_a_report_that_holds_gets_no_finding():
    assert slips({}).empty


@pytest.mark.parametrize(
    ("change", "rule", "reconcile"),
    [
        ({"reported_energy_mwh": 4498.0}, "energy-arithmetic", "a factor of 10"),
        ({"reported_energy_mwh": 408.9}, "pue-side", "energy before PUE"),
        ({"energy_scope": "it"}, "pue-side", "energy after PUE"),
        (
            {"accelerator_hours": 1_022_362 / 8, "reported_power_w": None},
            "power-range",
            r"node-hours \(8 accelerators each\)",
        ),
        (
            {"reported_t_co2e_location": 173_200.0},
            "emissions-arithmetic",
            r"a factor of 1,000 \(unit or digit\)",
        ),
        ({"reported_t_co2e_location": 157.5}, "emissions-arithmetic", r"PUE \(1.1\)"),
        (
            {"reported_t_co2e_location": 1.07, "reported_kg_co2e_per_kwh": None},
            "intensity-range",
            "emissions about 100 times as large",
        ),
        ({"reported_kg_co2e_per_kwh": 0.0}, "intensity-range", "contract belongs into market"),
        (
            {"reported_t_co2e_location": 100.0, "reported_kg_co2e_per_kwh": None},
            "factor-of-place",
            "region and the edition",
        ),
        (
            {"reported_t_co2e_location": None, "reported_t_co2e_net": 173.2},
            "net-only",
            "location-based",
        ),
        (
            {"reported_t_co2e_location": None, "reported_t_co2e_life_cycle": 400.0},
            "life-cycle-only",
            "training part alone",
        ),
        ({"energy_basis": "third party"}, "third-party", "developer's own"),
        ({"energy_basis": "measured elsewhere"}, "power-elsewhere", "this run on this part"),
        ({"energy_scope": "unclear"}, "scope-missing", "scope of the energy"),
    ],
)
def test_each_slip_is_found_and_reconciled(change, rule, reconcile):
    found = slips(change).set_index("rule")
    assert rule in found.index
    assert found.loc[[rule], "reconcile"].str.contains(reconcile).any()


def test_hours_that_are_a_time_of_access():
    hours = {"devices": 768.0, "accelerator_hours": 768 * 60 * 24.0, "reported_energy_mwh": 486.6}
    assert "allocation" in set(slips(hours | {"reported_t_co2e_location": 187.3})["rule"])


def test_a_run_unlike_its_siblings_is_named():
    stated = {"reported_kg_co2e_per_kwh": None}
    found = slips(*[stated] * 4, stated | {"reported_t_co2e_location": 166.0})
    assert list(found["run"]) == ["invented-4"]
    assert found.iloc[0]["rule"] == "factor-of-siblings"
    assert "(-4.2%)" in found.iloc[0]["message"]


def values(*rows):
    return pd.DataFrame(rows, columns=["run", "quantity", "value", "source"])


NO_TOTALS = pd.DataFrame(columns=["report", "members", "quantity", "value", "source"])


@pytest.mark.parametrize(
    ("quantity", "value", "reconcile"),
    [
        ("energy_mwh", 408.9, r"PUE \(1.1\)"),
        ("accelerator_hours", 127_795.25, "accelerators per node"),
        ("accelerator_hours", 1_022_363, "digits"),
        ("t_co2e", 17.32, "factor of 10"),
        ("t_co2e", 43.3, "4 accelerators"),
        ("t_co2e", 111.1, "no single input"),
    ],
)
def test_two_values_for_one_run_are_reconciled(quantity, value, reconcile):
    other = Printed(values(("invented-0", quantity, value, "elsewhere")), NO_TOTALS)
    found = slips({"devices": 8.0}, printed=other)
    assert found.iloc[0]["rule"] == "printed-twice"
    assert pd.Series(found["reconcile"]).str.contains(reconcile).all()


def test_another_grid_is_recognised():
    other = values(
        ("invented-0", "t_co2e", 25.64, "elsewhere"),
        ("invented-0", "kg_co2e_per_kwh", 0.057, "elsewhere"),
    )
    found = slips({}, printed=Printed(other, NO_TOTALS))
    assert "grid factor: 0.385 against 0.057" in found.iloc[0]["reconcile"]


def totals(*rows):
    return pd.DataFrame(rows, columns=["report", "members", "quantity", "value", "source"])


def test_rows_that_do_not_add_up_and_copied_totals():
    members = "invented-0;invented-1"
    empty = values()
    right = totals(("one", members, "t_co2e", 346, "card"))
    assert slips({}, {}, printed=Printed(empty, right)).empty
    wrong = totals(("one", members, "t_co2e", 500, "card"))
    found = slips({}, {}, printed=Printed(empty, wrong))
    assert set(found["rule"]) == {"total"}
    assert "a row of 153.6 t CO2e that is not in the table" in found.iloc[0]["reconcile"]
    copied = totals(
        ("one", members, "t_co2e", 346, "card"), ("two", "invented-0", "t_co2e", 346, "card")
    )
    assert set(slips({}, {}, printed=Printed(empty, copied))["rule"]) == {"copied-total"}


def test_the_last_printed_digit_may_differ():
    assert slips({"reported_energy_mwh": 450.0}).empty
    assert slips({"reported_t_co2e_location": 173.0}).empty
    assert rounding(24.69) == pytest.approx(0.01 / 24.69)
    assert rounding(30_840_000) == pytest.approx(10_000 / 30_840_000)
    assert rounding(50.0) == pytest.approx(0.02)
    assert rounding(0) == 0


def test_market_zero_and_assumed_parts_are_notes():
    found = check_runs(
        table({"reported_t_co2e_market": 0.0, "accelerator_assumed": "yes"}),
        ca.load_accelerators(),
        ca.load_grid_intensity(),
    )
    assert set(found["rule"]) == {"market-zero", "part-assumed"}
    assert set(found["severity"]) == {NOTE}


def test_at_least_nine_in_ten_known_slips_are_found():
    known = recall(ca.check_reported_runs(), ca.load_runs())
    assert len(known) >= 35
    assert set(CLAIMS) == {f"C{i}" for i in range(1, 21)} == set(known["code"])
    assert known["found"].mean() >= 0.9


def test_every_false_alarm_is_listed():
    runs, findings = ca.load_runs(), ca.check_reported_runs()
    alarms = false_alarms(findings, runs)
    known = recall(findings, runs)
    explained = {(row.run, rule) for row in known.itertuples() for rule in CLAIMS[row.code]}
    listed = set(zip(alarms["run"], alarms["rule"], strict=True))
    slips = findings[findings["severity"] == "slip"]
    claimed = set(zip(slips["run"], slips["rule"], strict=True))
    assert claimed <= explained | listed
    assert not explained & listed


def test_the_checker_does_not_look_at_names_or_at_what_is_known():
    runs = ca.load_runs()
    blind = runs.drop(columns=["known_slip", "model", "notes", "quote", "source"])
    blind.index = [f"run {i}" for i in range(len(blind))]
    found = check_runs(blind, ca.load_accelerators(), ca.load_grid_intensity())
    named = check_runs(runs, ca.load_accelerators(), ca.load_grid_intensity())
    assert found["rule"].tolist() == named["rule"].tolist()


def test_planted_slips_are_found():
    found = plant_slips(ca.load_runs(), ca.load_accelerators(), ca.load_grid_intensity())
    assert (found["planted"] >= 15).all()
    assert found["found"].sum() / found["planted"].sum() >= 0.9


def test_what_is_no_table_of_runs_is_refused():
    grid, parts = ca.load_grid_intensity(), ca.load_accelerators()
    with pytest.raises(TableError, match="no runs to check"):
        check_runs(table({}).iloc[:0], parts, grid)
    with pytest.raises(TableError, match="no column 'accelerator'"):
        check_runs(table({}).drop(columns="accelerator"), parts, grid)
    with pytest.raises(TableError, match="accelerator_hours of invented-0 is below 0"):
        check_runs(table({"accelerator_hours": -1.0}), parts, grid)
