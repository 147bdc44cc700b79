"""Shares: sums, intervals, bounds, counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import caraml_analysis as ca
from caraml_analysis.analysis.compute import papers_by_country
from caraml_analysis.analysis.income_shares import GROUP_ORDER, income_shares
from caraml_analysis.errors import TableError


def entries(groups, papers=None):
    return pd.DataFrame(
        {
            "conference": "ICML",
            "year": 2017,
            "paper": papers if papers is not None else range(len(groups)),
            "income_group": groups,
            "entries": 1,
        }
    )


@given(st.lists(st.sampled_from(GROUP_ORDER), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_shares_sum_to_one_and_bounds_hold(groups):
    table = income_shares(entries(groups), resamples=20).set_index("income_group")
    assert table["share_of_all"].sum() == pytest.approx(1)
    known = table.drop("unknown")
    if any(group != "unknown" for group in groups):
        assert known["share_of_known"].sum() == pytest.approx(1)
        assert (known["known_low"] <= known["known_high"] + 1e-12).all()
    assert (known["bound_low"] <= known["bound_high"] + 1e-12).all()
    width = known["bound_high"] - known["bound_low"]
    assert np.allclose(width, table.loc["unknown", "share_of_all"])


def test_groups_without_entries_have_a_row():
    table = income_shares(entries(["high", "unknown"]), resamples=0)
    assert table["income_group"].tolist() == list(GROUP_ORDER)
    assert table.set_index("income_group")["entries"]["low"] == 0


def test_the_interval_treats_a_paper_as_one():
    groups = ["high", "upper_middle"] * 50
    alone = income_shares(entries(groups), resamples=500)
    in_pairs = income_shares(
        entries(sorted(groups), papers=[number // 10 for number in range(100)]), resamples=500
    )

    def width(table):
        row = table.set_index("income_group").loc["high"]
        return row["known_high"] - row["known_low"]

    assert width(in_pairs) > 2 * width(alone)


def test_the_same_seed_gives_the_same_interval():
    table = entries(["high", "low", "unknown", "high"])
    pd.testing.assert_frame_equal(income_shares(table, seed=1), income_shares(table, seed=1))


def test_the_argument_is_left_as_it_was():
    table = entries(["high", "low"])
    before = table.copy()
    income_shares(table)
    pd.testing.assert_frame_equal(table, before)


def test_fractional_counting_keeps_the_sum():
    located = pd.DataFrame(
        {
            "country": ["USA", None, "GBR"],
            "countries": ["USA;GBR", None, "GBR"],
            "entries": [3, 2, 1],
        }
    )
    parts = ca.count_countries(located, "fractional")
    assert parts["entries"].sum() == 6
    by_country = parts.groupby("country", dropna=False)["entries"].sum()
    assert by_country["USA"] == 1.5
    assert by_country["GBR"] == 2.5
    assert parts.loc[parts["country"].isna(), "entries"].tolist() == [2]


def test_unknown_ways_to_count_are_refused():
    with pytest.raises(TableError, match="'first' and 'fractional'"):
        ca.count_countries(pd.DataFrame(), "last")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"income_group": "rich"}, "income_group .'rich'. is not allowed"),
        ({"entries": -1}, "a negative number of entries"),
    ],
)
def test_bad_entries_are_refused(change, message):
    with pytest.raises(TableError, match=message):
        income_shares(entries(["high"]).assign(**change))


def test_an_empty_table_is_refused():
    with pytest.raises(TableError, match="the table is empty"):
        income_shares(entries([]))


def test_headquarters_rows_become_unknown():
    located = pd.DataFrame(
        {"country": ["USA", "IND"], "countries": ["USA", "IND"], "method": ["headquarters", "city"]}
    )
    dropped = ca.drop_headquarters(located)
    assert dropped["country"].isna().tolist() == [True, False]


def test_territories_can_be_merged():
    merged = ca.merge_territories(pd.Series(["HKG", "TWN", "PRI", "SGP", None]))
    assert merged.tolist()[:4] == ["CHN", "CHN", "USA", "SGP"]


def test_a_row_on_which_the_geocoder_failed_is_not_counted_as_unknown():
    failed = entries(["high", "unknown"]).assign(
        status=["resolved", "error"], country=["USA", None], countries=["USA", ""]
    )
    message = r"1 rows have the status 'error'.*not unknown.*Nothing was counted"
    for count in (income_shares, ca.count_countries, papers_by_country):
        with pytest.raises(TableError, match=message):
            count(failed)
        assert len(count(failed[failed["status"] != "error"]))
