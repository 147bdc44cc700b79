"""Validation: measured runs only, the same for every formula, and nothing learnt from the test."""

from __future__ import annotations

from dataclasses import replace

import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.estimating import estimate
from caraml_analysis.carbon.presets import range_of_metered
from caraml_analysis.carbon.tools import TOOLS, it_energy_mwh, own_pue
from caraml_analysis.carbon.validation import (
    FULL_RANGE,
    HOST_ADDED,
    OURS,
    exact_binomial,
    measured_runs,
    summarise,
)
from caraml_analysis.carbon.validation import validation_rows as rows_of
from caraml_analysis.errors import FactorError, TableError
from caraml_analysis.reproduce.carbon_section import validation_rows
from caraml_analysis.sources.carbon_factors import load_grid_of_tools


@pytest.fixture(scope="module")
def rows():
    return validation_rows()


def test_only_measured_runs_are_used(rows):
    runs = ca.load_runs().loc[rows["run"].unique()]
    assert len(runs) == 14
    assert set(runs["energy_basis"]) == {"measured"}
    with pytest.raises(TableError, match="nothing can be validated"):
        measured_runs(ca.load_runs().query("energy_basis == 'circular'"))


def test_every_formula_gets_the_same_runs(rows):
    energy = rows[(rows["quantity"] == "energy_mwh") & (rows["boundary"] == "report")]
    counts = energy.groupby(["tool", "held_out"])["run"].nunique()
    assert set(energy["tool"]) >= {OURS, *TOOLS}
    assert counts.drop("LLMCarbon").eq(14).all()
    assert counts["LLMCarbon"].tolist() == [4]


@pytest.mark.parametrize(
    ("tool", "run", "accelerator", "hours", "mwh"),
    [  # data of the facts: anchors_comparison.csv
        ("mlco2/impact", "", "NVIDIA V100 SXM2", 3_552_000, 1065.6),
        ("Green Algorithms", "", "NVIDIA V100 SXM2", 3_552_000, 1288.31 / 1.12),
        ("Green Algorithms", "", "Google TPU v3", 3_768_320, 928.51 / 1.12),
        ("LLMCarbon", "gpt-3-175b", "", 0, 1289.85 / 1.1),
        ("carbontracker", "", "NVIDIA V100 SXM2", 3_552_000, 1683.65 / 1.58),
    ],
)
def test_formulas_of_other_tools_give_their_published_results(tool, run, accelerator, hours, mwh):
    assert it_energy_mwh(tool, run, accelerator, hours) == pytest.approx(mwh, rel=1e-3)


def test_grid_factors_of_tools_are_those_of_the_embedded_table():
    table = load_grid_of_tools().set_index("iso3")
    for country in ("USA", "TWN"):
        for tool in ("CodeCarbon", "carbontracker"):
            shipped = table.loc[country, f"{tool.lower()}_g_co2e_per_kwh"]
            assert TOOLS[tool].grid[country] == pytest.approx(shipped)


def test_a_formula_without_inputs_says_nothing():
    assert it_energy_mwh("LLMCarbon", "meena", "Google TPU v3", 1) is None
    assert it_energy_mwh("mlco2/impact", "meena", "NVIDIA H100 NVL", 1) is None
    assert own_pue("Green Algorithms", "google") == 1.12
    assert own_pue("Green Algorithms", "") == 1.56


def test_rated_power_overshoots_as_was_found_before(rows):
    errors = rows[(rows["tool"] == "rated power x hours") & (rows["boundary"] == "report")]
    assert errors["error"].median() == pytest.approx(0.50, abs=0.01)
    assert (errors["error"] > 0).sum() == 13


def test_the_run_that_is_predicted_teaches_nothing():
    factors = ca.load_factors()
    with_all, _ = factors.ratio("Google TPU v3", "node", 1e6)
    left_out, basis = factors.without(runs=["t5-11b"]).ratio("Google TPU v3", "node", 1e6)
    assert left_out.median != with_all.median
    assert basis.startswith("3 metered runs")
    assert len(factors.ratios) == len(ca.load_power_ratios())
    with pytest.raises(FactorError, match="load: no two metered runs like this one"):
        factors.without(organisations=["Google"]).ratio("Google TPU v3", "node", 1e6)


def test_the_range_that_stands_in_is_that_of_the_other_organisations(rows):
    ratios = ca.load_power_ratios()
    load = ratios["watts"] / ratios["tdp_w"]
    ours = rows[(rows["tool"] == OURS) & (rows["held_out"] == "organisation")]
    stood = ours[ours["stand_in"] != ""]
    assert set(stood["organisation"]) == {"Google", "Ai2"}
    for row in stood.itertuples():
        others = load[ratios["organisation"] != row.organisation]
        least, middle, most = (float(end) for end in row.stand_in.split(".."))
        assert least == pytest.approx(others.min(), rel=1e-3)
        assert middle == pytest.approx(others.median(), rel=1e-3)
        assert most == pytest.approx(others.max(), rel=1e-3)
    full = rows[(rows["tool"] == FULL_RANGE) & (rows["stand_in"] != "")]
    assert set(full["stand_in"]) == {range_of_metered(ratios)}
    fitted = rows[(rows["tool"] == OURS) & (rows["held_out"] == "run")]
    assert (fitted["stand_in"] == "").all()


def test_what_an_organisation_metered_does_not_move_its_own_prediction(rows):
    factors = ca.load_factors()
    spoiled = factors.ratios.copy()
    spoiled.loc[spoiled["organisation"] == "Ai2", "watts"] *= 0.1
    changed = replace(factors, ratios=spoiled, _cache={})
    of_ai2 = ca.load_runs().query(
        "use_for_accuracy == 'yes' and organisation.str.startswith('Ai2')"
    )
    keys = ["run", "tool", "held_out", "boundary"]
    again = rows_of(of_ai2, changed).set_index(keys).sort_index()
    before = rows[rows["quantity"] == "energy_mwh"].set_index(keys).sort_index()
    for run in of_ai2.index:
        key = (run, OURS, "organisation", "report")
        assert again.loc[key, "predicted"] == before.loc[key, "predicted"]
        key = (run, FULL_RANGE, "organisation", "report")
        assert again.loc[key, "predicted"] < before.loc[key, "predicted"]


def test_one_metered_run_that_is_left_has_no_range():
    factors = ca.load_factors()
    alone = factors.without(organisations=["Google", "Ai2"])
    with pytest.raises(FactorError, match="load: metered runs left: 1; a range needs two"):
        range_of_metered(alone.ratios)
    google = ca.load_runs().loc[["meena"]]
    few = factors.without(organisations=["Ai2"])
    with pytest.raises(FactorError, match="a range needs two"):
        rows_of(google, few)


def test_a_host_on_top_of_the_range_moves_sites_and_not_cards(rows):
    energy = rows[(rows["quantity"] == "energy_mwh") & (rows["boundary"] == "report")]
    energy = energy[energy["held_out"] == "organisation"].set_index(["tool", "run"])
    ours, added = energy.loc[OURS], energy.loc[HOST_ADDED]
    scope = ca.load_runs().loc[ours.index, "energy_scope"]
    ratio = added["predicted"] / ours["predicted"]
    assert (ratio[scope == "gpu"] == 1).all()
    stood = ours["stand_in"] != ""
    assert ratio[(scope == "facility") & ~stood].eq(1).all()
    assert ratio[(scope == "facility") & stood].between(1.10, 1.74).all()


def test_every_formula_applies_its_own_pue_to_cards_alone(rows):
    """Ours, too, although the energy of the cards is before any PUE and without a host."""
    cards = rows[rows["boundary"] == "own-cards"]
    assert set(ca.load_runs().loc[cards["run"].unique(), "energy_scope"]) == {"gpu"}
    assert cards["run"].nunique() == 8
    sites = rows[rows["boundary"] == "own"]
    assert set(ca.load_runs().loc[sites["run"].unique(), "energy_scope"]) == {"facility"}
    part = cards.iloc[0]["run"]
    run = ca.load_runs().loc[part, ["accelerator", "accelerator_hours"]].to_dict()
    left = ca.load_factors().without(runs=[part])
    found = estimate(run, left, assume="metered")["energy_facility_mwh"]
    key = (cards["run"] == part) & (cards["tool"] == OURS) & (cards["held_out"] == "run")
    assert cards.loc[key, "predicted"].tolist() == [found.p50]
    report = rows[(rows["boundary"] == "report") & (rows["run"] == part) & (rows["held_out"] == "")]
    report = report.set_index("tool")["predicted"]
    theirs = cards[(cards["run"] == part) & (cards["held_out"] == "")].set_index("tool")
    for tool in set(TOOLS) - {"LLMCarbon"}:
        expected = report[tool] * own_pue(tool, "")
        assert theirs.loc[tool, "predicted"] == pytest.approx(expected)


def test_the_summary_counts_what_is_inside(rows):
    summary = summarise(rows)
    ours = summary[(summary["tool"] == OURS) & (summary["quantity"] == "energy_mwh")]
    for line in ours.itertuples():
        own = rows[
            (rows["tool"] == OURS)
            & (rows["held_out"] == line.held_out)
            & (rows["boundary"] == line.boundary)
            & (rows["quantity"] == line.quantity)
        ]
        assert line.median_absolute_error == own["error"].abs().median()
        assert (
            line.inside == ((own["p5"] <= own["reported"]) & (own["reported"] <= own["p95"])).sum()
        )
        share = line.inside / line.n
        assert line.inside_low < share < line.inside_high or share == line.inside_high == 1
    assert summary.loc[summary["tool"] == "CodeCarbon", "compared"].notna().all()


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(12, 14, 0.5719, 0.9822), (0, 10, 0, 0.3085), (10, 10, 0.6915, 1), (5, 6, 0.3588, 0.9958)],
)
def test_exact_binomial_intervals_are_those_of_the_tables(k, n, low, high):
    assert exact_binomial(k, n) == pytest.approx((low, high), abs=1e-4)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(TableError, match="3 of 2 is no share"):
        exact_binomial(3, 2)
