"""The tables that rooms hand to each other: columns, units and allowed values.

A room that returns a table promises its contract; a room that takes one checks it, so that a
wrong table is named at the door and not three calls later.
"""

from __future__ import annotations

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
            _check_values(table[column.name], column, self.name)
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


def _check_values(values: pd.Series, column: Column, what: str) -> None:
    if column.allowed:
        wrong = ~values.isin(column.allowed)
        rule = f"one of {', '.join(column.allowed)}"
    elif column.minimum is not None:
        wrong = values < column.minimum
        rule = f"at least {column.minimum:g}{' ' + column.unit if column.unit else ''}"
    else:
        return
    if wrong.any():
        row, value = next((row, value) for row, value in values[wrong].items())
        shown = repr(value) if isinstance(value, str) else str(value)
        raise TableError(
            f"{what}: column {column.name!r} holds {shown} in row {row}; "
            f"allowed is {rule}. Correct the row; nothing was computed."
        )


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
