"""Check the reviewed tables of the gazetteer: rows in, findings out.

An alias is a name that the organisation goes by, not a text that somebody once typed, and a name
means one thing. What breaks this is an ``error``; what is only worth knowing is a ``note``. An
exception is a judgement in the data: an error about a name, acronym or domain becomes a note if the
``reason`` of its row quotes it ("NTU" is the one in Singapore).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from caraml_analysis import countries, registry
from caraml_analysis.geocoding.text import clean, key
from caraml_analysis.geocoding.vocabulary import LEGAL_FORMS, word_set

#: What an organisation can be. ``university``: teaches and gives degrees; ``company``: for profit;
#: ``laboratory``: does research, public or not; ``agency``: of a state or of several; ``hospital``;
#: ``other``: communities, charities, museums, schools.
KINDS = frozenset(("university", "company", "laboratory", "agency", "hospital", "other"))
ERROR, NOTE = "error", "note"
FILES = ("institutions.csv", "companies.csv")  # in the order in which they win

_UNIT = word_set("chair department division faculty group laboratory school section team unit")
_UNFINISHED = word_set("a and at by de del der des di du for in la of on the und with y")
_MARK = re.compile(r"[*†‡§¶#^~;|?]|[\w.+-]+@[\w-]+\.\w|https?:|\bwww\.")
_NUMBER = re.compile(r"\d{4,}")
_FOOTNOTE = re.compile(r"^\(?\d\)?[\s,]*|\s*\d$")
_SEPARATOR = re.compile(r"[,/()]|\s[-–—@]\s")
_AND = re.compile(r"\s(?:and|&|\+)\s|\s[-–—]\s|[,/]")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_IN_PARENTHESES = re.compile(r"^(?P<name>.*\S)\s*\((?P<inside>[^()]*)\)\s*$")
_DECIDING = re.compile(r'" -> (?:organisation|acronym|domain) (.+?) \(([A-Z]{3})\)(?=; "|$)')
_LEGAL_FORMS = LEGAL_FORMS | {"se"}
_LEAST_LETTERS = 5  # of a word that can be told to be misspelled
_LONG = 8  # letters of a word in which two may be wrong
_ORDINARY = 2  # texts in which an ordinary word is not written in capitals
_COMMON = 20  # names in which a common word occurs
_COMMONER = 100  # times as many names as those with its misspelling


class Finding(NamedTuple):
    """One thing that is wrong, or worth knowing, about a row."""

    severity: str
    check: str
    file: str
    row: str
    item: str
    message: str

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f'{self.severity}  {self.file}, {self.row}: {self.check} "{self.item}": ' + (
            self.message
        )


@dataclass(frozen=True)
class Row:
    """One row of a reviewed table; `position` orders the rows as they win."""

    name: str
    country: str
    kind: str = "university"
    headquarters: str = ""
    aliases: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    reason: str = ""
    file: str = "institutions.csv"
    position: int = 0

    @cached_property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The name and the aliases, each with its key."""
        return tuple((written, key(written)) for written in (self.name, *self.aliases))

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the name and of the aliases."""
        return frozenset(spelled for _, spelled in self.names)

    def __str__(self) -> str:
        """Return the name with the country."""
        return f"{self.name} ({self.country})"


@dataclass(frozen=True)
class Context:
    """What the rows are compared with: places, codes, names in ROR, words of the embedded texts."""

    places: Mapping[str, str] = field(default_factory=dict)  # key -> country, region or city
    codes: frozenset[str] = frozenset()
    ror: Mapping[str, str] = field(default_factory=dict)  # key -> countries
    words: Mapping[str, int] = field(default_factory=dict)  # words of texts, not in capitals


def read_rows(files: Iterable[str] = FILES) -> list[Row]:
    """Return the rows of the reviewed tables, in the order in which they win.

    Parameters
    ----------
    files : iterable of str
        Names of tables in ``data/geocoding``.

    Returns
    -------
    list of Row

    Raises
    ------
    CaramlError
        If a table is missing or not as its card says.
    """
    rows: list[Row] = []
    for file in files:
        for row in csv.DictReader(registry.read_text(f"geocoding/{file}").splitlines()):
            rows.append(
                Row(
                    name=row["name"],
                    country=row["country"],
                    kind=row["kind"],
                    headquarters=row["headquarters"],
                    aliases=_items(row["aliases"]),
                    acronyms=_items(row["acronyms"]),
                    domains=_items(row["domains"]),
                    reason=row["reason"],
                    file=file,
                    position=len(rows),
                )
            )
    return rows


def _items(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


def read_context() -> Context:
    """Return the tables of facts and the embedded texts that the rows are compared with."""
    places: dict[str, str] = {}
    codes = set()
    for kind, file in (("city", "cities"), ("region", "regions"), ("country", "countries")):
        for row in csv.DictReader(registry.read_text(f"geocoding/{file}.csv").splitlines()):
            name = row["spelling" if kind == "country" else "name"]
            if row.get("kind") == "code":
                codes.add(name)
            else:
                places[key(name)] = kind
            if row.get("abbreviation"):
                codes.add(row["abbreviation"])
    ror = dict(
        line.rsplit(",", 1)  # written as compared: no commas, no quotes
        for line in registry.read_text("geocoding/ror_names.csv").split("\n")[1:-1]
    )
    lines = registry.read_text("conferences/affiliations.csv").splitlines()
    words = Counter(
        form.casefold()
        for row in csv.DictReader(lines)
        for form in set(re.findall(r"[A-Z][a-z]+|[a-z]+", row["affiliation"]))
        if not row["affiliation"].islower()
    )
    return Context(places, frozenset(codes), ror, words)


# --- single rows --------------------------------------------------------------------------------


def _found(row: Row, check: str, item: str, message: str, severity: str = ERROR) -> Finding:
    if severity == ERROR and item and f'"{item}"' in row.reason:
        severity = NOTE
    return Finding(severity, check, row.file, row.name, item, message)


def fields(rows: Iterable[Row]) -> Iterator[Finding]:
    """Find empty names, unknown kinds and countries, and multinationals without a reason."""
    known = countries.known_codes()
    for row in rows:
        if not row.name.strip():
            yield _found(row, "name", "", "is empty; write the name.")
        if row.kind not in KINDS:
            yield _found(row, "kind", row.kind, f"is none of {', '.join(sorted(KINDS))}.")
        if row.country not in known:
            yield _found(row, "country", row.country, "is no ISO 3166-1 alpha-3 code.")
        if row.headquarters not in ("", "1"):
            yield _found(row, "headquarters", row.headquarters, "is neither empty nor 1.")
        if row.headquarters and not row.reason:
            yield _found(row, "headquarters", "1", "has no reason; name the seat and other sites.")


def domains(rows: Iterable[Row]) -> Iterator[Finding]:
    """Find what is no internet host, or is below another host of the same row."""
    for row in rows:
        for domain in row.domains:
            if not _DOMAIN.fullmatch(domain):
                yield _found(row, "domain", domain, "is no host name in small letters.")
            parents = [d for d in row.domains if domain.endswith("." + d)]
            if parents:
                yield _found(row, "domain", domain, f"is below {parents[0]}; leave it out.")


def acronyms(rows: Iterable[Row], context: Context) -> Iterator[Finding]:
    """Find acronyms that are not written like one, or that are ordinary words or codes."""
    for row in rows:
        for acronym in row.acronyms:
            uses = context.words.get(acronym.casefold(), 0)
            capitals = acronym.upper() != acronym and acronym.upper() in row.acronyms
            if not capitals and sum(c.isupper() for c in acronym) < 2:  # UTokyo is one, Amii is not
                yield _found(row, "acronym", acronym, "is not in capitals: make it an alias.")
            elif acronym in context.codes:
                message = "is the code of a country or region, too; the acronym wins."
                yield _found(row, "acronym", acronym, message)
            elif uses >= _ORDINARY and acronym.casefold() not in row.keys:
                message = f"is also an ordinary word, in {uses} of the embedded texts."
                yield _found(row, "acronym", acronym, message)


def shape(rows: list[Row]) -> Iterator[Finding]:
    """Find marks that no name has: footnotes, addresses, numbers, unfinished ends."""
    known = {spelled for row in rows for _, spelled in row.names}
    for row in rows:
        for written, spelled in row.names:
            words = spelled.split()
            bare = _FOOTNOTE.sub("", written)
            if _MARK.search(written) or written != clean(written):
                yield _found(row, "mark", written, "has a mark that no name has.")
            elif _NUMBER.search(written):
                yield _found(row, "number", written, "has a number, as of an address.")
            elif bare != written and key(bare) in known - {spelled} and "-" not in written:
                if written[0].isdigit() or written[-2:-1].isalpha():
                    yield _found(row, "number", written, f'is "{bare}" with a footnote.')
            elif written.count("(") != written.count(")"):
                yield _found(row, "unfinished", written, "has one parenthesis of two.")
            elif not words or words[-1] in _UNFINISHED or written.endswith(tuple(",:&-/")):
                yield _found(row, "unfinished", written, "ends in the middle.")


def repeats(rows: Iterable[Row]) -> Iterator[Finding]:
    """Find names, acronyms and domains that a row has twice."""
    for row in rows:
        for column, items in (
            ("alias", [spelled for _, spelled in row.names]),
            ("acronym", row.acronyms),
            ("domain", row.domains),
        ):
            for item, number in Counter(items).items():
                if number > 1:
                    yield _found(row, f"repeated {column}", item, f"stands {number} times.")


# --- rows beside rows ---------------------------------------------------------------------------


class _Claim(NamedTuple):
    """What a row lays claim to; the smallest claim wins."""

    rank: int
    position: int
    written: str
    row: Row


_ACRONYM, _NAME, _ALIAS = range(3)


def clashes(rows: Iterable[Row]) -> Iterator[Finding]:
    """Find names, acronyms and domains of several rows, and say who wins.

    A name comes before an alias, then the earlier row comes first; an acronym, as it is written,
    comes before both. In one country the later row is merely shadowed; in two, a text is counted
    for the wrong one.
    """
    claims: dict[tuple[str, str], list[_Claim]] = defaultdict(list)
    acronyms: dict[str, list[_Claim]] = defaultdict(list)
    for row in rows:
        for spelled, written in {s: w for w, s in reversed(row.names)}.items():
            rank = _NAME if written == row.name else _ALIAS
            claims["name", spelled].append(_Claim(rank, row.position, written, row))
        for acronym in dict.fromkeys(row.acronyms):
            claim = _Claim(_ACRONYM, row.position, acronym, row)
            claims["acronym", acronym].append(claim)
            acronyms[acronym.casefold()].append(claim)
        for domain in dict.fromkeys(row.domains):
            claims["domain", domain].append(_Claim(_ALIAS, row.position, domain, row))
    for (column, item), rivals in claims.items():
        if column == "name":
            country = rivals[0].row.country
            rivals = rivals + [c for c in acronyms[item] if c.row.country != country]
        (rank, _, _, winner), *losers = sorted(rivals, key=lambda claim: claim[:2])
        for loser in losers:
            if loser.row is winner:
                continue
            abroad = loser.row.country != winner.country
            check = f"{column} clash" if abroad else f"shadowed {column}"
            excused = abroad and f'"{loser.written}"' in winner.reason
            how = " where it is written as its acronym" if column == "name" and not rank else ""
            yield _found(
                loser.row, check, loser.written, f"{winner} wins{how}.", NOTE if excused else ERROR
            )


def places(rows: Iterable[Row], context: Context) -> Iterator[Finding]:
    """Find names that a country, region or city has, too."""
    shown: set[str] = set()
    for row in rows:
        for written, spelled in row.names:
            kind = context.places.get(spelled)
            if kind and spelled not in shown:
                shown.add(spelled)
                message = (
                    f"is a {kind}, too; the organisation wins where the text begins with it, the "
                    f"{kind} after another organisation."
                )
                yield _found(row, "place", written, message)


def beside_ror(rows: Iterable[Row], context: Context) -> Iterator[Finding]:
    """Note names that ROR has in other countries only; the reviewed row wins."""
    for row in rows:
        for written, spelled in row.names:
            theirs = context.ror.get(spelled)
            if theirs and row.country not in theirs.split(";"):
                yield _found(row, "ROR", written, f"is in {theirs} there; the row wins.", NOTE)


# --- names that are no names --------------------------------------------------------------------


def composed(rows: list[Row], context: Context) -> Iterator[Finding]:
    """Find aliases that say more than a name: with a place, a unit, an acronym or a parent.

    "Bilkent University, Ankara", "Department of Physics X", "X (ABC)", "HIIT, Aalto University":
    the name inside is found anyway, and what is beside it is not part of it. The name of a row may
    have its parent in it ("Institute of Automation, Chinese Academy of Sciences") if the row has
    more to say.
    """
    owners: dict[str, Row] = {}
    for row in rows:
        for _, spelled in row.names:
            owners.setdefault(spelled, row)
    for row in rows:
        for written, spelled in row.names:
            why = _composition(row, written, spelled, owners, context)
            if why:
                yield _found(row, "composed", written, why)


def _composition(
    row: Row, written: str, spelled: str, owners: Mapping[str, Row], context: Context
) -> str:
    """Return of what the name is composed, or nothing if it is a name."""
    own = row.keys - {spelled}
    is_alias = written != row.name
    found = _IN_PARENTHESES.match(written)
    if found:
        before, inside = key(found["name"]), key(found["inside"])
        acronyms = {acronym.casefold() for acronym in row.acronyms}
        if before in own or inside in own or inside in acronyms:
            return "is a name and another one in parentheses."
        if found["inside"].isupper() and found["inside"][0] == before[:1].upper():
            return f"is a name and its acronym {found['inside']}."
    words = spelled.split()
    segments = [part for part in map(key, _SEPARATOR.split(written)) if part]
    for name in own if is_alias else ():
        if name == row.names[0][1] or len(segments) > 1:
            rest = " ".join(_without(words, name.split()))
            if rest in context.places and rest not in _LEGAL_FORMS:
                return f'is "{name}" and a {context.places[rest]}.'
    bare = not (row.aliases or row.acronyms or row.domains)
    if len(segments) > 1 and (is_alias or bare):
        for segment in segments:
            other = owners.get(segment)
            if segment in own:
                return f'has the name "{segment}" of the row as a part.'
            if other and other is not row and other.country == row.country:
                return f"is a unit and an organisation, {other}."
    joined = [part for part in map(key, _AND.split(written)) if " " in part]
    if len(joined) > 1 and (is_alias or bare) and all(part in owners for part in joined):
        return "is two organisations."
    if words and words[0] in _UNIT and words[1:2] == ["of"]:
        for start in range(2, len(words)):
            other = owners.get(" ".join(words[start:]))
            if other and start + 1 < len(words) and (is_alias or other is not row):
                return f"is a unit of {other}."
    return ""


def _without(words: list[str], part: list[str]) -> list[str]:
    """Return the words before or after `part`, or none if it neither begins nor ends them."""
    n = len(part)
    if words[:n] == part:
        return words[n:]
    return words[:-n] if words[-n:] == part else []


def misspelled(rows: list[Row], context: Context) -> Iterator[Finding]:
    """Find words that are a letter or two off one that others have.

    Compared are rare words with the words of the same row, with the commonest words of all names,
    and with the same name of another row of the country: "RIKEB" beside "RIKEN", "Reasearch",
    "University of Ediburgh"; and names that break off inside a word: "University of Southern
    Califor".
    """
    spelling = _Spelling.of(rows, context)
    whole = sorted({spelled for row in rows for _, spelled in row.names})
    for row in rows:
        for written, spelled in row.names:
            for this in spelled.split():
                meant = spelling.meant(this, row, written, spelled)
                if meant:
                    yield _found(row, "misspelled", written, f'"{this}" is "{meant}" elsewhere.')
                    break
            else:
                longer = _longer(spelled, whole)
                last = spelled.rpartition(" ")[2]
                rare = len(last) > 2 and spelling.uses[last] < 2
                if longer and " " in spelled and (rare or last == "a"):
                    yield _found(row, "misspelled", written, f'is the beginning of "{longer}".')


class _Spelling(NamedTuple):
    """In how many names a word stands, and the words that it may have been meant for."""

    uses: Counter[str]
    common: dict[str, list[str]]
    gaps: dict[tuple[str, str], set[str]]

    @classmethod
    def of(cls, rows: list[Row], context: Context) -> _Spelling:
        uses = Counter(w for name in context.ror for w in set(name.split()))
        uses.update(w for name in context.places for w in set(name.split()))
        for row in rows:
            uses.update({w for spelled in row.keys for w in spelled.split()})
        common = _by_deletion(w for w, n in uses.items() if n >= _COMMON and len(w) >= _LONG)
        return cls(uses, common, _by_gap(rows))

    def meant(self, this: str, row: Row, written: str, spelled: str) -> str:
        """Return the word that `this` is a misspelling of, or nothing."""
        uses = self.uses
        near: list[str] = []
        others = {w for other in row.keys - {spelled} for w in other.split()}
        if len(this) < _LEAST_LETTERS or this in others:
            return ""
        if uses[this] < _COMMON / 2:
            found = (w for part in _deletions(this) for w in self.common.get(part, ()))
            near += [w for w in found if uses[w] >= _COMMONER * uses[this]]
        if uses[this] < 2:
            if written != row.name or len(this) >= _LONG:
                near += [w for w in others if _is_misspelling(this, w)]
            beside = self.gaps[row.country, spelled.replace(this, "*", 1)]
            near += [w for w in beside if uses[w] > 1 and _is_misspelling(this, w)]
        return next((w for w in near if not _is_variant(this, w)), "")


def _by_gap(rows: list[Row]) -> dict[tuple[str, str], set[str]]:
    """Return for every name without one of its words the words that stand there in its country."""
    index: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for spelled in row.keys:
            for w in spelled.split() if " " in spelled else ():
                index[row.country, spelled.replace(w, "*", 1)].add(w)
    return index


def _longer(spelled: str, whole: list[str]) -> str:
    """Return a name that begins with `spelled`, which ends inside a word of it."""
    after = bisect_right(whole, spelled)
    following = whole[after] if after < len(whole) else ""
    inside = following.startswith(spelled) and following[len(spelled) :][:1] not in ("", " ")
    return following if inside else ""


def _by_deletion(words: Iterable[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = defaultdict(list)
    for w in words:
        for part in _deletions(w):
            index[part].append(w)
    return index


def _deletions(written: str) -> list[str]:
    """Return a word and all that is left without one letter: equal for words one letter apart."""
    return [written, *(written[:i] + written[i + 1 :] for i in range(len(written)))]


def _is_misspelling(a: str, b: str) -> bool:
    """Tell if one letter is different, or two of a long word."""
    most = 2 if min(len(a), len(b)) >= _LONG else 1
    return len(b) >= _LEAST_LETTERS and a[0] == b[0] and _distance(a, b, most) <= most


def _is_variant(a: str, b: str) -> bool:
    """Tell another form from a misspelling: plural, "Lueneburg", "UDelaware"."""
    umlauts = [w.replace("ae", "a").replace("oe", "o").replace("ue", "u") for w in (a, b)]
    return a.startswith(b) or b.startswith(a) or a[1:] == b or umlauts[0] == umlauts[1]


def _distance(a: str, b: str, most: int) -> int:
    """Return the edit distance with transpositions, or more than `most`."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row, older = row, [i], before
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y))
            if older and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = previous
    return row[-1]


def deciding(evidence: Iterable[str]) -> frozenset[str]:
    """Return the rows that decided texts, as ``Name (COUNTRY)``.

    Parameters
    ----------
    evidence : iterable of str
        Column ``evidence`` of :func:`caraml_analysis.geocode`.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> deciding(['"EPFL" -> acronym Ecole Polytechnique (CHE)'])
    frozenset({'Ecole Polytechnique (CHE)'})
    """
    return frozenset(f"{name} ({code})" for e in evidence for name, code in _DECIDING.findall(e))


def unused(rows: Iterable[Row], used: frozenset[str]) -> Iterator[Finding]:
    """Note rows that decide no embedded text: claims that nothing here tests.

    Parameters
    ----------
    rows : iterable of Row
    used : frozenset of str
        Result of :func:`deciding`.

    Yields
    ------
    Finding
    """
    for row in rows:
        if str(row) not in used:
            yield _found(row, "unused", row.name, "decides no embedded text.", NOTE)


# --- all ----------------------------------------------------------------------------------------

CHECKS: tuple[Callable[[list[Row], Context], Iterator[Finding]], ...] = (
    lambda rows, _: fields(rows),
    lambda rows, _: shape(rows),
    lambda rows, _: repeats(rows),
    lambda rows, _: clashes(rows),
    lambda rows, _: domains(rows),
    acronyms,
    places,
    composed,
    misspelled,
    beside_ror,
)


def validate(rows: list[Row], context: Context) -> list[Finding]:
    """Return all findings about the reviewed rows, errors first.

    Parameters
    ----------
    rows : list of Row
        Of all tables, in the order in which they win.
    context : Context
        What they are compared with.

    Returns
    -------
    list of Finding
        ``severity`` is ``error`` or ``note``; an error about a name, acronym or domain that the
        ``reason`` of its row quotes is a note.
    """
    found = [finding for check in CHECKS for finding in check(rows, context)]
    return sorted(found, key=lambda finding: finding.severity != ERROR)
