"""The rules that decide the country of one part of a text, in order: the first answer wins.

A place outside the name of an organisation comes before the seat of the organisation; what is
certain comes before what is probable. ``docs/geocoding_rules.md`` has one example of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from caraml_analysis.countries import MERGED_TERRITORIES, to_alpha3
from caraml_analysis.errors import CountryError
from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.hosts import Host
from caraml_analysis.geocoding.matching import Match
from caraml_analysis.geocoding.parts import ALONE, INSIDE, Part, is_named_after
from caraml_analysis.geocoding.vocabulary import (
    ENGLISH_SPEAKING,
    FIELD_CODES,
    WORLDWIDE_ENDINGS,
)
from caraml_analysis.geocoding.words import FOREIGN_HEAD, HEAD, NO_ORGANISATION

#: What may decide a text: the rules below, and the engine's help with misspelled and cut-off names.
METHODS: Final = (
    "country",
    "region",
    "city",
    "organisation",
    "ror",
    "headquarters",
    "acronym",
    "domain",
    "university_of_place",
    "place_in_name",
    "misspelled",
    "cut_off",
)

# A city smaller than this does not count inside a name, nor against the seat of an organisation.
_SMALL: Final = 100_000


class Decision:
    """What a rule says of a part: countries (none if it cannot tell) and why."""

    __slots__ = ("countries", "evidence", "method", "status")

    def __init__(
        self, countries: tuple[str, ...], method: str, evidence: str, status: str = "resolved"
    ) -> None:
        self.countries = countries
        self.method = method
        self.evidence = evidence
        self.status = status


Rule = Callable[[Part, Gazetteer], Decision | None]


def describe(said: str, entry: Entry, countries: tuple[str, ...]) -> str:
    """Return the part of the text and the row that it names."""
    return f'"{said}" -> {entry.kind} {entry.name} ({", ".join(countries)})'


def _decide(part: Part, match: Match, countries: tuple[str, ...], method: str) -> Decision:
    return Decision(countries, method, describe(part.quote(match), match.entry, countries))


def seats(part: Part, sure: bool = False, headquarters: bool = True) -> set[str]:
    """Return the countries of all organisations of a part.

    With `sure` only of names in one country; without `headquarters` no multinationals.
    """
    found: set[str] = set()
    for matches in (part.organisations, part.acronyms):
        for m in matches:
            if (not sure or len(m.entry.countries) == 1) and (
                headquarters or not m.entry.headquarters
            ):
                found.update(m.entry.countries)
    return found


def _standing(part: Part, *kinds: str) -> list[Match]:
    """Return the places of these kinds that are no part of an unknown name."""
    return [m for m in part.places if m.position < INSIDE and m.entry.kind in kinds]


def _pick(match: Match, context: set[str]) -> str | None:
    """Return the country of a place name, with what else is known if several have that name."""
    entry = match.entry
    if len(entry.countries) == 1:
        return entry.countries[0]
    agreeing = [c for c in entry.countries if c in context]
    return agreeing[0] if agreeing else entry.usual


_TERRITORIES: Final = {
    parent: frozenset(t for t, p in MERGED_TERRITORIES.items() if p == parent)
    for parent in MERGED_TERRITORIES.values()
}


def _territory(part: Part, country: str) -> str:
    """Return Hong Kong for "..., Hong Kong, China": the territory keeps its own code."""
    territories = _TERRITORIES.get(country)
    if territories is None:
        return country
    places = _standing(part, "country", "region", "city")
    for m in places:
        if m.entry.kind == "country" and m.entry.countries[0] in territories:
            return m.entry.countries[0]
    in_country = False
    for m in places:
        if m.entry.kind != "country":
            local = _pick(m, set())
            if local is not None and local in territories:
                return local
            in_country = in_country or local == country
    if not in_country:
        for seat in sorted(seats(part, sure=True)):
            if seat in territories:
                return seat
    return country


def country(part: Part, _: Gazetteer) -> Decision | None:
    """Take the country that is named outside an organisation."""
    standing = _standing(part, "country")
    if not standing:
        return None
    abroad = {m.start: m.entry.countries for m in _standing(part, "code", "region")}
    first: dict[str, Match] = {}
    for m in standing:
        code = m.entry.countries[0]
        if m.end in abroad and code not in abroad[m.end]:
            continue  # "Lebanon, NH"
        first.setdefault(code, m)
    if not first:
        return None
    named = {_territory(part, code): m for code, m in first.items()}
    chosen = list(named)
    if len(chosen) > 1:
        known = seats(part)
        chosen = [code for code in chosen if code in known] or chosen
    evidence = "; ".join(
        [describe(part.quote(named[code]), named[code].entry, (code,)) for code in chosen]
    )
    return Decision(tuple(chosen), "country", evidence)


def region(part: Part, _: Gazetteer) -> Decision | None:
    """Take the state or province that is named outside an organisation, or a code."""
    found = _standing(part, "region", "code")
    if not found:
        return None
    context = seats(part)
    fixed = any(not m.entry.headquarters for m in (*part.organisations, *part.acronyms))
    context.update(c for m in part.places if m.entry.kind == "city" for c in m.entry.countries)
    for match in reversed(found):
        chosen = _pick(match, context)
        doubtful = match.entry.kind == "code" and (match.entry.name in FIELD_CODES or fixed)
        if chosen and (chosen in context or not doubtful):
            return _decide(part, match, (_territory(part, chosen),), "region")
    return None


def city(part: Part, _: Gazetteer) -> Decision | None:
    """Take the city that is named outside an organisation, if its name tells the country."""
    found = _standing(part, "city")
    if not found:
        return None
    context = seats(part, headquarters=False)
    usual = [m for m in found if m.entry.usual]
    if not usual:  # "Google, Springfield": the head office's country is as good a guess as any
        context = seats(part)
    chosen = [(m, code) for m in found if (code := _pick(m, context))]
    for match, code in chosen:
        if code in context:
            return _decide(part, match, (code,), "city")
    for match, code in chosen:
        if not context or match.entry.population >= _SMALL or match.position == ALONE:
            return _decide(part, match, (code,), "city")
    return None


def organisation(part: Part, _: Gazetteer) -> Decision | None:
    """Take the seat of the named organisation; the longest name, reviewed rows first."""
    for kind in ("organisation", "ROR name"):
        found = [m for m in part.organisations if m.entry.kind == kind]
        found.sort(key=lambda m: (m.entry.headquarters, m.start - m.end))
        for match in found:
            entry = match.entry
            if len(entry.countries) > 1:
                others = {c for m in part.places for c in m.entry.countries}
                agreeing = [c for c in entry.countries if c in others]
                if len(agreeing) == 1:
                    return _decide(part, match, (agreeing[0],), "ror")
                continue
            if entry.headquarters:
                return _headquarters(part, match)
            return _decide(
                part, match, entry.countries, "organisation" if kind == "organisation" else "ror"
            )
    return None


def _headquarters(part: Part, match: Match) -> Decision:
    """Take the head office, unless a city is named that is not in its country."""
    abroad = [
        m for m in _standing(part, "city") if match.entry.countries[0] not in m.entry.countries
    ]
    if abroad:  # and its name does not tell the country, or the rule `city` had decided
        evidence = describe(part.quote(abroad[0]), abroad[0].entry, abroad[0].entry.countries)
        return Decision((), "several_countries", evidence, "ambiguous")
    return _decide(part, match, match.entry.countries, "headquarters")


def acronym(part: Part, _: Gazetteer) -> Decision | None:
    """Take the seat of the organisation that a capital-letter token stands for."""
    if not part.acronyms:
        return None
    match = min(part.acronyms, key=lambda m: (m.entry.headquarters, m.in_parentheses))
    if match.entry.headquarters:
        return _headquarters(part, match)
    return _decide(part, match, match.entry.countries, "acronym")


def domain(part: Part, gazetteer: Gazetteer) -> Decision | None:
    """Take the country of an internet host: a known one, or by its ending."""
    for host in part.hosts:
        found = of_host(host, gazetteer)
        if found is not None:
            return found
    return None


def of_host(host: Host, gazetteer: Gazetteer) -> Decision | None:
    """Return what an internet host says, if it says anything."""
    labels = host.name.split(".")
    for n in range(len(labels) - 1):
        entry = gazetteer.domains.get(".".join(labels[n:]))
        if entry is not None:
            method = "headquarters" if entry.headquarters else "domain"
            evidence = f'"{host.name}" -> domain {entry.name} ({", ".join(entry.countries)})'
            return Decision(entry.countries, method, evidence)
    code = _country_of_ending(labels, host.certain)
    if code is None:
        return None
    return Decision((code,), "domain", f'"{host.name}" -> ending .{labels[-1]} ({code})')


def _country_of_ending(labels: list[str], certain: bool) -> str | None:
    ending = labels[-1]
    if ending in ("edu", "gov", "mil"):
        return "USA"
    academic = len(labels) > 2 and labels[-2] in ("ac", "edu")
    if len(ending) != 2 or (ending in WORLDWIDE_ENDINGS and not academic):
        return None
    if not certain and not academic:
        return None
    try:
        return to_alpha3(ending)
    except CountryError:
        return None


def university_of_place(part: Part, _: Gazetteer) -> Decision | None:
    """Take the place that an unknown university or institute is named after: "TU Darmstadt"."""
    if not part.has(HEAD):
        return None
    places = [
        m
        for m in part.places
        if m.entry.kind != "city" or m.entry.population >= _SMALL or is_named_after(part.reading, m)
    ]
    return _first_place(part, places, "university_of_place")


def place_in_name(part: Part, _: Gazetteer) -> Decision | None:
    """Take any country, region or large city inside an unknown name: "Statistics Norway"."""
    places = [m for m in part.places if m.entry.kind != "city" or m.entry.population >= _SMALL]
    return _first_place(part, places, "place_in_name")


def _first_place(part: Part, places: list[Match], method: str) -> Decision | None:
    """Return the first country, or else region, or else city whose name tells the country."""
    context = seats(part)
    foreign = part.has(FOREIGN_HEAD)
    for kind in ("country", "region", "city"):
        for match in places:
            chosen = _pick(match, context) if match.entry.kind == kind else None
            # "Universidad San Francisco ..." is not in California
            if chosen and not (foreign and kind == "city" and chosen in ENGLISH_SPEAKING):
                return _decide(part, match, (chosen,), method)
    return None


def no_organisation(part: Part, _: Gazetteer) -> Decision | None:
    """Say that there is no organisation: "Independent Researcher"."""
    if not part.has(NO_ORGANISATION):
        return None
    for i in range(part.start, part.end):
        if not part.reading.words[i].flags & NO_ORGANISATION:
            return None
    said = part.reading.quote(part.start, part.end)
    return Decision((), "no_organisation", f'"{said}"', "not_found")


RULES: tuple[Rule, ...] = (
    country,
    region,
    city,
    organisation,
    acronym,
    domain,
    university_of_place,
    place_in_name,
    no_organisation,
)

#: The rules for a part in which no place is named: the others have nothing to say.
RULES_WITHOUT_PLACE: tuple[Rule, ...] = (organisation, acronym, domain, no_organisation)
