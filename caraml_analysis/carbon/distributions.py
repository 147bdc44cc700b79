"""What is known of an input: one value, or a stated distribution.

Distributions are few, bounded in what they claim, and written as people write ranges: ``1.08``,
``1.06..1.12`` (uniform), ``0.60..0.85..1.00`` (triangular: least, likeliest, most). Sampling uses a
Latin hypercube with a fixed seed, and the same draws for every run: a run's result depends on
nothing but the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from caraml_analysis.carbon.quantities import read_number, significant
from caraml_analysis.errors import UnitError

#: Seed, and number of samples of each run of a table and of a single run, unless others are asked
#: for.
SEED = 2502
SAMPLES = 2000
SAMPLES_OF_ONE = 50_000

#: 95 % points of Student's t by degrees of freedom; beyond, those of the last.
_T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
_Z95 = 1.6449


@dataclass(frozen=True)
class Distribution:
    """A distribution of one input.

    Parameters
    ----------
    kind : {"fixed", "uniform", "triangular", "lognormal"}
        Its form.
    values : tuple of float
        fixed: the value; uniform: least and most; triangular: least, likeliest and most;
        lognormal: median, and sigma of the logarithm.
    most : float, optional
        Largest value that is possible: samples beyond it are set to it.
    """

    kind: str
    values: tuple[float, ...]
    most: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        wanted = {"fixed": 1, "uniform": 2, "triangular": 3, "lognormal": 2}
        if wanted.get(self.kind) != len(self.values):
            raise UnitError(f"no distribution {self.kind!r} of {len(self.values)} numbers.")
        ordered = self.kind == "lognormal" or tuple(sorted(self.values)) == self.values
        if not ordered or not all(math.isfinite(v) and v >= 0 for v in self.values):
            raise UnitError(f"{self.kind} {self.values}: numbers must be 0 or more and must rise.")

    @cached_property
    def is_fixed(self) -> bool:
        """Whether it is a single value."""
        return self.kind == "fixed" or (self.kind != "lognormal" and len(set(self.values)) == 1)

    @property
    def least(self) -> float:
        """Smallest possible value (5 % point of a lognormal)."""
        return self._quantile(-_Z95) if self.kind == "lognormal" else self.values[0]

    @property
    def greatest(self) -> float:
        """Largest possible value (95 % point of a lognormal)."""
        return self._quantile(_Z95) if self.kind == "lognormal" else self.values[-1]

    @property
    def median(self) -> float:
        """The value that is as likely to be exceeded as not."""
        if self.is_fixed or self.kind == "lognormal":
            return self.values[0]
        return float(self.at(Draws(np.array([0.5])))[0])

    def _quantile(self, z: float) -> float:
        median, sigma = self.values
        value = median * math.exp(sigma * z)
        return value if self.most is None else min(value, self.most)

    def at(self, draws: Draws) -> np.ndarray:
        """Return the values below which the distribution lies with the drawn probabilities."""
        a = self.values
        if self.is_fixed:
            found = np.full_like(draws.uniform, a[0])
        elif self.kind == "uniform":
            found = a[0] + (a[1] - a[0]) * draws.uniform
        elif self.kind == "triangular":
            found = _triangular(a, draws)
        else:
            found = a[0] * np.exp(a[1] * draws.normal)
        return found if self.most is None else np.minimum(found, self.most)

    @property
    def squared_variation(self) -> float | None:
        """Variance / squared mean, where there is a formula for it."""
        a = self.values
        if self.is_fixed:
            return 0.0
        if self.most is not None:
            return None
        if self.kind == "lognormal":
            return math.expm1(a[1] ** 2)
        if self.kind == "uniform":
            return (a[1] - a[0]) ** 2 / 3 / (a[0] + a[1]) ** 2
        products = a[0] * a[1] + a[0] * a[2] + a[1] * a[2]
        return (sum(v * v for v in a) - products) / 2 / sum(a) ** 2

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of `factor` times the input."""
        values = tuple(factor * value for value in self.values)
        if self.kind == "lognormal":
            values = (factor * self.values[0], self.values[1])
        return Distribution(
            self.kind, values, self.most if self.most is None else self.most * factor
        )

    def __str__(self) -> str:
        """Return it as people write ranges."""
        numbers = [significant(value, 5) for value in self.values]
        if self.is_fixed:
            return numbers[0]
        if self.kind == "lognormal":
            return (
                f"{significant(self.median)} "
                f"({significant(self.least)} to {significant(self.greatest)})"
            )
        return "..".join(numbers)


def fixed(value: float) -> Distribution:
    """Return a distribution that is one value."""
    return Distribution("fixed", (float(value),))


def read_distribution(
    value: Any, field: str, read: Callable[[Any, str], float] = read_number
) -> Distribution:
    """Return the distribution that a number, a text or a distribution means.

    Parameters
    ----------
    value : float, str or Distribution
        ``1.08``, ``"2.8M"``, ``"1.06..1.12"`` (uniform), ``"0.6..0.85..1"`` (triangular).
    field : str
        Name of the input, for messages.
    read : callable, optional
        Reads one number, given it and `field`; one that knows the units of the field.

    Raises
    ------
    UnitError
        If it is none of these, or only some ends of a range have a unit; names `field`.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str) and ".." in value:
        parts = [part.strip() for part in value.split("..")]
        numbers = tuple(read(part, field) for part in parts)
        if len({part[-1:].isalpha() for part in parts}) > 1:
            # "2.8..3M" would be 2.8 to 3,000,000
            raise UnitError(f"{field}: {value!r} has a unit at one end only. Write it at each.")
        kind = {2: "uniform", 3: "triangular"}.get(len(numbers))
        if kind is None or tuple(sorted(numbers)) != numbers:
            raise UnitError(
                f"{field}: {value!r} is no range. Write least..most, or least..likeliest..most."
            )
        return Distribution(kind, numbers)
    if not isinstance(value, str) and np.ndim(value):
        raise UnitError(f"{field} is {value!r}; it must be one number or a range.")
    return fixed(read(value, field))


def fit_lognormal(values: Any, floor: float = 0.10, most: float | None = None) -> Distribution:
    """Return a lognormal for the next value, given few like it.

    The median is the median of the values. The spread covers the next value, not the mean: it is
    widened for small numbers (Student's t at 95 %), and is at least `floor`.
    """
    logs = np.log(np.asarray(values, dtype=float))
    n = len(logs)
    if n < 2:
        raise UnitError(f"{n} values are too few to fit a spread; at least 2 are needed.")
    widened = _T95[min(n - 1, len(_T95)) - 1] / _Z95 * math.sqrt(1 + 1 / n)
    sigma = max(float(np.std(logs, ddof=1)), floor) * widened
    return Distribution("lognormal", (float(np.exp(np.median(logs))), sigma), most)


def _triangular(a: tuple[float, ...], draws: Draws) -> np.ndarray:
    least, mode, most = a
    turn = int(np.searchsorted(draws.ordered, (mode - least) / (most - least)))
    found = np.empty_like(draws.ordered)
    np.multiply(draws.root[:turn], math.sqrt((most - least) * (mode - least)), out=found[:turn])
    found[:turn] += least
    rest = math.sqrt((most - least) * (most - mode))
    np.multiply(draws.root_of_rest[turn:], -rest, out=found[turn:])
    found[turn:] += most
    return found.take(draws.rank)


class Draws:
    """Probabilities drawn for one input, with what the quantile functions need of them.

    Parameters
    ----------
    uniform : ndarray
        Probabilities, 0 to 1.
    """

    def __init__(self, uniform: np.ndarray) -> None:
        self.uniform = uniform

    @cached_property
    def ordered(self) -> np.ndarray:
        """The probabilities in rising order: quantile functions with a turn are cut there."""
        return np.sort(self.uniform)

    @cached_property
    def rank(self) -> np.ndarray:
        """Where each probability stands in the rising order."""
        return np.argsort(np.argsort(self.uniform))

    @cached_property
    def root(self) -> np.ndarray:
        """Square roots of the probabilities in rising order."""
        return np.sqrt(self.ordered)

    @cached_property
    def root_of_rest(self) -> np.ndarray:
        """Square roots of what is missing to 1, in rising order of the probabilities."""
        return np.sqrt(1 - self.ordered)

    @cached_property
    def normal(self) -> np.ndarray:
        """The standard normal deviates with these probabilities."""
        quantile = NormalDist().inv_cdf
        return np.array([quantile(min(max(p, 1e-12), 1 - 1e-12)) for p in self.uniform])


@lru_cache(maxsize=8)
def latin_hypercube(inputs: int, samples: int, seed: int) -> tuple[Draws, ...]:
    """Return the draws of each input: one in each of `samples` equal strata, in random order."""
    generator = np.random.default_rng(seed)
    strata = np.tile(np.arange(samples), (inputs, 1))
    shuffled = generator.permuted(strata, axis=1)
    found = (shuffled + generator.random((inputs, samples))) / samples
    return tuple(Draws(row) for row in found)
