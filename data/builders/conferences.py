"""Authorships without persons: who is listed from where, with no names and no titles.

From the table of one row per author (conference, year, title, author, affiliation). Titles become
anonymous numbers, authors become counts, local parts of e-mail addresses and stray page addresses
are removed from the affiliation texts, and so are names of authors in the wrong field.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.sources.conference_years.model import number_titles
from caraml_analysis.sources.conference_years.texts import (
    one_line,
    without_own_name,
    without_personal_data,
)

SOURCE = "conferences/authorships.csv.gz"
INPUTS = (SOURCE,)
OUTPUTS = ("conferences/authorships.csv", "conferences/affiliations.csv")


def track(conference: str, year: str, title: str) -> str:
    """Tell which track a paper belongs to, as far as the source says.

    The cards of NeurIPS 2022 mix the main track with Datasets and Benchmarks and with papers of
    the reproducibility challenge; only the last can be told by their title.
    """
    if (conference, year) != ("NeurIPS", "2022"):
        return "main"
    return "reproducibility" if title.startswith("[Re]") else "unseparated"


def build(inputs: Path) -> dict[str, bytes]:
    """Return the authorship counts and the affiliation texts."""
    rows = read_csv(inputs / SOURCE)
    rows = pd.DataFrame(
        {
            "conference": rows["Conference"],
            "year": rows["Year"],
            "title": rows["Title"].map(one_line),
            "affiliation": [
                without_own_name(without_personal_data(text), one_line(author))
                for text, author in zip(rows["Affiliation"], rows["Author"], strict=True)
            ],
        }
    )
    rows["track"] = [
        track(*key) for key in zip(rows["conference"], rows["year"], rows["title"], strict=True)
    ]
    rows["paper"] = rows.groupby(["conference", "year"])["title"].transform(
        lambda titles: titles.map(number_titles(titles))
    )
    texts = sorted(rows["affiliation"].unique())
    numbers = {text: number for number, text in enumerate(texts, start=1)}
    rows["affiliation_id"] = rows["affiliation"].map(numbers)
    keys = ["conference", "year", "track", "paper", "affiliation_id"]
    counts = rows.groupby(keys, sort=True).size().rename("entries").reset_index()
    affiliations = pd.DataFrame({"affiliation_id": range(1, len(texts) + 1), "affiliation": texts})
    return {
        "conferences/authorships.csv": to_csv(counts),
        "conferences/affiliations.csv": to_csv(affiliations),
    }
