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

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from caraml_analysis.carbon.distributions import (
    SAMPLES,
    SEED,
    Distribution,
    Draws,
    fixed,
    latin_hypercube,
    read_distribution,
)
from caraml_analysis.carbon.factors import Factor, Factors, read_mix
from caraml_analysis.carbon.presets import Preset, preset
from caraml_analysis.carbon.quantities import (
    AcceleratorHours,
    Emissions,
    Energy,
    Intensity,
    NodeHours,
    Power,
    Quantity,
    WaterIntensity,
    read_number,
    significant,
)
from caraml_analysis.errors import CaramlError, FactorError, TableError, UnitError

if TYPE_CHECKING:
    import pandas as pd

#: What a run may say, with its meaning. Ranges are written ``1.06..1.12``; see `distributions`.
FIELDS = {
    "run": "name of the run",
    "accelerator": "part, such as H100-SXM",
    "accelerator_hours": "hours summed over accelerators",
    "node_hours": "hours summed over nodes; needs accelerators_per_node",
    "accelerators_per_node": "accelerators in one node",
    "devices": "number of accelerators; with hours",
    "hours": "wall-clock hours; with devices",
    "energy_mwh": "energy, MWh; needs energy_scope",
    "energy_scope": "gpu, it or facility: what energy_mwh covers",
    "power_w": "mean draw of one accelerator, W; needs power_scope",
    "power_scope": "gpu or node: whether power_w contains the share of the host",
    "load": "mean draw / rated power, 0 to 1.2; fitted or fitted-gpu for metered runs",
    "host": "IT energy / accelerator energy, at least 1",
    "pue": "facility energy / IT energy, at least 1; or operator and year, such as Google 2023",
    "country": "ISO code of the grid, location-based; needs year",
    "year": "year of the grid, or newest",
    "grid_edition": "another edition of the grid table: codecarbon or carbontracker",
    "grid_mix": "several grids, such as FRA 0.4; USA 0.6; needs year",
    "g_co2e_per_kwh": "reported grid intensity, location-based, g/kWh",
    "g_co2e_per_kwh_market": "intensity of contracts (market-based), g/kWh",
    "g_co2e_per_kwh_net": "intensity after an operator's hourly accounting, g/kWh",
    "grid_error": "relative error of the intensity, around 1",
    "wue_site": "water on site, L per kWh of IT energy; or such as AWS 2023",
    "wue_source": "water in making electricity, L per kWh of facility energy; or such as "
    "US grid average 2023",
    "embodied_kg": "embodied carbon for each accelerator, kg CO2e; or an item of load_embodied()",
    "lifetime_years": "years that the hardware serves; with embodied_kg",
    "use_share": "part of its lifetime that the hardware works, 0 to 1; with embodied_kg",
}
#: Least and greatest value that is possible.
LIMITS = {
    "load": (0.0, 1.2),
    "host": (1.0, 4.0),
    "pue": (1.0, 3.0),
    "g_co2e_per_kwh": (2.0, 2000.0),
    "g_co2e_per_kwh_market": (0.0, 2000.0),
    "g_co2e_per_kwh_net": (0.0, 2000.0),
    "grid_error": (0.1, 10.0),
    "power_w": (1.0, 5000.0),
    "accelerators_per_node": (1.0, 1024.0),
    "lifetime_years": (0.5, 20.0),
    "use_share": (0.01, 1.0),
    "embodied_kg": (1.0, 20000.0),
    "wue_site": (0.0, 20.0),
    "wue_source": (0.0, 100.0),
    "accelerator_hours": (0.0, 1e12),
    "energy_mwh": (0.0, 1e9),
}
_WHY = {
    "load": "It is mean draw over rated power.",
    "host": "Whole servers draw at least what their accelerators do.",
    "pue": "A site uses at least what its computers use.",
    "g_co2e_per_kwh": "Is it in kg per kWh?",
    "use_share": "It is a part of the lifetime.",
}
#: Intensities that may be 0, as location-based ones are not.
_CONTRACTS = ("g_co2e_per_kwh_market", "g_co2e_per_kwh_net")
#: Kind, unit and accounting of the fields that have a unit.
_UNITS: dict[str, tuple[type[Quantity], str, dict[str, str]]] = {
    "accelerator_hours": (AcceleratorHours, "h", {}),
    "node_hours": (NodeHours, "h", {}),
    "hours": (NodeHours, "h", {}),
    "energy_mwh": (Energy, "MWh", {}),
    "power_w": (Power, "W", {}),
    "g_co2e_per_kwh": (Intensity, "g/kWh", {"accounting": "location"}),
    "g_co2e_per_kwh_market": (Intensity, "g/kWh", {"accounting": "market"}),
    "g_co2e_per_kwh_net": (Intensity, "g/kWh", {"accounting": "net"}),
    "wue_site": (WaterIntensity, "L/kWh", {}),
    "wue_source": (WaterIntensity, "L/kWh", {}),
    "embodied_kg": (Emissions, "kg", {"accounting": "embodied"}),
}
#: Order of the inputs in the draws. Append only: the order decides which draws an input gets.
INPUTS = (
    *("accelerator_hours", "energy_mwh", "power_w", "load", "host", "pue", "g_co2e_per_kwh"),
    *("g_co2e_per_kwh_market", "g_co2e_per_kwh_net", "grid_error", "wue_site", "wue_source"),
    *("embodied_kg", "lifetime_years", "use_share"),
)
_POINTS = Draws(np.array([0.05, 0.5, 0.95]))
_PLACE = {name: place for place, name in enumerate(INPUTS)}
_DIVISORS = {"lifetime_years", "use_share"}
#: What an estimate may contain: unit by name.
OUTPUTS = {
    "energy_accelerator_mwh": "MWh",
    "energy_it_mwh": "MWh",
    "energy_facility_mwh": "MWh",
    "t_co2e_location": "t CO2e",
    "t_co2e_market": "t CO2e",
    "t_co2e_net": "t CO2e",
    "t_co2e_embodied": "t CO2e",
    "water_site_m3": "m3",
    "water_source_m3": "m3",
}
SCOPES = ("gpu", "it", "facility")


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
        """Whether no input is uncertain."""
        return not self.shares

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
    assume : str
        Name of the preset that filled gaps; empty if none.
    samples, seed : int
        Of the sampling.
    """

    run: str
    values: dict[str, Interval]
    factors: tuple[Factor, ...]
    unknown: dict[str, str]
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
    samples: int = SAMPLES,
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
        Of the Latin hypercube. The same draws serve every run.

    Returns
    -------
    Estimate
        Percentiles 5, 50 and 95 of each quantity, with the factors used and what is unknown.

    Raises
    ------
    FactorError
        If a factor that the chain needs is missing or not known; names it.
    UnitError
        If a value is impossible, or energy and hours contradict one another; names the field.
    """
    _check_fields(run)
    chosen = preset(assume)
    chain = _resolve(run, factors, chosen)
    return _evaluated(chain, str(run.get("run") or ""), assume or "", samples, seed, {})


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
        the variance of the last energy), ``factors`` (every factor with its source) and ``error``
        (empty, or why the row was not estimated).

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
    columns = _check_columns(table)
    chosen = preset(assume)
    cache: dict[Any, Any] = {}
    rows: list[dict[str, Any]] = []
    records = table[columns].to_dict("records")
    names = table["run"] if "run" in columns else table.index
    for name, record in zip(names, records, strict=True):
        try:
            chain = _resolve(record, factors, chosen)
        except CaramlError as error:
            if on_error == "raise":
                raise type(error)(f"row {name}: {error}") from None
            rows.append({"error": str(error)})
            continue
        found = _evaluated(chain, str(name), assume or "", samples, seed, cache)
        rows.append(_flat(found) | {"error": ""})
    wanted = [f"{name}_{end}" for name in OUTPUTS for end in ("p5", "p50", "p95")]
    result = pd.DataFrame(rows, index=table.index)
    return result.reindex(columns=[*wanted, "main_input", "factors", "error"])


# --- what the run says ------------------------------------------------------------------------


@dataclass
class _Chain:
    """The factors of one run, and which of them make each output."""

    tables: Factors
    factors: dict[str, Factor] = field(default_factory=dict)
    products: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def _check_fields(run: Mapping[str, Any]) -> None:
    for name in run:
        if name not in FIELDS:
            nearest = difflib.get_close_matches(str(name), FIELDS, n=2)
            hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
            raise FactorError(
                f"{name}: no such field.{hint} There are {', '.join(FIELDS)}. Nothing was computed."
            )


def _check_columns(table: pd.DataFrame) -> list[str]:
    if table.empty:
        raise TableError("the table has no rows. Nothing was computed.")
    for name in table.columns:
        near = difflib.get_close_matches(_plain(name), FIELDS, n=1, cutoff=0.9)
        if near and name not in FIELDS:
            raise TableError(
                f"column {name!r} looks like {near[0]!r}. Rename it, or drop it. Nothing was "
                "computed."
            )
    columns = [name for name in FIELDS if name in table.columns]
    if not set(columns) & {"accelerator_hours", "node_hours", "devices", "energy_mwh"}:
        raise TableError(
            "no column says how much was run: accelerator_hours, node_hours, devices with hours, "
            f"or energy_mwh (found {', '.join(map(repr, table.columns))}). Nothing was computed."
        )
    return columns


def _plain(name: Any) -> str:
    """Return a column's name as the fields are written: ``Energy (MWh)`` is ``energy_mwh``."""
    return re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")


def _given(run: Mapping[str, Any], name: str) -> Any:
    value = run.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return None if value != value else value  # not a number: missing
    except TypeError:  # pandas.NA has no truth value
        return None
    except ValueError:
        raise UnitError(f"{name} is {value!r}; it must be one value.") from None


def _text(run: Mapping[str, Any], name: str) -> str | None:
    value = _given(run, name)
    if value is not None and not isinstance(value, str):
        raise FactorError(f"{name} is {value!r}; it must be a text ({FIELDS[name]}).")
    return value


def _number(run: Mapping[str, Any], name: str) -> Distribution | None:
    value = _given(run, name)
    return None if value is None else _checked(value, name)


def _within(value: Distribution, name: str) -> Distribution:
    low, high = LIMITS.get(name, (0.0, math.inf))
    if value.is_fixed:
        least = most = value.values[0]
    else:
        least, most = value.least, value.greatest
    if least < low or most > high:
        why = f" {_WHY[name]}" if name in _WHY else ""
        raise UnitError(f"{name} is {value}; it must lie between {low:g} and {high:g}.{why}")
    if name in _CONTRACTS and 0 < least < LIMITS["g_co2e_per_kwh"][0]:
        raise UnitError(
            f"{name} is {value}; it must be 0, or lie between 2 and {high:g}. Is it in kg per kWh?"
        )
    return value


def _resolve(run: Mapping[str, Any], factors: Factors, chosen: Preset | None) -> _Chain:
    chain = _Chain(factors)
    hours = _hours(run)
    energy = _number(run, "energy_mwh")
    if hours is None and energy is None:
        raise FactorError(
            "accelerator_hours: nothing says how much was run. Give accelerator_hours, node_hours "
            "with accelerators_per_node, devices with hours, or energy_mwh with energy_scope."
        )
    if hours is not None:
        chain.factors["accelerator_hours"] = Factor("accelerator_hours", hours, "h", "given")
    if energy is not None:
        scope = _text(run, "energy_scope")
        if scope not in SCOPES:
            raise FactorError(
                f"energy_scope is {scope!r}; say what energy_mwh covers: {', '.join(SCOPES)}."
            )
        chain.factors["energy_mwh"] = Factor("energy_mwh", energy, "MWh", f"given, {scope} scope")
        if hours is not None:
            _check_agreement(run, factors, hours, energy, scope)
        _from_energy(chain, run, chosen, scope)
    else:
        assert hours is not None
        _from_hours(chain, run, factors, chosen, hours)
    _add_emissions(chain, run, factors, chosen)
    _add_embodied(chain, run)
    _add_water(chain, run)
    return chain


def _hours(run: Mapping[str, Any]) -> Distribution | None:
    direct = _number(run, "accelerator_hours")
    nodes, per_node = _number(run, "node_hours"), _number(run, "accelerators_per_node")
    devices, wall = _number(run, "devices"), _number(run, "hours")
    ways = [direct]
    if nodes is not None:
        if per_node is None:
            raise FactorError(
                "accelerators_per_node: node_hours are given, but not how many accelerators a node "
                "holds."
            )
        ways.append(nodes.scaled(_fixed_value(per_node, "accelerators_per_node")))
    if wall is not None:
        if devices is None:
            raise FactorError("devices: hours are given, but not how many accelerators ran.")
        ways.append(wall.scaled(_fixed_value(devices, "devices")))
    elif devices is not None:
        raise FactorError("hours: devices are given, but not how long they ran.")
    found = [way for way in ways if way is not None]
    for other in found[1:]:
        if abs(other.median - found[0].median) > 0.01 * max(other.median, found[0].median):
            raise UnitError(
                f"accelerator_hours: {significant(found[0].median, 6)} h and "
                f"{significant(other.median, 6)} h are both given and contradict one another."
            )
    if found and found[0].median == 0:
        raise UnitError(
            "accelerator_hours are 0: nothing was run. Give the hours, or leave it out."
        )
    return _within(found[0], "accelerator_hours") if found else None


def _fixed_value(value: Distribution, name: str) -> float:
    if not value.is_fixed:
        raise UnitError(f"{name} is {value}; it must be one number.")
    return value.values[0]


def _check_agreement(
    run: Mapping[str, Any], factors: Factors, hours: Distribution, energy: Distribution, scope: str
) -> None:
    """Refuse energy and hours that no accelerator could bring together."""
    name = _text(run, "accelerator")
    tdp = factors.tdp(name).value.values[0] if name is not None else None
    low, high = (0.1 * tdp, 2.2 * tdp) if tdp else (5.0, 3000.0)
    if scope == "facility":
        high *= 2
    watts = energy.median * 1e6 / hours.median
    if not low <= watts <= high:
        raise UnitError(
            f"energy_mwh and accelerator_hours contradict one another: they mean "
            f"{significant(watts)} W for each accelerator; {significant(low)} to "
            f"{significant(high)} W are possible. Correct one, or leave one out."
        )


def _from_energy(chain: _Chain, run: Mapping[str, Any], chosen: Preset | None, scope: str) -> None:
    made: tuple[str, ...] = ("energy_mwh",)
    above = SCOPES.index(scope)
    if above == 0:
        chain.products["energy_accelerator_mwh"] = (1.0, made)
        made += (_needed(chain, run, chosen, "host"),)
    else:
        chain.unknown["energy_accelerator_mwh"] = f"energy_mwh is of {scope} scope"
    if above <= 1:
        chain.products["energy_it_mwh"] = (1.0, made)
        made += (_needed(chain, run, chosen, "pue"),)
    else:
        chain.unknown["energy_it_mwh"] = "energy_mwh is of facility scope"
    chain.products["energy_facility_mwh"] = (1.0, made)


def _from_hours(
    chain: _Chain,
    run: Mapping[str, Any],
    factors: Factors,
    chosen: Preset | None,
    hours: Distribution,
) -> None:
    power = _number(run, "power_w")
    made: tuple[str, ...] = ("accelerator_hours", "power_w")
    with_host = False
    if power is not None:
        scope = _text(run, "power_scope")
        if scope not in ("gpu", "node"):
            raise FactorError(f"power_scope is {scope!r}; say what power_w covers: gpu or node.")
        with_host = scope == "node"
        chain.factors["power_w"] = Factor("power_w", power, "W", f"given, {scope} scope")
    else:
        name = _text(run, "accelerator")
        if name is None:
            raise FactorError(
                "accelerator: no value. Name the part, or give power_w, the mean draw of one in W."
            )
        tdp = factors.tdp(name)
        chain.factors["power_w"] = Factor("power_w", tdp.value, "W", f"rated power: {tdp.source}")
        with_host = _add_load(chain, run, factors, chosen, factors.part(name), hours.median)
        made += ("load",)
    if with_host:
        chain.unknown["energy_accelerator_mwh"] = "power contains the share of the host"
    else:
        chain.products["energy_accelerator_mwh"] = (1e-6, made)
        made += (_needed(chain, run, chosen, "host"),)
    chain.products["energy_it_mwh"] = (1e-6, made)
    made += (_needed(chain, run, chosen, "pue"),)
    chain.products["energy_facility_mwh"] = (1e-6, made)


def _add_load(
    chain: _Chain,
    run: Mapping[str, Any],
    factors: Factors,
    chosen: Preset | None,
    part: str,
    hours: float,
) -> bool:
    """Add the load; return whether it contains the host."""
    value, source = _value(run, chosen, "load")
    if value not in ("fitted", "fitted-gpu"):
        chain.factors["load"] = Factor("load", _checked(value, "load"), "", source)
        return False
    node = value == "fitted" and hours >= factors.small_run_hours
    found, basis = factors.ratio(part, "node" if node else "gpu", hours)
    chain.factors["load"] = Factor("load", found, "", f"fitted: {basis}")
    return node


def _value(run: Mapping[str, Any], chosen: Preset | None, name: str) -> tuple[Any, str]:
    value = _given(run, name)
    if value is not None:
        return value, "given"
    if chosen is not None and name in chosen.values:
        assumed, why = chosen.values[name]
        return assumed, f"assumed, {chosen.name}: {why}"
    raise FactorError(
        f"{name}: no value ({FIELDS[name]}). Give a number or a range, or choose a preset: "
        "assume='gpu-only', 'hyperscale' or 'metered'."
    )


def _checked(value: Any, name: str) -> Distribution:
    return _within(read_distribution(value, name, _read), name)


def check_input(name: str, value: Any) -> None:
    """Refuse a value that the field cannot have.

    Raises
    ------
    UnitError
        If it is no number or range in a unit of the field, or lies outside its limits.
    """
    _checked(value, name)


def _read(value: Any, name: str) -> float:
    """Return a number in the unit of its field: ``"21.5 GWh"`` of energy_mwh is 21,500."""
    if name not in _UNITS or not isinstance(value, str):
        return read_number(value, name)
    try:
        return read_number(float(value), name)  # the common case, faster
    except ValueError:
        kind, unit, accounting = _UNITS[name]
        return kind.parse(value, unit, field=name, **accounting).to(unit)


def _needed(chain: _Chain, run: Mapping[str, Any], chosen: Preset | None, name: str) -> str:
    value, source = _value(run, chosen, name)
    if name == "pue" and _is_name(value):
        chain.factors[name] = chain.tables.site_pue(value)
    else:
        chain.factors[name] = Factor(name, _checked(value, name), "", source)
    return name


def _add_emissions(
    chain: _Chain, run: Mapping[str, Any], factors: Factors, chosen: Preset | None
) -> None:
    scale, made = chain.products["energy_facility_mwh"]
    grid = _grid(run, factors)
    if grid is None:
        chain.unknown["t_co2e_location"] = (
            "no grid: give country and year, grid_mix and year, or g_co2e_per_kwh"
        )
    else:
        chain.factors["g_co2e_per_kwh"] = grid
        inputs = (*made, "g_co2e_per_kwh")
        given = _given(run, "grid_error") is not None
        if given or (chosen is not None and "grid_error" in chosen.values):
            inputs += (_needed(chain, run, chosen, "grid_error"),)
        chain.products["t_co2e_location"] = (scale / 1000, inputs)
    for accounting in ("market", "net"):
        name = f"g_co2e_per_kwh_{accounting}"
        value = _number(run, name)
        if value is not None:
            chain.factors[name] = Factor(name, value, "g/kWh", "given")
            chain.products[f"t_co2e_{accounting}"] = (scale / 1000, (*made, name))


def _grid(run: Mapping[str, Any], factors: Factors) -> Factor | None:
    reported = _number(run, "g_co2e_per_kwh")
    if reported is not None:
        return Factor("g_co2e_per_kwh", reported, "g/kWh", "given")
    mix = _given(run, "grid_mix")
    if mix is not None:
        return _mixed(read_mix(mix), _given(run, "year"), factors)
    country, edition = _text(run, "country"), _text(run, "grid_edition")
    if country is None:
        return None
    if edition is not None:
        return factors.other_intensity(country, edition)
    return factors.intensity(country, _given(run, "year"))


def _mixed(shares: dict[str, float], year: Any, factors: Factors) -> Factor:
    parts = {code: factors.intensity(code, year) for code in shares}
    grams = sum(share * parts[code].value.values[0] for code, share in shares.items())
    shown = "; ".join(f"{code} {share:g}" for code, share in shares.items())
    source = f"{factors.grid_edition}: mix {shown}"
    return Factor("g_co2e_per_kwh", fixed(grams), "g/kWh", source, str(year))


def _add_embodied(chain: _Chain, run: Mapping[str, Any]) -> None:
    names = ("embodied_kg", "lifetime_years", "use_share")
    missing = [name for name in names if _given(run, name) is None]
    if "accelerator_hours" not in chain.factors:
        missing.append("accelerator_hours")
    if missing:
        chain.unknown["t_co2e_embodied"] = f"no {', '.join(missing)}"
        return
    for name, unit in zip(names, ("kg CO2e", "years", ""), strict=True):
        value = _given(run, name)
        chain.factors[name] = (
            chain.tables.embodied_of(value)
            if name == "embodied_kg" and _is_name(value)
            else Factor(name, _checked(value, name), unit, "given")
        )
    chain.products["t_co2e_embodied"] = (1 / 8760 / 1000, ("accelerator_hours", *names))


def _add_water(chain: _Chain, run: Mapping[str, Any]) -> None:
    for name, output, energy in (
        ("wue_site", "water_site_m3", "energy_it_mwh"),
        ("wue_source", "water_source_m3", "energy_facility_mwh"),
    ):
        value = _given(run, name)
        if value is None:
            chain.unknown[output] = f"no {name}"
        elif energy not in chain.products:
            chain.unknown[output] = chain.unknown[energy]
        else:
            chain.factors[name] = (
                chain.tables.water_of(name, value)
                if _is_name(value)
                else Factor(name, _checked(value, name), "L/kWh", "given")
            )
            scale, made = chain.products[energy]
            chain.products[output] = (scale, (*made, name))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value[:1].isalpha()


# --- sampling ---------------------------------------------------------------------------------


def _evaluated(
    chain: _Chain, run: str, assume: str, samples: int, seed: int, cache: dict[Any, Any]
) -> Estimate:
    if not isinstance(samples, int) or samples < 100:
        raise UnitError(f"samples is {samples!r}; at least 100 are needed for percentiles.")
    if not isinstance(seed, int) or seed < 0:
        raise UnitError(f"seed is {seed!r}; it must be a whole number of 0 or more.")
    values: dict[str, Interval] = {}
    samples_of: dict[_Names, _Sampled] = {(): _Sampled(None, 1.0, {})}
    for name, (scale, inputs) in chain.products.items():
        constant, spread = scale, []
        for part in inputs:
            value = chain.factors[part].value
            if value.is_fixed:
                number = value.values[0]
                constant = constant / number if part in _DIVISORS else constant * number
            else:
                spread.append((part, value))
        found = _spread_of(tuple(spread), samples, seed, cache, samples_of)
        low, middle, high = (constant * point for point in found[0])
        values[name] = Interval(low, middle, high, OUTPUTS[name], dict(found[1]))
    used = {name for _, inputs in chain.products.values() for name in inputs}
    kept = tuple(factor for name, factor in chain.factors.items() if name in used)
    return Estimate(run, _in_order(values), kept, chain.unknown, assume, samples, seed)


def _in_order(values: dict[str, Interval]) -> dict[str, Interval]:
    return {name: values[name] for name in OUTPUTS if name in values}


_Spread = tuple[tuple[str, Distribution], ...]
_Names = tuple[str, ...]
#: Percentiles of a product, and the shares of its inputs.
_Found = tuple[tuple[float, float, float], dict[str, float]]


@dataclass
class _Sampled:
    """A product of uncertain inputs, as drawn, with what its variance is made of."""

    sample: np.ndarray | None
    whole: float  # product of 1 + squared coefficient of variation
    squares: dict[str, float]


def _spread_of(
    spread: _Spread,
    samples: int,
    seed: int,
    cache: dict[_Spread, _Found],
    samples_of: dict[_Names, _Sampled],
) -> _Found:
    """Return percentiles 5, 50 and 95 of a product of uncertain inputs, and their shares.

    Percentiles are kept between runs, as runs often share their ranges; samples only within one.
    """
    if not spread:
        return (1.0, 1.0, 1.0), {}
    if len(spread) == 1 and spread[0][0] not in _DIVISORS:
        name, distribution = spread[0]
        low, middle, high = distribution.at(_POINTS)
        return (float(low), float(middle), float(high)), {name: 1.0}
    found = cache.get(spread)
    if found is None:
        if len(cache) > 10_000:
            cache.clear()
        product = _product(spread, samples, seed, samples_of)
        whole = product.whole - 1
        ordered = sorted(product.squares.items(), key=lambda pair: -pair[1])
        shares = {name: square / whole if whole > 0 else 0.0 for name, square in ordered}
        assert product.sample is not None
        found = cache[spread] = _percentiles(product.sample), shares
    return found


def _product(
    spread: _Spread, samples: int, seed: int, samples_of: dict[_Names, _Sampled]
) -> _Sampled:
    names = tuple(name for name, _ in spread)
    if names not in samples_of:
        # outputs build on one another, so all but the last input have been multiplied already
        before = _product(spread[:-1], samples, seed, samples_of)
        name, distribution = spread[-1]
        sample = distribution.at(latin_hypercube(len(INPUTS), samples, seed)[_PLACE[name]])
        if name in _DIVISORS:
            sample = 1 / sample
        square = None if name in _DIVISORS else distribution.squared_variation
        if square is None:
            square = float(sample.dot(sample) * samples / sample.sum() ** 2 - 1)
        samples_of[names] = _Sampled(
            sample if before.sample is None else before.sample * sample,
            before.whole * (1 + square),
            {**before.squares, name: square},
        )
    return samples_of[names]


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


def _flat(found: Estimate) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in found.values.items():
        row[f"{name}_p5"], row[f"{name}_p50"], row[f"{name}_p95"] = value.p5, value.p50, value.p95
    shares = found.values["energy_facility_mwh"].shares
    row["main_input"] = next(iter(shares), "")
    row["factors"] = "; ".join(str(factor) for factor in found.factors)
    return row
