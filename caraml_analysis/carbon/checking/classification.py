"""Rules that compare nothing: they read how the report, or its reader, classified the numbers.

And two that hold a number against a place and a calendar.
"""

from __future__ import annotations

from collections.abc import Iterator

from caraml_analysis.carbon.checking.arithmetic import stated_factor
from caraml_analysis.carbon.checking.numbers import as_printed, change
from caraml_analysis.carbon.checking.reports import NOTE, SLIP, Finding, Known, Report

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
    if report.market == 0 and report.location is not None:
        yield Finding(
            report.run,
            "market-zero",
            NOTE,
            f"market-based 0 t beside {as_printed(report.location)} t location-based.",
            "which of the two is meant",
        )


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


RULES = (factor_of_place, accounting, basis, allocation)
