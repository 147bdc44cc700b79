"""Name the single input that would make a report hold, had it been printed otherwise.

Every slip that is common in practice is tried: one number in another unit, on the other side of
PUE, of nodes in place of accelerators, with a digit too many. What makes the contradiction go
away without making another is named; the likeliest first, the others after "or".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from caraml_analysis.carbon.checking.arithmetic import (
    CHECKS,
    INTENSITY_RANGE,
    Misfit,
    failing,
)
from caraml_analysis.carbon.checking.numbers import change
from caraml_analysis.carbon.checking.reports import Known, Report
from caraml_analysis.carbon.quantities import significant

#: A guess reconciles if it brings the numbers as near as this; the digits may be rounded anew.
NEAR = 0.01
#: More guesses than this help nobody.
MOST_SHOWN = 3
#: Rank of a digit too many, among the ranks of `Remedy`.
_DIGIT = 4
#: Checks that a range decides: many a number would lie in it.
_OF_RANGES = ("power", "stated power", "stated factor", "implied factor")
_UNITS = {
    "hours": "accelerator-hours",
    "watts": "W",
    "energy": "MWh",
    "factor": "kg/kWh",
    "location": "t",
    "net": "t",
}
_NOUNS = {
    "hours": "hours",
    "watts": "power",
    "energy": "energy",
    "factor": "factor",
    "location": "emissions",
    "net": "emissions",
}
#: Units that are mixed up: the number is multiplied by this to be in the unit of its column. The
#: units that people print most come first, for they are the likeliest.
_OTHER_UNITS = (
    ("energy", 1e-3, "energy in kWh, not MWh"),
    ("emissions", 1e-3, "emissions in kg, not t"),
    ("factor", 1e-3, "factor in grams (g/kWh), not kg/kWh"),
    ("watts", 1e3, "power in kW, not W"),
)
_RARER_UNITS = (
    ("energy", 1e3, "energy in GWh, not MWh"),
    ("energy", 1e-6, "energy in Wh, not MWh"),
    ("emissions", 1e-6, "emissions in g, not t"),
    ("emissions", 1e3, "emissions in kt, not t"),
    ("factor", 1e3, "factor divided by 1,000 once too often"),
    ("factor", 0.45359237, "factor in lb/kWh, not kg/kWh"),
    ("hours", 1e3, "hours in thousands"),
    ("hours", 1e6, "hours in millions"),
)


@dataclass(frozen=True)
class Remedy:
    """One number of a report, what it must be multiplied by, and what that would mean.

    Parameters
    ----------
    name : str
        Field of the report.
    factor : float
        What its number is multiplied by.
    rank : int
        0 for the most common slips.
    words : str
        What was meant.
    exact_only : bool
        Whether it is only worth naming where it fits exactly.
    """

    name: str
    factor: float
    rank: int
    words: str
    exact_only: bool = False

    def text(self, report: Report) -> str:
        """Return what was meant, and the number that would stand there."""
        value = significant(getattr(report, self.name) * self.factor, 4)
        return f"{self.words}: {value} {_UNITS[self.name]}"


def remedies(report: Report, known: Known) -> Iterator[Remedy]:
    """Yield every common slip that the numbers of a report could have suffered."""
    emissions = report.emissions
    for rank, units in enumerate((_OTHER_UNITS, _RARER_UNITS)):
        for name, factor, words in units:
            yield Remedy(emissions if name == "emissions" else name, factor, rank, words)
    if report.pue and report.pue > 1:
        pue = report.pue
        for name in ("energy", emissions):
            noun = _NOUNS[name]
            yield Remedy(name, pue, 2, f"PUE ({pue:g}): not in the {noun}, but in the rest")
            yield Remedy(name, 1 / pue, 2, f"PUE ({pue:g}): in the {noun}, but not in the rest")
    for count in (8, 4, 16, 2):
        words = f"node-hours ({count} accelerators each)"
        yield Remedy("hours", count, 3, words, exact_only=count != 8)
        yield Remedy("watts", 1 / count, 3, f"power of a node of {count} accelerators", count != 8)
    if report.devices and report.devices > 1 and report.devices not in (8, 4, 16, 2):
        words = f"hours by the clock, of {report.devices:,g} accelerators"
        yield Remedy("hours", report.devices, 3, words, exact_only=True)
    yield Remedy("hours", 24, 5, "days, not hours", exact_only=True)
    for name in ("energy", emissions, "factor", "hours", "watts"):
        for power in (1, 2):
            words = f"a factor of {10**power:,} (unit or digit) in the {_NOUNS[name]}"
            yield Remedy(name, 10.0**-power, _DIGIT, words)
            yield Remedy(name, 10.0**power, _DIGIT, words)
    yield from _other_parts(report, known)


def _other_parts(report: Report, known: Known) -> Iterator[Remedy]:
    if not report.watts or report.watts not in known.tdp.values():
        return
    for other in sorted(set(known.tdp.values()) - {report.watts}):
        words = f"rated power of another part ({report.watts:g} W against {other:g} W)"
        yield Remedy("watts", other / report.watts, 6, words, exact_only=True)


def reconcile(
    report: Report, known: Known, check: str, usual: float | None = None
) -> tuple[list[Remedy], set[str]]:
    """Return the slips that would explain one failing check, likeliest first.

    Parameters
    ----------
    check : str
        One of `arithmetic.CHECKS`, which the report does not pass.
    usual : float, optional
        Factor that the report should imply, kg/kWh: that of its organisation's other runs.

    Returns
    -------
    list of Remedy
        At most ``MOST_SHOWN``; empty if no single input explains it.
    set of str
        The failing checks that the first one explains, too.
    """
    before = failing(report, known)
    fitting: list[tuple[int, bool, float, int, Remedy]] = []
    for place, remedy in enumerate(remedies(report, known)):
        if not getattr(report, remedy.name):
            continue
        changed = report.scaled(remedy.name, remedy.factor)
        if CHECKS[check](changed, known, NEAR):  # most remedies end here
            continue
        after = failing(changed, known, NEAR)
        if after - before:
            continue
        distance = _distance(changed, known, usual) if check in _OF_RANGES else 0.0
        loose = distance > NEAR
        # of powers of ten, only the one that comes nearest to what is usual
        far = remedy.rank == _DIGIT and distance >= 0.5
        if not (far or (loose and remedy.exact_only)):
            fitting.append((len(after), loose, remedy.rank, place, remedy))
    if not fitting:
        return [], set()
    fitting.sort(key=lambda fit: fit[:4])
    left, loose = fitting[0][:2]
    found = [fit[4] for fit in fitting if fit[:2] == (left, loose)][:MOST_SHOWN]
    first = failing(report.scaled(found[0].name, found[0].factor), known, NEAR)
    return found, before - first


def _distance(report: Report, known: Known, usual: float | None) -> float:
    """Return how far power and factor are from what they usually are, in powers of ten."""
    distances = [0.0]
    energy = report.it_energy
    rated = known.tdp.get(report.accelerator)
    if rated and energy and report.hours:
        distances.append(abs(math.log10(energy * 1e6 / report.hours / rated)))
    place = known.grid.get((report.country, report.year or 0))
    wanted = usual or place or math.sqrt(math.prod(INTENSITY_RANGE))
    if report.factor:
        distances.append(abs(math.log10(report.factor / wanted)))
    elif energy and report.location:
        distances.append(abs(math.log10(report.location / energy / wanted)))
    return max(distances)


def in_words(
    report: Report,
    known: Known,
    check: str,
    misfit: Misfit,
    found: list[Remedy],
    usual: float | None,
) -> str:
    """Return the remedies as one text, or what is to be said where there are none."""
    if misfit.reconcile:
        return misfit.reconcile
    if check == "implied factor" and usual and not _exact(report, found, usual):
        return _usual_emissions(report, usual)
    if check == "stated factor" and not found:
        return "a location-based factor of the grid; a contract belongs into market-based"
    if found:
        return "; or ".join(remedy.text(report) for remedy in found)
    return _unstated(report, check)


def _exact(report: Report, found: list[Remedy], usual: float) -> bool:
    energy, tonnes = report.it_energy, report.location
    if not (found and energy and tonnes):
        return False
    changed = report.scaled(found[0].name, found[0].factor)
    implied = (changed.location or 0.0) / (changed.it_energy or math.inf)
    return abs(implied / usual - 1) < 0.1


def _usual_emissions(report: Report, usual: float) -> str:
    wanted = (report.it_energy or math.nan) * usual
    return (
        f"emissions of {significant(wanted, 4)} t "
        f"({change(wanted / (report.location or math.nan))}), at the "
        f"{significant(usual, 4)} kg/kWh of the organisation's other runs"
    )


def _unstated(report: Report, check: str) -> str:
    """Return the usual reason, PUE, with its usual size, even where none is stated."""
    hours, watts, energy, factor = report.hours, report.watts, report.energy, report.factor
    tonnes = getattr(report, report.emissions)
    ratio = math.inf
    if check == "emissions" and energy and factor and tonnes:
        ratio = tonnes / (energy * factor)
    elif check == "energy" and hours and watts and energy:
        site = report.site_factor if report.scope == "facility" else 1.0
        ratio = energy / (hours * watts / 1e6 * site)
    ratio = max(ratio, 1 / ratio)
    if ratio < 1.04:
        return "the digits: one number is misprinted or rounded"
    if ratio <= 1.6 and not report.pue:
        return f"PUE {ratio:.2f}: in one of the two and not in the other"
    return "no single input"


# --- two values of one thing --------------------------------------------------------------------

_PAIRS = {
    "energy_mwh": {1e3: "kWh and MWh", 1e6: "Wh and MWh"},
    "t_co2e": {1e3: "kg and t", 1e6: "g and t"},
    "accelerator_hours": {},
}


def between(ratio: float, report: Report, known: Known, tolerance: float, quantity: str) -> str:
    """Return what two values of one quantity disagree about, likeliest first.

    Parameters
    ----------
    ratio : float
        Of the two values, whichever way round.
    tolerance : float
        How near the ratio must come.
    quantity : {"energy_mwh", "t_co2e", "accelerator_hours"}
        What they are values of.
    """
    ratio = max(ratio, 1 / ratio)
    if not math.isfinite(ratio):
        return "no single input"
    power = 10 ** round(math.log10(ratio))
    if power > 1 and abs(ratio / power - 1) <= tolerance:
        units = _PAIRS[quantity].get(power)
        words = f"a factor of {power:,}"
        return f"{units} mixed up: {words}" if units else f"{words} (unit or digit)"
    found = []
    counts = {"PUE": report.pue, "accelerators per node": report.devices}
    for name, value in counts.items():
        if value and value > 1 and abs(ratio / value - 1) <= tolerance:
            found.append(f"{name} ({value:g}): one value has it, the other has not")
    if found:
        return "; or ".join(found)
    found += [
        f"{count} accelerators (or chips) counted as one"
        for count in (2, 4, 8, 16)
        if abs(ratio / count - 1) <= 0.005
    ]
    if ratio > 1.2:
        found += _part_swap(ratio, report.accelerator, known)
    if not found and ratio < 1.05:
        found.append("the digits: one of the two is misprinted or rounded")
    return "; or ".join(found) or "no single input"


def _part_swap(ratio: float, part: str, known: Known) -> list[str]:
    """Return two rated powers with this ratio, one of them of the family of `part`."""
    words = part.split()[1:2]
    family = {watts for name, watts in known.tdp.items() if set(words) & set(name.split())}
    for own in sorted(family):
        for other in sorted(set(known.tdp.values())):
            if abs(ratio / (max(own, other) / min(own, other)) - 1) < 0.003:
                low, high = sorted((own, other))
                return [f"rated power of another part ({low:g} W against {high:g} W)"]
    return []
