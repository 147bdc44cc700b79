"""What every source of conference years gives: one checked table, and what is to be said of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from caraml_analysis import tables
from caraml_analysis.errors import SourceChangedError, TableError, YearError
from caraml_analysis.sources.conference_years.texts import (
    affiliation_text,
    one_line,
    title_key,
    unescape,
    without_own_name,
)
from caraml_analysis.sources.http import Input

if TYPE_CHECKING:
    import pandas as pd

#: Of a hundred records, so many may be unreadable: they are named. More means a changed source.
MOST_UNREADABLE_PERCENT = 1
#: From this share of empty affiliations on, a note says so.
MANY_EMPTY = 0.2
_MOST_NAMED = 20
_COLUMNS = ["conference", "year", "track", "paper", "affiliation", "entries"]


@dataclass(frozen=True)
class ConferenceYear:
    """The authorships of one conference and year, from one source.

    Attributes
    ----------
    conference : str
        ``ICML``, ``NeurIPS``, ``ICLR``, or a name of the user's own.
    year : int
    source : str
        A key of :data:`caraml_analysis.sources.conference_years.SOURCES`.
    edition : str
        What was read: day of retrieval or commit, and the beginning of the sha256.
    entries : DataFrame
        Keeps :data:`caraml_analysis.tables.AUTHORSHIPS`: ``conference``, ``year``, ``track``,
        ``paper`` (anonymous number), ``affiliation`` (empty where nothing is known), ``entries``.
        With ``keep_authors=True`` also ``author``, and then one row per author.
    counts : dict
        ``papers``, ``entries``, ``empty`` (entries without affiliation), ``records`` (read from
        the source), ``site_count`` (what the source itself says, or None), ``duplicates``
        (records dropped because they repeat another), ``unreadable`` (how many records could not
        be read). Sources may add more.
    notes : tuple of str
        What a reader of a figure should know, in sentences; unreadable records by name.
    kind : str
        ``conference_site``, ``proceedings``, ``openreview`` or ``user``. Years of different kinds
        are not to be mixed in one series without a mark.
    inputs : tuple of Input
        Every download or file.
    """

    conference: str
    year: int
    source: str
    edition: str
    entries: pd.DataFrame
    counts: dict[str, Any]
    notes: tuple[str, ...]
    kind: str
    inputs: tuple[Input, ...]


@dataclass
class Paper:
    """One paper as a source lists it: authors are pairs of name and affiliation, as found.

    ``identity`` is an id that a second listing of the same paper shares; ``rank`` decides which
    of two equally complete listings is kept (the smaller).
    """

    title: str
    authors: list[tuple[str, str]]
    track: str = "main"
    identity: str = ""
    rank: int = 0


@dataclass
class Reading:
    """What came of the records of a source, while they are read."""

    papers: list[Paper] = field(default_factory=list)
    records: int = 0
    site_count: int | None = None
    unreadable: list[str] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)  # that unreadable records lack
    others: Counter[str] = field(default_factory=Counter)  # records that are left out, and why
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def refuse(self, record: str, field_name: str, reason: str) -> None:
        """Note a record that cannot be read, and the field that is to blame."""
        self.unreadable.append(f"{record}: {reason}")
        self.fields[field_name] += 1

    def check(self, source: str, where: str) -> None:
        """Raise a SourceChangedError if this is not what the source used to be."""
        broken = len(self.unreadable)
        if broken * 100 > MOST_UNREADABLE_PERCENT * self.records:
            name, number = self.fields.most_common(1)[0]
            raise changed(
                source,
                where,
                f"{broken:,} of {self.records:,} records cannot be read, {number:,} of them for "
                f"the field {name!r} ({self.unreadable[0]})",
            )
        if self.site_count is not None and self.site_count != self.records:
            raise changed(
                source,
                where,
                f"'count' says {self.site_count:,} records, the list has {self.records:,}",
            )


class Unreadable(Exception):  # noqa: N818 - not an error of ours: it never leaves a source
    """One record is not of the expected shape: which field, and why."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_name


def changed(source: str, where: str, what: str) -> SourceChangedError:
    """Return the error for a page or file that is not of the shape that was expected."""
    return SourceChangedError(
        f"{source}: {where}: {what}. Nothing was changed: years and downloads that were saved "
        "before are as they were. If the site has a new layout, the parser of this source needs "
        "an update; meanwhile give the year as a CSV file, or use another source."
    )


def text_of(record: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """Return a text field on one line; missing or of another type is `Unreadable`.

    A field that is there and null is an empty text, unless it is `needed`.
    """
    if name not in record:
        raise Unreadable(name, f"has no field {name!r}")
    value = record[name]
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise Unreadable(name, f"{name!r} is {value!r:.40}, not a text")
    if needed and not value.strip():
        raise Unreadable(name, f"{name!r} is empty")
    return whole_letters(value)


def whole_letters(text: str) -> str:
    """Return a text without half characters, which JSON can hold and no file can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def list_of(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list field; missing or of another type is `Unreadable`."""
    if name not in record:
        raise Unreadable(name, f"has no field {name!r}")
    value = record[name]
    if not isinstance(value, list):
        raise Unreadable(name, f"{name!r} is {value!r:.40}, not a list")
    return value


def each_record(
    reading: Reading, records: Iterable[Any], read_one: Callable[[dict[str, Any]], Paper | None]
) -> None:
    """Read records one by one into `reading`; those that cannot be read are named, not fatal."""
    for record in records:
        reading.records += 1
        name = f"record {reading.records:,}"
        if not isinstance(record, dict):
            reading.refuse(name, "record", f"is {record!r:.40}, not an object")
            continue
        known = record.get("id") or record.get("hash")
        try:
            paper = read_one(record)
        except Unreadable as reason:
            name += f" (id {str(known)[:40]})" if known else ""
            reading.refuse(name, reason.field, str(reason))
        else:
            if paper is not None:
                reading.papers.append(paper)


def _completeness(paper: Paper) -> tuple[int, int, int]:
    filled = sum(bool(affiliation_text(affiliation)) for _, affiliation in paper.authors)
    return (filled, len(paper.authors), -paper.rank)


def without_repeats(papers: Iterable[Paper]) -> tuple[list[Paper], int]:
    """Keep the most complete listing of each paper; return these and how many were dropped.

    Two listings are one paper if they share `identity` or, but for case and signs, the title.
    """
    kept: list[Paper | None] = []
    places: dict[str, int] = {}
    dropped = 0
    for paper in papers:
        keys = [f"title:{title_key(paper.title)}"]
        if paper.identity:
            keys.append(f"id:{paper.identity}")
        found = sorted({places[key] for key in keys if key in places})
        place = found[0] if found else len(kept)
        if not found:
            kept.append(paper)
        same = [paper] if found else []
        for other in found:  # two that were apart can turn out to be the same paper
            if (listing := kept[other]) is not None:
                same.append(listing)
            kept[other] = None
        if same:
            kept[place] = max(same, key=_completeness)
            dropped += len(same) - 1
        moved = set(found[1:])
        if moved:
            places = {key: place if at in moved else at for key, at in places.items()}
        places.update(dict.fromkeys(keys, place))
    return [paper for paper in kept if paper is not None], dropped


def number_titles(titles: Iterable[str]) -> dict[str, int]:
    """Give each distinct title a number, in the order of hashes, which tells nothing."""
    order = sorted(set(titles), key=lambda title: hashlib.sha256(title.encode()).digest())
    return {title: number for number, title in enumerate(order, start=1)}


def tidy(
    reading: Reading,
    conference: str,
    year: int,
    *,
    source: str,
    kind: str,
    inputs: Sequence[Input],
    edition: str = "",
    keep_authors: bool = False,
    repeats: bool = True,
) -> ConferenceYear:
    """Return the checked table of a reading.

    Parameters
    ----------
    reading : Reading
        Papers with authors and affiliations as found.
    conference, year
        Whose they are.
    source, kind, inputs, edition
        As in :class:`ConferenceYear`; without an edition it is the day and sha256 of the inputs.
    keep_authors : bool
        Keep names, one row per author.
    repeats : bool
        Whether papers listed twice are to be joined.

    Raises
    ------
    SourceChangedError
        If no paper is left, or every affiliation is empty though the source should have them.
    """
    import pandas as pd

    papers, dropped = without_repeats(reading.papers) if repeats else (reading.papers, 0)
    counts: Counter[tuple[Any, ...]] = Counter()
    cleaned: dict[str, str] = {}
    titles = [one_line(unescape(paper.title)) for paper in papers]
    numbers = number_titles(titles)
    for paper, title in zip(papers, titles, strict=True):
        number = numbers[title]
        for name, raw in paper.authors:
            if (text := cleaned.get(raw)) is None:
                text = cleaned[raw] = affiliation_text(raw)
            author = one_line(unescape(name))
            text = without_own_name(text, author) if author else text
            counts[(paper.track, number, text, author if keep_authors else "")] += 1
    rows = [(conference, year, *key[:3], n, key[3]) for key, n in sorted(counts.items())]
    entries = pd.DataFrame(rows, columns=[*_COLUMNS, "author"])
    if keep_authors:
        entries = entries.loc[entries.index.repeat(entries["entries"])].assign(entries=1)
        entries = entries.reset_index(drop=True)
    else:
        entries = entries.drop(columns="author")
    empty = int(entries.loc[entries["affiliation"] == "", "entries"].sum())
    total = int(entries["entries"].sum())
    notes = list(reading.notes)
    if dropped:
        notes.append(f"Records that repeat another paper, joined with it: {dropped:,}.")
    notes += [
        f"Records left out, because {why}: {number:,}." for why, number in reading.others.items()
    ]
    if total and empty / total >= MANY_EMPTY:
        notes.append(f"{empty / total:.0%} of the entries have no affiliation.")
    notes += _named(reading.unreadable)
    return ConferenceYear(
        conference=conference,
        year=year,
        source=source,
        edition=edition or edition_of(inputs),
        entries=tables.AUTHORSHIPS.check(entries),
        counts={
            "papers": len(numbers),
            "entries": total,
            "empty": empty,
            "records": reading.records,
            "site_count": reading.site_count,
            "duplicates": dropped,
            "unreadable": len(reading.unreadable),
            **reading.more,
        },
        notes=tuple(notes),
        kind=kind,
        inputs=tuple(inputs),
    )


def _named(unreadable: list[str]) -> list[str]:
    notes = [f"Could not be read and is left out: {what}." for what in unreadable[:_MOST_NAMED]]
    if len(unreadable) > _MOST_NAMED:
        notes.append(f"More records that could not be read: {len(unreadable) - _MOST_NAMED:,}.")
    return notes


def edition_of(inputs: Sequence[Input]) -> str:
    """Return day and sha256 of what was read, for example ``2026-01-31 sha256:0123456789ab``."""
    if len(inputs) == 1:
        digest = inputs[0].sha256
    else:
        digest = hashlib.sha256("".join(one.sha256 for one in inputs).encode()).hexdigest()
    day = max((one.retrieved[:10] for one in inputs if one.retrieved), default="")
    return f"{day} sha256:{digest[:12]}".strip()


@dataclass(frozen=True)
class Years:
    """Which years of a conference a source has; without `last` also those to come."""

    first: int
    last: int | None = None
    without: tuple[int, ...] = ()

    def __contains__(self, year: int) -> bool:
        """Tell whether the source should have this year."""
        last = self.last if self.last is not None else 9999
        return self.first <= year <= last and year not in self.without

    def __str__(self) -> str:
        """Return for example ``2018 to 2022 without 2020``."""
        span = f"{self.first} and later" if self.last is None else f"{self.first} to {self.last}"
        left_out = f" without {', '.join(map(str, self.without))}" if self.without else ""
        return span + left_out


Coverage = Mapping[str, Years]


def spelled_coverage(coverage: Coverage) -> str:
    """Return a coverage in words; an empty one is any conference and year."""
    return "; ".join(f"{name} {years}" for name, years in coverage.items()) or "any"


def check_covered(source: str, coverage: Coverage, conference: str, year: int) -> None:
    """Raise if a source has no such conference (TableError) or year (YearError)."""
    if not coverage:
        return
    if conference not in coverage:
        raise TableError(
            f"{source}: has no conference {conference!r}; it has {spelled_coverage(coverage)}. "
            "Nothing was fetched."
        )
    if year not in coverage[conference]:
        raise YearError(
            f"{source}: has no {conference} {year}; it has {spelled_coverage(coverage)}. "
            "Nothing was fetched. `caraml add-year` with --from FILE takes a table of your own."
        )
