"""How right is a geocoder? Its answers beside labels made by hand."""

from __future__ import annotations

import math

import pandas as pd

from caraml_analysis import tables


def wilson_interval(successes: float, trials: float, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    margin = (z / (1 + z**2 / trials)) * math.sqrt(
        share * (1 - share) / trials + z**2 / (4 * trials**2)
    )
    return max(0.0, centre - margin), min(1.0, centre + margin)


def score(labels: pd.DataFrame) -> pd.DataFrame:
    """Compare answers with labels.

    Parameters
    ----------
    labels : DataFrame
        ``countries`` (the label: codes joined by ``;``, or ``unknown``), ``country`` and
        ``answer`` (first country and list of the geocoder; missing if none).

    Returns
    -------
    DataFrame
        One row: ``texts``, ``answered``, ``right`` (first country equals the label's first; no
        answer to a text that nobody could place is right, too), ``wrong``, ``unanswered``,
        ``list_right`` (the whole list), ``accuracy``, ``accuracy_low``, ``accuracy_high`` (95 %
        Wilson interval) and ``precision`` (right among answered).
    """
    tables.require_columns(labels, ["countries", "country", "answer"], "labels")
    placeable = labels["countries"] != "unknown"
    answered = labels["country"].notna()
    first_right = labels["country"] == labels["countries"].str.split(";").str[0]
    right = (placeable & answered & first_right) | (~placeable & ~answered)
    wrong = answered & ~right
    low, high = wilson_interval(int(right.sum()), len(labels))
    list_right = (labels["answer"].fillna("unknown") == labels["countries"]).sum()
    return pd.DataFrame(
        {
            "texts": [len(labels)],
            "answered": [int(answered.sum())],
            "right": [int(right.sum())],
            "wrong": [int(wrong.sum())],
            "unanswered": [int((placeable & ~answered).sum())],
            "list_right": [int(list_right)],
            "accuracy": [right.mean() if len(labels) else float("nan")],
            "accuracy_low": [low],
            "accuracy_high": [high],
            "precision": [
                (right & answered).sum() / answered.sum() if answered.any() else float("nan")
            ],
        }
    )
