"""What a run may say: the fields, their units and limits, and reading one value of a run."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.distributions import Distribution, read_distribution
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
)
from caraml_analysis.errors import FactorError, TableError, UnitError

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
    "power_w": "mean draw of one accelerator, W; needs power_scope; instead of load",
    "power_scope": "gpu or node: whether power_w contains the share of the host",
    "load": "mean draw / rated power, 0 to 1.2; fitted or fitted-gpu for metered runs",
    "host": "IT energy / accelerator energy, at least 1; or a system such as DGX H100 system",
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


def check_fields(run: Mapping[str, Any]) -> None:
    """Refuse a run with a field that there is not.

    Raises
    ------
    FactorError
        Names the field and those that are near.
    """
    for name in run:
        if name not in FIELDS:
            nearest = difflib.get_close_matches(str(name), FIELDS, n=2)
            hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
            raise FactorError(
                f"{name}: no such field.{hint} There are {', '.join(FIELDS)}. Nothing was computed."
            )


#: Fields that columns mean which resemble others.
_MEANT = {"device": ["accelerator"], "hardware": ["accelerator"], "gpu": ["accelerator"]} | {
    name: ["accelerator_hours"] for name in ("gpu_hours", "device_hours")
}


def check_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of a table that say something of a run.

    Raises
    ------
    TableError
        If there are no rows, no column says how much was run, or one looks like a misspelled one.
    """
    if table.empty:
        raise TableError("the table has no rows. Nothing was computed.")
    for name in table.columns:
        plain = _plain(name)
        near = _MEANT.get(plain) or difflib.get_close_matches(plain, FIELDS, n=1, cutoff=0.9)
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


def given(run: Mapping[str, Any], name: str) -> Any:
    """Return what a run says of a field, None if it is missing or empty.

    Raises
    ------
    UnitError
        If it is several values.
    """
    value = run.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return None if value != value else value  # not a number: missing
    except TypeError:  # pandas.NA has no truth value
        return None
    except ValueError:
        raise UnitError(f"{name} is {value!r}; it must be one value.") from None


def text_of(run: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is a text, None if it is not given.

    Raises
    ------
    FactorError
        If it is no text.
    """
    value = given(run, name)
    if value is not None and not isinstance(value, str):
        raise FactorError(f"{name} is {value!r}; it must be a text ({FIELDS[name]}).")
    return value


def number_of(run: Mapping[str, Any], name: str) -> Distribution | None:
    """Return a field that is a number or a range, None if it is not given.

    Raises
    ------
    UnitError
        As in :func:`check_input`.
    """
    value = given(run, name)
    return None if value is None else checked(value, name)


def within(value: Distribution, name: str) -> Distribution:
    """Return a value that is within the limits of its field.

    Raises
    ------
    UnitError
        If it is not; says what could be meant.
    """
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


def checked(value: Any, name: str) -> Distribution:
    """Return a number or range in the unit of its field and within its limits.

    Raises
    ------
    UnitError
        As in :func:`check_input`.
    """
    return within(read_distribution(value, name, _read), name)


def check_input(name: str, value: Any) -> None:
    """Refuse a value that the field cannot have.

    Raises
    ------
    UnitError
        If it is no number or range in a unit of the field, or lies outside its limits.
    """
    checked(value, name)


def _read(value: Any, name: str) -> float:
    """Return a number in the unit of its field: ``"21.5 GWh"`` of energy_mwh is 21,500."""
    return in_unit(value, name, *_UNITS[name]) if name in _UNITS else read_number(value, name)


def in_unit(
    value: Any, name: str, kind: type[Quantity], unit: str, accounting: Mapping[str, str]
) -> float:
    """Return a number, or a text with a unit, as a number of `unit`; `name` is for messages.

    Raises
    ------
    UnitError
        If it is neither, or its unit is of another kind.
    """
    if not isinstance(value, str):
        return read_number(value, name)
    try:
        return read_number(float(value), name)  # the common case, faster
    except ValueError:
        return kind.parse(value, unit, field=name, **accounting).to(unit)


def whole_number(value: Distribution, name: str) -> float:
    """Return the value of a field that counts things.

    Raises
    ------
    UnitError
        If it is a range, or no whole number of 1 or more.
    """
    if not value.is_fixed:
        raise UnitError(f"{name} is {value}; it must be one number.")
    number = value.values[0]
    if number < 1 or number != int(number):
        raise UnitError(f"{name} is {value}; it must be a whole number of 1 or more.")
    return number


def is_name(value: Any) -> bool:
    """Return whether a field names a row of a factor table, as in ``"Google 2023"``."""
    return isinstance(value, str) and value[:1].isalpha()
