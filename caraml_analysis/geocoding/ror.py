"""The optional ROR tier: what the embedded tables leave open, looked up in the whole registry.

An organisation is found by the words that it shares with a part of the text, in whatever order.
How much that says depends on how telling the words are: "institute of physics" is in the names of
organisations in half the world, "agrarlandschaftsforschung" only in one country. Three things are
never done: a name that ROR tells apart by its country ("IBM Research (China)") does not count
without that country or its city, a word is never corrected to a similar one, and a name that
organisations of several countries share stays ambiguous unless the text names the place of one.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from caraml_analysis.errors import GeocodeError
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.ror_index import (
    ACRONYM,
    BRANCH,
    FREE_MAIL,
    LAYOUT,
    SAYS_COUNTRY,
    content,
    index_path,
    weight_of,
)
from caraml_analysis.geocoding.text import clean, forms, key, unglue, unglue_all
from caraml_analysis.geocoding.text import spelled as spelled_words
from caraml_analysis.geocoding.vocabulary import word_set

#: Confidence by the way an organisation was found: below the share that was right on the
#: development strings (``docs/ror.md``), since their labels come from ROR, too.
CONFIDENCE = {
    "same": 0.95,  # a part of the text is the name, whatever the order of its words
    "contained": 0.9,  # the name stands in a part of the text
    "similar": 0.9,  # they share most of their telling words
    "located": 0.9,  # a common name or a branch, and the text names its city or region
    "acronym": 0.8,  # few to measure
    "domain": 0.8,  # none to measure: a judgement
}

# Many organisations have a unit of such a name; ROR lists a few of them.
_UNITS = word_set("""
    abteilung departamento departement department departments dipartimento division ecole
    escuela facultad faculte faculty fakultat graduate group laboratory school schools section
    unit unite
""")

# Measured on the development strings (docs/ror.md). Weights are natural logarithms of how many
# names there are for each name with the word; a word's countries are those of all names with it.
_ONE_COUNTRY = 1
_TELLING = 2  # countries
_COMMON = 10
_EVERYWHERE = 20
_LEAST_WEIGHT = 10.0  # about one word that is in four names of 200,000
_SOME_WEIGHT = 14.0
_MORE_WEIGHT = 16.0
_MUCH_WEIGHT = 20.0
_MOST_WEIGHT = 24.0
_LEAST_OVERLAP = 0.4  # of the weights of both
_RIVAL = 0.9  # of the weight of the best: too near to choose
_PART_OF_A_NAME = 0.5  # of the overlap of the best: a name that goes on elsewhere
_LEAST_LETTERS = 5  # of a name of one word, and of an acronym with nothing beside it

_RAREST_WORDS = 6
_NEAR = 0.6  # of the most weight that a name shares: others are not compared
_CANDIDATES = 40
_MOST_SHOWN = 6  # of the organisations that a text may mean
_MOST_CHARACTERS = 1_000  # of a text: longer ones are lists or no affiliations

_CLAUSE = re.compile(r'[;|/\\()\[\]{}•·"“”]|\s[-–—]+\s|—')
_SEVERAL = re.compile(r"[;|/\\]")  # marks that stand between organisations
_SEGMENT = re.compile(r"[,:]")
_HOST = r"(?P<host>(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,10})"
_ADDRESS = re.compile(rf"(?:[\w.+-]{{1,64}}@|https?://|www\.){_HOST}\b\S*")
_ONLY_HOST = re.compile(rf"{_HOST}/?")


class _Word(NamedTuple):
    weight: float
    countries: int
    ids: array[int]


class _Name(NamedTuple):
    """A name in the index, and whose."""

    spelled: str
    written: str
    kind: str
    ror_id: str
    shown: str
    countries: frozenset[str]
    places: tuple[tuple[str, str], ...]
    weight: float


class _Found(NamedTuple):
    """A name, and what it shares with a part of the text."""

    name: _Name
    way: str  # a key of CONFIDENCE; empty if what they share is not enough
    weight: float  # of the shared words
    overlap: float  # the same as a share of the words of both
    telling: int  # countries of the most telling shared word


class _Answer(NamedTuple):
    """The organisation that a part of the text names; several countries if it is not certain."""

    part: str
    found: _Found
    countries: frozenset[str]
    rivals: tuple[_Found, ...] = ()


class _Text(NamedTuple):
    """The words of a whole text: in a row, those with a meaning, and what is known of them."""

    row: str
    bag: frozenset[str]
    known: Mapping[str, _Word]

    def has(self, spelled: str) -> bool:
        return f" {spelled} " in self.row


_RANKS = {"same": 3, "contained": 2, "similar": 1}


class RorTier:
    """The index of a ROR release, opened for looking up.

    Parameters
    ----------
    path : Path, optional
        The index; that of this user by default.

    Attributes
    ----------
    edition, sha256 : str
        Of the release that the index was built from.

    Raises
    ------
    GeocodeError
        If there is no index, or it cannot be read. Never mistaken for "not found".

    Examples
    --------
    >>> tier = RorTier()  # doctest: +SKIP
    >>> tier.resolve("Leibniz-Zentrum für Agrarlandschaftsforschung").country  # doctest: +SKIP
    'DEU'
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or index_path()
        self._connections: dict[int, sqlite3.Connection] = {}
        about = self._about()
        self.edition = about["edition"]
        self.sha256 = about["sha256"]
        self._all_names = int(about["different_names"])
        self._weights = array("f")
        self._weights.frombytes(self._rows("SELECT weights FROM weight")[0][0])

    def __getstate__(self) -> dict[str, Any]:
        """Leave the connection behind: another process opens its own."""
        return self.__dict__ | {"_connections": {}}

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        connection = self._connections.pop(os.getpid(), None)
        if connection:
            connection.close()

    def resolve(self, text: str) -> Resolution:
        """Return the countries of the organisations that a text names.

        Parameters
        ----------
        text : str
            An affiliation. Only its first 1,000 characters are looked at.

        Returns
        -------
        Resolution
            With method ``ror``; ``status`` is ``resolved``, ``ambiguous``, ``not_found`` or
            ``empty``. The evidence names the ROR record.

        Raises
        ------
        TypeError
            If `text` is not a text.
        GeocodeError
            If the index cannot be read.
        """
        if not isinstance(text, str):
            raise TypeError(
                f"an affiliation is a text, not {type(text).__name__} ({text!r:.60}). "
                "Nothing was resolved; convert the value to str first if it is one."
            )
        whole = text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()  # no half characters
        cleaned = unglue(clean(whole))
        if not any(map(str.isalnum, cleaned)):
            return Resolution(None, (), "empty", "empty")
        found = self._resolve_clean(cleaned)
        if found.status == "not_found":
            apart = unglue_all(cleaned)
            if apart != cleaned:
                found = self._resolve_clean(apart)
        return found

    # --- the index ---

    def _connect(self) -> sqlite3.Connection:
        """Return this process's own connection: one that is shared after a fork is not safe."""
        process = os.getpid()
        if process not in self._connections:
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            self._connections[process] = sqlite3.connect(address, uri=True, check_same_thread=False)
        return self._connections[process]

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        marks = ",".join("?" * len(values))
        try:
            return self._connect().execute(query.format(marks), values).fetchall()
        except sqlite3.Error as error:
            raise GeocodeError(
                f"{self.path}: the index of ROR cannot be read ({error}). Nothing was resolved "
                "with it. Build it again with 'caraml data fetch ror'."
            ) from error

    def _about(self) -> dict[str, str]:
        if not self.path.is_file():
            raise GeocodeError(
                f"{self.path}: there is no index of ROR. Nothing was resolved with it. Fetch it "
                "once with 'caraml data fetch ror', or leave out the tier \"ror\"."
            )
        about = dict(self._rows("SELECT what, value FROM about"))
        if about.get("layout") != LAYOUT:
            raise GeocodeError(
                f"{self.path}: is of another version of this package. Nothing was resolved with "
                "it. Build it again with 'caraml data fetch ror'."
            )
        return about

    def _look_up(self, words: Iterable[str]) -> dict[str, _Word]:
        """Return weight, number of countries and names of each word."""
        wanted = sorted(words)
        known = {}
        for start in range(0, len(wanted), 500):
            for word, names, countries, ids in self._rows(
                "SELECT word, names, countries, ids FROM word WHERE word IN ({})",
                wanted[start : start + 500],
            ):
                listed = array("I")
                listed.frombytes(ids)
                known[word] = _Word(weight_of(names, self._all_names), countries, listed)
        unknown = _Word(weight_of(0, self._all_names), 0, array("I"))
        return {word: known.get(word, unknown) for word in wanted}

    def _names(self, ids: Sequence[int]) -> list[_Name]:
        return [
            _Name(
                spelled,
                written,
                kind,
                ror_id,
                shown,
                frozenset(codes.split(";")),
                tuple(tuple(p.split(":", 1)) for p in places.split("|") if p),
                self._weights[row],
            )
            for row, spelled, written, kind, ror_id, shown, codes, places in self._rows(
                "SELECT name.id, spelled, written, kind, ror, organisation.name, countries, places "
                "FROM name JOIN organisation ON organisation.id = name.organisation "
                "WHERE name.id IN ({}) ORDER BY name.id",
                ids,
            )
        ]

    # --- the decision ---

    def _resolve_clean(self, text: str) -> Resolution:
        hosts = [match["host"].casefold() for match in _ADDRESS.finditer(text)]
        text = _ADDRESS.sub(" ", text)  # with the names of persons
        if only := _ONLY_HOST.fullmatch(text):
            hosts.append(only["host"].casefold())
        words = spelled_words(text)
        bag = content(words)
        about = _Text(f" {' '.join(words)} ", bag, self._look_up(bag))
        clauses = [clause for clause in _CLAUSE.split(text) if clause.strip()]
        whole = self._answer(text, about) if len(clauses) > 1 else None
        if whole and whole.found.way == "same":
            return _resolution([whole], several=False)
        answers = []
        for clause in clauses:
            parts = dict.fromkeys((clause, *_SEGMENT.split(clause)))
            found = [answer for part in parts if (answer := self._answer(part, about))]
            if found:
                answers.append(max(found, key=_strength))
        answers = answers or self._acronyms(clauses, about) or self._domains(hosts)
        return _resolution(answers, several=bool(_SEVERAL.search(text)))

    def _answer(self, part: str, text: _Text) -> _Answer | None:
        """Return the organisation that a part of the text names."""
        words = spelled_words(part)
        bag = content(words)
        if not bag:
            return None
        phrase = f" {' '.join(words)} "
        candidates = [_compare(n, bag, phrase, text) for n in self._candidates(bag, text.known)]
        best = max(
            (f for f in candidates if f.way and f.name.kind != BRANCH), key=_rank, default=None
        )
        if best is None:
            return _located(part, phrase, candidates, text)
        rivals = tuple(f for f in candidates if _is_rival(f, best))
        return _with_place(_Answer(part.strip(), best, best.name.countries, rivals), text)

    def _candidates(self, bag: frozenset[str], known: Mapping[str, _Word]) -> list[_Name]:
        """Return the names that share most of the rare words of a part."""
        rare = sorted((w for w in bag if known[w].ids), key=lambda w: (-known[w].weight, w))
        scores: defaultdict[int, float] = defaultdict(float)
        for word in rare[:_RAREST_WORDS]:
            weight = known[word].weight
            for row in known[word].ids:
                scores[row] += weight
        least = max(scores.values(), default=0.0) * _NEAR
        own = math.fsum(known[word].weight for word in bag)
        near = sorted(
            (-_overlap(score, own, self._weights[row]), row)
            for row, score in scores.items()
            if score >= least
        )
        names = self._names([row for _, row in near[:_CANDIDATES]])
        return [name for name in names if name.kind != ACRONYM]

    def _acronyms(self, clauses: Iterable[str], text: _Text) -> list[_Answer]:
        """Return the organisation of an acronym in capitals that stands alone between marks.

        A short one counts only if the text names its city, too.
        """
        for part in (part for clause in clauses for part in _SEGMENT.split(clause)):
            written = forms(part)
            form = written[0] if len(written) == 1 else ""
            word = text.known.get(key(form))
            if word is None or not form.isupper() or word.countries > _ONE_COUNTRY:
                continue
            found = [
                _Found(name, "acronym", word.weight, 1.0, 1)
                for name in self._names(list(word.ids))
                if name.kind == ACRONYM and name.written == form
            ]
            if found:
                answer = _with_place(
                    _Answer(form, found[0], found[0].name.countries, tuple(found[1:])), text
                )
                if len(form) >= _LEAST_LETTERS or _named_places(answer.found.name, text):
                    return [answer]
        return []

    def _domains(self, hosts: Sequence[str]) -> list[_Answer]:
        """Return the organisation that an internet host belongs to."""
        for host in hosts:
            labels = host.split(".")
            for n in range(len(labels) - 1):
                found = self._owner(".".join(labels[n:]))
                if found:
                    return [_Answer(host, found, found.name.countries)]
        return []

    def _owner(self, domain: str) -> _Found | None:
        listed = self._rows("SELECT organisations FROM domain WHERE domain IN ({})", [domain])
        if not listed or domain in FREE_MAIL:
            return None
        rows = self._rows(
            "SELECT ror, name, countries FROM organisation WHERE id IN ({}) ORDER BY id",
            [int(number) for number in listed[0][0].split(",")],
        )
        codes = frozenset(code for _, _, joined in rows for code in joined.split(";"))
        name = _Name(domain, domain, "domain", rows[0][0], rows[0][1], codes, (), 0.0)
        return _Found(name, "domain", 0.0, 1.0, 1)


def _rank(found: _Found) -> tuple[int, float, float]:
    return _RANKS.get(found.way, 0), found.weight, found.overlap


def _strength(answer: _Answer) -> tuple[bool, tuple[int, float, float]]:
    return len(answer.countries) == 1, _rank(answer.found)


def _overlap(shared: float, one: float, other: float) -> float:
    """Return the weight that two sets of words share, of the weight of both together."""
    both = one + other - shared
    return shared / both if both > 0 else 0.0


def _compare(name: _Name, bag: frozenset[str], phrase: str, text: _Text) -> _Found:
    """Say in which way a name and a part of the text are the same, if at all."""
    own = content(name.spelled.split())
    shared = own & bag
    weight = math.fsum(text.known[word].weight for word in shared)
    overlap = _overlap(weight, math.fsum(text.known[word].weight for word in bag), name.weight)
    telling = min((text.known[word].countries for word in shared), default=0)
    found = _Found(name, "", weight, overlap, telling)
    return found._replace(way=_way(found, own, bag, phrase, text)) if shared else found


def _way(found: _Found, own: frozenset[str], bag: frozenset[str], phrase: str, text: _Text) -> str:
    """Return in which way a name is found in a part of the text, or an empty text."""
    name, weight, telling = found.name, found.weight, found.telling
    if own == bag:
        if len(own) == 1:
            # a name in Chinese is shorter
            long_enough = len(name.spelled) >= _LEAST_LETTERS - (not name.spelled.isascii())
            alone = bag == text.bag and telling <= _ONE_COUNTRY
            return "same" if alone and long_enough else ""
        specific = weight >= _LEAST_WEIGHT and telling < _EVERYWHERE
        several_words = weight >= _MORE_WEIGHT and _UNITS.isdisjoint(own)
        return "same" if specific or several_words else ""
    if name.kind == SAYS_COUNTRY and not own <= bag:
        return ""
    if len(own) > 1 and own <= bag and f" {name.spelled} " in phrase:
        specific = weight >= _LEAST_WEIGHT and telling <= _TELLING
        if specific or weight >= _MOST_WEIGHT:
            return "contained"
    enough = (
        (weight >= _SOME_WEIGHT and telling <= _ONE_COUNTRY)
        or (weight >= _MUCH_WEIGHT and telling <= _TELLING)
        or (weight >= _MOST_WEIGHT and telling < _COMMON)
    )
    return "similar" if enough and found.overlap >= _LEAST_OVERLAP else ""


def _is_rival(other: _Found, best: _Found) -> bool:
    """Tell if an organisation of another country is as likely to be meant."""
    if other.name.countries == best.name.countries or other.weight < _RIVAL * best.weight:
        return False
    if _RANKS.get(other.way, 0) >= _RANKS[best.way] or other.overlap >= _RIVAL * best.overlap:
        return True
    # "École normale supérieure" is the whole name of one and begins the names of many
    return (
        best.telling > _TELLING
        and other.weight >= best.weight
        and other.overlap >= _PART_OF_A_NAME * best.overlap
    )


def _located(part: str, phrase: str, candidates: Iterable[_Found], text: _Text) -> _Answer | None:
    """Return the organisation whose city the text names: "York University, Toronto"."""
    found = [
        f._replace(way="located")
        for f in candidates
        if (f.name.kind == BRANCH or len(content(f.name.spelled.split())) > 1)
        and f" {f.name.spelled} " in phrase
        and _named_places(f.name, text)
    ]
    best = max(found, key=lambda f: f.weight, default=None)
    if best is None:
        return None
    rivals = tuple(f for f in found if f.name.countries != best.name.countries)
    return _with_place(_Answer(part.strip(), best, best.name.countries, rivals), text)


def _named_places(name: _Name, text: _Text) -> set[str]:
    """Return the countries of an organisation whose city or region the text names beside it."""
    own = set(name.spelled.split())
    return {
        code for code, place in name.places if text.has(place) and not own >= set(place.split())
    }


def _with_place(answer: _Answer, text: _Text) -> _Answer:
    """Return the answer, decided by a place in the text if several countries are possible."""
    every = (answer.found, *answer.rivals)
    codes = frozenset(code for found in every for code in found.name.countries)
    if len(codes) == 1:
        return answer._replace(rivals=())
    named = {code: found for found in reversed(every) for code in _named_places(found.name, text)}
    if len(named) != 1:
        return answer._replace(countries=codes)
    ((code, found),) = named.items()
    found = found._replace(way=answer.found.way)
    return answer._replace(found=found, countries=frozenset((code,)), rivals=())


def _describe(part: str, found: _Found, codes: Iterable[str]) -> str:
    name = found.name
    other = "" if name.written == name.shown else f', as "{name.written}"'
    return f'"{part}" -> ROR {name.ror_id} {name.shown}{other} ({", ".join(sorted(codes))})'


def _resolution(answers: Sequence[_Answer], *, several: bool) -> Resolution:
    """Return what the parts of a text say together."""
    certain = [answer for answer in answers if len(answer.countries) == 1]
    codes = dict.fromkeys(code for answer in certain for code in answer.countries)
    if len(codes) > 1 and not several:
        certain = [max(certain, key=_strength)]
        codes = dict.fromkeys(certain[0].countries)
    lines = [_describe(a.part, a.found, a.countries) for a in certain]
    if certain:
        confidence = min(CONFIDENCE[answer.found.way] for answer in certain)
        countries = tuple(codes)
        evidence = "; ".join(dict.fromkeys(lines))
        return Resolution(countries[0], countries, "resolved", "ror", evidence, confidence)
    possible = dict.fromkeys(
        _describe(answer.part, found, found.name.countries)
        for answer in answers
        for found in (answer.found, *answer.rivals)
    )
    if possible:
        shown = "; ".join(list(possible)[:_MOST_SHOWN])
        return Resolution(None, (), "ambiguous", "several_countries", shown)
    return Resolution(None, (), "not_found", "none")
