import matplotlib.pyplot as plt
import numpy as np
import pytest

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots.pepr import plot_pepr_fronts
from caraml_analysis.reproduce.figures import pepr_fronts
from tests.plots.text_boxes import assert_texts_readable


@pytest.fixture(scope="module")
def table():
    found = pepr_fronts().table
    plt.close("all")
    return found


def test_texts_are_readable(table):
    axes = plot_pepr_fronts(table, title="What one number picks", note="Source: " + "x " * 80)
    assert_texts_readable(axes[0].figure)


def test_every_data_set_has_its_front_and_ten_rings(table):
    for ax, (dataset, rows) in zip(plot_pepr_fronts(table), table.groupby("dataset"), strict=True):
        assert ax.get_title(loc="left") == dataset
        assert len(ax.collections[0].get_offsets()) == len(rows) == 131
        assert len(ax.lines[0].get_xdata()) == (rows["rank"] == 1).sum()
        rings = ax.collections[1].get_offsets()
        assert sorted(rings[:, 1]) == sorted(rows.nlargest(10, "pepr_e")["test_accuracy"])


def test_the_sidecar_keeps_the_limits_of_the_scale(table):
    drawing = pepr_fronts()
    derma = table[table["dataset"] == "derma"]
    assert drawing.parameters["limits"]["derma"]["pepr_e"] == (
        derma["energy_kwh"].min(),
        derma["energy_kwh"].max(),
    )


def test_a_missing_column_is_named(table):
    with pytest.raises(TableError, match="no column 'pepr_e'"):
        plot_pepr_fronts(table.drop(columns="pepr_e"))


def test_nothing_to_draw_is_an_error(table):
    with pytest.raises(TableError, match="table is empty"):
        plot_pepr_fronts(table.head(0))


@pytest.mark.parametrize("bad", [0.0, np.nan])
def test_energy_must_be_positive(table, bad):
    wrong = table.copy()
    wrong.loc[5, "energy_kwh"] = bad
    with pytest.raises(UnitError, match="energy_kwh in row 5"):
        plot_pepr_fronts(wrong)


def test_one_axes_for_each_data_set(table):
    _, ax = plt.subplots(1, 2)
    with pytest.raises(TableError, match=r"shape \(2,\) instead of \(3,\)"):
        plot_pepr_fronts(table, ax=ax)


def test_accuracy_and_score_of_the_two_named_models_are_told_apart(table):
    rows = table[table["dataset"] == "derma"]
    best, accurate = rows.nlargest(1, "pepr_e").iloc[0], rows.nlargest(1, "test_accuracy").iloc[0]
    words = [text.get_text() for text in plot_pepr_fronts(table)[0].texts]
    assert words == [
        f"best PePR {best['pepr_e']:.2f}: {best['model']} (accuracy {best['test_accuracy']:.2f})",
        f"most accurate {accurate['test_accuracy']:.2f}: {accurate['model']} "
        f"(PePR {accurate['pepr_e']:.2f})",
    ]


def test_the_legend_covers_no_model(table):
    first = plot_pepr_fronts(table)[0]
    first.figure.draw_without_rendering()
    assert first.get_legend().get_window_extent().y1 < first.bbox.y0


def test_names_stay_inside_their_panel(table):
    for ax in plot_pepr_fronts(table):
        ax.figure.draw_without_rendering()
        for text in ax.texts:
            assert text.get_window_extent().x1 <= ax.bbox.x1
