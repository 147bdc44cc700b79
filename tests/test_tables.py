"""Contracts name what is wrong with a table."""

from __future__ import annotations

import pandas as pd
import pytest

from caraml_analysis import tables
from caraml_analysis.errors import TableError


def shares(**changes):
    row = {"income_group": "high", "entries": 3, "share_of_known": 1.0, "share_of_all": 0.9}
    return pd.DataFrame([row | changes])


def test_a_good_table_passes_unchanged():
    table = shares()
    assert tables.SHARES.check(table) is table


def test_a_missing_column_is_named_with_what_was_found():
    with pytest.raises(TableError, match=r"no column 'share_of_all' .found 'income_group'"):
        tables.SHARES.check(shares().drop(columns="share_of_all"))


def test_a_wrong_word_is_named_with_its_row():
    with pytest.raises(TableError, match="holds 'rich' in row 0; allowed is one of high"):
        tables.SHARES.check(shares(income_group="rich"))


def test_a_negative_number_is_named():
    with pytest.raises(TableError, match="'entries' holds -1 in row 0; allowed is at least 0"):
        tables.SHARES.check(shares(entries=-1))
