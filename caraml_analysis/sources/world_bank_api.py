"""Population from the World Bank's indicator API; the United Nations' codes are carried over."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from caraml_analysis import countries, registry
from caraml_analysis.errors import SourceChangedError
from caraml_analysis.sources.workbooks import refuse_web_page

BASE = "https://api.worldbank.org"
INDICATOR = "SP.POP.TOTL"
FILE = "reference/population.csv"
#: Codes without a World Bank population; embedded from UN World Population Prospects 2024.
UN_CODES = frozenset(("AIA", "BES", "BLM", "COK", "ESH", "FLK", "MSR", "NIU", "SHN", "SPM"))
UN_CODES |= {"TKL", "TWN", "VAT", "WLF"}
FIRST_YEAR = 1990
_FEWEST_COUNTRIES = 210
_KEPT = "Nothing was changed."


def address(page: int = 1, server: str = BASE) -> str:
    """Return the address of one page of the indicator, all countries and years."""
    return f"{server}/v2/country/all/indicator/{INDICATOR}?format=json&per_page=20000&page={page}"


def read_page(content: bytes, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the head (``pages``, ``lastupdated``) and the records of one answer.

    Raises
    ------
    SourceChangedError
        If it is a web page, an error message of the server, or of another shape.
    """
    refuse_web_page(content, name, "JSON")
    try:
        answer = json.loads(content)
        head = answer[0]
        if "message" in head:
            said = "; ".join(str(message.get("value")) for message in head["message"])
            raise SourceChangedError(f"{name}: the server says {said!r}. {_KEPT}")
        return {"pages": int(head["pages"]), "lastupdated": str(head["lastupdated"])}, list(
            answer[1]
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise SourceChangedError(
            f"{name}: is not an answer of the indicator API ({error!r:.60}). {_KEPT}"
        ) from error


def population(records: list[dict[str, Any]], name: str = INDICATOR) -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``population`` as they are embedded.

    Aggregates of the World Bank ("Arab World") have codes that are no country's and are left out;
    the 14 codes of the United Nations come from the embedded edition.

    Raises
    ------
    SourceChangedError
        If a record is of another indicator or shape, or there are far fewer countries than ever.
    """
    known = countries.known_codes()
    found = []
    for record in records:
        try:
            indicator, code = record["indicator"]["id"], record["countryiso3code"]
            year, value = int(record["date"]), record["value"]
        except (TypeError, KeyError, ValueError) as error:
            raise SourceChangedError(
                f"{name}: a record has another shape ({error!r:.60}). {_KEPT}"
            ) from error
        if indicator != INDICATOR:
            raise SourceChangedError(f"{name}: holds {indicator!r}, not {INDICATOR}. {_KEPT}")
        if code in known and code not in UN_CODES and value is not None and year >= FIRST_YEAR:
            found.append((code, year, round(float(value))))
    table = pd.DataFrame(found, columns=["iso3", "year", "population"])
    if table["iso3"].nunique() < _FEWEST_COUNTRIES or table.duplicated(["iso3", "year"]).any():
        raise SourceChangedError(
            f"{name}: {table['iso3'].nunique()} countries, expected at least {_FEWEST_COUNTRIES} "
            f"and each year once. {_KEPT} Is the answer whole?"
        )
    embedded = registry.read_csv(FILE)
    rest = embedded[embedded["iso3"].isin(UN_CODES)]
    return pd.concat([table, rest]).sort_values(["iso3", "year"], ignore_index=True)
