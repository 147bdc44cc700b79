"""Lorenz and Gini against closed forms and properties; bounds that hold; nobody lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis.analysis.inequality import (
    _gini,
    gini,
    gini_bounds,
    holders,
    inequality_by_edition,
    lorenz_curve,
    people_without_system,
    raise_to_entry,
)
from caraml_analysis.errors import TableError, UnitError

amounts = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=30)


@pytest.mark.parametrize("number", [2, 3, 10, 218])
def test_gini_has_its_closed_forms(number):
    assert gini(np.ones(number)) == pytest.approx(0)
    one_has_all = np.zeros(number)
    one_has_all[0] = 5
    assert gini(one_has_all) == pytest.approx(1 - 1 / number)
    # 1, 2, ..., n
    assert gini(np.arange(1, number + 1)) == pytest.approx((number - 1) / (3 * number))


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_gini_of_a_power_curve_comes_near_its_integral(power):
    # the Lorenz curve p ** (power + 1) has Gini 1 - 2 / (power + 2)
    edges = np.linspace(0, 1, 20_001) ** (power + 1)
    assert gini(np.diff(edges)) == pytest.approx(1 - 2 / (power + 2), abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(amounts)
def test_gini_is_the_mean_difference(values):
    x = np.array(values)
    difference = np.abs(x[:, None] - x[None, :]).mean()
    assert gini(x) == pytest.approx(difference / (2 * x.mean()), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(amounts, st.floats(0.1, 100))
def test_gini_knows_neither_unit_nor_order(values, factor):
    assert gini(values) == pytest.approx(gini(np.array(values[::-1]) * factor), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(amounts, st.data())
def test_a_weight_of_k_is_k_holders(values, data):
    weights = data.draw(
        st.lists(st.integers(1, 5), min_size=len(values), max_size=len(values)), label="weights"
    )
    parts = np.repeat(np.array(values) / weights, weights)
    assert gini(values, weights) == pytest.approx(gini(parts), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(amounts, st.integers(2, 4))
def test_gini_of_a_population_and_of_its_copies_is_the_same(values, times):
    assert gini(values) == pytest.approx(gini(values * times), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(amounts)
def test_lorenz_curve_is_convex_and_below_equality(values):
    curve = lorenz_curve(values)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == pytest.approx([1, 1])
    assert (curve["amount"] <= curve["holders"] + 1e-9).all()
    slopes = np.diff(curve["amount"]) / np.diff(curve["holders"])
    assert (np.diff(slopes) >= -1e-6 * slopes.max()).all()
    area = np.trapezoid(curve["amount"], curve["holders"])
    assert gini(values) == pytest.approx(1 - 2 * area, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(amounts, st.integers(1, 20), st.floats(0.001, 0.01), st.data())
def test_no_filling_of_the_unlisted_leaves_the_bounds(listed, empty, entry, data):
    values = np.array([*listed, *[0.0] * empty])
    people = np.array(
        data.draw(st.lists(st.floats(0.1, 100), min_size=len(values), max_size=len(values)))
    )
    filling = data.draw(st.lists(st.floats(0, 1), min_size=empty, max_size=empty))
    filled = np.append(listed, entry * np.array(filling))
    # weighted, a small country may be raised too far: only the lower bound must hold then
    low, _ = gini_bounds(values, people, entry)
    assert low <= gini(filled, people) + 2e-3
    low, high = gini_bounds(values, None, entry)
    if gini(values) > 0.9:
        assert low - 1e-9 <= gini(filled) <= high + 1e-9


def test_the_least_unequal_filling_does_not_lift_a_small_country_too_far():
    values, people = np.array([100.0, 0.0, 0.0]), np.array([100.0, 100.0, 0.001])
    raised = raise_to_entry(values, people, entry=1.0)
    assert raised[:2].tolist() == [100, 1]
    assert raised[2] / people[2] < 10  # not 1.0 for a thousandth of a person


def test_many_cases_at_once_have_the_coefficients_of_each():
    weight = np.array([3.0, 1.0, 2.0, 5.0])
    cases = np.array([[0.0, 4.0, 1.0, 2.0], [3.0, 1.0, 2.0, 5.0], [0.0, 0.0, 0.0, 1.0]])
    wanted = [gini(case, weight) for case in cases]
    assert _gini(cases, weight).tolist() == pytest.approx(wanted)


def test_hosts_stay_as_they_are_when_the_unlisted_are_raised():
    raised = raise_to_entry(np.array([5.0, 0.0, 3.0]), None, entry=2.0)
    assert raised.tolist() == [5, 2, 3]


def test_holders_counts_the_largest_first():
    values = [50.0, 30.0, 15.0, 5.0]
    assert [holders(values, part) for part in (0.5, 0.51, 0.95, 1.0)] == [1, 2, 3, 4]
    assert holders([0.1] * 3, 1.0) == 3  # although three tenths do not add up exactly


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ([-1.0, 2.0], None, "must be >= 0"),
        ([float("nan"), 2.0], None, "missing"),
        ([0.0, 0.0], None, "nothing to share out"),
        ([1.0, 2.0], [1.0, 0.0], "all must be > 0"),
        ([1.0, 2.0], [1.0], "one weight for each"),
        ([1e308, 1e308, 1.0], None, "a float cannot hold their products"),
        ([1.0, 2.0], [1.0, 1e-300], "a float cannot hold their products"),
    ],
)
def test_impossible_amounts_are_refused(values, weights, message):
    with pytest.raises(UnitError, match=message):
        gini(values, weights)


@pytest.mark.parametrize(
    ("values", "message"),
    [(["much", 1.0], "holds 'much' in row 0; that is no number"), ([[1.0], [2.0]], "one weight")],
)
def test_what_is_no_number_is_refused(values, message):
    with pytest.raises(UnitError, match=message):
        gini(values)


@pytest.mark.parametrize("entry", [-1.0, float("nan"), float("inf")])
def test_an_impossible_entry_level_is_refused(entry):
    with pytest.raises(UnitError, match="entry is"):
        gini_bounds([1.0, 0.0], None, entry)


def test_with_equal_weights_the_cap_is_the_least_unequal_level():
    values = np.array([5.0, 0.0, 3.0, 0.0])
    assert raise_to_entry(values, None, 0.3).tolist() == [5, 0.3, 3, 0.3]
    assert raise_to_entry(values, np.full(4, 7.0), 0.3).tolist() == [5, 0.3, 3, 0.3]


def test_a_part_outside_of_0_to_1_is_refused():
    with pytest.raises(UnitError, match=r"part is 1\.5"):
        holders([1.0], 1.5)


@pytest.fixture
def panel():
    rows = [
        ("2020-06", "AAA", 10, 90.0, "high"),
        ("2020-06", "BBB", 30, 10.0, "low"),
        ("2020-06", "CCC", 60, 0.0, "low"),
        ("2020-11", "AAA", 10, 50.0, "high"),
        ("2020-11", "BBB", 30, 0.0, "low"),
        ("2020-11", "CCC", 60, 0.0, "low"),
    ]
    columns = ["edition", "iso3", "population", "rmax_tflops", "income_group"]
    return pd.DataFrame(rows, columns=columns).assign(entry_rmax_tflops=1.0)


def test_inequality_by_edition_counts_hosts_and_holders(panel):
    table = inequality_by_edition(panel).set_index("edition")
    assert table["hosts"].tolist() == [2, 1]
    assert table["countries"].tolist() == [3, 3]
    assert table["holders_50"].tolist() == [1, 1]
    assert table["holders_99"].tolist() == [2, 1]
    assert table.loc["2020-11", "gini_countries"] == pytest.approx(2 / 3)
    assert table.loc["2020-11", "gini_people"] == pytest.approx(0.9)  # a tenth has all
    assert table.loc["2020-11", "gini_hosts"] == 0
    assert (table["gini_countries_low"] < table["gini_countries"]).all()


def test_a_set_that_changes_between_editions_is_refused(panel):
    with pytest.raises(TableError, match="edition 2020-11 has other countries than 2020-06"):
        inequality_by_edition(panel.iloc[:-1])


def test_people_without_a_system_by_group(panel):
    table = people_without_system(panel).set_index(["edition", "income_group"])
    assert table.loc[("2020-06", "low"), "people_without"] == 60
    assert table.loc[("2020-06", "low"), "share_without"] == pytest.approx(2 / 3)
    assert table.loc[("2020-11", "low"), "share_without"] == 1
    assert table.loc[("2020-11", "high"), "share_without"] == 0
    assert table.loc[("2020-11", "upper_middle"), "countries"] == 0
    assert np.isnan(table.loc[("2020-11", "upper_middle"), "share_without"])
    assert table["people"].sum() == panel["population"].sum()


@pytest.mark.parametrize("function", [inequality_by_edition, people_without_system])
def test_a_country_counts_once_in_an_edition(panel, function):
    with pytest.raises(TableError, match="6 rows come again, the first is edition 2020-06, iso3"):
        function(pd.concat([panel, panel]))


@pytest.mark.parametrize("function", [inequality_by_edition, people_without_system])
@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf, "5"])
def test_rmax_that_is_no_amount_neither_hosts_nor_lacks(panel, function, value):
    panel["rmax_tflops"] = panel["rmax_tflops"].astype(object)
    panel.loc[1, "rmax_tflops"] = value
    with pytest.raises(TableError, match=r"in row 1 \(BBB, 2020-06\); allowed is"):
        function(panel)


def test_people_of_no_known_group_are_counted_as_unknown(panel):
    panel.loc[panel["iso3"] == "CCC", "income_group"] = None
    table = people_without_system(panel).set_index(["edition", "income_group"])
    assert table.loc[("2020-11", "unknown"), "people_without"] == 60
    assert table["people"].sum() == panel["population"].sum()


def test_a_misspelt_group_is_not_a_group_without_people(panel):
    with pytest.raises(TableError, match=r"holds 'Low' in row 1 .*allowed is one of high"):
        people_without_system(panel.replace({"income_group": {"low": "Low"}}))


def test_a_list_has_one_entry_level(panel):
    panel.loc[0, "entry_rmax_tflops"] = 2.0
    with pytest.raises(TableError, match="edition 2020-06 has several values"):
        inequality_by_edition(panel)
