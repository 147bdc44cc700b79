import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caraml_analysis.analysis.pareto import pareto_front
from caraml_analysis.analysis.pepr import (
    PEPR_VARIANTS,
    pepr,
    pepr_limits,
    pepr_scores,
    pepr_stability,
)
from caraml_analysis.errors import TableError, UnitError, UsageError
from caraml_analysis.sources.model_runs import load_pepr, load_pepr_scores

DATASETS = ("derma", "derma_pt", "lidc")
MODELS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1e6)), min_size=2, max_size=20, unique_by=lambda m: m[1]
)


@pytest.mark.parametrize("dataset", DATASETS)
def test_published_scores_come_out_to_the_last_digits(dataset):
    scores = pepr_scores(load_pepr(dataset))
    published = load_pepr_scores(dataset)
    assert len(published) == 131
    assert (load_pepr(dataset)["model"] == published["model"]).all()
    for variant in PEPR_VARIANTS:
        assert np.abs(scores[variant] - published[variant]).max() < 1e-15


@pytest.mark.parametrize(
    ("dataset", "best", "score", "most_accurate", "its_score", "top_ten_on_front"),
    [
        ("derma", "ese_vovnet19b_dw", 0.734097, "halonet50ts", 0.669672, 2),
        ("derma_pt", "ghostnet_100", 0.834782, "edgenext_base", 0.744020, 4),
        ("lidc", "mnasnet_100", 0.660157, "dpn107", 0.416303, 5),
    ],
)
def test_best_and_most_accurate_models(
    dataset, best, score, most_accurate, its_score, top_ten_on_front
):
    table = load_pepr(dataset)
    table = table.assign(pepr_e=pepr_scores(table)["pepr_e"])
    first = table.loc[table["pepr_e"].idxmax()]
    accurate = table.loc[table["test_accuracy"].idxmax()]
    assert (first["model"], round(first["pepr_e"], 6)) == (best, score)
    assert (accurate["model"], round(accurate["pepr_e"], 6)) == (most_accurate, its_score)
    front = set(pareto_front(table, ["energy_kwh"], ["test_accuracy"])["model"])
    assert first["model"] in front
    assert len(front & set(table.nlargest(10, "pepr_e")["model"])) == top_ten_on_front


@given(MODELS)
def test_the_cheapest_keeps_its_performance_and_the_dearest_half_of_it(models):
    performance, resource = map(np.array, zip(*models, strict=True))
    scores = pepr(performance, resource)
    assert scores[resource.argmin()] == performance[resource.argmin()]
    assert scores[resource.argmax()] == performance[resource.argmax()] / 2
    assert (scores <= performance).all()
    assert (scores >= performance / 2).all()


@given(MODELS, st.integers(-10, 10))
def test_the_unit_of_the_resource_does_not_matter(models, power):
    performance, resource = map(np.array, zip(*models, strict=True))
    scores = pepr(performance, resource)
    resized = resource * 2.0**power  # powers of two keep every digit
    if np.ptp(resized) > 0 and (resized / 2.0**power == resource).all():
        assert pepr(performance, resized).tolist() == scores.tolist()


def test_a_better_or_a_cheaper_model_scores_higher():
    scores = pepr([0.5, 0.6, 0.5, 0.5], [4, 4, 2, 8], limits=(0, 10))
    assert scores[1] > scores[0]
    assert scores[2] > scores[0] > scores[3]


def test_a_constant_resource_is_an_error_unless_the_caller_decides():
    with pytest.raises(TableError, match=r"needs the same resource \(7\).*constant='zero'"):
        pepr([0.5, 0.9], [7, 7])
    assert pepr([0.5, 0.9], [7, 7], constant="zero").tolist() == [0.5, 0.9]
    with pytest.raises(TableError, match="no scale"):
        pepr([0.5], [7])


def test_scores_change_when_the_dearest_model_leaves():
    table = load_pepr("derma")
    left = table.drop(index=table["energy_kwh"].idxmax())
    before, after = pepr_scores(table)["pepr_e"], pepr_scores(left)["pepr_e"]
    shift = (before[left.index] - after).abs()
    assert round(shift.max(), 3) == 0.063
    assert set(before[left.index].nlargest(10).index) != set(after.nlargest(10).index)


def test_kept_limits_keep_scores_when_a_model_leaves():
    table = load_pepr("derma")
    left = table.drop(index=table["energy_kwh"].idxmax())
    kept = pepr_scores(left, limits=pepr_limits(table))
    pd.testing.assert_frame_equal(kept, pepr_scores(table).loc[left.index])


def test_a_model_outside_of_kept_limits_means_that_the_set_has_changed():
    with pytest.raises(UnitError, match="resource 12 in row 1 is outside of the limits 1 to 10"):
        pepr([0.5, 0.5], [5, 12], limits=(1, 10))


def test_only_the_holders_of_the_limits_move_the_others():
    table = load_pepr("derma")
    cost = table["energy_kwh"].to_numpy()
    moved = pepr_stability(table["test_accuracy"], cost)
    ends = [cost.argmin(), cost.argmax()]
    assert (moved.drop(index=ends) == 0).all().all()
    assert round(moved.loc[cost.argmax(), "largest_shift"], 3) == 0.063
    assert moved.loc[cost.argmax(), "top_replaced"] >= 1


def test_of_two_equally_dear_models_one_may_leave_without_a_change():
    moved = pepr_stability([0.5, 0.6, 0.7], [1, 9, 9])
    assert moved["largest_shift"].tolist()[1:] == [0, 0]


@pytest.mark.parametrize(("models", "top"), [(2, 10), (3, 0)])
def test_stability_needs_three_models_and_a_list(models, top):
    with pytest.raises(UsageError, match="at least three models"):
        pepr_stability(np.linspace(0, 1, models), np.arange(models), top=top)


@pytest.mark.parametrize(
    ("performance", "resource", "message"),
    [
        ([0.5, 80], [1, 2], "performance 80 in row 1 is above 1; divide percentages by 100"),
        ([0.5, -0.1], [1, 2], "performance -0.1 in row 1 is negative"),
        ([0.5, np.nan], [1, 2], "performance nan in row 1 is missing"),
        ([0.5, 0.6], [1, np.nan], "resource nan in row 1 is missing.*does not count as 0"),
        ([0.5, 0.6], [1, np.inf], "resource inf in row 1"),
        ([0.5, 0.6], [-1, 2], "resource -1 in row 0 is negative"),
    ],
)
def test_impossible_values_are_named_by_row(performance, resource, message):
    with pytest.raises(UnitError, match=message):
        pepr(performance, resource)


def test_shapes_must_fit():
    with pytest.raises(TableError, match="2 performances but 3 resources"):
        pepr([0.5, 0.6], [1, 2, 3])
    with pytest.raises(TableError, match="performance has the shape"):
        pepr([], [])


@pytest.mark.parametrize("limits", [(5, 1), (-1, 3), (0, np.inf), (np.nan, 1)])
def test_limits_are_a_range(limits):
    with pytest.raises(UsageError, match="least and the largest"):
        pepr([0.5], [1], limits=limits)


def test_constant_has_two_meanings():
    with pytest.raises(UsageError, match="'error' or 'zero'"):
        pepr([0.5, 0.6], [1, 2], constant="nan")


def test_data_sets_are_not_mixed():
    with pytest.raises(TableError, match=r"several data sets \(derma, derma_pt, lidc\)"):
        pepr_scores(load_pepr())


def test_a_missing_resource_column_is_named():
    with pytest.raises(TableError, match="no column 'co2_g'"):
        pepr_scores(load_pepr("lidc").drop(columns="co2_g"))


@pytest.mark.parametrize("bad", [["a"], [True], pd.Series(pd.to_datetime(["2024-07-23"]))])
def test_what_is_no_number_has_no_score(bad):
    with pytest.raises(UnitError, match=r"PePR: performance holds .* in row 0; that is no number"):
        pepr(bad, [1])
    with pytest.raises(UnitError, match="PePR: resource holds "):
        pepr([0.5], bad)


@pytest.mark.parametrize("limits", ["ab", (1,), 5, [1, "x"], (2, 1), (0, np.nan), (1, 2, 3)])
def test_limits_are_two_numbers(limits):
    with pytest.raises(UsageError, match="give the least and the largest resource"):
        pepr([0.5], [1], limits=limits)


@pytest.mark.parametrize("limits", [(0, 1), {"energy": (0, 1)}])
def test_limits_of_a_table_are_by_variant(limits):
    table = pd.DataFrame({"test_accuracy": [0.5, 0.6], "energy_kwh": [1, 2]})
    with pytest.raises(UsageError, match="give the result of pepr_limits, by pepr_e"):
        pepr_scores(table, variants={"pepr_e": "energy_kwh"}, limits=limits)


@pytest.mark.parametrize("top", ["a", 1.5, 0])
def test_the_best_are_counted(top):
    with pytest.raises(UsageError, match="a list of at least 1"):
        pepr_stability([0.1, 0.2, 0.3], [1, 2, 3], top=top)
