"""Shares of lists, reclassified hosts, clean electricity, authors beside machines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from caraml_analysis.analysis.authorship_compute import authorship_beside_compute
from caraml_analysis.analysis.clean_energy import renewable_electricity
from caraml_analysis.analysis.compute import (
    compute_by_income_group,
    compute_shares,
    country_shares,
    reclassified_hosts,
)
from caraml_analysis.errors import CountryError, TableError


@pytest.fixture
def lists():
    rows = [
        ("2010-11", "USA", "United States", 6, 60.0, 30.0, 2, "high"),
        ("2010-11", "CHN", "China", 4, 40.0, None, 0, "lower_middle"),
        ("2011-06", "USA", "United States", 5, 50.0, None, 0, "high"),
        ("2011-11", "USA", "United States", 5, 50.0, 10.0, 1, "high"),
        ("2011-11", "CHN", "China", 5, 150.0, 30.0, 3, "upper_middle"),
    ]
    columns = ["edition", "iso3", "country", "systems", "rmax_tflops", "power_kw"]
    return pd.DataFrame(rows, columns=[*columns, "systems_with_power", "income_group"])


def test_shares_add_up_and_every_group_has_a_row(lists):
    table = compute_shares(lists)
    assert len(table) == 3 * 5
    sums = table.groupby("edition")[["systems_share", "rmax_share"]].sum()
    assert np.allclose(sums, 1)
    table = table.set_index(["edition", "income_group"])
    assert table.loc[("2011-11", "upper_middle"), "rmax_share"] == pytest.approx(0.75)
    assert table.loc[("2011-11", "low"), "systems"] == 0


def test_power_shares_are_missing_where_nobody_publishes_power(lists):
    table = compute_shares(lists).set_index(["edition", "income_group"])["power_share"]
    assert table["2010-11", "high"] == 1
    assert table.loc["2011-06"].isna().all()


def test_a_country_that_is_not_listed_has_no_share(lists):
    china = country_shares(lists, "CHN").set_index("edition")
    assert china["rmax_share"].tolist() == pytest.approx([0.4, 0, 0.75])


@pytest.mark.parametrize("code", ["US", "usa", "USA"])
def test_a_country_may_be_given_by_either_code(lists, code):
    assert country_shares(lists, code)["rmax_share"].tolist() == pytest.approx([0.6, 1, 0.25])


@pytest.mark.parametrize("code", ["China", "ZZZ", "", None])
def test_what_is_no_country_has_no_share_of_0(lists, code):
    with pytest.raises(CountryError, match="is not a country code"):
        country_shares(lists, code)


def test_hosts_without_a_group_are_counted_as_unknown(lists):
    lists.loc[lists["iso3"] == "USA", "income_group"] = None
    table = compute_shares(lists)
    assert table.groupby("edition")["rmax_share"].sum().tolist() == pytest.approx([1, 1, 1])
    table = table.set_index(["edition", "income_group"])
    assert table.loc[("2011-11", "unknown"), "rmax_share"] == pytest.approx(0.25)
    assert table.loc[("2011-11", "upper_middle"), "rmax_share"] == pytest.approx(0.75)


def test_groups_of_one_list_are_those_of_all_lists(lists):
    one = lists[lists["edition"] == "2011-11"]
    shares = compute_shares(one)
    columns = ["income_group", "countries", "systems", "rmax_tflops", "rmax_share"]
    pd.testing.assert_frame_equal(compute_by_income_group(one), shares[columns])
    one = one.assign(income_group=[None, "upper_middle"])
    groups = compute_by_income_group(one).set_index("income_group")
    assert groups.loc["unknown", "rmax_share"] == pytest.approx(0.25)


def test_several_lists_are_not_added_up(lists):
    with pytest.raises(TableError, match="holds 3 lists"):
        compute_by_income_group(lists)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"income_group": "High"}, "holds 'High' in row 0"),
        ({"rmax_tflops": np.nan}, "'rmax_tflops' holds nan in row 0"),
        ({"systems": "six"}, "'systems' holds 'six' in row 0"),
        ({"power_kw": -1.0}, "'power_kw' holds -1.0 in row 0"),
        ({"edition": 2010}, "'edition' holds 2010; lists are named as '2024-11'"),
        ({"edition": "2010-11", "iso3": "USA"}, "rows come again"),
    ],
)
def test_lists_that_cannot_be_counted_are_refused(lists, change, message):
    with pytest.raises(TableError, match=message):
        compute_shares(lists.astype({"edition": object}).assign(**change))


def test_a_table_without_rows_is_refused(lists):
    with pytest.raises(TableError, match="top500: the table has no rows"):
        compute_shares(lists[:0])


def test_a_class_that_is_not_known_is_no_reclassification(lists):
    lists.loc[lists["edition"] == "2011-06", "income_group"] = None
    assert reclassified_hosts(lists)["iso3"].tolist() == ["CHN"]


def test_a_reclassified_host_is_found_over_a_gap(lists):
    table = reclassified_hosts(lists)
    assert table.to_dict("records") == [
        {
            "edition": "2011-11",
            "iso3": "CHN",
            "country": "China",
            "before": "lower_middle",
            "after": "upper_middle",
            "systems": 5,
            "rmax_share": 0.75,
        }
    ]


@pytest.fixture
def electricity():
    rows = [
        # a poor country with one dam, a rich one with much power, one without early figures
        ("AAA", 2000, 100, 10.0, 9.0, 10.0, "low"),
        ("BBB", 2000, 100, 1000.0, 200.0, None, "high"),
        ("AAA", 2001, 100, 20.0, 18.0, 20.0, "low"),
        ("BBB", 2001, 100, 1000.0, 300.0, None, "high"),
        ("CCC", 2001, 900, 5.0, 0.0, 5.0, "low"),
    ]
    columns = ["iso3", "year", "population", "kwh_per_head", "renewable_kwh_per_head"]
    return pd.DataFrame(rows, columns=[*columns, "access_pct", "income_group"])


def test_a_high_share_may_be_a_small_amount(electricity):
    table = renewable_electricity(electricity).set_index(["year", "income_group"])
    low, high = table.loc[(2001, "low")], table.loc[(2001, "high")]
    assert low["renewable_pct"] == pytest.approx(90)
    assert high["renewable_pct"] == pytest.approx(30)
    assert low["renewable_kwh_per_head"] < high["renewable_kwh_per_head"]


def test_only_countries_with_every_year_count(electricity):
    table = renewable_electricity(electricity).set_index(["year", "income_group"])
    assert table.loc[(2001, "low"), "countries"] == 1
    assert table.loc[(2001, "low"), "access_pct"] == 20


def test_unreported_access_is_neither_0_nor_100(electricity):
    table = renewable_electricity(electricity).set_index(["year", "income_group"])
    assert np.isnan(table.loc[(2001, "high"), "access_pct"])


def test_access_keeps_one_set_and_says_how_many_it_is(electricity):
    # a second poor country that reports access late only
    late = electricity[electricity["iso3"] == "AAA"].assign(iso3="DDD", access_pct=[None, 90.0])
    rows = pd.concat([electricity, late.astype(electricity.dtypes)], ignore_index=True)
    table = renewable_electricity(rows).set_index(["year", "income_group"])
    assert table["countries"].xs("low", level=1).tolist() == [2, 2]
    assert table["access_countries"].xs("low", level=1).tolist() == [1, 1]
    assert table["access_pct"].xs("low", level=1).tolist() == [10, 20]


def test_a_table_without_any_complete_country_is_refused(electricity):
    rows = electricity[(electricity["iso3"] != "AAA") | (electricity["year"] == 2000)]
    rows = rows[(rows["iso3"] != "BBB") | (rows["year"] == 2001)]
    with pytest.raises(TableError, match="no country has every year"):
        renewable_electricity(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"renewable_kwh_per_head": 5.3e6}, "holds 5.3e.06 for AAA in 2000, more than there is"),
        ({"access_pct": 120.0}, "'access_pct' holds 120 for AAA in 2000, more than all people"),
        ({"population": -1}, "'population' holds -1 in row 0"),
        ({"kwh_per_head": "10"}, "'kwh_per_head' holds '10' in row 0"),
        ({"income_group": "hihg"}, "holds 'hihg' in row 0"),
    ],
)
def test_electricity_that_cannot_be_is_refused(electricity, change, message):
    with pytest.raises(TableError, match=message):
        renewable_electricity(electricity.assign(**change))


def test_a_country_counts_once_a_year(electricity):
    with pytest.raises(TableError, match="5 rows come again, the first is iso3 AAA, year 2000"):
        renewable_electricity(pd.concat([electricity, electricity]))


def test_parts_may_exceed_their_whole_by_rounding(electricity):
    rows = electricity.assign(
        renewable_kwh_per_head=electricity["kwh_per_head"] + 0.005, access_pct=100.004
    )
    assert renewable_electricity(rows)["renewable_pct"].max() == pytest.approx(100, abs=0.1)


def test_electricity_without_an_income_group_is_unknown(electricity):
    rows = electricity.assign(income_group=electricity["income_group"].where(lambda g: g == "low"))
    table = renewable_electricity(rows).set_index(["year", "income_group"])
    assert table.loc[(2001, "unknown"), "renewable_pct"] == pytest.approx(30)


def test_authors_beside_machines():
    entries = pd.DataFrame(
        {
            "year": [2010, 2010, 2010, 2009],
            "entries": [6, 2, 2, 5],
            "income_group": ["high", "lower_middle", "unknown", "high"],
        }
    )
    lists = pd.DataFrame(
        {
            "edition": ["2010-06", "2010-06", "2010-11"],
            "rmax_tflops": [30.0, 10.0, 100.0],
            "income_group": ["high", "upper_middle", "high"],
        }
    )
    table = authorship_beside_compute(entries, lists).set_index(["year", "income_group"])
    assert set(table.index.get_level_values("year")) == {2010}  # 2009 has no list
    assert table["entries_share"].to_dict() == {
        (2010, "high"): 0.75,
        (2010, "lower_middle"): 0.25,
        (2010, "upper_middle"): 0,
    }
    # the mean of two lists, each counting the same: (0.75 + 1) / 2
    assert table.loc[(2010, "high"), "rmax_share"] == pytest.approx(0.875)
    assert table["unknown_share"].unique() == pytest.approx([0.2])


@pytest.fixture
def beside():
    entries = pd.DataFrame({"year": [2010, 2010], "entries": [6, 2], "income_group": "high"})
    lists = pd.DataFrame(
        {"edition": "2010-06", "rmax_tflops": [30.0, 10.0], "income_group": ["high", None]}
    )
    return entries, lists


def test_machines_of_no_known_group_are_a_row_of_their_own(beside):
    table = authorship_beside_compute(*beside).set_index("income_group")
    assert table["rmax_share"].to_dict() == {"high": 0.75, "unknown": 0.25}
    assert table["entries_share"].to_dict() == {"high": 1, "unknown": 0}


@pytest.mark.parametrize(
    ("place", "change", "message"),
    [
        (0, {"income_group": "High"}, "entries: column 'income_group' holds 'High' in row 0"),
        (0, {"entries": -1}, "entries: column 'entries' holds -1 in row 0"),
        (0, {"year": "2010"}, "entries: column 'year' holds '2010' in row 0"),
        (0, {"status": "error"}, "2 rows have the status 'error'"),
        (1, {"edition": 2010}, "top500: column 'edition' holds 2010"),
        (1, {"rmax_tflops": np.inf}, "top500: column 'rmax_tflops' holds inf in row 0"),
    ],
)
def test_authors_and_machines_that_cannot_be_counted_are_refused(beside, place, change, message):
    beside = list(beside)
    beside[place] = beside[place].assign(**change)
    with pytest.raises(TableError, match=message):
        authorship_beside_compute(*beside)
