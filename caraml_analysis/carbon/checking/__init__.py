"""Does a report's own arithmetic hold? Rules over what was printed, never over names.

Each finding says what does not fit, and which single input would make it fit. A *slip* is a
contradiction, or a figure that is not what its column says; a *note* is worth knowing when the
figure is used. Values count as printed: a difference of one in the last printed digit is no
finding.

- `reports`: what one report prints, and what is known without it
- `numbers`: numbers as printed, and differences in words
- `arithmetic`: rules on the numbers of one report
- `classification`: rules on how a report classifies its numbers
- `comparing`: rules on several reports, or several values of one thing
- `reconciling`: which single input would make a report hold
- `scoring`: how many known slips the rules find

`reproduce/reported_file.py` reads a CSV of a user's own, `carbon/planting.py` plants slips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from caraml_analysis import tables
from caraml_analysis.carbon.checking import classification, comparing
from caraml_analysis.carbon.checking.arithmetic import CHECKS, can_be_compared, failing
from caraml_analysis.carbon.checking.numbers import is_given
from caraml_analysis.carbon.checking.reconciling import TwoSlips, in_words, reconcile
from caraml_analysis.carbon.checking.reports import (
    CLASSES,
    COLUMNS,
    NOTE,
    SLIP,
    Finding,
    Known,
    Report,
    known_values,
    not_a_class,
    report_of,
)
from caraml_analysis.carbon.checking.scoring import CLAIMS, CLASSIFIED, false_alarms, recall
from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CLAIMS",
    "CLASSIFIED",
    "LEAST",
    "MOST",
    "NOTE",
    "SLIP",
    "Finding",
    "Known",
    "Printed",
    "check_runs",
    "false_alarms",
    "find",
    "incomparable",
    "known_values",
    "recall",
]
#: Beyond these, no slip of unit makes a number of a report: it is not what its column says.
LEAST, MOST = 1e-9, 1e12
_ALONE = "no single input reconciles all; for this alone:"
_FINDING = ("run", "rule", "severity", "message", "reconcile")


@dataclass(frozen=True)
class Printed:
    """What is printed beside the table of runs: other values, and totals of families."""

    values: pd.DataFrame
    totals: pd.DataFrame


def check_runs(
    runs: pd.DataFrame,
    accelerators: pd.DataFrame,
    grid: pd.DataFrame,
    printed: Printed | None = None,
) -> pd.DataFrame:
    """Return what does not fit in reported runs.

    Parameters
    ----------
    runs : DataFrame
        Indexed by ``run``; columns of :func:`caraml_analysis.load_runs`. Missing values are allowed
        everywhere: a rule speaks only where its inputs are printed.
    accelerators : DataFrame
        Indexed by ``accelerator``, with ``tdp_w`` (W).
    grid : DataFrame
        ``iso3``, ``year``, ``g_co2e_per_kwh``.
    printed : Printed, optional
        Other values printed for a run (``run``, ``quantity``, ``value``, ``source``) and totals of
        families (``report``, ``members``, ``quantity``, ``value``).

    Returns
    -------
    DataFrame
        ``run``, ``rule``, ``severity`` (slip or note), ``message`` and ``reconcile``, slips first.
        ``reconcile`` names the likeliest input first and others after "or".

    Raises
    ------
    TableError
        If the table is empty, lacks a column, or holds what cannot be: a text where a number
        belongs, a negative or absurd number, a PUE outside 1 to 3, a scope or a basis that there
        is not. Names the column and the run.
    """
    import pandas as pd

    runs = _checked(runs)
    known = known_values(accelerators, grid)
    reports = [report_of(row) for row in runs.itertuples()]
    findings = find(reports, known)
    if printed is not None:
        by_run = {report.run: report for report in reports}
        findings += comparing.printed_twice(by_run, printed.values, known)
        findings += comparing.totals(runs, printed.totals)
    table = pd.DataFrame([asdict(finding) for finding in findings], columns=list(_FINDING))
    order = table["severity"].map({SLIP: 0, NOTE: 1})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def find(reports: Sequence[Report], known: Known, only: str | None = None) -> list[Finding]:
    """Return what the rules find in reports alone, unsorted; rules on one run for `only` one."""
    siblings = comparing.siblings(reports)
    findings: list[Finding] = []
    broken: set[str] = set()
    for report in reports:
        if only is not None and report.run != only:
            continue
        sibling = siblings.get(report.run)
        if failing(report, known):
            broken.add(report.run)
        findings += _arithmetic(report, known, sibling.usual if sibling else None)
        # what numbers imply that contradict each other is no finding of its own, and that a factor
        # is unlike its siblings says more than that it is unlike its place
        doubtful = report.run in broken or (sibling is not None and sibling.is_odd)
        for rule in classification.RULES:
            implied = rule is classification.factor_of_place and report.factor is None
            if not (doubtful and implied):
                findings += rule(report, known)
    sound = [sibling for run, sibling in siblings.items() if run not in broken]
    return [*findings, *comparing.odd_siblings(sound)]


def incomparable(runs: pd.DataFrame, accelerators: pd.DataFrame, grid: pd.DataFrame) -> list[str]:
    """Return the runs that print no two numbers which could be held against one another.

    Parameters
    ----------
    runs, accelerators, grid : DataFrame
        As in :func:`check_runs`.
    """
    known = known_values(accelerators, grid)
    reports = [report_of(row) for row in runs.itertuples()]
    return [report.run for report in reports if not can_be_compared(report, known)]


def _arithmetic(report: Report, known: Known, usual: float | None) -> Iterator[Finding]:
    """Yield one finding for each cause: what one input, or two, explain is said once."""
    found: list[Finding] = []
    explained: set[str] = set()
    for name, check in CHECKS.items():
        misfit = None if name in explained else check(report, known)
        if misfit is None:
            continue
        remedies, also = reconcile(report, known, name, usual)
        if misfit.reconcile and remedies and isinstance(remedies[0], TwoSlips):
            remedies, also = [], {name}  # the misfit says itself what reconciles it
        explained |= also
        rules = {
            other.rule
            for other in (CHECKS[key](report, known) for key in also - {name})
            if other and other.rule != misfit.rule
        }
        message = misfit.message
        if rules:
            same = "inputs explain" if isinstance(remedies[0], TwoSlips) else "input explains"
            message += f" The same {same} {', '.join(sorted(rules))}."
        words = in_words(report, known, name, misfit, remedies, usual)
        found.append(Finding(report.run, misfit.rule, SLIP, message, words))
    for finding in found:
        # what is named for each may contradict what is named for another
        alone = len(found) > 1 and finding.reconcile != "no single input"
        words = f"{_ALONE} {finding.reconcile}" if alone else finding.reconcile
        yield replace(finding, reconcile=words)


def _checked(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with numbers as numbers; refuse what cannot be."""
    import pandas as pd

    if runs.empty:
        raise TableError("there are no runs to check. Nothing was computed.")
    wanted = ("accelerator", "date", "energy_scope", "energy_basis", "training_country")
    tables.require_columns(runs, (*wanted, *COLUMNS.values()), "runs to check")
    numbers = {name: pd.to_numeric(runs[name], errors="coerce") for name in COLUMNS.values()}
    low, high = LIMITS["pue"]
    for name, column in numbers.items():
        given = runs[name].map(is_given)
        _refuse(runs, name, given & column.isna(), "is {!r}, which is not a number")
        _refuse(runs, name, column < 0, "is below 0")
        absurd = (column > 0) & ~column.between(LEAST, MOST)
        _refuse(runs, name, absurd, "is a number that no report prints")
    pue = numbers["reported_pue"]
    outside = pue.notna() & ~pue.between(low, high)
    _refuse(runs, pue.name, outside, f"is {{}}; it must lie between {low:g} and {high:g}")
    for name, words in CLASSES.items():
        if name in runs.columns:
            wrong = runs[name].map(is_given) & ~runs[name].isin(words)
            why = not_a_class(name, next(iter(runs[name][wrong]), ""))
            _refuse(runs, name, wrong, f"is {{!r}}; {why.removesuffix('.')}")
    return runs.assign(**{name: column.astype(float) for name, column in numbers.items()})


def _refuse(runs: pd.DataFrame, name: Any, wrong: pd.Series, why: str) -> None:
    if wrong.any():
        end = "" if why.endswith("?") else "."
        raise TableError(
            f"{name} of {runs.index[wrong][0]} {why.format(runs[name][wrong].iloc[0])}{end} "
            "Correct the row; nothing was computed."
        )
