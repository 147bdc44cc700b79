"""What is known of an input: one value, or a stated distribution.

Distributions are few, bounded in what they claim, and written as people write ranges: ``1.08``,
``1.06..1.12`` (uniform), ``0.60..0.85..1.00`` (triangular: least, likeliest, most). Sampling uses a
Latin hypercube with a fixed seed, and the same draws for every run: a run's result depends on
nothing but the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from caraml_analysis.carbon.quantities import read_number, significant
from caraml_analysis.errors import UnitError

#: Seed and number of samples unless others are asked for.
SEED = 2502
SAMPLES = 2000

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

    @property
    def is_fixed(self) -> bool:
        """Whether it is a single value."""
        return self.kind == "fixed" or (self.kind != "lognormal" and len(set(self.values)) == 1)

    @property
    def least(self) -> float:
        """Smallest possible value (5 % point of a lognormal)."""
        return float(self.at(np.array([0.05 if self.kind == "lognormal" else 0.0]))[0])

    @property
    def greatest(self) -> float:
        """Largest possible value (95 % point of a lognormal)."""
        return float(self.at(np.array([0.95 if self.kind == "lognormal" else 1.0]))[0])

    @property
    def median(self) -> float:
        """The value that is as likely to be exceeded as not."""
        return float(self.at(np.array([0.5]))[0])

    def at(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the values below which the distribution lies with these probabilities."""
        a = self.values
        if self.is_fixed:
            found = np.full_like(probabilities, a[0])
        elif self.kind == "uniform":
            found = a[0] + (a[1] - a[0]) * probabilities
        elif self.kind == "triangular":
            found = _triangular(a, probabilities)
        else:
            found = a[0] * np.exp(a[1] * _normal(probabilities))
        return found if self.most is None else np.minimum(found, self.most)

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


def read_distribution(value: Any, field: str) -> Distribution:
    """Return the distribution that a number, a text or a distribution means.

    Parameters
    ----------
    value : float, str or Distribution
        ``1.08``, ``"2.8M"``, ``"1.06..1.12"`` (uniform), ``"0.6..0.85..1"`` (triangular).
    field : str
        Name of the input, for messages.

    Raises
    ------
    UnitError
        If it is none of these; names `field`.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str) and ".." in value:
        numbers = tuple(read_number(part, field) for part in value.split(".."))
        kind = {2: "uniform", 3: "triangular"}.get(len(numbers))
        if kind is None or tuple(sorted(numbers)) != numbers:
            raise UnitError(
                f"{field}: {value!r} is no range. Write least..most, or least..likeliest..most."
            )
        return Distribution(kind, numbers)
    return fixed(read_number(value, field))


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


def _triangular(a: tuple[float, ...], probabilities: np.ndarray) -> np.ndarray:
    least, mode, most = a
    turn = (mode - least) / (most - least)
    low = least + np.sqrt(probabilities * (most - least) * (mode - least))
    high = most - np.sqrt((1 - probabilities) * (most - least) * (most - mode))
    return np.where(probabilities < turn, low, high)


def _normal(probabilities: np.ndarray) -> np.ndarray:
    # few distinct sets of draws are ever asked for, so the slow exact quantile is kept
    return _normal_of(probabilities.tobytes())


@lru_cache(maxsize=64)
def _normal_of(content: bytes) -> np.ndarray:
    quantile = NormalDist().inv_cdf
    return np.array([quantile(min(max(p, 1e-12), 1 - 1e-12)) for p in np.frombuffer(content)])


@lru_cache(maxsize=8)
def draws(inputs: int, samples: int, seed: int) -> np.ndarray:
    """Return a Latin hypercube of probabilities, shape (inputs, samples): each row stratified."""
    generator = np.random.default_rng(seed)
    strata = np.tile(np.arange(samples), (inputs, 1))
    shuffled = generator.permuted(strata, axis=1)
    found = (shuffled + generator.random((inputs, samples))) / samples
    found.flags.writeable = False
    return found
