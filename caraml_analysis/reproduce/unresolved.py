"""Texts without a country, by weight, and the file in which a user judges them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from caraml_analysis import paths
from caraml_analysis.csv_reader import ENDINGS_OF_WORKBOOKS, CsvForm
from caraml_analysis.errors import UsageError
from caraml_analysis.geocoding import Overrides, geocode
from caraml_analysis.geocoding.overrides import COLUMNS, read_cells
from caraml_analysis.geocoding.text import clean
from caraml_analysis.sources.workspace import Workspace

_REASON = "entries: "  # begins reasons that no user wrote
_OPEN = ("not_found", "ambiguous", "error")


def unresolved_texts(located: pd.DataFrame) -> pd.DataFrame:
    """Return the texts that name something but have no country, those of most entries first.

    Parameters
    ----------
    located : DataFrame
        ``conference``, ``year``, ``affiliation``, ``entries``, and the columns of
        :func:`caraml_analysis.geocode`.

    Returns
    -------
    DataFrame
        ``text``, ``entries``, ``years`` (such as ``ICML 2024, NeurIPS 2023``), ``status`` and
        ``evidence``. Spellings that overrides do not tell apart are one row. What an override
        leaves unknown is not among them: it is judged.
    """
    is_open = located["status"].isin(_OPEN) & (located["method"] != "override")
    rows = located.loc[is_open, ["conference", "year", "affiliation", "entries", "status"]].assign(
        evidence=located.loc[is_open, "evidence"],
        years=[
            f"{conference} {year}"
            for conference, year in zip(
                located.loc[is_open, "conference"], located.loc[is_open, "year"], strict=True
            )
        ],
        key=[clean(text).casefold() for text in located.loc[is_open, "affiliation"]],
    )
    if rows.empty:
        return pd.DataFrame(columns=["text", "entries", "years", "status", "evidence"])
    found = rows.groupby("key", sort=True).agg(
        text=("affiliation", "first"),
        entries=("entries", "sum"),
        years=("years", lambda years: ", ".join(sorted(set(years)))),
        status=("status", "first"),
        evidence=("evidence", "first"),
    )
    return found.sort_values("entries", ascending=False, kind="stable").reset_index(drop=True)


def unresolved_of(
    workspace: Workspace, keys: list[tuple[str, int]], overrides: Overrides | None = None
) -> pd.DataFrame:
    """Return :func:`unresolved_texts` of some added years."""
    rows = workspace.authorships(keys)
    return unresolved_texts(rows.join(geocode(rows["affiliation"], overrides=overrides)))


@dataclass(frozen=True)
class Written:
    """What is in the file now: rows that were filled in and kept, and rows to fill in."""

    path: Path
    kept: int
    to_fill_in: int


def write_overrides_to_fill_in(unresolved: pd.DataFrame, path: Path) -> Written:
    """Write texts as overrides whose country is to be filled in; what is filled in stays.

    Parameters
    ----------
    unresolved : DataFrame
        As :func:`unresolved_texts` gives it.
    path : Path
        The CSV. Its rows with a country stay as they are, and so does what the user wrote into
        others (a reason, a pattern); rows that nobody touched give way. It keeps its encoding and
        its delimiter, so that the spreadsheet that saved it opens it again; a new one is UTF-8
        with a byte-order mark, without which spreadsheets take its letters for others.

    Raises
    ------
    TableError
        If the file is there and has faults: it is then left as it was.
    UsageError
        If it has the name of a workbook. Nothing is written.
    OutputError
        If it cannot be written. What stood there before still stands.
    """
    if path.suffix.lower() in ENDINGS_OF_WORKBOOKS:
        raise UsageError(
            f"{path}: has the name of a workbook, but CSV is written. Nothing was written. End the "
            "name with .csv; spreadsheets open it."
        )
    form, filled, begun = _read(path)
    rows = []
    for row in unresolved.itertuples():
        text = str(row.text)
        reason = f"{_REASON}{row.entries}, {row.years}; {row.status}"
        if row.evidence:
            reason += f": {row.evidence}"
        own = begun.pop(clean(text).casefold(), {"reason": reason})
        rows.append({"text": text, "pattern": "", "country": "", "reason": own["reason"]})
    rows = [*filled, *begun.values(), *rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", delimiter=form.delimiter)
    writer.writeheader()
    writer.writerows(rows)
    paths.write_atomically(path, out.getvalue().encode(form.encoding, "replace"))
    return Written(path, len(filled), len(unresolved))


def _read(path: Path) -> tuple[CsvForm, list[dict[str, str]], dict[str, dict[str, str]]]:
    """Return form and filled rows of a file, and by text or pattern those that a user began."""
    if not path.exists():
        return CsvForm("utf-8-sig"), [], {}
    Overrides.read(path, skip_unfilled=True)  # says what is wrong, if anything is
    form, cells = read_cells(path)
    rows = [{name: row.get(name, "") for name in COLUMNS} for _, row in cells]
    filled = [row for row in rows if row["country"].strip()]
    begun = {
        clean(row["text"]).casefold() or f"pattern {row['pattern']}": row
        for row in rows
        if not row["country"].strip()
        and (row["pattern"].strip() or not row["reason"].startswith(_REASON))
        and any(row[name].strip() for name in ("pattern", "reason"))
    }
    return form, filled, begun
