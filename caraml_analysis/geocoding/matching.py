"""Find what a text names: organisations, places, acronyms and codes.

The longest name wins, so a country or a city inside the name of an organisation is never seen.
Every step is linear in the length of the text.
"""

from __future__ import annotations

from typing import Final

from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.words import (
    ACRONYM,
    AND,
    AND_OF,
    CAPITALS,
    CODE,
    CODE_MARK,
    COMMA,
    FORMER,
    GOES_ON,
    HAS_CAPITAL,
    HAS_SMALL,
    HEAD,
    LIKE_ACRONYM,
    LOWER,
    MEMBERSHIP,
    NEVER_INSIDE,
    NUMBER,
    OPENS,
    PREPOSITION,
    SHORT,
    SLASH,
    SOCIETY,
    SPACE,
    STRONG,
    UNIVERSITY,
    Reading,
)

# Where a place stands decides how much it says (see `parts`).
NOT_PLACED: Final = 0


class Match:
    """A named thing: words ``start`` to ``end`` (not included) of the text."""

    __slots__ = ("end", "entry", "in_parentheses", "position", "start")

    def __init__(self, start: int, end: int, entry: Entry, in_parentheses: bool = False) -> None:
        self.start = start
        self.end = end
        self.entry = entry
        self.in_parentheses = in_parentheses
        self.position = NOT_PLACED


class Names:
    """Everything that a text names, each list in order."""

    __slots__ = ("acronyms", "organisations", "places")

    def __init__(
        self, organisations: list[Match], acronyms: list[Match], places: list[Match]
    ) -> None:
        self.organisations = organisations
        self.acronyms = acronyms
        self.places = places

    def only_organisation(self) -> Match | None:
        """Return the one organisation or acronym, if there is one and its country is known."""
        if len(self.organisations) + len(self.acronyms) != 1:
            return None
        only = self.organisations[0] if self.organisations else self.acronyms[0]
        return only if len(only.entry.countries) == 1 else None


def find_names(reading: Reading, gazetteer: Gazetteer) -> Names:
    """Return what the text names."""
    named = _longest_names(reading, _all_names(reading, gazetteer))
    organisations = _whole_names(named, reading)
    acronyms = _acronyms(reading, organisations)
    codes = _codes(reading, named, acronyms)
    homonyms = _places_named_like(organisations, acronyms, codes, reading, gazetteer)
    if homonyms:
        starts = {m.start for m in homonyms}
        organisations = [m for m in organisations if m.start not in starts]
    places = [m for m in named if m.entry.is_place]
    if acronyms:
        capitals = {m.start for m in acronyms}
        places = [m for m in places if m.start not in capitals]
    places += homonyms
    places += codes
    return Names(organisations, acronyms, in_order(places))


def in_order(matches: list[Match]) -> list[Match]:
    """Return matches by their first word; equal ones stay as they are."""
    for i in range(1, len(matches)):
        if matches[i - 1].start > matches[i].start:
            return sorted(matches, key=_start)
    return matches


def _start(match: Match) -> int:
    return match.start


def _all_names(reading: Reading, gazetteer: Gazetteer) -> list[Match]:
    """Return every name at every word; reviewed organisations before places before ROR names."""
    words, marks = reading.words, reading.marks
    count = len(words)
    lower_case = reading.flags & HAS_CAPITAL == 0
    found: list[Match] = []
    for start in range(count):
        word = words[start]
        entry = word.entry
        # an acronym of the same letters, as written, says more than the word
        if entry is not None and word.acronym is None:
            if entry.is_place:
                if not _is_no_place(entry, reading, start, lower_case):
                    found.append(Match(start, start + 1, entry))
            elif not _goes_on(reading, start + 1, entry) and not _is_left_behind(reading, start):
                found.append(Match(start, start + 1, entry))
        following = word.following
        end = start + 1
        if following is None or end == count or marks[end] & NEVER_INSIDE:
            continue
        longest = following.get(words[end].key)
        if longest is None:
            continue
        name = word.key + " " + words[end].key
        end += 1
        last = min(count, start + longest // 2)
        is_name = longest & 1 == 1
        while True:
            if is_name:
                entry = gazetteer.entry(name)
                if (
                    entry is not None
                    and not _goes_on(reading, end, entry)
                    and (entry.is_place or not _is_left_behind(reading, start))
                ):
                    found.append(Match(start, end, entry))
            if end == last or marks[end] & NEVER_INSIDE:
                break
            name = name + " " + words[end].key
            end += 1
            is_name = True  # perhaps: the next look-up tells
    return found


def _goes_on(reading: Reading, end: int, entry: Entry) -> bool:
    """Tell if what was found is the beginning of another name.

    "Israel Institute of ..." is none of ROR's, "Instituto de Matemáticas e de ..." no reviewed one.
    """
    words, marks = reading.words, reading.marks
    if entry.is_place or end >= len(words) or not marks[end] & SPACE:
        return False
    flags = words[end].flags
    if entry.kind == "ROR name" and flags & GOES_ON:
        return True
    return (
        flags & AND_OF != 0
        and end + 1 < len(words)
        and words[end + 1].flags & GOES_ON != 0
        and marks[end + 1] & SPACE != 0
    )


def _is_left_behind(reading: Reading, start: int) -> bool:
    """Tell "Member, IEEE" and "formerly at Google": somebody who works elsewhere."""
    if not reading.flags & (MEMBERSHIP | FORMER) or start == 0:
        return False
    words = reading.words
    before = words[start - 1].flags
    if before & MEMBERSHIP and words[start].flags & SOCIETY:
        return True
    if before & PREPOSITION and start > 1:
        before = words[start - 2].flags
    return before & FORMER != 0


def _is_no_place(entry: Entry, reading: Reading, start: int, lower_case: bool) -> bool:
    """Tell an ordinary word ("of", "us") or an acronym ("BIU") that is spelled like a place."""
    flags = reading.words[start].flags
    if entry.kind == "country":
        if len(reading.words) == 1 and not flags & LIKE_ACRONYM:
            return len(reading.words[start].key) < len("usa")
        return flags & SHORT != 0 and flags & CAPITALS == 0 and reading.marks[start] & COMMA == 0
    if flags & LOWER:
        return not lower_case
    # in a text of capitals a short name is no acronym: "UNIVERSITÄT KÖLN"
    return flags & LIKE_ACRONYM != 0 and (reading.flags & HAS_SMALL != 0 or len(reading.words) == 1)


def _longest_names(reading: Reading, found: list[Match]) -> list[Match]:
    """Return the names in the text that are in no longer name, in order."""
    if not found:
        return found
    # by length, then by place in the text, as numbers that sort fast
    order = sorted([((_FAR - (m.end - m.start)) << 40) | i for i, m in enumerate(found)])
    taken = bytearray(len(reading.words))
    chosen: list[int] = []
    for number in order:
        i = number & _INDEX
        match = found[i]
        if taken[match.start] or taken[match.end - 1]:  # what took it is at least as long
            continue
        for k in range(match.start, match.end):
            taken[k] = 1
        match.in_parentheses = _in_parentheses(reading, match.start)
        chosen.append(i)
    chosen.sort()
    return [found[i] for i in chosen]


_FAR: Final = 1 << 20  # more words than a name has
_INDEX: Final = (1 << 40) - 1


def _in_parentheses(reading: Reading, index: int) -> bool:
    return index > 0 and reading.marks[index] & OPENS != 0


def _whole_names(named: list[Match], reading: Reading) -> list[Match]:
    """Return the organisations that are not part of a longer, unknown name.

    "Imperial" is no organisation in "Imperial Valley College"; "Skoltech" is one in "Skoltech
    University", and "McGill" in "University of McGill". The Open University is in England, but not
    the one in "British Columbia Open University".
    """
    found = [m for m in named if not m.entry.is_place]
    if not found:
        return found
    words, segments = reading.words, reading.segments
    heads: set[int] = set()
    with_head: set[int] = set()
    if reading.flags & UNIVERSITY:
        inside = {i for m in found for i in range(m.start, m.end)}
        for i, word in enumerate(words):
            if word.flags & UNIVERSITY and i not in inside:
                heads.add(i)
                with_head.add(segments[i])
    before = {m.end: m.entry for m in named if m.entry.is_place}
    if not heads and not before:
        return found
    whole = []
    for m in found:
        if reading.marks[m.start] & SPACE and not m.entry.headquarters:
            place = before.get(m.start)
            if (
                place is not None
                and not set(place.countries) & set(m.entry.countries)
                and _has_flag(reading, m.start, m.end, HEAD)
            ):
                continue
        if (
            m.end > m.start + 1
            or segments[m.start] not in with_head
            or m.end in heads
            or (m.start - 2 in heads and words[m.start - 1].flags & GOES_ON)
        ):
            whole.append(m)
    return whole


def _has_flag(reading: Reading, start: int, end: int, flag: int) -> bool:
    for i in range(start, end):
        if reading.words[i].flags & flag:
            return True
    return False


def _acronyms(reading: Reading, organisations: list[Match]) -> list[Match]:
    found: list[Match] = []
    if not reading.flags & ACRONYM:
        return found
    for i, word in enumerate(reading.words):
        acronym = word.acronym
        if (
            acronym is not None
            and not _covers(organisations, i)
            and not _is_left_behind(reading, i)
        ):
            found.append(Match(i, i + 1, acronym, _in_parentheses(reading, i)))
    return found


def _covers(matches: list[Match], index: int) -> bool:
    """Tell if a word is inside one of the matches, which are in order."""
    low, high = 0, len(matches)
    while low < high:
        middle = (low + high) // 2
        if matches[middle].end <= index:
            low = middle + 1
        else:
            high = middle
    return low < len(matches) and matches[low].start <= index


def _places_named_like(
    organisations: list[Match],
    acronyms: list[Match],
    codes: list[Match],
    reading: Reading,
    gazetteer: Gazetteer,
) -> list[Match]:
    """Return organisations that share their name with a place and stand where a place would.

    "Princeton" is the university, but in "Plasma Physics Laboratory, Princeton" it is the town, and
    so is "Cambridge" in "Cambridge, MA" and in "MIT, Cambridge".
    """
    found: list[Match] = []
    for i, m in enumerate(organisations):
        if m.entry.kind != "organisation" or (i == 0 and not codes and not acronyms):
            continue
        place = gazetteer.place(_key(reading, m))
        if place is None:
            continue
        follows_name = (
            i > 0
            and not reading.words[m.start - 1].flags & AND
            and not reading.marks[m.start] & (SLASH | STRONG)
        )
        if follows_name or _is_in_region(m, place, codes) or _is_town_of(m, place, acronyms):
            found.append(Match(m.start, m.end, place, m.in_parentheses))
    return found


def _is_in_region(match: Match, place: Entry, codes: list[Match]) -> bool:
    """Tell "Cambridge, MA": a code of a region where there is such a place comes next."""
    for code in codes:
        if code.start == match.end:
            return not set(code.entry.countries).isdisjoint(place.countries)
    return False


def _is_town_of(match: Match, place: Entry, acronyms: list[Match]) -> bool:
    """Tell "MIT, Cambridge": a place of no usual country follows an organisation of one of its."""
    if place.usual is not None:
        return False
    for acronym in acronyms:
        if acronym.end == match.start and acronym.entry.countries[0] in place.countries:
            return True
    return False


def _key(reading: Reading, match: Match) -> str:
    return " ".join([word.key for word in reading.words[match.start : match.end]])


def _codes(reading: Reading, named: list[Match], acronyms: list[Match]) -> list[Match]:
    """Return country codes and abbreviated regions where an address has them.

    That is after a comma, in parentheses or right after a city, and with nothing but a postcode or
    a country behind: ", MA 02139", "(DE)", "Cambridge MA", "Lebanon, NH USA".
    """
    found: list[Match] = []
    words, segments, marks = reading.words, reading.segments, reading.marks
    if not reading.flags & CODE:
        return found
    cities = {m.end for m in named if m.entry.kind == "city"}
    countries = {m.start for m in named if m.entry.kind == "country"}
    for i in range(1, len(words)):
        code = words[i].code
        if code is None or _covers(named, i) or _covers(acronyms, i):
            continue
        follows = (
            i + 1 == len(words)
            or segments[i + 1] != segments[i]
            or i + 1 in countries
            or words[i + 1].flags & NUMBER
        )
        if follows and (marks[i] & CODE_MARK or i in cities):
            found.append(Match(i, i + 1, code))
    return found
