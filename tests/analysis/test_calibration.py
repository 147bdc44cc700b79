"""Confidence is earned: many right answers count, a few do not make a certainty."""

from __future__ import annotations

import pandas as pd
import pytest

from caraml_analysis.analysis.calibration import PRIOR_ACCURACY, calibrate
from caraml_analysis.errors import TableError, UnitError


def seen(method, right, wrong, answered=True):
    outcomes = [True] * right + [False] * wrong
    return pd.DataFrame({"method": method, "answered": answered, "right": outcomes})


def test_confidence_is_drawn_towards_the_prior_by_hand():
    table = calibrate(seen("city", 30, 10), prior_accuracy=0.9, prior_texts=10)
    assert table.to_dict("records") == [
        {"method": "city", "confidence": round(39 / 50, 3), "n": 40, "right": 30}
    ]


def test_more_of_the_same_evidence_gives_more_confidence():
    few, many = (calibrate(seen("ror", n, 0))["confidence"].item() for n in (3, 3000))
    assert PRIOR_ACCURACY < few < many < 1


def test_texts_without_an_answer_do_not_count():
    rows = pd.concat([seen("city", 5, 0), seen("none", 0, 9, answered=False)])
    assert calibrate(rows)["method"].tolist() == ["city"]


def test_the_most_frequent_method_comes_first():
    rows = pd.concat([seen("b", 1, 0), seen("c", 9, 0), seen("a", 1, 0)])
    assert calibrate(rows)["method"].tolist() == ["c", "a", "b"]


def test_no_labelled_answer_gives_an_empty_table():
    assert calibrate(seen("city", 0, 0)).empty


@pytest.mark.parametrize("prior", [{"prior_texts": 0}, {"prior_texts": float("inf")}])
def test_a_prior_without_weight_is_refused(prior):
    with pytest.raises(UnitError, match="prior_texts is a number of texts above 0"):
        calibrate(seen("city", 1, 0), **prior)


def test_a_prior_accuracy_outside_0_to_1_is_refused():
    with pytest.raises(UnitError, match="prior_accuracy is a share from 0 to 1, not 97"):
        calibrate(seen("city", 1, 0), prior_accuracy=97)


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match="no column 'answered'"):
        calibrate(seen("city", 1, 0).drop(columns="answered"))
