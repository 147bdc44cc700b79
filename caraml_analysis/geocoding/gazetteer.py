"""The gazetteer: what a text can name, read once from ``data/geocoding``.

Tables of facts (countries, regions, cities, organisations from ROR) and two tables of reviewed
judgements (companies, institutions). Names are compared as :func:`text.key` spells them; acronyms
and codes as they are written.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from caraml_analysis import registry
from caraml_analysis.geocoding.text import key

FOLDER = "geocoding/"


class Entry(NamedTuple):
    """One row (or several rows of one name) that a text can name.

    ``countries`` has more than one element if the name alone does not tell; ``usual`` is then the
    one that is meant if nothing else is known. For cities ``population`` is that of the largest.
    """

    kind: str  # country, region, city, code, organisation, ROR name, acronym, domain
    name: str
    countries: tuple[str, ...]
    headquarters: bool = False
    usual: str | None = None
    population: int = 0


@dataclass
class Gazetteer:
    """All tables, by name."""

    places: dict[str, Entry] = field(default_factory=dict)
    codes: dict[str, Entry] = field(default_factory=dict)
    organisations: dict[str, Entry] = field(default_factory=dict)
    ror: dict[str, str] = field(default_factory=dict)
    acronyms: dict[str, Entry] = field(default_factory=dict)
    domains: dict[str, Entry] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)

    def measure(self) -> None:
        """Note for every first word how many words the longest name has that begins with it."""
        longest = self.longest
        for table in (self.places, self.organisations, self.ror):
            for name in table:
                first = name.partition(" ")[0]
                words = name.count(" ") + 1
                if longest.get(first, 0) < words:
                    longest[first] = words


def _rows(file: str) -> Iterator[list[str]]:
    lines = csv.reader(registry.read_text(FOLDER + file).splitlines())
    next(lines)
    return lines


def _add_places(gazetteer: Gazetteer) -> None:
    places = gazetteer.places
    places.update(_cities(_rows("cities.csv")))
    for name, region in _regions(_rows("regions.csv"), gazetteer.codes).items():
        city = places.get(name)  # Norfolk is in England, and a city in Virginia
        others = city.countries if city else ()
        places[name] = region._replace(countries=tuple(dict.fromkeys(region.countries + others)))
    for spelling, country, kind in _rows("countries.csv"):
        if kind == "code":
            _add_code(gazetteer.codes, spelling, country)
        else:
            places[key(spelling)] = Entry("country", spelling, (country,))


def _cities(rows: Iterable[list[str]]) -> dict[str, Entry]:
    cities: dict[str, Entry] = {}
    for name, country, size, is_usual in rows:
        spelled, population = key(name), int(size)
        usual = country if is_usual else None
        known = cities.get(spelled)
        if known:
            cities[spelled] = known._replace(
                countries=(*known.countries, country),
                usual=known.usual or usual,
                population=max(known.population, population),
            )
        else:
            cities[spelled] = Entry("city", name, (country,), False, usual, population)
    return cities


def _regions(rows: Iterable[list[str]], codes: dict[str, Entry]) -> dict[str, Entry]:
    regions: dict[str, Entry] = {}
    for name, country, abbreviation in rows:
        known = regions.get(key(name))
        countries = (*known.countries, country) if known else (country,)
        usual = country if len(countries) == 1 else None
        regions[key(name)] = Entry("region", name, countries, False, usual)
        if abbreviation:
            _add_code(codes, abbreviation, country)
    return regions


def _add_code(codes: dict[str, Entry], code: str, country: str) -> None:
    known = codes.get(code)
    countries = tuple(dict.fromkeys((*(known.countries if known else ()), country)))
    codes[code] = Entry("code", code, countries, False, country if len(countries) == 1 else None)


def _add_organisations(gazetteer: Gazetteer) -> None:
    rows = [row for file in ("institutions.csv", "companies.csv") for row in _rows(file)]
    aliases: list[tuple[str, Entry]] = []
    names: list[tuple[str, Entry]] = []
    for name, country, _, headquarters, others, acronyms, domains, _reason in rows:
        entry = Entry("organisation", name, (country,), headquarters == "1", country)
        names.append((name, entry))
        aliases += [(alias, entry) for alias in others.split("|") if alias]
        for acronym in filter(None, acronyms.split("|")):
            if acronym.isalnum():
                gazetteer.acronyms.setdefault(acronym, entry._replace(kind="acronym"))
            else:  # "BMU-IN" is more than one word
                aliases.append((acronym, entry))
        for domain in filter(None, domains.split("|")):
            gazetteer.domains.setdefault(domain.casefold(), entry._replace(kind="domain"))
    for name, entry in [*names, *aliases]:  # a name of its own comes before an alias of another
        for spelling in _spellings(key(name)):
            gazetteer.organisations.setdefault(spelling, entry)
    gazetteer.organisations.pop("", None)


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name and its short forms: "University of X", "Univ. X", "U. of X", "U X"."""
    start = "university of "
    if not name.startswith(start):
        return (name,)
    rest = name.removeprefix(start)
    return (name, f"university {rest}", f"u of {rest}", f"u {rest}", f"uni {rest}")


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """Return the gazetteer; reads its files on the first call only."""
    gazetteer = Gazetteer()
    _add_places(gazetteer)
    _add_organisations(gazetteer)
    gazetteer.ror = dict(
        line.rsplit(",", 1)  # written as compared: no commas, no quotes
        for line in registry.read_text(FOLDER + "ror_names.csv").split("\n")[1:-1]
    )
    gazetteer.measure()
    return gazetteer
