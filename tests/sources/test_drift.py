"""What changed between two editions: counted, ordered by size, told in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis.sources.drift import compare, report

OLD = pd.DataFrame(
    {"iso3": ["KEN", "NAM", "UGA", "TCD"], "year": 2022, "value": [100.0, 50.0, 10.0, np.nan]}
)


def changed(**values):
    new = OLD.set_index("iso3")
    for code, value in values.items():
        new.loc[code, "value"] = value
    return new.reset_index()


def drift(new):
    return compare("reference/x.csv", OLD, new, ["iso3", "year"], ["value"])


def test_the_same_table_has_no_drift():
    found = drift(OLD.sample(frac=1, random_state=1))
    assert found.empty
    assert report(found) == "reference/x.csv: the same as the embedded edition (4 rows)."


def test_the_largest_changes_come_first():
    found = drift(changed(KEN=101.0, NAM=25.0, TCD=1.0))
    assert found.changed["iso3"].tolist() == ["TCD", "NAM", "KEN"]
    assert found.changed["relative"].round(4).tolist()[1:] == [-0.5, 0.01]
    text = report(found)
    assert "0 new, 0 gone, 3 of 4 shared values changed" in text
    assert "NAM 2022: value 50 -> 25 (-50.00%)" in text
    assert "TCD 2022: value (none) -> 1" in text
    assert "1 changed by more than 5%" in text


def test_new_and_gone_rows_are_named():
    new = pd.concat([OLD[1:], pd.DataFrame({"iso3": ["NA"], "year": [2023], "value": [1.0]})])
    found = drift(new)
    assert (len(found.added), len(found.removed)) == (1, 1)
    text = report(found)
    assert "new: iso3 NA, year 2023" in text
    assert "gone: iso3 KEN, year 2022" in text


def test_a_tiny_change_is_not_shown_as_zero():
    assert "KEN 2022: value 100 -> 100.0001 (by less than 0.01%)" in report(
        drift(changed(KEN=100.0001))
    )


def test_a_change_from_zero_or_infinity_is_told_without_a_percentage():
    old = pd.DataFrame({"k": ["a", "b", "c", "d"], "value": [0.0, np.inf, np.inf, 4.0]})
    new = pd.DataFrame({"k": ["a", "b", "c", "d"], "value": [5.0, 3.0, np.inf, 5.0]})
    text = report(compare("x", old, new, ["k"], ["value"]))
    assert "3 of 4 shared values changed" in text
    assert "a: value 0 -> 5\n" in text
    assert "b: value inf -> 3\n" in text
    assert "1 changed by more than 5%" in text
    assert "inf%" not in text


def test_a_column_in_percent_changes_by_points():
    old = pd.DataFrame({"k": ["a", "b"], "renewable_pct": [50.0, 1.0]})
    new = pd.DataFrame({"k": ["a", "b"], "renewable_pct": [49.0, 1.001]})
    text = report(compare("x", old, new, ["k"], ["renewable_pct"]))
    assert "a: renewable_pct 50 -> 49 (-1.00 points)" in text
    assert "b: renewable_pct 1 -> 1.001 (by less than 0.01 points)" in text


def test_a_table_of_keys_only_is_compared_by_its_rows():
    found = compare("x", pd.DataFrame({"k": [1, 2]}), pd.DataFrame({"k": [2]}), ["k"], [])
    assert (len(found.removed), len(found.changed), found.empty) == (1, 0, False)
    assert "1 gone" in report(found)


def test_rounding_is_no_news():
    assert drift(changed(KEN=100.0 + 1e-9)).empty


def test_texts_are_compared_too_and_empty_is_missing():
    old = pd.DataFrame({"k": [1, 2, 3], "group": ["low", "", None]})
    new = pd.DataFrame({"k": [1, 2, 3], "group": ["high", None, ""]})
    found = compare("x", old, new, ["k"], ["group"])
    assert found.changed[["old", "new"]].to_numpy().tolist() == [["low", "high"]]
    assert "1: group low -> high" in report(found)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.sampled_from(["KEN", "NAM", "UGA"]), st.floats(1, 1e6)))
def test_every_change_is_counted_once(values):
    found = drift(changed(**values))
    old = OLD.set_index("iso3")["value"]
    moved = {code for code, value in values.items() if abs(value - old[code]) > 1e-9 * old[code]}
    assert set(found.changed["iso3"]) == moved
    assert len(found.changed) == len(moved)
