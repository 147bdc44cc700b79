"""The paper's numbers beside ours: complete, honest, traceable."""

from __future__ import annotations

import importlib

import pytest

import caraml_analysis as ca
from caraml_analysis.reproduce import numbers


@pytest.fixture(scope="module")
def compared():
    return numbers.compare().set_index("id")


def test_every_row_of_the_paper_has_a_status(compared):
    assert compared.index.tolist() == ca.load_paper_numbers().index.tolist()
    assert set(compared["status"]) <= set(numbers.STATUSES)


def test_a_match_or_difference_names_the_function_that_computed_it(compared):
    computed = compared[compared["status"].isin(["match", "differs"])]
    assert len(computed) > 40
    for name in computed["computed_by"]:
        module, function = name.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(module), function))
    assert (computed["ours"] != "").all()


def test_a_difference_and_what_is_not_recoverable_has_a_reason(compared):
    needs = compared[compared["status"].isin(["differs", "not recoverable", "cited"])]
    assert (needs["why"] != "").all()


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("A-ICML17-entries", "match"),
        ("A-ICML17-unique", "match"),
        ("A-NeurIPS17-entries", "match"),
        ("A-NeurIPS17-unique", "match"),
        ("A-ICML21-entries", "differs"),
        ("A-NeurIPS21-entries", "differs"),
        ("A-ICML21-unique", "match"),
        ("A-NeurIPS21-unique", "match"),
        ("S4-4", "differs"),
        ("S4-5", "match"),
        ("FN2-3", "match"),
        ("S2-1", "differs"),
        ("FIG1", "match"),
        ("ALT-5", "cited"),
        ("S4-8", "not recoverable"),
    ],
)
def test_known_outcomes(compared, number, status):
    assert compared.loc[number, "status"] == status


def test_the_carbon_figures_are_printed_to_the_digit(compared):
    assert "21.588 GWh, rounded 21.6" in compared.loc["S4-4", "ours"]
    assert "413.66 g/kWh" in compared.loc["S4-5", "ours"]
    assert "11.06" in compared.loc["FN2-3", "ours"]


def test_the_row_differences_of_2021_are_explained(compared):
    assert "WILDS" in compared.loc["A-ICML21-entries", "why"]
    assert "proceedings" in compared.loc["A-NeurIPS21-entries", "why"]
