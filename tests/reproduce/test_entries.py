"""Located authorships and the choices that the paper leaves open."""

from __future__ import annotations

import pytest

import caraml_analysis as ca
from caraml_analysis.reproduce import accuracy, unknowns
from caraml_analysis.reproduce.entries import CHOICES, PAPER_YEARS, located_authorships


@pytest.fixture(scope="module")
def table():
    return ca.sensitivity_table()


def test_no_entry_is_lost_under_any_choice():
    total = located_authorships(["ICML"], [2021])["entries"].sum()
    for count in CHOICES["count"]:
        for headquarters in CHOICES["headquarters"]:
            rows = located_authorships(["ICML"], [2021], count=count, headquarters=headquarters)
            assert rows["entries"].sum() == pytest.approx(total)


def test_every_combination_is_there(table):
    assert len(table) == 16 * len(PAPER_YEARS)
    assert not table.duplicated([*CHOICES, "conference", "year"]).any()


def test_merging_territories_lowers_the_high_income_share(table):
    by = table.set_index([*CHOICES, "conference", "year"])["high"]
    for conference, year in PAPER_YEARS:
        own = by["first", "data_year", "kept", "own", conference, year]
        merged = by["first", "data_year", "kept", "merged", conference, year]
        assert merged < own


def test_leaving_headquarters_out_makes_them_unknown(table):
    by = table.set_index([*CHOICES, "conference", "year"])["unknown"]
    for key in PAPER_YEARS:
        kept = by["first", "data_year", "kept", "own", *key]
        assert by["first", "data_year", "left_out", "own", *key] > kept + 0.05


def test_the_class_in_force_is_that_of_an_earlier_year():
    rows = located_authorships(["ICML", "NeurIPS", "ICLR"], [2019], year_rule="in_force")
    years = rows.groupby("conference")["data_year"].first()
    # ICLR in May and ICML in June: two years before; NeurIPS in December: one
    assert years.to_dict() == {"ICLR": 2017, "ICML": 2017, "NeurIPS": 2018}


def test_the_geocoder_places_nearly_all_entries():
    rows = located_authorships(["ICML", "NeurIPS"], [2017, 2021, 2022])
    rows = rows[rows["status"] != "empty"]
    share = rows.loc[rows["status"] == "resolved", "entries"].sum() / rows["entries"].sum()
    assert share >= 0.95


def test_the_geocoder_is_right_on_entries_labelled_by_hand():
    scores = accuracy.audit_scores().set_index(["sample", "half"])
    row = scores.loc[("entries", "both")]
    assert row["texts"] == 300
    assert row["accuracy"] >= 0.97


def test_bounds_contain_the_estimates_where_the_papers_labels_can_be_right():
    bounds = unknowns.bounds()
    assert (bounds["bound_low"] <= bounds["bound_high"]).all()
    possible = bounds[bounds["estimate"] >= 0]
    assert (possible["estimate"] <= possible["bound_high"] + 1e-9).all()
