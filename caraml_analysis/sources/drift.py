"""What changed between two editions of a table: rows that came, went, or have other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

#: Smaller relative changes are rounding, not news.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Drift:
    """The differences between an embedded table and a newer one.

    Attributes
    ----------
    file : str
        Name below ``data/``.
    before, after : int
        Rows.
    added, removed : DataFrame
        Keys of rows that only one of the two has.
    changed : DataFrame
        Keys, ``column``, ``old``, ``new`` and ``relative`` (change by the old value; missing for
        texts, from zero, and where old or new is missing), largest first.
    compared : int
        Values that both tables have a row for.
    """

    file: str
    before: int
    after: int
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame
    compared: int

    @property
    def empty(self) -> bool:
        """Whether both say the same."""
        return not (len(self.added) or len(self.removed) or len(self.changed))


def compare(
    file: str, old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str], values: Sequence[str]
) -> Drift:
    """Return the differences between two editions of one table.

    Parameters
    ----------
    file : str
        What reports call it.
    old, new : DataFrame
        With the columns of `key` and `values`.
    key : sequence of str
        Columns that name a row.
    values : sequence of str
        Columns to compare; an empty text and a missing value are the same.
    """
    keys = list(key)
    both = old[[*keys, *values]].merge(
        new[[*keys, *values]], on=keys, how="outer", suffixes=(" old", " new"), indicator="_in"
    )
    shared = both[both["_in"] == "both"]
    parts = [_changed(shared, keys, column) for column in values]
    none = pd.DataFrame(columns=[*keys, "column", "old", "new", "relative"])
    changed = pd.concat(parts, ignore_index=True) if parts else none
    size = changed["relative"].abs().fillna(float("inf"))
    return Drift(
        file,
        len(old),
        len(new),
        both.loc[both["_in"] == "right_only", keys].reset_index(drop=True),
        both.loc[both["_in"] == "left_only", keys].reset_index(drop=True),
        changed.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True),
        len(shared) * len(values),
    )


def _changed(rows: pd.DataFrame, keys: list[str], column: str) -> pd.DataFrame:
    old, new = rows[f"{column} old"], rows[f"{column} new"]
    old, new = old.where(old != "", None), new.where(new != "", None)
    numeric = pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new)
    both_missing = old.isna() & new.isna()
    if numeric:
        old, new = old.astype("float64"), new.astype("float64")
        limit = NEGLIGIBLE * old.abs()
        same = (old == new) | ((new - old).abs() <= limit) & (limit < float("inf"))
        different = ~both_missing & ~same
        # from zero or infinity a change has no size
        sized = (old != 0) & (old.abs() < float("inf")) & (new.abs() < float("inf"))
        relative = (new / old - 1).where(sized)
    else:
        different = ~both_missing & (old.astype(object) != new.astype(object))
        relative = pd.Series(float("nan"), index=rows.index)
    found = rows.loc[different, keys].assign(
        column=column,
        old=old[different].astype(object),
        new=new[different].astype(object),
        relative=relative[different],
    )
    return found.reset_index(drop=True)


def report(drift: Drift, most: int = 8) -> str:
    """Return the differences in words, the largest ones listed."""
    if drift.empty:
        return f"{drift.file}: the same as the embedded edition ({drift.before:,} rows)."
    lines = [
        f"{drift.file}: {drift.before:,} rows embedded, {drift.after:,} fetched; "
        f"{len(drift.added):,} new, {len(drift.removed):,} gone, {len(drift.changed):,} of "
        f"{drift.compared:,} shared values changed."
    ]
    for word, rows in (("new", drift.added), ("gone", drift.removed)):
        if len(rows):
            lines.append(f"    {word}: {_rows_in_words(rows)}")
    for limit in (0.01, 0.05):
        far = int((drift.changed["relative"].abs() > limit).sum())
        if far:
            lines.append(f"    {far:,} changed by more than {limit:.0%}")
    for row in drift.changed.head(most).to_dict("records"):
        place = " ".join(
            str(value)
            for name, value in row.items()
            if name not in ("column", "old", "new", "relative") and str(value)
        )
        by = _by(row)
        lines.append(f"    {place}: {row['column']} {_word(row['old'])} -> {_word(row['new'])}{by}")
    if len(drift.changed) > most:
        lines.append(f"    ... and {len(drift.changed) - most:,} smaller changes")
    return "\n".join(lines)


def _by(row: Mapping[str, Any]) -> str:
    """Return the size of a change; of a column in percent as points, for 2% of 50% is unclear."""
    relative = row["relative"]
    if pd.isna(relative):
        return ""
    if str(row["column"]).endswith("_pct"):
        points = row["new"] - row["old"]
        return f" ({points:+.2f} points)" if abs(points) >= 0.005 else " (by less than 0.01 points)"
    return f" ({relative:+.2%})" if abs(relative) >= 5e-5 else " (by less than 0.01%)"


def _word(value: object) -> str:
    if value is None or value != value:
        return "(none)"
    return f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)


def _rows_in_words(rows: pd.DataFrame) -> str:
    """Name the values of each key column, shortly: `iso3 ABW AFG ... (12), year 2025`."""
    words = []
    for column in rows.columns:
        found = [str(value) for value in sorted(rows[column].dropna().unique()) if str(value)]
        shown = " ".join(found[:6]) + (f" ... ({len(found)})" if len(found) > 6 else "")
        words.append(f"{column} {shown}")
    return ", ".join(words)
