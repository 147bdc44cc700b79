import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caraml_analysis.analysis.pareto import non_dominated_ranks, pareto_front
from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.sources.model_runs import load_pepr

POINTS = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 4)] * width), min_size=1, max_size=12)
)


@pytest.mark.parametrize(
    ("points", "ranks"),
    [
        ([(1, 5), (2, 3), (3, 1), (2, 3), (3, 4), (1, 6), (4, 4)], [1, 1, 1, 1, 2, 2, 3]),
        (
            [(1, 1, 1), (1, 1, 1), (2, 1, 1), (1, 2, 0), (0, 3, 3), (2, 2, 2)],
            [1, 1, 2, 1, 1, 3],
        ),
        ([(7, 7)], [1]),
        ([(2, 2)] * 4, [1, 1, 1, 1]),
        ([3, 1, 2, 1], [3, 1, 2, 1]),
    ],
)
def test_ranks_of_points_worked_out_by_hand(points, ranks):
    assert non_dominated_ranks(points).tolist() == ranks


def dominates(a, b):
    return all(np.less_equal(a, b)) and any(np.less(a, b))


@given(POINTS)
def test_a_rank_is_one_more_than_the_highest_rank_among_those_who_dominate(points):
    ranks = non_dominated_ranks(points)
    for point, rank in zip(points, ranks, strict=True):
        above = [r for other, r in zip(points, ranks, strict=True) if dominates(other, point)]
        assert rank == 1 + max(above, default=0)


@given(POINTS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(points, random):
    order = list(range(len(points)))
    random.shuffle(order)
    ranks = non_dominated_ranks(points)
    assert non_dominated_ranks([points[i] for i in order]).tolist() == ranks[order].tolist()


@given(POINTS)
def test_to_maximise_is_to_minimise_the_negative(points):
    values = np.array(points, dtype=float)
    flipped = values * [-1] + 0.0
    everything = range(values.shape[1])
    maximised = non_dominated_ranks(values, maximise=everything)
    assert maximised.tolist() == non_dominated_ranks(flipped).tolist()


def test_the_values_of_the_caller_stay_as_they_are():
    values = np.array([[1.0, 2.0], [2.0, 1.0]])
    before = values.copy()
    non_dominated_ranks(values, maximise=(0,))
    assert (values == before).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_cannot_be_ranked_is_named_by_row(bad):
    with pytest.raises(UnitError, match=r"row 1 holds \[3.0"):
        non_dominated_ranks([(1, 2), (3, bad), (bad, bad)])


@pytest.mark.parametrize("empty", [[], np.empty((0, 3)), np.empty((3, 0)), 5, np.zeros((2, 2, 2))])
def test_nothing_to_rank_is_an_error(empty):
    with pytest.raises(TableError, match="nothing to rank"):
        non_dominated_ranks(empty)


@pytest.mark.parametrize("column", [2, -1])
def test_maximise_names_an_existing_column(column):
    with pytest.raises(TableError, match=f"no column {column} to maximise"):
        non_dominated_ranks([(1, 2)], maximise=(column,))


def test_a_thousand_points_are_ranked_at_once():
    points = np.random.default_rng(0).random((1000, 3))
    ranks = non_dominated_ranks(points)
    assert ranks.min() == 1
    assert len(set(ranks)) == ranks.max()


@pytest.mark.parametrize(
    ("dataset", "models"),
    [
        (
            "derma",
            "dla46_c eca_botnext26ts_256 ese_vovnet19b_dw halonet50ts mobilenetv2_050 resnet18d "
            "semnasnet_075",
        ),
        (
            "derma_pt",
            "edgenext_base ese_vovnet19b_dw gcresnext50ts ghostnet_100 mnasnet_100 mobilenetv2_050",
        ),
        (
            "lidc",
            "dpn107 efficientnetv2_rw_m mnasnet_100 mobilenetv2_050 mobilevit_s resnet26d "
            "resnet34d semnasnet_075 xception41",
        ),
    ],
)
def test_front_of_accuracy_and_energy(dataset, models):
    front = pareto_front(load_pepr(dataset), ["energy_kwh"], ["test_accuracy"])
    assert sorted(front["model"]) == models.split()


@pytest.mark.parametrize(
    ("dataset", "sizes"),
    [("derma", [7, 7, 7, 9, 14]), ("derma_pt", [6, 8, 8, 10, 8]), ("lidc", [9, 12, 13, 11, 11])],
)
def test_sizes_of_the_first_five_fronts(dataset, sizes):
    values = load_pepr(dataset)[["test_accuracy", "energy_kwh"]].to_numpy()
    ranks = non_dominated_ranks(values, maximise=(0,))
    assert np.bincount(ranks)[1:6].tolist() == sizes


def test_a_front_keeps_rows_and_index():
    table = pd.DataFrame({"cost": [2, 1, 3], "gain": [5, 1, 4]}, index=["a", "b", "c"])
    assert pareto_front(table, ["cost"], ["gain"]).equals(table.loc[["a", "b"]])


@pytest.mark.parametrize("maximise", [["a"], "a", [True], [0.5], [[0]]])
def test_maximise_counts_columns(maximise):
    with pytest.raises(TableError, match=r"no column .* to maximise; there are 2, counted from 0"):
        non_dominated_ranks([(1, 2), (2, 1)], maximise=maximise)


@pytest.mark.parametrize("maximise", [5, None])
def test_maximise_is_a_list(maximise):
    with pytest.raises(TableError, match=r"maximise is .*; give a list"):
        non_dominated_ranks([(1, 2)], maximise=maximise)


@pytest.mark.parametrize("values", [[["a"]], [(1, True)], [(1, 2), (3,)]])
def test_what_is_no_number_is_not_ranked(values):
    with pytest.raises(UnitError, match=r"objectives holds .* that is no number"):
        non_dominated_ranks(values)


def test_a_text_in_a_table_is_named_by_its_row():
    table = pd.DataFrame({"cost": [2, 1], "gain": [5, "high"]}, index=["a", "b"])
    with pytest.raises(UnitError, match="holds 'high' in row b"):
        pareto_front(table, ["cost"], ["gain"])


def test_one_column_may_be_named_without_a_list():
    table = pd.DataFrame({"cost": [2, 1, 3], "gain": [5, 1, 4]})
    assert pareto_front(table, "cost", "gain").equals(pareto_front(table, ["cost"], ["gain"]))


def test_a_front_needs_its_columns():
    with pytest.raises(TableError, match="no column 'gain'"):
        pareto_front(pd.DataFrame({"cost": [1]}), ["cost"], ["gain"])
