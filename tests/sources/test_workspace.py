"""The user's workspace: whole years, whoever is killed or writes at the same time."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from caraml_analysis.errors import TableError, WorkspaceError, YearError
from caraml_analysis.sources.conference_years.model import ConferenceYear, Input
from caraml_analysis.sources.workspace import Workspace

READ = Input("https://example.org/a.json", "2026-01-05T10:00:00+00:00", "ab" * 32, 1234)

# adds editions of one year in turn, each with as many rows as its number says, for ever
WRITER = """
import sys
import pandas as pd
from caraml_analysis.sources.conference_years.model import ConferenceYear
from caraml_analysis.sources.workspace import Workspace
folder, first, step, rounds = sys.argv[1], *map(int, sys.argv[2:])
print("ready", flush=True)
for edition in range(first, first + step * rounds, step):
    rows = 1000 + edition
    table = pd.DataFrame({"conference": "ICML", "year": 2024, "track": "main",
                          "paper": range(rows), "affiliation": f"Lab {edition}", "entries": 1})
    found = ConferenceYear("ICML", 2024, "csv", str(edition), table, {}, (), "user", ())
    change, card = Workspace(folder).put(found)
    assert change in ("added", "replaced"), change
"""


def year(*rows, conference="ICML", year=2024, edition="2026-01-05 sha256:abab", **columns):
    table = pd.DataFrame(rows, columns=["paper", "affiliation", "entries"])
    table = table.assign(conference=conference, year=year, track="main", **columns)
    return ConferenceYear(
        conference,
        year,
        "virtual_site",
        edition,
        table,
        {},
        ("A note.",),
        "conference_site",
        (READ,),
    )


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


ROWS = ((1, "KAIST", 2), (1, "", 1), (2, "NA", 1), (2, 'A "B", C\nD', 3))
OTHERS = ((1, "KAIST", 2), (3, "Makerere University", 4), (3, "EPFL", 1))
FIRST = year(*ROWS)
SECOND = year(*OTHERS, edition="2026-02-01 sha256:cdcd")


def files(workspace):
    return sorted(path.name for path in workspace.folder.rglob("*") if path.is_file())


def test_a_year_comes_back_as_it_was_put(workspace):
    change, card = workspace.put(FIRST)
    assert change == "added"
    assert (card.entries, card.papers, card.empty, card.authors) == (7, 2, 1, False)
    assert (card.source, card.kind) == ("virtual_site", "conference_site")
    assert (card.edition, card.notes) == ("2026-01-05 sha256:abab", ("A note.",))
    assert (card.inputs, card.history) == ((READ,), ())
    assert workspace.cards() == [card]
    rows = workspace.read("ICML", 2024)
    assert rows["conference"].unique().tolist() == ["ICML"]
    assert rows["year"].unique().tolist() == [2024]
    found = dict(zip(rows["affiliation"], rows["entries"], strict=True))
    assert found == {"KAIST": 2, "": 1, "NA": 1, 'A "B", C\nD': 3}


def test_the_same_edition_again_writes_nothing(workspace):
    _, first = workspace.put(FIRST)
    before = {path: path.stat().st_mtime_ns for path in workspace.folder.rglob("*.*")}
    change, card = workspace.put(year(*ROWS[::-1], edition="2026-01-06 sha256:abab"))
    assert (change, card) == ("unchanged", first)
    after = {path: path.stat().st_mtime_ns for path in workspace.folder.rglob("*.*")}
    assert {p: t for p, t in after.items() if p.suffix in (".csv", ".json")} == {
        p: t for p, t in before.items() if p.suffix in (".csv", ".json")
    }


def test_a_new_edition_replaces_the_old_one_whole_and_leaves_a_note(workspace):
    workspace.put(FIRST)
    change, card = workspace.put(SECOND)
    assert change == "replaced"
    assert workspace.read("ICML", 2024)["affiliation"].tolist() == [
        "KAIST",
        "EPFL",
        "Makerere University",
    ]
    note = card.history[0]
    assert (note.edition, note.entries_before, note.entries_after) == (
        "2026-01-05 sha256:abab",
        7,
        7,
    )
    assert (note.papers_before, note.papers_after) == (2, 2)
    assert note.examples_added == ("Makerere University", "EPFL")  # by weight
    assert (note.affiliations_added, note.affiliations_removed) == (2, 3)
    assert "affiliations +2 -3" in str(note)
    assert len([name for name in files(workspace) if name.endswith(".csv")]) == 1
    _, third = workspace.put(FIRST)
    assert [note.edition for note in third.history] == [FIRST.edition, SECOND.edition]


def test_a_removed_year_is_gone_and_others_stay(workspace):
    workspace.put(FIRST)
    workspace.put(year(*OTHERS, conference="ICLR"))
    assert workspace.remove("ICML", 2024).conference == "ICML"
    assert [card.key for card in workspace.cards()] == [("ICLR", 2024)]
    assert len([name for name in files(workspace) if name.endswith(".csv")]) == 1
    with pytest.raises(YearError, match=r"ICML 2024 is not in the workspace.*there are ICLR 2024"):
        workspace.remove("ICML", 2024)


def test_an_empty_workspace_says_so_and_is_not_made(workspace):
    with pytest.raises(YearError, match="there is nothing yet"):
        workspace.read("ICML", 2024)
    with pytest.raises(YearError, match="there is nothing yet"):
        workspace.remove("ICML", 2024)
    assert workspace.authorships().empty
    assert not workspace.folder.exists()


def test_years_of_several_conferences_come_as_one_table(workspace):
    workspace.put(FIRST)
    workspace.put(year(*OTHERS, conference="NeurIPS", year=2023))
    rows = workspace.authorships()
    assert rows.groupby(["conference", "year"])["entries"].sum().to_dict() == {
        ("ICML", 2024): 7,
        ("NeurIPS", 2023): 7,
    }
    assert set(workspace.authorships([("ICML", 2024)])["conference"]) == {"ICML"}


def test_names_of_authors_stay_where_they_were_asked_for(workspace):
    workspace.put(year((1, "KAIST", 1), (1, "KAIST", 1), author=["A", "B"]))
    assert workspace.read("ICML", 2024, authors=True)["author"].tolist() == ["A", "B"]
    plain = workspace.read("ICML", 2024)
    assert "author" not in plain.columns
    assert plain["entries"].tolist() == [2]


def test_an_altered_table_is_not_used_and_can_be_mended(workspace):
    workspace.put(FIRST)
    [stored] = (workspace.folder / "years").glob("*.csv")
    stored.write_text(stored.read_text().replace("KAIST", "EPFL"))
    with pytest.raises(WorkspaceError, match=r"altered or truncated.*remove-year ICML 2024"):
        workspace.read("ICML", 2024)
    change, _ = workspace.put(FIRST)
    assert change == "replaced"
    assert "KAIST" in workspace.read("ICML", 2024)["affiliation"].tolist()


def test_a_missing_table_and_a_broken_card_are_named(workspace):
    workspace.put(FIRST)
    [stored] = (workspace.folder / "years").glob("*.csv")
    stored.unlink()
    with pytest.raises(WorkspaceError, match=r"cannot be read.*caraml add-year ICML 2024"):
        workspace.read("ICML", 2024)
    for broken in ("{", "[]", '{"format": 1}', '{"format": 2}'):
        (workspace.folder / "years/icml-2024.json").write_text(broken)
        with pytest.raises(WorkspaceError, match=r"icml-2024.json: is not a card"):
            workspace.cards()


def test_conferences_with_odd_names_stay_in_the_folder_and_apart(workspace):
    names = ["../../etc", "My Workshop", "my-workshop", "研究会", "ICML", "x" * 300]
    for number, name in enumerate(names, start=1):
        workspace.put(year((1, "KAIST", number), conference=name))
    assert {card.conference: card.entries for card in workspace.cards()} == {
        name: number for number, name in enumerate(names, start=1)
    }
    outside = [path for path in workspace.folder.parent.iterdir() if path != workspace.folder]
    assert outside == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (year(), "no entries. Nothing was added"),
        (year((1, "KAIST", -1)), "column 'entries' holds -1"),
        (year((1, "KAIST", 0)), "a row without entries"),
    ],
)
def test_a_wrong_table_is_refused_and_the_old_year_stays(workspace, wrong, message):
    workspace.put(SECOND)
    with pytest.raises(TableError, match=message):
        workspace.put(wrong)
    assert workspace.card("ICML", 2024).papers == 2


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match=r"cannot be written.*--workspace"):
        Workspace(tmp_path / "file" / "below").put(FIRST)


def test_a_lock_that_cannot_be_made_is_named(workspace):
    (workspace.folder / ".lock").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match=r"cannot be locked or written .*--workspace"):
        workspace.put(FIRST)


def test_a_full_disk_names_the_option_of_the_workspace_and_leaves_the_old_year(workspace):
    workspace.put(FIRST)
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    large = year(*((paper, "KAIST", 1) for paper in range(100_000)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, allowed[1]))  # room for the lock only
    try:
        with pytest.raises(WorkspaceError, match=r"cannot be written \(File too large\)") as error:
            workspace.put(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert "--workspace" in str(error.value)
    assert "--output" not in str(error.value)
    assert workspace.read("ICML", 2024)["entries"].sum() == workspace.card("ICML", 2024).entries
    assert workspace.put(FIRST)[0] == "unchanged"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_names_the_option_of_the_workspace(workspace):
    workspace.put(FIRST)
    years = workspace.folder / "years"
    years.chmod(0o500)
    try:
        with pytest.raises(WorkspaceError, match="--workspace") as error:
            workspace.put(SECOND)
    finally:
        years.chmod(0o700)
    assert "--output" not in str(error.value)


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("CARAML_WORKSPACE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Workspace().folder == tmp_path / "caraml_analysis"
    monkeypatch.setenv("CARAML_WORKSPACE", str(tmp_path / "mine"))
    assert Workspace().folder == tmp_path / "mine"


def start_writer(folder, first, step, rounds):
    arguments = map(str, (folder, first, step, rounds))
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    return process


def whole(workspace):
    """Read the year and say which edition it is; its rows must all be of that edition."""
    card = workspace.card("ICML", 2024)
    rows = workspace.read("ICML", 2024)
    edition = int(card.edition)
    assert rows["affiliation"].unique().tolist() == [f"Lab {edition}"]
    assert len(rows) == card.entries == 1000 + edition
    return edition


def test_two_writers_and_a_reader_do_not_disturb_each_other(workspace):
    writers = [start_writer(workspace.folder, first, 2, 15) for first in (0, 1)]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if workspace.cards():
            # the edition may change between card and table, never within one of them
            rows = workspace.read("ICML", 2024)
            [text] = rows["affiliation"].unique()
            assert len(rows) == 1000 + int(text.removeprefix("Lab "))
            seen.add(text)
    for writer in writers:
        assert writer.wait() == 0, writer.stderr.read().decode()
    assert len(seen) > 1
    assert whole(workspace) in (28, 29)
    # every replacement is noted: no writer overlooked the other one
    assert len(workspace.card("ICML", 2024).history) == 29


def test_a_kill_at_any_moment_leaves_a_whole_year_and_no_lock(workspace):
    chance = random.Random(4)
    previous = -1
    for number in range(6):
        writer = start_writer(workspace.folder, 1000 * number, 1, 1000)
        time.sleep(chance.uniform(0.02, 0.2))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        if workspace.cards():
            edition = whole(workspace)
            assert edition >= previous
            previous = edition
    assert previous >= 0
    start = time.monotonic()
    change, _ = workspace.put(FIRST)
    assert change == "replaced"
    assert time.monotonic() - start < 5
    # what the killed left behind is swept up
    assert len(files(workspace)) - len([f for f in files(workspace) if f.startswith(".lock")]) == 2
