"""Income groups: year rules, editions, gaps."""

from __future__ import annotations

import datetime
from time import process_time

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.errors import CountryError, YearError


@pytest.mark.parametrize(
    ("country", "year", "group"),
    [
        ("CHN", 2009, "lower_middle"),
        ("CHN", 2010, "upper_middle"),
        ("RUS", 2022, "upper_middle"),
        ("RUS", 2023, "high"),
        ("IDN", 2020, "lower_middle"),
        ("ARG", 2017, "high"),
        ("VEN", 2022, "unclassified"),
        ("TWN", 2022, "high"),
        ("XKX", 2022, "upper_middle"),
        ("GUF", 2022, "high"),
        ("FLK", 2022, "unclassified"),
        ("na", 2022, "upper_middle"),
    ],
)
def test_class_of_the_data_year(country, year, group):
    assert ca.income_group(country, year) == group


@pytest.mark.parametrize(
    ("day", "data_year"),
    [
        ("2019-06-10", 2017),
        ("2019-06-30", 2017),
        ("2019-07-01", 2018),
        (datetime.date(2019, 12, 8), 2018),
        (2019, 2018),
    ],
)
def test_the_class_in_force_changes_on_the_first_of_july(day, data_year):
    assert ca.income_class("KEN", day, rule="in_force").data_year == data_year


def test_a_class_that_is_not_published_is_carried_forward_and_marked():
    found = ca.income_class("CHN", 2026)
    assert found == ("upper_middle", 2024, True)
    assert ca.income_class("CHN", 2024).carried_forward is False
    assert ca.income_class("CHN", 2024, edition="FY25") == ("upper_middle", 2023, True)


def test_the_table_is_not_searched_again_for_every_row():
    # 6,000 different keys: seconds if each looked for the newest year among 8,000 rows
    days = [f"{year}-{month:02d}-01" for year in range(1991, 2016) for month in range(1, 13)]
    codes = ca.load_population()["iso3"].unique()[:20]
    rows = pd.MultiIndex.from_product([codes, days], names=["iso3", "day"]).to_frame(False)
    ca.income_class("KEN", 2020)  # the table is read
    start = process_time()
    found = ca.income_classes(rows["iso3"], rows["day"], rule="in_force")
    assert process_time() - start < 1.5
    assert len(found) == 6000


def test_editions_agree_on_shared_years():
    old, new = ca.load_income_groups("FY25"), ca.load_income_groups("FY26")
    assert old["data_year"].max() == 2023
    shared = new[new["data_year"] <= 2023].reset_index(drop=True)
    pd.testing.assert_frame_equal(old, shared)


def test_number_of_economies_per_group():
    table = ca.load_income_groups()
    counts = table[table["data_year"] == 2022]["income_group"].value_counts()
    assert counts.to_dict() == {"high": 83, "upper_middle": 54, "lower_middle": 54, "low": 26}


def test_a_column_keeps_its_index_and_its_unknowns():
    country = pd.Series(["CHN", None, "USA"], index=[7, 3, 9])
    groups = ca.income_group(country, pd.Series([2009, 2010, 2011], index=[7, 3, 9]))
    assert groups.to_dict() == {7: "lower_middle", 3: "unknown", 9: "high"}


@pytest.mark.parametrize("year", [1986, 2030, 20222])
def test_a_year_outside_the_table_is_an_error(year):
    with pytest.raises(YearError, match=r"no income groups for data year.*1987 to 2024"):
        ca.income_group("KEN", year)


def test_an_unknown_country_is_an_error():
    with pytest.raises(CountryError, match="'ZZZ' is not a country code"):
        ca.income_group("ZZZ", 2020)


def test_an_unknown_rule_or_edition_says_which_exist():
    with pytest.raises(YearError, match="'data_year' and 'in_force'"):
        ca.income_group("KEN", 2020, rule="latest")
    with pytest.raises(YearError, match="there are FY25, FY26"):
        ca.income_group("KEN", 2020, edition="latest")
