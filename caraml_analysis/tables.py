"""The tables that rooms hand to each other: columns, units and allowed values.

A room that returns a table promises its contract; a room that takes one checks it, so that a
wrong table is named at the door and not three calls later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caraml_analysis.errors import TableError, UnitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: World Bank income groups, richest first, and the class of economies without one.
INCOME_GROUPS = ("high", "upper_middle", "lower_middle", "low")
UNCLASSIFIED = "unclassified"
#: Entries whose country is not known. Not an income group: always shown beside them.
UNKNOWN = "unknown"

#: What a geocoder can say of a text. An ``error`` is never cached and never counted as unknown.
STATUSES = ("resolved", "ambiguous", "not_found", "empty", "error")

#: More than any quantity here in any unit; sums and products of such numbers stay finite.
LARGEST = 1e100

#: What the affiliations of a conference-year are, in words. Years of different kinds are not mixed
#: in one series without a mark: the same authors have equal texts in only half of the cases.
AFFILIATION_KINDS = {
    "conference_site": "profiles of the conference site",
    "proceedings": "the proceedings",
    "openreview": "OpenReview profiles",
    "user": "a table of the user's own",
}


@dataclass(frozen=True)
class Column:
    """One promised column: its unit (if a quantity), its allowed values (if few), its meaning."""

    name: str
    meaning: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None


@dataclass(frozen=True)
class Contract:
    """The columns that a kind of table promises."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def check(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return `table` unchanged if it keeps the contract.

        Raises
        ------
        TableError
            If a column is missing, or a value is not allowed; names the first such row.
        """
        require_columns(table, self.names, self.name)
        for column in self.columns:
            _check_values(table, column, self.name)
        return table


def require_columns(table: pd.DataFrame, names: Sequence[str], what: str = "table") -> None:
    """Raise a TableError that names the columns which `table` lacks.

    Parameters
    ----------
    table : DataFrame
        The table to look at.
    names : sequence of str
        Columns that must be there.
    what : str
        What the table is, for the message.
    """
    twice = [name for name in names if list(table.columns).count(name) > 1]
    if twice:
        raise TableError(
            f"{what}: there are several columns {twice[0]!r}, so it is not clear which one counts. "
            "Keep one of them; nothing was computed."
        )
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise TableError(
            f"{what}: no column {', '.join(map(repr, missing))} "
            f"(found {', '.join(map(repr, table.columns))}). Rename your columns to these names."
        )


def as_numbers(values: Any, what: str) -> np.ndarray:
    """Return values as an array of float; what is missing is not a number (NaN).

    Parameters
    ----------
    values : array_like
        A list, an array or a column of any shape.
    what : str
        What the values are, for the message.

    Raises
    ------
    UnitError
        If one of them is no number: a text, a date, a truth value, a list; names its row.
    """
    import numpy as np

    try:
        # a list of numbers and truth values would become numbers otherwise
        found = np.asarray(values, dtype=object if isinstance(values, (list, tuple)) else None)
    except ValueError:
        raise UnitError(f"{what} has rows of different lengths; give one number in each.") from None
    if found.dtype.kind in "iuf":
        return found.astype(float, copy=False)
    numbers = np.empty(found.shape)
    for place, value in np.ndenumerate(found):
        number = _as_number(value)
        if number is None:
            raise UnitError(
                f"{what} holds {shortly(value)} in row {row_of(values, place)}; that is no number. "
                "Correct the row, or leave it out; nothing was computed."
            )
        numbers[place] = number
    return numbers


def _as_number(value: Any) -> float | None:
    """Return a number as float, NaN if it is missing, None if it is something else."""
    if value is None or type(value).__name__ == "NAType":  # pandas.NA, without importing pandas
        return float("nan")
    if isinstance(value, (str, bytes, bytearray)):
        return None
    if isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "f") not in "iuf":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return float("inf")


def row_of(values: Any, place: Sequence[int]) -> Any:
    """Return the name of the row at a place: its label in a table, else its number from 0."""
    index = getattr(values, "index", None)
    if index is not None and not callable(index):
        return index[int(place[0])]
    return int(place[0]) if len(place) == 1 else tuple(map(int, place))


def shortly(value: object) -> str:
    """Return a value as it is written in Python, cut off where that would fill the screen."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        text = "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def refuse_failures(table: pd.DataFrame, what: str = "table") -> None:
    """Raise a TableError if a geocoder failed on a row: that is not "unknown".

    Parameters
    ----------
    table : DataFrame
        Looked at only if it has the column ``status``.
    what : str
        What the table is, for the message.
    """
    failed = int((table["status"] == "error").sum()) if "status" in table.columns else 0
    if failed:
        raise TableError(
            f"{what}: {failed} rows have the status 'error': no geocoder answered, so they are not "
            "unknown. Nothing was counted. Geocode them again, or leave them out with "
            "table[table['status'] != 'error']."
        )


def require_rows(table: pd.DataFrame, names: Sequence[str], what: str = "table") -> None:
    """Raise a TableError if `table` lacks a column or has no rows.

    Parameters
    ----------
    table, names, what
        As in :func:`require_columns`.
    """
    require_columns(table, names, what)
    if table.empty:
        raise TableError(
            f"{what}: the table has no rows, so nothing was computed. "
            "Look at what selected them; perhaps a name or a year does not occur."
        )


def require_keys(table: pd.DataFrame, names: Sequence[str], what: str = "table") -> None:
    """Raise a TableError if two rows have the same keys, or a key is missing.

    Parameters
    ----------
    table : DataFrame
        Should have one row for each combination of the keys.
    names : sequence of str
        Columns with the keys.
    what : str
        What the table is, for the message.
    """
    for name in names:
        missing = table[name].isna().to_numpy()
        if missing.any():
            raise TableError(
                f"{what}: column {name!r} is missing in {_row(table, int(missing.argmax()))}. "
                "Fill it in or leave the row out; nothing was computed."
            )
    again = table.duplicated(list(names)).to_numpy()
    if again.any():
        first = table.iloc[int(again.argmax())]
        shown = ", ".join(f"{name} {first[name]}" for name in names)
        raise TableError(
            f"{what}: {int(again.sum())} rows come again, the first is {shown}. There must be one "
            "row for each. Sum or drop_duplicates() before; nothing was computed."
        )


def require_editions(table: pd.DataFrame, what: str = "table") -> None:
    """Raise a TableError if ``edition`` holds anything but lists as YYYY-MM.

    Parameters
    ----------
    table : DataFrame
        Has the column ``edition``.
    what : str
        What the table is, for the message.
    """
    for value in table["edition"].unique():
        if not (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}", value)):
            raise TableError(
                f"{what}: column 'edition' holds {_shown(value)}; lists are named as '2024-11'. "
                "Correct the rows; nothing was computed."
            )


def with_numbers(
    table: pd.DataFrame,
    names: Sequence[str],
    what: str = "table",
    *,
    minimum: float | None = 0,
    missing: bool = False,
) -> pd.DataFrame:
    """Return `table` with columns that are sure to hold numbers to reckon with.

    Parameters
    ----------
    table : DataFrame
        Left as it is.
    names : sequence of str
        Columns that must hold finite numbers.
    what : str
        What the table is, for the message.
    minimum : float, optional
        Least value that is allowed; None if there is none.
    missing : bool
        Whether a value may be missing.

    Returns
    -------
    DataFrame
        `table` itself, or a copy in which such columns of another type are of floats.

    Raises
    ------
    TableError
        If a value is text, infinite, less than `minimum`, or missing without leave; names the
        first such row.
    """
    import numpy as np

    require_columns(table, names, what)
    for name in names:
        values = table[name]
        wrong = _first_wrong(values, minimum, missing)
        if wrong is not None:
            raise _not_allowed(table, name, what, *wrong)
        if not (isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf"):
            table = table.assign(**{name: _numbers(values)[0]})
    return table


def income_groups(table: pd.DataFrame, name: str, what: str = "table") -> pd.Series:
    """Return the income group of each row; a missing one is ``unknown``, never left out.

    Parameters
    ----------
    table : DataFrame
        Has the column `name`.
    name : str
        Column with World Bank classes.
    what : str
        What the table is, for the message.

    Raises
    ------
    TableError
        If a word is no class; names the first such row.
    """
    import pandas as pd

    values = table[name].astype(object)
    groups = values.where(values.notna(), UNKNOWN)
    allowed = (*INCOME_GROUPS, UNCLASSIFIED, UNKNOWN)
    wrong = [not (isinstance(word, str) and word in allowed) for word in groups]
    if any(wrong):
        rule = f"one of {', '.join(allowed)}"
        raise _not_allowed(table, name, what, wrong.index(True), rule)
    return pd.Series(groups.tolist(), index=table.index, dtype=str)


def shown_groups(groups: pd.Series) -> list[str]:
    """Return the groups that a result has rows for: every class, and ``unknown`` if it occurs."""
    unknown = [UNKNOWN] if (groups == UNKNOWN).any() else []
    return [*INCOME_GROUPS, UNCLASSIFIED, *unknown]


def _check_values(table: pd.DataFrame, column: Column, what: str) -> None:
    values = table[column.name]
    if column.allowed:
        wrong = (~values.isin(column.allowed)).to_numpy()
        found = (
            (int(wrong.argmax()), f"one of {', '.join(column.allowed)}") if wrong.any() else None
        )
    elif column.minimum is not None:
        found = _first_wrong(values, column.minimum, True, column.unit)
    else:
        return
    if found is not None:
        raise _not_allowed(table, column.name, what, *found)


def _not_allowed(table: pd.DataFrame, name: str, what: str, place: int, rule: str) -> TableError:
    return TableError(
        f"{what}: column {name!r} holds {_shown(table[name].iloc[place])} in "
        f"{_row(table, place)}; allowed is {rule}. Correct the row; nothing was computed."
    )


def _numbers(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return a column as floats, missing as NaN, and where it holds something else."""
    import numpy as np

    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values.to_numpy(dtype=float), np.zeros(len(values), dtype=bool)
    read = [_as_number(value) for value in values]
    amounts = [float("nan") if number is None else number for number in read]
    return np.array(amounts, dtype=float), np.array([number is None for number in read], dtype=bool)


def _first_wrong(
    values: pd.Series, minimum: float | None, missing: bool, unit: str = ""
) -> tuple[int, str] | None:
    """Return the place of the first value that is not allowed, and what is allowed there."""
    import numpy as np

    amounts, other = _numbers(values)
    rules = [
        (other, "a number"),
        (np.isnan(amounts) & ~other & (not missing), "a number, and not missing (0 if it is none)"),
        (np.abs(amounts) > LARGEST, f"a finite number, at most {LARGEST:g}"),
    ]
    if minimum is not None:
        rules.append((amounts < minimum, f"at least {minimum:g}{' ' + unit if unit else ''}"))
    return next(((int(wrong.argmax()), rule) for wrong, rule in rules if wrong.any()), None)


def _shown(value: Any) -> str:
    return shortly(value.item() if hasattr(value, "item") else value)


def _row(table: pd.DataFrame, place: int) -> str:
    """Return how a message names a row: its label, and what country and time it is of."""
    names = [name for name in ("iso3", "edition", "year") if name in table.columns]
    keys = [str(table[name].iloc[place]) for name in names]
    return f"row {row_of(table, (place,))}{' (' + ', '.join(keys) + ')' if keys else ''}"


AUTHORSHIPS = Contract(
    "authorships",
    (
        Column("conference", "ICML, NeurIPS, ICLR or a name of your own"),
        Column("year", "year of the conference"),
        Column("track", "main, reproducibility, or unseparated where the source mixes tracks"),
        Column("paper", "anonymous number of the paper, unique within conference and year"),
        Column("affiliation", "text as the conference lists it"),
        Column("entries", "authors of this paper with this affiliation text", minimum=0),
    ),
)

RESOLUTIONS = Contract(
    "resolutions",
    (
        Column("country", "ISO 3166-1 alpha-3 of the first country; missing if none"),
        Column("countries", "in order of mention without repeats in a row, joined by ';'"),
        Column("status", "what became of the text", allowed=STATUSES),
        Column("method", "rule that decided"),
        Column("evidence", "part of the text and gazetteer row that decided"),
        Column("confidence", "0 to 1: how often the method is right", minimum=0),
    ),
)

TOP500 = Contract(
    "top500",
    (
        Column("edition", "list as YYYY-MM"),
        Column("iso3", "country that hosts the systems"),
        Column("country", "its name"),
        Column("systems", "listed systems", minimum=1),
        Column("rmax_tflops", "sum of measured LINPACK performance", "TFlop/s", minimum=0),
        Column("rpeak_tflops", "sum of theoretical peak performance", "TFlop/s", minimum=0),
        Column("power_kw", "sum of the published power, missing if none", "kW", minimum=0),
        Column("systems_with_power", "systems with published power", minimum=0),
    ),
)

SHARES = Contract(
    "income shares",
    (
        Column(
            "income_group",
            "World Bank class of the entry's country, or unknown",
            allowed=(*INCOME_GROUPS, UNCLASSIFIED, UNKNOWN),
        ),
        Column("entries", "entries (may be fractional)", minimum=0),
        Column("share_of_known", "part of the entries with a known class", minimum=0),
        Column("share_of_all", "part of all entries, unknown included", minimum=0),
    ),
)
