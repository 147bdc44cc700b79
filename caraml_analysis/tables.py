"""The tables that rooms hand to each other: columns, units and allowed values.

A room that returns a table promises its contract; a room that takes one checks it, so that a
wrong table is named at the door and not three calls later.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caraml_analysis.errors import TableError

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
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise TableError(
            f"{what}: no column {', '.join(map(repr, missing))} "
            f"(found {', '.join(map(repr, table.columns))}). Rename your columns to these names."
        )
    twice = [name for name in names if list(table.columns).count(name) > 1]
    if twice:
        raise TableError(
            f"{what}: there are several columns {twice[0]!r}, so it is not clear which one counts. "
            "Keep one of them; nothing was computed."
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
    require_columns(table, names, what)
    for name in names:
        values = table[name]
        numbers = _numbers(values)
        wrong = _first_wrong(values, numbers, minimum, missing)
        if wrong is not None:
            place, rule = wrong
            raise TableError(
                f"{what}: column {name!r} holds {_shown(values.iloc[place])} in "
                f"{_row(table, place)}; allowed is {rule}. Correct the row; nothing was computed."
            )
        if numbers is not values:
            table = table.assign(**{name: numbers})
    return table


def numbers_of(values: Any, what: str) -> np.ndarray:
    """Return `values` as floats; missing and infinite ones are left to the caller.

    Parameters
    ----------
    values : sequence of float
        One number for each holder or country.
    what : str
        What the values are, for the message.

    Raises
    ------
    TableError
        If one of them is no number, or they are no plain sequence.
    """
    import numpy as np
    import pandas as pd

    try:
        series = pd.Series(values).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"{what}: {error}. Give one number for each; nothing was computed."
        ) from error
    numbers = _numbers(series)
    odd = (numbers.isna() & series.notna()).to_numpy()
    if odd.any():
        place = int(odd.argmax())
        raise TableError(
            f"{what}: place {place} holds {_shown(series.iloc[place])}, which is no number. "
            "Nothing was computed."
        )
    return np.asarray(numbers, dtype=float)


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
        place = wrong.index(True)
        raise TableError(
            f"{what}: column {name!r} holds {_shown(groups.iloc[place])} in {_row(table, place)}; "
            f"allowed is one of {', '.join(allowed)}. Correct the row; nothing was computed."
        )
    return pd.Series(groups, index=table.index, dtype=object)


def shown_groups(groups: pd.Series) -> list[str]:
    """Return the groups that a result has rows for: every class, and ``unknown`` if it occurs."""
    unknown = [UNKNOWN] if (groups == UNKNOWN).any() else []
    return [*INCOME_GROUPS, UNCLASSIFIED, *unknown]


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


def _check_values(table: pd.DataFrame, column: Column, what: str) -> None:
    values = table[column.name]
    if column.allowed:
        wrong = (~values.isin(column.allowed)).to_numpy()
        found = (
            (int(wrong.argmax()), f"one of {', '.join(column.allowed)}") if wrong.any() else None
        )
    elif column.minimum is not None:
        found = _first_wrong(values, _numbers(values), column.minimum, True, column.unit)
    else:
        return
    if found is not None:
        place, rule = found
        raise TableError(
            f"{what}: column {column.name!r} holds {_shown(values.iloc[place])} in "
            f"{_row(table, place)}; allowed is {rule}. Correct the row; nothing was computed."
        )


def _numbers(values: pd.Series) -> pd.Series:
    """Return `values` if they are plain numbers, otherwise as floats, missing if no number."""
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values

    def number(value: Any) -> float:
        if not isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
            return math.nan
        try:
            return float(value)
        except OverflowError:
            return math.inf

    return pd.Series([number(value) for value in values], index=values.index, dtype=float)


def _first_wrong(
    values: pd.Series, numbers: pd.Series, minimum: float | None, missing: bool, unit: str = ""
) -> tuple[int, str] | None:
    """Return the place of the first value that is not allowed, and what is allowed there."""
    import numpy as np

    amounts = numbers.to_numpy(dtype=float)
    lost = np.isnan(amounts)
    text = lost & values.notna().to_numpy()
    with np.errstate(invalid="ignore"):
        rules = [
            (text, "a number"),
            (lost & ~text & (not missing), "a number, and not missing (0 where there is none)"),
            (np.abs(amounts) > LARGEST, f"a finite number, at most {LARGEST:g}"),
        ]
        if minimum is not None:
            least = f"at least {minimum:g}{' ' + unit if unit else ''}"
            rules.append((amounts < minimum, least))
    return next(((int(wrong.argmax()), rule) for wrong, rule in rules if wrong.any()), None)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _row(table: pd.DataFrame, place: int) -> str:
    """Return how a message names a row: its label, and what country and time it is of."""
    names = [name for name in ("iso3", "edition", "year") if name in table.columns]
    keys = [str(table[name].iloc[place]) for name in names]
    return f"row {table.index[place]}{' (' + ', '.join(keys) + ')' if keys else ''}"


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
