"""The tables of the gazetteer keep what the matcher relies on."""

from __future__ import annotations

import csv

import pytest

from caraml_analysis import countries, registry
from caraml_analysis.geocoding import text
from caraml_analysis.geocoding.gazetteer import load

CURATED = ("institutions", "companies")


def rows(name):
    return list(csv.DictReader(registry.read_text(f"geocoding/{name}.csv").splitlines()))


@pytest.mark.parametrize("name", [*CURATED, "cities", "regions", "countries", "ror_names"])
def test_every_country_code_is_known(name):
    column = "countries" if name == "cities" else "country"
    codes = {code for row in rows(name) for code in row[column].split(";")}
    assert codes <= countries.known_codes()


@pytest.mark.parametrize("table", ["ror_names", "cities"])
def test_derived_names_are_spelled_as_compared(table):
    """If this fails, ``text.key`` changed: run ``make data``."""
    names = [row["name"] for row in rows(table)]
    changed = [name for name in names[::7] if text.key(name) != name]
    assert [name for name in changed if "sci" not in name.split()] == []  # SCI is a name
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    "generic",
    [
        *("institute of science", "university of applied science", "public health", "memorial"),
        *("ministry of health", "graduate school of engineering", "ibm research", "google"),
    ],
)
def test_generic_names_are_left_out(generic):
    assert generic not in load().ror


def test_words_that_are_no_places():
    for word in ("normal", "mary", "orange", "mila", "federal", "police", "butterfly"):
        assert load().place(word) is None


def test_usual_city():
    gazetteer = load()
    assert gazetteer.place("london").usual == "GBR"
    assert gazetteer.place("cambridge").usual is None
    assert set(gazetteer.place("cambridge").countries) >= {"GBR", "USA"}
    assert gazetteer.place("munchen").countries == ("DEU",)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("The Univ. of X", "university of x"),
        ("Texas A&amp;M", "texas a and m"),
        ("École Polytechnique Fédérale", "ecole polytechnique federale"),
        ("King's College", "kings college"),
        ("U.K.", "uk"),
        ("D. E. Shaw", "de shaw"),
        ("Łódź – Ørsted Straße", "lodz orsted strasse"),
        ("SCI Institute", "sci institute"),
        ("ﬁrst  \t Lab", "first laboratory"),
        ("The", "the"),
        ("", ""),
    ],
)
def test_spelling(written, compared):
    assert text.key(written) == compared
