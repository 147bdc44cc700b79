"""Slips planted into reports that hold: what the rules find, name rightly, and blame wrongly.

Each kind spoils one printed number (two where it says so) in a way that happens in practice, in
one run at a time, among the runs in which the rules find nothing. The last `UNTRIED` kinds are
none that the rules try as a cause: right is to name the number that was spoiled, or to admit that
no single input explains it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.checking import SLIP, Known, find, known_values
from caraml_analysis.carbon.checking.numbers import rounding
from caraml_analysis.carbon.checking.reports import Report, report_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """A kind of slip.

    Parameters
    ----------
    name : str
        In words.
    fields : tuple of str
        The numbers of a `Report` that are spoiled.
    spoil : callable
        Report and known values in; the wrong number of each field out, or None where the report
        lacks what is needed.
    cause : str
        Pattern of the words with which `reconcile` names it.
    """

    name: str
    fields: tuple[str, ...]
    spoil: Callable[[Report, Known], tuple[float, ...] | None]
    cause: str


def _one(name: str, field: str, spoil: Callable[[Report, Known], float | None], cause: str) -> Kind:
    def spoiled(report: Report, known: Known) -> tuple[float, ...] | None:
        value = spoil(report, known)
        return None if value is None else (value,)

    return Kind(name, (field,), spoiled, cause)


def _times(name: str, field: str, factor: float, cause: str) -> Kind:
    def spoil(report: Report, known: Known) -> float | None:
        value = getattr(report, field)
        return None if value is None else value * factor

    return _one(name, field, spoil, cause)


def _both(name: str, fields: tuple[str, str], factor: float, cause: str) -> Kind:
    """Return a kind that multiplies two numbers, in reports with hours and power beside them."""

    def spoil(report: Report, known: Known) -> tuple[float, ...] | None:
        values = [getattr(report, field) for field in fields]
        if not (report.hours and report.watts and all(values)):
            return None
        return tuple(value * factor for value in values)

    return Kind(name, fields, spoil, cause)


def _no_emissions(report: Report, known: Known) -> float | None:
    # what is printed as 0 may be anything below 1
    return 0.0 if report.location and report.location >= 1 else None


def _other_side(report: Report, known: Known) -> float | None:
    if report.energy is None or report.site_factor <= 1.05:
        return None
    if report.scope == "facility":
        return report.energy / report.site_factor
    return report.energy * report.site_factor


def _other_part(report: Report, known: Known) -> float | None:
    """Return the next lower rated power that a part of the table has."""
    lower = {watts for watts in known.tdp.values() if report.watts and watts < report.watts}
    return max(lower) if lower and report.watts in known.tdp.values() else None


def _swapped(report: Report, known: Known) -> float | None:
    """Return the emissions with their first two digits swapped, if that changes them."""
    digits = f"{report.location or 0.0:.10g}"
    swapped = re.sub(r"^(\d)(\d)", r"\2\1", digits)
    return None if swapped == digits or swapped.startswith("0") else float(swapped)


_DIGIT = r"a factor of 10 \(unit or digit\) in the "
KINDS = (
    _times("energy ten times too large", "energy", 10, f"{_DIGIT}energy"),
    _times("energy ten times too small", "energy", 0.1, f"{_DIGIT}energy"),
    _times("energy in kWh, printed as MWh", "energy", 1000, "energy in kWh"),
    _times("energy in GWh, printed as MWh", "energy", 0.001, "energy in GWh"),
    _one("energy on the other side of PUE", "energy", _other_side, r"PUE|energy (before|after)"),
    _times("hours of nodes, printed as accelerator-hours", "hours", 1 / 8, "node-hours"),
    _times("emissions in kg, printed as t", "location", 1000, "emissions in kg"),
    _times(
        "emissions ten times too small",
        "location",
        0.1,
        f"{_DIGIT}emissions|region and the edition",
    ),
    _times("factor in g/kWh, printed as kg/kWh", "factor", 1000, "factor in grams"),
    _times(
        "factor in kg/kWh, taken for g/kWh and divided by 1,000",
        "factor",
        0.001,
        "factor divided by",
    ),
    _times("factor in lb/kWh, printed as kg/kWh", "factor", 1 / 0.45359237, "factor in lb/kWh"),
    _times("power in kW, printed as W", "watts", 0.001, "power in kW"),
    _one("rated power of the next smaller part", "watts", _other_part, "another part|in place of"),
    _one("market-based 0, printed as location-based", "location", _no_emissions, "market-based 0"),
    _times("energy in GJ, printed as MWh", "energy", 3.6, "energy in GJ"),
    _both(
        "two: energy in kWh and emissions in kg, printed as MWh and t",
        ("energy", "location"),
        1000,
        "energy in kWh and emissions in kg",
    ),
    _both(
        "two: energy and factor ten times too small",
        ("energy", "factor"),
        0.1,
        f"{_DIGIT}energy.* and .*{_DIGIT}factor",
    ),
    _times(
        "emissions in short tons, printed as t",
        "location",
        1 / 0.90718474,
        r"emissions|no single input",
    ),
    _one("first two digits of the emissions swapped", "location", _swapped, "emissions|no single"),
)


#: How many of the last kinds the rules do not try.
UNTRIED = 2


def plant_slips(runs: pd.DataFrame, accelerators: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Return how many planted slips the rules find, name, and how many sound runs they blame.

    Parameters
    ----------
    runs, accelerators, grid : DataFrame
        As in :func:`caraml_analysis.carbon.checking.check_runs`.

    Returns
    -------
    DataFrame
        ``kind``; ``planted``: runs that hold and print what is spoiled, and something to hold it
        against; ``found``: blamed for any slip; ``named_first`` and ``named``: with the right cause
        first, or among others; ``others_blamed``: slips claimed of runs beside the spoiled one.
    """
    import pandas as pd

    known = known_values(accelerators, grid)
    every = [report_of(row) for row in runs.itertuples()]
    blamed = {finding.run for finding in find(every, known) if finding.severity == SLIP}
    reports = [report for report in every if report.run not in blamed]
    rows = []
    for kind in KINDS:
        counts = dict.fromkeys(("planted", "found", "named_first", "named", "others_blamed"), 0)
        for report in reports:
            if not all(checkable(report, field, known) for field in kind.fields):
                continue
            values = kind.spoil(report, known)
            if values is None:
                continue
            numbers: dict[str, Any] = dict(zip(kind.fields, values, strict=True))
            digits = {field: rounding(number) for field, number in numbers.items()}
            spoiled = replace(report, **numbers, rounded=report.rounded | digits)
            among = [spoiled if other is report else other for other in reports]
            # only the spoiled run and its siblings can have changed
            slips = [f for f in find(among, known, only=report.run) if f.severity == SLIP]
            texts = [slip.reconcile for slip in slips if slip.run == report.run]
            causes = [cause for text in texts for cause in text.split("; or ")]
            counts["planted"] += 1
            counts["found"] += bool(texts)
            counts["named"] += any(re.search(kind.cause, cause) for cause in causes)
            counts["named_first"] += any(
                re.search(kind.cause, text.split("; or ")[0]) for text in texts
            )
            counts["others_blamed"] += sum(slip.run != report.run for slip in slips)
        rows.append({"kind": kind.name} | counts)
    return pd.DataFrame(rows)


def checkable(report: Report, field: str, known: Known) -> bool:
    """Return whether anything else is printed that a number could be held against."""
    power = bool(report.hours and report.watts)
    product = bool(report.energy and report.factor and report.location)
    if field == "energy":
        return bool(report.energy and (power or product))
    if field == "hours":
        return power and bool(report.energy)
    if field == "watts":
        return power and bool(report.energy or report.location)
    if field == "factor":
        return product
    return bool(report.location and (report.energy or power))
