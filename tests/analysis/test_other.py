"""Compute by group, papers by country, sensitivity."""

from __future__ import annotations

import pandas as pd

import caraml_analysis as ca
from caraml_analysis.analysis.sensitivity import largest_shifts


def test_compute_by_income_group_of_november_2024():
    top = ca.load_top500("2024-11")
    top = top.assign(income_group=ca.income_group(top["iso3"], 2023))
    groups = ca.compute_by_income_group(top).set_index("income_group")
    assert groups["countries"].tolist() == [33, 5, 2, 0, 0]
    assert groups["systems"].tolist() == [416, 77, 7, 0, 0]
    assert groups["rmax_share"].round(3).tolist() == [0.961, 0.036, 0.003, 0.0, 0.0]


def test_papers_by_country_counts_a_paper_once_per_country():
    located = pd.DataFrame(
        {
            "conference": "ICML",
            "year": 2022,
            "paper": [1, 1, 1, 2, 3],
            "entries": [2, 1, 1, 1, 1],
            "countries": ["USA", "USA;GBR;USA", "GBR", None, "KEN"],
        }
    )
    table = ca.papers_by_country(located).set_index("iso3")
    assert table["papers"].to_dict() == {"GBR": 1, "KEN": 1, "USA": 1}
    assert table["entries"].to_dict() == {"GBR": 2, "KEN": 1, "USA": 3}


def test_largest_shift_changes_one_choice_at_a_time():
    rows = [
        ("a", "x", 2017, 0.5, 0.5),
        ("b", "x", 2017, 0.6, 0.4),
        ("a", "y", 2017, 0.45, 0.55),
        ("b", "y", 2017, 0.0, 1.0),
    ]
    table = pd.DataFrame(rows, columns=["first", "second", "year", "high", "low"])
    shifts = largest_shifts(
        table, ["first", "second"], {"first": "a", "second": "x"}, ["high", "low"]
    )
    assert shifts["choice"].tolist() == ["first", "second"]
    assert shifts["shift_points"].abs().round(6).tolist() == [10, 5]
