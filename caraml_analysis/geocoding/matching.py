"""Find what a text names: organisations, places, acronyms, codes and hosts, and cut it into parts.

The longest name wins, so a country or a city inside the name of an organisation is never seen.
A separator cuts a text only where an organisation stands on either side; otherwise it is an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.text import Words, split_words

# Where a place stands decides how much it says.
ALONE = "alone"  # in a segment of its own: "..., Seoul 08826, ..."
AFTER = "after"  # at the end of a segment with a known organisation: "Google Zurich"
INSIDE = "inside"  # inside what may be an unknown name: "University of Lancaster"

_SEGMENT_END = re.compile(r"[,;|/\\()\[\]{}•·:]|\s[-–—]+\s|—|\n")
_STRONG = re.compile(r"[;|\n]|//")
_SLASH = re.compile(r"[/\\+]")
_WEAK = re.compile(r",|\s[-–—]\s|—|\.\s")

#: Nouns that say "this is an organisation", in the languages that occur.
HEADS = frozenset(
    """
    university universitat universite universita universidad universidade universitas universiteit
    universitet universitetet universiti universitesi universitate universitatea univerzita
    univerzitet univerza uniwersytet yliopisto egyetem uni college polytechnic polytechnique
    politecnico politecnica polytech politechnika hochschule fachhochschule hogeschool institute
    institut instituto istituto instituut academy academia akademie school ecole escuela scuola
    escola hospital hopital klinikum clinic laboratory laboratoire laboratorio center centro
    centrum zentrum faculty faculte facultad observatory tu fh eth insa ens iut
    """.split()
)
# Words after a place that do not make it part of a longer name: "Qualcomm India Private Limited".
_LEGAL_FORMS = frozenset(
    "ag bv co company corp corporation gmbh inc incorporated kk limited llc llp ltd nv oy plc"
    " private pte pty pvt sa sarl sas spa srl campus".split()
)
# Words that show that a name goes on.
_GOES_ON = frozenset("of for de del della di du des der fur do da dos".split())
_PREPOSITIONS = frozenset("in at near".split())

_HOST = re.compile(
    r"(?P<mail>[\w.+-]*@)?(?P<web>https?://)?(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,6}[A-Za-z]{2,10})\b"
)
_NOT_A_HOST = re.compile(r"(?:univ|inst|dept|lab|tech|st|prof|dr|fac|sci|eng)\.", re.IGNORECASE)


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


def without_persons(text: str) -> tuple[str, list[Host]]:
    """Return the text without the local parts of e-mail addresses, and all internet hosts."""
    if "." not in text:
        return text, []
    hosts: list[Host] = []
    pieces, last = [], 0
    for found in _HOST.finditer(text):
        certain = bool(found["mail"] or found["web"] or found["host"].lower().startswith("www."))
        if found["mail"]:
            pieces.append(text[last : found.start()])
            last = found.start("host")
        host = found["host"]
        if certain or (host.islower() and not _NOT_A_HOST.match(host)):
            position = sum(map(len, pieces)) + found.start("host") - last
            hosts.append(Host(position, host.lower(), certain))
    pieces.append(text[last:])
    return "".join(pieces), hosts


def parts(text: str, gazetteer: Gazetteer) -> list[Part]:
    """Return the parts of a clean text, each with what it names."""
    text, hosts = without_persons(text)
    words = split_words(text)
    if not words.words:
        return []
    named = _longest_names(words, gazetteer)
    segments = _segments(words)
    organisations = [m for m in named if m.entry.kind in ("organisation", "ROR name")]
    taken = {i for m in named for i in range(m.start, m.end)}
    acronyms = _acronyms(words, gazetteer, taken)
    places = [m for m in named if m.entry.kind in ("country", "region", "city")]
    homonyms = _places_named_like(organisations, words, gazetteer, segments)
    places += homonyms
    places += _codes(words, gazetteer, taken | {m.start for m in acronyms}, segments)
    places.sort()
    places = _with_positions(words, places, organisations + acronyms, segments)
    starts = _boundaries(words, organisations, acronyms, homonyms, places)
    result = []
    for start, end in zip(starts, [*starts[1:], len(words.words)], strict=True):
        first, last = words.starts[start], words.ends[end - 1]
        result.append(
            Part(
                words,
                start,
                end,
                [m for m in organisations if start <= m.start < end],
                [m for m in acronyms if start <= m.start < end],
                [m for m in places if start <= m.start < end],
                [h for h in hosts if first <= h.start <= last],
            )
        )
    return result


def _longest_names(words: Words, gazetteer: Gazetteer) -> list[Match]:
    """Return the names in the text that are in no longer name, in order."""
    spelled, count = words.words, len(words.words)
    organisations, ror, places = gazetteer.organisations, gazetteer.ror, gazetteer.places
    longest = gazetteer.longest
    lower_case = words.text.islower()
    found: list[tuple[int, int, int, Entry]] = []
    for start, first in enumerate(spelled):
        most = longest.get(first)
        if most is None:
            continue
        name = first
        last = min(start + most, count)
        end = start + 1
        while True:
            entry = organisations.get(name)
            if entry is None:
                entry = places.get(name)
                if entry is None and name in ror:
                    entry = Entry("ROR name", name, tuple(ror[name].split(";")))
                    if end < count and spelled[end] in _GOES_ON and words.gaps[end] == " ":
                        entry = None  # the beginning of another name: "Israel Institute of ..."
                elif (
                    entry is not None
                    and end == start + 1
                    and entry.kind != "country"
                    and _is_no_name(words.written[start], lower_case)
                ):
                    entry = None
            if entry is not None:
                found.append((start - end, start, end, entry))
            if end >= last or _STRONG.search(words.gaps[end]):
                break
            name = f"{name} {spelled[end]}"
            end += 1
    found.sort(key=lambda item: item[:3])
    free = [True] * count
    chosen = []
    for _, start, end, entry in found:
        if all(free[start:end]):
            free[start:end] = [False] * (end - start)
            chosen.append(Match(start, end, entry, "", _in_parentheses(words, start)))
    chosen.sort(key=lambda match: match.start)
    return chosen


def _is_no_name(written: str, lower_case: bool) -> bool:
    """Tell an ordinary word ("of", "para") or an acronym ("BIU") that is spelled like a place."""
    if written[0].islower():
        return not lower_case
    return len(written) <= 4 and written.isupper() and written != "NYC" and written.isascii()


def _in_parentheses(words: Words, index: int) -> bool:
    return index > 0 and words.gaps[index].endswith(("(", "["))


def _places_named_like(
    organisations: list[Match], words: Words, gazetteer: Gazetteer, segments: list[int]
) -> list[Match]:
    """Return organisations that share their name with a place ("Princeton") and follow another."""
    if len(organisations) < 2:
        return []
    return [
        m._replace(entry=gazetteer.places[name])
        for m in organisations[1:]
        if (name := " ".join(words.words[m.start : m.end])) in gazetteer.places
        and m.entry.kind == "organisation"
    ]


def _acronyms(words: Words, gazetteer: Gazetteer, taken: set[int]) -> list[Match]:
    table = gazetteer.acronyms
    return [
        Match(i, i + 1, table[form], "", _in_parentheses(words, i))
        for i, form in enumerate(words.written)
        if form in table and i not in taken
    ]


def _codes(words: Words, gazetteer: Gazetteer, taken: set[int], segments: list[int]) -> list[Match]:
    """Return country codes and abbreviated regions where an address has them."""
    table = gazetteer.codes
    return [
        Match(i, i + 1, table[form])
        for i, form in enumerate(words.written)
        if i and form in table and i not in taken and _begins_segment(words, i, segments)
    ]


def _begins_segment(words: Words, index: int, segments: list[int]) -> bool:
    """Tell if a code stands where an address has codes: after a comma or in parentheses.

    Only postcodes may follow it in its segment ("MA 02139").
    """
    if segments[index] == segments[index - 1]:
        return False
    for other in range(index + 1, len(segments)):
        if segments[other] != segments[index]:
            break
        if not _is_number(words.words[other]):
            return False
    return True


def _segments(words: Words) -> list[int]:
    """Return for every word the number of its segment between punctuation marks."""
    result, number = [], 0
    for i, gap in enumerate(words.gaps):
        if i and gap != " " and _SEGMENT_END.search(gap):
            number += 1
        result.append(number)
    return result


def _is_number(word: str) -> bool:
    """Tell a postcode or a house number: it has a digit, or is a single letter."""
    return len(word) == 1 or any(c.isdigit() for c in word)


def _with_positions(
    words: Words, places: list[Match], organisations: list[Match], segments: list[int]
) -> list[Match]:
    """Return the places with their positions."""
    if not places:
        return places
    place_words = {i for m in places for i in range(m.start, m.end)}
    ends_of_organisations = {m.end for m in organisations}
    by_segment: dict[int, list[int]] = {}
    for i, segment in enumerate(segments):
        by_segment.setdefault(segment, []).append(i)
    organisation_starts: dict[int, int] = {}
    for m in organisations:
        organisation_starts.setdefault(segments[m.start], m.start)
    only_places = {
        segment: all(
            i in place_words or _is_number(words.words[i]) or words.words[i] in _CEDEX
            for i in members
        )
        for segment, members in by_segment.items()
    }
    result = []
    for m in places:
        segment = segments[m.end - 1]
        if only_places[segment] and only_places[segments[m.start]]:
            position = ALONE
        elif m.start and words.words[m.start - 1] in _PREPOSITIONS:
            position = ALONE
        elif m.start in ends_of_organisations:
            position = AFTER
        else:
            last = by_segment[segment][-1] + 1
            first_organisation = organisation_starts.get(segment)
            trailing = all(
                i in place_words or _is_number(words.words[i]) or words.words[i] in _LEGAL_FORMS
                for i in range(m.end, last)
            )
            known = first_organisation is not None and first_organisation < m.start
            position = AFTER if trailing and known else INSIDE
        result.append(m._replace(position=position))
    return result


_CEDEX = frozenset(
    "cedex city province state prefecture county region district municipality"
    " republic of and the".split()
)


def _boundaries(
    words: Words,
    organisations: list[Match],
    acronyms: list[Match],
    homonyms: list[Match],
    places: list[Match],
) -> list[int]:
    """Return the first word of every part."""
    same_as_place = {m.start for m in homonyms}
    units = sorted(
        m for m in organisations + acronyms if not m.in_parentheses and m.start not in same_as_place
    )
    starts = {0}
    for left, right in zip(units, units[1:], strict=False):
        cut = _cut_between(words, left, right, places)
        if cut:
            starts.add(cut)
    starts.update(_cuts_beside_unknown(words, units))
    return sorted(starts)


def _cut_between(words: Words, left: Match, right: Match, places: list[Match]) -> int | None:
    """Return where the part of `right` begins, or None if both belong to one part."""
    if _is_unit_of(left, right):
        return None
    last_weak = None
    for i in range(right.start, left.end - 1, -1):
        gap = words.gaps[i]
        if _STRONG.search(gap) or _SLASH.search(gap):
            return i
        if last_weak is None:
            if i > left.end and words.words[i - 1] == "and":
                if not _is_address_line(left, right, places):
                    last_weak = i
            elif _WEAK.search(gap):
                if "," in gap and _is_address_line(left, right, places):
                    continue
                last_weak = i
    return last_weak


def _is_unit_of(left: Match, right: Match) -> bool:
    """Tell "Google Brain, Google": the name of one begins with the name of the other."""
    a, b = left.entry.name.casefold(), right.entry.name.casefold()
    return a.startswith(b) or b.startswith(a)


def _is_address_line(left: Match, right: Match, places: list[Match]) -> bool:
    """Tell if the country at the end is that of both, so that a doubtful first name adds none."""
    if left.entry.kind == "organisation" or left.entry.kind == "acronym":
        return False
    between = any(left.end <= m.start < right.start and m.entry.kind == "country" for m in places)
    after = any(m.start >= right.end and m.entry.kind == "country" for m in places)
    return after and not between


def _cuts_beside_unknown(words: Words, units: list[Match]) -> list[int]:
    """Return cuts at strong separators between an unknown organisation and the next text."""
    cuts = [i for i in range(1, len(words.words)) if _STRONG.search(words.gaps[i])]
    if not cuts:
        return []
    known = {i for m in units for i in range(m.start, m.end)}
    edges = [0, *cuts, len(words.words)]
    stands = [
        any(i in known or words.words[i] in HEADS for i in range(a, b))
        for a, b in zip(edges, edges[1:], strict=False)
    ]
    return [cut for n, cut in enumerate(cuts) if any(stands[: n + 1]) and stands[n + 1]]
