"""How right is a geocoder? Its answers beside labels made by hand.

:func:`judge` puts every answer beside its label. The other functions turn the judged rows into
tables; with `weight` a text counts as often as it stands for an entry, and its intervals are those
of as many independent texts as the weights are worth (Kish's effective sample size).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from caraml_analysis import tables
from caraml_analysis.countries import to_alpha3
from caraml_analysis.errors import CountryError, TableError

Match = Literal["first", "any", "subset", "exact"]

_ANSWERS = ("country", "countries", "method", "confidence")
_GROUPS = (*tables.INCOME_GROUPS, tables.UNCLASSIFIED)

#: Edges of the bands of stated confidence, each with its lower edge and without its upper one.
BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)

# When an answer that names a country is right; both lists have at least one element.
_IS_RIGHT: dict[str, Callable[[Sequence[str], Sequence[str]], bool]] = {
    "first": lambda answer, label: answer[0] == label[0],
    "any": lambda answer, label: answer[0] in label,
    "subset": lambda answer, label: set(answer) <= set(label),
    "exact": lambda answer, label: tuple(answer) == tuple(label),
}
CRITERIA = get_args(Match)


# --- proportions ------------------------------------------------------------------------------


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


def proportion(hits: pd.Series, weight: pd.Series | None = None) -> tuple[float, float, float]:
    """Return the weighted share of `hits` and its 95 % Wilson interval.

    Parameters
    ----------
    hits : Series of bool
        One element for each text.
    weight : Series of float, optional
        How much each text counts, >= 0; 1 by default. The interval is that of
        ``sum(w)**2 / sum(w**2)`` independent texts.

    Returns
    -------
    tuple of float
        Share, lower and upper limit, 0 to 1; (nan, 0, 1) if nothing counts.

    Examples
    --------
    >>> share, low, high = proportion(pd.Series([True, True, False]), pd.Series([2, 2, 1]))
    >>> share
    0.8
    """
    counts = _weights(hits, weight)
    if not counts.any():
        return math.nan, 0.0, 1.0
    counts = counts / counts.max()  # the squares of very small weights would be 0
    total = float(counts.sum())
    share = float(counts[hits.to_numpy(dtype=bool)].sum()) / total
    effective = total**2 / float((counts**2).sum())
    return share, *wilson_interval(share * effective, effective)


def sign_test(gained: int, lost: int) -> float:
    """Return the two-sided p-value of `gained` against `lost` if both are equally likely.

    Examples
    --------
    >>> sign_test(5, 0)
    0.0625
    """
    trials = gained + lost
    tail = sum(math.comb(trials, k) for k in range(min(gained, lost) + 1)) / 2**trials
    return min(1.0, 2 * tail)


def _weights(rows: pd.DataFrame | pd.Series, weight: pd.Series | None) -> np.ndarray:
    if weight is None:
        return np.ones(len(rows))
    return weight.loc[rows.index].to_numpy(dtype=float)


def _with_interval(
    name: str, hits: pd.Series, weight: pd.Series | None, chosen: pd.Series | None = None
) -> dict[str, float]:
    if chosen is not None:
        hits = hits[chosen]
    share, low, high = proportion(hits, weight)
    return {name: share, f"{name}_low": low, f"{name}_high": high}


# --- labels and answers -----------------------------------------------------------------------


def parse_labels(labels: pd.Series) -> pd.Series:
    """Read labels: country codes joined by ``;``, or nothing.

    Parameters
    ----------
    labels : Series of str
        Alpha-2 or alpha-3 codes in order of mention, such as ``"KE"`` or ``"CHN;USA"``. An empty
        text, a missing value and ``unknown`` mean that nobody could place the text. ``NA`` is
        Namibia: read the file with ``keep_default_na=False``.

    Returns
    -------
    Series of tuple
        Alpha-3 codes; an empty tuple if nobody could place the text. Same index.

    Raises
    ------
    TableError
        If a label is no code; names its row.
    """
    known: dict[Any, tuple[str, ...]] = {}
    for row, label in labels.items():
        if pd.isna(label):
            known[label] = ()
        elif label not in known:
            known[label] = _parse_label(str(label), row)
    return pd.Series(
        [() if pd.isna(label) else known[label] for label in labels],
        index=labels.index,
        dtype=object,
    )


def _parse_label(label: str, row: Any) -> tuple[str, ...]:
    codes = [code.strip() for code in label.split(";") if code.strip()]
    if not codes or label.strip().casefold() == tables.UNKNOWN:
        return ()
    try:
        return tuple(dict.fromkeys(map(to_alpha3, codes)))
    except CountryError as error:
        raise TableError(
            f"row {row}: label {label!r}: {error} Write several codes with ';' between them, and "
            "'unknown' for a text that nobody can place. Nothing was measured."
        ) from None


def judge(labels: pd.Series, answers: pd.DataFrame, match: Match = "first") -> pd.DataFrame:
    """Put each answer beside its label.

    Parameters
    ----------
    labels : Series of str
        As :func:`parse_labels` reads them.
    answers : DataFrame
        What :func:`caraml_analysis.geocode` returns for the same texts; the same index, without
        repeats.
    match : {"first", "any", "subset", "exact"}
        When an answer is right. ``first``: its first country is the label's first. ``any``: its
        first country is one of the label's, for labels without an order. ``subset``: all its
        countries are among the label's. ``exact``: the same countries in the same order.

    Returns
    -------
    DataFrame
        ``label`` (alpha-3 codes joined by ``;``, or ``unknown``), ``label_country`` (the one that
        counts: the label's first; with ``any`` and ``subset`` the answered one if the label has
        it), ``country``, ``countries``, ``method``, ``confidence``, ``placeable`` (somebody could
        place the text), ``answered``, ``right`` (no answer is right where nobody could place the
        text) and ``list_right`` (as ``exact``). The index is that of `labels`.

    Raises
    ------
    TableError
        If a label is no code, a column is missing, the criterion is not known, or the indexes
        differ.
    """
    if match not in CRITERIA:
        raise TableError(f"no criterion {match!r}; there are {', '.join(CRITERIA)}.")
    tables.require_columns(answers, _ANSWERS, "answers")
    if not labels.index.equals(answers.index) or not labels.index.is_unique:
        raise TableError(
            f"{len(labels)} labels and {len(answers)} answers do not have the same index without "
            "repeats, so they cannot be compared. Reset the index of both tables."
        )
    wanted = parse_labels(labels)
    given = [_codes(text) for text in answers["countries"]]
    pairs = list(zip(given, wanted, strict=True))
    unordered = match in ("any", "subset")
    counting = [
        answer[0] if unordered and answer and answer[0] in label else next(iter(label), None)
        for answer, label in pairs
    ]
    judged = pd.DataFrame(
        {
            "label": wanted.map(";".join).replace("", tables.UNKNOWN),
            "label_country": pd.Series(counting, index=labels.index, dtype=object),
            "placeable": wanted.map(bool).astype(bool),
            "answered": pd.Series(map(bool, given), index=labels.index, dtype=bool),
            "right": [_is_right(*pair, match) for pair in pairs],
            "list_right": [answer == label for answer, label in pairs],
        },
        index=labels.index,
    ).astype({"right": bool, "list_right": bool})
    return judged.join(answers[[*_ANSWERS]])


def _codes(countries: Any) -> tuple[str, ...]:
    return tuple(countries.split(";")) if isinstance(countries, str) and countries else ()


def _is_right(answer: tuple[str, ...], label: tuple[str, ...], match: Match) -> bool:
    if not answer or not label:
        return answer == label
    return _IS_RIGHT[match](answer, label)


# --- tables of judged rows ----------------------------------------------------------------------


def overall(judged: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the counts and shares of all judged texts.

    Parameters
    ----------
    judged : DataFrame
        From :func:`judge`.
    weight : Series of float, optional
        How much each text counts, >= 0; same index.

    Returns
    -------
    DataFrame
        One row: ``texts``, ``answered``, ``right``, ``wrong`` (answered and not right),
        ``unanswered`` (without an answer although somebody could place the text), ``list_right``,
        then with 95 % limits (``_low``, ``_high``) ``accuracy`` (right among all), ``precision``
        (right among the answered) and ``coverage`` (answered among those that somebody could
        place). The counts are sums of weights if there are weights.
    """
    counts = _weights(judged, weight)
    answered, right = judged["answered"], judged["right"]
    parts = {
        "texts": np.ones(len(judged), dtype=bool),
        "answered": answered,
        "right": right,
        "wrong": answered & ~right,
        "unanswered": judged["placeable"] & ~answered,
        "list_right": judged["list_right"],
    }
    row: dict[str, float] = {name: _sum(counts, part) for name, part in parts.items()}
    row |= _with_interval("accuracy", right, weight)
    row |= _with_interval("precision", right, weight, answered)
    row |= _with_interval("coverage", answered, weight, judged["placeable"])
    return pd.DataFrame([row])


def _sum(counts: np.ndarray, chosen: Any) -> float:
    total = float(counts[np.asarray(chosen, dtype=bool)].sum())
    return int(total) if total.is_integer() else total


def by_method(judged: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return how often each method decided and how often it was right.

    Returns
    -------
    DataFrame
        ``method``, ``texts``, ``share`` of all texts, ``right``, ``accuracy`` with limits; most
        frequent first. A method that gives no country is right where nobody could place the text.
    """
    counts = pd.Series(_weights(judged, weight), index=judged.index)
    rows = [
        {
            "method": method,
            "texts": _sum(counts[block.index].to_numpy(), np.ones(len(block))),
            "share": float(counts[block.index].sum() / counts.sum()) if counts.sum() else math.nan,
            "right": _sum(counts[block.index].to_numpy(), block["right"]),
        }
        | _with_interval("accuracy", block["right"], weight)
        for method, block in judged.groupby("method", sort=True)
    ]
    columns = ["method", "texts", "share", "right", "accuracy", "accuracy_low", "accuracy_high"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("texts", ascending=False, kind="stable", ignore_index=True)


def reliability(
    judged: pd.DataFrame, weight: pd.Series | None = None, edges: Sequence[float] = BANDS
) -> pd.DataFrame:
    """Return stated confidence beside observed accuracy, by band of confidence.

    Parameters
    ----------
    judged : DataFrame
        From :func:`judge`. Only answers that name a country count.
    weight : Series of float, optional
        How much each text counts, >= 0; same index.
    edges : sequence of float
        Edges of the bands, 0 to 1; a band has its lower edge, and the last one also its upper.

    Returns
    -------
    DataFrame
        ``band``, ``texts``, ``right``, ``stated`` (mean confidence), ``observed`` (share right)
        with limits, and ``verdict``: ``as stated`` if the stated one lies inside the limits, else
        ``better than stated`` or ``worse than stated``. Bands without an answer are left out.
    """
    answered = judged[judged["answered"]]
    confidence = answered["confidence"].astype(float)
    last = len(edges) - 2
    numbers = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, last)
    rows = []
    for number, block in answered.groupby(numbers):
        counts = _weights(block, weight)
        if counts.sum() == 0:
            continue
        stated = float((confidence[block.index] * counts).sum() / counts.sum())
        observed = _with_interval("observed", block["right"], weight)
        rows.append(
            {
                "band": f"{edges[number]:.2f} to {edges[number + 1]:.2f}",
                "texts": _sum(counts, np.ones(len(block))),
                "right": _sum(counts, block["right"]),
                "stated": stated,
            }
            | observed
            | {"verdict": _verdict(stated, observed["observed_low"], observed["observed_high"])}
        )
    columns = ["band", "texts", "right", "stated"]
    columns += ["observed", "observed_low", "observed_high", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _verdict(stated: float, low: float, high: float) -> str:
    """Say how the observed share, given its limits, compares with the stated one."""
    if stated < low:
        return "better than stated"
    return "worse than stated" if stated > high else "as stated"


def calibration_error(judged: pd.DataFrame, weight: pd.Series | None = None) -> dict[str, float]:
    """Return two figures that say how far stated confidence is from what happened.

    Returns
    -------
    dict of str to float
        ``expected_calibration_error``: mean distance of stated and observed over the bands of
        :func:`reliability`, weighted by texts (0 is best). ``brier_score``: mean squared distance
        of confidence and outcome (0 is best; it also counts how well right and wrong are told
        apart). Both are nan without answers.
    """
    bands = reliability(judged, weight)
    answered = judged[judged["answered"]]
    counts = _weights(answered, weight)
    if counts.sum() == 0:
        return {"expected_calibration_error": math.nan, "brier_score": math.nan}
    gaps = (bands["stated"] - bands["observed"]).abs()
    squares = (answered["confidence"].astype(float) - answered["right"]) ** 2
    return {
        "expected_calibration_error": float((gaps * bands["texts"]).sum() / bands["texts"].sum()),
        "brier_score": float((squares * counts).sum() / counts.sum()),
    }


# --- income groups ------------------------------------------------------------------------------


def _require_groups(judged: pd.DataFrame) -> None:
    tables.require_columns(judged, ["label_group", "answer_group"], "judged texts")


def by_income_group(judged: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return how right the answers are for each income group.

    Parameters
    ----------
    judged : DataFrame
        From :func:`judge`, with ``label_group`` and ``answer_group``: the income groups of
        ``label_country`` and ``country``, ``unknown`` where there is none.
    weight : Series of float, optional
        How much each text counts, >= 0; same index.

    Returns
    -------
    DataFrame
        ``income_group``; ``labelled`` and ``answered`` (texts of the group by label and by
        answer); with limits ``accuracy`` (the country is right, among the labelled), ``recall``
        (the answer is of the group, among the labelled), ``precision`` (the label is of the group,
        among the answered) and ``unanswered`` (no country, among the labelled). Groups without a
        text are left out.
    """
    _require_groups(judged)
    counts = _weights(judged, weight)
    rows = []
    for group in _GROUPS:
        labelled = judged["label_group"] == group
        answered = judged["answer_group"] == group
        if not (labelled | answered).any():
            continue
        rows.append(
            {
                "income_group": group,
                "labelled": _sum(counts, labelled),
                "answered": _sum(counts, answered),
            }
            | _with_interval("accuracy", judged["right"], weight, labelled)
            | _with_interval("recall", answered, weight, labelled)
            | _with_interval("precision", labelled, weight, answered)
            | _with_interval("unanswered", ~judged["answered"], weight, labelled)
        )
    return pd.DataFrame(rows)


def moves(judged: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the texts whose answer is of another income group than their label.

    Returns
    -------
    DataFrame
        ``label_group``, ``answer_group`` (one of them may be ``unknown``) and ``texts``; largest
        first.
    """
    _require_groups(judged)
    counts = pd.Series(_weights(judged, weight), index=judged.index, name="texts")
    moved = judged["label_group"] != judged["answer_group"]
    table = judged.loc[moved, ["label_group", "answer_group"]].join(counts)
    table = table.groupby(["label_group", "answer_group"], as_index=False)["texts"].sum()
    if weight is None:
        table = table.astype({"texts": int})
    return table.sort_values("texts", ascending=False, kind="stable", ignore_index=True)


def group_shares(judged: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the shares of the income groups under the labels and under the answers.

    Returns
    -------
    DataFrame
        ``income_group``, ``labelled_share`` (of the texts that somebody could place),
        ``answered_share`` (of the answered texts), ``difference_points`` (answered - labelled,
        percentage points), ``gained`` and ``lost`` (texts that the answers took from, and gave to,
        another group; no answer is not counted here), ``net`` (gained - lost).
    """
    _require_groups(judged)
    counts = _weights(judged, weight)
    label, answer = judged["label_group"], judged["answer_group"]
    both = (label != tables.UNKNOWN) & (answer != tables.UNKNOWN) & (label != answer)
    placed = _sum(counts, label != tables.UNKNOWN)
    answered = _sum(counts, answer != tables.UNKNOWN)
    rows = []
    for group in _GROUPS:
        labelled_here, answered_here = _sum(counts, label == group), _sum(counts, answer == group)
        if not labelled_here and not answered_here:
            continue
        before = labelled_here / placed if placed else math.nan
        after = answered_here / answered if answered else math.nan
        gained = _sum(counts, both & (answer == group))
        lost = _sum(counts, both & (label == group))
        rows.append((group, before, after, 100 * (after - before), gained, lost, gained - lost))
    columns = ["income_group", "labelled_share", "answered_share", "difference_points"]
    return pd.DataFrame(rows, columns=[*columns, "gained", "lost", "net"])


def describe_lean(judged: pd.DataFrame, weight: pd.Series | None = None) -> str:
    """Say in a few sentences whether the errors lean towards an income group.

    They lean if a group gained from the others by wrong answers more (or less) often than it lost,
    by a two-sided sign test at 5 % over texts. `weight` changes the shares, not the test.

    Returns
    -------
    str
        With the texts that changed groups, the largest difference of a share in points, and the
        part of each group that was left without a country.
    """
    shares = group_shares(judged)
    changed = int(shares["gained"].sum())
    leaning = [
        f"{'towards' if row.net > 0 else 'away from'} {_words(row.income_group)} "
        f"({row.gained} gained, {row.lost} lost, p = {p:.2g})"
        for row in shares.itertuples()
        if (p := sign_test(int(row.gained), int(row.lost))) < 0.05
    ]
    net = ", ".join(
        f"{_words(row.income_group)} {row.net:+d}" for row in shares.itertuples() if row.net
    )
    verdict = (
        f"Errors lean {' and '.join(leaning)}"
        if leaning
        else "Errors do not lean towards an income group beyond chance (sign test, 5 %)"
    )
    weighted = group_shares(judged, weight)
    if weighted.empty or weighted["difference_points"].isna().all():
        return f"{verdict}: no text with both a label and an answer."
    top = weighted.loc[weighted["difference_points"].abs().idxmax()]
    return (
        f"{verdict}: {changed} of {len(judged)} texts were given to another group"
        f"{f' (net {net})' if net else ''}. The largest difference of a share is "
        f"{top['difference_points']:+.1f} points: {_words(top['income_group'])}, "
        f"{100 * top['labelled_share']:.1f} % under the labels and "
        f"{100 * top['answered_share']:.1f} % under the answers. Left without a country: "
        f"{_left_out(judged, weight)}."
    )


def _left_out(judged: pd.DataFrame, weight: pd.Series | None) -> str:
    groups = by_income_group(judged, weight).dropna(subset="unanswered")
    return ", ".join(
        f"{100 * row.unanswered:.1f} % of {_words(row.income_group)}" for row in groups.itertuples()
    )


def _words(group: str) -> str:
    return group.replace("_", " ")


def audit_tables(judged: pd.DataFrame, weight: pd.Series | None = None) -> dict[str, pd.DataFrame]:
    """Return every table of an audit by name.

    Parameters
    ----------
    judged : DataFrame
        From :func:`judge`, with ``label_group`` and ``answer_group``.
    weight : Series of float, optional
        How much each text counts, >= 0; same index.

    Returns
    -------
    dict of str to DataFrame
        ``overall``, ``methods``, ``reliability``, ``income_groups``, ``moves`` and ``shares``.
    """
    return {
        "overall": overall(judged, weight),
        "methods": by_method(judged, weight),
        "reliability": reliability(judged, weight),
        "income_groups": by_income_group(judged, weight),
        "moves": moves(judged, weight),
        "shares": group_shares(judged, weight),
    }
