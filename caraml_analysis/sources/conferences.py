"""Conference authorships: who is listed from where, without names and titles.

Embedded years, and beside them those that the user has added to a workspace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from caraml_analysis import registry, tables
from caraml_analysis.errors import TableError, YearError
from caraml_analysis.sources.workspace import Workspace

_COLUMNS = ["conference", "year", "track", "paper", "affiliation_id", "affiliation", "entries"]


@dataclass(frozen=True)
class Embedded:
    """Where some of the embedded years come from; ``docs/data.md`` has the details."""

    conference: str
    first: int
    last: int
    kind: str
    collection: str
    edition: str


#: By conference and year; kinds as in :class:`caraml_analysis.sources.conference_years.Source`.
EMBEDDED = (
    *(
        Embedded(*years, "conference_site", "martenlienen/icml-nips-iclr-dataset", "2019-08")
        for years in (("ICLR", 2018, 2019), ("ICML", 2017, 2019), ("NeurIPS", 2006, 2018))
    ),
    Embedded("ICML", 2020, 2020, "conference_site", "SambaranRepo/ECE143-Project", "2021-11"),
    Embedded("ICML", 2021, 2022, "conference_site", "ch3njust1n/conference_metadata", "2022-09"),
    Embedded("NeurIPS", 2019, 2020, "proceedings", "ch3njust1n/conference_metadata", "2022"),
    Embedded("NeurIPS", 2021, 2021, "conference_site", "hamanhbui/neurips2021_analysis", "2021-11"),
    Embedded(
        "NeurIPS", 2022, 2022, "conference_site", "dongkwan-kim/neurips2022_analysis", "2022-10"
    ),
)


def embedded_years() -> dict[tuple[str, int], Embedded]:
    """Return the origin of every embedded conference-year."""
    return {
        (part.conference, year): part
        for part in EMBEDDED
        for year in range(part.first, part.last + 1)
    }


def load_authorships(
    conferences: Iterable[str] | str | None = None,
    years: Iterable[int] | int | None = None,
    *,
    workspace: Workspace | Path | str | None = None,
) -> pd.DataFrame:
    """Return the authorships: one row per paper and affiliation text.

    Parameters
    ----------
    conferences : str or iterable of str, optional
        Of ``"ICML"``, ``"NeurIPS"``, ``"ICLR"``, or what was added. All by default.
    years : int or iterable of int, optional
        Years to keep. All by default.
    workspace : Workspace or path, optional
        Where the user's own years are (``caraml add-year``); only the embedded ones by default,
        so that results do not depend on the machine. A year that was added stands in for the
        embedded one.

    Returns
    -------
    DataFrame
        Columns ``conference``, ``year`` (int), ``track``, ``paper`` (anonymous number, unique
        within a conference-year), ``affiliation_id``, ``affiliation`` (text as listed, may be
        empty or ``"None"``) and ``entries`` (authors of this paper with this text). The sum of
        ``entries`` is what the paper calls entries, the number of distinct papers its "unique".
        With a workspace also ``kind`` and ``source``; years of different kinds are not to be
        mixed in one series without a mark.

    Raises
    ------
    TableError
        If a conference is not there.
    YearError
        If a year is there for none of the conferences.
    WorkspaceError
        If a table of the workspace was altered.

    Notes
    -----
    Cards ``conferences/authorships.csv`` and ``conferences/affiliations.csv``. NeurIPS 2022 mixes
    tracks, see :func:`load_coverage`.

    Examples
    --------
    >>> load_authorships("ICML", 2017)["entries"].sum()
    np.int64(1588)
    """
    rows = registry.read_csv("conferences/authorships.csv")
    texts = registry.read_csv("conferences/affiliations.csv", dtype={"affiliation": str})
    texts = texts.fillna({"affiliation": ""})
    wanted = _wanted(conferences, years)
    if workspace is None:
        rows = _chosen(rows, *wanted).merge(texts, on="affiliation_id", validate="m:1")
        rows = rows[_COLUMNS]
    else:
        rows = _with_added(rows, texts, _workspace(workspace), *wanted)
    return tables.AUTHORSHIPS.check(rows.reset_index(drop=True))


def _wanted(
    conferences: Iterable[str] | str | None, years: Iterable[int] | int | None
) -> tuple[list[str] | None, list[int] | None]:
    names = [conferences] if isinstance(conferences, str) else conferences
    numbers = [years] if isinstance(years, int) else years
    return (
        None if names is None else list(names),
        None if numbers is None else list(numbers),
    )


def _workspace(workspace: Workspace | Path | str) -> Workspace:
    return workspace if isinstance(workspace, Workspace) else Workspace(workspace)


def _chosen(
    rows: pd.DataFrame, conferences: list[str] | None, years: list[int] | None
) -> pd.DataFrame:
    """Return the rows of the wanted conferences and years, or say which there are."""
    _check_conferences(conferences, rows["conference"].unique())
    if conferences is not None:
        rows = rows[rows["conference"].isin(conferences)]
    if years is not None:
        _check_years(years, rows["year"].unique())
        rows = rows[rows["year"].isin(years)]
    return rows


def _check_conferences(wanted: list[str] | None, there: Iterable[str]) -> None:
    known = sorted(set(there))
    wrong = sorted(set(wanted or ()) - set(known))
    if wrong:
        raise TableError(f"no authorships of {', '.join(wrong)}; there are {', '.join(known)}.")


def _check_years(wanted: list[int], there: Iterable[int]) -> None:
    known = sorted({int(year) for year in there})
    wrong = sorted(set(wanted) - set(known))
    if wrong:
        raise YearError(
            f"no authorships of {', '.join(map(str, wrong))}; there are "
            f"{', '.join(map(str, known))}."
        )


def _with_added(
    rows: pd.DataFrame,
    texts: pd.DataFrame,
    workspace: Workspace,
    conferences: list[str] | None,
    years: list[int] | None,
) -> pd.DataFrame:
    """Return embedded and added rows together; an added year stands in for an embedded one."""
    cards = {card.key: card for card in workspace.cards()}
    origins = {key: (part.kind, part.collection) for key, part in embedded_years().items()}
    origins |= {key: (card.kind, card.source) for key, card in cards.items()}
    keys = pd.DataFrame(list(origins), columns=["conference", "year"])
    chosen = [(str(name), int(year)) for name, year in _chosen(keys, conferences, years).to_numpy()]
    embedded = pd.MultiIndex.from_frame(rows[["conference", "year"]])
    rows = rows[embedded.isin([key for key in chosen if key not in cards])]
    rows = rows.merge(texts, on="affiliation_id", validate="m:1")
    added = [key for key in chosen if key in cards]
    if added:
        new = workspace.authorships(added)
        rows = pd.concat([rows, new.assign(affiliation_id=_ids(new["affiliation"], texts))])
    columns = ["conference", "year", "kind", "source"]
    of_year = pd.DataFrame([(*key, *origins[key]) for key in chosen], columns=columns)
    return rows[_COLUMNS].merge(of_year, on=["conference", "year"], validate="m:1")


def _ids(affiliations: pd.Series, texts: pd.DataFrame) -> pd.Series:
    """Return the id of each text; those that are not embedded continue the numbers."""
    known = dict(zip(texts["affiliation"], texts["affiliation_id"].astype(int), strict=True))
    first = max(known.values()) + 1
    unknown = sorted(set(affiliations) - set(known))
    return affiliations.map(known | {text: n for n, text in enumerate(unknown, start=first)})


def load_coverage() -> pd.DataFrame:
    """Return which conference-years of the paper are embedded, and what their sources mix."""
    return registry.read_csv("conferences/coverage.csv").fillna({"note": ""})


def load_conference_dates() -> pd.DataFrame:
    """Return conference, year, start (date) and place of the embedded conference-years."""
    return registry.read_csv("conferences/dates.csv", parse_dates=["start"])
