"""The ROR tier: what it finds, what must not mislead it, and what happens to its file."""

from __future__ import annotations

import json
import pickle
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis.errors import CacheError, GeocodeError
from caraml_analysis.geocoding import gazetteer
from caraml_analysis.geocoding.ror import CONFIDENCE, RorTier
from caraml_analysis.geocoding.ror_index import build_index, index_path
from caraml_analysis.sources.ror import organisation
from caraml_analysis.tables import STATUSES

DATA = Path(__file__).resolve().parent.parent / "data"
SHA256 = "0" * 64


def organisations(*names):
    for name in names:
        for record in json.loads((DATA / name).read_text(encoding="utf-8")):
            found = organisation(record)
            if found.status != "withdrawn" and found.places:
                yield found


def build(target, *names):
    return build_index(
        organisations(*names),
        edition="v0.0",
        sha256=SHA256,
        background=gazetteer.load().ror,
        target=target,
    )


@pytest.fixture(scope="module")
def tier(tmp_path_factory):
    target = tmp_path_factory.mktemp("ror") / "index.sqlite"
    build(target, "constructed/ror_v2.json", "recorded/ror_v2_sample.json")
    tier = RorTier(target)
    yield tier
    tier.close()


FOUND = {
    "the name itself": {
        "Draal Epsilon Observatory": "CHL",  # inactive ones are kept
        "Leibniz-Zentrum für Agrarlandschaftsforschung": "DEU",
        "New York University Abu Dhabi": "ARE",
        "IIT Bombay": "IND",
        "清华大学": "CHN",
        '"alcorix"': "USA",
        "IBM Research - China": "CHN",
    },
    "accents, marks, legal forms and glued words are no hindrance": {
        "Leibniz Zentrum fur Agrarlandschaftsforschung (ZALF)": "DEU",
        "**UNITE MIXTE DE RECHERCHE SUR LES FROMAGES": "FRA",
        "Alcorix, Inc.": "USA",
        "Currently atDrazi Freehold Institute of Xenobotany": "NPL",
    },
    "names without the noun of an organisation, and with commas": {
        "Identités, Cultures, Territoires": "FRA",
        "Dept. 3, Unité Mixte de Recherche sur les Fromages, Building 2": "FRA",
    },
    "another order of words, and a part of them": {
        "Xenobotany Institute, Drazi Freehold": "NPL",
        "Pediatric Hospital Bambino Gesù": "ITA",
    },
    "an acronym in capitals, long and in one country": {"UNESPAR": "BRA"},
    "a short or shared acronym beside its city": {"SOAS, Belihuloya": "LKA"},
    "a shared name with a place": {
        "York University, Toronto": "CAN",
        "Saint Mary's University, Halifax": "CAN",
        "Northeastern University, Shenyang": "CHN",
        "Lyta Telepath Laboratories, Moose Jaw": "CAN",
        "Ministry of Health, Lima": "PER",
    },
    "a branch with its city": {
        "SAP, Walldorf": "DEU",
        "Vorlon Instruments Ltd., Ube": "JPN",
        "IBM Research, Beijing": "CHN",
    },
    "a host that is registered": {
        "name@lap.zalf.de": "DEU",
        "see https://www.alcorix.com/about": "USA",
        "alcorix.com": "USA",
    },
    "codes of their own": {
        "University of Macau": "MAC",
        "National Taiwan University": "TWN",
        "Universidad de Puerto Rico": "PRI",
        "Namibia University of Science and Technology": "NAM",
        "Akademia e Shkencave dhe e Arteve e Kosovës": "XKX",
    },
}


@pytest.mark.parametrize(
    ("text", "country"), [(t, c) for cases in FOUND.values() for t, c in cases.items()]
)
def test_organisations_are_found(tier, text, country):
    found = tier.resolve(text)
    assert (found.country, found.status, found.method) == (country, "resolved", "ror")
    assert found.confidence in CONFIDENCE.values()


# Each has a record that would give a wrong country.
NOT_FOUND = {
    "generic names (trap 9)": (
        "School of Engineering",
        "Instituto de Física",
        "Heidelberg University",
        "Department of Mathematical Sciences, Carnegie Mellon",
        "Department of Biological Sciences",
        "Hochschule für Technik, University of Applied Sciences",
        "State and University Library Dresden",
        "Skolkovo Institute of Science and Technology",
        "National Research University Higher School of Economics",
        "Graduate School of Engineering, Osaka",
        "Universidad Nacional Autónoma de México",
        "Helsinki Institute of Information Technology",
        "Ministry of Health",
        "Institute of Physics",
    ),
    "names of one common word (trap 9)": (
        *("Engineering", "Innovation", "Instituto", "Heidelberg", "Alliance", "Memorial"),
        *("Public Health", "Genomics", "Paradigm"),
    ),
    "shared acronyms, and unique ones of somebody else (trap 8)": (
        *("MIT", "CMU", "NEC", "MSR", "FAIR", "TTIC", "RIKEN AIP", "mit", "NTU", "USC"),
    ),
    "acronyms are written in capitals": ("unespar", "Unespar"),
    "a country in parentheses is part of the name (trap 11)": (
        *("IBM Research", "IBM Research Yorktown Heights", "IBM Research Europe Zurich"),
        *("SAP", "Vorlon Instruments", "Google Switzerland GmbH Zurich"),
    ),
    "NA is Namibia only as a code (trap 3)": ("NA", "N/A, NA"),
    "a free mail host": ("name@qq.com", "somebody at name@gmail.com"),
    "withdrawn records": ("Zathras Repair Institute",),
    "records without a place": ("Nowhere Wandering Society",),
    "misspelled names": ("University of Cambirdge", "Drazy Freholt Institut of Xenobotani"),
    "no organisation": ("Independent Researcher", "Unknown", "Guo", "Micr"),
}


@pytest.mark.parametrize("text", [t for cases in NOT_FOUND.values() for t in cases])
def test_what_does_not_tell_stays_open(tier, text):
    found = tier.resolve(text)
    assert found.country is None, found
    assert found.status in ("not_found", "ambiguous")


@pytest.mark.parametrize(
    "text",
    [
        "Saint Mary's University",
        "HKUST",
        "Lyta Telepath Laboratories",  # one record in two countries
        "École Normale Supérieure",  # a record in Burundi has this name and no more
        "Kosh Dynamics",  # ROR calls one branch so, and there is another
    ],
)
def test_a_name_of_several_countries_is_ambiguous(tier, text):
    found = tier.resolve(text)
    assert (found.country, found.countries, found.status) == (None, (), "ambiguous")
    assert found.method == "several_countries"
    assert "ROR " in found.evidence


def test_the_evidence_names_the_record(tier):
    found = tier.resolve("Unité mixte de recherche sur les fromages, Bambino")
    assert found.evidence == (
        '"Unité mixte de recherche sur les fromages" -> ROR 0x0005300 '
        "Unité Mixte de Recherche sur les Fromages (FRA)"
    )
    other = tier.resolve("Leibniz-Zentrum für Agrarlandschaftsforschung")
    assert 'Research, as "Leibniz-Zentrum für Agrarlandschaftsforschung" (DEU)' in other.evidence


def test_organisations_between_semicolons_are_listed_in_order(tier):
    text = "Drazi Freehold Institute of Xenobotany; Unité Mixte de Recherche sur les Fromages"
    assert tier.resolve(text).countries == ("NPL", "FRA")


def test_local_parts_of_addresses_are_in_no_answer(tier):
    found = tier.resolve("Leibniz Zentrum Agrarlandschaftsforschung jane.doe@zalf.de")
    assert found.country == "DEU"
    assert "jane" not in repr(found)


@pytest.mark.parametrize("text", ["", "  ", "-", "…"])
def test_nothing_is_empty(tier, text):
    assert tier.resolve(text).status == "empty"


@pytest.mark.parametrize("value", [None, 3, b"MIT", ["MIT"]])
def test_what_is_no_text_is_a_type_error(tier, value):
    with pytest.raises(TypeError, match=r"an affiliation is a text.*Nothing was resolved"):
        tier.resolve(value)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_has_an_answer(tier, text):
    found = tier.resolve(text)
    assert found.status in STATUSES
    assert bool(found.countries) == (found.status == "resolved")


WORDS = ("university", "of", "(", ")", ";", ",", "/", "-", "Bambino", "Gesù", "MIT", "@", "zalf.de")


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_row_of_words_has_an_answer(tier, words):
    assert tier.resolve(" ".join(words)).status in STATUSES


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "Institute of Physics, " * 50_000, "@." * 500_000, "(" * 1_000_000]
)
def test_long_texts_take_no_long_time(tier, text):
    start = time.perf_counter()
    assert tier.resolve(text).status in STATUSES
    assert time.perf_counter() - start < 2


# --- the file -----------------------------------------------------------------------------------


def test_another_process_opens_its_own_connection(tier):
    copy = pickle.loads(pickle.dumps(tier))
    assert copy.edition == "v0.0"
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert pool.submit(tier.resolve, "UNESPAR").result().country == "BRA"
    assert tier.resolve("UNESPAR").country == copy.resolve("UNESPAR").country == "BRA"


def test_the_index_knows_its_release_and_answers_the_same_when_built_again(tier, tmp_path):
    assert (tier.edition, tier.sha256) == ("v0.0", SHA256)
    built = build(tmp_path / "b.sqlite", "constructed/ror_v2.json", "recorded/ror_v2_sample.json")
    assert built.path.read_bytes() == tier.path.read_bytes()


def test_the_index_lies_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))
    build(None, "constructed/ror_v2.json")
    assert index_path() == tmp_path / "cache" / "ror" / "index.sqlite"
    assert RorTier().resolve("UNESPAR").country == "BRA"


def test_without_an_index_the_error_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path))
    with pytest.raises(GeocodeError, match=r"there is no index of ROR.*caraml data fetch ror"):
        RorTier()


def test_a_damaged_index_is_an_error_and_not_an_unknown(tmp_path):
    target = tmp_path / "index.sqlite"
    target.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    with pytest.raises(GeocodeError, match=r"cannot be read.*caraml data fetch ror"):
        RorTier(target)


def test_an_index_that_breaks_while_in_use_is_an_error(tmp_path):
    target = tmp_path / "index.sqlite"
    build(target, "constructed/ror_v2.json")
    tier = RorTier(target)
    tier.close()
    target.write_bytes(b"no database")
    with pytest.raises(GeocodeError, match="cannot be read"):
        tier.resolve("UNESPAR")


def test_an_index_of_another_layout_is_refused(tmp_path):
    target = tmp_path / "index.sqlite"
    build(target, "constructed/ror_v2.json")
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE about SET value = '0' WHERE what = 'layout'")
    connection.close()
    with pytest.raises(GeocodeError, match="another version of this package"):
        RorTier(target)


def test_a_failed_build_leaves_the_former_index(tmp_path):
    target = tmp_path / "index.sqlite"
    build(target, "constructed/ror_v2.json")
    before = target.read_bytes()

    def broken():
        yield from organisations("recorded/ror_v2_sample.json")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(broken(), edition="v9", sha256=SHA256, target=target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["index.sqlite"]


def test_an_open_index_answers_on_while_it_is_replaced(tmp_path):
    target = tmp_path / "index.sqlite"
    build(target, "constructed/ror_v2.json")
    tier = RorTier(target)
    build(target, "recorded/ror_v2_sample.json")
    assert tier.resolve("UNESPAR").country == "BRA"
    assert RorTier(target).resolve("UNESPAR").country is None


def test_a_cache_that_cannot_be_written_is_a_cache_error(tmp_path):
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(CacheError, match=r"cannot be written.*unchanged.*CARAML_CACHE"):
        build(blocked / "index.sqlite", "constructed/ror_v2.json")
