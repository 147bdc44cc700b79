"""World maps: true areas, nothing smeared, nothing lost, clear errors."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb

import caraml_analysis as ca
from caraml_analysis.errors import CountryError, TableError, UnitError
from caraml_analysis.plots.maps import _NO_VALUE, BORDERS, equal_earth, plot_world
from caraml_analysis.sources.world_outline import load_world_outline
from tests.plots.text_boxes import assert_texts_readable

NAMES = [country.iso3 for country in load_world_outline()]


def table(**values):
    return pd.DataFrame({"iso3": list(values), "value": list(values.values())})


def test_projection_keeps_areas():
    # two cells of one degree: their areas on the sphere go with the cosine of the latitude
    def cell(latitude):
        x, y = equal_earth(
            np.array([0.0, 1, 1, 0]), np.array([latitude, latitude, latitude + 1, latitude + 1])
        )
        return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2

    ratio = cell(60.0) / cell(0.0)
    assert ratio == pytest.approx(np.cos(np.radians(60.5)) / np.cos(np.radians(0.5)), rel=1e-3)


def test_projection_has_the_published_width():
    x, _ = equal_earth(np.array([180.0]), np.array([0.0]))
    assert x[0] == pytest.approx(2.70663, abs=1e-5)


def test_no_country_smears_across_the_antimeridian():
    for country in load_world_outline():
        for polygon in country.polygons:
            longitudes = polygon[0][:, 0]
            assert np.abs(np.diff(longitudes)).max() < 90, country.name


def test_every_top500_host_is_on_the_map():
    hosts = set(ca.load_top500()["iso3"])
    drawn = {country.iso3 for country in load_world_outline()}
    assert hosts <= drawn


@pytest.mark.parametrize("host", ["SGP", "HKG", "LUX"])
def test_small_hosts_get_a_dot(host):
    ax = plot_world(table(**{host: 5, "USA": 10}), "value")
    _, *dots = ax.collections  # the first one is the countries
    assert len(dots) == 1


def test_countries_without_value_differ_from_the_smallest():
    ax = plot_world(table(USA=1000.0, KEN=1.0), "value")
    faces = ax.collections[0].get_facecolors()
    names = [country.iso3 for country in load_world_outline()]
    import matplotlib.colors as mcolors

    empty = mcolors.to_rgba(_NO_VALUE)
    assert np.allclose(faces[names.index("FRA")], empty)
    assert np.abs(faces[names.index("KEN")] - empty).max() > 0.1


def test_zero_is_nothing_on_a_log_scale_and_a_value_on_a_linear_one():
    names = [country.iso3 for country in load_world_outline()]
    rows = table(USA=10.0, KEN=0.0)
    faces = {
        scale: plot_world(rows, "value", scale=scale).collections[0].get_facecolors()
        for scale in ("log", "linear")
    }
    kenya, france = names.index("KEN"), names.index("FRA")
    assert np.allclose(faces["log"][kenya], faces["log"][france])
    assert not np.allclose(faces["linear"][kenya], faces["linear"][france])


def test_it_draws_into_given_axes_and_returns_them():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert plot_world(table(USA=1.0), "value", ax=ax) is ax


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (table(USA=-1.0), UnitError, "value is negative for USA"),
        (table(ZZZ=1.0), CountryError, "'ZZZ' is not a country code"),
        (table(USA=0.0), TableError, "holds no value that can be drawn"),
        (
            pd.DataFrame({"iso3": ["US", "USA"], "value": [1, 2]}),
            TableError,
            "USA has more than one",
        ),
        (pd.DataFrame({"iso3": ["USA"]}), TableError, "no column 'value'"),
    ],
)
def test_bad_tables_are_refused(rows, error, message):
    with pytest.raises(error, match=message):
        plot_world(rows, "value")


@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (table(KEN=1.0, USA=np.inf), r"holds inf in row 1 \(USA\); allowed is a finite number"),
        (table(USA="12"), r"holds '12' in row 0 .*scale='categories'"),
    ],
)
def test_what_a_scale_of_numbers_cannot_show_is_refused(rows, message, scale):
    with pytest.raises(TableError, match=message):
        plot_world(rows, "value", scale=scale)


def test_rows_with_the_same_label_are_told_apart():
    rows = table(KEN=1.0, USA=-1.0)
    rows.index = [0, 0]
    with pytest.raises(UnitError, match="value is negative for USA"):
        plot_world(rows, "value")


def test_the_smallest_numbers_have_a_scale():
    plot_world(table(USA=5e-324, KEN=1.0), "value").get_figure().canvas.draw()


def test_what_is_no_colour_is_refused():
    with pytest.raises(TableError, match="'blurple', given for 'a', is no colour"):
        plot_world(table(USA="a"), "value", scale="categories", colours={"a": "blurple"})


def test_unknown_scales_are_refused():
    with pytest.raises(TableError, match="'log', 'linear' and 'categories'"):
        plot_world(table(USA=1.0), "value", scale="cubic")


def test_a_missing_value_is_hatched_and_not_taken_for_none():
    ax = plot_world(table(USA=10.0, KEN=np.nan), "value", empty="none listed", missing="not known")
    hatched = [one for one in ax.collections if getattr(one, "get_hatch", lambda: None)()]
    assert [len(one.get_paths()) for one in hatched] == [1]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["none listed", "not known"]


def test_what_is_not_known_is_grey_and_none_is_white_and_the_key_says_so():
    rows = table(USA=10.0, KEN=np.nan, LSO=np.nan)
    ax = plot_world(rows, "value", empty="none listed", missing="not known")
    grey = ax.collections[1].get_facecolors()
    none, unknown = (patch.get_facecolor() for patch in ax.get_legend().get_patches())
    assert np.allclose(grey, unknown), "the key shows what is drawn"
    assert np.allclose(ax.collections[0].get_facecolors()[NAMES.index("FRA")], none)
    assert lightness(none) - lightness(unknown) > 15
    assert ax.get_legend().get_patches()[1].get_hatch() == ax.collections[1].get_hatch()


def test_small_countries_that_are_not_known_get_a_grey_square():
    ax = plot_world(table(SGP=10.0, LIE=np.nan, MCO=np.nan), "value")
    squares, dots = [one for one in ax.collections if isinstance(one, PathCollection)][-2:]
    assert len(squares.get_offsets()) == 2
    assert len(dots.get_offsets()) == 1
    assert len(squares.get_paths()[0].vertices) < len(dots.get_paths()[0].vertices)
    assert np.allclose(squares.get_facecolors(), ax.get_legend().get_patches()[1].get_facecolor())


def test_without_a_word_for_white_nothing_is_white():
    ax = plot_world(table(USA=10.0, LIE=np.nan), "value", empty=None, missing="not known")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["not known"]
    assert len(ax.collections[1].get_paths()) == len(NAMES) - 1
    # rocks and shoals without a row are no squares all over the sea
    assert len(ax.collections[2].get_offsets()) == 1
    with pytest.raises(TableError, match="value of KEN is 0, which a log scale has no colour"):
        plot_world(table(USA=10.0, KEN=0.0), "value", empty=None)
    plot_world(table(USA=10.0, KEN=0.0), "value", empty=None, scale="linear")


def lightness(colour):
    """Return how light a colour is in greyscale, 0 to 100 (CIE L*)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    )
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * light ** (1 / 3) - 16


def test_the_classes_of_the_double_penalty_differ_in_greyscale():
    shades = sorted(lightness(colour) for colour in [*ca.PENALTY_COLOURS.values(), _NO_VALUE])
    assert min(np.diff(shades)) > 7
    assert min(np.diff(sorted(map(lightness, ca.PENALTY_COLOURS.values())))) > 12


@pytest.mark.parametrize("note", [None, "Source: somebody."])
def test_borders_are_explained_below_every_map(note):
    figure = plot_world(table(USA=10.0), "value", note=note).get_figure()
    (text,) = figure.texts
    said = " ".join(text.get_text().split())
    assert said == (f"{note} {BORDERS}" if note else BORDERS)
    assert_texts_readable(figure)


def test_borders_are_not_explained_where_other_axes_may_be_in_the_way():
    _, (left, right) = plt.subplots(1, 2)
    assert plot_world(table(USA=10.0), "value", ax=left).get_figure().texts == []
    plot_world(table(USA=10.0), "value", ax=right, note="Source: somebody.")
    (text,) = right.get_figure().texts
    assert " ".join(text.get_text().split()).endswith(BORDERS)


def test_without_missing_values_the_legend_has_no_hatching():
    ax = plot_world(table(USA=10.0, KEN=1.0), "value")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["none"]


def test_categories_have_their_colours_and_a_key_in_order():
    import matplotlib.colors as mcolors

    names = [country.iso3 for country in load_world_outline()]
    colours = {"both": "#0072b2", "one": "#e69f00", "none of it": "#d55e00"}
    ax = plot_world(
        table(USA="both", KEN="one", SGP="one"),
        "value",
        scale="categories",
        colours=colours,
        label="What there is",
    )
    faces = ax.collections[0].get_facecolors()
    assert np.allclose(faces[names.index("KEN")], mcolors.to_rgba("#e69f00"))
    dot = ax.collections[-1].get_facecolors()
    assert np.allclose(dot, mcolors.to_rgba("#e69f00"))
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [*colours, "none"]
    assert legend.get_title().get_text() == "What there is"


def test_categories_get_colours_by_themselves():
    ax = plot_world(table(USA="a", KEN="b"), "value", scale="categories")
    assert len({text.get_text() for text in ax.get_legend().get_texts()}) == 3


def test_categories_without_a_colour_or_too_many_are_refused():
    with pytest.raises(TableError, match="'b' of 'value' has no colour"):
        plot_world(table(USA="b"), "value", scale="categories", colours={"a": "red"})
    many = dict(
        zip(("USA", "KEN", "FRA", "DEU", "IND", "CHN", "BRA", "ZAF"), "abcdefgh", strict=True)
    )
    with pytest.raises(TableError, match="8 categories in 'value', but only 7 colours"):
        plot_world(table(**many), "value", scale="categories")
