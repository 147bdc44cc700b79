"""Rows of the gazetteer by income group."""

from __future__ import annotations

import pandas as pd
import pytest

from caraml_analysis.analysis.gazetteer import rows_by_income
from caraml_analysis.errors import TableError
from caraml_analysis.reproduce.entries import gazetteer_rows


def test_rows_and_deciding_rows_are_counted_by_group():
    rows = pd.DataFrame(
        {
            "country": ["UGA", "UGA", "RWA", "USA"],
            "income_group": ["low", "low", "low", "high"],
            "decides": [True, False, False, True],
        }
    )
    counts = rows_by_income(rows).set_index("income_group")
    assert list(counts.index) == ["high", "upper_middle", "lower_middle", "low", "unclassified"]
    assert counts.loc["low", ["countries", "rows", "deciding"]].tolist() == [2, 3, 1]
    assert counts.loc["low", "deciding_share"] == pytest.approx(1 / 3)
    assert counts.loc["upper_middle", "rows"] == 0
    assert pd.isna(counts.loc["upper_middle", "deciding_share"])


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match="decides"):
        rows_by_income(pd.DataFrame({"country": ["UGA"], "income_group": ["low"]}))


def test_every_reviewed_row_is_counted_once():
    rows = gazetteer_rows()
    counts = rows_by_income(rows)
    assert counts["rows"].sum() == len(rows)
    assert 0 < counts["deciding"].sum() < len(rows)
    stanford = rows.set_index("name").loc["Stanford University"]
    assert (stanford["income_group"], bool(stanford["decides"])) == ("high", True)
