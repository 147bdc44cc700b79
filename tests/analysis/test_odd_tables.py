"""Odd tables and arguments end in an error of the package or in finite numbers, never otherwise."""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import caraml_analysis as ca
from caraml_analysis.errors import CaramlError, FactorError, TableError, YearError

#: What stands in the columns of a good table, and what may stand there in an odd one.
GOOD = {
    "edition": ["2020-06", "2020-11"],
    "iso3": ["KEN", "USA", "CHN", "DEU"],
    "country": ["Kenya"],
    "income_group": ["high", "low", "unclassified", "unknown", None],
    "year": [2019, 2020],
    "penalty": ["neither", None],
    "countries": ["USA;GBR", "KEN", None],
    "conference": ["ICML"],
    "paper": [1, 2],
}
NUMBERS = [
    "population",
    "rmax_tflops",
    "systems",
    "power_kw",
    "systems_with_power",
    "entry_rmax_tflops",
    "kwh_per_head",
    "renewable_kwh_per_head",
    "access_pct",
    "gflops_per_head",
    "entries",
]
AMOUNTS = st.sampled_from([0, 1, 2, 0.1, 1e12, 5e-324, 33.3])
ODD = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**320), 10**320),
    st.booleans(),
    st.sampled_from(["", "high", "5", "USA", "US", "ZZZ", "2020-06", "2024", pd.NA, pd.NaT, ()]),
)
FUNCTIONS = [
    ca.compute_by_income_group,
    ca.compute_shares,
    lambda table: ca.country_shares(table, "USA"),
    ca.reclassified_hosts,
    ca.papers_by_country,
    ca.inequality_by_edition,
    ca.people_without_system,
    ca.renewable_electricity,
    ca.penalty_classes,
    ca.penalty_by_income_group,
    lambda table: ca.measure_penalty(
        table, "gflops_per_head", "renewable_kwh_per_head", resamples=0
    ),
    lambda table: ca.authorship_beside_compute(table, table),
    lambda table: ca.authorship_beside_compute(table, table, "iso3"),
    lambda table: ca.lorenz_curve(table.get("rmax_tflops", []), table.get("population")),
    lambda table: pd.DataFrame(
        [ca.gini_bounds(table.get("rmax_tflops", []), table.get("population"), 1.0)]
    ),
]


@st.composite
def odd_tables(draw):
    """Draw a table of the columns that the functions ask for, with up to three odd cells."""
    size = draw(st.integers(0, 4))
    cells = {name: st.sampled_from(words) for name, words in GOOD.items()}
    cells |= dict.fromkeys(NUMBERS, AMOUNTS)
    table = pd.DataFrame(
        {
            name: pd.Series(draw(st.lists(cell, min_size=size, max_size=size)), dtype=object)
            for name, cell in cells.items()
        }
    )
    if draw(st.booleans()):  # one row for each key, so that checks of keys do not end everything
        table = table.drop_duplicates(["iso3"], ignore_index=True).assign(edition="2020-06")
        table = table.assign(year=2020, entry_rmax_tflops=1.0)
    table = table.infer_objects()
    for _ in range(draw(st.integers(0, 3)) if len(table) else 0):
        name = draw(st.sampled_from(sorted(cells)))
        place = draw(st.integers(0, len(table) - 1))
        column = table[name].tolist()
        column[place] = draw(ODD)
        table[name] = pd.Series(column, dtype=object, index=table.index)
    if draw(st.booleans()) and draw(st.booleans()):
        table = table.drop(columns=draw(st.sampled_from(sorted(cells))))
    return table


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
@settings(
    deadline=None,
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(table=odd_tables())
def test_an_odd_table_gives_an_error_of_the_package_or_finite_numbers(number, table):
    before = table.copy()
    with contextlib.suppress(CaramlError):
        result = FUNCTIONS[number](table)
        assert not np.isinf(result.select_dtypes("number").to_numpy(dtype=float)).any()
        for name in [name for name in result.columns if "share" in str(name)]:
            shares = result[name].dropna().astype(float)
            assert shares.between(-1e-9, 1 + 1e-9).all(), name
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_good_table_gives_numbers(function):
    """Without it the test of odd tables could pass with nothing but errors."""
    table = pd.DataFrame(
        {"edition": "2020-06", "iso3": ["KEN", "USA"], "country": ["Kenya", "United States"]}
    ).assign(income_group=["low", "high"], year=2020, penalty="neither", countries="KEN;USA")
    table = table.assign(conference="ICML", paper=1, **dict.fromkeys(NUMBERS, 2.0))
    assert isinstance(function(table), pd.DataFrame)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ca.without_system("bogus"), TableError, "no income classes 'bogus'; there are"),
        (lambda: ca.clean_electricity(classes="bogus"), TableError, "no income classes 'bogus'"),
        (lambda: ca.authorship_and_compute(classes="bogus"), TableError, "no income classes"),
        (lambda: ca.authorship_and_compute("region"), TableError, "'income_group' and 'iso3'"),
        (lambda: ca.training_emissions(run="llama-3"), FactorError, "Nearest: llama-3"),
        (lambda: ca.training_emissions(run="gpt-9"), FactorError, r"no run 'gpt-9'. Nearest: \w"),
        (lambda: ca.double_penalty("2024-11", "2023"), YearError, "the year is '2023'; give it as"),
        (
            lambda: ca.double_penalty("2024-11", 2025),
            YearError,
            r"only 91 of 218 .* 80% of the people.* Years that work: 2000, .*2023, 2024\.",
        ),
    ],
)
def test_an_odd_argument_gives_an_error_that_says_what_there_is(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_years_that_work_are_those_that_are_taken():
    assert len(ca.double_penalty("2024-11", 2024)) == 218
    for year in (1999, 2025):
        with pytest.raises(YearError, match="Years that work"):
            ca.double_penalty("2024-11", year)
