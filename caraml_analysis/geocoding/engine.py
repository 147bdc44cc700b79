"""The embedded tier: from one text to one resolution, with nothing but the gazetteer.

Clean the text, cut it into words, find what they name, cut it into parts, decide each part by the
first rule with an answer.
"""

from __future__ import annotations

from typing import Final

from caraml_analysis.geocoding import gazetteer as tables
from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.hosts import Host, without_persons
from caraml_analysis.geocoding.matching import find_names
from caraml_analysis.geocoding.parts import INSIDE, Part, cut, is_named_after
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.rules import (
    METHODS,
    RULES,
    RULES_WITHOUT_PLACE,
    Decision,
    describe,
    of_host,
)
from caraml_analysis.geocoding.spelling import Speller
from caraml_analysis.geocoding.text import clean, join_initials, unglue, unglue_all
from caraml_analysis.geocoding.words import AND, CAMEL, GLUED, HEAD, NEVER_INSIDE, Reader, Reading

EMPTY: Final = Resolution(None, (), "empty", "empty")
_EMPTY_TEXTS: Final = frozenset(("", "none", "n/a", "na", "nan", "-", ".", "no affiliation"))
_LONGEST_EMPTY: Final = 20  # longer than any of these
_NO_WORD: Final = "_"
_UNMEASURED: Final = 0.9  # confidence of a method that decided no labelled text
_MOST_CONSIDERED: Final = 20
# Answers that a misspelled name may have led to; a place named outside a name is none.
_MAY_BE_MISSPELLED: Final = frozenset(
    ("none", "several_countries", "organisation", "ror", "university_of_place", "place_in_name")
)
_METHOD_OF_KIND: Final = {"organisation": "organisation", "ROR name": "ror", "acronym": "acronym"}
_BY_NAME: Final = frozenset(("organisation", "ror"))
# A name of which only the beginning is known says less than the only name that begins so.
_MAY_BE_CUT_OFF: Final = _MAY_BE_MISSPELLED | {"city"}
_LONG_WORD: Final = 7  # letters
_VERY_LONG_WORD: Final = 9
_MOST_WORDS: Final = 40  # of a text that are looked at for misspellings


class Engine:
    """Resolves texts with one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._confidence = {
            method: gazetteer.confidence.get(method, _UNMEASURED) for method in METHODS
        }
        self._reader = Reader(gazetteer)
        self._speller = Speller(gazetteer)
        self._reader.learn([entry.name for entry in gazetteer.organisations.values()])

    def resolve(self, text: str) -> Resolution:
        """Return the countries that one text names."""
        cleaned = clean(text)
        if len(cleaned) < _LONGEST_EMPTY and cleaned.casefold() in _EMPTY_TEXTS:
            return EMPTY
        cleaned, hosts = self._without_hosts(join_initials(cleaned))
        reading = self._reader.read(cleaned)
        if not reading.words or (reading.flags == AND and not any(map(str.isalnum, cleaned))):
            return self._only_hosts(hosts)
        if reading.flags & GLUED:
            reading = self._reader.read(unglue(cleaned))
        if not hosts:
            whole = self._whole(reading)
            if whole is not None:
                return whole
        found = self._resolve_reading(reading, hosts, text)
        if reading.flags & CAMEL and found.status == "not_found" and found.method == "none":
            apart = self._reader.read(unglue_all(cleaned))
            found = self._resolve_reading(apart, hosts, text)
        if found.method in _MAY_BE_MISSPELLED:
            found = self._misspelled(reading, hosts, text, found.method) or found
        last = reading.words[-1]
        if last.entry is None and last.following is None and found.method in _MAY_BE_CUT_OFF:
            found = self._cut_off(reading) or found
        return found

    def _parts(self, reading: Reading, hosts: list[Host]) -> list[Part]:
        return cut(reading, find_names(reading, self._gazetteer), hosts)

    def _resolve_reading(self, reading: Reading, hosts: list[Host], text: str) -> Resolution:
        names = find_names(reading, self._gazetteer)
        if not hosts and not names.places:
            only = names.only_organisation()
            if only is not None:  # the rules would say the same: nothing else is named
                entry = only.entry
                method = _METHOD_OF_KIND[entry.kind]
                said = reading.quote(only.start, only.end)
                return self._seat(said, entry, method)
        return self._answer(cut(reading, names, hosts), text)

    def _seat(self, said: str, entry: Entry, method: str) -> Resolution:
        """Return the seat of the only organisation that a text names."""
        if entry.headquarters:
            method = "headquarters"
        evidence = describe(said, entry, entry.countries)
        countries, confidence = entry.countries, self._confidence[method]
        return Resolution(countries[0], countries, "resolved", method, evidence, confidence)

    def _misspelled(
        self, reading: Reading, hosts: list[Host], text: str, method: str
    ) -> Resolution | None:
        """Return the answer if a misspelled word hides the name of a reviewed organisation.

        If something has decided, only long words are looked at; if that was another name, only
        those beside nouns of organisations.
        """
        nothing_found = method == "none"
        everywhere = method not in _BY_NAME or not reading.flags & HEAD
        words, segments = reading.words, reading.segments
        headed: set[int] | None = None
        for i, word in enumerate(words[:_MOST_WORDS]):
            if (
                word.entry is not None
                or (len(word.key) < _LONG_WORD and not nothing_found)
                or not self._speller.corrections(word.key)
            ):
                continue
            if not everywhere:
                if headed is None:
                    headed = {segments[k] for k, w in enumerate(words) if w.flags & HEAD}
                if segments[i] not in headed:
                    continue
            for key in self._speller.corrections(word.key):
                corrected = reading.with_word(i, self._reader.word(key))
                parts = self._parts(corrected, hosts)
                for part in parts:
                    if _names_institution(part, i):
                        return self._answer(parts, text, "misspelled")
        return None

    def _cut_off(self, reading: Reading) -> Resolution | None:
        """Return the answer if the text is the beginning of the name of a reviewed organisation."""
        entry = self._speller.completed(reading)
        if entry is None:
            return None
        evidence = describe(reading.quote(0, len(reading.words)), entry, entry.countries)
        return Resolution(
            entry.countries[0],
            entry.countries,
            "resolved",
            "cut_off",
            evidence,
            self._confidence["cut_off"],
            (),
        )

    def _without_hosts(self, text: str) -> tuple[str, list[Host]]:
        """Return the text without persons and without the hosts that tell a country, and all hosts.

        "name@monash.edu.my" is in Malaysia: Monash is no name in it.
        """
        text, hosts = without_persons(text)
        pieces: list[str] = []
        last = 0
        for host in hosts:
            if of_host(host, self._gazetteer) is not None:
                pieces.append(text[last : host.position])
                pieces.append(_NO_WORD * len(host.name))  # what follows keeps its position
                last = host.position + len(host.name)
        if not pieces:
            return text, hosts
        pieces.append(text[last:])
        return "".join(pieces), hosts

    def _only_hosts(self, hosts: list[Host]) -> Resolution:
        """Return the answer for a text that has no words beside its hosts."""
        decided: list[Decision] = []
        for host in hosts:
            found = of_host(host, self._gazetteer)
            if found is not None:
                decided.append(found)
        if not decided:
            return EMPTY
        countries, method = _without_repeats(decided), decided[0].method
        return Resolution(
            countries[0],
            countries,
            "resolved",
            method,
            _evidence(decided),
            self._confidence[method],
        )

    def resolve_by_rules(self, text: str) -> Resolution:
        """Return what the rules alone say, without the short ways for the commonest texts."""
        cleaned, hosts = self._without_hosts(join_initials(unglue(clean(text))))
        return self._answer(self._parts(self._reader.read(cleaned), hosts), text)

    def considered(self, text: str) -> tuple[str, ...]:
        """Return what a text names that did not decide, and why it did not."""
        cleaned, hosts = self._without_hosts(join_initials(unglue(clean(text))))
        parts = self._parts(self._reader.read(cleaned), hosts)
        decided = [d for d in self._decisions(parts) if d.countries]
        if not decided:
            apart = self._reader.read(unglue_all(cleaned))
            parts = self._parts(apart, hosts)
            decided = [d for d in self._decisions(parts) if d.countries]
        return _considered(parts, decided)

    def _decisions(self, parts: list[Part]) -> list[Decision]:
        decisions: list[Decision] = []
        for part in parts:
            decision = _decide(part, self._gazetteer)
            if decision is not None:
                decisions.append(decision)
        return decisions

    def _answer(self, parts: list[Part], text: str, how: str = "") -> Resolution:
        decisions = self._decisions(parts)
        decided = [decision for decision in decisions if decision.countries]
        if decided:
            countries = _without_repeats(decided)
            confidence = self._confidence[how] if how else 1.0
            for decision in decided:
                confidence = min(confidence, self._confidence[decision.method])
            method, evidence = how or decided[0].method, _evidence(decided)
            return Resolution(
                countries[0], countries, "resolved", method, evidence, confidence, None, text
            )
        evidence = _evidence(decisions)
        for part in parts:
            if _has_several(part):
                return _ambiguous(evidence, text)
        for decision in decisions:
            if decision.status == "ambiguous":
                return _ambiguous(evidence, text)
        method = decisions[0].method if decisions else "none"
        return Resolution(None, (), "not_found", method, evidence, 0.0, None, text)

    def _whole(self, reading: Reading) -> Resolution | None:
        """Return the answer for a text that is the name of one organisation and nothing else.

        The rules would say the same; this is a shorter way for the commonest texts.
        """
        words = reading.words
        first = 1 if words[0].key == "the" else 0
        count = len(words) - first
        if count < 1:
            return None
        if count == 1:
            if words[first].acronym is not None:
                return None
            entry = words[first].entry
        else:
            following = words[first].following
            if following is None or following.get(words[first + 1].key, 0) // 2 < count:
                return None
            for i in range(first + 1, len(words)):
                if reading.marks[i] & NEVER_INSIDE:
                    return None
            entry = self._gazetteer.entry(" ".join([word.key for word in words[first:]]))
        if entry is None or entry.is_place or len(entry.countries) > 1:
            return None
        said = reading.quote(first, len(words))
        return self._seat(said, entry, _METHOD_OF_KIND[entry.kind])


def load() -> Engine:
    """Return an engine with the embedded gazetteer."""
    return Engine(tables.load())


def _decide(part: Part, gazetteer: Gazetteer) -> Decision | None:
    for rule in RULES if part.places else RULES_WITHOUT_PLACE:
        decision = rule(part, gazetteer)
        if decision is not None:
            return decision
    return None


def _names_institution(part: Part, index: int) -> bool:
    """Tell if a word is inside the name of a reviewed organisation with a noun of organisations.

    A very long word needs no such noun beside it: "Miicrosoft Research". With a short one, the name
    must be all that stands between two marks: "Lamar Institute" is not meant in "Lamar Institute of
    Technology".
    """
    words, segments = part.reading.words, part.reading.segments
    for m in part.organisations:
        if not m.start <= index < m.end or m.entry.kind != "organisation" or m.end < m.start + 2:
            continue
        length = len(words[index].key)
        if length >= _VERY_LONG_WORD:
            return True
        if length < _LONG_WORD:
            before = m.start - 1 if m.start and words[m.start - 1].key == "the" else m.start
            starts = before == 0 or segments[before - 1] != segments[before]
            ends = m.end == len(words) or segments[m.end] != segments[m.start]
            if not (starts and ends):
                continue
        for i in range(m.start, m.end):
            if words[i].flags & HEAD:
                return True
    return False


def _ambiguous(evidence: str, text: str) -> Resolution:
    return Resolution(None, (), "ambiguous", "several_countries", evidence, 0.0, None, text)


def _evidence(decisions: list[Decision]) -> str:
    if len(decisions) == 1:
        return decisions[0].evidence
    return "; ".join(dict.fromkeys([d.evidence for d in decisions]))


def _without_repeats(decided: list[Decision]) -> tuple[str, ...]:
    """Return the codes in order, each only where the one before it is another."""
    if len(decided) == 1 and len(decided[0].countries) == 1:
        return decided[0].countries
    codes: list[str] = []
    for decision in decided:
        for code in decision.countries:
            if not codes or codes[-1] != code:
                codes.append(code)
    return tuple(codes)


def _has_several(part: Part) -> bool:
    for m in part.organisations:
        if len(m.entry.countries) > 1:
            return True
    for m in part.places:
        if len(m.entry.countries) > 1 and (m.position != INSIDE or is_named_after(part.reading, m)):
            return True
    return False


def _considered(parts: list[Part], decided: list[Decision]) -> tuple[str, ...]:
    """Return what was found and did not decide, at most ``_MOST_CONSIDERED`` lines."""
    used = {line for d in decided for line in d.evidence.split("; ")}
    lines: dict[str, None] = {}
    for part in parts:
        for matches in (part.organisations, part.acronyms, part.places):
            for match in matches:
                entry: Entry = match.entry
                line = describe(part.quote(match), entry, entry.countries)
                if line in used:
                    continue
                several = len(entry.countries) > 1
                why = (
                    "the name is found in several countries"
                    if several
                    else "another rule came first"
                )
                lines[f"{line}: {why}"] = None
                if len(lines) == _MOST_CONSIDERED:
                    return tuple(lines)
    return tuple(lines)
