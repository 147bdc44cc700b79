"""Embedded authorships: the paper's counts, and no persons."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.errors import TableError, YearError
from caraml_analysis.sources.conference_years import ConferenceYear
from caraml_analysis.sources.conferences import EMBEDDED, embedded_years
from caraml_analysis.sources.workspace import Workspace

CLONE = Path(__file__).resolve().parents[2]


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


def added(workspace, conference, year, text, kind="openreview"):
    rows = pd.DataFrame({"paper": [1, 2], "affiliation": [text, "KAIST"], "entries": [3, 1]})
    rows = rows.assign(conference=conference, year=year, track="main")
    found = ConferenceYear(conference, year, "a_source", "1", rows, {}, (), kind, ())
    workspace.put(found)


def test_every_embedded_year_has_an_origin():
    rows = ca.load_authorships()
    assert set(embedded_years()) == set(zip(rows["conference"], rows["year"], strict=True))


def test_the_origins_are_those_of_the_documentation():
    text = (CLONE / "docs/data.md").read_text(encoding="utf-8")
    kinds = {"conference_site": "schedule pages", "proceedings": "proceedings metadata"}
    for part in EMBEDDED:
        lines = [line for line in text.splitlines() if f"github.com/{part.collection} @" in line]
        fitting = [line for line in lines if f"{part.conference} " in line]
        assert any(kinds[part.kind] in line and part.edition in line for line in fitting), part


def test_without_a_workspace_nothing_of_the_users_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("CARAML_WORKSPACE", str(tmp_path))
    added(Workspace(), "ICML", 2024, "Lab")
    assert 2024 not in set(ca.load_authorships()["year"])


def test_added_years_stand_beside_the_embedded_ones(tmp_path):
    workspace = Workspace(tmp_path)
    added(workspace, "ICML", 2024, "Lab")
    rows = ca.load_authorships("ICML", [2022, 2024], workspace=workspace)
    entries = rows.groupby(["year", "kind", "source"])["entries"].sum().to_dict()
    assert entries == {
        (2022, "conference_site", "ch3njust1n/conference_metadata"): 5373,
        (2024, "openreview", "a_source"): 4,
    }
    ids = rows.drop_duplicates("affiliation").set_index("affiliation")["affiliation_id"]
    embedded = ca.load_authorships().drop_duplicates("affiliation_id")
    assert ids["KAIST"] == embedded.set_index("affiliation")["affiliation_id"]["KAIST"]
    assert ids["Lab"] == embedded["affiliation_id"].max() + 1
    assert set(ca.load_authorships(workspace=tmp_path)["year"]) >= {2006, 2024}


def test_an_added_year_stands_in_for_the_embedded_one(tmp_path):
    added(Workspace(tmp_path), "ICML", 2022, "Lab")
    rows = ca.load_authorships("ICML", workspace=tmp_path)
    assert rows.groupby("year")["entries"].sum()[2022] == 4
    assert ca.load_authorships("ICML", 2022)["entries"].sum() == 5373


def test_what_is_not_there_says_what_is_with_the_added(tmp_path):
    added(Workspace(tmp_path), "Workshop", 2031, "Lab")
    with pytest.raises(
        TableError, match="no authorships of CVPR; there are ICLR, ICML, NeurIPS, W"
    ):
        ca.load_authorships("CVPR", workspace=tmp_path)
    with pytest.raises(YearError, match="no authorships of 2030; there are 2031"):
        ca.load_authorships("Workshop", 2030, workspace=tmp_path)
