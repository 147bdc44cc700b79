"""The audit: labels are read strictly, rates are right by hand, errors are seen to lean or not."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis.analysis import audit
from caraml_analysis.errors import TableError

GROUPS = {"USA": "high", "DEU": "high", "CHN": "upper_middle", "IND": "lower_middle"}


def answers(*countries, method="city", confidence=0.9, index=None):
    """Return what a geocoder would return: each element is ``"USA"``, ``"USA;DEU"`` or ``""``."""
    table = pd.DataFrame({"countries": list(countries)}, index=index)
    first = [text.split(";")[0] or None for text in countries]
    return table.assign(
        country=pd.Series(first, index=table.index, dtype=object),
        method=method,
        confidence=confidence,
    )


def judged(labels, given, match="first", **extra):
    rows = audit.judge(pd.Series(labels, dtype=str), answers(*given, **extra), match)
    groups = {
        f"{side}_group": rows[column].map(lambda code: GROUPS.get(code, "unknown"))
        for side, column in (("label", "label_country"), ("answer", "country"))
    }
    return rows.assign(**groups)


# --- proportions


def test_wilson_interval_as_in_the_literature():
    low, high = audit.wilson_interval(97, 100)
    assert (round(low, 4), round(high, 4)) == (0.9155, 0.9897)
    assert audit.wilson_interval(0, 0) == (0.0, 1.0)


def test_equal_weights_change_nothing():
    hits = pd.Series([True, True, False])
    assert audit.proportion(hits, pd.Series([7.0] * 3)) == pytest.approx(audit.proportion(hits))


def test_one_heavy_text_is_worth_little_more_than_one():
    hits = pd.Series([True, False, False])
    share, low, high = audit.proportion(hits, pd.Series([98.0, 1.0, 1.0]))
    assert share == pytest.approx(0.98)
    assert high - low > 0.7  # not the 0.06 of 100 texts


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1e6)), max_size=30))
def test_a_share_lies_inside_its_limits(rows):
    hits = pd.Series([hit for hit, _ in rows], dtype=bool)
    share, low, high = audit.proportion(hits, pd.Series([weight for _, weight in rows]))
    assert 0 <= low <= high <= 1
    assert math.isnan(share) or low - 1e-9 <= share <= high + 1e-9


def test_sign_test_by_hand():
    assert audit.sign_test(6, 0) == pytest.approx(2 / 64)
    assert audit.sign_test(3, 3) == 1.0
    assert audit.sign_test(0, 0) == 1.0


# --- labels


def test_labels_are_alpha_2_or_alpha_3_and_na_is_namibia():
    labels = audit.parse_labels(pd.Series(["NA", "cn;US", " DEU ; deu", "uk", "XK"]))
    assert labels.tolist() == [("NAM",), ("CHN", "USA"), ("DEU",), ("GBR",), ("XKX",)]


@pytest.mark.parametrize("label", ["", "unknown", "Unknown", None, float("nan"), ";", " "])
def test_a_text_that_nobody_could_place_has_an_empty_label(label):
    assert audit.parse_labels(pd.Series([label], dtype=object)).tolist() == [()]


def test_an_unknown_code_is_named_with_its_row():
    labels = pd.Series(["USA", "DEU;Narnia"], index=[2, 3])
    with pytest.raises(TableError, match=r"row 3: label 'DEU;Narnia'.*'Narnia' is not a country"):
        audit.parse_labels(labels)


def test_a_list_with_unknown_in_it_is_an_error():
    with pytest.raises(TableError, match="'unknown' is not a country code"):
        audit.parse_labels(pd.Series(["USA;unknown"]))


# --- judging


@pytest.mark.parametrize(
    ("label", "answer", "right_by"),
    [
        ("USA", "USA", {"first", "any", "subset", "exact"}),
        ("USA;CHN", "USA", {"first", "any", "subset"}),
        ("USA;CHN", "CHN", {"any", "subset"}),
        ("USA;CHN", "CHN;USA", {"any", "subset"}),
        ("USA;CHN", "USA;CHN", {"first", "any", "subset", "exact"}),
        ("USA", "USA;CHN", {"first", "any"}),
        ("USA", "CHN", set()),
        ("USA", "", set()),
        ("unknown", "USA", set()),
        ("unknown", "", {"first", "any", "subset", "exact"}),
    ],
)
def test_what_each_criterion_calls_right(label, answer, right_by):
    found = {m for m in audit.CRITERIA if judged([label], [answer], m)["right"].item()}
    assert found == right_by


def test_an_unordered_label_counts_for_the_country_that_was_answered():
    assert judged(["USA;CHN"], ["CHN"], "any")["label_country"].item() == "CHN"
    assert judged(["USA;CHN"], ["DEU"], "any")["label_country"].item() == "USA"
    assert judged(["USA;CHN"], ["CHN"], "first")["label_country"].item() == "USA"


def test_an_unknown_criterion_is_named():
    with pytest.raises(TableError, match="no criterion 'best'; there are first, any"):
        judged(["USA"], ["USA"], "best")


def test_answers_to_other_rows_are_refused():
    with pytest.raises(TableError, match="do not have the same index"):
        audit.judge(pd.Series(["USA", "DEU"]), answers("USA", "DEU", index=[1, 2]))
    with pytest.raises(TableError, match="same index without repeats"):
        audit.judge(pd.Series(["USA", "DEU"], index=[1, 1]), answers("USA", "DEU", index=[1, 1]))


def test_judging_leaves_its_tables_as_they_are():
    labels, given = pd.Series(["USA"]), answers("USA")
    before = given.copy()
    audit.judge(labels, given)
    pd.testing.assert_frame_equal(given, before)


def test_judging_nothing_gives_an_empty_table():
    rows = judged([], [])
    assert rows.empty
    assert audit.overall(rows)["texts"].item() == 0
    assert audit.by_method(rows).empty
    assert audit.reliability(rows).empty


# --- tables


@pytest.fixture
def rows():
    """Return four right answers, one wrong, one missing, one to a text nobody could place."""
    return judged(
        ["USA", "USA", "DEU", "CHN", "CHN", "IND", "unknown"],
        ["USA", "USA", "DEU", "CHN", "USA", "", "USA"],
    )


def test_overall_by_hand(rows):
    row = audit.overall(rows).iloc[0]
    counts = row[["texts", "answered", "right", "wrong", "unanswered", "list_right"]]
    assert counts.tolist() == [7, 6, 4, 2, 1, 4]
    assert row["accuracy"] == pytest.approx(4 / 7)
    assert row["precision"] == pytest.approx(4 / 6)
    assert row["coverage"] == pytest.approx(5 / 6)  # the seventh needs no answer
    assert (row["precision_low"], row["precision_high"]) == audit.wilson_interval(4, 6)


def test_weights_count_a_text_as_often_as_it_occurs(rows):
    weight = pd.Series([1, 1, 1, 1, 6, 0, 0], index=rows.index)
    row = audit.overall(rows, weight).iloc[0]
    assert (row["texts"], row["right"], row["wrong"]) == (10, 4, 6)
    assert row["accuracy"] == pytest.approx(0.4)
    assert row["accuracy_high"] > audit.wilson_interval(4, 10)[1]  # fewer texts than weights


def test_methods_are_counted_apart(rows):
    rows = rows.assign(method=["a", "a", "a", "b", "b", "none", "b"])
    table = audit.by_method(rows).set_index("method")
    assert table["texts"].to_dict() == {"a": 3, "b": 3, "none": 1}
    assert table.loc["a", "accuracy"] == 1
    assert table.loc["b", "right"] == 1
    assert table["share"].sum() == pytest.approx(1)


def test_reliability_sets_stated_beside_observed():
    rows = judged(["USA"] * 5, ["USA", "USA", "CHN", "USA", ""])
    rows = rows.assign(confidence=[0.97, 0.95, 0.75, 0.7, 0.0])
    table = audit.reliability(rows).set_index("band")
    assert table["texts"].to_dict() == {"0.70 to 0.80": 2, "0.95 to 0.98": 2}
    assert table.loc["0.70 to 0.80", "stated"] == pytest.approx(0.725)
    assert table.loc["0.70 to 0.80", "observed"] == pytest.approx(0.5)
    assert table.loc["0.95 to 0.98", "observed"] == 1
    assert (table["verdict"] == "as stated").all()


def test_reliability_tells_better_from_worse_than_stated():
    rows = judged(["USA"] * 200, ["USA"] * 100 + ["CHN"] * 100)
    rows = rows.assign(confidence=[0.93] * 100 + [0.75] * 100)
    table = audit.reliability(rows).set_index("band")
    assert table.loc["0.90 to 0.95", "verdict"] == "better than stated"
    assert table.loc["0.70 to 0.80", "verdict"] == "worse than stated"


def test_a_confidence_of_one_is_in_the_last_band():
    rows = judged(["USA"], ["USA"], confidence=1.0)
    assert audit.reliability(rows)["band"].item() == "0.98 to 1.00"


def test_calibration_error_by_hand():
    rows = judged(["USA"] * 4, ["USA", "USA", "USA", "CHN"], confidence=0.75)
    error = audit.calibration_error(rows)
    assert error["expected_calibration_error"] == pytest.approx(0)
    assert error["brier_score"] == pytest.approx((3 * 0.25**2 + 0.75**2) / 4)
    assert all(map(math.isnan, audit.calibration_error(rows.iloc[:0]).values()))


def test_income_groups_by_hand(rows):
    table = audit.by_income_group(rows).set_index("income_group")
    assert table.loc["high", ["labelled", "answered"]].tolist() == [3, 5]
    assert table.loc["high", "precision"] == pytest.approx(3 / 5)
    assert table.loc["high", "recall"] == 1
    assert table.loc["upper_middle", "recall"] == pytest.approx(1 / 2)
    assert table.loc["lower_middle", "unanswered"] == 1
    assert math.isnan(table.loc["lower_middle", "precision"])
    assert "low" not in table.index


def test_a_wrong_country_of_the_same_group_is_no_move():
    rows = judged(["USA", "USA"], ["DEU", "CHN"])
    table = audit.moves(rows)
    assert table.to_dict("records") == [
        {"label_group": "high", "answer_group": "upper_middle", "texts": 1}
    ]
    assert audit.by_income_group(rows).loc[0, "accuracy"] == 0
    assert audit.by_income_group(rows).loc[0, "recall"] == 0.5


def test_shares_and_net_flow_by_hand(rows):
    table = audit.group_shares(rows).set_index("income_group")
    assert table.loc["high", "labelled_share"] == pytest.approx(3 / 6)
    assert table.loc["high", "answered_share"] == pytest.approx(5 / 6)
    assert table.loc["high", "difference_points"] == pytest.approx(100 / 3)
    assert table.loc["high", ["gained", "lost", "net"]].tolist() == [1, 0, 1]
    assert table.loc["lower_middle", "net"] == 0  # left unknown, not given to another group
    assert table["net"].sum() == 0


def test_a_lean_beyond_chance_is_said():
    rows = judged(["CHN"] * 8 + ["USA"] * 20, ["USA"] * 28)
    sentence = audit.describe_lean(rows)
    assert "Errors lean towards high (8 gained, 0 lost" in sentence
    assert "away from upper middle (0 gained, 8 lost" in sentence
    assert "8 of 28 texts were given to another group" in sentence
    assert "71.4 % under the labels and 100.0 % under the answers" in sentence


def test_a_few_errors_are_no_lean():
    rows = judged(["CHN", "CHN", "USA", "USA"], ["USA", "CHN", "CHN", "USA"])
    sentence = audit.describe_lean(rows)
    assert sentence.startswith("Errors do not lean towards an income group beyond chance")
    assert "2 of 4 texts" in sentence


def test_groups_that_are_left_without_a_country_are_named():
    sentence = audit.describe_lean(judged(["USA"] * 4 + ["CHN"] * 4, ["USA"] * 5 + [""] * 3))
    assert "Left without a country: 0.0 % of high, 75.0 % of upper middle." in sentence


def test_without_answers_no_lean_is_claimed():
    sentence = audit.describe_lean(judged(["CHN"], [""]))
    assert "no text with both a label and an answer" in sentence


def test_groups_are_asked_for_by_name(rows):
    with pytest.raises(TableError, match="no column 'label_group'"):
        audit.by_income_group(rows.drop(columns="label_group"))


@settings(deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*GROUPS, "unknown"]),
            st.sampled_from([*GROUPS, ""]),
            st.floats(0, 1),
            st.integers(0, 9),
        ),
        max_size=40,
    )
)
def test_every_text_is_counted_once_in_every_table(cases):
    rows = judged([case[0] for case in cases], [case[1] for case in cases])
    rows["confidence"] = [case[2] for case in cases]
    weight = pd.Series([case[3] for case in cases], index=rows.index, dtype=float)
    for weights, total in ((None, len(cases)), (weight, weight.sum())):
        found = audit.audit_tables(rows, weights)
        row = found["overall"].iloc[0]
        unplaced = (~rows["placeable"] & ~rows["answered"]).to_numpy()
        silent = unplaced.sum() if weights is None else weights.to_numpy()[unplaced].sum()
        assert row["texts"] == total
        assert row["answered"] + row["unanswered"] + silent == total
        assert found["methods"]["texts"].sum() == total
        assert found["reliability"]["texts"].sum() == row["answered"]
        assert found["shares"]["net"].sum() == 0 if len(found["shares"]) else True
        assert audit.describe_lean(rows, weights).startswith("Errors")
