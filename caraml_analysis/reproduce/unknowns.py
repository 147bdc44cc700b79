"""Who are the paper's unknowns? The embedded data and the audit put through the analysis."""

from __future__ import annotations

from functools import cache

import pandas as pd

from caraml_analysis.analysis import audit
from caraml_analysis.analysis.unknowns import (
    compare_unknown_with_known,
    design_effect,
    estimate_under_error,
    unknown_bounds,
)
from caraml_analysis.reproduce.accuracy import labelled_audit
from caraml_analysis.reproduce.entries import PAPER_YEARS, located_authorships
from caraml_analysis.sources.paper import load_appendix_a
from caraml_analysis.sources.world_bank import income_group


def _entries() -> pd.DataFrame:
    years = {year for _, year in PAPER_YEARS}
    return located_authorships(("ICML", "NeurIPS"), years)


@cache
def bounds() -> pd.DataFrame:
    """Return the bounds and the estimate for the paper's four conference-years."""
    ours = _entries().groupby(["conference", "year", "income_group"], as_index=False)["entries"]
    return unknown_bounds(ours.sum(), load_appendix_a())


@cache
def label_error() -> float:
    """Return the upper 95 % limit of our error rate in income groups, from the audit sample.

    The part of the answered entry-weighted audit texts whose first country lies in another income
    group (data year 2021) than the label's.
    """
    rows = labelled_audit()
    rows = rows[(rows["sample"] == "entries") & rows["answered"] & rows["placeable"]]
    first = rows["label_country"]
    wrong = int((income_group(rows["country"], 2021) != income_group(first, 2021)).sum())
    return audit.wilson_interval(wrong, len(rows))[1]


@cache
def estimates() -> pd.DataFrame:
    """Return `bounds` with the range of the estimate under our own error rate."""
    return estimate_under_error(bounds(), label_error())


@cache
def comparison() -> pd.DataFrame:
    """Return the estimated groups of the unknowns beside those of the paper's known entries."""
    entries = _entries()
    effects = {
        (str(conference), int(year)): design_effect(rows)
        for (conference, year), rows in entries.groupby(["conference", "year"])
    }
    return compare_unknown_with_known(bounds(), effects)


def comparable() -> pd.DataFrame:
    """Return the rows of `comparison` that can say something: groups that both sides know."""
    rows = comparison()
    return rows[rows["labels_agree"] & (rows["known_share"] > 0)]
