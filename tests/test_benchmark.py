"""The benchmark: what it measures here without competitors, and what it makes of measurements."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import pytest

from caraml_analysis import registry

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks/geocoding.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_geocoding", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before
    del sys.modules[spec.name]


def test_ours_is_timed_and_a_missing_competitor_is_named(benchmark):
    run = benchmark._in_new_process("speed", 20, 0)
    assert run["size"]["conference texts"][0] == 20
    for corpus in benchmark.CORPORA:
        assert run["seconds"]["caraml_analysis"][corpus] > 0
    for name in set(benchmark.SYSTEMS) - set(run["seconds"]):
        assert "No module named" in run["failed"][name]


def test_every_text_is_timed_once(benchmark):
    for corpus, texts in benchmark._corpora(0).items():
        assert len(texts) == len(set(texts)) > 3_000, corpus
        assert "" not in texts


def test_the_long_file_streams_through(benchmark):
    rows = benchmark.stream_rows(50)
    assert [row["measure"] for row in rows] == ["caraml geocode", "peak memory"]
    assert float(rows[1]["value"]) > 10


def test_every_tenth_row_of_the_long_file_occurs_once(benchmark, tmp_path):
    benchmark.write_rows(tmp_path / "long.csv", 100)
    with open(tmp_path / "long.csv", encoding="utf-8", newline="") as stream:
        texts = [row["affiliation"] for row in csv.DictReader(stream)]
    assert len(texts) == 100
    assert sum(text.startswith("Group ") for text in texts) == 10


def test_codes_and_names_of_competitors_become_alpha_3(benchmark):
    assert [benchmark._alpha3(code) for code in ("UK", "us", "??")] == ["GBR", "USA", "??"]
    assert [benchmark._named(name) for name in ("Georgia", "Russia")] == ["GEO", "RUS"]
    assert benchmark._listed(["CHN", "USA"]) == ("CHN", "USA")
    assert benchmark._listed(benchmark.NOT_FOUND) == ()


def test_the_headline_is_the_ratio_to_geotext(benchmark):
    rows = [benchmark._row("caraml_analysis", "speed / geotext's", "some texts", 1.234)]
    assert "some texts at 1.23 times the speed of geotext" in benchmark.headline(rows)[0]


def test_the_committed_result_has_the_columns_that_the_program_writes(benchmark):
    table = registry.read_csv(benchmark.RESULT, dtype=str)
    assert tuple(table.columns) == benchmark.COLUMNS
    assert set(table["system"]) <= {"machine", "Python alone", *benchmark.ALL_SYSTEMS}
