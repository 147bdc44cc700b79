"""The report's section on the carbon estimator says what the tables say."""

from __future__ import annotations

import pytest

from caraml_analysis import paths
from caraml_analysis.carbon.planting import UNTRIED
from caraml_analysis.carbon.tools import TOOLS
from caraml_analysis.carbon.validation import FULL_RANGE, HOST_ADDED, OURS
from caraml_analysis.reproduce.carbon_section import (
    cannot_be_concluded,
    carbon_blocks,
    carbon_tables,
    summary_table,
)
from caraml_analysis.reproduce.document import Table, to_markdown
from caraml_analysis.sources.model_runs import load_runs


@pytest.fixture(scope="module")
def saved():
    return carbon_tables()


@pytest.fixture(scope="module")
def text(saved):
    return to_markdown(carbon_blocks(saved))


def test_every_competitor_stands_in_the_table_of_energy(saved):
    for boundary in ("report", "own", "own-cards"):
        shown = summary_table(saved["carbon_validation"], "energy_mwh", boundary)
        wanted = set(TOOLS) - ({"LLMCarbon"} if boundary == "own-cards" else set())
        assert wanted <= set(shown["formula"])
        assert shown["formula"].iloc[0].startswith("caraml_analysis")


def test_the_headline_is_that_of_the_tables(saved, text):
    summary = saved["carbon_validation"].set_index(["quantity", "boundary", "tool", "held_out"])
    for held_out in ("run", "organisation"):
        row = summary.loc[("energy_mwh", "report", "caraml_analysis", held_out)]
        assert f"{row['median_absolute_error']:.1%}" in text
    assert "Without the rule on small runs" in text


def test_what_stands_in_for_a_fit_is_counted_and_its_effect_shown(saved, text):
    rows = saved["carbon_validation_runs"]
    rows = rows[(rows["boundary"] == "report") & (rows["quantity"] == "energy_mwh")]
    rows = rows[rows["held_out"] == "organisation"]
    ours = rows[rows["tool"] == OURS]
    stood = ours[ours["stand_in"] != ""]
    assert f"to fit a load for {len(stood)} of {len(ours)} runs" in text
    for load in stood["stand_in"]:
        assert load in text
    errors = rows.groupby("tool")["error"].apply(lambda error: error.abs().median())
    assert set(errors.index) == {OURS, FULL_RANGE, HOST_ADDED}
    assert f"it would be {errors[FULL_RANGE]:.1%}, " in text
    assert f"it would be {errors[HOST_ADDED]:.1%}, " in text
    assert f"and {errors.min():.1%} to {errors.max():.1%} over 3 choices" in text
    assert f"a range stands in for {len(stood)} of {len(ours)} fitted loads" in text


def test_site_energy_beside_cards_is_said_to_be_no_test_of_accuracy(saved, text):
    rows = saved["carbon_validation_runs"]
    ours = rows[(rows["boundary"] == "own-cards") & (rows["tool"] == OURS)]
    ours = ours[ours["held_out"] == "run"]
    assert f"cards alone ({len(ours)} runs)" in text
    assert f"is {ours['error'].abs().median():.0%} off there" in text


def test_limits_and_false_alarms_are_listed(saved, text):
    assert "14 runs of 3 organisations" in cannot_be_concluded(saved["carbon_validation_runs"])[0]
    for run in saved["carbon_false_alarms"]["run"]:
        assert run in text
    known = saved["carbon_known_slips"]
    assert f"{known['found'].sum()} of {len(known)} slips" in text
    counts = known["evidence"].value_counts()
    assert counts.sum() == known["found"].sum()
    split = (
        f"slips that were known from reading: {counts['arithmetic']} by arithmetic, "
        f"{counts['second value']} because a reader"
    )
    assert split in text
    assert f"{counts['classification']} from a reader's classification" in text
    document = (paths.project_dir() / "docs/carbon.md").read_text(encoding="utf-8")
    assert (
        f"Of {len(known)}, that is {counts['arithmetic']}, {counts['second value']} and "
        f"{counts['classification']}"
    ) in document


def test_what_planted_slips_show_is_said_with_what_is_missed(saved, text):
    planted = saved["carbon_planted_slips"]
    total = planted.drop(columns="kind").sum()
    assert f"{total['found']} of {total['planted']} are found" in text
    tried = planted.iloc[:-UNTRIED]
    assert f"the right cause stands first in {tried['named_first'].sum()} " in text
    for row in planted[planted["found"] < planted["planted"]].itertuples():
        assert f"{row.kind} ({row.planted - row.found})" in text
    assert f"Runs left alone that are blamed: {total['others_blamed']}." in text
    assert "right cause first" in text


def test_alarms_on_runs_without_a_known_slip_are_counted(saved, text):
    runs = load_runs()
    clean = set(runs.index[runs["known_slip"].isna()])
    blamed = set(saved["carbon_false_alarms"]["run"]) & clean
    assert 0 < len(blamed) < len(clean)
    assert f"Of the {len(clean)} reported runs" in text
    assert f"{len(blamed)} are blamed for something" in text


def test_cells_are_texts(saved):
    for block in carbon_blocks(saved):
        if isinstance(block, Table):
            assert not block.rows.isna().any().any()
