"""Does a new year look like the one before? What moved, and what moved more than ever."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError

EMPTY = "empty"
UNRESOLVED = "unresolved"

#: Largest change between successive embedded years of a conference, rounded up: factors for
#: counts, differences for shares. A test compares them with the embedded years.
USUAL_FACTOR = {"entries": 1.55, "papers": 1.5, "entries per paper": 1.1}
USUAL_DIFFERENCE = {
    EMPTY: 0.085,
    UNRESOLVED: 0.012,
    "high": 0.065,
    "upper_middle": 0.065,
    "lower_middle": 0.037,
    "low": 0.003,
    "unclassified": 0.01,
}
USUAL_DIFFERENCE_OF_A_COUNTRY = 0.065
#: A change may also be chance: so many standard errors of a difference of shares, papers being
#: what is drawn.
_STANDARD_ERRORS = 3.0


@dataclass(frozen=True)
class Profile:
    """One conference-year in a few numbers.

    Attributes
    ----------
    counts : dict
        ``entries``, ``papers``, ``entries per paper``.
    shares : dict
        ``empty`` and ``unresolved`` of all entries; each income group of the known entries.
    by_country : Series
        Share of the known entries by alpha-3 code.
    """

    counts: dict[str, float]
    shares: dict[str, float]
    by_country: pd.Series


def profile(located: pd.DataFrame) -> Profile:
    """Return the profile of one conference-year.

    Parameters
    ----------
    located : DataFrame
        ``paper``, ``entries``, ``status``, ``country`` and ``income_group`` of one year.

    Raises
    ------
    TableError
        If a column is missing or there is no entry.
    """
    columns = ["paper", "entries", "status", "country", "income_group"]
    tables.require_columns(located, columns, "located authorships")
    weights = located["entries"].astype(float)
    total = weights.sum()
    if not total:
        raise TableError("located authorships: no entries, so there is nothing to compare.")
    papers = located["paper"].nunique()
    is_empty = located["status"] == "empty"
    is_known = located["income_group"] != tables.UNKNOWN
    known = weights[is_known].sum() or 1.0
    groups = weights.groupby(located["income_group"]).sum()
    return Profile(
        {"entries": total, "papers": float(papers), "entries per paper": total / papers},
        {
            EMPTY: weights[is_empty].sum() / total,
            UNRESOLVED: weights[~is_empty & ~is_known].sum() / total,
        }
        | {
            group: float(groups.get(group, 0.0)) / known
            for group in (*tables.INCOME_GROUPS, tables.UNCLASSIFIED)
        },
        weights[is_known].groupby(located.loc[is_known, "country"]).sum() / known,
    )


def drift(new: Profile, last: Profile, years: int = 1) -> pd.DataFrame:
    """Return what changed from the last year to the new one, and what of it is surprising.

    Parameters
    ----------
    new, last : Profile
        Two years of one conference.
    years : int
        How far they are apart, at least 1; the usual change grows with it.

    Returns
    -------
    DataFrame
        ``measure`` (the last row is the country whose share moved most), ``kind`` (``count`` or
        ``share``), ``last``, ``new``, ``usual`` (largest factor, or largest difference, that is
        not surprising) and ``surprising``.

    Notes
    -----
    Surprising means more than between any two successive embedded years, and for shares also more
    than three standard errors. It is a reason to look, not an error.
    """
    years = max(1, years)
    rows = []
    for name, factor in USUAL_FACTOR.items():
        before, after = last.counts[name], new.counts[name]
        usual = exp(years * log(factor))
        rows.append((name, "count", before, after, usual, abs(log(after / before)) > log(usual)))
    differences = [
        (name, last.shares[name], new.shares[name], usual)
        for name, usual in USUAL_DIFFERENCE.items()
    ]
    moved = new.by_country.sub(last.by_country, fill_value=0.0).abs()
    if len(moved):
        code = str(moved.idxmax())
        before, after = (float(each.by_country.get(code, 0.0)) for each in (last, new))
        differences.append((f"country {code}", before, after, USUAL_DIFFERENCE_OF_A_COUNTRY))
    chance = 1 / new.counts["papers"] + 1 / last.counts["papers"]
    for name, before, after, of_a_year in differences:
        pooled = (before + after) / 2
        error = sqrt(pooled * (1 - pooled) * chance)
        usual = max(years * of_a_year, _STANDARD_ERRORS * error)
        rows.append((name, "share", before, after, usual, abs(after - before) > usual))
    columns = ["measure", "kind", "last", "new", "usual", "surprising"]
    return pd.DataFrame(rows, columns=columns)
