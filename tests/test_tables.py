"""Contracts name what is wrong with a table."""

from __future__ import annotations

import pandas as pd
import pytest

from caraml_analysis import tables
from caraml_analysis.errors import TableError, UnitError


def shares(**changes):
    row = {"income_group": "high", "entries": 3, "share_of_known": 1.0, "share_of_all": 0.9}
    return pd.DataFrame([row | changes])


def test_a_good_table_passes_unchanged():
    table = shares()
    assert tables.SHARES.check(table) is table


def test_a_missing_column_is_named_with_what_was_found():
    with pytest.raises(TableError, match=r"no column 'share_of_all' .found 'income_group'"):
        tables.SHARES.check(shares().drop(columns="share_of_all"))


def test_a_wrong_word_is_named_with_its_row():
    with pytest.raises(TableError, match="holds 'rich' in row 0; allowed is one of high"):
        tables.SHARES.check(shares(income_group="rich"))


def test_a_negative_number_is_named():
    with pytest.raises(TableError, match="'entries' holds -1 in row 0; allowed is at least 0"):
        tables.SHARES.check(shares(entries=-1))


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("many", "a number"),
        (float("inf"), "a finite number"),
        (10**400, "a finite number"),
        (None, "a number, and not missing"),
        (-1, "at least 0"),
    ],
)
def test_what_is_no_amount_is_named_with_row_and_country(value, allowed):
    table = pd.DataFrame({"iso3": ["KEN", "USA"], "rmax_tflops": [1.0, value]}, index=[4, 7])
    with pytest.raises(TableError, match=rf"in row 7 \(USA\); allowed is {allowed}"):
        tables.with_numbers(table, ["rmax_tflops"])


def test_numbers_of_another_type_become_floats_and_missing_ones_stay():
    table = pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [2, None], "c": [3, 4]})
    found = tables.with_numbers(table, ["a", "b", "c"], missing=True)
    assert found["a"].dtype == float
    assert found["a"].isna().tolist() == [False, True]
    assert found["c"].dtype == int
    assert table["a"].dtype == "Int64"  # left as it was


@pytest.mark.parametrize(
    ("values", "message"),
    [(["1"], "'1' in row 0"), ([1, True], "True in row 1"), ([[1], [2, 3]], "in row 0|lengths")],
)
def test_lists_of_other_things_than_numbers_are_refused(values, message):
    with pytest.raises(UnitError, match=message):
        tables.as_numbers(values, "the list of values")


def test_a_contract_refuses_text_where_a_number_belongs():
    with pytest.raises(TableError, match="'entries' holds '3' in row 0; allowed is a number"):
        tables.SHARES.check(shares(entries="3"))


def test_a_column_that_is_there_twice_is_refused():
    table = pd.DataFrame([[1, 2]], columns=["iso3", "iso3"])
    with pytest.raises(TableError, match="several columns 'iso3'"):
        tables.require_columns(table, ["iso3"])


def test_keys_are_there_and_unique():
    table = pd.DataFrame({"edition": ["2020-06", "2020-06"], "iso3": ["KEN", "KEN"]})
    with pytest.raises(TableError, match="1 rows come again, the first is edition 2020-06, iso3"):
        tables.require_keys(table, ["edition", "iso3"])
    table.loc[1, "iso3"] = None
    with pytest.raises(TableError, match="'iso3' is missing in row 1"):
        tables.require_keys(table, ["edition", "iso3"])


def test_a_missing_income_group_is_unknown_and_another_word_is_refused():
    table = pd.DataFrame({"group": ["high", None, "unknown"]})
    groups = tables.income_groups(table, "group")
    assert groups.tolist() == ["high", "unknown", "unknown"]
    assert tables.shown_groups(groups)[-1] == "unknown"
    assert "unknown" not in tables.shown_groups(groups[:1])
    with pytest.raises(TableError, match="holds 'rich' in row 1; allowed is one of high"):
        tables.income_groups(pd.DataFrame({"group": ["high", "rich"]}), "group")
