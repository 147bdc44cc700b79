import matplotlib.pyplot as plt
import numpy as np
import pytest

from caraml_analysis.analysis.pareto import non_dominated_ranks
from caraml_analysis.errors import TableError, UnitError, UsageError
from caraml_analysis.plots.pareto import attainment_steps, plot_pareto_surface
from caraml_analysis.sources.model_runs import load_pepr
from tests.plots.text_boxes import assert_texts_readable

OBJECTIVES = ["test_accuracy", "energy_kwh", "memory_gb"]


def ranked(dataset="derma_pt"):
    runs = load_pepr(dataset)
    return runs.assign(rank=non_dominated_ranks(runs[OBJECTIVES].to_numpy(), maximise=(0,)))


@pytest.mark.parametrize("dataset", ["derma", "derma_pt", "lidc"])
def test_texts_are_readable(dataset):
    assert_texts_readable(plot_pareto_surface(ranked(dataset)).figure)


def test_the_extremes_and_a_compromise_are_named():
    names = [text.get_text().strip() for text in plot_pareto_surface(ranked()).texts]
    assert names == ["edgenext_base", "mobilenetv2_050", "ghostnet_100"]


def test_the_legend_counts_the_models():
    texts = [text.get_text() for text in plot_pareto_surface(ranked()).get_legend().texts]
    assert texts[0].startswith("124 models, dominated")
    assert texts[1] == "7 models, not dominated"


def test_ticks_are_in_the_units_of_the_table_and_fall_outwards():
    ax = plot_pareto_surface(ranked())
    for axis, unit in ((ax.xaxis, "kWh"), (ax.yaxis, "GB")):
        labels = [float(label.get_text()) for label in axis.get_ticklabels()]
        assert unit in axis.get_label_text()
        assert np.allclose(axis.get_ticklocs(), -np.log10(labels))
    assert "a stand-in for access" in ax.get_ylabel()


def test_one_model_can_be_drawn():
    assert_texts_readable(plot_pareto_surface(ranked().query("rank == 1").head(1)).figure)


def test_steps_are_as_high_as_the_best_point_within_reach():
    front = np.array([(1.0, 3.0, 1.0), (2.0, 2.0, 2.0), (3.0, 1.0, 1.5)])
    xs, ys, heights = attainment_steps(front, np.zeros(3))
    assert xs.tolist() == ys.tolist() == [0, 1, 2, 3]
    assert heights.tolist() == [[2, 2, 1, 0], [2, 2, 0, 0], [1.5, 0, 0, 0], [0, 0, 0, 0]]


def test_every_model_lies_on_or_below_the_steps():
    table = ranked()
    points = np.column_stack(
        [-table["energy_kwh"], -table["memory_gb"], table["test_accuracy"].to_numpy()]
    )
    front = points[table["rank"] == 1]
    xs, ys, heights = attainment_steps(front, points.min(axis=0) - 1)
    rows = np.searchsorted(xs, points[:, 0]) - 1
    columns = np.searchsorted(ys, points[:, 1]) - 1
    assert (points[:, 2] <= heights[rows, columns]).all()


@pytest.mark.parametrize("column", ["model", *OBJECTIVES, "rank"])
def test_a_missing_column_is_named(column):
    with pytest.raises(TableError, match=f"no column '{column}'"):
        plot_pareto_surface(ranked().drop(columns=column))


@pytest.mark.parametrize("column", ["energy_kwh", "memory_gb"])
@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_energy_and_memory_must_be_positive(column, bad):
    table = ranked()
    table.loc[5, column] = bad
    with pytest.raises(UnitError, match=rf"{column} is .* in row 5"):
        plot_pareto_surface(table)


def test_accuracy_is_not_in_percent():
    with pytest.raises(UnitError, match="Divide percentages by 100"):
        plot_pareto_surface(ranked().assign(test_accuracy=80.0))


def test_someone_must_be_on_the_front():
    with pytest.raises(TableError, match="no row has rank 1"):
        plot_pareto_surface(ranked().assign(rank=2))


def test_flat_axes_are_refused():
    _, ax = plt.subplots()
    with pytest.raises(UsageError, match="projection='3d'"):
        plot_pareto_surface(ranked(), ax=ax)


def test_three_dimensional_axes_of_the_caller_are_used():
    _, ax = plt.subplots(subplot_kw={"projection": "3d"})
    assert plot_pareto_surface(ranked(), ax=ax) is ax
