"""How good are the rules? Which known slips they find, and what they claim beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from caraml_analysis.carbon.checking.reports import SLIP

if TYPE_CHECKING:
    import pandas as pd

#: Which rules may claim which known slip; codes are those of docs/carbon.md.
CLAIMS = {
    "C1": ("intensity-range",),
    "C2": ("copied-total",),
    "C3": ("total",),
    "C4": ("printed-twice",),
    "C5": ("printed-twice", "power-range"),
    "C6": ("factor-of-place",),
    "C7": ("pue-side", "printed-twice", "emissions-arithmetic"),
    "C8": ("printed-twice",),
    "C9": ("printed-twice",),
    "C10": ("printed-twice",),
    "C11": ("printed-twice",),
    "C12": ("power-elsewhere",),
    "C13": ("printed-twice", "emissions-arithmetic"),
    "C14": ("net-only", "scope-missing"),
    "C15": ("total",),
    "C16": ("intensity-range",),
    "C17": ("life-cycle-only",),
    "C18": ("third-party",),
    "C19": ("factor-of-siblings",),
    "C20": ("allocation",),
}

#: Rules that compare nothing: they repeat how whoever entered the report classified it. What they
#: find says that the table was filled with care, not that a rule can see.
CLASSIFIED = ("power-elsewhere", "net-only", "scope-missing", "life-cycle-only", "third-party")


def _evidence(rule: str) -> str:
    if rule in CLASSIFIED:
        return "classification"
    return "second value" if rule == "printed-twice" else "arithmetic"


def recall(findings: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return each known slip with what the rules say of it.

    Parameters
    ----------
    findings : DataFrame
        From :func:`caraml_analysis.carbon.checking.check_runs`.
    runs : DataFrame
        With ``known_slip``: codes joined by ``;``.

    Returns
    -------
    DataFrame
        ``run``, ``code``, ``found``, ``rule`` (that found it) and ``evidence``: ``arithmetic`` (of
        the report's own numbers, beside others or totals), ``second value`` (somebody collected
        another printed value) or ``classification`` (a label of the table is repeated). The three
        are not to be added up as if they were one.
    """
    import pandas as pd

    slips = findings[findings["severity"] == SLIP]
    rows = []
    for run, cell in runs["known_slip"].dropna().items():
        for code in str(cell).split(";"):
            own = slips[(slips["run"] == run) & slips["rule"].isin(CLAIMS[code])]
            rows.append(
                {
                    "run": run,
                    "code": code,
                    "found": not own.empty,
                    "rule": "" if own.empty else own.iloc[0]["rule"],
                    "evidence": "" if own.empty else _evidence(own.iloc[0]["rule"]),
                }
            )
    return pd.DataFrame(rows, columns=["run", "code", "found", "rule", "evidence"])


def false_alarms(findings: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the slips that are claimed beside the known ones.

    A claim is no false alarm if a known slip of the run is of its kind, as :func:`recall` counts
    them. Some of these may be slips that nobody has noted yet.

    Parameters
    ----------
    findings : DataFrame
        From :func:`caraml_analysis.carbon.checking.check_runs`.
    runs : DataFrame
        With ``known_slip``: codes joined by ``;``.
    """
    known = {
        (run, rule)
        for run, cell in runs["known_slip"].dropna().items()
        for code in str(cell).split(";")
        for rule in CLAIMS[code]
    }
    slips = findings[findings["severity"] == SLIP]
    beside = [pair not in known for pair in zip(slips["run"], slips["rule"], strict=True)]
    return slips[beside].reset_index(drop=True)
