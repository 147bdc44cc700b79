"""The audit and the benchmark as the report shows them; its test half stays out of the tests."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from caraml_analysis import registry
from caraml_analysis.errors import TableError, UsageError
from caraml_analysis.reproduce import accuracy, audit_file
from caraml_analysis.reproduce.accuracy_section import (
    headline,
    measured_how,
    precision_table,
    speed_table,
)


@pytest.fixture(scope="module")
def development():
    rows = registry.read_csv("geocoding/audit.csv", dtype=str).fillna({"countries": ""})
    rows = rows[rows["half"] == "development"]
    return accuracy.judged_texts(rows["text"], rows["countries"])


def test_the_development_half_is_answered_rightly(development):
    score = accuracy.audit.overall(development).iloc[0]
    assert score["texts"] > 250
    assert score["accuracy"] >= 0.97
    assert score["list_right"] / score["texts"] >= 0.9


def test_every_answer_states_a_confidence_that_is_not_too_high(development):
    answered = development[development["answered"]]
    assert answered["confidence"].between(0.5, 0.999).all()
    table = accuracy.audit.reliability(development)
    assert (table["stated"] <= table["observed_high"]).all()


def test_both_samples_and_halves_are_scored():
    scores = accuracy.audit_scores()
    keys = list(zip(scores["sample"], scores["half"], strict=True))
    assert keys == [
        (sample, half)
        for sample in ("entries", "texts")
        for half in ("both", "development", "test")
    ]
    texts = scores.set_index(["sample", "half"])["texts"]
    for sample in ("entries", "texts"):
        assert texts[sample, "both"] == texts[sample, "development"] + texts[sample, "test"] == 300


def test_the_confidence_of_each_method_is_what_the_labels_gave():
    table = registry.read_csv("geocoding/confidence.csv")
    assert (table["right"] <= table["n"]).all()
    assert table["confidence"].between(0.5, 0.999).all()
    counted = table["source"].str.findall(r" (\d+)").map(lambda found: sum(map(int, found)))
    assert (counted == table["n"]).all()


# --- the benchmark


@pytest.fixture
def benchmark():
    rows = [
        ("machine", "", "date", "", "2026-01-02", ""),
        ("machine", "", "processor", "", "abacus", ""),
        ("machine", "", "cores", "", "2", ""),
        ("machine", "", "system", "", "Linux", ""),
        ("machine", "", "python", "", "3.11.7", ""),
        ("machine", "", "pandas", "", "2.3.3", ""),
        ("machine", "", "repetitions", "", "5", ""),
        ("machine", "", "texts", "conference texts", "10", ""),
        ("slow", "1.0", "not measured", "", "ImportError: no", ""),
        ("caraml_analysis", "0.1.0", "speed", "conference texts", "90000", "texts/s"),
        ("geotext", "0.4.0", "speed", "conference texts", "60000", "texts/s"),
        ("caraml_analysis", "0.1.0", "speed / geotext's", "conference texts", "1.5", ""),
        ("caraml_analysis", "0.1.0", "geocode", "79040 embedded entries", "0.81", "s"),
        ("caraml_analysis", "0.1.0", "texts", "hipo", "1000", ""),
        ("caraml_analysis", "0.1.0", "precision", "hipo", "0.99", ""),
        ("caraml_analysis", "0.1.0", "coverage", "hipo", "0.9", ""),
        ("geotext", "0.4.0", "texts", "hipo", "1000", ""),
        ("geotext", "0.4.0", "coverage", "hipo", "0", ""),
    ]
    table = pd.DataFrame(rows, columns=["system", "version", "measure", "on", "value", "unit"])
    return table.assign(version=table["version"].replace("", None))


def test_precision_is_shown_at_its_coverage(benchmark):
    assert precision_table(benchmark).to_dict("records") == [
        {"texts": "hipo", "n": "1000", "caraml_analysis": "99.0 % at 90.0 %", "geotext": "–"}
    ]


def test_speeds_stand_beside_each_other_with_units(benchmark):
    table = speed_table(benchmark).set_index(["measure", "on"])
    row = table.loc[("speed (texts/s)", "conference texts")]
    assert row.to_dict() == {"caraml_analysis": "90,000", "geotext": "60,000"}
    assert table.loc[("geocode (s)", "79040 embedded entries"), "geotext"] == ""


def test_the_report_says_how_and_when_it_was_measured(benchmark):
    assert "1.50 times on conference texts" in headline(benchmark)
    how = measured_how(benchmark)
    assert "on 2026-01-02, abacus, 2 cores" in how
    assert "geotext 0.4.0" in how
    assert "slow could not be measured: ImportError: no." in how


def test_the_committed_benchmark_can_be_shown():
    benchmark = accuracy.load_benchmark()
    systems = set(precision_table(benchmark).columns) - {"texts", "n"}
    assert {"caraml_analysis", "geotext", "flashgeotext", "pycountry"} <= systems
    assert "times on" in headline(benchmark)
    assert measured_how(benchmark).startswith("Measured by `make benchmark` on 20")


# --- a user's file


def read(rows, header=("affiliation", "iso3"), **options):
    return audit_file.read_labelled("mine.csv", header, rows, **options)


def test_columns_are_found_by_name_and_rows_numbered_as_in_a_spreadsheet():
    labelled = read([["EPFL", "CHE"], ["KAIST", "KOR"]])
    assert labelled.columns == {"text": "affiliation", "label": "iso3"}
    assert labelled.rows.index.tolist() == [2, 3]


def test_missing_columns_are_answered_with_those_that_are_there():
    with pytest.raises(UsageError, match=r"no column 'text' \(found affiliation, iso3\).*--text"):
        read([["EPFL", "CHE"]], text="text")
    with pytest.raises(UsageError, match=r"no column for the label \(found affiliation, x\)"):
        read([["EPFL", "CHE"]], header=["affiliation", "x"])
    with pytest.raises(UsageError, match=r"2 columns 'iso3'"):
        read([["EPFL", "CHE", "CHE"]], header=["affiliation", "iso3", "iso3"], label="iso3")


def test_a_file_without_rows_is_an_error():
    with pytest.raises(UsageError, match="no row to measure below the header"):
        read([])
    with pytest.raises(UsageError, match="no row to measure is left by --where"):
        read([["EPFL", "CHE"]], where=["iso3=USA"])


def test_conditions_choose_rows():
    rows = [["EPFL", "CHE"], ["MIT", "USA"]]
    assert read(rows, where=["iso3=USA"]).rows["text"].tolist() == ["MIT"]
    with pytest.raises(UsageError, match="--where 'USA' is not COLUMN=VALUE"):
        read(rows, where=["USA"])
    with pytest.raises(UsageError, match="no column 'half'"):
        read(rows, where=["half=test"])


@pytest.mark.parametrize("weight", ["-1", "many", "", "inf", "nan"])
def test_a_weight_that_is_none_is_named_with_its_row(weight):
    rows = [["EPFL", "CHE", "2"], ["MIT", "USA", weight]]
    with pytest.raises(UsageError, match="row 3: weight"):
        read(rows, header=["affiliation", "iso3", "entries"])


def test_weights_of_zero_alone_count_nothing():
    with pytest.raises(UsageError, match="all weights in column 'entries' are 0"):
        read([["EPFL", "CHE", "0"]], header=["affiliation", "iso3", "entries"])


def test_a_bad_label_is_named_with_its_row_in_the_file():
    with pytest.raises(TableError, match="row 3: label 'Utopia'"):
        audit_file.audit_labelled(read([["EPFL", "CHE"], ["MIT", "Utopia"]]))


@pytest.fixture
def found():
    rows = [
        ["EPFL", "CHE", "8"],
        ["University of Namibia, Windhoek", "NA", "1"],
        ["Makerere University", "KE", "1"],
        ["Independent Researcher", "unknown", "10"],
    ]
    header = ["affiliation", "country", "entries"]
    return audit_file.audit_labelled(audit_file.read_labelled("mine.csv", header, rows))


def test_the_audit_counts_texts_and_weights(found):
    assert list(found.tables) == ["texts", "entries"]
    assert found.tables["texts"]["overall"]["right"].item() == 3
    assert found.tables["entries"]["overall"]["right"].item() == 19


def test_the_text_says_what_was_measured_and_where_errors_lean(found):
    text = audit_file.to_text(found)
    assert "mine.csv: 4 texts (column 'affiliation'), labels in 'country'" in text
    for title in ("Overall, weighted by entries", "By method", "By income group, data year 2022"):
        assert title in text
    assert "Errors do not lean" in text
    assert "Weighted by entries: Errors do not lean" in text


def test_json_and_csv_hold_the_same_numbers(found):
    content = json.loads(audit_file.to_json(found))
    (row,) = content["tables"]["entries"]["overall"]
    assert row["accuracy"] == pytest.approx(0.95)
    long = pd.read_csv(pd.io.common.StringIO(audit_file.to_csv(found)))
    chosen = long.query("table == 'overall' and counted_by == 'entries' and measure == 'accuracy'")
    assert float(chosen["value"].item()) == pytest.approx(0.95)
    assert "low to lower middle" not in set(long["row"])
    moved = long.query("table == 'moves' and counted_by == 'texts'")
    assert moved["row"].tolist() == ["lower_middle to low"]


def test_a_file_without_any_answer_is_audited_too():
    found = audit_file.audit_labelled(read([["Guo", "unknown"], ["George", ""]]))
    assert found.tables["texts"]["overall"]["accuracy"].item() == 1
    assert "no text with both a label and an answer" in audit_file.to_text(found)
    content = json.loads(audit_file.to_json(found))
    assert content["calibration"]["brier_score"] is None
    assert "overall" in audit_file.to_csv(found)


def test_every_row_is_written_with_its_verdict(found):
    rows = pd.read_csv(
        pd.io.common.StringIO(audit_file.rows_csv(found)), keep_default_na=False, dtype=str
    )
    assert rows["row"].tolist() == ["2", "3", "4", "5"]
    assert rows["right"].tolist() == ["True", "True", "False", "True"]
    assert rows["label"].tolist() == ["CHE", "NAM", "KEN", "unknown"]
