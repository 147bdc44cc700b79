"""A new conference year: read it, place it, look at it beside the last one, add it."""

from __future__ import annotations

import inspect
import operator
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.analysis.drift import drift, profile
from caraml_analysis.errors import UsageError, YearError
from caraml_analysis.geocoding import Overrides, geocode
from caraml_analysis.geocoding.overrides import OverridesLike
from caraml_analysis.reproduce.entries import located_authorships
from caraml_analysis.reproduce.unresolved import unresolved_texts
from caraml_analysis.sources import conference_years
from caraml_analysis.sources.conference_years import ConferenceYear
from caraml_analysis.sources.conferences import embedded_years
from caraml_analysis.sources.workspace import Change, Workspace, YearCard
from caraml_analysis.sources.world_bank import income_class, income_classes

Place = Workspace | Path | str | None

#: Sources that read a saved file, by its ending.
_SAVED_FROM = {
    ".json": ("virtual_site", "proceedings", "paperlists"),
    ".html": ("accepted_papers",),
    ".htm": ("accepted_papers",),
}


@dataclass(frozen=True)
class NewYear:
    """A conference year that was read, and what is to be seen of it before it is added.

    Attributes
    ----------
    found : ConferenceYear
        What the source gave.
    located : DataFrame
        Its entries with country and income group.
    last : int or None
        The year before it that is there, embedded or added.
    last_kind : str
        Kind of its affiliations; empty without a last year.
    drift : DataFrame
        As :func:`caraml_analysis.analysis.drift.drift` gives it; empty without a last year.
    unresolved : DataFrame
        ``text``, ``entries`` and more of the texts without a country, by weight.
    unused_overrides : list of str
        Rows of the overrides that decided nothing in this year.
    repeats_last : bool
        Whether it has the affiliations of the last year, each as often: mostly the wrong file.
    change : {"added", "replaced", "unchanged"} or None
        What became of it in the workspace; None if it was only looked at.
    card : YearCard or None
        Its card there.
    """

    found: ConferenceYear
    located: pd.DataFrame
    last: int | None
    last_kind: str
    drift: pd.DataFrame
    unresolved: pd.DataFrame
    unused_overrides: list[str]
    repeats_last: bool = False
    change: Change | None = None
    card: YearCard | None = None

    def __str__(self) -> str:
        """Return what came, in lines for people."""
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        """Return the same: it is what a notebook shows."""
        return str(self)


def opened(workspace: Place) -> Workspace:
    """Return the workspace; the user's own for None."""
    return workspace if isinstance(workspace, Workspace) else Workspace(workspace)


def add_year(
    conference: str,
    year: int,
    *,
    source: str | None = None,
    path: Path | str | None = None,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    workspace: Place = None,
    overrides: OverridesLike | None = None,
    keep_authors: bool = False,
    dry_run: bool = False,
    **options: Any,
) -> NewYear:
    """Read a conference year, check and place it, and add it to the workspace.

    Parameters
    ----------
    conference : str
        ``ICML``, ``NeurIPS``, ``ICLR``; with `path` any name.
    year : int
        Year of the conference.
    source : str, optional
        Of :data:`caraml_analysis.sources.conference_years.SOURCES`. By default ``csv`` for a
        file, and otherwise the first source that should have the year.
    path : path, optional
        A file to read instead of the network.
    mapping : mapping, optional
        Which column is what, for the source ``csv``, for example
        ``{"affiliation": ["Institution 1", "Institution 2"], "title": "Paper title"}``.
    workspace : Workspace or path, optional
        Where to add it; ``CARAML_WORKSPACE`` or a folder below the user's data folder by default.
    overrides : path, DataFrame, mapping or Overrides, optional
        The user's judgements about texts; ``overrides.csv`` of the workspace by default.
    keep_authors : bool
        Whether to store names. They are dropped by default.
    dry_run : bool
        Only look: nothing is written.
    **options
        For the source, such as ``client``, ``encoding``, ``split`` or ``commit``; None leaves one
        out.

    Returns
    -------
    NewYear
        What came, beside the last year; prints as a report.

    Raises
    ------
    UsageError
        If no source has such a conference, or the options do not fit together.
    YearError
        If the source has no such year.
    SourceChangedError
        If a site or file is not what it used to be. The workspace stays as it was.
    DownloadError
        If something cannot be fetched. The workspace stays as it was.

    Examples
    --------
    >>> add_year("ICML", 2024, path="export.csv", dry_run=True)  # doctest: +SKIP
    """
    place = opened(workspace)
    judgements = read_overrides(overrides, place)
    found = read_year(
        conference,
        year,
        source=source,
        path=path,
        mapping=mapping,
        keep_authors=keep_authors,
        **options,
    )
    new = look_at(found, place, judgements)
    if dry_run:
        return new
    change, card = place.put(found)
    seen = {name: getattr(new, name) for name in NewYear.__dataclass_fields__}
    return NewYear(**seen | {"change": change, "card": card})


def read_year(
    conference: str,
    year: int,
    *,
    source: str | None = None,
    path: Path | str | None = None,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    **options: Any,
) -> ConferenceYear:
    """Return a conference year from the source that is named, or the first that should have it.

    Parameters and errors are those of :func:`add_year`.
    """
    year = _checked_kinds(conference, year, path, mapping)
    _check_classes(year)
    ending = "" if path is None else Path(path).suffix.lower()
    if source is None and ending in _SAVED_FROM:
        raise UsageError(
            f"{path}: is not a table. Say which source it was saved from with --source, one of "
            f"{', '.join(_SAVED_FROM[ending])}. Nothing was changed."
        )
    if source is None:
        source = "csv" if path is not None else conference_years.available(conference, year)[0]
    chosen = conference_years.source_named(source)
    if source == "csv" and path is None:
        raise UsageError("the source csv reads a file: name it with --from. Nothing was changed.")
    if mapping and source != "csv":
        raise UsageError(
            f"--map is for tables of your own (--source csv); {source} knows its columns. Nothing "
            "was changed."
        )
    path = None if path is None else os.path.expanduser(path)
    given = options | {"path": path, "mapping": mapping or None}
    options = {name: value for name, value in given.items() if value is not None}
    wrong = sorted(options.keys() - inspect.signature(chosen.read).parameters.keys())
    if wrong:
        spelled = {"path": "--from", "base": "--server"}
        names = ", ".join(spelled.get(name, f"--{name.replace('_', '-')}") for name in wrong)
        raise UsageError(
            f"{source} has no use for {names}. Leave it out, or name another source with "
            "--source. Nothing was changed."
        )
    return chosen.read(conference, year, **options)


def _checked_kinds(conference: Any, year: Any, path: Any, mapping: Any) -> int:
    """Return the year as an int of Python's own, which a card can hold; refuse other kinds."""
    if not isinstance(conference, str) or not conference.strip():
        raise UsageError(f"the conference is a name, not {conference!r}. Nothing was changed.")
    if not (path is None or isinstance(path, (str, os.PathLike))):
        raise UsageError(
            f"path is a file, not a {type(path).__name__}. Nothing was changed. Save a table with "
            "its method to_csv or to_parquet first."
        )
    if path is not None and re.match("https?:/", os.fspath(path)):
        raise UsageError(
            f"{os.fspath(path)}: is an address, not a file. Nothing was changed. Download it, and "
            "name the file."
        )
    if not (mapping is None or isinstance(mapping, Mapping)):
        raise UsageError(
            f"mapping is a mapping such as {{'affiliation': 'Institution'}}, not {mapping!r:.60}. "
            "Nothing was changed."
        )
    try:
        return operator.index(year)
    except TypeError:
        raise UsageError(
            f"the year is a whole number such as 2024, not {year!r}. Nothing was changed."
        ) from None


def _check_classes(year: int) -> None:
    """Raise if no income group can be given in a year: before it is fetched, not after."""
    try:
        income_class("USA", year)
    except YearError as error:
        raise YearError(f"{error} Nothing was fetched or changed. Is the year right?") from None


def read_overrides(overrides: OverridesLike | None, workspace: Workspace) -> Overrides | None:
    """Return the overrides that are given, or those of the workspace if it has any."""
    if overrides is None:
        if not workspace.overrides_file.is_file():
            return None
        overrides = workspace.overrides_file
    return Overrides.read(overrides, skip_unfilled=True)


def look_at(
    found: ConferenceYear, workspace: Workspace, overrides: Overrides | None = None
) -> NewYear:
    """Place the entries of a year and compare it with the last one; nothing is written."""
    conference = workspace.spelling(found.conference)
    entries = found.entries.assign(conference=conference)
    found = replace(found, conference=conference, entries=entries)
    located = entries.join(geocode(entries["affiliation"], overrides=overrides))
    located = located.join(income_classes(located["country"], located["year"]))
    unused = overrides.unused() if overrides else []
    last = last_year(found.conference, found.year, workspace)
    moved, last_kind, repeats = pd.DataFrame(), "", False
    if last is not None:
        before = located_authorships(
            [found.conference], [last], workspace=workspace, overrides=overrides
        )
        moved = drift(profile(located), profile(before), found.year - last)
        last_kind = str(before["kind"].iloc[0])
        repeats = _texts(entries) == _texts(before)
    unresolved = unresolved_texts(located)
    return NewYear(found, located, last, last_kind, moved, unresolved, unused, repeats)


def _texts(entries: pd.DataFrame) -> dict[str, int]:
    counts: dict[str, int] = entries.groupby("affiliation")["entries"].sum().to_dict()
    return {text: number for text, number in counts.items() if text}


def known_years(workspace: Workspace) -> dict[str, list[int]]:
    """Return the years of each conference, embedded and added."""
    keys = {*embedded_years(), *(card.key for card in workspace.cards())}
    names = sorted({conference for conference, _ in keys})
    return {name: sorted(year for other, year in keys if other == name) for name in names}


def last_year(conference: str, year: int, workspace: Workspace) -> int | None:
    """Return the newest year before `year` that is there, or None."""
    earlier = [one for one in known_years(workspace).get(conference, []) if one < year]
    return max(earlier, default=None)


# --- what is shown ----------------------------------------------------------------------------

_NAMES = {
    "entries": "entries",
    "papers": "papers",
    "entries per paper": "entries per paper",
    "empty": "no affiliation, of all",
    "unresolved": "not placed, of all",
    "high": "high income, of placed",
    "upper_middle": "upper middle",
    "lower_middle": "lower middle",
    "low": "low",
    "unclassified": "not classified",
}
_TEXTS_SHOWN = 10
_OVERRIDES_SHOWN = 10
_LONGEST_TEXT = 70


def _lines(new: NewYear) -> list[str]:
    found = new.found
    name = f"{found.conference} {found.year}"
    kind = tables.AFFILIATION_KINDS.get(found.kind, found.kind)
    lines = [f"{name} from {found.source}, edition {found.edition}: {kind}"]
    lines += [f"    {one.url} (sha256 {one.sha256})" for one in found.inputs[:3]]
    if len(found.inputs) > 3:
        lines.append(f"    and {len(found.inputs) - 3:,} more")
    lines += ["", *_table(new), ""]
    if new.last is not None and new.last_kind != found.kind:
        before = tables.AFFILIATION_KINDS.get(new.last_kind, new.last_kind)
        lines.append(
            f"{new.last} has affiliations from {before}: a change may be one of the source. "
            "Figures mark it."
        )
    if new.repeats_last:
        lines.append(f"Every affiliation is there as often as in {new.last}: is it the right file?")
    if new.located["carried_forward"].any():
        year = int(new.located["data_year"].max())
        lines.append(f"Income classes are carried forward from {year}: later ones are not out yet.")
    lines += [f"note: {note}" for note in found.notes]
    lines += _unresolved_lines(new.unresolved)
    named = int(new.located.loc[new.located["status"] != "empty", "entries"].sum())
    if new.unresolved["entries"].sum() * 2 > named:
        lines.append("Most entries were not placed: is it the column of the affiliations?")
    if new.unused_overrides:
        lines.append("Rows of the overrides that decided nothing in this year:")
        lines += [f"    {row}" for row in new.unused_overrides[:_OVERRIDES_SHOWN]]
        if len(new.unused_overrides) > _OVERRIDES_SHOWN:
            lines.append(f"    and {len(new.unused_overrides) - _OVERRIDES_SHOWN:,} more")
    return lines


def _table(new: NewYear) -> list[str]:
    """Return the numbers of the year, beside those of the last one if there is one."""
    now = profile(new.located)
    if new.last is None:
        rows = [(name, "count", value) for name, value in now.counts.items()]
        rows += [(name, "share", value) for name, value in now.shares.items()]
        lines = [f"{'':<24}{new.found.year:>11}"]
        lines += [f"{_NAMES[name]:<24}{_shown(kind, value):>11}" for name, kind, value in rows]
        return [*lines, f"No earlier year of {new.found.conference} to compare it with."]
    lines = [f"{'':<24}{new.last:>11}{new.found.year:>11}{'change':>11}"]
    for row in new.drift.itertuples():
        change = (
            f"{row.new / row.last - 1:+.0%}"
            if row.kind == "count"
            else f"{100 * (row.new - row.last):+.1f} pts"
        )
        before, after = _shown(row.kind, row.last), _shown(row.kind, row.new)
        mark = "  ! unusual" if row.surprising else ""
        label = _NAMES.get(str(row.measure), row.measure)
        lines.append(f"{label:<24}{before:>11}{after:>11}{change:>11}{mark}")
    if new.drift["surprising"].any():
        lines.append(
            "! moved more than between any two successive embedded years: look before you use it"
        )
    return lines


def _shown(kind: Any, value: Any) -> str:
    if kind == "share":
        return f"{100 * value:.2f} %"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _unresolved_lines(unresolved: pd.DataFrame) -> list[str]:
    if unresolved.empty:
        return ["Every text that names something was placed."]
    total = int(unresolved["entries"].sum())
    lines = [f"Not placed: {len(unresolved):,} texts of {total:,} entries. By entries:"]
    for row in unresolved.head(_TEXTS_SHOWN).itertuples():
        text = str(row.text)
        text = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
        lines.append(f"{row.entries:>8,}  {text} ({row.status})")
    if len(unresolved) > _TEXTS_SHOWN:
        lines.append(f"          and {len(unresolved) - _TEXTS_SHOWN:,} more")
    return lines
