"""The checker: rules find contradictions in what is printed, whoever printed it."""

from __future__ import annotations

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.checking import (
    CLAIMS,
    CLASSIFIED,
    LEAST,
    MOST,
    NOTE,
    SLIP,
    Printed,
    check_runs,
    false_alarms,
    recall,
)
from caraml_analysis.carbon.checking.comparing import shortest_names
from caraml_analysis.carbon.checking.numbers import as_printed, rounding
from caraml_analysis.carbon.checking.numbers import change as worded
from caraml_analysis.carbon.checking.reports import CLASSES
from caraml_analysis.carbon.planting import UNTRIED, plant_slips
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
            "^emissions in kg, not t: 173.2 t$",
        ),
        ({"reported_t_co2e_location": 157.5}, "emissions-arithmetic", r"PUE \(1.1\)"),
        (
            {"reported_t_co2e_location": 1.07, "reported_kg_co2e_per_kwh": None},
            "intensity-range",
            r"^a factor of 100 \(unit or digit\) in the emissions: 107 t$",
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


UNSTATED = {"reported_kg_co2e_per_kwh": None}
ALONE = {"reported_energy_mwh": None, "reported_pue": None} | UNSTATED


def test_runs_without_an_organisation_have_no_siblings():
    for nobody in (None, "", float("nan"), "  "):
        runs = [ALONE | {"organisation": nobody}] * 4
        odd = ALONE | {"organisation": nobody, "reported_t_co2e_location": 166.0}
        assert slips(*runs, odd).empty


def test_siblings_are_of_one_organisation_and_not_of_one_first_word():
    names = shortest_names(["Meta AI (third party)", "Meta", "University of A", "University of B"])
    assert names["Meta AI (third party)"] == names["Meta"] == "meta"
    assert names["University of A"] != names["University of B"]
    others = [ALONE | {"organisation": f"University of {place}"} for place in "ABCD"]
    assert slips(*others, others[0] | {"reported_t_co2e_location": 166.0}).empty


@pytest.mark.parametrize(
    ("tonnes", "message", "reconcile"),
    [
        (166.0, r"\(-4.2%\)", r"^power of 383 W in place of 400 W \(-4.2%\); or a factor that"),
        (17.32, r"\(1/10 of it\)", r"^a factor of 10 \(unit or digit\) in the emissions: 173.2 t$"),
        (
            60.0,
            r"\(1/2.89 of it\)",
            r"^emissions of 173.2 t \(2.89 times as much\); or a factor that",
        ),
    ],
)
def test_an_odd_sibling_is_reconciled_in_words_that_read_well(tonnes, message, reconcile):
    found = slips(*[ALONE] * 4, ALONE | {"reported_t_co2e_location": tonnes})
    assert found["rule"].tolist() == ["factor-of-siblings"]
    assert found["message"].str.contains(message).all()
    assert found["reconcile"].str.contains(reconcile).all()


def test_an_impossible_factor_is_reconciled_by_what_its_siblings_imply():
    found = slips(*[ALONE] * 4, ALONE | {"reported_t_co2e_location": 1.1})
    assert found["rule"].tolist() == ["intensity-range"]
    assert found.iloc[0]["reconcile"] == (
        "emissions of 173.2 t (157 times as much), at the 0.4235 kg/kWh of the organisation's "
        "other runs"
    )


def test_siblings_are_not_blamed_for_what_a_contradiction_implies():
    spoiled = UNSTATED | {"reported_energy_mwh": 4498.0}
    found = slips(*[UNSTATED] * 4, spoiled)
    assert found["rule"].tolist() == ["energy-arithmetic"]


def test_changes_are_percentages_up_to_double_or_half_and_factors_beyond():
    assert [worded(r) for r in (1.068, 0.964, 1.99, 0.51)] == ["+6.8%", "-3.6%", "+99.0%", "-49.0%"]
    assert [worded(r) for r in (2, 156.9, 0.5, 1 / 156.9)] == [
        *("2 times as much", "157 times as much"),
        *("1/2 of it", "1/157 of it"),
    ]


def test_no_text_has_percentages_beyond_a_hundred():
    texts = ca.check_reported_runs()[["message", "reconcile"]].stack()
    assert not texts.str.contains(r"\d{3,}(?:\.\d+)?\s?%").any()
    assert not texts.str.contains(r"\de[+-]\d").any()


NO_POWER = {"reported_power_w": None}
NO_EMISSIONS = UNSTATED | {"reported_t_co2e_location": None}


@pytest.mark.parametrize(
    ("change", "rule", "reconcile"),
    [
        (
            {"reported_energy_mwh": 449_800.0},
            "energy-arithmetic",
            "energy in kWh, not MWh: 449.8 MWh",
        ),
        ({"reported_energy_mwh": 0.4498}, "energy-arithmetic", "energy in GWh, not MWh: 449.8 MWh"),
        (
            {"reported_energy_mwh": 4498.0},
            "energy-arithmetic",
            "a factor of 10 (unit or digit) in the energy: 449.8 MWh",
        ),
        (
            {"reported_energy_mwh": 4498.0} | NO_POWER,
            "emissions-arithmetic",
            "a factor of 10 (unit or digit) in the energy: 449.8 MWh",
        ),
        (
            {"accelerator_hours": 1_022_362 / 8},
            "energy-arithmetic",
            "node-hours (8 accelerators each): 1,022,000 accelerator-hours",
        ),
        (
            {"accelerator_hours": 1_022_362 / 8} | NO_POWER | NO_EMISSIONS,
            "power-range",
            "node-hours (8 accelerators each): 1,022,000 accelerator-hours",
        ),
        (
            {"accelerator_hours": 1_022_362 / 96, "devices": 96.0},
            "energy-arithmetic",
            "hours by the clock, of 96 accelerators: 1,022,000 accelerator-hours",
        ),
        (
            {"reported_t_co2e_location": 173.2e6},
            "emissions-arithmetic",
            "emissions in g, not t: 173.2 t",
        ),
        (
            {"reported_t_co2e_location": 173_200.0} | UNSTATED,
            "intensity-range",
            "emissions in kg, not t: 173.2 t",
        ),
        (
            {"reported_kg_co2e_per_kwh": 385.0},
            "emissions-arithmetic",
            "factor in grams (g/kWh), not kg/kWh: 0.385 kg/kWh",
        ),
        (
            {"reported_kg_co2e_per_kwh": 385.0, "reported_energy_mwh": None},
            "intensity-range",
            "factor in grams (g/kWh), not kg/kWh: 0.385 kg/kWh",
        ),
        (
            {"reported_kg_co2e_per_kwh": 0.849},
            "emissions-arithmetic",
            "factor in lb/kWh, not kg/kWh: 0.3851 kg/kWh",
        ),
        (
            {"reported_kg_co2e_per_kwh": 0.000385},
            "emissions-arithmetic",
            "factor divided by 1,000 once too often: 0.385 kg/kWh",
        ),
        ({"reported_power_w": 0.4}, "energy-arithmetic", "power in kW, not W: 400 W"),
        ({"reported_power_w": 0.4} | ALONE, "power-range", "power in kW, not W: 400 W"),
        (
            {"reported_power_w": 350.0},
            "energy-arithmetic",
            "rated power of another part (350 W against 400 W): 400 W",
        ),
        (
            {"reported_pue": None} | NO_EMISSIONS,
            "energy-arithmetic",
            "perhaps PUE 1.10: in one of the two and not in the other; or perhaps the hosts: in "
            "the energy and not in the power",
        ),
        (
            {"reported_energy_mwh": 449_800.0, "reported_t_co2e_location": 173_200.0},
            "energy-arithmetic",
            "energy in kWh and emissions in kg, not MWh and t: 449.8 MWh, 173.2 t",
        ),
        (
            {"reported_energy_mwh": 449_800.0, "reported_t_co2e_location": 173_200.0} | UNSTATED,
            "energy-arithmetic",
            "energy in kWh and emissions in kg, not MWh and t: 449.8 MWh, 173.2 t",
        ),
        (
            {"reported_kg_co2e_per_kwh": 385.0, "reported_t_co2e_location": 173_200.0},
            "intensity-range",
            "factor in g/kWh and emissions in kg, not kg/kWh and t: 0.385 kg/kWh, 173.2 t",
        ),
        ({"reported_energy_mwh": 1619.3}, "energy-arithmetic", "energy in GJ, not MWh: 449.8 MWh"),
        (
            {"reported_energy_mwh": 1_619_280.0} | NO_POWER,
            "emissions-arithmetic",
            "energy in MJ, not MWh: 449.8 MWh",
        ),
        (
            {"reported_energy_mwh": 124.94},
            "energy-arithmetic",
            "energy divided by 3.6 once too often: 449.8 MWh",
        ),
        (
            {"reported_energy_mwh": 44.98, "reported_kg_co2e_per_kwh": 0.0385},
            "energy-arithmetic",
            "two slips: a factor of 10 (unit or digit) in the energy: 449.8 MWh, and a factor of "
            "10 (unit or digit) in the factor: 0.385 kg/kWh",
        ),
        (
            {"reported_t_co2e_location": 1732.0, "accelerator_hours": 102_236.2},
            "energy-arithmetic",
            "two slips: a factor of 10 (unit or digit) in the emissions: 173.2 t, and a factor of "
            "10 (unit or digit) in the hours: 1,022,000 accelerator-hours",
        ),
        (
            {"accelerator_hours": 1_022_362 / 8, "reported_t_co2e_location": 173_200.0},
            "energy-arithmetic",
            "two slips: emissions in kg, not t: 173.2 t, and node-hours (8 accelerators each): "
            "1,022,000 accelerator-hours",
        ),
        (
            {"reported_energy_mwh": 444.8} | NO_EMISSIONS,
            "energy-arithmetic",
            "the digits: one number is misprinted or rounded",
        ),
        ({"reported_energy_mwh": 777.0} | NO_EMISSIONS, "energy-arithmetic", "no single input"),
    ],
)
def test_one_spoiled_number_is_one_finding_with_one_cause(change, rule, reconcile):
    found = slips(change)
    assert list(zip(found["rule"], found["reconcile"], strict=True)) == [(rule, reconcile)]


ZERO = {"reported_t_co2e_location": 0.0}


@pytest.mark.parametrize(
    ("change", "message", "tonnes"),
    [
        ({}, "449.8 MWh x 0.385 kg/kWh are 173.2 t, printed are 0 t.", "173.2 t"),
        (UNSTATED, "449.8 MWh x 0.41 kg/kWh, the average of USA in 2022, are 18", "t by the grid"),
        (ALONE, "408.9 MWh x 0.41 kg/kWh, the average of USA in 2022, are 16", "t by the grid"),
        (
            UNSTATED | {"training_country": None},
            "449.8 MWh on the cleanest grid (0.02 kg/kWh) are 8.996 t or more, printed are 0 t.",
            "8.996 t or more",
        ),
        (
            ALONE | NO_POWER | {"date": None},
            "102.2 MWh (the least of these hours) on the cleanest grid (0.02 kg/kWh) are 2.045 t",
            "2.045 t or more",
        ),
    ],
)
def test_a_market_based_zero_in_the_column_of_the_grid_is_a_slip(change, message, tonnes):
    found = slips(change | ZERO)
    assert found["rule"].tolist() == ["location-zero"]
    assert message in found.iloc[0]["message"]
    assert found.iloc[0]["reconcile"].startswith("a market-based 0, not a location-based one: ")
    assert tonnes in found.iloc[0]["reconcile"]


@pytest.mark.parametrize(
    "change",
    [
        {"accelerator_hours": 1_000.0, "reported_energy_mwh": 0.44},  # 0.17 t, rounded
        NO_POWER | ALONE | {"accelerator": None},  # no energy
    ],
)
def test_a_zero_that_may_be_right_is_none(change):
    assert slips(change | ZERO).empty


def test_a_factor_of_zero_and_its_tonnes_are_one_slip():
    assert slips(ZERO | {"reported_kg_co2e_per_kwh": 0.0})["rule"].tolist() == ["intensity-range"]


METERED = {"energy_basis": "measured", "energy_scope": "gpu", "reported_pue": None} | NO_EMISSIONS


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"reported_energy_mwh": 290.0}, True),  # a load of 71 %
        ({"reported_energy_mwh": 60.0}, True),
        ({"reported_energy_mwh": 480.0}, True),
        ({"reported_energy_mwh": 36.0}, False),
        ({"reported_energy_mwh": 520.0}, False),  # cards alone do not draw 1.27 times their rating
        ({"reported_energy_mwh": 520.0, "energy_scope": "it"}, True),  # servers do
        ({"reported_energy_mwh": 800.0, "energy_scope": "facility"}, True),
        ({"reported_energy_mwh": 950.0, "energy_scope": "it"}, False),
        ({"reported_energy_mwh": 290.0, "power_basis": "rated power"}, True),
        ({"reported_energy_mwh": 290.0, "power_basis": "measured average"}, False),
        ({"reported_energy_mwh": 290.0, "reported_power_w": 283.6}, True),  # their product
        ({"reported_energy_mwh": 190.0, "reported_power_w": 283.6}, False),
        ({"reported_energy_mwh": 290.0, "accelerator": None}, True),
        ({"reported_energy_mwh": 36.0, "accelerator": None}, False),
    ],
)
def test_metered_energy_beside_a_rated_power_is_a_load_and_no_product(change, holds):
    assert slips(METERED | change).empty == holds


def test_metered_runs_that_are_embedded_hold_beside_their_rated_power():
    runs = ca.load_runs()
    metered = runs[(runs["energy_basis"] == "measured") & runs["accelerator_hours"].notna()]
    tdp = metered["accelerator"].map(ca.load_accelerators()["tdp_w"])
    metered = metered.assign(reported_power_w=tdp, power_basis="TDP").dropna(
        subset=["reported_power_w", "reported_energy_mwh"]
    )
    found = check_runs(metered, ca.load_accelerators(), ca.load_grid_intensity())
    assert len(metered) >= 12
    assert not set(found["rule"]) & {"energy-arithmetic", "power-range", "pue-side"}


def test_where_nobody_says_how_energy_came_about_a_load_stands_before_another_part():
    unsaid = METERED | {"energy_basis": None, "reported_energy_mwh": 306.7}
    assert slips(unsaid).iloc[0]["reconcile"].split("; or ") == [
        "perhaps a load of 75%: energy that was metered, beside the rated power",
        "rated power of another part (400 W against 300 W): 300 W",
    ]
    circular = slips(unsaid | {"energy_basis": "circular"}).iloc[0]["reconcile"]
    assert circular.startswith("rated power of another part")


@pytest.mark.parametrize(
    ("tonnes", "causes"),
    [
        (190.3, ["perhaps another factor, the average of USA in 2021: 0.423", "perhaps PUE 1.10"]),
        (197.0, ["perhaps another factor, the average of USA in 2019: 0.438", "perhaps PUE 1.14"]),
        (202.0, ["perhaps PUE 1.17", "perhaps another factor (region, year or edition): 0.449"]),
        (150.0, ["perhaps PUE 1.15", "perhaps another factor (region, year or edition): 0.333"]),
        (252.8, ["perhaps another factor (region, year or edition): 0.562", "perhaps PUE 1.46"]),
    ],
)
def test_a_difference_that_pue_could_make_is_worded_as_a_possibility_among_others(tonnes, causes):
    change = {"date": "2021", "reported_t_co2e_location": tonnes, "reported_pue": None}
    found = slips(change | {"accelerator_hours": None}).iloc[0]["reconcile"].split("; or ")
    for cause, start in zip(found, causes, strict=True):
        assert cause.startswith(start)


def test_findings_that_need_different_inputs_say_that_none_explains_all():
    spoiled = {"reported_energy_mwh": 44.98, "reported_t_co2e_location": 50.0}
    found = slips(spoiled)
    assert len(found) == 2
    for text in found["reconcile"]:
        assert text == "no single input" or text.startswith(
            "no single input reconciles all; for this alone: "
        )
    assert found["reconcile"].str.contains("for this alone").any()


def test_hours_that_no_run_has_are_no_cause():
    change = {"accelerator_hours": 1_022_362.0, "reported_energy_mwh": 449_800.0, "devices": 2048.0}
    for remedy in slips(change | NO_EMISSIONS)["reconcile"]:
        assert "hours in thousands" not in remedy
    many = {"accelerator_hours": 1022.362, "devices": 2048.0}
    assert slips(many)["reconcile"].str.contains("hours in thousands").all()


def test_what_one_cause_explains_too_is_named_once():
    message = slips({"reported_energy_mwh": 449_800.0}).iloc[0]["message"]
    assert message.endswith(
        "The same input explains emissions-arithmetic, intensity-range, power-range."
    )


def test_several_causes_are_ranked_and_joined_by_or():
    measured = {"reported_energy_mwh": 2998.0, "energy_basis": "measured"}
    text = slips(measured | NO_POWER | NO_EMISSIONS).iloc[0]["reconcile"]
    assert text.split("; or ") == [
        "node-hours (8 accelerators each): 8,179,000 accelerator-hours",
        "a factor of 10 (unit or digit) in the energy: 299.8 MWh",
        "a factor of 10 (unit or digit) in the hours: 10,220,000 accelerator-hours",
    ]


def test_numbers_are_written_out_and_absurd_ones_are_not():
    assert [as_printed(n) for n in (24.69, 1_732_000.0, 5.7e-6, 0, 1e300)] == [
        *("24.69", "1,732,000", "0.0000057", "0", "1e+300")
    ]


@pytest.mark.parametrize("extreme", [LEAST, MOST])
def test_extreme_numbers_are_findings_and_absurd_ones_are_refused(extreme):
    for column in ("accelerator_hours", "reported_energy_mwh", "reported_t_co2e_location"):
        assert not slips({column: extreme}).empty
        for absurd in (1e-300, 1e300, float("inf")):
            with pytest.raises(TableError, match=f"{column} of invented-0 is a number that no"):
                slips({column: absurd})


def test_missing_dates_and_zeros_are_no_crash():
    assert slips({"date": None}).empty
    assert slips({"accelerator_hours": 0.0, "reported_energy_mwh": 0.0}).empty


def values(*rows):
    return pd.DataFrame(rows, columns=["run", "quantity", "value", "source"])


NO_TOTALS = pd.DataFrame(columns=["report", "members", "quantity", "value", "source"])


@pytest.mark.parametrize(
    ("quantity", "value", "reconcile"),
    [
        ("energy_mwh", 408.9, r"PUE \(1.1\)"),
        ("accelerator_hours", 127_795.25, "accelerators per node"),
        ("accelerator_hours", 1_022_363, "digits"),
        ("t_co2e", 17.32, r"^a factor of 10 \(unit or digit\)$"),
        ("t_co2e", 173_200.0, "^kg and t mixed up: a factor of 1,000$"),
        ("energy_mwh", 449_800.0, "^kWh and MWh mixed up: a factor of 1,000$"),
        ("t_co2e", 43.3, "4 accelerators"),
        ("t_co2e", 111.1, "no single input"),
    ],
)
def test_two_values_for_one_run_are_reconciled(quantity, value, reconcile):
    other = Printed(values(("invented-0", quantity, value, "elsewhere")), NO_TOTALS)
    found = slips({"devices": 8.0}, printed=other)
    assert found.iloc[0]["rule"] == "printed-twice"
    assert pd.Series(found["reconcile"]).str.contains(reconcile).all()


def test_how_many_times_is_written_out():
    other = Printed(values(("invented-0", "t_co2e", 1_732_000.0, "elsewhere")), NO_TOTALS)
    assert slips({}, printed=other).iloc[0]["message"].endswith("(elsewhere): 10,000 times.")


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


def test_what_a_label_repeats_is_not_counted_as_found_by_arithmetic():
    runs = ca.load_runs()
    known = recall(ca.check_reported_runs(), runs)
    labels = known[known["evidence"] == "classification"]
    assert set(labels["rule"]) <= set(CLASSIFIED)
    blind = runs.assign(
        energy_basis=runs["energy_basis"].replace(["third party", "measured elsewhere"], "none"),
        energy_scope=runs["energy_scope"].where(runs["energy_scope"] != "unclear"),
        reported_t_co2e_net=float("nan"),
        reported_t_co2e_life_cycle=float("nan"),
    )
    found = check_runs(blind, ca.load_accelerators(), ca.load_grid_intensity())
    assert not set(found["rule"]) & set(CLASSIFIED)
    blindly = recall(found, runs)
    same = known["evidence"] == "arithmetic"
    without_totals = same & ~known["rule"].isin(["total", "copied-total"])
    assert blindly.loc[without_totals, "found"].all()
    assert not blindly.loc[known.index.isin(labels.index), "found"].any()


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


@pytest.fixture(scope="module")
def planted():
    found = plant_slips(ca.load_runs(), ca.load_accelerators(), ca.load_grid_intensity())
    return found.set_index("kind")


def test_planted_slips_are_found(planted):
    two = planted.index.str.startswith("two")
    assert (planted.loc[~two, "planted"] >= 15).all()
    assert (planted.loc[two, "planted"] >= 10).all()
    assert planted["found"].sum() / planted["planted"].sum() >= 0.9


def test_units_that_are_mixed_up_are_always_found_and_named_rightly(planted):
    units = planted[planted.index.str.contains("printed as|divided by")].iloc[:-1]
    assert len(units) == 11
    assert (units["found"] == units["planted"]).all()
    assert (units["named"] == units["planted"]).all()


def test_of_causes_that_are_tried_nine_in_ten_stand_first_and_nobody_else_is_blamed(planted):
    tried = planted.iloc[:-UNTRIED]
    assert tried["named_first"].sum() / tried["found"].sum() >= 0.9
    assert (planted["others_blamed"] == 0).all()
    assert (planted["named_first"] <= planted["named"]).all()
    assert (planted["named"] <= planted["found"]).all()


def test_a_number_that_nothing_can_be_held_against_is_not_planted():
    lone = table({"reported_power_w": None, "reported_energy_mwh": None})
    found = plant_slips(lone, ca.load_accelerators(), ca.load_grid_intensity())
    assert (found["planted"] == 0).all()


def test_what_is_no_table_of_runs_is_refused():
    grid, parts = ca.load_grid_intensity(), ca.load_accelerators()
    with pytest.raises(TableError, match="no runs to check"):
        check_runs(table({}).iloc[:0], parts, grid)
    with pytest.raises(TableError, match="no column 'accelerator'"):
        check_runs(table({}).drop(columns="accelerator"), parts, grid)
    with pytest.raises(TableError, match="accelerator_hours of invented-0 is below 0"):
        check_runs(table({"accelerator_hours": -1.0}), parts, grid)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("reported_pue", 0.5, r"is 0\.5; it must lie between 1 and 3\."),
        ("reported_pue", 110.0, r"is 110\.0; it must lie between 1 and 3\."),
        ("reported_pue", 0.0, r"is 0\.0; it must lie between 1 and 3\."),
        ("energy_scope", "Facility", r"is 'Facility'; .* it, unclear\. Did you mean 'facility'\?"),
        (
            "energy_scope",
            "lab",
            r"is 'lab'; it must be empty or one of facility, gpu, it, unclear\.",
        ),
        ("energy_basis", "Measured", r"is 'Measured'; .* Did you mean 'measured'\?"),
        ("accelerator_assumed", "maybe", r"is 'maybe'; it must be empty or one of yes\."),
        ("reported_energy_mwh", "449.8 MWh", r"is '449\.8 MWh', which is not a number\."),
        ("reported_t_co2e_location", "n/a", r"is 'n/a', which is not a number\."),
        ("devices", "many {0}", r"is 'many \{0\}', which is not a number\."),
    ],
)
def test_what_cannot_be_is_refused_with_its_column_and_run(column, value, message):
    runs = table({}, {column: value})
    with pytest.raises(TableError, match=f"^{column} of invented-1 {message} Correct the row"):
        check_runs(runs, ca.load_accelerators(), ca.load_grid_intensity())


def test_numbers_in_a_column_of_texts_are_numbers_and_empty_ones_are_not_printed():
    spoiled = {"reported_energy_mwh": "4498"}
    assert slips(spoiled).iloc[0]["rule"] == "energy-arithmetic"
    for nothing in ("", None, pd.NA, float("nan")):
        assert slips(spoiled, {"reported_energy_mwh": nothing})["run"].tolist() == ["invented-0"]


def test_the_embedded_runs_use_no_other_words_than_the_rules_compare():
    runs = ca.load_runs()
    for column, words in CLASSES.items():
        assert set(runs[column].dropna()) == set(words)
