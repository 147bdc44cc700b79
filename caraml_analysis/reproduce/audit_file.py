"""The audit of a user's own labelled file: rows in, tables and sentences out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from caraml_analysis.analysis import audit
from caraml_analysis.errors import UsageError
from caraml_analysis.reproduce.accuracy import AUDIT_YEAR, judged_texts, readable
from caraml_analysis.reproduce.saving import table_csv

#: Names under which the columns are looked for if they are not given, in this order.
COLUMN_NAMES = {
    "text": ("text", "affiliation", "string"),
    "label": ("label", "countries", "country", "country_alpha2", "country_alpha3", "iso3"),
    "weight": ("weight", "entries"),
}

#: What the counts and shares of a text without a weight are counted in.
TEXTS = "texts"

_TITLES = {
    "overall": "Overall",
    "methods": "By method (accuracy: right, or rightly without an answer)",
    "reliability": "Stated confidence beside observed accuracy of the answers",
    "income_groups": "By income group, data year {year}",
    "moves": "From the label's income group to the answer's",
    "shares": "Shares of the income groups under the labels and under the answers",
}


@dataclass(frozen=True)
class Labelled:
    """Labelled texts of a file, and the columns that they were found in.

    ``rows`` has ``text``, ``label`` and, if there are weights, ``weight``; its index is the row in
    the file as a spreadsheet counts it (the header is row 1).
    """

    name: str
    rows: pd.DataFrame
    columns: dict[str, str]


@dataclass(frozen=True)
class Audit:
    """All tables of an audit, by what was counted (texts, or the weight) and by name."""

    labelled: Labelled
    match: audit.Match
    year: int
    judged: pd.DataFrame
    tables: dict[str, dict[str, pd.DataFrame]]
    calibration: dict[str, float]
    sentences: dict[str, str]


def read_labelled(
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    text: str | None = None,
    label: str | None = None,
    weight: str | None = None,
    where: Iterable[str] = (),
) -> Labelled:
    """Return the labelled texts among the rows of a file.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    header, rows : sequence of str, iterable of such
        Column names, and rows of the same width.
    text, label, weight : str, optional
        Names of columns; looked for under :data:`COLUMN_NAMES` if missing. Without a column of
        weights every text counts once.
    where : iterable of str
        ``COLUMN=VALUE``: only rows with this value are measured.

    Raises
    ------
    UsageError
        If a column is missing, no row is left, or a weight is not a number >= 0.
    """
    table = pd.DataFrame(list(rows), columns=list(header), dtype=str)
    table.index = pd.RangeIndex(2, len(table) + 2)
    columns = {
        "text": _column(name, header, "text", text),
        "label": _column(name, header, "label", label),
    }
    if weight is not None or any(header.count(known) == 1 for known in COLUMN_NAMES["weight"]):
        columns["weight"] = _column(name, header, "weight", weight)
    for condition in where:
        column, equals, value = condition.partition("=")
        if not equals:
            raise UsageError(f"--where {condition!r} is not COLUMN=VALUE. Nothing was measured.")
        table = table[table[_column(name, header, "where", column)] == value]
    if table.empty:
        raise UsageError(
            f"{name}: no row to measure{' is left by --where' if where else ' below the header'}. "
            "Nothing was measured."
        )
    chosen = pd.DataFrame({role: table[column] for role, column in columns.items()})
    if "weight" in columns:
        chosen["weight"] = _numbers(name, chosen["weight"], columns["weight"])
    return Labelled(name, chosen, columns)


def _column(name: str, header: Sequence[str], role: str, wanted: str | None) -> str:
    if wanted is None:
        found = [known for known in COLUMN_NAMES[role] if header.count(known) == 1]
        if found:
            return found[0]
        problem = f"no column for the {role}"
    elif header.count(wanted) == 1:
        return wanted
    else:
        problem = (
            f"{header.count(wanted)} columns {wanted!r}"
            if wanted in header
            else f"no column {wanted!r}"
        )
    raise UsageError(
        f"{name}: {problem} (found {', '.join(header)}). Nothing was measured. Name one of them "
        f"with --{role}."
    )


def _numbers(name: str, weights: pd.Series, column: str) -> pd.Series:
    numbers = pd.to_numeric(weights, errors="coerce")
    wrong = ~(numbers >= 0) | numbers.map(math.isinf)
    if wrong.any():
        row = wrong.idxmax()
        raise UsageError(
            f"{name}: row {row}: weight {weights[row]!r} in column {column!r} is not a number of 0 "
            "or more. Nothing was measured."
        )
    if not numbers.sum():
        raise UsageError(
            f"{name}: all weights in column {column!r} are 0, so nothing counts. Nothing was "
            "measured."
        )
    return numbers.astype(float)


def audit_labelled(
    labelled: Labelled, match: audit.Match = "first", year: int = AUDIT_YEAR
) -> Audit:
    """Geocode labelled texts and return every table of the audit.

    Raises
    ------
    TableError
        If a label is no country code; names its row.
    YearError
        If there are no income groups for `year`.
    """
    rows = labelled.rows
    judged = judged_texts(rows["text"], rows["label"], match, year)
    countings: dict[str, pd.Series | None] = {TEXTS: None}
    if "weight" in rows:
        countings[labelled.columns["weight"]] = rows["weight"]
    return Audit(
        labelled,
        match,
        year,
        judged,
        {name: audit.audit_tables(judged, weight) for name, weight in countings.items()},
        audit.calibration_error(judged),
        {name: audit.describe_lean(judged, weight) for name, weight in countings.items()},
    )


def to_text(found: Audit) -> str:
    """Return the audit for people."""
    columns = found.labelled.columns
    blocks = [
        f"{found.labelled.name}: {len(found.judged):,} texts (column {columns['text']!r}), labels "
        f"in {columns['label']!r}, right by the criterion {found.match!r}; in parentheses 95 % "
        "limits (Wilson)"
    ]
    for table, title in _TITLES.items():
        for counting, tables in found.tables.items():
            rows = tables[table]
            weighted = "" if counting == TEXTS else f", weighted by {counting}"
            shown = "none" if rows.empty else readable(rows).to_string(index=False)
            if table == "reliability" and counting == TEXTS:
                error, score = found.calibration.values()
                shown += f"\nexpected calibration error {error:.3f}, Brier score {score:.4f}"
            blocks.append(f"{title.format(year=found.year)}{weighted}\n{shown}")
    blocks += [
        sentence if counting == TEXTS else f"Weighted by {counting}: {sentence}"
        for counting, sentence in found.sentences.items()
    ]
    return "\n\n".join(blocks)


def to_json(found: Audit) -> str:
    """Return the audit for programs."""
    content = {
        "file": found.labelled.name,
        "columns": found.labelled.columns,
        "match": found.match,
        "income_year": found.year,
        "calibration": {
            name: None if math.isnan(value) else value for name, value in found.calibration.items()
        },
        "lean": found.sentences,
        "tables": {
            counting: {name: _records(table) for name, table in tables.items()}
            for counting, tables in found.tables.items()
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    return json.loads(table.to_json(orient="records", double_precision=10))


def to_csv(found: Audit) -> str:
    """Return all tables as one long table.

    Columns ``table``, ``counted_by``, ``row`` (what the line of the table is about), ``measure``
    and ``value``.
    """
    parts = []
    for counting, tables in found.tables.items():
        for name, table in tables.items():
            keys = [c for c in table if any(isinstance(value, str) for value in table[c])]
            row = table[keys].agg(" to ".join, axis=1) if keys else "all"
            wide = table.drop(columns=keys).assign(table=name, counted_by=counting, row=row)
            parts.append(wide.melt(["table", "counted_by", "row"], var_name="measure"))
    columns = ["table", "counted_by", "row", "measure", "value"]
    return table_csv(pd.concat(parts, ignore_index=True)[columns])


def rows_csv(found: Audit) -> str:
    """Return every text with its label, its answer and whether it is right."""
    text = found.labelled.rows[["text"]]
    return text.join(found.judged).to_csv(index_label="row", lineterminator="\n")
