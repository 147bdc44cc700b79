"""The bounds on the paper's unknowns, against cases counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import caraml_analysis as ca
from caraml_analysis.errors import TableError


def tables(high=80, upper=15, lower=5, unknown=0):
    ours = pd.DataFrame(
        {
            "conference": "ICML",
            "year": 2017,
            "income_group": ["high", "upper_middle", "lower_middle", "unknown"],
            "entries": [high, upper, lower, unknown],
        }
    )
    paper = pd.DataFrame(
        [{"conference": "ICML", "year": 2017, "high": 60, "upper_middle": 8, "lower_middle": 2}]
    ).assign(unknown=30)
    return ours, paper


def test_bounds_counted_by_hand():
    bounds = ca.unknown_bounds(*tables()).set_index("income_group")
    # 80 are high, the paper knows 70 in all: at least 10 of its 30 unknowns are high, at most 30
    assert bounds.loc["high", ["bound_low", "bound_high"]].tolist() == [10, 30]
    assert bounds.loc["upper_middle", ["bound_low", "bound_high"]].tolist() == [0, 15]
    assert bounds.loc["high", "estimate"] == 20
    assert bounds["estimate"].sum() == 30


@given(
    high=st.integers(0, 100),
    upper=st.integers(0, 100),
    known_high=st.integers(0, 100),
    known_upper=st.integers(0, 100),
)
def test_the_truth_lies_within_the_bounds(high, upper, known_high, known_upper):
    known_high, known_upper = min(high, known_high), min(upper, known_upper)
    unknown = high + upper - known_high - known_upper
    if unknown == 0 or known_high + known_upper == 0:
        return
    ours, _ = tables(high, upper, 0)
    paper = pd.DataFrame(
        [{"conference": "ICML", "year": 2017, "high": known_high, "upper_middle": known_upper}]
    ).assign(unknown=unknown)
    bounds = ca.unknown_bounds(ours, paper).set_index("income_group")
    for group, truth in (("high", high - known_high), ("upper_middle", upper - known_upper)):
        assert bounds.loc[group, "bound_low"] <= truth <= bounds.loc[group, "bound_high"]
        assert bounds.loc[group, "estimate"] == truth


def test_our_errors_widen_the_estimate_and_never_beyond_what_is_there():
    bounds = ca.estimate_under_error(ca.unknown_bounds(*tables()), 0.1).set_index("income_group")
    assert bounds.loc["high", ["estimate_low", "estimate_high"]].tolist() == [10, 30]
    assert bounds.loc["lower_middle", "estimate_low"] == 3 - 5
    assert bounds.loc["low", "estimate_low"] == 0


def test_an_impossible_error_rate_is_refused():
    with pytest.raises(TableError, match="error rate 3 is not between 0 and 1"):
        ca.estimate_under_error(ca.unknown_bounds(*tables()), 3)


def test_a_conference_year_that_we_lack_is_named():
    ours, paper = tables()
    with pytest.raises(TableError, match="no entries of ICML 2031"):
        ca.unknown_bounds(ours, paper.assign(year=2031))


def test_design_effect():
    assert ca.design_effect(pd.DataFrame({"affiliation": list("abc"), "entries": 1})) == 1
    rows = pd.DataFrame({"affiliation": ["a", "a", "b"], "entries": [3, 1, 4]})
    assert ca.design_effect(rows) == 4


def test_cohens_h():
    assert ca.cohens_h(0.5, 0.5) == 0
    assert ca.cohens_h(1, 0) == pytest.approx(3.14159265)
    with pytest.raises(TableError, match="lies between 0 and 1, not 2"):
        ca.cohens_h(2, 0)


def test_comparison_with_the_known():
    bounds = ca.unknown_bounds(*tables())
    compared = ca.compare_unknown_with_known(bounds, {("ICML", 2017): 1.0})
    rows = compared.set_index("income_group")
    # of 30 unknowns 20 are high, 7 upper middle, 3 lower middle
    assert rows.loc["high", "difference_points"] == pytest.approx(100 * (20 / 30 - 60 / 70))
    assert rows.loc["high", "rate_unknown"] == 20 / 80
    assert rows.loc["upper_middle", "relative_rate"] == pytest.approx((7 / 15) / (20 / 80))
    assert pd.isna(rows.loc["low", "relative_rate"])
    wider = ca.compare_unknown_with_known(bounds, {("ICML", 2017): 4.0})
    assert wider["margin_points"].iloc[0] == pytest.approx(2 * compared["margin_points"].iloc[0])


def test_entries_unknown_to_us_too_are_left_out_of_the_comparison():
    bounds = ca.unknown_bounds(*tables(high=70, unknown=10))
    compared = ca.compare_unknown_with_known(bounds, {("ICML", 2017): 1.0})
    assert compared["placed"].unique().tolist() == [20]
    assert compared["unknown_share"].sum() == pytest.approx(1)
