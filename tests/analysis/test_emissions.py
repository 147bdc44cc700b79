import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caraml_analysis.analysis.emissions import allowed_under_caps
from caraml_analysis.errors import TableError, UnitError


def runs(*rows):
    return pd.DataFrame(rows, columns=["p5", "p50", "p95", "reported"])


TWO = runs((1.0, 2.0, 3.0, 2.5), (10.0, 20.0, 40.0, np.nan))
ESTIMATES = st.lists(
    st.tuples(st.floats(0.01, 1e5), st.floats(1, 3), st.floats(1, 3)), min_size=1, max_size=20
)


def test_a_cap_allows_what_lies_at_or_below_it():
    table = allowed_under_caps(TWO, [2, 2.5, 30, 40]).set_index("cap_t_co2e")
    assert table["allowed"].tolist() == [1, 1, 2, 2]
    assert table["allowed_low"].tolist() == [0, 0, 1, 2]
    assert table["allowed_high"].tolist() == [1, 1, 2, 2]
    assert table["reported_allowed"].tolist() == [0, 1, 1, 1]
    assert (table["runs"] == 2).all()
    assert (table["reported_runs"] == 1).all()
    assert table["reported_runs_estimated"].tolist() == [1, 1, 1, 1], "only the run that reports"


def test_a_report_and_an_estimate_may_differ_on_a_cap():
    assert allowed_under_caps(TWO, [2.2, 2.6])["as_reported_differs"].tolist() == [1, 0]


@given(ESTIMATES)
def test_a_higher_cap_allows_no_fewer_and_the_counts_are_in_order(rows):
    table = runs(*((p5, p5 * a, p5 * a * b, np.nan) for p5, a, b in rows))
    curve = allowed_under_caps(table)
    for column in ("allowed", "allowed_low", "allowed_high"):
        assert (curve[column].diff().dropna() >= 0).all()
    assert (curve["allowed_low"] <= curve["allowed"]).all()
    assert (curve["allowed"] <= curve["allowed_high"]).all()
    assert (curve["reported_runs_estimated"] == 0).all(), "none of them reports"
    assert curve["allowed_low"].iloc[-1] == len(rows), "the highest cap allows every run"


def test_bad_runs_and_caps_are_refused():
    with pytest.raises(TableError, match="no column 'reported'"):
        allowed_under_caps(TWO.drop(columns="reported"))
    with pytest.raises(TableError, match="table is empty"):
        allowed_under_caps(TWO.head(0))
    with pytest.raises(UnitError, match="row 1 has no positive estimate"):
        allowed_under_caps(runs((1.0, 2.0, 3.0, 1.0), (1.0, np.nan, 3.0, 1.0)))
    with pytest.raises(UnitError, match="a cap must be above 0"):
        allowed_under_caps(TWO, [0])
