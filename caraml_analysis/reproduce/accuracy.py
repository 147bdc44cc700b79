"""How right, how honest and how fast the geocoder is: labelled texts put through the audit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from caraml_analysis import registry
from caraml_analysis.analysis import audit
from caraml_analysis.geocoding import geocode
from caraml_analysis.sources.conferences import load_authorships
from caraml_analysis.sources.world_bank import income_classes

#: Data year of the income groups in every audit, unless another one is asked for.
AUDIT_YEAR = 2022

#: The half that rules and rows were never tuned on.
TEST_HALF = "test"


def judged_texts(
    texts: pd.Series, labels: pd.Series, match: audit.Match = "first", year: int = AUDIT_YEAR
) -> pd.DataFrame:
    """Geocode labelled texts and put answers and income groups beside the labels.

    Parameters
    ----------
    texts : Series of str
        Affiliation texts.
    labels : Series of str
        Country codes joined by ``;``, or ``unknown``; see
        :func:`caraml_analysis.analysis.audit.parse_labels`. Same index as `texts`.
    match : {"first", "any", "subset", "exact"}
        When an answer is right; see :func:`caraml_analysis.analysis.audit.judge`.
    year : int
        Data year of the World Bank income groups.

    Returns
    -------
    DataFrame
        The columns of :func:`caraml_analysis.analysis.audit.judge`, ``label_group`` and
        ``answer_group``. Same index as `texts`.
    """
    judged = audit.judge(labels, geocode(texts), match)
    return judged.assign(
        label_group=income_classes(judged["label_country"], year)["income_group"],
        answer_group=income_classes(judged["country"], year)["income_group"],
    )


@cache
def labelled_audit() -> pd.DataFrame:
    """Return the hand-labelled audit sample, judged.

    Returns
    -------
    DataFrame
        ``sample`` (entries, texts), ``half`` (development, test), ``text`` and the columns of
        :func:`judged_texts`.
    """
    rows = registry.read_csv("geocoding/audit.csv", dtype=str).fillna({"countries": ""})
    return rows[["sample", "half", "text"]].join(judged_texts(rows["text"], rows["countries"]))


@cache
def labelled_unseen() -> pd.DataFrame:
    """Return the labelled texts of years and conferences that are not embedded, judged.

    Returns
    -------
    DataFrame
        ``sample`` (conferences, scholarly), ``half`` (development, test), ``text`` and the columns
        of :func:`judged_texts`.
    """
    rows = registry.read_csv("geocoding/unseen.csv", dtype=str).fillna({"countries": ""})
    return rows[["sample", "half", "text"]].join(judged_texts(rows["text"], rows["countries"]))


def unseen_scores() -> pd.DataFrame:
    """Return the geocoder's score on each sample and half of the unseen texts.

    Returns
    -------
    DataFrame
        ``sample``, ``half`` and the columns of
        :func:`caraml_analysis.analysis.audit.overall`.
    """
    rows = labelled_unseen()
    keys = ["sample", "half"]
    parts = [
        audit.overall(block).assign(**dict(zip(keys, key, strict=True)))
        for key, block in rows.groupby(keys)
    ]
    result = pd.concat(parts, ignore_index=True)
    return result[keys + [name for name in result.columns if name not in keys]]


def unresolved_by_year() -> pd.DataFrame:
    """Return how many non-empty entries of each conference-year have no country.

    Returns
    -------
    DataFrame
        ``conference``, ``year``, ``entries`` (not empty), ``unresolved`` and ``share``.
    """
    entries = load_authorships()
    found = entries.join(geocode(entries["affiliation"]))
    found = found[found["status"] != "empty"]
    found["unresolved"] = found["entries"].where(found["status"] != "resolved", 0)
    table = found.groupby(["conference", "year"], as_index=False)[["entries", "unresolved"]].sum()
    return table.assign(share=table["unresolved"] / table["entries"])


def audit_scores() -> pd.DataFrame:
    """Return the geocoder's score on each sample and half of the audit.

    Returns
    -------
    DataFrame
        ``sample``, ``half`` (also ``both``) and the columns of
        :func:`caraml_analysis.analysis.audit.overall`.
    """
    rows = labelled_audit()
    keys = ["sample", "half"]
    both = pd.concat([rows, rows.assign(half="both")])
    parts = [
        audit.overall(block).assign(**dict(zip(keys, key, strict=True)))
        for key, block in both.groupby(keys)
    ]
    result = pd.concat(parts, ignore_index=True)
    return result[keys + [name for name in result.columns if name not in keys]]


def held_out() -> pd.DataFrame:
    """Return the judged test half: 150 texts drawn by entry, 150 uniformly over distinct texts."""
    rows = labelled_audit()
    return rows[rows["half"] == TEST_HALF]


def audit_reliability() -> pd.DataFrame:
    """Return stated confidence beside observed accuracy on the test half."""
    return audit.reliability(held_out())


def audit_income_groups() -> pd.DataFrame:
    """Return how right the answers are for each income group, on the test half."""
    return audit.by_income_group(held_out())


def load_benchmark() -> pd.DataFrame:
    """Return the committed measurements of the geocoder and of its competitors.

    Returns
    -------
    DataFrame
        ``system``, ``version``, ``measure``, ``on`` (which texts), ``value`` (text) and ``unit``.
        The rows of the system ``machine`` say when and on what it was measured.

    Notes
    -----
    Card ``geocoding/benchmark.csv``; written by ``make benchmark``.
    """
    return registry.read_csv("geocoding/benchmark.csv", dtype=str).fillna({"unit": "", "on": ""})


# --- for readers ---------------------------------------------------------------------------------

_SHARES = ("share", "stated", "labelled_share", "answered_share")
_LIMITS = ("_low", "_high")


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of the audit as texts: shares in per cent, limits beside their share.

    Parameters
    ----------
    table : DataFrame
        One of :func:`caraml_analysis.analysis.audit.audit_tables`.

    Returns
    -------
    DataFrame
        The same rows; a column with limits is one text such as ``98.0 % (94.3 to 99.3)``.
    """
    shown = {}
    for name, column in table.items():
        name = str(name)
        if name.endswith(_LIMITS):
            continue
        if f"{name}_low" in table.columns:
            limits = zip(column, table[f"{name}_low"], table[f"{name}_high"], strict=True)
            shown[name] = [_with_limits(*values) for values in limits]
        elif name in _SHARES:
            shown[name] = [_percent(value) for value in column]
        elif name == "difference_points":
            shown[name] = [f"{value:+.1f}" if round(value, 1) else "0.0" for value in column]
        else:
            shown[name] = [_plain(value) for value in column]
    renamed = {name: name.replace("_", " ") for name in shown}
    return pd.DataFrame(shown, index=table.index).rename(columns=renamed)


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{100 * share:.1f} %"


def _with_limits(share: float, low: float, high: float) -> str:
    if pd.isna(share):
        return ""
    return f"{_percent(share)} ({100 * low:.1f} to {100 * high:.1f})"


def _plain(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    return (
        str(value).replace("upper_middle", "upper middle").replace("lower_middle", "lower middle")
    )
