"""Embedded authorships: the paper's counts, and no persons."""

from __future__ import annotations

import re

import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.errors import TableError, YearError


@pytest.mark.parametrize(
    ("conference", "year", "entries", "papers"),
    [
        ("ICML", 2017, 1588, 434),
        ("ICML", 2021, 4843, 1183),
        ("NeurIPS", 2017, 2497, 679),
        ("NeurIPS", 2021, 9933, 2334),
        ("NeurIPS", 2022, 13407, 2903),
    ],
)
def test_counts_of_the_paper(conference, year, entries, papers):
    rows = ca.load_authorships(conference, year)
    assert rows["entries"].sum() == entries
    assert rows["paper"].nunique() == papers


def test_all_embedded_years_are_there():
    rows = ca.load_authorships()
    assert rows["entries"].sum() == 79040
    years = rows.groupby("conference")["year"].agg(["min", "max", "nunique"])
    assert years.loc["ICML"].tolist() == [2017, 2022, 6]
    assert years.loc["NeurIPS"].tolist() == [2006, 2022, 17]
    assert years.loc["ICLR"].tolist() == [2018, 2019, 2]


def test_coverage_table_agrees_with_the_data():
    coverage = ca.load_coverage()
    rows = ca.load_authorships()
    found = set(zip(rows["conference"], rows["year"], strict=True))
    for line in coverage.itertuples():
        for year in range(line.first_year, line.last_year + 1):
            assert ((line.conference, year) in found) == (line.embedded == "yes")
    covered = {
        (line.conference, year)
        for line in coverage.itertuples()
        for year in range(line.first_year, line.last_year + 1)
    }
    assert found <= covered


def test_every_conference_year_has_a_date():
    dates = ca.load_conference_dates()
    rows = ca.load_authorships()
    assert set(zip(rows["conference"], rows["year"], strict=True)) == set(
        zip(dates["conference"], dates["year"], strict=True)
    )
    assert (dates["start"].dt.year == dates["year"]).all()


def test_tracks_of_neurips_2022_are_told_apart_as_far_as_possible():
    rows = ca.load_authorships("NeurIPS", 2022)
    assert rows.groupby("track")["paper"].nunique()["reproducibility"] == 28
    assert set(ca.load_authorships("NeurIPS", 2021)["track"]) == {"main"}


def test_no_names_titles_or_addresses_are_embedded():
    header = registry.read_text("conferences/authorships.csv").splitlines()[0]
    assert header == "conference,year,track,paper,affiliation_id,entries"
    texts = registry.read_text("conferences/affiliations.csv")
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w", texts.replace(" @", "@@"))
    assert "http" not in texts


def test_affiliations_are_unescaped():
    texts = registry.read_text("conferences/affiliations.csv")
    assert not re.search(r"&(amp|#x?\d+);", texts)


def test_an_unknown_conference_says_which_exist():
    with pytest.raises(TableError, match="no authorships of CVPR; there are ICLR, ICML, NeurIPS"):
        ca.load_authorships("CVPR")


def test_a_year_outside_the_data_says_which_exist():
    with pytest.raises(YearError, match="no authorships of 2031; there are 2017"):
        ca.load_authorships("ICML", 2031)
