"""Who are the paper's unknowns? What its totals and our labels say of them together.

The paper counts its known entries by income group, but does not say which entries it knew. Our
labels give the groups of all entries. The two totals bound the groups of the unknown ones.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import TableError


def unknown_bounds(ours: pd.DataFrame, paper: pd.DataFrame) -> pd.DataFrame:
    """Return bounds and a point estimate of how many of the paper's unknowns are of each group.

    Parameters
    ----------
    ours : DataFrame
        Our entries: ``conference``, ``year``, ``income_group``, ``entries`` (all groups and
        ``unknown``).
    paper : DataFrame
        The paper's: ``conference``, ``year``, ``high``, ``upper_middle``, ``lower_middle``,
        ``unknown``. A group without a column counts as 0 known entries.

    Returns
    -------
    DataFrame
        One row per conference-year and group: ``ours`` (N_g), ``paper_known`` (K_g), then of the
        paper's U unknowns ``bound_low`` = max(0, N_g - K) and ``bound_high`` = min(U, N_g), where
        K is all of the paper's known entries: these need no assumption but our labels.
        ``estimate`` = N_g - K_g holds if the paper's own labels are right; it is negative where
        they cannot all be (the paper knows more entries of a group than there are).
        ``estimate_share`` and ``bound_low_share``, ``bound_high_share`` are parts of U,
        ``known_share`` is K_g / K.
    """
    tables.require_columns(ours, ["conference", "year", "income_group", "entries"], "ours")
    tables.require_columns(paper, ["conference", "year", "unknown"], "paper")
    groups = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    found = []
    for row in paper.to_dict("records"):
        mine = ours[(ours["conference"] == row["conference"]) & (ours["year"] == row["year"])]
        if mine.empty:
            raise TableError(f"ours: no entries of {row['conference']} {row['year']}.")
        counts = mine.groupby("income_group")["entries"].sum()
        known = {group: row.get(group, 0) for group in groups}
        all_known, unknown = sum(known.values()), row["unknown"]
        for group in groups:
            number = float(counts.get(group, 0.0))
            low, high = max(0.0, number - all_known), min(float(unknown), number)
            estimate = number - known[group]
            found.append(
                {
                    "conference": row["conference"],
                    "year": row["year"],
                    "income_group": group,
                    "ours": number,
                    "paper_known": known[group],
                    "paper_unknown": unknown,
                    "bound_low": low,
                    "bound_high": high,
                    "estimate": estimate,
                    "bound_low_share": low / unknown,
                    "bound_high_share": high / unknown,
                    "estimate_share": estimate / unknown,
                    "known_share": known[group] / all_known,
                }
            )
    return pd.DataFrame(found)


def estimate_under_error(bounds: pd.DataFrame, error_rate: float) -> pd.DataFrame:
    """Return the point estimate's range if `error_rate` of our labels are in the wrong group.

    Parameters
    ----------
    bounds : DataFrame
        Result of :func:`unknown_bounds`.
    error_rate : float
        Part of our labelled entries whose group is wrong, 0 to 1.

    Returns
    -------
    DataFrame
        `bounds` with ``estimate_low`` and ``estimate_high`` (entries): the worst cases, where all
        errors take entries from this group (at most N_g of them), or all of them add to it.
    """
    if not 0 <= error_rate <= 1:
        raise TableError(f"error rate {error_rate!r} is not between 0 and 1.")
    labelled = bounds.groupby(["conference", "year"])["ours"].transform("sum")
    wrong = error_rate * labelled
    return bounds.assign(
        # an error can only leave a group that has entries, and only join it from another group
        estimate_low=bounds["estimate"] - np.minimum(wrong, bounds["ours"]),
        estimate_high=bounds["estimate"] + np.minimum(wrong, labelled - bounds["ours"]),
    )


def design_effect(entries: pd.DataFrame) -> float:
    """Return how much less a table of repeated texts tells than as many different texts.

    Parameters
    ----------
    entries : DataFrame
        ``affiliation`` and ``entries``. A text is geocoded once, so all its entries are known, or
        unknown, together.

    Returns
    -------
    float
        sum(m^2) / sum(m) over the entries m of each text: the variance inflation of a mean when
        clusters of size m agree completely (Kish 1965). 1 if no text is repeated.
    """
    sizes = entries.groupby("affiliation")["entries"].sum().to_numpy(dtype=float)
    return float((sizes**2).sum() / sizes.sum())


def cohens_h(first: float, second: float) -> float:
    """Return Cohen's h between two proportions: 2 asin(sqrt(a)) - 2 asin(sqrt(b)).

    Around 0.2 is called small, 0.5 medium, 0.8 large (Cohen 1988).
    """
    for share in (first, second):
        if not 0 <= share <= 1:
            raise TableError(f"a proportion lies between 0 and 1, not {share!r}.")
    return 2 * math.asin(math.sqrt(first)) - 2 * math.asin(math.sqrt(second))


def compare_unknown_with_known(
    bounds: pd.DataFrame, design_effects: dict[tuple[str, int], float]
) -> pd.DataFrame:
    """Compare the estimated groups of the unknowns with those of the paper's known entries.

    Parameters
    ----------
    bounds : DataFrame
        Result of :func:`unknown_bounds`.
    design_effects : dict
        :func:`design_effect` of each (conference, year).

    Returns
    -------
    DataFrame
        One row per conference-year and group of `bounds`:

        ``placed``
            Unknowns of the paper that our labels place: the sum of the estimates. The others are
            unknown to us, too, and left out of the comparison.
        ``known_share``, ``unknown_share``
            Part of the paper's known entries, and of the placed ones (negative estimates count as
            0).
        ``difference_points``, ``cohens_h``
            Unknown minus known, in percentage points and as effect size.
        ``margin_points``
            1.96 standard errors of the difference, inflated by ``design_effect``. A difference
            within its margin is no evidence of disproportion, nor of its absence.
        ``labels_agree``
            Whether the paper knows at most as many entries of the group as we find. If not, its
            labels cannot all be right (or ours are not), and the estimate says nothing.
        ``rate_unknown``, ``relative_rate``
            Part of the group's entries that the paper left unknown, and how many times that of
            high income it is; missing for a group without entries.
    """
    labels_agree = bounds["estimate"] >= 0
    rows = bounds.assign(estimate=bounds["estimate"].clip(lower=0))
    by = rows.groupby(["conference", "year"])
    placed, known = by["estimate"].transform("sum"), by["paper_known"].transform("sum")
    share, base = rows["estimate"] / placed, rows["known_share"]
    effect = pd.Series(
        [design_effects[key] for key in zip(rows["conference"], rows["year"], strict=True)],
        index=rows.index,
    )
    variance = effect * (share * (1 - share) / placed + base * (1 - base) / known)
    rate = rows["estimate"] / rows["ours"].where(rows["ours"] > 0)
    high = rate.where(rows["income_group"] == "high").groupby([rows["conference"], rows["year"]])
    return pd.DataFrame(
        {
            "conference": rows["conference"],
            "year": rows["year"],
            "income_group": rows["income_group"],
            "labels_agree": labels_agree,
            "placed": placed,
            "known_share": base,
            "unknown_share": share,
            "difference_points": 100 * (share - base),
            "margin_points": 100 * 1.96 * np.sqrt(variance),
            "cohens_h": [cohens_h(*pair) for pair in zip(share, base, strict=True)],
            "rate_unknown": rate,
            "relative_rate": rate / high.transform("max"),
            "design_effect": effect,
        }
    )
