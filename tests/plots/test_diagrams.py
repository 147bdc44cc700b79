import matplotlib.pyplot as plt
import pytest

from caraml_analysis.errors import TableError
from caraml_analysis.plots.diagrams import plot_awareness_quadrants, plot_base_superstructure
from caraml_analysis.sources.diagrams import load_diagram
from tests.plots.text_boxes import (
    assert_texts_readable,
    cut_texts,
    drawn_text_boxes,
    overlapping_texts,
)


@pytest.fixture
def quadrants():
    return load_diagram("awareness_quadrants")


@pytest.fixture
def layers():
    return load_diagram("base_superstructure")


def texts(ax):
    return {text.get_text(): text for text in ax.texts}


def test_the_classes_stand_where_the_paper_puts_them(quadrants):
    drawn = texts(plot_awareness_quadrants(quadrants))
    sides = {
        label: (drawn[label].xy[0] > 0, drawn[label].xy[1] > 0)
        for label in quadrants.loc[quadrants["kind"] == "quadrant", "label"]
    }
    assert sides == {
        "State-of-the-art AI": (False, False),
        "Green AI": (True, False),
        "Inclusive AI": (False, True),
        "Sustainable AI": (True, True),
    }


def test_edge_ai_carries_its_question_mark_between_the_classes(quadrants):
    assert texts(plot_awareness_quadrants(quadrants))["Edge AI ?"].get_position()[0] == 0


def test_axes_are_named_along_their_direction(quadrants):
    drawn = texts(plot_awareness_quadrants(quadrants))
    assert drawn["Climate awareness"].get_rotation() == 0
    assert drawn["Resource awareness"].get_rotation() == 90


def test_the_superstructure_is_on_top_and_elements_in_their_layer(layers):
    drawn = texts(plot_base_superstructure(layers))
    heights = {label: text.get_position()[1] for label, text in drawn.items() if label}
    for row in layers[layers["kind"] == "element"].itertuples():
        assert (heights[row.label] > 0) == (row.layer == "Superstructure")
    assert heights["Superstructure"] > heights["Base"]


def test_arrows_point_away_from_the_layer_they_start_from(layers):
    ax = plot_base_superstructure(layers)
    rises = {arrow.xyann[0]: arrow.xy[1] > arrow.xyann[1] for arrow in ax.texts if is_arrow(arrow)}
    wanted = layers[layers["kind"] == "arrow"].set_index("x")["layer"] == "Base"
    assert rises == wanted.to_dict()


def is_arrow(text):
    return getattr(text, "arrow_patch", None) is not None


@pytest.mark.parametrize(
    ("name", "plot"),
    [
        ("awareness_quadrants", plot_awareness_quadrants),
        ("base_superstructure", plot_base_superstructure),
    ],
)
def test_every_label_is_drawn_and_readable(name, plot):
    table = load_diagram(name)
    ax = plot(table)
    assert set(table["label"]) <= set(texts(ax))
    assert_texts_readable(ax.figure)


@pytest.mark.parametrize(
    ("plot", "name", "kind"),
    [
        (plot_awareness_quadrants, "awareness_quadrants", "quadrant"),
        (plot_awareness_quadrants, "awareness_quadrants", "axis"),
        (plot_base_superstructure, "base_superstructure", "layer"),
    ],
)
def test_a_missing_part_is_an_error(plot, name, kind):
    table = load_diagram(name)
    with pytest.raises(TableError, match=f"rows of kind '{kind}', wanted"):
        plot(table.drop(table.index[table["kind"] == kind][0]))


def test_missing_columns_are_named(quadrants, layers):
    with pytest.raises(TableError, match="no column 'note'"):
        plot_awareness_quadrants(quadrants.drop(columns="note"))
    with pytest.raises(TableError, match="no column 'layer'"):
        plot_base_superstructure(layers.drop(columns="layer"))


def test_two_classes_on_one_side_are_an_error(quadrants):
    quadrants.loc[quadrants["label"] == "Green AI", "x"] = -0.5
    with pytest.raises(TableError, match="same side of both axes"):
        plot_awareness_quadrants(quadrants)


def test_an_element_of_no_layer_is_an_error(layers):
    layers.loc[layers["label"] == "labour", "layer"] = "Basis"
    with pytest.raises(TableError, match="no layer 'Basis'"):
        plot_base_superstructure(layers)


def test_a_diagram_goes_where_the_caller_wants_it(layers):
    _, ax = plt.subplots()
    assert plot_base_superstructure(layers, ax=ax) is ax


def figure_with(*places, **options):
    figure, ax = plt.subplots()
    ax.set_axis_off()
    for x, y in places:
        ax.text(x, y, "a text", transform=ax.transAxes, **options)
    return drawn_text_boxes(figure)


def test_the_check_finds_overlaps():
    assert overlapping_texts(figure_with((0.5, 0.5), (0.53, 0.5))[0]) == [("a text", "a text")]
    assert overlapping_texts(figure_with((0.1, 0.5), (0.8, 0.5))[0]) == []


def test_the_check_turns_boxes_with_their_texts():
    slanted = {"rotation": 45, "fontsize": 24}
    assert overlapping_texts(figure_with((0.2, 0.4), (0.4, 0.4), **slanted)[0]) == []


def test_the_check_finds_texts_that_are_cut():
    outside = {"in_layout": False}  # the saved size takes no notice of it
    boxes, size = figure_with((0.5, 0.5), (1.3, 0.5), **outside)
    assert cut_texts(boxes, size) == ["a text"]
