"""Rules that compare nothing: they read how the report, or its reader, classified the numbers.

And three that hold a number against a place, a calendar, and what any grid gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from caraml_analysis.carbon.checking.arithmetic import (
    INTENSITY_RANGE,
    POWER_RANGE,
    rated_power,
    stated_factor,
)
from caraml_analysis.carbon.checking.numbers import as_printed, change
from caraml_analysis.carbon.checking.reports import NOTE, SLIP, Finding, Known, Report
from caraml_analysis.carbon.quantities import significant

#: A factor further than this from the average of its country and year needs a reason.
FAR_FROM_GRID = 0.20


def factor_of_place(report: Report, known: Known) -> Iterator[Finding]:
    """Hold the factor, stated or implied, against the average of the country in that year."""
    grid = known.grid.get((report.country, report.year or 0))
    energy, tonnes = report.it_energy, report.location
    stated = report.factor is not None
    factor = tonnes / energy if energy and tonnes and not stated else report.factor
    # what no grid could have is another rule's finding
    if (
        not (grid and factor)
        or stated_factor(report, known)
        or abs(factor / grid - 1) <= FAR_FROM_GRID
    ):
        return
    yield Finding(
        report.run,
        "factor-of-place",
        NOTE if stated else SLIP,
        f"{'stated' if stated else 'implied, not stated'} {factor:.3g} kg/kWh; the average of "
        f"{report.country} in that year is {grid:.3g} kg/kWh ({change(factor / grid, 0)}).",
        "the region and the edition of the factor",
    )


def accounting(report: Report, known: Known) -> Iterator[Finding]:
    """Find emissions that cannot stand beside location-based ones of a training run."""
    if report.net is not None and report.location is None:
        yield Finding(
            report.run,
            "net-only",
            SLIP,
            f"{as_printed(report.net)} t are net of an operator's carbon-free energy; no "
            "location-based figure stands beside them.",
            "a location-based figure",
        )
    if report.life_cycle is not None and report.location is None:
        yield Finding(
            report.run,
            "life-cycle-only",
            SLIP,
            f"{as_printed(report.life_cycle)} t cover more than one training run; they cannot "
            "stand beside training figures.",
            "the training part alone",
        )
    if report.market == 0 and report.location:
        yield Finding(
            report.run,
            "market-zero",
            NOTE,
            f"market-based 0 t beside {as_printed(report.location)} t location-based.",
            "which of the two is meant",
        )


def location_zero(report: Report, known: Known) -> Iterator[Finding]:
    """Find a location-based 0 where something ran: the grid of no place gives it, contracts do."""
    # a factor of 0 is a finding of its own, and the tonnes follow from it
    if report.location != 0 or report.factor == 0:
        return
    expected = _location_based(report, known)
    # what is printed as 0 may be anything below 1
    if expected is None or expected[0] < 1:
        return
    tonnes, words, least = expected
    yield Finding(
        report.run,
        "location-zero",
        SLIP,
        f"{words} are {significant(tonnes, 4)} t{' or more' if least else ''}, printed are 0 t.",
        f"a market-based 0, not a location-based one: {significant(tonnes, 4)} t"
        f"{' or more' if least else ''} by the grid",
    )


def _location_based(report: Report, known: Known) -> tuple[float, str, bool] | None:
    """Return tonnes on the grid, how they come about, and whether they are a lower bound."""
    energy, least = report.energy or report.it_energy, False
    rated = rated_power(report, known)
    if not energy and report.hours and rated:
        energy, least = report.hours * rated * POWER_RANGE[0] / 1e6, True
    if not energy:
        return None
    words = f"{significant(energy, 4)} MWh{' (the least of these hours)' if least else ''}"
    if report.factor:
        return energy * report.factor, f"{words} x {as_printed(report.factor)} kg/kWh", least
    grid = known.grid.get((report.country, report.year or 0))
    if grid:
        place = f"{grid:.3g} kg/kWh, the average of {report.country} in {report.year},"
        return energy * grid, f"{words} x {place}", least
    lowest = INTENSITY_RANGE[0]
    return energy * lowest, f"{words} on the cleanest grid ({lowest:g} kg/kWh)", True


def basis(report: Report, known: Known) -> Iterator[Finding]:
    """Find numbers that are not of this run, of this part, by this developer."""
    if report.basis == "third party":
        yield Finding(
            report.run,
            "third-party",
            SLIP,
            "an estimate by others, not the developer's own figure.",
            "the developer's own figure",
        )
    if report.basis == "measured elsewhere":
        yield Finding(
            report.run,
            "power-elsewhere",
            SLIP,
            "power was metered on another run or another part.",
            "power of this run on this part",
        )
    if report.scope == "unclear" and report.energy is not None:
        yield Finding(
            report.run,
            "scope-missing",
            SLIP,
            "the report does not say whether the energy is of accelerators, servers or the site.",
            "scope of the energy",
        )
    if report.accelerator_assumed:
        yield Finding(
            report.run,
            "part-assumed",
            NOTE,
            f"the report names a family, not a part; {report.accelerator} is assumed.",
            "the part (form factor)",
        )


def allocation(report: Report, known: Known) -> Iterator[Finding]:
    """Find hours that are exactly accelerators x whole days, and energy that follows from them."""
    if not (report.devices and report.hours) or report.basis != "circular":
        return
    days = report.hours / report.devices / 24
    if days >= 7 and abs(days - round(days)) < 1e-6:
        yield Finding(
            report.run,
            "allocation",
            SLIP,
            f"hours are exactly {as_printed(report.devices)} accelerators x {days:.0f} days: a "
            "time of access, not of use.",
            "hours that were used",
        )


RULES = (factor_of_place, location_zero, accounting, basis, allocation)
