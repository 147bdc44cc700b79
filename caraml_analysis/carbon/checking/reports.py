"""What one report prints, and what is known without it: the two things that rules compare."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.checking.numbers import is_given, rounding

if TYPE_CHECKING:
    import pandas as pd

SLIP, NOTE = "slip", "note"


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit, and what would reconcile it."""

    run: str
    rule: str
    severity: str
    message: str
    reconcile: str


@dataclass(frozen=True)
class Known:
    """Rated power by part (W), and grid intensity by country and year (kg/kWh)."""

    tdp: dict[str, float]
    grid: dict[tuple[str, int], float]


def known_values(accelerators: pd.DataFrame, grid: pd.DataFrame) -> Known:
    """Return rated power and grid factors in the form that the rules look them up."""
    keys = zip(grid["iso3"], grid["year"].astype(int), strict=True)
    return Known(
        accelerators["tdp_w"].dropna().astype(float).to_dict(),
        dict(zip(keys, grid["g_co2e_per_kwh"] / 1000, strict=True)),
    )


#: Column of each number that a report prints.
COLUMNS = {
    "hours": "accelerator_hours",
    "watts": "reported_power_w",
    "pue": "reported_pue",
    "energy": "reported_energy_mwh",
    "factor": "reported_kg_co2e_per_kwh",
    "location": "reported_t_co2e_location",
    "market": "reported_t_co2e_market",
    "net": "reported_t_co2e_net",
    "life_cycle": "reported_t_co2e_life_cycle",
    "devices": "devices",
}

#: Words of the columns that rules compare.
CLASSES = {
    "energy_scope": ("facility", "gpu", "it", "unclear"),
    "energy_basis": (
        *("circular", "measured", "measured elsewhere", "none", "not stated", "third party"),
        "tool estimate",
    ),
    "accelerator_assumed": ("yes",),
}


def not_a_class(column: str, value: object) -> str:
    """Return what to write in a column of `CLASSES` in place of a value that it cannot have.

    Examples
    --------
    >>> not_a_class("energy_scope", "Facility")
    "it must be empty or one of facility, gpu, it, unclear. Did you mean 'facility'?"
    """
    near = difflib.get_close_matches(str(value).strip().lower(), CLASSES[column], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"it must be empty or one of {', '.join(CLASSES[column])}.{hint}"


@dataclass(frozen=True)
class Report:
    """The numbers of one report (None: not printed) and how it classifies them.

    Parameters
    ----------
    hours, watts, pue, energy, factor : float or None
        Accelerator-hours, W for each accelerator, PUE, MWh, kg CO2e per kWh.
    location, market, net, life_cycle : float or None
        Emissions by accounting, t CO2e.
    devices : float or None
        Number of accelerators.
    rounded : dict of str to float
        How far each number may be rounded, as a part of it. Stays when a number is replaced.
    """

    run: str
    organisation: str
    accelerator: str
    accelerator_assumed: bool
    country: str
    year: int | None
    scope: str
    basis: str
    hours_basis: str
    power_basis: str
    hours: float | None
    watts: float | None
    pue: float | None
    energy: float | None
    factor: float | None
    location: float | None
    market: float | None
    net: float | None
    life_cycle: float | None
    devices: float | None
    rounded: dict[str, float]

    @property
    def site_factor(self) -> float:
        """PUE, or 1 if none is stated."""
        return self.pue or 1.0

    @property
    def it_energy(self) -> float | None:
        """IT energy in MWh: printed, or hours x printed power."""
        if self.energy is not None:
            return self.energy / (self.site_factor if self.scope == "facility" else 1.0)
        if self.hours is not None and self.watts is not None:
            return self.hours * self.watts / 1e6
        return None

    @property
    def emissions(self) -> str:
        """Name of the emissions that energy x factor should give: ``location``, else ``net``."""
        return "location" if self.location is not None else "net"

    def scaled(self, factors: Mapping[str, float]) -> Report:
        """Return the report with some numbers multiplied, their rounding unchanged."""
        changed: dict[str, Any] = {
            name: getattr(self, name) * factor for name, factor in factors.items()
        }
        return replace(self, **changed)


def report_of(row: Any) -> Report:
    """Return the report in a row of the table of runs, as ``DataFrame.itertuples`` gives it."""

    def text(name: str) -> str:
        value = getattr(row, name, "")
        return str(value) if is_given(value) else ""

    numbers = {
        name: float(value) if is_given(value := getattr(row, column)) else None
        for name, column in COLUMNS.items()
    }
    year = text("date")[:4]
    return Report(
        run=row.Index,
        organisation=text("organisation").strip(),
        accelerator=text("accelerator"),
        accelerator_assumed=text("accelerator_assumed") == "yes",
        country=text("training_country"),
        year=int(year) if year.isdigit() else None,
        scope=text("energy_scope"),
        basis=text("energy_basis"),
        hours_basis=text("hours_basis"),
        power_basis=text("power_basis"),
        rounded={name: rounding(value) for name, value in numbers.items() if value is not None},
        **numbers,
    )
