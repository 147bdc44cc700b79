"""Population from the World Bank's indicator API; the United Nations' codes are carried over."""

from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd

from caraml_analysis import countries, registry
from caraml_analysis.errors import SourceChangedError
from caraml_analysis.sources.owid import LEAST_PART
from caraml_analysis.sources.workbooks import kind_of, refuse_web_page

BASE = "https://api.worldbank.org"
INDICATOR = "SP.POP.TOTL"
FILE = "reference/population.csv"
#: Codes without a World Bank population; embedded from UN World Population Prospects 2024.
UN_CODES = frozenset(("AIA", "BES", "BLM", "COK", "ESH", "FLK", "MSR", "NIU", "SHN", "SPM"))
UN_CODES |= {"TKL", "TWN", "VAT", "WLF"}
FIRST_YEAR = 1990
_FEWEST_COUNTRIES = 210
_MOST_PEOPLE = 3_000_000_000
_FIELDS = "indicator, countryiso3code, date and value"
_KEPT = "Nothing was changed."


def address(page: int = 1, server: str = BASE) -> str:
    """Return the address of one page of the indicator, all countries and years."""
    return f"{server}/v2/country/all/indicator/{INDICATOR}?format=json&per_page=20000&page={page}"


def read_page(content: bytes, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the head (``pages``, ``total``, ``lastupdated``) and the records of one answer.

    ``total`` is the number of records of all pages, 0 if the server does not say it.

    Raises
    ------
    SourceChangedError
        If it is a web page, an error message of the server, or of another shape.
    """
    refuse_web_page(content, name, "JSON")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SourceChangedError(f"{name}: {_no_json(content, error)}. {_KEPT}") from error
    try:
        head, records = answer[0], answer[1:]
        if "message" in head:
            said = "; ".join(str(message.get("value")) for message in head["message"])
            raise SourceChangedError(f"{name}: the server says {said!r}. {_KEPT}")
        updated = str(head["lastupdated"])
        counts = {"pages": int(head["pages"]), "total": int(head.get("total", 0))}
        records = list(records[0])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise SourceChangedError(
            f"{name}: is not an answer of the indicator API, which is a list of a head (page, "
            f"pages, total, lastupdated) and records ({_FIELDS}). It is {_shape(answer)}. {_KEPT}"
        ) from error
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", updated):
        raise SourceChangedError(
            f"{name}: says it was updated {updated!r}, expected a day like 2026-03-06. {_KEPT}"
        )
    return {**counts, "lastupdated": updated}, records


def _no_json(content: bytes, error: Exception) -> str:
    """Return what a file is that is no JSON."""
    expected = f"expected JSON of the indicator API with records of {_FIELDS}"
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{")):
        return f"is damaged or broke off ({error!s:.60}). Download it again"
    return f"is no JSON ({kind_of(content)}), {expected}"


def _shape(answer: Any) -> str:
    """Return what a JSON value is, with the names that it has."""
    inner = answer[0] if isinstance(answer, list) and answer else answer
    if isinstance(inner, dict):
        kind = "a list of objects" if inner is not answer else "an object"
        names = ", ".join(map(str, list(inner)[:8]))
        return f"{kind} with {names[:200] or 'no names'}"
    return f"a value of the type {type(answer).__name__}"


def population(records: list[dict[str, Any]], name: str = INDICATOR) -> pd.DataFrame:
    """Return ``iso3``, ``year`` and ``population`` as they are embedded.

    Aggregates of the World Bank ("Arab World") have codes that are no country's and are left out;
    the 14 codes of the United Nations come from the embedded edition.

    Raises
    ------
    SourceChangedError
        If a record is of another indicator or shape, a value is no number of people, or there are
        far fewer countries or years than ever.
    """
    known = countries.known_codes()
    found = []
    for record in records:
        try:
            indicator, code = record["indicator"]["id"], str(record["countryiso3code"])
            year, value = int(record["date"]), record["value"]
            people = None if value is None else float(value)
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            raise SourceChangedError(
                f"{name}: a record has another shape, expected {_FIELDS} ({error!r:.60}). {_KEPT}"
            ) from error
        if indicator != INDICATOR:
            raise SourceChangedError(f"{name}: holds {indicator!r}, not {INDICATOR}. {_KEPT}")
        if code in known and code not in UN_CODES and people is not None and year >= FIRST_YEAR:
            if not 0 < people < _MOST_PEOPLE:
                raise SourceChangedError(
                    f"{name}: {code} {year} has {value!r} people. {_KEPT} Has the unit changed?"
                )
            found.append((code, year, round(people)))
    table = pd.DataFrame(found, columns=["iso3", "year", "population"])
    if table["iso3"].nunique() < _FEWEST_COUNTRIES:
        raise SourceChangedError(
            f"{name}: {table['iso3'].nunique()} countries, expected at least {_FEWEST_COUNTRIES}. "
            f"{_KEPT} Is the answer whole?"
        )
    twice = table[table.duplicated(["iso3", "year"])]
    if len(twice):
        code, year = twice.iloc[0][["iso3", "year"]]
        raise SourceChangedError(
            f"{name}: {code} {year} stands there twice. {_KEPT} Is a page named twice?"
        )
    embedded = registry.read_csv(FILE)
    from_un = embedded["iso3"].isin(UN_CODES)
    fewest = int(LEAST_PART * (~from_un).sum())
    if len(table) < fewest:
        raise SourceChangedError(
            f"{name}: {len(table):,} values from {table['year'].min()} to {table['year'].max()}, "
            f"expected at least {fewest:,} since {FIRST_YEAR}. {_KEPT} Ask for all years."
        )
    return pd.concat([table, embedded[from_un]]).sort_values(["iso3", "year"], ignore_index=True)
