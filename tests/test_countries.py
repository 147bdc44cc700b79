"""Country codes: one converter, no guessing."""

from __future__ import annotations

import pytest

from caraml_analysis import countries
from caraml_analysis.errors import CountryError


@pytest.mark.parametrize(
    ("code", "iso3"),
    [("KE", "KEN"), ("ken", "KEN"), ("NA", "NAM"), ("XK", "XKX"), ("CHI", "CHI"), ("uk", "GBR")],
)
def test_codes_become_alpha3(code, iso3):
    assert countries.to_alpha3(code) == iso3


@pytest.mark.parametrize("text", ["Kenya", "", "XX", "ZZZ", None, 4])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(CountryError, match="is not a country code"):
        countries.to_alpha3(text)


def test_territories_keep_their_codes():
    assert [countries.to_alpha3(c) for c in ("HK", "MO", "TW", "PR")] == [
        "HKG",
        "MAC",
        "TWN",
        "PRI",
    ]


def test_names_are_those_people_use():
    assert countries.name("KOR") == "South Korea"
    assert countries.name("XK") == "Kosovo"
    assert countries.name("KEN") == "Kenya"


def test_every_merged_territory_and_its_target_are_known():
    codes = set(countries.MERGED_TERRITORIES) | set(countries.MERGED_TERRITORIES.values())
    assert codes <= countries.known_codes()
