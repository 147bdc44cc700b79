"""Rules on several reports, or on several values of one thing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caraml_analysis.carbon.checking.numbers import change, rounding
from caraml_analysis.carbon.checking.reconciling import between
from caraml_analysis.carbon.checking.reports import SLIP, Finding, Known, Report
from caraml_analysis.carbon.quantities import significant

if TYPE_CHECKING:
    import pandas as pd

#: Runs of one organisation on one part should imply one factor, within rounding and this.
FAR_FROM_SIBLINGS = 0.03
#: Parts of one family that are mixed in one run change its mean power by less than this.
MIXED_PARTS = 1.35
#: Fewer runs of one organisation on one part show no habit.
FEWEST_SIBLINGS = 4
_WORDS = {
    "accelerator_hours": "accelerator-hours",
    "energy_mwh": "MWh",
    "t_co2e": "t CO2e",
    "kg_co2e_per_kwh": "kg/kWh",
}
_NUMBERS = {"accelerator_hours": "hours", "energy_mwh": "energy", "t_co2e": "location"}
_COLUMNS = {
    "accelerator_hours": "accelerator_hours",
    "energy_mwh": "reported_energy_mwh",
    "t_co2e": "reported_t_co2e_location",
}


# --- runs of one organisation on one part ---------------------------------------------------------


@dataclass(frozen=True)
class Sibling:
    """A run beside others of its organisation on the same part: the factors that they imply."""

    report: Report
    implied: float
    slack: float
    usual: float

    @property
    def is_odd(self) -> bool:
        """Whether the run implies another factor than its siblings."""
        return abs(self.implied / self.usual - 1) > FAR_FROM_SIBLINGS + self.slack


def siblings(reports: Iterable[Report]) -> dict[str, Sibling]:
    """Return the runs that have siblings, by name: at least three others.

    Only runs whose energy is hours x an assumed power: there a factor is all that is left. A run
    without an organisation has no siblings.
    """
    reports = list(reports)
    groups: dict[tuple[str, str], list[tuple[Report, float]]] = {}
    names = shortest_names(report.organisation for report in reports)
    for report in reports:
        energy, tonnes = report.it_energy, report.location
        own = names.get(report.organisation)
        if own and report.accelerator and report.basis == "circular" and energy and tonnes:
            groups.setdefault((own, report.accelerator), []).append((report, tonnes / energy))
    return {
        report.run: Sibling(report, implied, _slack(report), _middle(group))
        for group in groups.values()
        if len(group) >= FEWEST_SIBLINGS
        for report, implied in group
    }


def shortest_names(organisations: Iterable[str]) -> dict[str, str]:
    """Return for each organisation the shortest name in the table that begins its own.

    Examples
    --------
    >>> shortest_names(["Meta AI", "Meta", "University of A", "University of B", ""])["Meta AI"]
    'meta'
    """
    words = {name: tuple(re.findall(r"\w+", name.casefold())) for name in organisations}
    known = set(words.values())
    return {
        name: " ".join(next(own[:n] for n in range(1, len(own) + 1) if own[:n] in known))
        for name, own in words.items()
        if own
    }


def _slack(report: Report) -> float:
    slack = report.rounded["location"] / 2
    if "s.f." in report.hours_basis and report.hours:
        slack += report.rounded["hours"] / 2
    return slack


def _middle(group: list[tuple[Report, float]]) -> float:
    ordered = sorted(implied for _, implied in group)
    return ordered[len(ordered) // 2]


def odd_siblings(found: Iterable[Sibling]) -> Iterator[Finding]:
    """Find runs whose implied factor is not that of the same organisation on the same part."""
    for sibling in found:
        if sibling.is_odd:
            report, off = sibling.report, sibling.implied / sibling.usual
            yield Finding(
                report.run,
                "factor-of-siblings",
                SLIP,
                f"hours x power imply {sibling.implied:.4f} kg/kWh; the organisation's other runs "
                f"on {report.accelerator} imply {sibling.usual:.4f} kg/kWh ({change(off)}).",
                _of_sibling(sibling),
            )


def _of_sibling(sibling: Sibling) -> str:
    report, off = sibling.report, sibling.implied / sibling.usual
    power = 10.0 ** round(abs(math.log10(off)))
    if power > 1 and abs(max(off, 1 / off) / power - 1) <= FAR_FROM_SIBLINGS + sibling.slack:
        wanted = significant((report.location or 0.0) / off, 4)
        return f"a factor of {power:,.0f} (unit or digit) in the emissions: {wanted} t"
    other = f"a factor that changed to {sibling.implied:.4f} kg/kWh"
    if not 1 / MIXED_PARTS < off < MIXED_PARTS:
        tonnes = report.location or 0.0
        return f"emissions of {significant(tonnes / off, 4)} t ({change(1 / off)}); or {other}"
    if report.watts and report.energy is None:
        watts = significant(report.watts * off)
        return f"power of {watts} W in place of {report.watts:g} W ({change(off)}); or {other}"
    return other


# --- several values of one thing ------------------------------------------------------------------


def printed_twice(
    reports: dict[str, Report], values: pd.DataFrame, known: Known
) -> Iterator[Finding]:
    """Find runs for which different values of one quantity are printed."""
    for (run, quantity), group in values.groupby(["run", "quantity"], sort=False):
        if run not in reports or quantity not in _NUMBERS:
            continue
        report = reports[run]
        own = getattr(report, _NUMBERS[quantity])
        printed = [(own, "the report")] if own is not None else []
        printed += [(float(v), s) for v, s in zip(group["value"], group["source"], strict=True)]
        smallest, largest = min(printed), max(printed)
        if smallest[0] == largest[0] or smallest[0] <= 0:
            continue
        ratio = largest[0] / smallest[0]
        tolerance = rounding(largest[0]) + rounding(smallest[0])
        meaning = _grid_swap(report, values, ratio) if quantity == "t_co2e" else ""
        meaning = meaning or between(ratio, report, known, max(tolerance, 0.004), quantity)
        yield Finding(
            str(run),
            "printed-twice",
            SLIP,
            f"{len(printed)} values are printed for one run, "
            f"{smallest[0]:,.10g} ({smallest[1]}) to {largest[0]:,.10g} {_WORDS[quantity]} "
            f"({largest[1]}): "
            + (f"{significant(ratio, 4)} times." if ratio >= 1.5 else f"{ratio - 1:.2%} apart."),
            meaning,
        )


def _grid_swap(report: Report, values: pd.DataFrame, ratio: float) -> str:
    others = values[(values["run"] == report.run) & (values["quantity"] == "kg_co2e_per_kwh")]
    own = report.factor
    if not own:
        return ""
    for other in others["value"].astype(float):
        swap = max(own / other, other / own)
        pue = report.site_factor
        for factor, word in ((swap, ""), (swap * pue, f" and PUE {pue:g}")):
            if abs(ratio / factor - 1) <= 0.02:
                return f"grid factor: {own:g} against {other:g} kg/kWh{word}"
    return ""


# --- totals ---------------------------------------------------------------------------------------


def totals(runs: pd.DataFrame, printed_totals: pd.DataFrame) -> Iterator[Finding]:
    """Find totals that are not the sum of their rows, and totals copied from another report."""
    seen: dict[tuple[str, float], str] = {}
    for total in printed_totals.itertuples():
        quantity, value = str(total.quantity), float(total.value)  # type: ignore[arg-type]
        members = [run for run in str(total.members).split(";") if run in runs.index]
        numbers = runs.loc[members, _COLUMNS[quantity]].astype(float).fillna(0.0)
        derived = runs.loc[members, "certainty"] == "derived"
        printed = float(numbers[~derived].sum())
        copied = seen.get((quantity, value))
        word = _WORDS[quantity]
        if copied:
            for run in members:
                yield Finding(
                    run,
                    "copied-total",
                    SLIP,
                    f"the text prints {value:,.10g} {word} in all, which is the total of {copied}; "
                    f"its rows add up to {printed:,.10g} {word}.",
                    f"the text of {total.report} itself",
                )
        elif members and not _adds_up(numbers[~derived], value):
            filled = derived.any() and _adds_up(numbers, value)
            for run in numbers.index[derived] if filled else numbers.nlargest(2).index:
                yield Finding(
                    str(run),
                    "total",
                    SLIP,
                    f"the report prints {value:,.10g} {word} in all; its rows add up to "
                    f"{printed:,.10g} {word}.",
                    f"a row of {_missing(value, printed)} {word}"
                    + (
                        " (this one, found by difference)"
                        if filled
                        else " that is not in the table"
                    ),
                )
        seen.setdefault((quantity, value), str(total.report))


def _missing(total: float, printed: float) -> str:
    """Return the difference with one digit more than the total has."""
    unit = rounding(total) * total / 10
    return f"{round((total - printed) / unit) * unit:,.10g}"


def _adds_up(numbers: pd.Series, total: float) -> bool:
    allowed = sum(rounding(number) * number for number in numbers) + rounding(total) * total
    return abs(float(numbers.sum()) - total) <= allowed
