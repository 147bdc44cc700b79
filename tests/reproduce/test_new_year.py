"""From a file or a server to a year in the workspace and a figure, whatever goes wrong between."""

from __future__ import annotations

import csv
import inspect
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.cli import build_parser
from caraml_analysis.errors import (
    CaramlError,
    SourceChangedError,
    TableError,
    UsageError,
    YearError,
)
from caraml_analysis.reproduce import new_year
from caraml_analysis.reproduce.any_years import authorship_figure, save_authorship_figure
from caraml_analysis.sources.conference_years import SOURCES, ConferenceYear
from caraml_analysis.sources.http import Client
from caraml_analysis.sources.workspace import Workspace
from caraml_analysis.sources.world_bank import income_class
from tests.loopback import Answer, LoopbackServer
from tests.plots.text_boxes import assert_texts_readable
from tests.sources.conference_samples import RECORDED

CLONE = Path(__file__).resolve().parents[2]

LIST = "/static/virtual/data/icml-2024-orals-posters.json"
TABLE = """Paper title,Institution,Second institution,Name
A,"Makerere University, Kampala",,Ada
A,Toledo Polytechnic,,Bo
B,Lake Basin AI Lab,,Cleo
B,lake basin ai lab,,Dan
C,MIT,EPFL,Eve
C,None,,Fay
"""
MAPPING = {
    "affiliation": ["Institution", "Second institution"],
    "title": "Paper title",
    "author": "Name",
}
MAP = (
    *("--map", "affiliation=Institution", "--map", "affiliation=Second institution"),
    *("--map", "title=Paper title", "--map", "author=Name"),
)


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def virtual_site(text="KAIST", papers=40, authors=3):
    """Return a year in the shape of a virtual site, every author with the same text."""
    return {
        "count": papers,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": number,
                "name": f"Paper {number}",
                "authors": [
                    {"id": n, "fullname": f"Author {n}", "institution": text}
                    for n in range(authors)
                ],
                "decision": "Accept (poster)",
                "eventtype": "Poster",
                "virtualsite_url": f"/virtual/2024/poster/{number}",
                "sourceurl": "https://openreview.net/group?id=ICML.cc/2024/Conference",
                "paper_url": f"https://openreview.net/forum?id=p{number}",
            }
            for number in range(papers)
        ],
    }


def put_year(workspace, year, kind):
    rows = pd.DataFrame({"paper": range(30), "affiliation": "KAIST", "entries": 2})
    rows = rows.assign(conference="ICML", year=year, track="main")
    workspace.put(ConferenceYear("ICML", year, kind, "2026-01-31", rows, {}, (), kind, ()))


# --- one command: from a table or a site to a figure ------------------------------------------


def test_a_table_of_ones_own_ends_in_a_figure(table, tmp_path, run_cli):
    code, out, _ = run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    assert code == 0
    assert "ICML 2024 from csv" in out
    assert "2022 has affiliations from profiles of the conference site: a change may be" in out
    assert "2  Lake Basin AI Lab (not_found)" in out
    assert "ICML 2024 was added to" in out
    rows = Workspace().read("ICML", 2024)
    assert rows["entries"].sum() == 6
    assert "MIT / EPFL" in rows["affiliation"].tolist()
    assert not any(name in rows.to_csv() for name in ("Ada", "Eve", "author"))
    code, out, _ = run_cli(
        *("figure", "authorship", "--conf", "ICML", "--years", 2017, 2024, "--output", tmp_path)
    )
    assert code == 0
    assert [line.rpartition(".")[2] for line in out.split()] == ["svg", "png", "csv", "json"]
    with open(tmp_path / "authorship_icml_2017_2024.csv", encoding="utf-8") as stream:
        drawn = {(row["year"], row["income_group"]): row for row in csv.DictReader(stream)}
    assert float(drawn["2024", "unknown"]["entries"]) == 4
    assert float(drawn["2024", "low"]["entries"]) == 1
    assert float(drawn["2017", "high"]["entries"]) > 1000
    sidecar = json.loads((tmp_path / "authorship_icml_2017_2024.json").read_text())
    assert sidecar["command"] == "caraml figure authorship --conf ICML --years 2017 2024"
    assert sidecar["parameters"]["added"][0]["sha256"] == Workspace().card("ICML", 2024).sha256


def test_a_virtual_site_ends_in_a_figure_with_one_request(tmp_path, run_cli):
    with LoopbackServer() as server:
        server.script(LIST, Answer.of_json(virtual_site()))
        arguments = ("add-year", "ICML", 2024, "--server", server.url)
        code, out, _ = run_cli(*arguments)
        assert code == 0
        assert f"{server.url}{LIST}" in out
        assert "! unusual" in out  # every author from one country
        assert "country KOR" in out
        assert "a change may be one of the source" not in out
        code, out, _ = run_cli(*arguments)
        assert (code, "nothing was changed" in out) == (0, True)
        assert [request.path for request in server.received] == [LIST]
    assert run_cli("add-year", "ICML", 2024, "--server", server.url, "--offline")[0] == 0
    card = Workspace().card("ICML", 2024)
    assert (card.source, card.kind, card.entries) == ("virtual_site", "conference_site", 120)
    assert card.inputs[0].url == f"{server.url}{LIST}"
    code, _, _ = run_cli("figure", "authorship", "--conf", "icml", "--years", 2024)
    assert code == 0


@pytest.mark.parametrize(
    ("source", "file", "conference", "year", "kind"),
    [
        ("virtual_site", "virtual_site.json", "NeurIPS", 2025, "conference_site"),
        ("accepted_papers", "accepted_papers.html", "NeurIPS", 2019, "conference_site"),
        ("proceedings", "proceedings.json", "NeurIPS", 2020, "proceedings"),
        ("paperlists", "paperlists.json", "NeurIPS", 2021, "openreview"),
    ],
)
def test_recorded_files_of_every_source_end_in_the_workspace(
    source, file, conference, year, kind, run_cli
):
    arguments = ("--source", source, "--from", RECORDED / file)
    code, out, err = run_cli("add-year", conference, year, *arguments)
    assert code == 0, err
    assert f"{conference} {year} was added" in out
    assert Workspace().card(conference, year).kind == kind
    located = ca.located_authorships([conference], [year], workspace=Workspace())
    assert (located["status"] == "resolved").any()


def test_commands_of_the_documentation_fit_their_sources():
    documents = (CLONE / "docs/conference_sources.md", CLONE / "README.md")
    text = "".join(path.read_text(encoding="utf-8") for path in documents)
    commands = re.findall(r"(?:`|^    )(caraml add-year [^`#\n]+)", text, flags=re.MULTILINE)
    assert len(commands) > len(SOURCES)
    for command in commands:
        options = build_parser().parse_args(shlex.split(command)[1:])
        source = SOURCES[options.source or ("csv" if options.file else "virtual_site")]
        assert source.available(options.conference, options.year), command
        income_class("USA", options.year)  # a year without classes would be refused
        accepted = inspect.signature(source.read).parameters
        for name in ("commit", "sha256", "venue", "unaligned", "encoding", "sheet"):
            assert getattr(options, name) is None or name in accepted, command


def test_options_of_the_documentation_are_ones_that_there_are():
    text = (CLONE / "docs/conference_sources.md").read_text(encoding="utf-8")
    table = text[text.index("| your table |") : text.index("**virtual_site.**")]
    written = re.findall(r"`(--[^`]+)`", table)
    assert len(written) > 10
    for options in written:
        command = ["add-year", "W", "2024", "--from", "a.csv", *shlex.split(options)]
        build_parser().parse_args(command)  # what is wrong ends the program


def test_a_country_beside_the_institution_decides(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "title,Institution,Country\nA,Lake Basin AI Lab,Kenya\nA,Google,Ghana\nB,MIT,\n"
    )
    mapping = {"affiliation": ["Institution", "Country"]}
    new = ca.add_year("W", 2024, path=path, mapping=mapping, dry_run=True)
    assert set(new.located["country"]) == {"KEN", "GHA", "USA"}


def test_a_new_edition_replaces_the_year_and_says_what_changed(run_cli):
    with LoopbackServer() as server:
        server.script(
            LIST, Answer.of_json(virtual_site()), Answer.of_json(virtual_site("EPFL", papers=41))
        )
        run_cli("add-year", "ICML", 2024, "--server", server.url)
        code, out, _ = run_cli(
            *("add-year", "ICML", 2024, "--server", server.url, "--not-before", "2999-01-01")
        )
    assert code == 0
    assert "ICML 2024 was replaced" in out
    assert "entries 120 -> 123, papers 40 -> 41, affiliations +1 -1" in out
    assert Workspace().read("ICML", 2024)["affiliation"].unique().tolist() == ["EPFL"]
    assert "before: virtual_site, edition" in run_cli("years")[1]


def test_a_dry_run_writes_nothing(table, tmp_path, run_cli):
    code, out, _ = run_cli("add-year", "ICML", 2024, "--from", table, *MAP, "--dry-run")
    assert code == 0
    assert "Dry run: nothing was written" in out
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer.of_json(virtual_site() | {"count": 41}), "'count' says 41"),
        (Answer.of_json({"count": 1, "results": [{"id": 1}]}), "field 'eventtype'"),
        (
            Answer(200, "<html>Maintenance</html>", {"Content-Type": "text/html"}),
            "sent 'text/html' instead",
        ),
        (Answer(404), "is not published there"),
        (Answer.of_json(virtual_site(), cut_after=500, headers={}), "cut|broke|whole"),
    ],
)
def test_a_site_that_changed_or_fails_leaves_the_old_year(answer, message):
    with LoopbackServer() as server:
        server.script(LIST, Answer.of_json(virtual_site()))
        ca.add_year("ICML", 2024, base=server.url)
        server.script(LIST, answer)
        client = Client(not_before="2999", attempts=1)
        with pytest.raises(CaramlError, match=message):
            ca.add_year("ICML", 2024, base=server.url, client=client)
    assert Workspace().read("ICML", 2024)["affiliation"].unique().tolist() == ["KAIST"]
    assert Workspace().card("ICML", 2024).history == ()


def test_a_changed_source_fails_the_command(run_cli):
    with LoopbackServer() as server:
        renamed = json.dumps(virtual_site()).replace('"institution"', '"affiliation"')
        server.script(LIST, Answer(200, renamed, {"Content-Type": "application/json"}))
        code, _, err = run_cli("add-year", "ICML", 2024, "--server", server.url)
        assert code == 1
        assert "'institution'" in err
        assert "Nothing was changed" in err
        with pytest.raises(SourceChangedError, match="'institution'"):
            ca.add_year("ICML", 2024, base=server.url)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("CVPR", 2024), 2, "no source has a conference 'CVPR'; there are ICML, NeurIPS, ICLR"),
        (("ICML", 1999), 1, "no source has ICML 1999; there are virtual_site ICML 2020|2020 and"),
        (
            ("ICML", 2040),
            1,
            "no income groups for data year 2040: .* Nothing was fetched or changed",
        ),
        (("ICML", 24, "--from", "nowhere.csv"), 1, "data year 24: .* Is the year right"),
        (("ICML", 2024, "--source", "nowhere"), 2, "no source 'nowhere'; there are csv, virtual"),
        (("ICML", 2024, "--source", "csv"), 2, "name it with --from"),
        (("ICML", 2024, "--source", "virtual_site", "--venue", "x"), 2, "no use for --venue"),
        (("ICML", 2024, "--map", "affiliation=A"), 2, "--map is for tables of your own"),
        (
            ("ICML", 2024, "--from", "list.json"),
            2,
            "which source it was saved from .* one of virtual_site, proceedings, paperlists",
        ),
        (("ICML", 2024, "--from", "https://a.org/x.csv"), 2, "is an address, not a file.*Download"),
        (("ICML", 2024, "--from", "page.HTM"), 2, "saved from .* one of accepted_papers"),
        (("ICML", 2024, "--from", "nowhere.csv"), 1, "no such file"),
        (("ICML", 2024, "--from", "nowhere.csv", "--map", "affiliation"), 2, "has no '='"),
    ],
)
def test_wrong_use_is_named(arguments, code, message, run_cli, tmp_path):
    found, _, err = run_cli("add-year", *arguments)
    assert found == code, err
    assert re.search(message, err), err
    assert not (tmp_path / "workspace").exists()


def test_a_missing_column_shows_the_mapping_option(table, run_cli):
    code, _, err = run_cli("add-year", "ICML", 2024, "--from", table)
    assert code == 1
    assert "no column 'affiliation' (found 'Paper title', 'Institution'" in err
    assert "--map affiliation=Institution" in err


def test_sources_that_are_offered_for_a_saved_file_take_one():
    for names in new_year._SAVED_FROM.values():
        for name in names:
            assert "path" in inspect.signature(SOURCES[name].read).parameters


def test_names_are_stored_only_if_asked_for(table):
    ca.add_year("ICML", 2024, path=table, mapping=MAPPING, keep_authors=True)
    named = Workspace().read("ICML", 2024, authors=True)
    assert sorted(named["author"]) == ["Ada", "Bo", "Cleo", "Dan", "Eve", "Fay"]
    assert "author" not in ca.load_authorships("ICML", 2024, workspace=Workspace()).columns
    assert ca.add_year("ICML", 2024, path=table, mapping=MAPPING).change == "replaced"
    stored = [path.read_text() for path in Workspace().folder.rglob("*.[cj]s*")]
    assert not any("Cleo" in text for text in stored)


def test_embedded_data_are_not_touched(table, run_cli):
    before = registry.check_all()
    _, out, _ = run_cli("add-year", "ICML", 2022, "--from", table, *MAP)
    assert "stands in for the embedded year" in out
    assert registry.check_all() == before
    assert ca.load_authorships("ICML", 2022)["entries"].sum() == 5373


def test_a_report_can_be_read_in_python(table):
    new = ca.add_year("Workshop", 2024, path=table, mapping=MAPPING, dry_run=True)
    assert (new.last, new.change) == (None, None)
    assert "No earlier year of Workshop to compare it with" in str(new)
    assert new.unresolved["text"].tolist() == ["Lake Basin AI Lab", "Toledo Polytechnic"]
    assert new.located.groupby("status")["entries"].sum().to_dict() == {
        "ambiguous": 1,
        "empty": 1,
        "not_found": 2,
        "resolved": 2,
    }


# --- unresolved texts and overrides -----------------------------------------------------------


def overrides():
    with open(Workspace().overrides_file, encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_is_unresolved_can_be_filled_in_and_is_then_used(table, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    code, out, _ = run_cli("unresolved")
    assert code == 0
    assert "rows to fill in: 2; filled in already: 0" in out
    rows = overrides()
    assert [(row["text"], row["country"]) for row in rows] == [
        ("Lake Basin AI Lab", ""),
        ("Toledo Polytechnic", ""),
    ]
    assert "ICML 2024" in rows[0]["reason"]
    # a file that is not filled in yet changes nothing
    assert run_cli("add-year", "ICML", 2024, "--from", table, *MAP)[0] == 0
    file = Workspace().overrides_file
    text = file.read_text(encoding="utf-8")
    text = text.replace("Lake Basin AI Lab,,,", "Lake Basin AI Lab,,KEN,")
    file.write_text(text.replace("ambiguous", "we asked; no answer yet"), encoding="utf-8")
    code, out, _ = run_cli("unresolved")
    assert "rows to fill in: 1; filled in already: 1" in out
    again = overrides()
    assert [(row["text"], row["country"]) for row in again] == [
        ("Lake Basin AI Lab", "KEN"),
        ("Toledo Polytechnic", ""),
    ]
    code, out, _ = run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    assert "Lake Basin" not in out
    drawing = authorship_figure(["ICML"], [2024])
    groups = drawing.table.set_index("income_group")["entries"]
    assert groups["lower_middle"] == 2  # both spellings
    assert "overrides_sha256" in drawing.parameters


def test_reasons_of_the_user_stay(table, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    Workspace().overrides_file.write_text(
        "text,pattern,country,reason\n,^lake,,first ask the authors\nToledo Polytechnic,,,asked\n"
    )
    run_cli("unresolved")
    reasons = {row["text"]: row["reason"] for row in overrides()}
    assert reasons["Toledo Polytechnic"] == "asked"
    assert reasons["Lake Basin AI Lab"].startswith("entries: 2, ICML 2024")


def test_the_list_can_be_cut_and_written_elsewhere(table, tmp_path, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    mine = tmp_path / "mine.csv"
    code, out, _ = run_cli("unresolved", "--top", 1, "--output", mine)
    assert code == 0
    assert f"--overrides {mine}" in out
    assert mine.read_text().count("\n") == 2
    mine.write_text(mine.read_text().replace("Lab,,,", "Lab,,UGA,"))
    code, out, _ = run_cli("add-year", "ICML", 2024, "--from", table, *MAP, "--overrides", mine)
    assert "Lake Basin" not in out
    assert not Workspace().overrides_file.exists()


def test_a_list_to_fill_in_is_no_workbook(table, tmp_path, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    code, _, err = run_cli("unresolved", "--output", tmp_path / "mine.xlsx")
    assert (code, "has the name of a workbook, but CSV is written" in err) == (2, True)
    assert not (tmp_path / "mine.xlsx").exists()


def test_a_faulty_file_is_named_and_left_as_it_was(table, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    broken = "text,pattern,country,reason\nToledo Polytechnic,,Narnia,\n"
    Workspace().overrides_file.write_text(broken)
    for arguments in (("unresolved",), ("figure", "authorship", "--conf", "ICML")):
        code, _, err = run_cli(*arguments)
        assert code != 0
        assert "row 2" in err
        assert "Narnia" in err
    assert Workspace().overrides_file.read_text() == broken


def test_rows_that_decided_nothing_are_listed(table):
    judgements = {"Lake Basin AI Lab": "KEN", "Never Seen": "FRA"}
    new = ca.add_year("ICML", 2024, path=table, mapping=MAPPING, overrides=judgements)
    assert new.unused_overrides == ['overrides key 2: text "Never Seen"']
    assert "Never Seen" in str(new)


def test_what_the_user_began_to_write_stays(table, run_cli):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    Workspace().overrides_file.write_text(
        "text,pattern,country,reason\n,^lake,,first ask the authors\nToledo Polytechnic,,,asked\n"
        "Gone Lab,,,moved to Kisumu?\nGone Unit,,,entries: 3\n"
    )
    run_cli("unresolved", "--top", 1)
    assert [(row["text"], row["pattern"], row["reason"][:12]) for row in overrides()] == [
        ("", "^lake", "first ask th"),
        ("Toledo Polytechnic", "", "asked"),
        ("Gone Lab", "", "moved to Kis"),
        ("Lake Basin AI Lab", "", "entries: 2, "),
    ]
    file = Workspace().overrides_file
    wrong = "text,pattern,country,reason\nLake Basin AI Lab,KEN,,\n"
    file.write_text(wrong)  # a code in the wrong column is not thrown away
    code, _, err = run_cli("unresolved")
    assert (code, "does 'KEN' belong into the column country" in err) == (1, True)
    assert file.read_text() == wrong


def test_a_year_of_a_table_is_a_year(table):
    years = pd.Series([2024, 2025])
    for year in years.to_numpy():  # as in a loop over a table
        assert ca.add_year("W", year, path=table, mapping=MAPPING).change == "added"
    assert [card.key for card in Workspace().cards()] == [("W", 2024), ("W", 2025)]
    one = authorship_figure("W", years[0])
    assert set(one.table["year"]) == {2024}
    assert set(authorship_figure("W", years).table["year"]) == {2024, 2025}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"year": 2024.0},
            r"the year is a whole number such as 2024, not 2024\.0\. Nothing was ch",
        ),
        ({"year": "2024"}, "a whole number such as 2024, not '2024'"),
        ({"conference": " "}, "the conference is a name, not ' '"),
        ({"conference": None}, "the conference is a name, not None"),
        ({"path": pd.DataFrame()}, "path is a file, not a DataFrame.*to_csv"),
        ({"mapping": ["Institution"]}, r"mapping is a mapping such as .*not \['Institution'\]"),
    ],
)
def test_arguments_of_another_kind_are_refused(table, wrong, message):
    given = {"conference": "W", "year": 2024, "path": table, "mapping": MAPPING}
    with pytest.raises(UsageError, match=message):
        ca.add_year(**given | wrong)
    assert not Workspace().folder.exists()


def test_the_home_folder_can_be_written_as_in_a_shell(table, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.csv").write_text("text,country\nLake Basin AI Lab,KEN\n")
    given = {"mapping": MAPPING, "workspace": "~/years", "overrides": "~/mine.csv"}
    new = ca.add_year("W", 2024, path=f"~/{table.name}", **given)
    assert "KEN" in new.located["country"].tolist()
    assert Workspace(tmp_path / "years").card("W", 2024) == new.card
    drawing = authorship_figure("W", workspace="~/years", overrides="~/mine.csv")
    assert "overrides_sha256" in drawing.parameters
    monkeypatch.setenv("CARAML_WORKSPACE", "~/years")
    assert Workspace().folder == tmp_path / "years"


def test_a_table_of_papers_gives_the_same_year_as_one_of_authors(table, tmp_path):
    rows = pd.read_csv(table, keep_default_na=False)
    papers = rows.groupby("Paper title")[["Name", "Institution"]].agg("; ".join).reset_index()
    papers.to_csv(tmp_path / "papers.csv", index=False)
    mapping = {"title": "Paper title", "affiliation": "Institution", "author": "Name"}
    of_authors = ca.add_year("W", 2024, path=table, mapping=mapping, dry_run=True)
    split = {"path": tmp_path / "papers.csv", "mapping": mapping, "split": ";", "dry_run": True}
    of_papers = ca.add_year("W", 2024, **split)
    pd.testing.assert_frame_equal(of_papers.found.entries, of_authors.found.entries)


def test_a_table_of_papers_is_split_on_the_command_line(tmp_path, run_cli):
    path = tmp_path / "papers.csv"
    rows = "".join(f"Paper {i},MIT; ETH Zurich\n" for i in range(30))
    path.write_text(f"title,affiliation\n{rows}", encoding="utf-8")
    command = ("add-year", "W", 2024, "--from", path, "--dry-run")
    code, _, err = run_cli(*command)
    assert code != 0
    assert "say what stands between them: --split ';'" in err
    code, out, _ = run_cli(*command, "--split", ";")
    assert code == 0
    assert "60" in out


def test_a_conference_in_other_capitals_is_the_same(table, run_cli):
    run_cli("add-year", "MyConf", 2023, "--from", table, *MAP)
    code, out, _ = run_cli("add-year", "myconf", 2024, "--from", table, *MAP)
    assert code == 0
    assert "No earlier year" not in out
    assert "MyConf 2024 was added" in out
    drawing = authorship_figure(["MYCONF"], [2023, 2024])
    assert set(drawing.table["conference"]) == {"MyConf"}
    assert "unchanged" not in run_cli("add-year", "MYCONF", 2024, "--from", table, *MAP)[1]
    assert [card.key for card in Workspace().cards()] == [("MyConf", 2023), ("MyConf", 2024)]
    assert run_cli("remove-year", "myconf", 2023)[0] == 0


def test_the_file_of_another_year_and_a_wrong_column_are_suspected(table):
    first = ca.add_year("W", 2023, path=table, mapping=MAPPING)
    again = ca.add_year("W", 2024, path=table, mapping=MAPPING, dry_run=True)
    same = "Every affiliation is there as often as in 2023: is it the right file?"
    assert same not in str(first)
    assert (again.repeats_last, same in str(again)) == (True, True)
    table.write_text(TABLE + "D,KAIST,,Gil\n", encoding="utf-8")
    more = ca.add_year("W", 2024, path=table, mapping=MAPPING, dry_run=True)
    assert (more.repeats_last, same in str(more)) == (False, False)
    suspicion = "Most entries were not placed: is it the column of the affiliations?"
    assert suspicion not in str(more)
    names = MAPPING | {"affiliation": "Name", "author": "Institution"}
    wrong = ca.add_year("W", 2024, path=table, mapping=names, dry_run=True)
    assert suspicion in str(wrong)


def test_of_many_rows_that_decided_nothing_ten_are_listed(table):
    judgements = {f"Never Seen {number}": "FRA" for number in range(12)}
    new = ca.add_year("ICML", 2024, path=table, mapping=MAPPING, overrides=judgements)
    assert len(new.unused_overrides) == 12
    assert str(new).count("Never Seen") == 10
    assert str(new).endswith('text "Never Seen 9"\n    and 2 more')


def test_a_new_file_to_fill_in_is_marked_as_utf8_for_spreadsheets(tmp_path, run_cli):
    path = tmp_path / "export.csv"
    path.write_text("title,affiliation\nA,Université Ça-et-là\n", encoding="utf-8")
    run_cli("add-year", "ICML", 2024, "--from", path)
    run_cli("unresolved")
    content = Workspace().overrides_file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbftext,")
    assert "Université Ça-et-là" in content.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("mark", "encoding"), [(";", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")]
)
def test_a_file_that_a_spreadsheet_saved_is_used_and_keeps_its_form(mark, encoding, run_cli, table):
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    file = Workspace().overrides_file
    rows = (("text", "country"), ("Lake Basin AI Lab", "KEN"), ("Toledo Polytechnic", ""))
    file.write_bytes("\r\n".join(map(mark.join, rows)).encode(encoding))
    code, out, _ = run_cli("unresolved")
    assert code == 0
    assert "rows to fill in: 1; filled in already: 1" in out
    content = file.read_bytes()
    # Python's own UTF-16 has a mark, as that of Excel has
    assert content.decode(encoding).startswith(mark.join(("text", "pattern", "country", "reason")))
    assert content.startswith("".encode(encoding))
    code, out, _ = run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    assert (code, "Lake Basin" in out) == (0, False)


def test_a_file_in_another_encoding_is_named_in_full_and_left_as_it_was(table, run_cli):
    file = Workspace().overrides_file
    file.parent.mkdir()
    content = "text;country\nUniversité;FRA\n".encode("cp1252")
    file.write_bytes(content)
    code, out, err = run_cli("add-year", "ICML", 2024, "--from", table, *MAP)
    assert (code, out) == (1, "")
    assert f"{file}: line 2: byte 0xe9 is not utf-8" in err
    assert "Save the file as UTF-8" in err
    assert file.read_bytes() == content


def test_without_an_added_year_there_is_nothing_to_judge(run_cli):
    code, _, err = run_cli("unresolved")
    assert code == 2
    assert "no year was added yet" in err


# --- what is there ----------------------------------------------------------------------------


def test_years_lists_embedded_and_added_and_remove_year_removes(table, run_cli):
    code, out, _ = run_cli("years")
    assert code == 0
    assert "NeurIPS  2006-2018  conference_site  martenlienen/icml-nips-iclr-dataset" in out
    assert "nothing added in" in out
    run_cli("add-year", "NIPS", 2024, "--from", table, *MAP)
    assert "NeurIPS  2024       user             csv, edition" in run_cli("years")[1]
    code, out, _ = run_cli("remove-year", "nips", 2024)
    assert code == 0
    assert "NeurIPS 2024 was removed" in out
    code, _, err = run_cli("remove-year", "NeurIPS", 2024)
    assert code == 1
    assert "is not in the workspace" in err
    assert "virtual_site" in run_cli("years", "--sources")[1]


def test_a_figure_of_what_is_not_there_says_what_is(table, run_cli):
    code, _, err = run_cli("figure", "authorship", "--conf", "ICML", "--years", 2024)
    assert code == 2
    assert "no authorships of ICML 2024; there are 2017" in err
    assert "caraml add-year ICML 2024" in err
    code, _, err = run_cli("figure", "authorship", "--conf", "CVPR")
    assert (code, "there are ICLR, ICML, NeurIPS" in err) == (2, True)
    code, _, err = run_cli("figure", "authorship")
    assert (code, "name a conference with --conf" in err) == (2, True)
    code, _, err = run_cli("figure", "fig1_compute", "--conf", "ICML")
    assert (code, "are for 'caraml figure authorship'" in err) == (2, True)
    with pytest.raises(YearError, match=r"no authorships of ICLR 2017; there are 2018, 2019"):
        authorship_figure(["ICML", "ICLR"], [2017])
    with pytest.raises(TableError, match="no authorships of CVPR"):
        authorship_figure(["CVPR"])
    with pytest.raises(UsageError, match="name a conference"):
        authorship_figure([])


def test_why_tells_of_a_figure_what_it_shows_and_how_to_draw_it_again(table, tmp_path, run_cli):
    place, mine = tmp_path / "my years", tmp_path / "mine.csv"
    mine.write_text("text;country\nLake Basin AI Lab;KEN\n")
    own = ("--workspace", place, "--overrides", mine)
    run_cli("add-year", "ICML", 2024, "--from", table, *MAP, *own)
    drawn = ("figure", "authorship", "--conf", "ICML", "--years", 2017, 2024, *own)
    assert run_cli(*drawn, "--output", tmp_path / "a")[0] == 0
    code, out, _ = run_cli("why", tmp_path / "a/authorship_icml_2017_2024.svg")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].endswith("2024.svg: Entries by income group: ICML 2017 and 2024")
    assert "  parameter  years = ICML 2017, ICML 2024" in lines
    assert any(
        re.match(r"  parameter  added = year ICML 2024, source csv, kind user, edition \S", line)
        for line in lines
    )
    assert not re.search(r"[{}\[\]]|notebook|_rule", out)
    (command,) = (line.split("again with ")[1] for line in lines if "again with" in line)
    again = shlex.split(command)
    assert again == ["caraml", *map(str, drawn)]
    assert run_cli(*again[1:], "--output", tmp_path / "b")[0] == 0
    for name in ("svg", "csv", "json"):
        file = f"authorship_icml_2017_2024.{name}"
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_why_names_no_command_that_would_draw_something_else(table, tmp_path, run_cli):
    ca.add_year("ICML", 2024, path=table, mapping=MAPPING)
    judgements = {"Lake Basin AI Lab": "KEN"}
    files = save_authorship_figure(["ICML"], [2024], overrides=judgements, folder=tmp_path)
    out = run_cli("why", files[0])[1]
    assert "again with" not in out
    assert "parameter  overrides = given in Python, 1 rows" in out
    files = save_authorship_figure(["ICML", "NeurIPS"], workspace=Workspace(), folder=tmp_path)
    out = run_cli("why", files[0])[1]
    assert f"--conf ICML NeurIPS --workspace {tmp_path / 'workspace'}" in out
    assert ": Entries by income group: ICML 2017 and 2024, NeurIPS 2006 and 2022" in out


def test_kinds_of_source_and_carried_classes_are_marked():
    for year, kind in ((2023, "openreview"), (2026, "conference_site")):
        put_year(Workspace(), year, kind)
    drawing = authorship_figure(["ICML"], [2022, 2023, 2026])
    labels = {label.get_text() for label in drawing.axes.get_yticklabels()}
    assert labels == {"ICML 2022", "ICML 2023\N{DAGGER}", "ICML 2026*"}
    below = drawing.axes.get_xlabel()
    assert "\N{DAGGER} affiliations from OpenReview profiles" in below
    assert "* newest income class carried forward" in below
    kinds = drawing.table.drop_duplicates("year").set_index("year")["kind"].to_dict()
    assert kinds == {2022: "conference_site", 2023: "openreview", 2026: "conference_site"}
    assert_texts_readable(drawing.axes.figure)
    table = drawing.table
    axes = ca.plot_income_trend(table)
    note = " ".join(text.get_text() for text in axes[1, 0].texts)
    assert "Affiliations from OpenReview profiles: ICML 2023." in note
    assert "carried forward: ICML 2026" in note


# --- killed, and two at once ------------------------------------------------------------------


def start_add_year(server, folder, *arguments):
    command = [sys.executable, "-m", "caraml_analysis.cli", "add-year", "ICML", "2024"]
    environment = os.environ | {"CARAML_WORKSPACE": str(folder)}
    return subprocess.Popen(
        [*command, "--server", server.url, "--not-before", "2999-01-01", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def edition_of(workspace, papers=40):
    """Return the one text of the year; it must be there in every row of the edition."""
    [text] = workspace.read("ICML", 2024)["affiliation"].unique()
    card = workspace.card("ICML", 2024)
    rows = workspace.read("ICML", 2024)
    assert rows["entries"].sum() == card.entries == 3 * papers
    assert rows["paper"].nunique() == papers
    return text


# loads everything once; each line it reads starts one more process that runs ``caraml``
STARTER = """
import os
import sys
from caraml_analysis.cli import main
from caraml_analysis.geocoding import resolver
from caraml_analysis.reproduce import new_year
resolver.engine()
print("ready", flush=True)
for line in sys.stdin:
    process = os.fork()
    if process == 0:
        sys.stdout = open(os.devnull, "w")
        os._exit(main(sys.argv[1:]))
    print(process, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_year(tmp_path):
    chance = random.Random(30)
    workspace = Workspace(tmp_path / "killed")
    put_year(workspace, 2023, "user")  # a small year to be compared with
    texts = [f"Laboratory {number}" for number in range(31)]
    kind = {"Content-Type": "application/json"}
    contents = [json.dumps(virtual_site(text, papers=6)).encode() for text in texts]
    # a tenth of a second before the first byte, and some time before every other one
    answers = [Answer(200, content, kind, delay_s=0.1, drip_s=1e-6) for content in contents]
    with LoopbackServer() as server:
        server.script(LIST, *answers)
        options = ("--server", server.url, "--workspace", str(workspace.folder))
        command = ["add-year", "ICML", "2024", *options, "--not-before", "2999-01-01"]
        starter = subprocess.Popen(
            [sys.executable, "-c", STARTER, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert starter.stdout.readline() == "ready\n"

        def run(kill_after_s):
            """Run add-year, kill it so long after its request, and return its exit code."""
            sent = len(server.received)
            starter.stdin.write("\n")
            process = int(starter.stdout.readline())
            if kill_after_s is not None:
                server.wait_for(sent + 1)
                time.sleep(kill_after_s)
                with suppress(ProcessLookupError):  # it was faster
                    os.kill(process, signal.SIGKILL)
            return int(starter.stdout.readline())

        start = time.monotonic()
        assert run(None) == 0
        longest = time.monotonic() - start
        known, kills, changes = edition_of(workspace, 6), 0, 0
        for number in range(1, 31):
            code = run(chance.uniform(0.0, longest))
            now = edition_of(workspace, 6)
            assert now in (known, texts[number])
            assert code == -signal.SIGKILL or (code, now) == (0, texts[number])
            kills += code == -signal.SIGKILL
            changes += now != known
            known = now
        assert kills > 5
        assert changes < 30
        assert run(None) == 0  # no lock of the killed is left
        starter.stdin.close()
        assert starter.wait(timeout=20) == 0
    assert edition_of(workspace, 6) == texts[30]


def test_two_runs_at_once_do_not_damage_each_other(tmp_path):
    folder = tmp_path / "shared"
    with LoopbackServer() as server:
        server.script(
            LIST,
            Answer.of_json(virtual_site("KAIST"), delay_s=0.2),
            Answer.of_json(virtual_site("EPFL"), delay_s=0.2),
        )
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: start_add_year(server, folder).wait(), range(2)))
    assert runs == [0, 0]
    workspace = Workspace(folder)
    assert edition_of(workspace) in ("KAIST", "EPFL")
    assert len(workspace.card("ICML", 2024).history) == 1
