"""Name the input that would make a report hold, had it been printed otherwise.

Every slip that is common in practice is tried: one number in another unit, on the other side of
PUE, of nodes in place of accelerators, with a digit too many; or all numbers in other units. What
makes the contradiction go away without making another is named; the likeliest first, the others
after "or". Where no single one explains all that fails, two together are tried. What could only
be guessed from the size of a difference is worded "perhaps".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from caraml_analysis.carbon.checking.arithmetic import (
    CHECKS,
    INTENSITY_RANGE,
    METERED_GPU_RANGE,
    Misfit,
    failing,
    is_rated,
)
from caraml_analysis.carbon.checking.numbers import change
from caraml_analysis.carbon.checking.reports import Known, Report
from caraml_analysis.carbon.quantities import significant

#: A guess reconciles if it brings the numbers as near as this; the digits may be rounded anew.
NEAR = 0.01
#: More guesses than this help nobody.
MOST_SHOWN = 3
#: Power and factor nearer than this to what is usual, in powers of ten, are usual.
_USUAL = 0.5
#: Factors of grids are in use for this many years, and how the average of a country is worded.
_OLDEST_FACTOR, _AVERAGE = 5, "the average of"
#: Differences below this are of digits.
_SMALL = 1.04
#: Rank of a digit too many, among the ranks of `Remedy`.
_DIGIT = 4
#: Rank of another part.
_PART = 6
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


#: Whole reports in other units, which go together: (numbers and factors), and what was meant.
_WHOLE_REPORTS = (
    ({"energy": 1e-3, "emissions": 1e-3}, "energy in kWh and emissions in kg, not MWh and t"),
    ({"factor": 1e-3, "emissions": 1e-3}, "factor in g/kWh and emissions in kg, not kg/kWh and t"),
    ({"energy": 1e3, "factor": 1e-3}, "energy in GWh and factor in g/kWh, not MWh and kg/kWh"),
    (
        {"energy": 1e-3, "factor": 1e-3, "emissions": 1e-3},
        "energy in kWh, factor in g/kWh and emissions in kg, not MWh, kg/kWh and t",
    ),
    (
        {"energy": 1e-3, "factor": 1e-3, "emissions": 1e-6},
        "energy in kWh, factor in g/kWh and emissions in g, not MWh, kg/kWh and t",
    ),
    ({"energy": 1e-3, "emissions": 1e-6}, "energy in kWh and emissions in g, not MWh and t"),
    ({"energy": 1e3, "emissions": 1e3}, "energy in GWh and emissions in kt, not MWh and t"),
)
#: Joules for watt-hours: less common than powers of ten, so only where they fit exactly.
_JOULES = (
    (1 / 3.6, "energy in GJ, not MWh"),
    (1 / 3600, "energy in MJ, not MWh"),
    (1000 / 3.6, "energy in TJ, not MWh"),
    (3.6, "energy divided by 3.6 once too often"),
)
#: More than any run: 100,000 accelerators for half a year; years by the clock of all of them.
MOST_HOURS, MOST_YEARS = 5e8, 2.0


@dataclass(frozen=True)
class Remedy:
    """Numbers of a report, what each must be multiplied by, and what that would mean.

    Parameters
    ----------
    changes : tuple of (str, float)
        Fields of the report, and what their numbers are multiplied by: one, or those that change
        together because the whole report has another unit.
    rank : int
        0 for the most common slips.
    words : str
        What was meant.
    exact_only : bool
        Whether it is only worth naming where it fits exactly.
    """

    changes: tuple[tuple[str, float], ...]
    rank: int
    words: str
    exact_only: bool = False

    def applied(self, report: Report) -> Report:
        """Return the report as it would be."""
        return report.scaled(dict(self.changes))

    def text(self, report: Report) -> str:
        """Return what was meant, and the numbers that would stand there."""
        values = [
            f"{significant(getattr(report, name) * factor, 4)} {_UNITS[name]}"
            for name, factor in self.changes
        ]
        return f"{self.words}: {', '.join(values)}"


@dataclass(frozen=True)
class TwoSlips:
    """Two slips in one report, which fit only together."""

    first: Remedy
    second: Remedy

    def applied(self, report: Report) -> Report:
        """Return the report as it would be."""
        return self.second.applied(self.first.applied(report))

    def text(self, report: Report) -> str:
        """Return both, and the numbers that would stand there."""
        return f"two slips: {self.first.text(report)}, and {self.second.text(report)}"


def remedies(report: Report, known: Known) -> Iterator[Remedy]:
    """Yield every common slip that the numbers of a report could have suffered."""
    emissions = report.emissions
    for rank, units in enumerate((_OTHER_UNITS, _RARER_UNITS)):
        for name, factor, words in units:
            field = emissions if name == "emissions" else name
            yield Remedy(((field, factor),), rank, words)
        for changes, words in _WHOLE_REPORTS if rank == 0 else ():
            yield Remedy(
                tuple((emissions if n == "emissions" else n, f) for n, f in changes.items()),
                rank,
                words,
            )
    for factor, words in _JOULES:
        yield Remedy((("energy", factor),), 1, words, exact_only=True)
    if report.pue and report.pue > 1:
        pue = report.pue
        for name in ("energy", emissions):
            noun = _NOUNS[name]
            yield Remedy(((name, pue),), 2, f"PUE ({pue:g}): not in the {noun}, but in the rest")
            yield Remedy(
                ((name, 1 / pue),), 2, f"PUE ({pue:g}): in the {noun}, but not in the rest"
            )
    for count in (8, 4, 16, 2):
        words = f"node-hours ({count} accelerators each)"
        yield Remedy((("hours", count),), 3, words, exact_only=count != 8)
        words = f"power of a node of {count} accelerators"
        yield Remedy((("watts", 1 / count),), 3, words, exact_only=count != 8)
    if report.devices and report.devices > 1 and report.devices not in (8, 4, 16, 2):
        words = f"hours by the clock, of {report.devices:,g} accelerators"
        yield Remedy((("hours", report.devices),), 3, words, exact_only=True)
    yield Remedy((("hours", 24),), 5, "days, not hours", exact_only=True)
    for name in ("energy", emissions, "factor", "hours", "watts"):
        for power in (1, 2):
            words = f"a factor of {10**power:,} (unit or digit) in the {_NOUNS[name]}"
            yield Remedy(((name, 10.0**-power),), _DIGIT, words)
            yield Remedy(((name, 10.0**power),), _DIGIT, words)
    yield from _other_parts(report, known)


def _other_parts(report: Report, known: Known) -> Iterator[Remedy]:
    if not report.watts or report.watts not in known.tdp.values():
        return
    for other in sorted(set(known.tdp.values()) - {report.watts}):
        words = f"rated power of another part ({report.watts:g} W against {other:g} W)"
        yield Remedy((("watts", other / report.watts),), _PART, words, exact_only=True)


def reconcile(
    report: Report, known: Known, check: str, usual: float | None = None
) -> tuple[list[Remedy] | list[TwoSlips], set[str]]:
    """Return the slips that would explain one failing check, likeliest first.

    Parameters
    ----------
    check : str
        One of `arithmetic.CHECKS`, which the report does not pass.
    usual : float, optional
        Factor that the report should imply, kg/kWh: that of its organisation's other runs.

    Returns
    -------
    list of Remedy or of TwoSlips
        At most ``MOST_SHOWN``; empty if nothing explains it. Two slips only where no single input
        explains all that fails.
    set of str
        The failing checks that the first one explains, too.
    """
    before = failing(report, known)
    fitting: list[tuple[int, bool, float, int, Remedy]] = []
    for place, remedy in enumerate(remedies(report, known)):
        if not _possible(report, remedy):
            continue
        changed = remedy.applied(report)
        if CHECKS[check](changed, known, NEAR):  # most remedies end here
            continue
        after = failing(changed, known, NEAR)
        if after - before:
            continue
        distance = _distance(changed, known, usual) if check in _OF_RANGES else 0.0
        loose = distance > NEAR
        # of powers of ten, only the one that comes nearest to what is usual
        far = remedy.rank == _DIGIT and distance >= _USUAL
        if not (far or (loose and remedy.exact_only)):
            fitting.append((len(after), loose, remedy.rank, place, remedy))
    fitting.sort(key=lambda fit: fit[:4])
    # they explain all that fails, so that trying them for the first of it is enough
    is_first = check == next(name for name in CHECKS if name in before)
    if is_first and len(before) > 1 and (not fitting or fitting[0][0]):
        two = _two_slips(report, known, usual)
        if two:
            return two, before
    if not fitting:
        return [], set()
    left, loose = fitting[0][:2]
    found = [fit[4] for fit in fitting if fit[:2] == (left, loose)][:MOST_SHOWN]
    return found, before - failing(found[0].applied(report), known, NEAR)


def _possible(report: Report, remedy: Remedy) -> bool:
    """Return whether the numbers are printed, and would be hours that a run can have."""
    if not all(getattr(report, name) for name, _ in remedy.changes):
        return False
    for name, factor in remedy.changes:
        if name == "hours" and factor > 1:
            hours = (report.hours or 0.0) * factor
            years = hours / report.devices / 8760 if report.devices else 0.0
            if hours > MOST_HOURS or years > MOST_YEARS:
                return False
    return True


def _two_slips(report: Report, known: Known, usual: float | None) -> list[TwoSlips]:
    """Return the likeliest two slips after which everything holds, and what else is as likely.

    Only units, digits and hours of nodes: with more, some two fit any numbers. What they lead to
    must be usual, for the same reason.
    """
    single = [
        remedy
        for remedy in remedies(report, known)
        if len(remedy.changes) == 1
        and remedy.rank in (0, 1, 3, _DIGIT)
        and (remedy.rank == 1 or not remedy.exact_only)
        and _possible(report, remedy)
    ]
    fitting: list[tuple[float, float, int, TwoSlips]] = []
    # what failed fails most of the pairs, too
    checks = sorted(CHECKS, key=lambda name: CHECKS[name](report, known) is None)
    for place, first in enumerate(single):
        half = first.applied(report)
        for second in single[place + 1 :]:
            if first.changes[0][0] == second.changes[0][0]:
                continue
            changed = second.applied(half)
            if any(CHECKS[name](changed, known, NEAR) for name in checks):
                continue
            distance = _distance(changed, known, usual)
            if distance < _USUAL:
                two = TwoSlips(first, second)
                fitting.append((_rarity(first) + _rarity(second), distance, place, two))
    fitting.sort(key=lambda fit: fit[:3])
    return [fit[3] for fit in fitting if fit[0] == fitting[0][0]][:2]


def _rarity(remedy: Remedy) -> float:
    """Return the rank, of two digits a little more than of one."""
    digits = abs(math.log10(remedy.changes[0][1])) if remedy.rank == _DIGIT else 1.0
    return remedy.rank + (digits - 1) / 2


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
    found: Sequence[Remedy | TwoSlips],
    usual: float | None,
) -> str:
    """Return the remedies as one text, or what is to be said where there are none."""
    if misfit.reconcile:
        return misfit.reconcile
    if check == "implied factor" and usual and not _exact(report, found, usual):
        return _usual_emissions(report, usual)
    if check == "stated factor" and not found:
        return "a location-based factor of the grid; a contract belongs into market-based"
    texts = [remedy.text(report) for remedy in found]
    if not texts:
        texts = _unstated(report, known, check)
    elif check == "energy" and all(
        isinstance(remedy, Remedy) and remedy.rank == _PART for remedy in found
    ):
        texts = [*_of_load(report, known), *texts]
    return "; or ".join(texts[:MOST_SHOWN]) or "no single input"


def _exact(report: Report, found: Sequence[Remedy | TwoSlips], usual: float) -> bool:
    energy, tonnes = report.it_energy, report.location
    if not (found and energy and tonnes):
        return False
    changed = found[0].applied(report)
    implied = (changed.location or 0.0) / (changed.it_energy or math.inf)
    return abs(implied / usual - 1) < 0.1


def _usual_emissions(report: Report, usual: float) -> str:
    wanted = (report.it_energy or math.nan) * usual
    return (
        f"emissions of {significant(wanted, 4)} t "
        f"({change(wanted / (report.location or math.nan))}), at the "
        f"{significant(usual, 4)} kg/kWh of the organisation's other runs"
    )


def _unstated(report: Report, known: Known, check: str) -> list[str]:
    """Return what usually lies behind a small difference, likeliest first; possibilities only."""
    energy, hours, watts, factor = report.energy, report.hours, report.watts, report.factor
    tonnes = getattr(report, report.emissions)
    if check == "emissions" and energy and factor and tonnes:
        ratio = tonnes / (energy * factor)
        others = _other_factor(report, known, tonnes / energy)
    elif check == "energy" and hours and watts and energy:
        site = report.site_factor if report.scope == "facility" else 1.0
        ratio = energy / (hours * watts / 1e6 * site)
        others = _of_load(report, known)
        if ratio > 1 and report.scope != "gpu":
            others = [*others, "perhaps the hosts: in the energy and not in the power"]
    else:
        return []
    size = max(ratio, 1 / ratio)
    if size < _SMALL:
        return ["the digits: one number is misprinted or rounded"]
    if report.pue or size > 1.6:
        return others if check == "energy" and ratio < 1 else []
    pue = f"perhaps PUE {size:.2f}: in one of the two and not in the other"
    # energy after PUE is above hours x power, and sites of large operators stay below 1.3
    likely = size <= 1.3 and not (check == "energy" and ratio < 1)
    exact = any(_AVERAGE in other for other in others)
    return [pue, *others] if likely and not exact else [*others, pue]


def _of_load(report: Report, known: Known) -> list[str]:
    """Return that energy was metered, or a load assumed, where the stated power is a rated one."""
    hours, watts, energy = report.hours, report.watts, report.it_energy
    if report.basis == "circular" or not (hours and watts and energy and is_rated(report, known)):
        return []
    load = energy / (hours * watts / 1e6)
    if not METERED_GPU_RANGE[0] <= load < 1 / _SMALL:
        return []
    return [f"perhaps a load of {load:.0%}: energy that was metered, beside the rated power"]


def _other_factor(report: Report, known: Known, implied: float) -> list[str]:
    """Return that another factor was used: the average of the place, or an unknown one."""
    low, high = INTENSITY_RANGE
    if not low <= implied <= high:
        return []
    if report.year:
        # the year itself first, then the ones before: tables appear late and are used for long
        for year in range(report.year, report.year - _OLDEST_FACTOR - 1, -1):
            factor = known.grid.get((report.country, year))
            if factor and abs(factor / implied - 1) <= NEAR:
                place = f"{report.country} in {year}"
                return [
                    f"perhaps another factor, {_AVERAGE} {place}: {significant(implied)} kg/kWh"
                ]
    return [f"perhaps another factor (region, year or edition): {significant(implied)} kg/kWh"]


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
