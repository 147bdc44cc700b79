"""Energy, emissions, embodied carbon and water of a run after the fact, with uncertainty.

    accelerator energy = hours x rated power x load          (or hours x metered power)
    IT energy          = accelerator energy x host
    facility energy    = IT energy x PUE
    emissions          = facility energy x grid intensity    (location, market, net: apart)
    embodied           = hours x kg per accelerator / (lifetime x 8760 h x share of use)
    water              = IT energy x use on site, and facility energy x use in making it

Every step is a product, so that each input's share of the variance is known exactly: for
independent factors the first-order share is cv^2 / (prod(1 + cv^2) - 1). Nothing has a silent
default: what is missing is named. Formulas: docs/carbon.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.chain import OUTPUTS, Chain, resolve
from caraml_analysis.carbon.distributions import SAMPLES, SAMPLES_OF_ONE, SEED
from caraml_analysis.carbon.factors import Factor, Factors
from caraml_analysis.carbon.inputs import check_columns, check_fields
from caraml_analysis.carbon.presets import preset
from caraml_analysis.carbon.quantities import significant
from caraml_analysis.carbon.sampling import Sampler
from caraml_analysis.errors import CaramlError, FactorError, TableError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Interval:
    """An estimated quantity: 5 %, 50 % and 95 % points, and what its variance comes from.

    Parameters
    ----------
    p5, p50, p95 : float
        Percentiles; equal if nothing is uncertain.
    unit : str
        Their unit.
    shares : dict
        First-order share of the variance by input, largest first; what is missing to 1 is their
        interaction. Empty if nothing is uncertain.
    """

    p5: float
    p50: float
    p95: float
    unit: str
    shares: dict[str, float]

    @property
    def is_exact(self) -> bool:
        """Whether it is one value: no input is uncertain, or one of them is 0."""
        return not self.shares or self.p5 == self.p95

    def __str__(self) -> str:
        """Return the middle, the 5 % and 95 % points and the unit."""
        if self.is_exact:
            return f"{significant(self.p50, 5)} {self.unit}"
        low, middle, high = (significant(value) for value in (self.p5, self.p50, self.p95))
        return f"{middle} {self.unit} ({low} to {high})"


@dataclass(frozen=True)
class Estimate:
    """What a run used and emitted, with the factors behind it and what is not known.

    Parameters
    ----------
    run : str
        Name of the run, may be empty.
    values : dict of str to Interval
        By name, see ``OUTPUTS``; only what could be estimated.
    factors : tuple of Factor
        Every factor that was used.
    unknown : dict of str to str
        What was not estimated, and why.
    not_used : dict of str to str
        Inputs that were given but change nothing, and why.
    assume : str
        Name of the preset that filled gaps; empty if none.
    samples, seed : int
        Of the sampling.
    """

    run: str
    values: dict[str, Interval]
    factors: tuple[Factor, ...]
    unknown: dict[str, str]
    not_used: dict[str, str] = field(default_factory=dict)
    assume: str = ""
    samples: int = SAMPLES
    seed: int = SEED

    def __getitem__(self, name: str) -> Interval:
        """Return one value by name.

        Raises
        ------
        FactorError
            If it was not estimated; says why.
        """
        if name in self.values:
            return self.values[name]
        reason = self.unknown.get(name, f"there are {', '.join(self.values)}")
        raise FactorError(f"{name}: not estimated; {reason}.")

    def table(self) -> pd.DataFrame:
        """Return the values, one row each: ``p5``, ``p50``, ``p95`` and ``unit``, by name."""
        import pandas as pd

        rows = [(name, v.p5, v.p50, v.p95, v.unit) for name, v in self.values.items()]
        return pd.DataFrame(rows, columns=["value", "p5", "p50", "p95", "unit"]).set_index("value")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, texts and numbers (for JSON)."""
        return {
            "run": self.run,
            "assume": self.assume,
            "samples": self.samples,
            "seed": self.seed,
            "values": {
                name: {
                    "p5": value.p5,
                    "p50": value.p50,
                    "p95": value.p95,
                    "unit": value.unit,
                    "variance_shares": value.shares,
                }
                for name, value in self.values.items()
            },
            "factors": [
                {
                    "field": factor.field,
                    "value": str(factor.value),
                    "unit": factor.unit,
                    "source": factor.source,
                    "edition": factor.edition,
                }
                for factor in self.factors
            ],
            "unknown": dict(self.unknown),
            "not_used": dict(self.not_used),
        }

    def __str__(self) -> str:
        """Return one line for each value, known or not."""
        lines = [f"{name:24} {value}" for name, value in self.values.items()]
        lines += [f"{name:24} unknown: {why}" for name, why in self.unknown.items()]
        return "\n".join(lines)


def estimate(
    run: Mapping[str, Any],
    factors: Factors,
    *,
    assume: str | None = None,
    samples: int = SAMPLES_OF_ONE,
    seed: int = SEED,
) -> Estimate:
    """Estimate energy, emissions, embodied carbon and water of one run.

    Parameters
    ----------
    run : mapping
        What is known, by the names in ``FIELDS``: numbers, texts such as ``"30.84M"``, ranges such
        as ``"1.06..1.12"``. Missing and empty values count as not given.
    factors : Factors
        The factor tables, from :func:`caraml_analysis.load_factors`.
    assume : {"gpu-only", "hyperscale", "metered"}, optional
        Preset that fills what the run leaves open of load, host, PUE and grid error.
    samples, seed : int
        Of the Latin hypercube. The same draws serve every run. One run gets more samples than each
        of a table (2,000): other seeds then move its percentiles by about 1 % of the interval.

    Returns
    -------
    Estimate
        Percentiles 5, 50 and 95 of each quantity, with the factors used and what is unknown.

    Raises
    ------
    FactorError
        If a factor that the chain needs is missing or not known; names it.
    UnitError
        If a value is impossible, or two contradict one another, such as energy and hours, or power
        and load; names the field.
    """
    check_fields(run)
    chosen = preset(assume)
    chain = resolve(run, factors, chosen)
    return _evaluated(chain, str(run.get("run") or ""), assume or "", Sampler(samples, seed))


def estimate_runs(
    table: pd.DataFrame,
    factors: Factors,
    *,
    assume: str | None = None,
    on_error: str = "raise",
    samples: int = SAMPLES,
    seed: int = SEED,
) -> pd.DataFrame:
    """Estimate every run of a table.

    Parameters
    ----------
    table : DataFrame
        One run per row; columns named as in ``FIELDS``, others are left alone. The index names the
        runs if there is no column ``run``.
    factors : Factors
        The factor tables.
    assume : str, optional
        Preset for what the table leaves open; see :func:`estimate`.
    on_error : {"raise", "mark"}
        Stop at the first row that cannot be estimated, or mark it and go on.
    samples, seed : int
        Of the sampling.

    Returns
    -------
    DataFrame
        Index of `table`; for each name of ``OUTPUTS`` the columns ``NAME_p5``, ``NAME_p50`` and
        ``NAME_p95`` (missing where unknown), ``main_input`` (the input with the largest share of
        the variance of the last energy), ``factors`` (every factor with its source), ``not_used``
        (what was given to no effect, and why) and ``error`` (empty, or why the row was not
        estimated).

    Raises
    ------
    TableError
        If the table is empty, has no column that says anything of a run, or has a column that
        looks like a misspelled one.
    FactorError, UnitError
        As in :func:`estimate`, with the row; only if ``on_error="raise"``.
    """
    import pandas as pd

    if on_error not in ("raise", "mark"):
        raise TableError(f'on_error is {on_error!r}; it is "raise" or "mark".')
    columns = check_columns(table)
    chosen = preset(assume)
    sampler = Sampler(samples, seed)
    rows: list[dict[str, Any]] = []
    records = table[columns].to_dict("records")
    names = table["run"] if "run" in columns else table.index
    for name, record in zip(names, records, strict=True):
        try:
            chain = resolve(record, factors, chosen)
        except CaramlError as error:
            if on_error == "raise":
                raise type(error)(f"row {name}: {error}") from None
            rows.append({"error": str(error)})
            continue
        found = _evaluated(chain, str(name), assume or "", sampler)
        rows.append(_flat(found) | {"error": ""})
    wanted = [f"{name}_{end}" for name in OUTPUTS for end in ("p5", "p50", "p95")]
    result = pd.DataFrame(rows, index=table.index)
    return result.reindex(columns=[*wanted, "main_input", "factors", "not_used", "error"])


def _evaluated(chain: Chain, run: str, assume: str, sampler: Sampler) -> Estimate:
    products = sampler.products()
    values: dict[str, Interval] = {}
    for name, (scale, inputs) in chain.products.items():
        points, shares = products.points(scale, ((i, chain.factors[i].value) for i in inputs))
        values[name] = Interval(*points, OUTPUTS[name], shares)
    used = {name for _, inputs in chain.products.values() for name in inputs}
    return Estimate(
        run,
        {name: values[name] for name in OUTPUTS if name in values},
        tuple(factor for name, factor in chain.factors.items() if name in used),
        chain.unknown,
        chain.not_used,
        assume,
        sampler.samples,
        sampler.seed,
    )


def _flat(found: Estimate) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in found.values.items():
        row[f"{name}_p5"], row[f"{name}_p50"], row[f"{name}_p95"] = value.p5, value.p50, value.p95
    shares = found.values["energy_facility_mwh"].shares
    row["main_input"] = next(iter(shares), "")
    row["factors"] = "; ".join(str(factor) for factor in found.factors)
    row["not_used"] = "; ".join(f"{name} ({why})" for name, why in found.not_used.items())
    return row
