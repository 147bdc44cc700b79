"""Percentiles of a product of uncertain inputs, and what each input adds to its variance.

The draws of an input depend on its place, the number of samples and the seed alone, so a run's
result does not depend on the runs beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from caraml_analysis.carbon.distributions import Distribution, Draws, latin_hypercube
from caraml_analysis.errors import UnitError

#: Order of the inputs in the draws. Append only: the order decides which draws an input gets.
INPUTS = (
    *("accelerator_hours", "energy_mwh", "power_w", "load", "host", "pue", "g_co2e_per_kwh"),
    *("g_co2e_per_kwh_market", "g_co2e_per_kwh_net", "grid_error", "wue_site", "wue_source"),
    *("embodied_kg", "lifetime_years", "use_share"),
)
_POINTS = Draws(np.array([0.05, 0.5, 0.95]))
_PLACE = {name: place for place, name in enumerate(INPUTS)}
_DIVISORS = {"lifetime_years", "use_share"}

_Uncertain = tuple[tuple[str, Distribution], ...]
_Names = tuple[str, ...]
#: Percentiles of a product, and the shares of its inputs.
_Found = tuple[tuple[float, float, float], dict[str, float]]


@dataclass
class _Sampled:
    """A product of uncertain inputs, as drawn, with what its variance is made of."""

    sample: np.ndarray | None
    whole: float  # product of 1 + squared coefficient of variation
    squares: dict[str, float]


@dataclass
class Sampler:
    """Draws for any number of runs; percentiles that runs share are computed once.

    Parameters
    ----------
    samples : int
        Of the Latin hypercube, at least 100.
    seed : int
        0 or more.

    Raises
    ------
    UnitError
        If there are too few samples, or the seed is no whole number of 0 or more.
    """

    samples: int
    seed: int
    _known: dict[_Uncertain, _Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse numbers that make no percentiles."""
        if not isinstance(self.samples, int) or self.samples < 100:
            raise UnitError(
                f"samples is {self.samples!r}; at least 100 are needed for percentiles."
            )
        if not isinstance(self.seed, int) or self.seed < 0:
            raise UnitError(f"seed is {self.seed!r}; it must be a whole number of 0 or more.")

    def products(self) -> Products:
        """Return a place for the products of one run."""
        return Products(self)


class Products:
    """The products of one run's inputs; each builds on the one before."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._sampled: dict[_Names, _Sampled] = {(): _Sampled(None, 1.0, {})}

    def points(
        self, constant: float, inputs: Iterable[tuple[str, Distribution]]
    ) -> tuple[tuple[float, float, float], dict[str, float]]:
        """Return the 5 %, 50 % and 95 % points of a product, and its inputs' shares of variance.

        Parameters
        ----------
        constant : float
            What the product is multiplied with.
        inputs : iterable of (str, Distribution)
            By name, as in ``INPUTS``; ``lifetime_years`` and ``use_share`` divide.
        """
        uncertain = []
        for name, value in inputs:
            if value.is_fixed:
                number = value.values[0]
                constant = constant / number if name in _DIVISORS else constant * number
            else:
                uncertain.append((name, value))
        (low, middle, high), shares = self._found(tuple(uncertain))
        return (constant * low, constant * middle, constant * high), dict(shares)

    def _found(self, uncertain: _Uncertain) -> _Found:
        if not uncertain:
            return (1.0, 1.0, 1.0), {}
        if len(uncertain) == 1 and uncertain[0][0] not in _DIVISORS:
            name, distribution = uncertain[0]
            low, middle, high = distribution.at(_POINTS)
            return (float(low), float(middle), float(high)), {name: 1.0}
        known = self._sampler._known
        found = known.get(uncertain)
        if found is None:
            if len(known) > 10_000:
                known.clear()
            product = self._product(uncertain)
            whole = product.whole - 1
            ordered = sorted(product.squares.items(), key=lambda pair: -pair[1])
            shares = {name: square / whole if whole > 0 else 0.0 for name, square in ordered}
            assert product.sample is not None
            found = known[uncertain] = _percentiles(product.sample), shares
        return found

    def _product(self, uncertain: _Uncertain) -> _Sampled:
        names = tuple(name for name, _ in uncertain)
        if names not in self._sampled:
            # outputs build on one another, so all but the last input have been multiplied already
            before = self._product(uncertain[:-1])
            name, distribution = uncertain[-1]
            samples = self._sampler.samples
            draws = latin_hypercube(len(INPUTS), samples, self._sampler.seed)
            sample = distribution.at(draws[_PLACE[name]])
            if name in _DIVISORS:
                sample = 1 / sample
            square = None if name in _DIVISORS else distribution.squared_variation
            if square is None:
                square = float(sample.dot(sample) * samples / sample.sum() ** 2 - 1)
            self._sampled[names] = _Sampled(
                sample if before.sample is None else before.sample * sample,
                before.whole * (1 + square),
                {**before.squares, name: square},
            )
        return self._sampled[names]


def _percentiles(sample: np.ndarray) -> tuple[float, float, float]:
    """Return the 5 %, 50 % and 95 % points, interpolated as numpy does by default."""
    ordered = np.sort(sample)  # faster than partitioning around six places
    last = len(sample) - 1
    points = []
    for share in (0.05, 0.5, 0.95):
        below = math.floor(share * last)
        rest = share * last - below
        above = min(below + 1, last)
        points.append(float(ordered[below] + rest * (ordered[above] - ordered[below])))
    return points[0], points[1], points[2]
