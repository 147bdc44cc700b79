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
