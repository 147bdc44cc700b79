"""From what a run says to the factors that make each of its outputs: energy, emissions, water.

Nothing is computed here: a chain names, for each output, a constant and the inputs whose product it
is. What is missing and needed is an error that names it; what is missing and can be left out is
named with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from caraml_analysis.carbon.distributions import Distribution, fixed
from caraml_analysis.carbon.factors import MOST_LOAD, Factor, Factors, read_mix
from caraml_analysis.carbon.inputs import (
    FIELDS,
    checked,
    given,
    is_name,
    number_of,
    text_of,
    whole_number,
    within,
)
from caraml_analysis.carbon.presets import Preset
from caraml_analysis.carbon.quantities import significant
from caraml_analysis.errors import FactorError, UnitError

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


@dataclass
class Chain:
    """The factors of one run, which of them make each output, what is unknown, what is idle."""

    tables: Factors
    factors: dict[str, Factor] = field(default_factory=dict)
    products: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    not_used: dict[str, str] = field(default_factory=dict)


def resolve(run: Mapping[str, Any], factors: Factors, chosen: Preset | None) -> Chain:
    """Return the factors of a run and what they make.

    Parameters
    ----------
    run : mapping
        By the names of ``FIELDS``.
    factors : Factors
        The factor tables.
    chosen : Preset, optional
        What may be assumed.

    Raises
    ------
    FactorError
        If a factor is missing or not known; names it.
    UnitError
        If a value is impossible, or two contradict one another; names the fields.
    """
    _check_exclusive(run)
    chain = Chain(factors)
    hours = _hours(run)
    energy = number_of(run, "energy_mwh")
    if hours is None and energy is None:
        raise FactorError(
            "accelerator_hours: nothing says how much was run. Give accelerator_hours, node_hours "
            "with accelerators_per_node, devices with hours, or energy_mwh with energy_scope."
        )
    if hours is not None:
        chain.factors["accelerator_hours"] = Factor("accelerator_hours", hours, "h", "given")
    if energy is not None:
        scope = text_of(run, "energy_scope")
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
    chain.not_used = _not_used(chain, run)
    return chain


#: Inputs that say the same thing twice, perhaps differently, with what both are.
_EXCLUSIVE = (
    ("power_w", "load", "the draw of an accelerator"),
    ("grid_mix", "country", "the grid"),
    ("grid_mix", "g_co2e_per_kwh", "the grid"),
    ("grid_mix", "grid_edition", "the grid"),
    ("grid_edition", "g_co2e_per_kwh", "the grid"),
)


def _check_exclusive(run: Mapping[str, Any]) -> None:
    for one, other, what in _EXCLUSIVE:
        if given(run, one) is not None and given(run, other) is not None:
            raise UnitError(f"{one} and {other} both say what {what} is. Leave one of them out.")


#: Inputs that say something only beside another one.
_BELONGS = {
    "accelerators_per_node": "node_hours",
    "energy_scope": "energy_mwh",
    "power_scope": "power_w",
}


def _not_used(chain: Chain, run: Mapping[str, Any]) -> dict[str, str]:
    """Return inputs that were given and change nothing, with the reason: nothing goes silently.

    They must be possible all the same: a slip in one is no less a slip.
    """
    reasons = {name: f"no {other}" for name, other in _BELONGS.items() if given(run, other) is None}
    if "energy_mwh" in chain.factors:
        scope = text_of(run, "energy_scope")
        reasons |= dict.fromkeys(("power_w", "power_scope", "load"), "energy_mwh is given")
        above = {"gpu": (), "it": ("host",), "facility": ("host", "pue")}[str(scope)]
        reasons |= dict.fromkeys(above, f"energy_mwh is of {scope} scope")
    elif "energy_accelerator_mwh" not in chain.products:
        reasons["host"] = "power contains the share of the host"
    if given(run, "g_co2e_per_kwh") is not None:
        reasons |= dict.fromkeys(("country", "year"), "g_co2e_per_kwh is given")
    elif given(run, "grid_edition") is not None:
        reasons["year"] = "grid_edition has a year of its own"
    if "t_co2e_location" not in chain.products:
        reasons |= dict.fromkeys(("grid_error", "grid_edition", "year"), "no grid is given")
    if "t_co2e_embodied" in chain.unknown:
        names = ("embodied_kg", "lifetime_years", "use_share")
        reasons |= dict.fromkeys(names, chain.unknown["t_co2e_embodied"])
    reasons |= {name: chain.unknown[made] for name, made, _ in _WATER if made in chain.unknown}
    found = {name: why for name, why in reasons.items() if given(run, name) is not None}
    for name in found:
        _check_idle(chain.tables, run, name)
    part = text_of(run, "accelerator")
    if part is not None and ("load" not in chain.factors) and not chain.tables.has_part(part):
        found["accelerator"] = "a part that the table lacks, nothing was taken from it"
    return found


def _check_idle(tables: Factors, run: Mapping[str, Any], name: str) -> None:
    """Refuse a value that cannot be, though nothing is made of it."""
    value = given(run, name)
    if name == "country":
        tables.check_country(value)
    elif name == "year":
        tables.check_year(value)
    elif name not in (*_BELONGS, "grid_edition") and value not in ("fitted", "fitted-gpu"):
        _factor(tables, run, name, value)


def _hours(run: Mapping[str, Any]) -> Distribution | None:
    direct = number_of(run, "accelerator_hours")
    nodes, per_node = number_of(run, "node_hours"), number_of(run, "accelerators_per_node")
    devices, wall = number_of(run, "devices"), number_of(run, "hours")
    ways = [direct]
    if nodes is not None:
        if per_node is None:
            raise FactorError(
                "accelerators_per_node: node_hours are given, but not how many accelerators a node "
                "holds."
            )
        ways.append(nodes.scaled(whole_number(per_node, "accelerators_per_node")))
    if wall is not None:
        if devices is None:
            raise FactorError("devices: hours are given, but not how many accelerators ran.")
        ways.append(wall.scaled(whole_number(devices, "devices")))
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
    return within(found[0], "accelerator_hours") if found else None


#: Least and greatest draw / rated power of one accelerator, by what the draw covers. At the site
#: all cooling is in it, with the host what whole systems are rated for.
_DRAW = {
    "gpu": (0.1, MOST_LOAD["gpu"]),
    "it": (0.1, MOST_LOAD["node"]),
    "facility": (0.1, 2 * MOST_LOAD["node"]),
}
#: The same in W, where the rated power is not known.
_DRAW_W = {"gpu": (5.0, 3000.0), "it": (5.0, 3000.0), "facility": (5.0, 6000.0)}


def _possible_draw(run: Mapping[str, Any], factors: Factors, scope: str) -> tuple[float, float]:
    """Return least and greatest mean draw of one accelerator that are possible, W."""
    name = text_of(run, "accelerator")
    low, high = _DRAW[scope]
    try:
        rated = factors.tdp(name).value.values[0] if name is not None else None
    except FactorError:
        rated = None  # a part that the table lacks: its draw may still be known
    return (low * rated, high * rated) if rated else _DRAW_W[scope]


def _check_agreement(
    run: Mapping[str, Any], factors: Factors, hours: Distribution, energy: Distribution, scope: str
) -> None:
    """Refuse energy and hours that no accelerator could bring together."""
    low, high = _possible_draw(run, factors, scope)
    watts = energy.median * 1e6 / hours.median
    if not low <= watts <= high:
        raise UnitError(
            f"energy_mwh and accelerator_hours contradict one another: they mean "
            f"{significant(watts)} W for each accelerator; {significant(low)} to "
            f"{significant(high)} W are possible. Correct one, or leave one out."
        )


def _check_power(run: Mapping[str, Any], factors: Factors, power: Distribution, scope: str) -> None:
    """Refuse a metered draw that the named accelerator cannot have."""
    low, high = _possible_draw(run, factors, "it" if scope == "node" else "gpu")
    if not low <= power.median <= high:
        raise UnitError(
            f"power_w is {power}; one {text_of(run, 'accelerator') or 'accelerator'} draws "
            f"{significant(low)} to {significant(high)} W ({scope} scope). Is it of several, or in "
            "kW?"
        )


def _from_energy(chain: Chain, run: Mapping[str, Any], chosen: Preset | None, scope: str) -> None:
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
    chain: Chain,
    run: Mapping[str, Any],
    factors: Factors,
    chosen: Preset | None,
    hours: Distribution,
) -> None:
    power = number_of(run, "power_w")
    made: tuple[str, ...] = ("accelerator_hours", "power_w")
    with_host = False
    if power is not None:
        scope = text_of(run, "power_scope")
        if scope not in ("gpu", "node"):
            raise FactorError(f"power_scope is {scope!r}; say what power_w covers: gpu or node.")
        with_host = scope == "node"
        _check_power(run, factors, power, scope)
        chain.factors["power_w"] = Factor("power_w", power, "W", f"given, {scope} scope")
    else:
        name = text_of(run, "accelerator")
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
    chain: Chain,
    run: Mapping[str, Any],
    factors: Factors,
    chosen: Preset | None,
    part: str,
    hours: float,
) -> bool:
    """Add the load; return whether it contains the host."""
    value, source = _value(run, chosen, "load")
    if value not in ("fitted", "fitted-gpu"):
        chain.factors["load"] = Factor("load", checked(value, "load"), "", source)
        return False
    node = value == "fitted" and hours >= factors.small_run_hours
    found, basis = factors.ratio(part, "node" if node else "gpu", hours)
    chain.factors["load"] = Factor("load", found, "", f"fitted: {basis}")
    return node


def _value(run: Mapping[str, Any], chosen: Preset | None, name: str) -> tuple[Any, str]:
    value = given(run, name)
    if value is not None:
        return value, "given"
    if chosen is not None and name in chosen.values:
        assumed, why = chosen.values[name]
        return assumed, f"assumed, {chosen.name}: {why}"
    raise FactorError(
        f"{name}: no value ({FIELDS[name]}). Give a number or a range, or choose a preset to "
        "assume: gpu-only, hyperscale or metered."
    )


def _needed(chain: Chain, run: Mapping[str, Any], chosen: Preset | None, name: str) -> str:
    value, source = _value(run, chosen, name)
    chain.factors[name] = _factor(chain.tables, run, name, value, source)
    return name


_UNIT_OF = {
    "embodied_kg": "kg CO2e",
    "lifetime_years": "years",
    "wue_site": "L/kWh",
    "wue_source": "L/kWh",
}


def _factor(
    tables: Factors, run: Mapping[str, Any], name: str, value: Any, source: str = "given"
) -> Factor:
    """Return a factor that is a number or range, or that names a row of a table."""
    if is_name(value):
        if name == "pue":
            return tables.site_pue(value)
        if name == "host":
            return tables.host_of(value, text_of(run, "accelerator"))
        if name == "embodied_kg":
            return tables.embodied_of(value, text_of(run, "accelerator"))
        if name in ("wue_site", "wue_source"):
            return tables.water_of(name, value)
    return Factor(name, checked(value, name), _UNIT_OF.get(name, ""), source)


def _add_emissions(
    chain: Chain, run: Mapping[str, Any], factors: Factors, chosen: Preset | None
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
        by_caller = given(run, "grid_error") is not None
        # a preset's spread between editions says nothing of a factor that the caller brings
        of_table = given(run, "g_co2e_per_kwh") is None
        if by_caller or (of_table and chosen is not None and "grid_error" in chosen.values):
            inputs += (_needed(chain, run, chosen, "grid_error"),)
        chain.products["t_co2e_location"] = (scale / 1000, inputs)
    for accounting in ("market", "net"):
        name = f"g_co2e_per_kwh_{accounting}"
        value = number_of(run, name)
        if value is not None:
            chain.factors[name] = Factor(name, value, "g/kWh", "given")
            chain.products[f"t_co2e_{accounting}"] = (scale / 1000, (*made, name))


def _grid(run: Mapping[str, Any], factors: Factors) -> Factor | None:
    reported = number_of(run, "g_co2e_per_kwh")
    if reported is not None:
        return Factor("g_co2e_per_kwh", reported, "g/kWh", "given")
    mix = given(run, "grid_mix")
    if mix is not None:
        return _mixed(read_mix(mix), given(run, "year"), factors)
    country, edition = text_of(run, "country"), text_of(run, "grid_edition")
    if country is None:
        return None
    if edition is not None:
        return factors.other_intensity(country, edition)
    return factors.intensity(country, given(run, "year"))


def _mixed(shares: dict[str, float], year: Any, factors: Factors) -> Factor:
    parts = {code: factors.intensity(code, year) for code in shares}
    grams = sum(share * parts[code].value.values[0] for code, share in shares.items())
    shown = "; ".join(f"{code} {share:g}" for code, share in shares.items())
    source = f"{factors.grid_edition}: mix {shown}"
    return Factor("g_co2e_per_kwh", fixed(grams), "g/kWh", source, str(year))


def _add_embodied(chain: Chain, run: Mapping[str, Any]) -> None:
    names = ("embodied_kg", "lifetime_years", "use_share")
    missing = [name for name in names if given(run, name) is None]
    if "accelerator_hours" not in chain.factors:
        missing.append("accelerator_hours")
    if missing:
        chain.unknown["t_co2e_embodied"] = f"no {', '.join(missing)}"
        return
    for name in names:
        chain.factors[name] = _factor(chain.tables, run, name, given(run, name))
    chain.products["t_co2e_embodied"] = (1 / 8760 / 1000, ("accelerator_hours", *names))


def _add_water(chain: Chain, run: Mapping[str, Any]) -> None:
    for name, output, energy in _WATER:
        value = given(run, name)
        if value is None:
            chain.unknown[output] = f"no {name}"
        elif energy not in chain.products:
            chain.unknown[output] = chain.unknown[energy]
        else:
            chain.factors[name] = _factor(chain.tables, run, name, value)
            scale, made = chain.products[energy]
            chain.products[output] = (scale, (*made, name))


#: Each use of water, what it makes, and of which energy.
_WATER = (
    ("wue_site", "water_site_m3", "energy_it_mwh"),
    ("wue_source", "water_source_m3", "energy_facility_mwh"),
)
