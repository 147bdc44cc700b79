"""Country codes and names: ISO 3166-1 alpha-3 everywhere, one converter, no guessing.

Codes and formal names come from pycountry. Two World Bank codes outside ISO are known and marked:
XKX (Kosovo) and CHI (Channel Islands). Hong Kong, Macao, Taiwan and Puerto Rico keep their own.
"""

from __future__ import annotations

from functools import lru_cache

from caraml_analysis.errors import CountryError

#: World Bank codes that ISO 3166-1 does not have.
NOT_IN_ISO = {"XKX": "Kosovo", "CHI": "Channel Islands"}

#: Territories that an analysis may keep apart (the default) or count with another code.
MERGED_TERRITORIES = {"HKG": "CHN", "MAC": "CHN", "TWN": "CHN", "PRI": "USA"}

# Two-letter codes that are in use although ISO 3166-1 does not assign them to these countries.
_ALPHA2_EXTRA = {"XK": "XKX", "UK": "GBR", "EL": "GRC"}

# Names people use where ISO's are formal ("Korea, Republic of").
_SHORT_NAMES = {
    "BOL": "Bolivia",
    "BRN": "Brunei",
    "CIV": "Côte d'Ivoire",
    "COD": "DR Congo",
    "COG": "Congo",
    "FSM": "Micronesia",
    "GBR": "United Kingdom",
    "HKG": "Hong Kong",
    "IRN": "Iran",
    "KOR": "South Korea",
    "LAO": "Laos",
    "MAC": "Macao",
    "MDA": "Moldova",
    "NLD": "Netherlands",
    "PRK": "North Korea",
    "PSE": "Palestine",
    "RUS": "Russia",
    "SYR": "Syria",
    "TUR": "Türkiye",
    "TWN": "Taiwan",
    "TZA": "Tanzania",
    "USA": "United States",
    "VEN": "Venezuela",
    "VNM": "Vietnam",
}


@lru_cache(maxsize=1)
def _iso() -> tuple[dict[str, str], dict[str, str]]:
    """Return formal names by alpha-3, and alpha-3 by alpha-2."""
    import pycountry

    names = {country.alpha_3: country.name for country in pycountry.countries}
    alpha2 = {country.alpha_2: country.alpha_3 for country in pycountry.countries}
    return names | NOT_IN_ISO, alpha2 | _ALPHA2_EXTRA


def known_codes() -> frozenset[str]:
    """Return every alpha-3 code that this package accepts."""
    return frozenset(_iso()[0])


def to_alpha3(code: str) -> str:
    """Return the alpha-3 code for an alpha-2 or alpha-3 code.

    Parameters
    ----------
    code : str
        For example ``"NA"``, ``"nam"`` or ``"XK"``; case does not matter. Names are not accepted:
        a name is a text, and :func:`caraml_analysis.resolve` reads texts.

    Raises
    ------
    CountryError
        If no table knows the code.
    """
    names, alpha2 = _iso()
    upper = code.strip().upper() if isinstance(code, str) else ""
    if upper in names:
        return upper
    if upper in alpha2:
        return alpha2[upper]
    raise CountryError(
        f"{code!r} is not a country code. Use ISO 3166-1 alpha-3 such as 'KEN' "
        "(alpha-2 such as 'KE' is accepted; XKX and CHI are known, too)."
    )


def name(code: str) -> str:
    """Return the short English name of a country, given its alpha-3 code."""
    iso3 = to_alpha3(code)
    return _SHORT_NAMES.get(iso3) or _iso()[0][iso3]
