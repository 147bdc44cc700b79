"""Bars and lines show the numbers of the table, and texts do not run into each other."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import tables
from caraml_analysis.analysis.income_shares import income_shares
from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.plots.energy import plot_renewable_shares
from caraml_analysis.plots.income import plot_income_shares, plot_income_trend
from tests.plots.text_boxes import assert_texts_readable


@pytest.fixture
def shares():
    rows = []
    for conference in ("ICML", "NeurIPS"):
        for year, groups in (
            (2017, {"high": 90, "upper_middle": 6, "lower_middle": 1, "unknown": 3}),
            (2022, {"high": 75, "upper_middle": 20, "lower_middle": 2, "low": 1, "unknown": 2}),
        ):
            for group, number in groups.items():
                rows += [(conference, year, paper, group) for paper in range(number)]
    entries = pd.DataFrame(rows, columns=["conference", "year", "paper", "income_group"])
    return income_shares(entries.assign(entries=1), resamples=50)


def test_bars_have_the_lengths_of_the_table(shares):
    ax = plot_income_shares(shares)
    drawn = sorted(round(bar.get_width(), 6) for bar in ax.patches)
    known = shares[shares["income_group"].isin(tables.INCOME_GROUPS)]["share_of_known"]
    unknown = shares[shares["income_group"] == "unknown"]["share_of_all"]
    assert drawn == sorted(round(100 * value, 6) for value in [*known, *unknown])


def test_income_texts_are_clear(shares):
    assert_texts_readable(plot_income_shares(shares).figure)


def test_carried_forward_years_are_marked(shares):
    marked = shares.assign(carried_forward=shares["year"] == 2022)
    ax = plot_income_shares(marked)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "ICML 2022*" in labels
    assert "ICML 2017" in labels
    assert "carried forward" in ax.get_xlabel()


def test_entries_without_a_class_are_drawn_where_there_are_any(shares):
    heading = style.INCOME_LABELS["unclassified"]
    assert heading not in [text.get_text() for text in plot_income_shares(shares).texts]
    some = shares.assign(entries=shares["entries"] + 1)
    assert heading in [text.get_text() for text in plot_income_shares(some).texts]


def test_trend_has_a_column_of_axes_per_conference(shares):
    axes = plot_income_trend(shares)
    assert axes.shape == (2, 2)
    line = axes[0, 0].get_lines()[0]
    high = shares[(shares["conference"] == "ICML") & (shares["income_group"] == "high")]
    assert line.get_ydata().tolist() == (100 * high["share_of_all"]).tolist()
    assert_texts_readable(axes[0, 0].figure)


def test_trend_refuses_axes_of_another_shape(shares):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 3)
    with pytest.raises(TableError, match=r"instead of \(2, 2\)"):
        plot_income_trend(shares, ax=axes)


def test_an_empty_table_of_shares_is_refused(shares):
    with pytest.raises(TableError, match="the table is empty"):
        plot_income_shares(shares.iloc[:0])


@pytest.mark.parametrize("measure", ["capacity", "generation"])
def test_renewable_bars_add_up_and_are_sorted(measure):
    ax = plot_renewable_shares(ca.load_renewable_shares(measure))
    widths = [bar.get_width() for bar in ax.patches]
    half = len(widths) // 2
    sums = [a + b for a, b in zip(widths[:half], widths[half:], strict=True)]
    assert sums == pytest.approx([100] * half)
    regions = widths[1:half]  # the world comes first and stands apart
    assert regions == sorted(regions)
    assert_texts_readable(ax.figure)


def test_mixed_measures_are_refused():
    both = pd.concat([ca.load_renewable_shares(m) for m in ("capacity", "generation")])
    with pytest.raises(TableError, match="one measure and one year at a time"):
        plot_renewable_shares(both)


def test_impossible_shares_are_refused():
    table = ca.load_renewable_shares().assign(renewable_pct=120.0)
    with pytest.raises(UnitError, match="between 0 and 100"):
        plot_renewable_shares(table)


def test_income_colours_differ_in_greyscale():
    from matplotlib.colors import to_rgb

    lightness = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), to_rgb(colour), strict=True))
        for group, colour in style.INCOME_COLOURS.items()
        if group in tables.INCOME_GROUPS
    ]
    gaps = [after - before for before, after in pairwise(lightness)]
    assert min(gaps) > 0.1
