"""The gazetteer: what a text can name, read once from ``data/geocoding``.

Tables of facts (countries, regions, cities, organisations from ROR) and two tables of reviewed
judgements (companies, institutions). Names are compared as :func:`text.key` spells them; acronyms
and codes as they are written.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from caraml_analysis import registry
from caraml_analysis.geocoding.text import key

FOLDER: Final = "geocoding/"
_TWO_WORDS: Final = 4


class Entry:
    """One row (or several rows of one name) that a text can name.

    ``countries`` has more than one element if the name alone does not tell; ``usual`` is then the
    one that is meant if nothing else is known. For cities ``population`` is that of the largest.
    """

    __slots__ = ("countries", "headquarters", "is_place", "kind", "name", "population", "usual")

    def __init__(
        self,
        kind: str,  # country, region, city, code, organisation, ROR name, acronym, domain
        name: str,
        countries: tuple[str, ...],
        headquarters: bool = False,
        usual: str | None = None,
        population: int = 0,
    ) -> None:
        self.kind = kind
        self.name = name
        self.countries = countries
        self.headquarters = headquarters
        self.usual = usual
        self.population = population
        self.is_place = kind in ("country", "region", "city")

    def of_kind(self, kind: str) -> Entry:
        """Return the same entry under another kind of name."""
        return Entry(kind, self.name, self.countries, self.headquarters, self.usual)

    def also_in(self, countries: tuple[str, ...]) -> Entry:
        """Return the entry of a name that is found in further countries, too."""
        where = tuple(dict.fromkeys(self.countries + countries))
        return Entry(self.kind, self.name, where, self.headquarters, self.usual, self.population)


class Gazetteer:
    """All tables, by name.

    Cities and ROR names are many and most are never met, so they stay as they are in their files
    until :meth:`entry` is asked for one.
    """

    def __init__(self) -> None:
        self.places: dict[str, Entry] = {}  # countries and regions
        self.cities: dict[str, str] = {}  # "Paris,FRA;USA,FRA,2138551"
        self.ror: dict[str, str] = {}  # "CHE" or "CHE;USA"
        self.codes: dict[str, Entry] = {}
        self.organisations: dict[str, Entry] = {}
        self.acronyms: dict[str, Entry] = {}
        self.domains: dict[str, Entry] = {}
        self.confidence: dict[str, float] = {}  # by method: how often it was right
        # what is looked up in a text: a reviewed organisation before a place before a ROR name
        self.names: dict[str, object] = {}
        # by the first and the second word of names: the words of the longest such name, times two,
        # plus one if the two words are a name themselves
        self.following: dict[str, dict[str, int]] = {}

    def index(self) -> None:
        """Prepare the tables for look-up, after a change of one."""
        self.names = {**self.ror, **self.cities, **self.places, **self.organisations}
        following: dict[str, dict[str, int]] = {}
        for name in self.names:
            first = name.find(" ")
            if first < 0:
                continue
            second = name.find(" ", first + 1)
            seconds = following.get(name[:first])
            if seconds is None:
                seconds = following[name[:first]] = {}
            if second < 0:
                start = name[first + 1 :]
                seconds[start] = seconds.get(start, _TWO_WORDS) | 1
            else:
                start = name[first + 1 : second]
                length = 2 * (name.count(" ") + 1)
                known = seconds.get(start, 0)
                if known < length:
                    seconds[start] = length | (known & 1)
        self.following = following

    def entry(self, name: str) -> Entry | None:
        """Return what a name means, or None if no table has it."""
        named = self.names.get(name)
        if named is None:
            return None
        if isinstance(named, Entry):
            return named
        entry = _read(name, str(named))
        self.names[name] = entry
        return entry

    def place(self, name: str) -> Entry | None:
        """Return the place of this name, even if an organisation has it, too."""
        place = self.places.get(name)
        if place is None:
            city = self.cities.get(name)
            return None if city is None else _read(name, city)
        return place


def _read(name: str, row: str) -> Entry:
    """Return the entry of a row of a city or of a ROR name."""
    if "," not in row:
        return Entry("ROR name", name, tuple(row.split(";")))
    spelling, countries, usual, population = row.split(",")
    where = tuple(countries.split(";"))
    return Entry("city", spelling, where, False, usual or None, int(population))


def _rows(file: str) -> Iterator[list[str]]:
    lines = csv.reader(registry.read_text(FOLDER + file).splitlines())
    next(lines)
    return lines


def _keyed(file: str) -> dict[str, str]:
    """Return the rest of every line by its first field, which is written as compared."""
    rows: dict[str, str] = {}
    for line in registry.read_text(FOLDER + file).split("\n")[1:-1]:
        name, _, row = line.partition(",")
        rows[name] = row
    return rows


def _add_places(gazetteer: Gazetteer) -> None:
    places = gazetteer.places
    for name, region in _regions(_rows("regions.csv"), gazetteer.codes).items():
        city = gazetteer.place(name)  # Norfolk is in England, and a city in Virginia
        places[name] = region.also_in(city.countries) if city else region
    for spelling, country, kind in _rows("countries.csv"):
        if kind == "code":
            _add_code(gazetteer.codes, spelling, country)
        else:
            places[key(spelling)] = Entry("country", spelling, (country,))


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
        for acronym in acronyms.split("|"):
            if acronym.isalnum():
                gazetteer.acronyms.setdefault(acronym, entry.of_kind("acronym"))
            elif acronym:  # "BMU-IN" is more than one word
                aliases.append((acronym, entry))
        for domain in domains.split("|"):
            if domain:
                gazetteer.domains.setdefault(domain.casefold(), entry.of_kind("domain"))
    organisations = gazetteer.organisations
    for name, entry in [*names, *aliases]:  # a name of its own comes before an alias of another
        for spelling in _spellings(key(name)):
            organisations.setdefault(spelling, entry)
    organisations.pop("", None)


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name and its short forms: "University of X", "Univ. X", "U. of X", "U X"."""
    start = "university of "
    if not name.startswith(start):
        return (name,)
    rest = name.removeprefix(start)
    return (name, f"university {rest}", f"u of {rest}", f"u {rest}", f"uni {rest}")


def load() -> Gazetteer:
    """Return the gazetteer, read from its files."""
    gazetteer = Gazetteer()
    gazetteer.cities = _keyed("cities.csv")
    gazetteer.ror = _keyed("ror_names.csv")
    _add_places(gazetteer)
    _add_organisations(gazetteer)
    for row in _rows("confidence.csv"):
        gazetteer.confidence[row[0]] = float(row[1])
    gazetteer.index()
    return gazetteer
