"""The user's own conference years: a folder of tables with cards, beside the embedded data.

``years/CONFERENCE-YEAR.json`` is the card of a year, and names its table by the table's sha256.
The table is written first; then the card is moved into place by one rename, which is the moment at
which the year is there. Whoever is killed before leaves the old year, whoever is killed after the
new one. What no card names is swept up by the next writer. Writers take turns; readers never wait.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from caraml_analysis import paths, tables
from caraml_analysis.errors import OutputError, TableError, WorkspaceError, YearError
from caraml_analysis.locking import is_busy, locked
from caraml_analysis.sources.http import Input

if TYPE_CHECKING:
    import pandas as pd

    from caraml_analysis.sources.conference_years import ConferenceYear

#: Columns of a stored table; ``author`` only if names were asked for.
COLUMNS = ("track", "paper", "affiliation", "entries")
AUTHOR = "author"

_LONGEST_WAIT_S = 60.0  # writing a year takes a fraction of a second
_TEXTS_SHOWN = 20
_CARD_FORMAT = 1

Change = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True)
class Replaced:
    """What a new edition changed: the note that stays when the old one has gone."""

    source: str
    edition: str
    sha256: str
    replaced: str
    entries_before: int
    entries_after: int
    papers_before: int
    papers_after: int
    affiliations_added: int
    affiliations_removed: int
    examples_added: tuple[str, ...] = ()
    examples_removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the note as a sentence."""
        return (
            f"{self.source}, edition {self.edition}, until {self.replaced[:10]}: "
            f"entries {self.entries_before:,} -> {self.entries_after:,}, "
            f"papers {self.papers_before:,} -> {self.papers_after:,}, "
            f"affiliations +{self.affiliations_added:,} -{self.affiliations_removed:,}"
        )


@dataclass(frozen=True)
class YearCard:
    """Provenance of one added year; ``source`` to ``inputs`` as in :class:`ConferenceYear`.

    Attributes
    ----------
    entries, papers, empty : int
        Entries, papers, and entries without an affiliation.
    authors : bool
        Whether the table holds names.
    sha256 : str
        Of the stored table.
    added : str
        When, ISO 8601, UTC.
    history : tuple of Replaced
        One note for each edition that stood here before.
    """

    conference: str
    year: int
    source: str
    kind: str
    edition: str
    notes: tuple[str, ...]
    inputs: tuple[Input, ...]
    entries: int
    papers: int
    empty: int
    authors: bool
    sha256: str
    added: str
    history: tuple[Replaced, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """Conference and year."""
        return self.conference, self.year

    def to_json(self) -> str:
        """Return the card as it is stored."""
        return json.dumps({"format": _CARD_FORMAT} | asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> YearCard:
        """Return the card that :meth:`to_json` wrote.

        Raises
        ------
        ValueError, KeyError or TypeError
            If the text is something else.
        """
        found = json.loads(text)
        if found.pop("format") != _CARD_FORMAT:
            raise ValueError("written by another version")
        found["notes"] = tuple(found["notes"])
        found["inputs"] = tuple(Input(**one) for one in found["inputs"])
        found["history"] = tuple(_replaced(note) for note in found["history"])
        card = cls(**found)
        if not re.fullmatch(r"[0-9a-f]{64}", card.sha256):
            raise ValueError("no sha256")
        return card


def _replaced(note: Mapping[str, Any]) -> Replaced:
    lists = {name: tuple(note[name]) for name in ("examples_added", "examples_removed")}
    return Replaced(**{**note, **lists})


class Workspace:
    """A folder of added conference years.

    Parameters
    ----------
    folder : path, optional
        ``CARAML_WORKSPACE``, or a folder below the user's data folder, by default. It is made when
        something is written. ``~`` is the user's home.

    Examples
    --------
    >>> Workspace("nowhere").cards()
    []
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        # outside of a shell nobody else expands ~
        self.folder = Path(os.path.expanduser(paths.workspace_dir() if folder is None else folder))
        self._years = self.folder / "years"

    @property
    def overrides_file(self) -> Path:
        """The user's judgements about texts of this workspace; need not exist."""
        return self.folder / "overrides.csv"

    def __repr__(self) -> str:
        """Return the folder."""
        return f"<Workspace: {self.folder}>"

    # --- reading ------------------------------------------------------------------------------

    def cards(self) -> list[YearCard]:
        """Return the card of every added year, by conference and year.

        Raises
        ------
        WorkspaceError
            If a card cannot be read.
        """
        try:
            files = sorted(self._years.glob("*.json"))
        except OSError as error:
            raise WorkspaceError(_cannot("read", self._years, error)) from error
        found = (_read_card(file) for file in files if not file.name.startswith("."))
        # a card that was removed since the folder was listed
        return sorted((card for card in found if card), key=lambda card: card.key)

    def card(self, conference: str, year: int) -> YearCard:
        """Return the card of one year.

        Raises
        ------
        YearError
            If the year was not added; names those that were.
        """
        card = _read_card(self._card_file(conference, year))
        if card is None:
            there = ", ".join(f"{known.conference} {known.year}" for known in self.cards())
            raise YearError(
                f"{conference} {year} is not in the workspace {self.folder}; "
                f"there {f'are {there}' if there else 'is nothing yet'}."
            )
        return card

    def read(self, conference: str, year: int, *, authors: bool = False) -> pd.DataFrame:
        """Return the authorships of one year, after a look at the sha256.

        Parameters
        ----------
        conference, year : str, int
            Of an added year.
        authors : bool
            Whether to return names, if the year has them, one row for each author of a paper.

        Returns
        -------
        DataFrame
            ``conference``, ``year``, ``track``, ``paper``, ``affiliation`` and ``entries``; also
            ``author`` if wanted and there.

        Raises
        ------
        YearError
            If the year was not added.
        WorkspaceError
            If its table is missing or was altered.
        """
        card = self.card(conference, year)
        while True:
            try:
                content = self._table_file(card).read_bytes()
                break
            except OSError as error:
                # a new edition may have come between card and table: then there is a new card
                newer = self.card(conference, year)
                if newer.sha256 == card.sha256:
                    raise WorkspaceError(
                        f"{_cannot('read', self._table_file(card), error)} Add the year again "
                        f"with 'caraml add-year {conference} {year}'."
                    ) from error
                card = newer
        digest = hashlib.sha256(content).hexdigest()
        if digest != card.sha256:
            raise WorkspaceError(
                f"{self._table_file(card)}: altered or truncated (sha256 {digest[:12]}…, its card "
                f"says {card.sha256[:12]}…). The file was left as it was and was not used. Remove "
                f"it with 'caraml remove-year {conference} {year}' and add the year again."
            )
        return _table(card, content, authors)

    def authorships(
        self, keys: Iterable[tuple[str, int]] | None = None, *, authors: bool = False
    ) -> pd.DataFrame:
        """Return the authorships of several years (all by default) as one table."""
        import pandas as pd

        wanted = [card.key for card in self.cards()] if keys is None else list(keys)
        parts = [self.read(*key, authors=authors) for key in wanted]
        if parts:
            return pd.concat(parts, ignore_index=True)
        return pd.DataFrame(columns=["conference", "year", *COLUMNS])

    def spelling(self, conference: str) -> str:
        """Return a conference as its years here spell it: ``MyConf`` for ``myconf``."""
        known = {card.conference.casefold(): card.conference for card in self.cards()}
        return known.get(conference.casefold(), conference)

    # --- writing ------------------------------------------------------------------------------

    def put(self, found: ConferenceYear) -> tuple[Change, YearCard]:
        """Add a year, or replace the one that is there, whole.

        Parameters
        ----------
        found : ConferenceYear
            What a source gave. Names of authors are stored if its table holds any.

        Returns
        -------
        change : {"added", "replaced", "unchanged"}
            ``unchanged`` if the same table of the same source is there: nothing is then written,
            and the edition stays the one that brought it.
        card : YearCard
            The card that is there now.

        Raises
        ------
        TableError
            If the table is empty or not of this form. Nothing is changed.
        WorkspaceError
            If the folder cannot be written. What was there stays.
        """
        content = _content(found.entries)
        entries = found.entries["entries"]
        new = YearCard(
            self.spelling(found.conference),
            found.year,
            found.source,
            found.kind,
            found.edition,
            found.notes,
            found.inputs,
            entries=int(entries.sum()),
            papers=int(found.entries["paper"].nunique()),
            empty=int(entries[found.entries["affiliation"] == ""].sum()),
            authors=AUTHOR in found.entries.columns,
            sha256=hashlib.sha256(content).hexdigest(),
            added=_now(),
        )
        with self._writing():
            old = _read_card(self._card_file(*new.key))
            if old and self._is_same(old, new):
                return "unchanged", old
            if old:
                new = replace(new, history=(*old.history, self._difference(old, new, content)))
            paths.write_atomically(self._table_file(new), content)
            paths.write_atomically(self._card_file(*new.key), new.to_json())
            self._sweep()
        return ("replaced" if old else "added"), new

    def remove(self, conference: str, year: int) -> YearCard:
        """Remove one year and return its last card.

        Raises
        ------
        YearError
            If the year was not added; names those that were.
        """
        if not self._years.is_dir():
            self.card(conference, year)
        with self._writing():
            card = self.card(conference, year)
            self._card_file(conference, year).unlink()
            self._sweep()
        return card

    def _is_same(self, old: YearCard, new: YearCard) -> bool:
        same = ("sha256", "source", "kind", "authors", "notes")
        return (
            all(getattr(old, name) == getattr(new, name) for name in same)
            # an altered table is written anew
            and _digest(self._table_file(old)) == old.sha256
        )

    def _difference(self, old: YearCard, new: YearCard, content: bytes) -> Replaced:
        after = _table(new, content, authors=False)
        try:
            before = self.read(*old.key)
        except WorkspaceError:  # it is being mended: what it held cannot be compared any more
            before = after.iloc[:0]
        added = _texts_only_in(after, before)
        removed = _texts_only_in(before, after)
        return Replaced(
            old.source,
            old.edition,
            old.sha256,
            new.added,
            old.entries,
            new.entries,
            old.papers,
            new.papers,
            len(added),
            len(removed),
            tuple(added[:_TEXTS_SHOWN]),
            tuple(removed[:_TEXTS_SHOWN]),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only writer inside the block."""
        try:
            self._years.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / ".lock", _LONGEST_WAIT_S):
                yield
        except sqlite3.Error as error:
            what = (
                "another program is writing to this workspace and does not end"
                if is_busy(error)
                else f"cannot be locked or written ({error})"
            )
            raise WorkspaceError(
                f"{self.folder}: {what}. Nothing was changed. Run the command again later, or "
                "name another folder with --workspace."
            ) from error
        except OutputError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            # that error names --output, which the commands of a workspace do not have
            raise WorkspaceError(_cannot("write", self._years, error.__cause__)) from error
        except WorkspaceError:
            raise
        except OSError as error:
            raise WorkspaceError(_cannot("write", self.folder, error)) from error

    def _sweep(self) -> None:
        """Delete what no card names: old tables, and what a killed writer left behind."""
        try:
            named = {self._table_file(card).name for card in self.cards()}
        except WorkspaceError:
            return  # a card that cannot be read may name any of them
        for file in self._years.iterdir():
            is_card = file.suffix == ".json" and not file.name.startswith(".")
            if not is_card and file.name not in named:
                file.unlink(missing_ok=True)

    def _card_file(self, conference: str, year: int) -> Path:
        return self._years / f"{_file_name(conference)}-{year}.json"

    def _table_file(self, card: YearCard) -> Path:
        stem = self._card_file(*card.key).stem
        return self._years / f"{stem}-{card.sha256[:16]}.csv"


# --- files ------------------------------------------------------------------------------------


def _file_name(conference: str) -> str:
    """Return a name that is safe on every file system and that no other conference has."""
    plain = re.sub(r"[^a-z0-9]+", "_", conference.casefold()).strip("_")
    if plain == conference.casefold() and len(plain) <= 40:
        return plain
    return f"{plain[:40]}_{hashlib.sha256(conference.casefold().encode()).hexdigest()[:8]}"


def _read_card(file: Path) -> YearCard | None:
    """Return a card, or None if there is none."""
    try:
        return YearCard.from_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkspaceError(_cannot("read", file, error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(
            f"{file}: is not a card of this program ({error}). It was left as it was. Delete it "
            "and add the year again."
        ) from error


def _content(table: pd.DataFrame) -> bytes:
    """Return the table as it is stored: checked, sorted, CSV."""
    columns = [*COLUMNS, *([AUTHOR] if AUTHOR in table.columns else [])]
    tables.AUTHORSHIPS.check(table)
    if table.empty:
        raise TableError("conference year: no entries. Nothing was added.")
    if not (table["entries"] > 0).all():
        raise TableError("conference year: a row without entries. Nothing was added.")
    sort = [name for name in columns if name != "entries"]
    rows = table[columns].assign(affiliation=table["affiliation"].fillna(""))
    rows = rows.sort_values(sort, kind="stable")
    # half of a surrogate pair can stand in a text, but not in a file
    return rows.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")


def _table(card: YearCard, content: bytes, authors: bool) -> pd.DataFrame:
    import pandas as pd

    text = {"track": str, "affiliation": str, AUTHOR: str}
    rows = pd.read_csv(io.BytesIO(content), keep_default_na=False, dtype=text)
    if AUTHOR in rows.columns and not authors:
        keys = ["track", "paper", "affiliation"]
        rows = rows.groupby(keys, sort=True)["entries"].sum().reset_index()
    rows.insert(0, "conference", card.conference)
    rows.insert(1, "year", card.year)
    return rows


def _texts_only_in(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Return the texts of `one` that `other` lacks, those with the most entries first."""
    weights = one.groupby("affiliation", sort=True)["entries"].sum()
    only = weights[~weights.index.isin(other["affiliation"])]
    return only.sort_values(ascending=False, kind="stable").index.tolist()


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _cannot(what: str, path: Path, error: OSError) -> str:
    written = "written" if what == "write" else "read"
    return (
        f"{os.fspath(path)}: cannot be {written} ({error.strerror or error}). What is in the "
        "workspace stays as it was. Name another folder with --workspace or CARAML_WORKSPACE."
    )
