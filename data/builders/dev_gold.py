"""Labelled affiliations for tests and benchmarks: the freely licensed part of the dev gold.

Kept outside ``data/`` and so outside the wheel: these are texts to measure on, not to answer from.
"""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path

import pandas as pd
import pycountry
from common import read_csv, to_csv

GOLD = "geocoding/dev_gold.csv"
INPUTS = (GOLD,)
TARGET = "../tests/data/dev_gold/dev_gold.csv"
OUTPUTS = (TARGET,)

# Apache-2.0 and MIT; paperlists_norm states no licence and is left out.
WHOLE = ("s2aff_train", "ror_api_logs_2023", "springer_2023", "aps_manual_2022")
# A dictionary of bare names: a sample is enough to measure on.
SAMPLED, SAMPLE_SIZE, SEED = "hipo", 1_000, 20261123

# Names in use beside those of ISO 3166-1, for the flag only: the geocoder's own list of spellings
# must not decide on which texts it is measured.
OTHER_NAMES = """
America|Belgique|Belgie|Bolivia|Bosnia|Brasil|Britain|Brunei|Burma|Cape Verde|Czech Republic|
Danmark|Deutschland|England|Espana|Great Britain|Holland|Iran|Italia|Ivory Coast|Korea|Kosovo|
Laos|Macau|Macedonia|Mexico|Moldova|Nippon|Norge|Northern Ireland|Oesterreich|Osterreich|Palestine|
Polska|PR China|Republic of Korea|Russia|Schweiz|Scotland|Suisse|Sverige|Swaziland|Syria|Taiwan|
Tanzania|Turkey|Turkiye|Venezuela|Viet Nam|Vietnam|Wales
"""
# as whole words and in capitals: "us" and "uk" are words of other kinds, too
TOKENS = re.compile(r"(?<![\w.])(?:USA|US|UK|UAE|U\. ?S\. ?A|U\. ?S|U\. ?K)(?![\w])")


def _words(text: str) -> str:
    """Return `text` as lower-case words without accents, with a space at both ends."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(["", *re.findall(r"[^\W_]+", plain.casefold()), ""])


def _names() -> tuple[str, ...]:
    iso = (
        name
        for country in pycountry.countries
        for field in ("name", "common_name", "official_name")
        if (name := getattr(country, field, None))
    )
    return tuple(sorted({_words(name) for name in (*iso, *OTHER_NAMES.split("|"))}))


def names_country(text: str, names: tuple[str, ...]) -> bool:
    """Tell if `text` has a country's name as whole words, or US, USA, UK or UAE in capitals.

    A lexical rule and nothing more: "University of New Mexico" names a country by it.
    """
    words = _words(text)
    return bool(TOKENS.search(text)) or any(name in words for name in names)


def build(inputs: Path) -> dict[str, bytes]:
    """Return the subset: four sources whole, a sample of the fifth, with the flag."""
    gold = read_csv(inputs / GOLD)
    whole = gold[gold["source"].isin(WHOLE)]
    others = gold[gold["source"] == SAMPLED]
    picked = sorted(random.Random(SEED).sample(list(others.index), SAMPLE_SIZE))
    subset = pd.concat([whole, others.loc[picked]], ignore_index=True)
    names = _names()
    flags = ["1" if names_country(text, names) else "0" for text in subset["string"]]
    return {TARGET: to_csv(subset.assign(names_country=flags))}
