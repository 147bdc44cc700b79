"""World maps: true areas, nothing smeared, nothing lost, clear errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.errors import CountryError, TableError, UnitError
from caraml_analysis.plots.maps import _NO_VALUE, equal_earth, plot_world
from caraml_analysis.sources.world_outline import load_world_outline


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


def test_unknown_scales_are_refused():
    with pytest.raises(TableError, match="'log', 'linear' and 'categories'"):
        plot_world(table(USA=1.0), "value", scale="cubic")


def test_a_missing_value_is_hatched_and_not_taken_for_none():
    ax = plot_world(table(USA=10.0, KEN=np.nan), "value", empty="none listed", missing="not known")
    hatched = [one for one in ax.collections if getattr(one, "get_hatch", lambda: None)()]
    assert [len(one.get_paths()) for one in hatched] == [1]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["none listed", "not known"]


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
