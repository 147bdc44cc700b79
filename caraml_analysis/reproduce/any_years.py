"""Figures of any conference years that are there, embedded and added."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd

from caraml_analysis import registry
from caraml_analysis.analysis.income_shares import income_shares
from caraml_analysis.errors import TableError, UsageError, YearError
from caraml_analysis.geocoding import Overrides
from caraml_analysis.geocoding.overrides import OverridesLike
from caraml_analysis.plots.income import plot_income_shares
from caraml_analysis.reproduce.entries import located_authorships
from caraml_analysis.reproduce.figures import Drawing, require_read
from caraml_analysis.reproduce.new_year import Place, known_years, opened, read_overrides
from caraml_analysis.reproduce.saving import save_figure
from caraml_analysis.sources.conference_years import conference_name
from caraml_analysis.sources.credits import credit
from caraml_analysis.sources.editions import using
from caraml_analysis.sources.workspace import Workspace, YearCard


def authorship_figure(
    conferences: Sequence[str],
    years: Sequence[int] | int = (),
    *,
    workspace: Place = None,
    overrides: OverridesLike | None = None,
) -> Drawing:
    """Draw the entries by income group of any years that are there, embedded and added.

    Parameters
    ----------
    conferences : str or sequence of str
        One or more.
    years : int or sequence of int
        Each of them is drawn for every conference; by default the first and the last year.
    workspace : Workspace or path, optional
        Where the added years are; the user's own by default.
    overrides : path, DataFrame, mapping or Overrides, optional
        The user's judgements about texts; ``overrides.csv`` of the workspace by default.

    Returns
    -------
    Drawing
        Years of another kind of source than most are marked, and so are income classes that were
        carried forward.

    Raises
    ------
    TableError
        If there is no such conference; says which there are.
    YearError
        If a conference has no such year; says which it has.
    """
    place = opened(workspace)
    conferences, years = _listed(conferences, years)
    conferences = [place.spelling(conference_name(name)) for name in conferences]
    keys = _checked_years(conferences, years, known_years(place))
    judgements = read_overrides(overrides, place)
    chosen = sorted({year for _, year in keys})
    located = located_authorships(
        list(conferences), chosen, workspace=place, overrides=judgements or Overrides([])
    )
    pairs = pd.MultiIndex.from_frame(located[["conference", "year"]])
    table = income_shares(located[pairs.isin(keys)])
    cards = [card for card in place.cards() if card.key in keys]
    axes = plot_income_shares(table, note=_note(keys, cards))
    return Drawing(axes, table, _parameters(keys, cards, overrides, place))


def _listed(conferences: Sequence[str], years: Sequence[int] | int) -> tuple[list[str], list[int]]:
    """Return lists, also of one name or one year; years are ints of Python's own."""
    names = [conferences] if isinstance(conferences, str) else list(conferences)
    if isinstance(years, (int, Integral)):
        return names, [int(years)]
    return names, [int(year) for year in years]


def _checked_years(
    conferences: Sequence[str], years: Sequence[int], known: dict[str, list[int]]
) -> list[tuple[str, int]]:
    """Return the conference-years to draw, or say which there are."""
    if not conferences:
        raise UsageError(f"name a conference with --conf; there are {', '.join(known)}.")
    keys: list[tuple[str, int]] = []
    for conference in conferences:
        if conference not in known:
            raise TableError(
                f"no authorships of {conference}; there are {', '.join(known)}. Others are added "
                "with 'caraml add-year'."
            )
        there = known[conference]
        wrong = [year for year in years if year not in there]
        if wrong:
            raise YearError(
                f"no authorships of {conference} {', '.join(map(str, wrong))}; there are "
                f"{', '.join(map(str, there))}. Add it with 'caraml add-year {conference} "
                f"{wrong[0]}'."
            )
        keys += [(conference, year) for year in dict.fromkeys(years or (there[0], there[-1]))]
    return keys


def _note(keys: Iterable[tuple[str, int]], cards: Sequence[YearCard]) -> str:
    added = {card.key for card in cards}
    sources = [] if added.issuperset(keys) else ["conference sites"]
    for card in cards:
        day = card.edition.partition("sha256")[0]  # empty for a file
        sources.append(f"{card.conference} {card.year}: {card.source} {day}".strip())
    note = credit("added", sources="; ".join(sources))
    if ("NeurIPS", 2022) in {*keys} - added:
        note += " NeurIPS 2022 includes Datasets and Benchmarks."
    return note


def _parameters(
    keys: list[tuple[str, int]],
    cards: Sequence[YearCard],
    overrides: OverridesLike | None,
    workspace: Workspace,
) -> dict[str, Any]:
    """Return what the sidecar has to name besides the embedded inputs."""
    found: dict[str, Any] = {
        "years": [f"{conference} {year}" for conference, year in keys],
        "year_rule": "data_year",
        "added": [
            {
                "year": f"{card.conference} {card.year}",
                "source": card.source,
                "kind": card.kind,
                "edition": card.edition,
                "sha256": card.sha256,
                "notes": list(card.notes),
            }
            for card in cards
        ],
    }
    file = overrides if overrides is not None else workspace.overrides_file
    path = Path(os.path.expanduser(file)) if isinstance(file, (str, os.PathLike)) else None
    if path is not None and path.is_file():
        content = path.read_bytes()
        found["overrides_sha256"] = hashlib.sha256(content).hexdigest()
    elif overrides is not None:
        found["overrides"] = f"given in Python, {len(overrides)} rows"  # type: ignore[arg-type]
    return found


def save_authorship_figure(
    conferences: Sequence[str],
    years: Sequence[int] | int = (),
    *,
    workspace: Place = None,
    overrides: OverridesLike | None = None,
    folder: Path | None = None,
    editions: Mapping[str, Sequence[str]] | None = None,
) -> list[Path]:
    """Draw with :func:`authorship_figure` and write the four files of the figure.

    Editions by source count as in :meth:`caraml_analysis.reproduce.figures.Figure.save`.
    """
    with using(**(editions or {})), registry.reading() as inputs:
        conferences, years = _listed(conferences, years)
        drawing = authorship_figure(conferences, years, workspace=workspace, overrides=overrides)
        require_read("authorship", editions or {}, inputs)
        return _save(drawing, conferences, years, workspace, overrides, folder)


def _save(
    drawing: Drawing,
    conferences: Sequence[str],
    years: Sequence[int],
    workspace: Place,
    overrides: OverridesLike | None,
    folder: Path | None,
) -> list[Path]:
    names = [*conferences, *map(str, years)]
    plain = "_".join("".join(c if c.isalnum() else "-" for c in name) for name in names)
    return save_figure(
        drawing.axes,
        f"authorship_{plain.lower()}"[:120],
        data=drawing.table,
        parameters=drawing.parameters,
        title=_title(drawing.parameters["years"]),
        function=f"{authorship_figure.__module__}.{authorship_figure.__name__}",
        command=_command(conferences, years, workspace, overrides),
        folder=folder,
    )


def _title(keys: Sequence[str]) -> str:
    """Return for example ``Entries by income group: ICML 2017 and 2024, NeurIPS 2017 and 2024``."""
    years: dict[str, list[str]] = {}
    for key in keys:
        conference, _, year = key.rpartition(" ")
        years.setdefault(conference, []).append(year)
    parts = []
    for conference, (*others, last) in years.items():
        before = f"{', '.join(others)} and " if others else ""
        parts.append(f"{conference} {before}{last}")
    return f"Entries by income group: {', '.join(parts)}"


def _command(
    conferences: Sequence[str],
    years: Sequence[int],
    workspace: Place,
    overrides: OverridesLike | None,
) -> str:
    """Return the command that draws this again; none draws overrides that a program gave."""
    if overrides is not None and not isinstance(overrides, (str, os.PathLike)):
        return ""
    words = ["caraml", "figure", "authorship", "--conf", *conferences]
    if years:
        words += ["--years", *map(str, years)]
    folder = workspace.folder if isinstance(workspace, Workspace) else workspace
    if folder is not None:
        words += ["--workspace", str(folder)]
    if overrides is not None:
        words += ["--overrides", os.fspath(overrides)]
    return shlex.join(words)
