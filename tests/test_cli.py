"""The command line: help, exit codes, errors in plain words, nothing half written."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest

from caraml_analysis import cli

COMMANDS = [
    *("reproduce", "figure", "report", "geocode", "audit", "why"),
    *("data", "data list", "data check"),
]


@pytest.fixture
def authors(tmp_path):
    path = tmp_path / "authors.csv"
    path.write_text(
        "name,affiliation\n"
        'A,"Makerere University, Kampala"\n'
        "B,None\n"
        'C,"EPFL, ""Lausanne""\nSwitzerland"\n'
        "D,=MIT\n",
        encoding="utf-8",
    )
    return path


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command, run_cli):
    code, out, _ = run_cli(*command.split(), "--help")
    assert code == 0
    assert f"example:\n  caraml {command.split()[0]}" in out


def test_without_a_command_it_is_wrong_use(run_cli):
    code, _, err = run_cli()
    assert code == 2
    assert "COMMAND" in err


def test_geocode_adds_columns_and_keeps_the_others(authors, run_cli):
    code, out, err = run_cli("geocode", authors, "--column", "affiliation")
    assert code == 0
    table = rows(out)
    assert [row["country"] for row in table] == ["UGA", "", "CHE", "USA"]
    assert [row["name"] for row in table] == list("ABCD")
    assert table[2]["affiliation"] == 'EPFL, "Lausanne"\nSwitzerland'
    assert table[1]["status"] == "empty"
    assert "4 rows: 1 empty, 3 resolved" in err


def test_geocode_reads_standard_input(authors):
    done = subprocess.run(
        [sys.executable, "-m", "caraml_analysis.cli", "geocode", "-", "--column", "affiliation"],
        input=authors.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert rows(done.stdout.decode())[0]["country"] == "UGA"


def test_geocode_writes_a_file_whole(authors, tmp_path, run_cli):
    target = tmp_path / "out.csv"
    code, out, _ = run_cli("geocode", authors, "--column", "affiliation", "--output", target)
    assert (code, out) == (0, "")
    assert len(rows(target.read_text(encoding="utf-8"))) == 4


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path, run_cli):
    path = tmp_path / "bom.csv"
    path.write_bytes("affiliation\nKAIST\n".encode("utf-8-sig"))
    code, out, _ = run_cli("geocode", path, "--column", "affiliation")
    assert code == 0
    assert rows(out)[0]["country"] == "KOR"


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"name,place\na,b\n", [], "no column 'affiliation' (found name, place)"),
        (b"", [], "is empty. Nothing was written."),
        (b"affiliation,country\nMIT,x\n", [], "already has the column country"),
        ("affiliation\nUniversité\n".encode("latin-1"), [], "Name its encoding"),
        (b"affiliation\nMIT\n", ["--encoding", "klingon"], "no encoding 'klingon'"),
        (b"a,affiliation\n1,MIT\n2,x,y\n", [], "row 3 has 3 fields instead of 2"),
    ],
)
def test_bad_files_are_wrong_use_and_nothing_is_written(
    content, arguments, message, tmp_path, run_cli
):
    path, target = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_bytes(content)
    code, _, err = run_cli(
        "geocode", path, "--column", "affiliation", "--output", target, *arguments
    )
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert not target.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv"]


def test_a_clash_of_names_is_solved_with_a_prefix(tmp_path, run_cli):
    path = tmp_path / "in.csv"
    path.write_text("affiliation,country\nMIT,?\n")
    code, out, _ = run_cli("geocode", path, "--column", "affiliation", "--prefix", "geo_")
    assert code == 0
    assert rows(out)[0]["geo_country"] == "USA"
    assert rows(out)[0]["country"] == "?"


def test_a_missing_file_is_wrong_use(tmp_path, run_cli):
    code, _, err = run_cli("geocode", tmp_path / "no.csv", "--column", "a")
    assert code == 2
    assert "no such file. Nothing was written" in err


def test_latin1_is_read_when_named(tmp_path, run_cli):
    path = tmp_path / "in.csv"
    path.write_bytes("affiliation\nUniversité de Montréal\n".encode("latin-1"))
    code, out, _ = run_cli("geocode", path, "--column", "affiliation", "--encoding", "latin-1")
    assert code == 0
    assert rows(out)[0]["country"] == "CAN"


def test_large_files_stream_through_in_chunks(tmp_path, run_cli, monkeypatch):
    monkeypatch.setattr(cli, "CHUNK_ROWS", 3)
    path = tmp_path / "in.csv"
    path.write_text("affiliation\n" + "KAIST\nEPFL\n" * 5)
    code, out, _ = run_cli("geocode", path, "--column", "affiliation")
    assert code == 0
    assert [row["country"] for row in rows(out)] == ["KOR", "CHE"] * 5


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.csv"
    path.write_text(
        'affiliation,country\n"Makerere University, Kampala",UG\nUniversity of Namibia,NA\nEPFL,\n',
        encoding="utf-8",
    )
    return path


def test_audit_prints_tables_and_writes_files(labelled, tmp_path, run_cli):
    written = {kind: tmp_path / f"out.{kind}" for kind in ("json", "csv", "rows")}
    options = [part for kind, path in written.items() for part in (f"--{kind}", path)]
    code, out, _ = run_cli("audit", labelled, *options)
    assert code == 0
    assert "3 texts (column 'affiliation')" in out
    assert "66.7 %" in out
    assert all(path.stat().st_size for path in written.values())
    assert [row["right"] for row in rows(written["rows"].read_text())] == ["True", "True", "False"]


def test_audit_names_what_is_wrong_and_exits_with_2(labelled, tmp_path, run_cli):
    for arguments, message in (
        (["--label", "nation"], "no column 'nation' (found affiliation, country)"),
        (["--text", "nation"], "no column 'nation' (found affiliation, country)"),
        (["--year", "1900"], "no income groups for data year 1900"),
        (["--where", "country=FR"], "no row to measure is left by --where"),
    ):
        code, out, err = run_cli("audit", labelled, *arguments)
        assert (code, out) == (2, "")
        assert message in err
    labelled.write_text("affiliation,country\nEPFL,CHE\nEPFL,Narnia\n")
    code, _, err = run_cli("audit", labelled)
    assert code == 2
    assert "row 3: label 'Narnia'" in err
    labelled.write_text("")
    code, _, err = run_cli("audit", labelled)
    assert (code, "is empty" in err) == (2, True)
    code, _, err = run_cli("audit", tmp_path / "none.csv")
    assert (code, "no such file" in err) == (2, True)


def test_audit_reads_standard_input(labelled):
    done = subprocess.run(
        [sys.executable, "-m", "caraml_analysis.cli", "audit", "-", "--match", "exact"],
        input=labelled.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert "right by the criterion 'exact'" in done.stdout.decode()


def test_figures_are_listed(run_cli):
    code, out, _ = run_cli("figure", "--list")
    assert code == 0
    assert "fig1_compute" in out


def test_a_figure_is_made_and_explained(tmp_path, run_cli):
    code, out, _ = run_cli("figure", "fig4_renewables", "--output", tmp_path)
    assert code == 0
    assert len(out.split()) == 4
    code, out, _ = run_cli("why", tmp_path / "fig4_renewables.svg")
    assert code == 0
    assert "reference/irena_regions.csv" in out


def test_an_unknown_figure_is_wrong_use(run_cli):
    code, _, err = run_cli("figure", "fig9")
    assert code == 2
    assert "there are fig1_compute" in err


def test_an_output_that_cannot_be_written_is_a_failure(tmp_path, run_cli):
    (tmp_path / "file").write_text("")
    code, _, err = run_cli("figure", "fig4_renewables", "--output", tmp_path / "file")
    assert code == 1
    assert "cannot be written" in err


def test_data_are_listed_and_checked(run_cli):
    code, out, _ = run_cli("data", "list")
    assert code == 0
    assert "reference/top500.csv" in out
    code, out, _ = run_cli("data", "check")
    assert code == 0
    assert "BAD" not in out


def test_altered_data_fail_the_check(tmp_path, monkeypatch, run_cli):
    import shutil

    from caraml_analysis import paths

    copy = tmp_path / "data"
    shutil.copytree(paths.data_dir(), copy, ignore=shutil.ignore_patterns("builders"))
    (copy / "reference/top500.csv").write_text("edition\n")
    monkeypatch.setenv("CARAML_DATA", str(copy))
    code, out, _ = run_cli("data", "check")
    assert code == 1
    assert "altered or truncated" in out
    code, _, err = run_cli("figure", "fig1_compute", "--output", tmp_path)
    assert code == 1
    assert "git checkout data" in err


def test_debug_shows_the_traceback(run_cli):
    from caraml_analysis.errors import UsageError

    with pytest.raises(UsageError, match="no figure"):
        run_cli("--debug", "figure", "fig9")
    with pytest.raises(UsageError, match="no figure"):
        run_cli("figure", "fig9", "--debug")


def test_ctrl_c_says_what_is_kept(monkeypatch, run_cli):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_data_list", interrupted)
    code, _, err = run_cli("data", "list")
    assert code == 130
    assert "whole and kept" in err
