"""Rank statistics against counting by hand; having any and how much kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis.analysis.double_penalty import (
    BOTH,
    NEITHER,
    ONLY_CLEAN,
    ONLY_COMPUTE,
    host_advantage,
    interval_side,
    measure_penalty,
    penalty_by_income_group,
    penalty_classes,
    rank_correlation,
)
from caraml_analysis.errors import TableError, UnitError

numbers = st.integers(0, 6)


def test_rank_correlation_of_what_rises_and_falls_together():
    x = np.array([1.0, 2, 3, 4, 5])
    assert rank_correlation(x, x**3).value == pytest.approx(1)
    assert rank_correlation(x, -np.exp(x)).value == pytest.approx(-1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=25))
def test_rank_correlation_is_that_of_mean_ranks(pairs):
    table = pd.DataFrame(pairs, columns=["x", "y"]).astype(float)
    found = rank_correlation(table["x"], table["y"], resamples=0).value
    if table.nunique().min() < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(table["x"].rank().corr(table["y"].rank()), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), numbers), min_size=2, max_size=25))
def test_host_advantage_counts_pairs(rows):
    hosts = np.array([host for host, _ in rows])
    values = np.array([value for _, value in rows], dtype=float)
    found = host_advantage(hosts, values, resamples=0).value
    pairs = [(a > b) + (a == b) / 2 for a in values[hosts] for b in values[~hosts]]
    if pairs:
        assert found == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(found)


def test_the_bootstrap_draws_countries_whole():
    generator = np.random.default_rng(1)
    x = generator.normal(size=40)
    y = x + generator.normal(size=40)
    found = rank_correlation(x, y, resamples=400, seed=3)
    draws = np.random.default_rng(3).integers(40, size=(400, 40))
    direct = [pd.Series(x[rows]).rank().corr(pd.Series(y[rows]).rank()) for rows in draws]
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(direct, [2.5, 97.5])))
    assert found.low < found.value < found.high
    assert found.countries == 40


def test_the_bootstrap_of_pairs_and_of_ties_is_that_of_counting():
    generator = np.random.default_rng(2)
    hosts = np.arange(30) < 9
    values = generator.integers(0, 8, size=30).astype(float)
    compute = np.where(hosts, generator.integers(1, 5, size=30), 0).astype(float)
    pairs, ranks = [], []
    for rows in np.random.default_rng(7).integers(30, size=(300, 30)):
        own, other = values[rows][hosts[rows]], values[rows][~hosts[rows], np.newaxis]
        pairs.append(((own > other) + (own == other) / 2).mean())
        ranks.append(pd.Series(compute[rows]).rank().corr(pd.Series(values[rows]).rank()))
    found = host_advantage(hosts, values, resamples=300, seed=7)
    assert found[1:3] == pytest.approx(tuple(np.percentile(pairs, [2.5, 97.5])))
    found = rank_correlation(compute, values, resamples=300, seed=7)
    assert found[1:3] == pytest.approx(tuple(np.percentile(ranks, [2.5, 97.5])))


def test_the_error_of_the_limits_is_what_other_seeds_move_them_by():
    generator = np.random.default_rng(4)
    hosts, values = np.arange(60) < 20, generator.normal(size=60)
    found = [host_advantage(hosts, values, resamples=800, seed=seed) for seed in range(60)]
    moved = max(np.std([one.low for one in found]), np.std([one.high for one in found]))
    assert np.median([one.error for one in found]) == pytest.approx(moved, rel=0.35)
    finer = host_advantage(hosts, values, resamples=80_000).error
    assert finer == pytest.approx(np.median([one.error for one in found]) / 10, rel=0.5)


@pytest.mark.parametrize(
    ("limits", "side"),
    [
        ((0.56, 0.74, 0.001), "above"),
        ((0.2, 0.3, 0.001), "below"),
        ((0.4987, 0.67, 0.001), "near"),
        ((0.5014, 0.67, 0.001), "near"),
        ((0.3, 0.507, 0.001), "near"),
        ((0.53, 0.7, 0.02), "near"),
        ((0.44, 0.62, 0.001), "around"),
        ((np.nan, np.nan, np.nan), "unknown"),
    ],
)
def test_a_limit_near_no_relation_is_on_neither_side(limits, side):
    assert interval_side(*limits, 0.5) == side


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    x, y = np.arange(20.0), np.arange(20.0) % 7
    same = [rank_correlation(x, y, seed=5) for _ in range(2)]
    assert same[0] == same[1]
    assert rank_correlation(x, y, seed=6).low != same[0].low


def test_missing_values_are_left_out_and_counted():
    x = np.array([1.0, 2, 3, np.nan, 5])
    assert rank_correlation(x, [1, 2, 3, 4, np.nan]).countries == 3
    assert host_advantage([True, False, True, False, False], x).countries == 4
    assert np.isnan(rank_correlation([1, 2], [1, 2]).value)


def test_an_interval_is_missing_if_no_resample_has_the_statistic():
    drawn = [host_advantage([True, False], [1.0, 0.0], resamples=1, seed=s) for s in range(12)]
    # two countries: half of the resamples draw one of them twice
    assert {one.value for one in drawn} == {1}
    assert {np.isnan(one.low) for one in drawn} == {True, False}


@pytest.fixture
def panel():
    return pd.DataFrame(
        {
            "iso3": ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"],
            "income_group": ["high", "high", "low", "low", "low", "low"],
            "population": [100, 100, 100, 100, 500, 50],
            "rmax_tflops": [5.0, 2.0, 0.0, 0.0, 0.0, 0.0],
            "gflops_per_head": [50.0, 20.0, 0.0, 0.0, 0.0, 0.0],
            "renewable_kwh_per_head": [90.0, 10.0, 80.0, 20.0, 20.0, None],
        }
    )


def test_every_country_falls_into_one_class_and_missing_ones_into_none(panel):
    table = penalty_classes(panel)
    assert table["threshold"].iloc[0] == pytest.approx((9000 + 1000 + 8000 + 2000 + 10000) / 900)
    assert table["penalty"].tolist()[:5] == [BOTH, ONLY_COMPUTE, ONLY_CLEAN, NEITHER, NEITHER]
    assert pd.isna(table["penalty"].iloc[5])
    assert "penalty" not in panel


def test_the_line_can_be_chosen(panel):
    assert penalty_classes(panel, threshold=10)["penalty"].tolist()[:2] == [BOTH, BOTH]


def test_people_of_each_class_add_up(panel):
    table = penalty_by_income_group(penalty_classes(panel))
    shares = table.set_index(["income_group", "penalty"])["share_of_people"]
    assert shares[("low", NEITHER)] == pytest.approx(600 / 700)
    assert table["people"].sum() == 900
    assert table.groupby("income_group")["share_of_people"].sum()["high"] == pytest.approx(1)


def test_an_empty_measure_is_refused(panel):
    with pytest.raises(TableError, match="'renewable_kwh_per_head' is empty"):
        penalty_classes(panel.assign(renewable_kwh_per_head=np.nan))


def test_having_any_and_how_much_are_answered_apart(panel):
    table = measure_penalty(panel, "gflops_per_head", "renewable_kwh_per_head", resamples=50)
    table = table.set_index("question")
    # AAA beats all three others, BBB none
    assert table.loc["any", "value"] == pytest.approx(0.5)
    assert table.loc["amount", "countries"] == 2
    assert table.loc["all", "countries"] == 5


@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf, "5"])
@pytest.mark.parametrize("column", ["rmax_tflops", "population"])
def test_what_is_no_amount_makes_no_class(panel, column, value):
    panel[column] = panel[column].astype(object)
    panel.loc[1, column] = value
    with pytest.raises(TableError, match=rf"'{column}' holds .* in row 1 \(BBB\); allowed is"):
        penalty_classes(panel)


def test_a_column_of_text_is_no_measure_of_clean_electricity(panel):
    with pytest.raises(TableError, match="'iso3' holds 'AAA' in row 0"):
        penalty_classes(panel, "iso3")
    with pytest.raises(TableError, match="'income_group' holds 'high' in row 0"):
        measure_penalty(panel, "gflops_per_head", "income_group")


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), "10"])
def test_a_line_that_is_no_number_is_refused(panel, threshold):
    with pytest.raises(UnitError, match="it must be a finite number in the unit of 'renewable"):
        penalty_classes(panel, threshold=threshold)


def test_without_people_there_is_no_mean_of_them(panel):
    with pytest.raises(TableError, match="nobody lives where 'renewable_kwh_per_head' is known"):
        penalty_classes(panel.assign(population=0))


@pytest.mark.parametrize(
    "function",
    [penalty_classes, lambda rows: measure_penalty(rows, "rmax_tflops", "population")],
)
def test_a_country_counts_once(panel, function):
    with pytest.raises(TableError, match="6 rows come again, the first is iso3 AAA"):
        function(pd.concat([panel, panel]))


def test_classes_by_group_refuse_other_words_and_keep_the_unknown(panel):
    classified = penalty_classes(panel)
    with pytest.raises(TableError, match="'income_group' holds 'Low' in row 2"):
        penalty_by_income_group(classified.replace({"income_group": {"low": "Low"}}))
    with pytest.raises(TableError, match="'penalty' holds 'both'; allowed is one of 'listed"):
        penalty_by_income_group(classified.assign(penalty="both"))
    groups = penalty_by_income_group(classified.assign(income_group=None))
    assert groups.set_index("income_group")["people"].groupby(level=0).sum()["unknown"] == 900


@pytest.mark.parametrize("function", [rank_correlation, host_advantage])
def test_statistics_need_one_of_both_for_each_country(function):
    with pytest.raises(UnitError, match="one of both for each country"):
        function([1, 0, 1], [1, 2])


@pytest.mark.parametrize("function", [rank_correlation, host_advantage])
@pytest.mark.parametrize("options", [{"resamples": -1}, {"resamples": 1.5}, {"seed": -1}])
def test_bootstraps_that_cannot_be_drawn_are_refused(function, options):
    with pytest.raises(UnitError, match=f"{next(iter(options))} is .*a whole number, 0 or more"):
        function([0, 1, 1, 0], [1, 2, 3, 4], **options)


@pytest.mark.parametrize("odd", [None, float("nan"), "no", 2])
def test_a_country_hosts_or_does_not(odd):
    with pytest.raises(UnitError, match=r"has_system holds .* in row 1; it must be true or false"):
        host_advantage([True, odd, False], [1, 2, 3])
