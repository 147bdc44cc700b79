"""Many texts at once, properties that hold for any text, and speed."""

from __future__ import annotations

import subprocess
import sys
import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis import countries, registry, tables
from caraml_analysis.geocoding import geocode, resolve

FRAGMENTS = st.sampled_from(
    [
        *("University of", "Université", "U.", "Inst.", "Google", "MIT", "CNRS", "名古屋大学"),
        *("Paris", "Cambridge", "Georgia", "China", "Hong Kong", "Brasil", "CA", "in", "@x.ac.uk"),
        *("and", "&", "/", ",", ";", "(", ")", "-", "#TAB#", "&amp;", "&#x27;", "\n", "\x00", "é́"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(FRAGMENTS, max_size=14).map(" ".join))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_has_a_proper_answer(text):
    found = resolve(text)
    assert found.status in tables.STATUSES
    assert (found.status == "resolved") == bool(found.countries)
    assert found.country == (found.countries[0] if found.countries else None)
    assert set(found.countries) <= countries.known_codes()
    assert all(a != b for a, b in zip(found.countries, found.countries[1:], strict=False))
    assert found == resolve(text)
    assert repr(found)
    assert found._repr_html_()


@given(st.lists(st.one_of(TEXTS, st.none()), max_size=12))
@settings(max_examples=50, deadline=None)
def test_one_row_per_text_and_contract(texts):
    series = pd.Series(texts, index=[f"row {n}" for n in range(len(texts))], dtype=object)
    table = geocode(series)
    assert table.index.equals(series.index)
    tables.RESOLUTIONS.check(table)
    assert list(table.columns) == tables.RESOLUTIONS.names
    for text, status in zip(texts, table["status"], strict=True):
        assert status == resolve(text).status


@given(st.text(alphabet=" .-–,;()\t", max_size=20))
def test_empty_stays_empty(text):
    assert resolve(text).status == "empty"


def test_accepts_series_list_and_index():
    texts = ["Kyoto University", None, "Kyoto University", "MIT / DeepMind"]
    expected = [["JPN", "", "JPN", "USA;GBR"], ["resolved", "empty", "resolved", "resolved"]]
    for values in (texts, tuple(texts), pd.Series(texts), pd.Index(texts)):
        table = geocode(values)
        assert [table["countries"].tolist(), table["status"].tolist()] == expected
        assert table["country"].isna().tolist() == [False, True, False, False]


def test_prefix_and_repeated_index():
    table = geocode(pd.Series(["MIT", "EPFL"], index=[7, 7]), prefix="affiliation_")
    assert table.index.tolist() == [7, 7]
    assert table["affiliation_country"].tolist() == ["USA", "CHE"]
    assert all(name.startswith("affiliation_") for name in table.columns)


def test_no_texts_no_rows():
    assert list(geocode([]).columns) == tables.RESOLUTIONS.names
    assert len(geocode(pd.Series([], dtype=object))) == 0


def test_a_wrong_element_is_named_by_position():
    with pytest.raises(TypeError, match=r"position 2: .*not int \(5\)"):
        geocode(["MIT", None, 5])
    with pytest.raises(TypeError, match=r"takes a column of texts, not one str"):
        geocode("MIT")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a." * 100_000 + "aa",
        "University of " * 15_000,
        "MIT, " + "Paris " * 30_000,
        "China, " * 30_000,
        "MIT; " * 40_000,
        "name@x.ac.uk " * 15_000,
        "(" * 500_000,
        "&amp;" * 100_000,
        "- " * 300_000 + "x",
        "´e" * 300_000,
        "a b " * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_time_grows_with_the_length_only(text):
    resolve("warm up")
    started = time.perf_counter()
    resolve(text)
    assert time.perf_counter() - started < 10  # about 1 s where this was written


def test_importing_reads_no_file_and_no_pandas():
    code = (
        "import sys, caraml_analysis.geocoding as g, caraml_analysis.geocoding.resolver as z;"
        "assert 'pandas' not in sys.modules; assert z.engine.cache_info().currsize == 0;"
        "g.resolve('MIT'); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reading_is_noted():
    resolve("MIT")
    assert {"geocoding/cities.csv", "geocoding/companies.csv"} <= set(registry.files_read())
