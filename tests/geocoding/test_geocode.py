"""Many texts at once, properties that hold for any text, and speed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis import countries, paths, registry, tables
from caraml_analysis.errors import GeocodeError, UsageError
from caraml_analysis.geocoding import batch, geocode, resolve

NAMES = ["institutions", "companies", "countries", "regions", "cities"]
GAZETTEER_WORDS = sorted(
    {
        line.split(",")[0].strip('"')
        for table in NAMES
        for line in (paths.data_dir() / f"geocoding/{table}.csv")
        .read_text("utf-8")
        .split("\n")[::37]
    }
)
ORGANISATION_WORDS = [
    *("University of", "Université", "U.", "Univ.", "Inst.", "Dept. of", "College", "Laboratory"),
    *("Google", "MIT", "CNRS", "UC", "IIT", "名古屋大学", "МГУ", "جامعة", "@x.ac.uk", "a@b.edu"),
    *("Paris", "Cambridge", "Georgia", "China", "Hong Kong", "Brasil", "CA", "in", "the", "U.S.A."),
]
SEPARATORS = [
    *("and", "&", "/", "//", ",", ";", "|", "(", ")", "[", "]", "-", "–", "@", ".", ":", "+", "*"),
    *("#TAB#", "#N#", "&amp;", "&amp;amp;", "&#x27;", "&#0;", "&#xD800;", "<b>", "<", "\n", "\t"),
]
ODD_UNICODE = [
    *("\x00", "\x1b[31m", "\ud800", "\udfff", "\u200f", "\u202e", "\u2066", "\ufeff", "\u00ad"),
    *("é́", "a" + "\u0301" * 9, "ﬁ", "İ", "ß", "ﷺ", "👩🏽‍🔬", "🇺🇳", "\U000e0041", "\U0010ffff"),
    *("´e", "¨u", "Ⅷ", "①", "ﬅ", "\u2028", "\u0085", "'", "’", "`"),
]
WORDS = st.one_of(
    st.sampled_from(GAZETTEER_WORDS),
    st.sampled_from(ORGANISATION_WORDS),
    st.sampled_from(SEPARATORS),
    st.sampled_from(ODD_UNICODE),
)
JOINED = st.tuples(st.sampled_from(["", " ", ", ", ";"]), st.lists(WORDS, max_size=14)).map(
    lambda both: both[0].join(both[1])
)
# surrogates as well: half of a pair can stand in a str
ANY_CHARACTERS = st.text(st.characters(exclude_categories=()), max_size=80)
TEXTS = st.one_of(JOINED, ANY_CHARACTERS)


# before a release: CARAML_FUZZ=100000 pytest tests/geocoding/test_geocode.py -k proper_answer
@given(TEXTS)
@settings(max_examples=int(os.environ.get("CARAML_FUZZ", "2000")), deadline=None)
def test_any_text_has_a_proper_answer(text):
    found = resolve(text)
    assert found.status in tables.STATUSES
    assert (found.status == "resolved") == bool(found.countries)
    assert found.country == (found.countries[0] if found.countries else None)
    assert set(found.countries) <= countries.known_codes()
    assert all(a != b for a, b in pairwise(found.countries))
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
    table.to_csv().encode()
    for text, status in zip(texts, table["status"], strict=True):
        assert status == resolve(text).status


@given(st.text(alphabet=" .-–,;()\t", max_size=20))
def test_empty_stays_empty(text):
    assert resolve(text).status == "empty"


# --- what comes in ----------------------------------------------------------------------------

TEXT_LIST = ["Kyoto University", None, "Kyoto University", "MIT / DeepMind"]
COLUMNS_OF_TEXTS = {
    "list": TEXT_LIST,
    "tuple": tuple(TEXT_LIST),
    "generator": (text for text in TEXT_LIST),
    "dict values": dict(enumerate(TEXT_LIST)).values(),
    "Series": pd.Series(TEXT_LIST),
    "object Series": pd.Series(TEXT_LIST, dtype=object),
    "string Series": pd.Series(TEXT_LIST, dtype="string"),
    "Categorical": pd.Categorical(TEXT_LIST),
    "categorical Series": pd.Series(TEXT_LIST, dtype="category"),
    "Index": pd.Index(TEXT_LIST),
    "array": np.array(TEXT_LIST, dtype=object),
    "array of str_": [None if text is None else np.str_(text) for text in TEXT_LIST],
    "NaN": ["Kyoto University", float("nan"), "Kyoto University", "MIT / DeepMind"],
    "narrow NaN": ["Kyoto University", np.float32("nan"), "Kyoto University", "MIT / DeepMind"],
    "NA": ["Kyoto University", pd.NA, "Kyoto University", "MIT / DeepMind"],
    "NaT": ["Kyoto University", pd.NaT, "Kyoto University", "MIT / DeepMind"],
}


@pytest.mark.parametrize("kind", COLUMNS_OF_TEXTS)
def test_every_kind_of_column_gives_the_same(kind):
    table = geocode(COLUMNS_OF_TEXTS[kind])
    assert table["countries"].tolist() == ["JPN", "", "JPN", "USA;GBR"]
    assert table["status"].tolist() == ["resolved", "empty", "resolved", "resolved"]
    assert table["country"].isna().tolist() == [False, True, False, False]


def test_arrow_columns_give_the_same():
    pa = pytest.importorskip("pyarrow")
    array = pa.array(TEXT_LIST)
    arrow_series = pd.Series(TEXT_LIST, dtype=pd.ArrowDtype(pa.string()))
    for values in (array, pa.chunked_array([array]), array.dictionary_encode(), arrow_series):
        assert geocode(values)["countries"].tolist() == ["JPN", "", "JPN", "USA;GBR"]


def test_prefix_and_repeated_index():
    table = geocode(pd.Series(["MIT", "EPFL"], index=[7, 7]), prefix="affiliation_")
    assert table.index.tolist() == [7, 7]
    assert table["affiliation_country"].tolist() == ["USA", "CHE"]
    assert all(name.startswith("affiliation_") for name in table.columns)


def test_an_index_of_several_levels_is_kept():
    index = pd.MultiIndex.from_tuples([("ICML", 2), ("ICML", 1), ("ICML", 2)], names=["a", "b"])
    table = geocode(pd.Series(["MIT", "EPFL", "MIT"], index=index))
    assert table.index.equals(index)
    assert table.index.names == ["a", "b"]
    assert table["country"].tolist() == ["USA", "CHE", "USA"]


def test_no_texts_no_rows_and_the_same_types():
    full = geocode(["MIT"])
    for nothing in ([], pd.Series([], dtype=object), pd.Categorical([])):
        table = geocode(nothing)
        assert list(table.columns) == tables.RESOLUTIONS.names
        assert len(table) == 0
        assert table.dtypes.equals(full.dtypes)
    assert geocode([None, ""]).dtypes.equals(full.dtypes)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (5, r"not int \(5\)"),
        (2.5, r"not float \(2\.5\)"),
        (True, r"not bool"),
        (b"MIT", r"not bytes"),
        (["MIT"], r"not list"),
        ({"a": "MIT"}, r"not dict"),
        (("MIT", ["x"]), r"not tuple"),
        (np.array(["MIT"]), r"not ndarray"),
        (pd.Timestamp("2020-01-01"), r"not Timestamp"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_element_is_named_by_position(wrong, message):
    with pytest.raises(TypeError, match=rf"position 2: .*{message}"):
        geocode(["MIT", None, wrong])
    if not isinstance(wrong, np.ndarray):
        with pytest.raises(TypeError, match=message):
            resolve(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["MIT", b"MIT", {"a": "MIT"}, {"MIT"}, pd.DataFrame({"a": ["MIT"]}), 5, None, np.array(5)],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_column_is_refused(wrong):
    with pytest.raises(TypeError, match=r"takes a column of texts, not .*othing was resolved"):
        geocode(wrong)


def test_half_of_a_surrogate_pair_does_not_reach_the_table():
    table = geocode(["MIT \ud800, Universität \udfff Potsdam"])
    table.to_csv().encode("utf-8")
    assert table["status"].tolist() == ["resolved"]


# --- several processes ------------------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(batch, "PART", 5)


MANY = [f"{name}, Room {number}" for number, name in enumerate(GAZETTEER_WORDS[:60])] + [None, ""]


def test_any_number_of_processes_gives_the_same_bytes(small_parts):
    one = geocode(MANY * 2)
    for jobs in (2, 3):
        several = geocode(MANY * 2, jobs=jobs)
        pd.testing.assert_frame_equal(several, one)
        assert several.to_csv() == one.to_csv()


CLONE = Path(batch.__file__).parents[2]
SCRIPT = """
import multiprocessing, sys
from caraml_analysis.geocoding import batch, geocode

texts = [f"{name}, Room {n}" for n in range(9) for name in ("MIT", "EPFL", "Univ. Gweru", "Guo")]

def main():
    multiprocessing.set_start_method(sys.argv[1])
    batch.PART = 4
    assert geocode(texts, jobs=2).equals(geocode(texts))
    print("the same")
"""


def run_script(script, *arguments):
    return subprocess.run(
        [sys.executable, script, *arguments],
        env=os.environ | {"PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_every_way_to_start_processes_works(method, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + '\nif __name__ == "__main__":\n    main()\n')
    done = run_script(script, method)
    assert (done.stdout, done.stderr) == ("the same\n", "")


def test_a_script_without_guard_is_told_what_to_do(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("set_start_method(", "set_start_method(force=True, method="))
    with script.open("a") as stream:
        stream.write("\nmain()\n")
    done = run_script(script, "spawn")
    assert done.returncode == 1
    assert "GeocodeError: a process that resolves texts could not start" in done.stderr
    assert "if __name__ ==" in done.stderr


def test_a_process_that_dies_is_an_error_and_not_an_answer(small_parts, monkeypatch):
    monkeypatch.setattr(batch, "_start_process", _die)
    with pytest.raises(GeocodeError, match=r"was ended \(memory\?\), so nothing was returned"):
        geocode(MANY, jobs=2)


def _die(names):
    os._exit(9)


@pytest.mark.parametrize("jobs", [0, -1, 1.5, "2", True, None])
def test_a_number_of_processes_is_at_least_one(jobs):
    with pytest.raises(UsageError, match=r"jobs is .*1 or more"):
        geocode(["MIT"], jobs=jobs)


# --- progress ---------------------------------------------------------------------------------


def test_only_long_work_shows_a_bar_by_itself(capsys, monkeypatch):
    geocode(["MIT", "EPFL"])
    assert capsys.readouterr().err == ""
    geocode(["MIT", "EPFL"], progress=True)
    assert "2/2" in capsys.readouterr().err
    monkeypatch.setattr(batch, "LONG_WORK", 1)
    geocode(["MIT", "EPFL"])
    assert "2/2" in capsys.readouterr().err
    geocode(["MIT", "MIT"])  # one text is not long work
    assert capsys.readouterr().err == ""
    geocode(["MIT", "EPFL"], progress=False)
    assert capsys.readouterr().err == ""


# --- speed ------------------------------------------------------------------------------------

MS_PER_10_KB = 50
#: Milliseconds of `calibration` where the limit of 50 ms was set.
CALIBRATION_MS = 26.0
REPEATED = [
    *("a.", "@", "@@@ ", "((((", "()", "- ", "; ", " / ", "& ", "and ", "| ", ", , ", "...", "\n"),
    *("University of ", "Massachusetts Institute of Technology ", "Stanford University / "),
    *("China ", "China, ", "China", "United States of America ", "Georgia, ", "New York ", "CA, "),
    *("MIT; ", "MIT, ", "Google & ", "Google Zurich ", "Paris ", "Department of Physics, ", "a b "),
    *("&amp;", "&amp;amp;", "#TAB#", "<", "<b>", "´e", "é́", "\u0301", "\u200f", "\ud800", "\x00"),
    *("U.S.", "A. ", "aB", "a'", "1a", "中国", "名古屋大学", "😀", "ﬁ", "http://", "a.b@"),
    *("x@y.ac.uk ", "e-mail: a@b.cn ", "ac.uk.", "Universität, ", "I.I.T. ", "'", "’", "1 2 "),
]


def calibration() -> float:
    """Return how long a fixed piece of work takes here, in milliseconds of processor time."""
    started = time.process_time()
    total = 0
    for number in range(200_000):
        total += len(str(number).casefold())
    assert total
    return 1000 * (time.process_time() - started)


def least(measure) -> float:
    """Return the shortest of a few measurements: noise only ever adds."""
    return min(measure() for _ in range(4))


@pytest.fixture(scope="module")
def limit_ms():
    resolve("load everything")
    return MS_PER_10_KB * max(1.0, least(calibration) / CALIBRATION_MS)


def milliseconds(text: str) -> float:
    started = time.process_time()
    resolve(text)
    return 1000 * (time.process_time() - started)


def filled(unit: str) -> str:
    return (unit * 10_000)[
        : 10_000 // max(1, len(unit.encode("utf-8", "surrogatepass")) // len(unit))
    ]


@pytest.mark.parametrize("unit", REPEATED, ids=ascii)
def test_no_text_takes_long_for_its_length(unit, limit_ms):
    text = filled(unit)
    assert least(lambda: milliseconds(text)) < limit_ms


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
    assert {"geocoding/cities.csv", "geocoding/companies.csv"} <= registry.inputs_read().embedded
