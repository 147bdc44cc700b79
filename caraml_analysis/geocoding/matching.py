"""Find what a text names: organisations, places, acronyms, codes, hosts; and cut it into parts.

The longest name wins, so a country or a city inside the name of an organisation is never seen. A
separator cuts a text only where an organisation stands on either side; otherwise it belongs to an
address. Every step is linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.text import Words, split_words
from caraml_analysis.geocoding.vocabulary import (
    ADDRESS_WORDS,
    GOES_ON,
    HEADS,
    LEGAL_FORMS,
    NOT_A_HOST,
    PREPOSITIONS,
    UNIVERSITIES,
)

# Where a place stands decides how much it says.
ALONE = "alone"  # in a segment of its own: "..., Seoul 08826, ..."
AFTER = "after"  # right after a known organisation, or at the end of its segment: "Google Zurich"
INSIDE = "inside"  # inside what may be an unknown name: "University of Lancaster"

_SEGMENT_END = re.compile(r"[,;|/\\()\[\]{}•·:]|\s[-–—]+\s|—")
_STRONG = re.compile(r"[;|]|//")
_NEVER_INSIDE = re.compile(r"[;|)]|//")  # of a name
_SLASH = re.compile(r"[/\\+]")
_DASH = re.compile(r"\s[-–—]|[-–—]\s|—")
_WEAK = re.compile(rf",|{_DASH.pattern}|\.\s")
_PLACES = ("country", "region", "city")

# Bounded repetitions, and a start only at the edge of a label: linear on any text.
_HOST = re.compile(
    r"(?P<mail>(?<![\w.+-])[\w.+-]{1,64}@)?(?P<web>https?://)?"
    r"(?P<host>(?<![A-Za-z0-9-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}[A-Za-z]{2,10})\b"
)
_ACRONYM_LENGTH = 4


class Match(NamedTuple):
    """A named thing: words ``start`` to ``end`` (not included) of the text."""

    start: int
    end: int
    entry: Entry
    position: str = ""
    in_parentheses: bool = False


class Host(NamedTuple):
    """An internet host in the text; of an e-mail address only this is kept."""

    start: int
    name: str
    certain: bool  # part of an e-mail or web address


@dataclass
class Part:
    """A stretch of the text about one organisation, and everything that it names."""

    words: Words
    start: int
    end: int
    organisations: list[Match] = field(default_factory=list)
    acronyms: list[Match] = field(default_factory=list)
    places: list[Match] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)

    def quote(self, match: Match) -> str:
        """Return what the text says where `match` was found."""
        return self.words.quote(match.start, match.end)


def parts(text: str, gazetteer: Gazetteer) -> list[Part]:
    """Return the parts of a clean text, each with what it names."""
    text, hosts = without_persons(text)
    words = split_words(text)
    if not words.words:
        return []
    segments = _segments(words)
    named = _longest_names(words, gazetteer)
    organisations = _whole_names(named, words, segments)
    acronyms = _acronyms(words, gazetteer, organisations)
    homonyms = _places_named_like(organisations, words, gazetteer)
    places_instead = {m.start for m in homonyms}
    organisations = [m for m in organisations if m.start not in places_instead]
    capitals = {m.start for m in acronyms}
    places = [m for m in named if m.entry.kind in _PLACES and m.start not in capitals]
    places += homonyms
    places += _codes(words, gazetteer, [*named, *acronyms], segments)
    places.sort(key=lambda match: match.start)
    places = _with_positions(words, places, [*organisations, *acronyms], segments)
    starts = _first_words(words, [*organisations, *acronyms], places, segments)
    result = [
        Part(words, start, end)
        for start, end in zip(starts, [*starts[1:], len(words.words)], strict=True)
    ]
    for match in organisations:
        _part_of(match.start, starts, result).organisations.append(match)
    for match in acronyms:
        _part_of(match.start, starts, result).acronyms.append(match)
    for match in places:
        _part_of(match.start, starts, result).places.append(match)
    for host in hosts:
        first = bisect_left(words.ends, host.start + 1)
        _part_of(min(first, len(words.words) - 1), starts, result).hosts.append(host)
    return result


def is_named_after(words: Words, match: Match) -> bool:
    """Tell if an organisation is named after a place: "TU Darmstadt", "Delft University"."""
    before = words.words[match.start - 1] if match.start else ""
    after = words.words[match.end] if match.end < len(words.words) else ""
    return before in HEADS or before in GOES_ON or before in PREPOSITIONS or after in HEADS


def _part_of(index: int, starts: list[int], parts: list[Part]) -> Part:
    return parts[bisect_left(starts, index + 1) - 1]


def without_persons(text: str) -> tuple[str, list[Host]]:
    """Return the text without the local parts of e-mail addresses, and all internet hosts."""
    if "." not in text:
        return text, []
    hosts: list[Host] = []
    pieces: list[str] = []
    last = removed = 0
    for found in _HOST.finditer(text):
        if found["mail"]:
            pieces.append(text[last : found.start()])
            last = found.start("host")
            removed += last - found.start()
        host = found["host"]
        certain = bool(found["mail"] or found["web"] or host.lower().startswith("www."))
        if certain or (host.islower() and host.partition(".")[0] not in NOT_A_HOST):
            hosts.append(Host(found.start("host") - removed, host.lower(), certain))
    pieces.append(text[last:])
    return "".join(pieces), hosts


def _segments(words: Words) -> list[int]:
    """Return for every word the number of its segment between punctuation marks."""
    result, number = [], 0
    for i, gap in enumerate(words.gaps):
        if i and gap != " " and _SEGMENT_END.search(gap):
            number += 1
        result.append(number)
    return result


def _longest_names(words: Words, gazetteer: Gazetteer) -> list[Match]:
    """Return the names in the text that are in no longer name, in order."""
    found = sorted(_all_names(words, gazetteer), key=lambda m: (m.start - m.end, m.start))
    free = [True] * len(words.words)
    chosen = []
    for match in found:
        if all(free[match.start : match.end]):
            free[match.start : match.end] = [False] * (match.end - match.start)
            chosen.append(match._replace(in_parentheses=_in_parentheses(words, match.start)))
    chosen.sort(key=lambda match: match.start)
    return chosen


def _all_names(words: Words, gazetteer: Gazetteer) -> Iterable[Match]:
    """Yield every name at every word; reviewed organisations before places before ROR names."""
    spelled, count = words.words, len(words.words)
    organisations, places, ror = gazetteer.organisations, gazetteer.places, gazetteer.ror
    lower_case = words.text.islower()
    for start, first in enumerate(spelled):
        most = gazetteer.longest.get(first)
        if most is None:
            continue
        name, end, last = first, start + 1, min(start + most, count)
        while True:
            if end == start + 1 and words.written[start] in gazetteer.acronyms:
                pass  # the same word as an acronym, as written, says more
            elif name in organisations:
                yield Match(start, end, organisations[name])
            elif name in places:
                match = Match(start, end, places[name])
                if end > start + 1 or not _is_no_place(match, words, lower_case):
                    yield match
            elif name in ror and not _goes_on(words, end):
                yield Match(start, end, Entry("ROR name", name, tuple(ror[name].split(";"))))
            if end >= last or (words.gaps[end] != " " and _NEVER_INSIDE.search(words.gaps[end])):
                break
            name = f"{name} {spelled[end]}"
            end += 1


def _goes_on(words: Words, end: int) -> bool:
    """Tell if what was found is the beginning of another name: "Israel Institute of ..."."""
    return end < len(words.words) and words.words[end] in GOES_ON and words.gaps[end] == " "


def _whole_names(named: list[Match], words: Words, segments: list[int]) -> list[Match]:
    """Return the organisations that are not part of a longer, unknown name.

    "Imperial" is no organisation in "Imperial Valley College"; "Skoltech" is one in "Skoltech
    University", and "McGill" in "University of McGill". The Open University is in England, but not
    the one in "British Columbia Open University".
    """
    found = [m for m in named if m.entry.kind not in _PLACES]
    inside = {i for m in found for i in range(m.start, m.end)}
    heads = {i for i, word in enumerate(words.words) if word in UNIVERSITIES and i not in inside}
    with_head = {segments[i] for i in heads}
    places = {m.end: set(m.entry.countries) for m in named if m.entry.kind in _PLACES}

    def is_whole(m: Match) -> bool:
        if words.gaps[m.start] == " " and not m.entry.headquarters:
            before = places.get(m.start)
            if (
                before
                and before.isdisjoint(m.entry.countries)
                and not HEADS.isdisjoint(words.words[m.start : m.end])
            ):
                return False
        return (
            m.end > m.start + 1
            or segments[m.start] not in with_head
            or m.end in heads
            or (m.start - 2 in heads and words.words[m.start - 1] in GOES_ON)
        )

    return [m for m in found if is_whole(m)]


def _is_no_place(match: Match, words: Words, lower_case: bool) -> bool:
    """Tell an ordinary word ("of", "us") or an acronym ("BIU") that is spelled like a place."""
    written = words.written[match.start]
    if match.entry.kind == "country":
        short = len(written) < _ACRONYM_LENGTH
        return short and not written.isupper() and "," not in words.gaps[match.start]
    if written[0].islower():
        return not lower_case
    return len(written) <= _ACRONYM_LENGTH and sum(map(str.isupper, written)) > 1


def _in_parentheses(words: Words, index: int) -> bool:
    return index > 0 and words.gaps[index].endswith(("(", "["))


def _acronyms(words: Words, gazetteer: Gazetteer, organisations: list[Match]) -> list[Match]:
    table = gazetteer.acronyms
    taken = {i for m in organisations for i in range(m.start, m.end)}
    return [
        Match(i, i + 1, table[form], "", _in_parentheses(words, i))
        for i, form in enumerate(words.written)
        if form in table and i not in taken
    ]


def _places_named_like(
    organisations: list[Match], words: Words, gazetteer: Gazetteer
) -> list[Match]:
    """Return organisations that share their name with a place and follow another organisation.

    "Princeton" is the university, but in "Plasma Physics Laboratory, Princeton" it is the town.
    """
    return [
        m._replace(entry=gazetteer.places[name])
        for m in organisations[1:]
        if m.entry.kind == "organisation"
        and (name := " ".join(words.words[m.start : m.end])) in gazetteer.places
        and words.words[m.start - 1] != "and"
        and not _SLASH.search(words.gaps[m.start])
        and not _STRONG.search(words.gaps[m.start])
    ]


def _codes(
    words: Words, gazetteer: Gazetteer, named: list[Match], segments: list[int]
) -> list[Match]:
    """Return country codes and abbreviated regions where an address has them.

    That is after a comma, in parentheses or right after a city, and with nothing but a postcode or
    a country behind: ", MA 02139", "(DE)", "Cambridge MA", "Lebanon, NH USA".
    """
    taken = {i for m in named for i in range(m.start, m.end)}
    after_place = {m.end for m in named if m.entry.kind == "city"}
    countries = {m.start for m in named if m.entry.kind == "country"}
    found = []
    for i, form in enumerate(words.written):
        if i and form in gazetteer.codes and i not in taken:
            opened = any(mark in words.gaps[i] for mark in ",([")
            ends = i + 1 == len(segments) or segments[i + 1] != segments[i]
            follows = ends or i + 1 in countries or _is_number(words.words[i + 1])
            if (opened or i in after_place) and follows:
                found.append(Match(i, i + 1, gazetteer.codes[form]))
    return found


def _is_number(word: str) -> bool:
    """Tell a postcode or a house number: it has a digit, or is a letter (but not "U. Oslo")."""
    return (len(word) == 1 and word != "u") or any(map(str.isdigit, word[:12]))


def _with_positions(
    words: Words, places: list[Match], organisations: list[Match], segments: list[int]
) -> list[Match]:
    """Return the places with their positions."""
    if not places:
        return places
    ends = {m.end for m in organisations}
    first_organisation: dict[int, int] = {}
    for m in sorted(organisations):
        first_organisation.setdefault(segments[m.start], m.start)
    in_place = [False] * len(segments)
    for m in places:
        in_place[m.start : m.end] = [True] * (m.end - m.start)
    address = [
        inside or word in ADDRESS_WORDS or _is_number(word)
        for inside, word in zip(in_place, words.words, strict=True)
    ]
    only_address = [True] * (segments[-1] + 1)
    for segment, fits in zip(segments, address, strict=True):
        only_address[segment] &= fits
    # open_end[i]: from word i to the end of its segment nothing continues a name
    open_end = [True] * (len(segments) + 1)
    for i in range(len(segments) - 1, -1, -1):
        rest = i + 1 == len(segments) or segments[i + 1] != segments[i] or open_end[i + 1]
        open_end[i] = rest and (address[i] or words.words[i] in LEGAL_FORMS)
    result = []
    for m in places:
        segment = segments[m.end - 1]
        last = m.end == len(segments) or segments[m.end] != segment
        own_segments = only_address[segment] and only_address[segments[m.start]]
        if own_segments or (m.start and words.words[m.start - 1] in PREPOSITIONS):
            position = ALONE
        elif m.start in ends or (
            (last or open_end[m.end]) and first_organisation.get(segment, m.start) < m.start
        ):
            position = AFTER
        else:
            position = INSIDE
        result.append(m._replace(position=position))
    return result


def _first_words(
    words: Words, organisations: list[Match], places: list[Match], segments: list[int]
) -> list[int]:
    """Return the first word of every part."""
    units = [m for m in organisations if not m.in_parentheses and not _is_hyphenated(words, m)]
    units += _unknown_units(words, organisations, places, segments)
    units.sort(key=lambda match: match.start)
    countries = [m.start for m in places if m.entry.kind == "country"]
    starts = {0}
    for left, right in pairwise(units):
        cut = _cut_between(words, left, right, countries)
        if cut is not None:
            starts.add(cut)
    inside = [m for m in places if m.position == INSIDE]
    starts.update(_cuts_beside_unknown(words, units + inside))
    return sorted(starts)


def _is_hyphenated(words: Words, match: Match) -> bool:
    """Tell an acronym that is half of a name: "Technion-IIT", "DBT-ICT Centre"."""
    beside = (words.gaps[match.start], *words.gaps[match.end : match.end + 1])
    return match.entry.kind == "acronym" and "-" in beside


def _unknown_units(
    words: Words, organisations: list[Match], places: list[Match], segments: list[int]
) -> list[Match]:
    """Return places that stand for an organisation of their own.

    That is one in the name of an unknown organisation ("University of Genova - MIT"), and one that
    comes before everything else ("Illinois / Google").
    """
    known = {segments[m.start] for m in organisations}
    headed = {segments[i] for i, word in enumerate(words.words) if word in HEADS} - known
    return [
        m
        for m in places
        if (segments[m.start] in headed and (m.position == INSIDE or is_named_after(words, m)))
        or (m.start == 0 and m.end < len(words.gaps) and _SLASH.search(words.gaps[m.end]))
    ]


def _cut_between(words: Words, left: Match, right: Match, countries: list[int]) -> int | None:
    """Return where the part of `right` begins, or None if both belong to one part."""
    if _is_unit_of(left, right):
        return None
    weak = None
    place = left.entry.kind in _PLACES or right.entry.kind in _PLACES  # a comma is of an address
    for i in range(right.start, left.end - 1, -1):
        gap = words.gaps[i]
        if gap != " " and (_STRONG.search(gap) or _SLASH.search(gap)):
            return i
        after_and = i > left.end and words.words[i - 1] == "and"
        mark = _DASH if place else _WEAK
        if weak is None and (after_and or (gap != " " and mark.search(gap))):
            weak = i
    return None if weak is None or _in_one_address(left, right, countries) else weak


def _is_unit_of(left: Match, right: Match) -> bool:
    """Tell "Google Brain, Google": the name of one begins with the name of the other."""
    a, b = left.entry.name.casefold(), right.entry.name.casefold()
    return a.startswith(b) or b.startswith(a)


def _in_one_address(left: Match, right: Match, countries: list[int]) -> bool:
    """Tell if one country follows both, and the first name is not sure enough to add another.

    "Institute of Refrigeration and Cryogenics, Shanghai Jiao Tong University, Shanghai, China".
    """
    if left.entry.kind in ("organisation", "acronym") or not countries:
        return False
    between = bisect_left(countries, left.end) < bisect_left(countries, right.start)
    return countries[-1] >= right.end and not between


def _cuts_beside_unknown(words: Words, units: list[Match]) -> list[int]:
    """Return cuts at semicolons and bars between organisations, known or not."""
    cuts = [i for i, gap in enumerate(words.gaps) if i and gap != " " and _STRONG.search(gap)]
    if not cuts:
        return []
    known = {i for m in units for i in range(m.start, m.end)}
    result, before = [], False
    edges = [0, *cuts, len(words.words)]
    for start, end in pairwise(edges):
        stands = any(i in known or words.words[i] in HEADS for i in range(start, end))
        if stands and before:
            result.append(start)
        before |= stands
    return result
