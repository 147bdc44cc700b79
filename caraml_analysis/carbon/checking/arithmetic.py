"""Rules on the numbers of one report: products that must hold, and what machines and grids can do.

Each check returns what does not fit, or None. A check speaks only where its inputs are printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from caraml_analysis.carbon.checking.numbers import as_printed
from caraml_analysis.carbon.checking.reports import Known, Report
from caraml_analysis.carbon.quantities import significant

#: Intensities on IT energy that a grid could have, kg/kWh: hydropower to the dirtiest nation.
INTENSITY_RANGE = (0.02, 1.35)
#: Draw of an accelerator with host over its rated power: least of metered runs; nameplate of DGX.
POWER_RANGE = (0.25, 2.03)
#: The same where the energy was metered: runs that wait or write checkpoints draw less (0.14 on
#: H100), cards exceed their rating by little, servers double it.
METERED_GPU_RANGE, METERED_RANGE = (0.1, 1.2), (0.1, 2.2)


@dataclass(frozen=True)
class Misfit:
    """What does not fit: the rule, in words, and what reconciles it where the rule knows that."""

    rule: str
    message: str
    reconcile: str = ""


def energy_arithmetic(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold printed energy against hours x power, and PUE if the energy is that of the site.

    Metered energy beside a rated power is no product: how far it may be off is for `power_range`.
    """
    hours, watts, energy = report.hours, report.watts, report.energy
    if not (hours and watts and energy):
        return None
    if report.basis == "measured" and is_rated(report, known):
        return None
    pue, after = report.site_factor, report.scope == "facility"
    product = hours * watts / 1e6
    expected = product * (pue if after else 1.0)
    # hours made of rounded days carry that rounding
    derived = 0.02 if report.hours_basis.startswith("derived") else 0.0
    printed = report.rounded["energy"] + report.rounded["watts"] + 1e-9
    if abs(expected / energy - 1) <= max(derived, printed, slack):
        return None
    other = product * (1.0 if after else pue)
    if pue > 1 and abs(other / energy - 1) <= max(derived, 0.005):
        side = "before" if after else "after"
        return Misfit(
            "pue-side",
            f"the energy is said to be {'after' if after else 'before'} PUE, but hours x power "
            f"give {as_printed(energy)} MWh only {side} PUE {pue:g}.",
            f"energy {side} PUE: {significant(expected, 4)} MWh "
            f"{'after' if after else 'before'} it",
        )
    return Misfit(
        "energy-arithmetic",
        f"hours x power{' x PUE' if after else ''} are {significant(expected, 4)} MWh, "
        f"printed are {as_printed(energy)} MWh.",
    )


def emissions_arithmetic(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold printed emissions against energy x factor, and PUE if the energy is before it."""
    energy, factor = report.energy, report.factor
    tonnes = getattr(report, report.emissions)
    if not (energy and factor and tonnes):
        return None
    pue, plain = report.site_factor, energy * factor
    printed = sum(report.rounded[name] for name in (report.emissions, "energy", "factor"))
    allowed = max(printed + 1e-9, slack)
    closes = abs(plain / tonnes - 1) <= allowed
    before = report.scope != "facility" and pue != 1.0
    if closes and before:
        return Misfit(
            "pue-side",
            f"{as_printed(energy)} MWh x {as_printed(factor)} kg/kWh give the printed "
            f"{as_printed(tonnes)} t without the PUE of {pue:g} that is stated; the energy "
            "is not said to be after PUE.",
            f"PUE {pue:g}: it is in the energy already, or was not applied",
        )
    if closes or (before and abs(plain * pue / tonnes - 1) <= allowed):
        return None
    return Misfit(
        "emissions-arithmetic",
        f"{as_printed(energy)} MWh x {as_printed(factor)} kg/kWh are {significant(plain, 4)} t, "
        f"printed are {as_printed(tonnes)} t.",
    )


def power_range(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold printed energy for each accelerator-hour against what the part can draw."""
    tdp, energy = rated_power(report, known), report.it_energy
    if not (report.energy and report.hours and tdp and energy):
        return None
    watts, limits = energy * 1e6 / report.hours, power_limits(report)
    if _within(watts / tdp, limits):
        return None
    return Misfit(
        "power-range",
        f"energy and hours mean {significant(watts)} W for each accelerator rated {tdp:g} W; "
        f"{_span(tdp, limits)} are possible.",
    )


def stated_power(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold the stated power of an accelerator against what the part can draw."""
    tdp = known.tdp.get(report.accelerator)
    limits = power_limits(report)
    if not (tdp and report.watts) or _within(report.watts / tdp, limits):
        return None
    return Misfit(
        "power-range",
        f"the stated power is {as_printed(report.watts)} W for an accelerator rated {tdp:g} W; "
        f"{_span(tdp, limits)} are possible.",
    )


def stated_factor(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold the stated factor against what grids have."""
    if report.factor is None or _within(report.factor, INTENSITY_RANGE):
        return None
    low, high = INTENSITY_RANGE
    return Misfit(
        "intensity-range",
        f"the stated factor is {as_printed(report.factor)} kg/kWh; no grid has it "
        f"({low:g} to {high:g} kg/kWh).",
    )


def implied_factor(report: Report, known: Known, slack: float = 0.0) -> Misfit | None:
    """Hold emissions for each kWh of IT energy against what grids have."""
    energy, tonnes = report.it_energy, report.location
    if not (energy and tonnes) or _within(tonnes / energy, INTENSITY_RANGE):
        return None
    low, high = INTENSITY_RANGE
    return Misfit(
        "intensity-range",
        f"{as_printed(tonnes)} t on {significant(energy, 5)} MWh of IT energy are "
        f"{significant(tonnes / energy, 2)} kg/kWh; grids lie between {low:g} and {high:g} kg/kWh.",
    )


def is_rated(report: Report, known: Known) -> bool:
    """Return whether the stated power is a rated one: so it says, or so it is in the table."""
    words = report.power_basis.lower()
    if re.search(r"measured|metered|average|mean|implied", words):
        return False
    if re.search(r"tdp|rated|nameplate|max|\bcap\b", words):
        return True
    return report.watts in known.tdp.values()


def rated_power(report: Report, known: Known) -> float | None:
    """Return the rated power of the part, W; of an unknown part the stated one if it is rated."""
    tdp = known.tdp.get(report.accelerator)
    return tdp or (report.watts if is_rated(report, known) else None)


def power_limits(report: Report) -> tuple[float, float]:
    """Return the least and most that an accelerator can draw, over its rated power."""
    if report.basis != "measured":
        return POWER_RANGE
    return METERED_GPU_RANGE if report.scope == "gpu" else METERED_RANGE


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _span(tdp: float, limits: tuple[float, float]) -> str:
    low, high = (significant(share * tdp) for share in limits)
    return f"{low} to {high} W"


Check = Callable[..., "Misfit | None"]
#: The most telling ones first: of several that one input explains, the first one is reported.
CHECKS: dict[str, Check] = {
    "energy": energy_arithmetic,
    "emissions": emissions_arithmetic,
    "power": power_range,
    "stated power": stated_power,
    "stated factor": stated_factor,
    "implied factor": implied_factor,
}


def failing(report: Report, known: Known, slack: float = 0.0) -> set[str]:
    """Return the names of the checks that a report does not pass.

    Parameters
    ----------
    slack : float
        How far products may be off although the digits are closer: 0.01 for a guess.
    """
    return {name for name, check in CHECKS.items() if check(report, known, slack)}


def can_be_compared(report: Report, known: Known) -> bool:
    """Return whether two printed numbers, or one and a rated power, say something of each other."""
    rated = report.watts or known.tdp.get(report.accelerator)
    emissions = getattr(report, report.emissions)
    return bool(
        (report.it_energy and report.location is not None)
        or (report.location == 0 and report.hours and rated_power(report, known))
        or (report.energy and report.hours and rated)
        or (report.energy and report.factor and emissions)
    )
