"""Cut a text into parts, one for each organisation, with everything that each part names.

A separator cuts a text only where an organisation stands on either side; otherwise it belongs to an
address. Every step is linear in the length of the text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from caraml_analysis.geocoding.hosts import Host
from caraml_analysis.geocoding.matching import Match, Names, in_order
from caraml_analysis.geocoding.words import (
    ADDRESS,
    AND,
    DASH,
    GOES_ON,
    HEAD,
    HYPHEN,
    LEGAL_FORM,
    NUMBER,
    PREPOSITION,
    SLASH,
    SPACE,
    STRONG,
    WEAK,
    Reading,
)

# Where a place stands decides how much it says.
ALONE: Final = 1  # in a segment of its own: "..., Seoul 08826, ..."
AFTER: Final = 2  # right after a known organisation, or at the end of its segment: "Google Zurich"
INSIDE: Final = 3  # inside what may be an unknown name: "University of Lancaster"


class Part:
    """A stretch of the text about one organisation, and everything that it names."""

    __slots__ = ("acronyms", "end", "hosts", "organisations", "places", "reading", "start")

    def __init__(self, reading: Reading, start: int, end: int) -> None:
        self.reading = reading
        self.start = start
        self.end = end
        self.organisations: list[Match] = []
        self.acronyms: list[Match] = []
        self.places: list[Match] = []
        self.hosts: list[Host] = []

    def quote(self, match: Match) -> str:
        """Return what the text says where `match` was found."""
        return self.reading.quote(match.start, match.end)

    def has(self, flag: int) -> bool:
        """Tell if a word of the part is of this kind (see `words`)."""
        if not self.reading.flags & flag:
            return False
        words = self.reading.words
        for i in range(self.start, self.end):
            if words[i].flags & flag:
                return True
        return False


def cut(reading: Reading, names: Names, hosts: list[Host]) -> list[Part]:
    """Return the parts of a text with words, each with what it names."""
    _place(reading, names)
    parts = _cut(reading, names)
    _share_out(names, parts)
    if hosts:
        ends = reading.ends()
        for host in hosts:  # it begins inside a word, or after the last one
            word = min(bisect_right(ends, host.position), len(ends) - 1)
            _part_of(word, parts).hosts.append(host)
    return parts


def is_named_after(reading: Reading, match: Match) -> bool:
    """Tell if an organisation is named after a place: "TU Darmstadt", "Delft University"."""
    words = reading.words
    if match.start and words[match.start - 1].flags & (HEAD | GOES_ON | PREPOSITION):
        return True
    return match.end < len(words) and words[match.end].flags & HEAD != 0


def _share_out(names: Names, parts: list[Part]) -> None:
    """Give every part what it names."""
    if len(parts) == 1:
        only = parts[0]
        only.organisations = names.organisations
        only.acronyms = names.acronyms
        only.places = names.places
        return
    for match in names.organisations:
        _part_of(match.start, parts).organisations.append(match)
    for match in names.acronyms:
        _part_of(match.start, parts).acronyms.append(match)
    for match in names.places:
        _part_of(match.start, parts).places.append(match)


def _part_of(index: int, parts: list[Part]) -> Part:
    low, high = 0, len(parts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if parts[middle].start <= index:
            low = middle
        else:
            high = middle - 1
    return parts[low]


def _place(reading: Reading, names: Names) -> None:
    """Note the position of every place."""
    places = names.places
    if not places:
        return
    words, segments = reading.words, reading.segments
    count = len(words)
    ends: set[int] = set()
    first_organisation: dict[int, int] = {}
    for matches in (names.organisations, names.acronyms):
        for m in matches:
            ends.add(m.end)
            segment = segments[m.start]
            if first_organisation.get(segment, count) > m.start:
                first_organisation[segment] = m.start
    address = bytearray(count)  # 1 where a word belongs to an address
    for i in range(count):
        if words[i].flags & (ADDRESS | NUMBER):
            address[i] = 1
    for m in places:
        for i in range(m.start, m.end):
            address[i] = 1
    only_address = bytearray(b"\1") * (segments[-1] + 1)
    for i in range(count):
        if not address[i]:
            only_address[segments[i]] = 0
    open_end: bytearray | None = None
    for m in places:
        segment = segments[m.end - 1]
        if (only_address[segment] and only_address[segments[m.start]]) or (
            m.start and words[m.start - 1].flags & PREPOSITION
        ):
            m.position = ALONE
        elif m.start in ends:
            m.position = AFTER
        elif first_organisation.get(segment, m.start) < m.start:
            if open_end is None:
                open_end = _open_ends(reading, address)
            m.position = AFTER if open_end[m.end] else INSIDE
        else:
            m.position = INSIDE


def _open_ends(reading: Reading, address: bytearray) -> bytearray:
    """Return 1 for each word from which on nothing in its segment continues a name.

    The segment that counts is that of the word before; one past the last word is 1.
    """
    words, segments = reading.words, reading.segments
    count = len(words)
    open_end = bytearray(count + 1)
    open_end[count] = 1
    for i in range(count - 1, 0, -1):
        if segments[i] != segments[i - 1] or (
            open_end[i + 1] and (address[i] or words[i].flags & LEGAL_FORM)
        ):
            open_end[i] = 1
    return open_end


def _cut(reading: Reading, names: Names) -> list[Part]:
    """Return the parts of the text, still without what they name."""
    units: list[Match] = []
    for matches in (names.organisations, names.acronyms):
        for m in matches:
            if not m.in_parentheses and not _is_hyphenated(reading, m):
                units.append(m)
    units += _unknown_units(reading, names)
    units = in_order(units)
    starts = {0}
    if len(units) > 1:
        countries = [m.start for m in names.places if m.entry.kind == "country"]
        for i in range(1, len(units)):
            cut = _cut_between(reading, units[i - 1], units[i], countries)
            if cut >= 0:
                starts.add(cut)
    if reading.mark_flags & STRONG:
        strong = [i for i, mark in enumerate(reading.marks) if i and mark & STRONG]
        inside = [m for m in names.places if m.position == INSIDE]
        starts.update(_cuts_beside_unknown(reading, units + inside, strong))
    count = len(reading.words)
    if len(starts) == 1:
        return [Part(reading, 0, count)]
    edges = [*sorted(starts), count]
    return [Part(reading, edges[i], edges[i + 1]) for i in range(len(edges) - 1)]


def _is_hyphenated(reading: Reading, match: Match) -> bool:
    """Tell an acronym that is half of a name: "Technion-IIT", "DBT-ICT Centre"."""
    if match.entry.kind != "acronym":
        return False
    marks = reading.marks
    return bool(
        marks[match.start] & HYPHEN or (match.end < len(marks) and marks[match.end] & HYPHEN)
    )


def _unknown_units(reading: Reading, names: Names) -> list[Match]:
    """Return places that stand for an organisation of their own.

    That is one in the name of an unknown organisation ("University of Genova - MIT"), and one that
    comes before everything else ("Illinois / Google").
    """
    found: list[Match] = []
    if not names.places:
        return found
    words, segments, marks = reading.words, reading.segments, reading.marks
    headed: set[int] = set()
    if reading.flags & HEAD:
        for i, word in enumerate(words):
            if word.flags & HEAD:
                headed.add(segments[i])
        for matches in (names.organisations, names.acronyms):
            for m in matches:
                headed.discard(segments[m.start])
    for m in names.places:
        if (
            segments[m.start] in headed and (m.position == INSIDE or is_named_after(reading, m))
        ) or (m.start == 0 and m.end < len(marks) and marks[m.end] & SLASH):
            found.append(m)
    return found


def _cut_between(reading: Reading, left: Match, right: Match, countries: list[int]) -> int:
    """Return where the part of `right` begins, or -1 if both belong to one part."""
    if _is_unit_of(left, right):
        return -1
    marks = reading.marks
    if left.end == right.start and marks[right.start] & SPACE and _are_long(left, right):
        return right.start  # "University of Toronto Adobe Research"
    weak = -1
    place = left.entry.is_place or right.entry.is_place  # a comma is of an address
    weak_mark = DASH if place else WEAK
    for i in range(right.start, left.end - 1, -1):
        mark = marks[i]
        if mark & (STRONG | SLASH):
            return i
        if weak < 0 and ((i > left.end and reading.words[i - 1].flags & AND) or mark & weak_mark):
            weak = i
    return -1 if weak < 0 or _in_one_address(left, right, countries) else weak


def _are_long(left: Match, right: Match) -> bool:
    """Tell two reviewed names of several words, which are no part of one another by chance."""
    return (
        left.entry.kind == "organisation"
        and right.entry.kind == "organisation"
        and left.end > left.start + 1
        and right.end > right.start + 1
    )


def _is_unit_of(left: Match, right: Match) -> bool:
    """Tell "Google Brain, Google": the name of one begins with the name of the other."""
    a, b = left.entry.name.casefold(), right.entry.name.casefold()
    return a.startswith(b) or b.startswith(a)


def _in_one_address(left: Match, right: Match, countries: list[int]) -> bool:
    """Tell if one country follows both, and the first name is not sure enough to add another.

    "Institute of Refrigeration and Cryogenics, Shanghai Jiao Tong University, Shanghai, China".
    """
    if not countries or left.entry.kind in ("organisation", "acronym"):
        return False
    between = bisect_left(countries, left.end) < bisect_left(countries, right.start)
    return countries[-1] >= right.end and not between


def _cuts_beside_unknown(reading: Reading, units: list[Match], strong: list[int]) -> list[int]:
    """Return cuts at semicolons and bars between organisations, known or not."""
    words = reading.words
    count = len(words)
    stands = bytearray(count)
    for i in range(count):
        if words[i].flags & HEAD:
            stands[i] = 1
    for m in units:
        for i in range(m.start, m.end):
            stands[i] = 1
    edges = [0, *strong, count]
    found: list[int] = []
    before = False
    for k in range(len(edges) - 1):
        stands_here = 1 in stands[edges[k] : edges[k + 1]]
        if stands_here and before:
            found.append(edges[k])
        before = before or stands_here
    return found
