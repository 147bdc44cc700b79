"""Distributions: what is written is what is drawn, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from caraml_analysis.carbon.distributions import (
    Distribution,
    fit_lognormal,
    fixed,
    latin_hypercube,
    read_distribution,
)
from caraml_analysis.errors import UnitError


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("1.08", "fixed", (1.08,)),
        (1.08, "fixed", (1.08,)),
        ("1.06..1.12", "uniform", (1.06, 1.12)),
        ("0.6..0.85..1", "triangular", (0.6, 0.85, 1.0)),
        ("1M..2M", "uniform", (1e6, 2e6)),
    ],
)
def test_ranges_are_read_as_written(text, kind, values):
    assert read_distribution(text, "load") == Distribution(kind, values)


@pytest.mark.parametrize("text", ["2..1", "1..2..3..4", "1..b", "0.5..0.4..1"])
def test_what_is_no_range_is_refused_with_its_field(text):
    with pytest.raises(UnitError, match="load: "):
        read_distribution(text, "load")


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution("uniform", (1.0, 3.0)),
        Distribution("triangular", (0.6, 0.85, 1.0)),
        Distribution("triangular", (1.0, 1.0, 2.0)),
        Distribution("lognormal", (2.0, 0.3)),
    ],
)
def test_samples_have_the_moments_and_bounds_of_their_distribution(distribution):
    sample = distribution.at(latin_hypercube(1, 100_000, 1)[0])
    assert sample.var() / sample.mean() ** 2 == pytest.approx(
        distribution.squared_variation, rel=1e-3
    )
    assert np.median(sample) == pytest.approx(distribution.median, rel=1e-4)
    if distribution.kind != "lognormal":
        assert distribution.least <= sample.min() <= sample.max() <= distribution.greatest
    else:
        share = np.mean((sample >= distribution.least) & (sample <= distribution.greatest))
        assert share == pytest.approx(0.90, abs=1e-3)


def test_nothing_exceeds_what_is_possible():
    capped = Distribution("lognormal", (0.9, 0.5), most=1.2)
    sample = capped.at(latin_hypercube(1, 1000, 1)[0])
    assert sample.max() == 1.2
    assert capped.squared_variation is None


def test_a_single_value_does_not_vary():
    for value in (fixed(3), Distribution("uniform", (3.0, 3.0))):
        assert value.is_fixed
        assert set(value.at(latin_hypercube(1, 100, 1)[0])) == {3.0}


def test_draws_are_stratified_and_the_same_every_time():
    first = latin_hypercube(3, 500, 7)
    assert sorted((first[1].uniform * 500).astype(int)) == list(range(500))
    latin_hypercube.cache_clear()
    assert np.array_equal(latin_hypercube(3, 500, 7)[1].uniform, first[1].uniform)
    assert abs(np.corrcoef(first[0].uniform, first[1].uniform)[0, 1]) < 0.15


def test_few_values_give_a_wide_spread():
    few, many = fit_lognormal([0.9, 1.1]), fit_lognormal([0.9, 1.1] * 6)
    assert few.median == pytest.approx(np.sqrt(0.99))
    assert few.values[1] > 4 * many.values[1]
    assert fit_lognormal([1.0, 1.0]).values[1] > 0.1
    with pytest.raises(UnitError, match="1 values are too few"):
        fit_lognormal([1.0])


@pytest.mark.parametrize(
    ("kind", "values"), [("normal", (0.0, 1.0)), ("uniform", (2.0, 1.0)), ("fixed", (-1.0,))]
)
def test_what_is_no_distribution_is_refused(kind, values):
    with pytest.raises(UnitError, match=kind):
        Distribution(kind, values)


@pytest.mark.parametrize(
    ("distribution", "text"),
    [
        (fixed(700), "700"),
        (Distribution("uniform", (1.06, 1.12)), "1.06..1.12"),
        (Distribution("lognormal", (1.0, 0.2)), "1 (0.72 to 1.39)"),
    ],
)
def test_distributions_are_shown_as_people_write_them(distribution, text):
    assert str(distribution) == text
