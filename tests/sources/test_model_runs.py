"""Reported runs: what the collection says, what was corrected, and that corrections are told."""

from __future__ import annotations

import importlib
from pathlib import Path

import pandas as pd
import pytest

import caraml_analysis as ca

BUILDERS = Path(__file__).resolve().parent.parent.parent / "data/builders"


@pytest.fixture
def builder(monkeypatch):
    monkeypatch.syspath_prepend(BUILDERS)
    return importlib.import_module("runs")


def test_there_are_enough_runs_and_each_names_its_source():
    runs = ca.load_runs()
    assert len(runs) >= 80
    assert runs.index.is_unique
    for column in ("source", "quote", "certainty", "energy_basis", "covers"):
        assert runs[column].notna().all(), column


def test_energy_of_cards_times_rated_power_is_of_cards_alone():
    """Hours x rated power of the card cannot contain a host, so it is no IT energy."""
    runs = ca.load_runs()
    rated = runs["accelerator"].map(ca.load_accelerators()["tdp_w"])
    product = runs["accelerator_hours"] * rated / 1e6
    as_rated = (product / runs["reported_energy_mwh"] - 1).abs() < 0.002
    assert as_rated.sum() >= 4
    assert set(runs.loc[as_rated, "energy_scope"]) == {"gpu"}


def test_what_its_report_calls_an_estimate_of_a_tool_is_not_measured():
    runs = ca.load_runs()
    assert runs.loc["munin-skolegpt-7b", "energy_basis"] == "tool estimate"
    said = runs["quote"].str.contains("CodeCarbon", case=False)
    assert said.any()
    assert not runs.loc[said, "energy_basis"].str.startswith("measured").any()


def test_accounting_is_known_or_said_to_be_unknown():
    runs = ca.load_runs()
    located = runs["reported_t_co2e_location"].notna()
    assert set(runs.loc[located, "accounting"]) == {"location-based", "not stated"}
    assert runs.loc[~located, "accounting"].isna().all()
    assert (runs.loc[["gemma-1", "gemma-2"], "accounting"] == "not stated").all()
    # a report that prints the factor of a grid has said what it counts
    factor = located & runs["reported_kg_co2e_per_kwh"].notna()
    assert (runs.loc[factor, "accounting"] == "location-based").all()
    # and so has one that sets a market-based value beside it
    market = located & runs["reported_t_co2e_market"].notna()
    assert (runs.loc[market, "accounting"] == "location-based").all()


def test_every_correction_is_in_the_notes_of_its_row(builder):
    runs = ca.load_runs()
    for run, changes in builder.CORRECTIONS.items():
        for change in changes:
            column = builder.RUN_COLUMNS[change.column]
            assert f"{change.value:.200}" == f"{runs.loc[run, column]!s:.200}".removesuffix(".0")
            assert f"Corrected {column}" in runs.loc[run, "notes"]
            assert change.source in runs.loc[run, "notes"]


def test_a_correction_of_what_is_right_already_is_refused(builder, monkeypatch):
    change = builder.Correction("energy_scope", "gpu", "a reason", "a source")
    monkeypatch.setattr(builder, "CORRECTIONS", {"a": (change,)})
    runs = pd.DataFrame({"run_id": ["a"], "energy_scope": ["it"], "notes": ["Before."]})
    mended = builder.corrected(runs)
    assert mended.loc[0, "energy_scope"] == "gpu"
    assert mended.loc[0, "notes"] == (
        "Before. Corrected energy_scope (was it): a reason (a source)."
    )
    with pytest.raises(SystemExit, match=r"energy_scope of a is 'gpu' in .* already"):
        builder.corrected(mended)


def test_a_run_that_is_named_but_not_there_stops_the_builder(builder):
    runs = pd.DataFrame({"run_id": ["a"]})
    with pytest.raises(SystemExit, match=r"\['b'\] are not in"):
        builder._require(runs, ("a",), {"b": "project"})
