"""Estimates: the paper's figures to the digit, sound intervals, and nothing without being told."""

from __future__ import annotations

import contextlib
import json
import math
import re

import numpy as np
import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.chain import OUTPUTS
from caraml_analysis.carbon.distributions import SAMPLES, latin_hypercube
from caraml_analysis.carbon.inputs import FIELDS, LIMITS
from caraml_analysis.carbon.sampling import INPUTS
from caraml_analysis.errors import CaramlError, FactorError, TableError, UnitError, UsageError
from caraml_analysis.reproduce import carbon_runs

LLAMA = {"accelerator": "H100-SXM", "accelerator_hours": "30.84M", "country": "USA", "year": 2024}


def estimated(assume="gpu-only", **changes):
    run = {name: value for name, value in (LLAMA | changes).items() if value is not None}
    return ca.estimate(run, assume=assume)


def test_the_paper_s_energy_to_the_digit():
    energy = estimated()["energy_it_mwh"]
    assert energy.p50 == pytest.approx(21_588, rel=1e-12)
    assert energy.is_exact
    assert energy.p5 == energy.p50 == energy.p95
    assert ca.implied_g_co2e_per_kwh(8930, energy.p50 * 1000) == pytest.approx(413.66, abs=0.005)


def test_the_published_example_with_ranges():
    found = estimated("hyperscale", g_co2e_per_kwh="300..385..480")
    energy, emissions = found["energy_facility_mwh"], found["t_co2e_location"]
    assert [energy.p5, energy.p50, energy.p95] == pytest.approx([20_200, 27_000, 35_100], rel=0.02)
    assert [emissions.p5, emissions.p50, emissions.p95] == pytest.approx(
        [7510, 10_450, 14_190], rel=0.03
    )
    assert emissions.p5 < 8930 < emissions.p95


@pytest.mark.parametrize(
    ("run", "output", "expected"),
    [
        (  # LLaMA-65B, arXiv:2302.13971
            {
                "accelerator": "A100-SXM",
                "accelerator_hours": 1_022_362,
                "load": 1,
                "host": 1,
                "pue": 1.1,
                "g_co2e_per_kwh": 385,
            },
            "t_co2e_location",
            173.2,
        ),
        (  # OLMo 7B, arXiv:2402.00838
            {"energy_mwh": 104, "energy_scope": "it", "pue": 1.1, "g_co2e_per_kwh": 610},
            "t_co2e_location",
            69.78,
        ),
        (  # OLMo 2 13B, arXiv:2503.05804: m3 of water in making the electricity
            {"energy_mwh": 257, "energy_scope": "it", "pue": 1.12, "wue_source": 3.10},
            "water_source_m3",
            892,
        ),
        (  # BLOOM, arXiv:2211.02001: embodied carbon of the cards
            {
                "accelerator": "A100-SXM",
                "accelerator_hours": 1_082_990,
                "load": 1,
                "host": 1,
                "pue": 1,
                "embodied_kg": 150,
                "lifetime_years": 6,
                "use_share": 0.85,
            },
            "t_co2e_embodied",
            3.636,
        ),
        (  # GPT-3, arXiv:2104.10350: metered power of nodes
            {
                "devices": 10_000,
                "hours": 355.2,
                "power_w": 330,
                "power_scope": "node",
                "pue": 1.1,
            },
            "energy_facility_mwh",
            1289.4,
        ),
    ],
)
def test_published_chains_close(run, output, expected):
    assert ca.estimate(run)[output].p50 == pytest.approx(expected, rel=5e-4)


def test_ways_to_say_how_much_was_run_agree():
    ways = (
        {"accelerator_hours": 8000},
        {"accelerator_hours": None, "node_hours": 1000, "accelerators_per_node": 8},
        {"accelerator_hours": None, "devices": 80, "hours": 100},
    )
    assert len({estimated(**way)["energy_it_mwh"].p50 for way in ways}) == 1


def test_intervals_are_those_of_plain_sampling():
    run = LLAMA | {"load": "0.6..0.9", "host": "1.1..1.7", "pue": "1.05..1.3"}
    found = ca.estimate(run, samples=20_000)
    drawn = np.random.default_rng(1).uniform(size=(3, 200_000))
    low, width = np.array([[0.6], [1.1], [1.05]]), np.array([[0.3], [0.6], [0.25]])
    plain = 21_588 * (low + width * drawn).prod(axis=0)
    value = found["energy_facility_mwh"]
    assert [value.p5, value.p50, value.p95] == pytest.approx(
        np.percentile(plain, [5, 50, 95]), rel=0.01
    )


def test_shares_of_the_variance_are_first_order_shares():
    value = estimated(load="0.6..0.9", host="1.1..1.7", pue="1.05..1.3")["energy_facility_mwh"]
    ranges = {"load": (0.6, 0.9), "host": (1.1, 1.7), "pue": (1.05, 1.3)}
    squares = {k: ((b - a) ** 2 / 12) / ((a + b) / 2) ** 2 for k, (a, b) in ranges.items()}
    whole = math.prod(1 + square for square in squares.values()) - 1
    assert value.shares == pytest.approx({k: square / whole for k, square in squares.items()})
    assert list(value.shares) == ["host", "load", "pue"]
    assert 0.95 < sum(value.shares.values()) < 1


def test_the_same_seed_gives_the_same_and_another_seed_another_result():
    run = LLAMA | {"load": "0.6..0.9", "host": "1.1..1.7", "pue": 1.1}
    first = ca.estimate(run)["energy_it_mwh"].p95
    latin_hypercube.cache_clear()
    assert ca.estimate(run)["energy_it_mwh"].p95 == first
    assert ca.estimate(run, seed=1)["energy_it_mwh"].p95 != first
    assert ca.estimate(run, seed=1)["energy_it_mwh"].p95 == pytest.approx(first, rel=0.02)


@pytest.mark.parametrize("field", ["load", "host", "pue"])
def test_a_missing_factor_is_named(field):
    given = {"load": 1, "host": 1, "pue": 1} | {field: None}
    with pytest.raises(FactorError, match=rf"^{field}: no value .*assume: gpu-only"):
        estimated(None, **given)


def test_a_preset_is_a_choice_and_stands_in_the_result():
    found = estimated()
    assert found.assume == "gpu-only"
    assert all("assumed, gpu-only" in str(f) for f in found.factors if f.field in ("load", "pue"))
    with pytest.raises(FactorError, match="no preset 'typical'; there are gpu-only, hyperscale"):
        estimated("typical")


def test_what_is_given_wins_over_a_preset():
    found = estimated(pue=1.5)
    assert found["energy_facility_mwh"].p50 == pytest.approx(21_588 * 1.5)
    assert "pue = 1.5 (given)" in map(str, found.factors)


def test_every_factor_names_its_source_and_edition():
    factors = {factor.field: str(factor) for factor in estimated().factors}
    assert "NVIDIA H100 SXM5 80GB" in factors["power_w"]
    assert "Ember, edition 2026-04: United States, 2024" in factors["g_co2e_per_kwh"]
    conflict = str(estimated(accelerator="V100-SXM2").factors[1])
    assert re.search(r"300 W \(rated power: .*; other sources: .*\b\d{3}\b", conflict)


def test_a_pue_may_be_that_of_an_operator():
    found = estimated(pue="Google 2023")
    assert found["energy_facility_mwh"].p50 == pytest.approx(21_588 * 1.1)
    assert any(f.field == "pue" and f.edition == "2023" for f in found.factors)
    with pytest.raises(FactorError, match="several values for 'Microsoft Azure 2025'"):
        estimated(pue="Microsoft Azure 2025")
    with pytest.raises(FactorError, match="pue: no value for 'Nobody 2023'"):
        estimated(pue="Nobody 2023")


def test_another_edition_of_the_grid_may_be_chosen():
    found = estimated(grid_edition="codecarbon")
    assert found["t_co2e_location"].p50 == pytest.approx(21.588 * 369.473)
    assert "codecarbon: United States, 2023" in str(found.factors[-1])
    with pytest.raises(FactorError, match=r"no edition 'iea'. Leave it out for Ember"):
        estimated(grid_edition="iea")
    with pytest.raises(FactorError, match="Kosovo is not in the edition 'codecarbon'"):
        estimated(grid_edition="codecarbon", country="XKX")


def test_embodied_carbon_and_water_may_be_those_of_the_tables():
    found = estimated(
        embodied_kg="NVIDIA H100 with server share",
        lifetime_years=4,
        use_share=1,
        wue_site="AWS 2023",
        wue_source="US grid average 2023",
    )
    assert found["t_co2e_embodied"].p50 == pytest.approx(30.84e6 * 463 / (4 * 8760) / 1000)
    assert found["water_site_m3"].p50 == pytest.approx(21_588 * 0.18)
    assert found["water_source_m3"].p50 == pytest.approx(21_588 * 4.35)
    with pytest.raises(FactorError, match=r"embodied_kg: no item 'H100 die only'. .*with server"):
        estimated(embodied_kg="H100 die only", lifetime_years=4, use_share=1)
    with pytest.raises(
        FactorError, match=r"wue_site: no value for 'Nobody 2023'. .*AWS 2023: 0.18"
    ):
        estimated(wue_site="Nobody 2023")


def test_values_stand_in_a_table():
    table = estimated("hyperscale").table()
    assert table.loc["energy_it_mwh", "unit"] == "MWh"
    assert (table["p5"] < table["p95"]).all()


def test_accounting_methods_stand_apart():
    found = estimated(g_co2e_per_kwh_market=0, g_co2e_per_kwh_net=80)
    assert found["t_co2e_market"].p50 == 0
    assert found["t_co2e_net"].p50 == pytest.approx(21_588 * 0.08)
    assert found["t_co2e_location"].p50 > found["t_co2e_net"].p50
    assert not [name for name in found.values if "total" in name]


def test_a_mix_of_grids_is_their_weighted_mean():
    parts = [ca.grid_intensity(code, 2024) for code in ("FRA", "USA")]
    found = estimated(grid_mix="FRA 0.25; USA 0.75", country=None)
    assert found["t_co2e_location"].p50 == pytest.approx(
        21.588 * (0.25 * parts[0] + 0.75 * parts[1])
    )
    with pytest.raises(FactorError, match=r"add up to 0\.9; they must be 1"):
        estimated(grid_mix="FRA 0.4; USA 0.5", country=None)
    with pytest.raises(FactorError, match="cannot read 'FRA'"):
        estimated(grid_mix="FRA", country=None)


def test_what_cannot_be_estimated_says_why():
    found = estimated(country=None)
    assert "no grid" in found.unknown["t_co2e_location"]
    with pytest.raises(FactorError, match="t_co2e_location: not estimated; no grid"):
        found["t_co2e_location"]
    from_site = ca.estimate({"energy_mwh": 5, "energy_scope": "facility"})
    assert list(from_site.values) == ["energy_facility_mwh"]
    assert "facility scope" in from_site.unknown["energy_it_mwh"]


def test_metered_runs_give_the_load():
    large = estimated("metered")
    assert "3 metered runs on GPUs, node power" in "".join(map(str, large.factors))
    small = estimated("metered", accelerator_hours=20)
    assert "metered runs on GPUs, gpu power below 100 hours" in "".join(map(str, small.factors))
    assert (
        small["energy_accelerator_mwh"].p50 / 20 < large["energy_it_mwh"].p50 / 30.84e6
    )  # small runs do not fill their accelerators
    tpu = estimated("metered", accelerator="TPU v3", accelerator_hours=1e6)
    assert "4 metered runs on Google TPU v3" in "".join(map(str, tpu.factors))
    assert large["t_co2e_location"].shares["load"] > 0.5


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"accelerator": "H100"},
            FactorError,
            "family whose parts differ. Name one of NVIDIA H100",
        ),
        ({"accelerator": "H1000-SXN"}, FactorError, "not known. Nearest: .*H100"),
        ({"accelerator": "TPU v5e"}, FactorError, "rated power of Google TPU v5e is not published"),
        ({"accelerator": None}, FactorError, "accelerator: no value"),
        ({"accelerator_hours": -5}, UnitError, "accelerator_hours is -5; it must be a finite"),
        ({"accelerator_hours": math.inf}, UnitError, "accelerator_hours is inf"),
        ({"accelerator_hours": None}, FactorError, "nothing says how much was run"),
        ({"pue": 0.9}, UnitError, "pue is 0.9; it must lie between 1 and 3"),
        ({"pue": "0.9..1.2"}, UnitError, "pue is 0.9..1.2; it must lie between 1 and 3"),
        ({"load": 70}, UnitError, "load is 70; it must lie between 0 and 1.2"),
        ({"host": 0.5}, UnitError, "host is 0.5"),
        (
            {"g_co2e_per_kwh": 0.385},
            UnitError,
            r"g_co2e_per_kwh is 0.385; .* Is it in kg per kWh\?",
        ),
        ({"country": "France"}, FactorError, "country: .*FRA is the code of France"),
        ({"country": "Atlantis"}, FactorError, "country: 'Atlantis' is not a country code"),
        ({"year": None}, FactorError, "year: is missing"),
        ({"year": 1800}, FactorError, "no grid intensity of United States in 1800; there is"),
        ({"energy_mwh": 5, "energy_scope": "it"}, UnitError, "contradict one another: they mean"),
        ({"energy_mwh": 5}, FactorError, "energy_scope is None; say what energy_mwh covers"),
        ({"node_hours": 5}, FactorError, "accelerators_per_node: node_hours are given"),
        ({"hours": 5}, FactorError, "devices: hours are given"),
        ({"devices": 8, "hours": 100}, UnitError, "are both given and contradict one another"),
        ({"devices": "8..9", "hours": 100}, UnitError, "devices is 8..9; it must be one number"),
        ({"power_w": 400}, FactorError, "power_scope is None; say what power_w covers"),
        ({"power_w": 0.4, "power_scope": "gpu"}, UnitError, "power_w is 0.4; it must lie between"),
        ({"acelerator": "H100"}, FactorError, r"no such field. Did you mean accelerator"),
        ({"pue": "low"}, FactorError, "pue: no value for 'low'"),
        ({"load": "1..b"}, UnitError, "load: 'b' is not a number"),
    ],
)
def test_bad_input_is_refused_with_its_field(changes, error, message):
    with pytest.raises(error, match=message):
        estimated(**changes)


def test_too_few_samples_are_refused():
    with pytest.raises(UnitError, match="samples is 10; at least 100"):
        ca.estimate(LLAMA, assume="hyperscale", samples=10)


def test_a_seed_is_a_whole_number():
    with pytest.raises(UnitError, match="seed is -1"):
        ca.estimate(LLAMA, assume="hyperscale", seed=-1)


@pytest.mark.parametrize("missing", [None, "", " ", math.nan, pd.NA])
def test_what_is_missing_counts_as_not_given(missing):
    run = LLAMA | {"pue": missing, "energy_mwh": missing, "grid_mix": missing}
    assert ca.estimate(run, assume="gpu-only")["energy_facility_mwh"].p50 == pytest.approx(21_588)


STRANGE = [True, [1, 2], {}, object(), "..", "1..", "NaN", "1e999", "−5", "0x10", b"5", np.ones(3)]


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"run"}))
def test_strange_values_raise_our_errors_or_none(field):
    for value in STRANGE:
        with contextlib.suppress(CaramlError):
            found = ca.estimate(LLAMA | {field: value}, assume="gpu-only")
            assert math.isfinite(found["energy_facility_mwh"].p50)


def test_energy_that_agrees_with_the_hours_wins():
    found = estimated(energy_mwh=25_000, energy_scope="facility")
    assert found["energy_facility_mwh"].p50 == 25_000


def test_an_estimate_is_plain_data():
    plain = json.loads(json.dumps(estimated("hyperscale").to_dict()))
    assert plain["values"]["energy_it_mwh"]["unit"] == "MWh"
    assert plain["values"]["energy_it_mwh"]["variance_shares"]["host"] > 0.5
    assert {factor["field"] for factor in plain["factors"]} >= {"power_w", "pue"}
    assert plain["seed"] == 2502


def test_a_table_gives_what_its_rows_give():
    table = pd.DataFrame(
        [LLAMA, LLAMA | {"accelerator": "A100-SXM", "accelerator_hours": 1e6, "year": 2022}],
        index=["llama", "other"],
    )
    found = ca.estimate_runs(table, assume="metered")
    assert list(found.index) == ["llama", "other"]
    for name, run in zip(found.index, table.to_dict("records"), strict=True):
        alone = ca.estimate(run, assume="metered", samples=SAMPLES)
        for output, value in alone.values.items():
            assert found.loc[name, f"{output}_p95"] == value.p95
    assert found["main_input"].tolist() == ["load", "load"]
    assert found["error"].tolist() == ["", ""]
    assert found["t_co2e_market_p50"].isna().all()


def test_a_row_that_cannot_be_estimated_stops_or_is_marked():
    table = pd.DataFrame([LLAMA, LLAMA | {"accelerator": "H100"}], index=["good", "bad"])
    with pytest.raises(FactorError, match=r"^row bad: accelerator: 'H100' is a family"):
        ca.estimate_runs(table, assume="gpu-only")
    found = ca.estimate_runs(table, assume="gpu-only", on_error="mark")
    assert found.loc["good", "error"] == ""
    assert "family" in found.loc["bad", "error"]
    assert math.isnan(found.loc["bad", "energy_it_mwh_p50"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame(columns=["accelerator_hours"]), "has no rows"),
        (pd.DataFrame({"text": ["a"]}), "no column says how much was run"),
        (pd.DataFrame({"acelerator_hours": [1], "devices": [1]}), "looks like 'accelerator_hours'"),
    ],
)
def test_a_table_that_holds_no_runs_is_refused(table, message):
    with pytest.raises(TableError, match=message):
        ca.estimate_runs(table)


def test_on_error_is_one_of_two():
    with pytest.raises(TableError, match='it is "raise" or "mark"'):
        ca.estimate_runs(pd.DataFrame([LLAMA]), on_error="ignore")


def test_reported_runs_can_be_estimated_from_their_hours_alone():
    table = ca.reported_inputs()
    found = ca.estimate_runs(table, assume="metered", on_error="mark")
    assert (found["error"] == "").mean() > 0.95
    assert not set(table.columns) & {"pue", "power_w", "energy_mwh", "g_co2e_per_kwh"}
    assert table.loc["t5-11b", "country"] == "TWN"


def test_every_input_has_a_field_and_a_meaning():
    assert set(INPUTS) <= set(FIELDS)
    assert set(LIMITS) <= set(FIELDS)
    assert set(OUTPUTS.values()) == {"MWh", "t CO2e", "m3"}


@pytest.mark.parametrize(
    ("field", "written", "plain"),
    [
        ("accelerator_hours", "30.84M h", 30.84e6),
        ("energy_mwh", "21.5 GWh", 21_500),
        ("energy_mwh", "20 GWh..22 GWh", "20000..22000"),
        ("g_co2e_per_kwh", "0.385 kg/kWh", 385),
        ("power_w", "0.6 kW", 600),
    ],
)
def test_a_field_reads_its_units_everywhere(field, written, plain):
    scopes = {"energy_scope": "it", "power_scope": "gpu"}

    def found(value):
        run = LLAMA | {"country": None, "g_co2e_per_kwh": 385} | scopes | {field: value}
        return ca.estimate(run, assume="hyperscale")["t_co2e_location"]

    assert found(written).p50 == pytest.approx(found(plain).p50, rel=1e-12)
    table = pd.DataFrame([LLAMA | scopes | {field: written}])
    row = ca.estimate_runs(table, assume="hyperscale").iloc[0]
    assert row["t_co2e_location_p50"] > 0


@pytest.mark.parametrize("value", ["2.8..3M", "0.65..0.72 GWh"])
def test_a_range_with_a_unit_at_one_end_is_refused(value):
    field = "accelerator_hours" if "M" in value else "energy_mwh"
    with pytest.raises(UnitError, match=f"{field}: .* has a unit at one end only"):
        estimated(**{field: value}, energy_scope="it")


@pytest.mark.parametrize("column", ["PUE", "Load", "Energy_MWh", "Energy (MWh)"])
def test_a_column_in_another_case_is_not_passed_over(column):
    table = pd.DataFrame([LLAMA | {column: 1.1}])
    with pytest.raises(TableError, match="looks like"):
        ca.estimate_runs(table, assume="gpu-only")


@pytest.mark.parametrize("kind", ["market", "net"])
def test_an_intensity_of_contracts_in_kg_is_refused_but_0_is_not(kind):
    with pytest.raises(UnitError, match=f"g_co2e_per_kwh_{kind} is 0.385.*Is it in kg per kWh"):
        estimated(**{f"g_co2e_per_kwh_{kind}": 0.385})
    assert estimated(**{f"g_co2e_per_kwh_{kind}": 0})[f"t_co2e_{kind}"].p50 == 0


def test_no_hours_and_devices_without_hours_are_refused():
    with pytest.raises(UnitError, match="accelerator_hours are 0: nothing was run"):
        estimated(accelerator_hours=0)
    with pytest.raises(FactorError, match="hours: devices are given, but not how long"):
        estimated(devices=8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"power_w": 600, "power_scope": "gpu", "load": 0.8}, "power_w and load both say"),
        ({"grid_mix": "FRA 1"}, "grid_mix and country both say what the grid is"),
        ({"grid_mix": "FRA 1", "country": None, "g_co2e_per_kwh": 56}, "grid_mix and g_co2e_per"),
        ({"grid_edition": "codecarbon", "g_co2e_per_kwh": 56}, "grid_edition and g_co2e_per_kwh"),
    ],
)
def test_two_inputs_that_say_the_same_thing_are_refused(changes, message):
    with pytest.raises(UnitError, match=message):
        estimated(**changes)


@pytest.mark.parametrize(
    ("changes", "idle"),
    [
        ({}, set()),
        ({"g_co2e_per_kwh": 385}, {"country", "year"}),
        ({"grid_edition": "codecarbon"}, {"year"}),
        ({"country": None, "grid_error": "0.8..1.2"}, {"year", "grid_error"}),
        ({"energy_mwh": 20_000, "energy_scope": "it", "load": 0.8, "host": 1.2}, {"load", "host"}),
        (
            {"energy_mwh": 20_000, "energy_scope": "facility", "host": 1.2, "pue": 1.1},
            {"host", "pue"},
        ),
        ({"power_w": 900, "power_scope": "node", "host": 1.2}, {"host"}),
    ],
)
def test_what_changes_nothing_is_named(changes, idle):
    found = estimated(**changes)
    assert set(found.not_used) == idle
    assert set(found.to_dict()["not_used"]) == idle
    for name in idle:  # indeed it changes nothing
        assert estimated(**{**changes, name: None}).values == found.values


def test_a_table_names_what_it_did_not_use():
    table = pd.DataFrame(
        {"energy_mwh": [5.0], "energy_scope": ["facility"], "pue": [1.2], "country": ["FRA"]}
    ).assign(year=2024)
    assert ca.estimate_runs(table)["not_used"].tolist() == ["pue (energy_mwh is of facility scope)"]


@pytest.mark.parametrize(
    ("power", "scope"), [(1400, "gpu"), (2000, "node"), (40, "gpu"), ("4.8 kW", "node")]
)
def test_a_draw_that_the_part_cannot_have_is_refused(power, scope):
    with pytest.raises(UnitError, match=r"power_w is .*; one H100-SXM draws .* Is it of several"):
        estimated(power_w=power, power_scope=scope)


def test_the_draw_of_a_part_that_the_table_lacks_is_taken_as_it_is():
    found = estimated(accelerator="Cerebras WSE-9", power_w=2500, power_scope="node")
    assert found["energy_it_mwh"].p50 == pytest.approx(30.84e6 * 2500 / 1e6)


def test_the_host_may_be_that_of_a_system():
    found = estimated(host="DGX H100 system")
    assert found["energy_it_mwh"].p50 == pytest.approx(21_588 * 1275 / 700)
    assert found["energy_it_mwh"].p50 == estimated(host="DGX H100")["energy_it_mwh"].p50
    assert any("a rating and not a mean" in str(factor) for factor in found.factors)
    with pytest.raises(FactorError, match=r"host: DGX A100 system holds NVIDIA A100 SXM"):
        estimated(host="DGX A100 system")
    with pytest.raises(FactorError, match=r"host: no system 'HAL 9000'.* DGX H100 system"):
        estimated(host="HAL 9000")


def test_the_newest_grid_is_of_the_year_that_nearly_all_countries_have():
    newest = ca.load_factors().newest_year
    years = ca.load_grid_intensity().groupby("year")["iso3"].nunique()
    assert years[newest] >= 0.9 * years.max() > years.get(newest + 1, 0)
    assert str(newest) in ca.load_factors().intensity("USA", "newest").edition


def test_a_part_that_resembles_none_is_answered_with_the_families():
    families = r"'foobar' is not known. There are .*TPU v3.*NVIDIA A100, .*Or give power_w"
    with pytest.raises(FactorError, match=families):
        estimated(accelerator="foobar")


def test_percentiles_of_one_run_hardly_depend_on_the_seed():
    found = [ca.estimate(LLAMA, assume="hyperscale", seed=seed) for seed in range(4)]
    ends = np.array([(v.p5, v.p50, v.p95) for v in (f["t_co2e_location"] for f in found)])
    width = (ends[:, 2] - ends[:, 0]).mean()
    assert (np.ptp(ends, axis=0) < 0.01 * width).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"energy_mwh": 1e4, "energy_scope": "facility", "pue": 0.9}, "pue is 0.9"),
        ({"energy_mwh": 2e4, "energy_scope": "it", "load": -3}, "load is"),
        ({"embodied_kg": -5}, "embodied_kg is"),
        ({"lifetime_years": 1e9}, "lifetime_years is"),
        ({"g_co2e_per_kwh": 300, "country": "ATLANTIS"}, "country: "),
        ({"g_co2e_per_kwh": 300, "year": "banana"}, "year: 'banana' is no year"),
        ({"power_w": 900, "power_scope": "node", "host": 0.2}, "host is 0.2"),
        ({"energy_mwh": 2e4, "energy_scope": "facility", "wue_site": -1}, "wue_site is"),
        ({"energy_mwh": 2e4, "energy_scope": "facility", "pue": "Nobody 2023"}, "pue: no value"),
    ],
)
def test_what_is_not_used_must_be_possible_all_the_same(changes, message):
    with pytest.raises(CaramlError, match=message):
        estimated(**changes)


def test_nothing_that_is_given_is_passed_over():
    run = {**LLAMA, "accelerator": "BANANA", "power_w": 700, "power_scope": "gpu"}
    run |= {"accelerators_per_node": 8, "energy_scope": "it", "lifetime_years": 4}
    found = ca.estimate(run, assume="gpu-only").not_used
    assert found["accelerator"] == "a part that the table lacks, nothing was taken from it"
    assert found["accelerators_per_node"] == "no node_hours"
    assert found["energy_scope"] == "no energy_mwh"
    assert found["lifetime_years"] == "no embodied_kg, use_share"
    assert set(found) == {"accelerator", "accelerators_per_node", "energy_scope", "lifetime_years"}


@pytest.mark.parametrize("where", [{"country": "CAF"}, {"grid_mix": "CAF 0.9; USA 0.1"}])
def test_a_grid_that_the_table_puts_at_nothing_is_refused(where):
    with pytest.raises(FactorError, match=r"puts Central African Republic at 0 g/kWh in 2023"):
        estimated(**{"country": None, "year": 2023, **where})


def test_fitted_loads_stay_within_what_a_card_can_draw():
    factors = ca.load_factors()
    small, _ = factors.ratio("NVIDIA H100 SXM5 80GB", "gpu", 20)
    assert small.at(latin_hypercube(1, 5000, 1)[0]).max() == LIMITS["load"][1]


def test_the_spread_between_editions_is_of_the_table_s_factor_alone():
    own = estimated("metered", g_co2e_per_kwh=385)
    assert "grid_error" not in own["t_co2e_location"].shares
    assert "grid_error" in estimated("metered")["t_co2e_location"].shares


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IDRIS 2022", 1.2),
        ("Meta 2023", 1.08),
        ("Ai2 Jupiter 2024", 1.2),
        ("US average 2020", 1.59),
    ],
)
def test_every_row_of_the_table_of_pue_can_be_named(name, value):
    assert estimated(pue=name)["energy_facility_mwh"].p50 == pytest.approx(21_588 * value)


def test_a_letter_is_no_name_of_a_site():
    with pytest.raises(FactorError, match="pue: no value for 'a 2023'"):
        estimated(pue="a 2023")
    with pytest.raises(FactorError, match=r"several values for 'Ai2 2024'.*Jupiter.*Augusta"):
        estimated(pue="Ai2 2024")


def test_embodied_carbon_is_that_of_the_part():
    hardware = {"lifetime_years": 4, "use_share": 1}
    with pytest.raises(FactorError, match=r"'NVIDIA H100 with server share' is not of NVIDIA A100"):
        estimated(accelerator="A100-SXM", embodied_kg="NVIDIA H100 with server share", **hardware)


def test_several_processes_and_parts_give_the_same_table(monkeypatch):
    monkeypatch.setattr(carbon_runs, "ROWS_AT_ONCE", 3)
    table = pd.DataFrame([LLAMA | {"accelerator_hours": 1e5 * i} for i in range(1, 9)])
    alone = ca.estimate_runs(table, assume="hyperscale")
    monkeypatch.undo()
    together = ca.estimate_runs(table, assume="hyperscale")
    monkeypatch.setattr(carbon_runs, "ROWS_AT_ONCE", 3)
    both = ca.estimate_runs(table, assume="hyperscale", jobs=2)
    pd.testing.assert_frame_equal(alone, together)
    pd.testing.assert_frame_equal(both, together)
    table.loc[7, "accelerator"] = "H1"
    with pytest.raises(FactorError, match="row 7: accelerator: 'H1' is"):
        ca.estimate_runs(table, assume="hyperscale", jobs=2)
    with pytest.raises(UsageError, match="jobs is 0"):
        ca.estimate_runs(table, jobs=0)


@pytest.mark.parametrize("devices", [8.5, 0, 0.5])
def test_devices_are_counted(devices):
    with pytest.raises(UnitError, match=r"devices is .*; it must be a whole number of 1 or more"):
        estimated(accelerator_hours=None, devices=devices, hours=10)


def test_what_is_nothing_has_no_interval():
    found = estimated("hyperscale", g_co2e_per_kwh_market=0)
    assert str(found["t_co2e_market"]) == "0 t CO2e"


@pytest.mark.parametrize(
    ("column", "meant"), [("device", "accelerator"), ("GPU hours", "accelerator_hours")]
)
def test_a_column_that_resembles_another_field_is_taken_for_what_it_means(column, meant):
    table = pd.DataFrame([{column: 1, "accelerator_hours": 5}])
    with pytest.raises(TableError, match=f"column '{column}' looks like '{meant}'"):
        ca.estimate_runs(table)
