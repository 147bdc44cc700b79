"""From how often a method was right on labelled texts to the confidence that it states."""

from __future__ import annotations

import math

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.errors import UnitError

#: What is believed of a method before its first labelled text, and how many texts that belief is
#: worth. Lower than what the methods reach: labels to develop on were in view when the rules were
#: written, so what they reach there flatters them.
PRIOR_ACCURACY = 0.9
PRIOR_TEXTS = 10.0

#: No method is certain, however often it was right.
MOST = 0.999


def calibrate(
    labels: pd.DataFrame,
    *,
    prior_accuracy: float = PRIOR_ACCURACY,
    prior_texts: float = PRIOR_TEXTS,
) -> pd.DataFrame:
    """Return the confidence that each method has earned.

    The share of right answers of a method is drawn towards `prior_accuracy`, as if it had decided
    `prior_texts` more texts with that accuracy (the mean of a Beta posterior): three out of three
    right is no certainty.

    Parameters
    ----------
    labels : DataFrame
        Judged texts with ``method``, ``answered`` and ``right``; see
        :func:`caraml_analysis.analysis.audit.judge`. Texts without an answer do not count.
    prior_accuracy : float
        0 to 1.
    prior_texts : float
        Weight of the prior in texts, > 0.

    Returns
    -------
    DataFrame
        ``method``, ``confidence`` (0 to 0.999, three decimals), ``n`` (answers) and ``right``; most
        frequent first. A method without an answer is not in it; `prior_accuracy` is all that is
        known of it.

    Raises
    ------
    UnitError
        If the prior is impossible.
    TableError
        If a column is missing.

    Examples
    --------
    >>> seen = pd.DataFrame({"method": ["city"] * 4, "answered": True, "right": True})
    >>> calibrate(seen, prior_accuracy=0.5, prior_texts=4)
      method  confidence  n  right
    0   city        0.75  4      4
    """
    tables.require_columns(labels, ["method", "answered", "right"], "judged texts")
    if not (prior_texts > 0 and math.isfinite(prior_texts)):
        raise UnitError(f"prior_texts is a number of texts above 0, not {prior_texts}.")
    if not 0 <= prior_accuracy <= 1:
        raise UnitError(f"prior_accuracy is a share from 0 to 1, not {prior_accuracy}.")
    answered = labels[labels["answered"]]
    counts = answered.groupby("method")["right"].agg(n="size", right="sum").astype(int)
    counts = counts.reset_index().sort_values(
        ["n", "method"], ascending=[False, True], ignore_index=True
    )
    hits = counts["right"] + prior_accuracy * prior_texts
    confidence = (hits / (counts["n"] + prior_texts)).round(3).clip(upper=MOST)
    return counts.assign(confidence=confidence)[["method", "confidence", "n", "right"]]
