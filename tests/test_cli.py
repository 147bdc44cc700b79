"""The command line: help, exit codes, errors in plain words, nothing half written."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from caraml_analysis.cli import data
from caraml_analysis.geocoding import batch, rules
from caraml_analysis.geocoding.explaining import METHODS

CARAML = [sys.executable, "-m", "caraml_analysis.cli"]
COMMANDS = [
    *("reproduce", "figure", "report", "geocode", "audit", "statement", "why"),
    *("add-year", "unresolved", "remove-year", "years"),
    *("data", "data list", "data check", "data fetch", "data fetch ror", "data refresh"),
    *("carbon", "carbon estimate", "carbon runs", "carbon check"),
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
    assert "4 rows, 4 distinct texts\n  resolved              3   75.0%" in err


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
        ("affiliation\nUniversité\n".encode("latin-1"), [], "line 2: byte 0xe9 is not utf-8"),
        (b"affiliation\nMIT\n", ["--encoding", "klingon"], "no encoding 'klingon'"),
        (b"a,affiliation\n1,MIT\n2,x,y\n", [], "line 3 has 3 fields instead of 2"),
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


def test_geocode_on_several_cores_writes_the_same(authors, tmp_path, run_cli, monkeypatch):
    monkeypatch.setattr(batch, "PART", 1)
    _, one, _ = run_cli("geocode", authors, "--column", "affiliation")
    code, two, err = run_cli("geocode", authors, "--column", "affiliation", "--jobs", 2)
    assert (code, two) == (0, one)
    code, _, err = run_cli("geocode", authors, "--column", "affiliation", "--jobs", 0)
    assert code == 2
    assert "jobs is 0" in err


def test_geocode_takes_overrides_and_names_unused_ones(authors, tmp_path, run_cli):
    mine = tmp_path / "mine.csv"
    mine.write_text("text,country,reason\n=mit,KE,a course\nnever,USA,\n")
    code, out, err = run_cli("geocode", authors, "--column", "affiliation", "--overrides", mine)
    assert code == 0
    assert rows(out)[3]["country"] == "KEN"
    assert rows(out)[3]["evidence"] == 'mine.csv row 2: text "=mit" (a course)'
    assert err.endswith('Overrides that decided nothing:\n  mine.csv row 3: text "never"\n')
    mine.write_text("text,country\nMIT,Mars\n")
    code, out, err = run_cli("geocode", authors, "--column", "affiliation", "--overrides", mine)
    assert (code, out) == (2, "")
    assert "row 2: 'Mars' is not a country code" in err


def test_formulas_are_escaped_only_on_demand(authors, run_cli):
    _, plain, _ = run_cli("geocode", authors, "--column", "affiliation")
    assert rows(plain)[3]["affiliation"] == "=MIT"
    _, safe, _ = run_cli("geocode", authors, "--column", "affiliation", "--escape-formulas")
    assert rows(safe)[3]["affiliation"] == "'=MIT"
    assert rows(safe)[3]["country"] == "USA"


def test_bad_bytes_are_named_by_line_or_replaced(tmp_path, run_cli):
    path = tmp_path / "in.csv"
    path.write_bytes("affiliation\nKAIST\nUniversité de Montréal\n".encode("latin-1"))
    code, _, err = run_cli("geocode", path, "--column", "affiliation", "--output", path)
    assert code == 2
    assert "line 3: byte 0xe9 is not utf-8" in err
    code, _, err = run_cli(
        "geocode", path, "--column", "affiliation", "--encoding-errors", "replace"
    )
    assert code == 0
    assert "2 characters could not be read" in err


def test_other_delimiters_are_read_and_written(tmp_path, run_cli):
    path = tmp_path / "in.tsv"
    path.write_text("id\taffiliation\n1\tKAIST, Daejeon\n")
    code, out, _ = run_cli("geocode", path, "--column", "affiliation", "--delimiter", "\t")
    assert code == 0
    assert out.splitlines()[1].split("\t")[:3] == ["1", "KAIST, Daejeon", "KOR"]


def test_a_parquet_file_stays_parquet(tmp_path, run_cli):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"affiliation": ["KAIST", None]}), path)
    code, _, err = run_cli("geocode", path, "--column", "affiliation", "--output", target)
    assert code == 0
    assert pq.read_table(target)["country"].to_pylist() == ["KOR", None]
    assert "2 rows" in err
    code, _, err = run_cli("geocode", path, "--column", "affiliation")
    assert code == 2
    assert "Give an output whose name ends in .parquet" in err


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "Emory University, Atlanta, Georgia",
            [
                "  answer      United States (USA)",
                "  rule        region: a state or province that fits what else is named",
                "  confidence  0.",
                '  also found  "Emory University" -> organisation Emory University (USA)',
            ],
        ),
        ("Toledo Polytechnic", ["  answer      no country (ambiguous)", "(BRA, ESP"]),
        ("N/A", ["  answer      no country (empty)", "  rule        empty: no text"]),
        ("\x1b[31mMIT\udcff", ["\\x1b[31mMIT\\udcff"]),
        ("=MIT " + "Room 5 " * 100, ["Room 5 R..."]),
    ],
)
def test_a_text_is_explained_for_people(text, lines, run_cli):
    code, out, err = run_cli("geocode", f"--explain={text}")
    assert (code, err) == (0, "")
    for line in lines:
        assert line in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines()[1:])) <= 100


def test_an_explanation_knows_overrides(tmp_path, run_cli):
    mine = tmp_path / "mine.csv"
    mine.write_text("pattern,country,reason\n^guo$,CHN,our colleague\n")
    code, out, _ = run_cli("geocode", "--explain", "Guo", "--overrides", mine)
    assert code == 0
    assert "answer      China (CHN)" in out
    assert "rule        override: a row of your own overrides" in out
    assert 'evidence    mine.csv row 2: pattern "^guo$" (our colleague)' in out


def test_every_rule_has_words_for_its_explanation():
    assert set(rules.METHODS) | {"override", "empty", "none"} <= set(METHODS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give FILE and --column, or one text with --explain"),
        (["in.csv"], "Name it with --column"),
        (["in.csv", "--explain", "MIT"], "give FILE or --explain, not both"),
        (
            ["--explain", "MIT", "--tiers", "embedded,google"],
            "no tier 'google'; there are embedded",
        ),
        (["--explain", "MIT", "--tiers", "embedded,nominatim"], "use --nominatim-user-agent"),
        (["--explain", "MIT", "--tiers", ""], "no tier is given"),
        (["--explain", "MIT", "--nominatim-server", "http://localhost"], "must say who asks"),
        (["--explain", "MIT", "--overrides", "no.csv"], "overrides cannot be read"),
    ],
)
def test_wrong_use_of_geocode_is_told(arguments, message, run_cli):
    code, out, err = run_cli("geocode", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_nominatim_is_asked_under_a_name_that_tells_who(run_cli):
    pytest.importorskip("caraml_analysis.geocoding.nominatim")
    where = ["--nominatim-server", "http://localhost:1/search"]
    code, _, err = run_cli(
        "geocode", "--explain", "MIT", "--nominatim-user-agent", "my-application"
    )
    assert code == 2
    assert "user_agent" in err or "user agent" in err
    code, out, _ = run_cli(
        "geocode", "--explain", "MIT", "--nominatim-user-agent", "study/1.0 (a@uni.ac.ke)", *where
    )
    assert code == 0  # the embedded tables know it: nothing is asked
    assert "United States (USA)" in out


def test_a_terminal_shows_rows_per_second(authors):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    command = [sys.executable, "-m", "caraml_analysis.cli", "geocode", str(authors)]
    subprocess.run(
        [*command, "--column", "affiliation"], stdout=subprocess.PIPE, stderr=theirs, check=True
    )
    os.close(theirs)
    assert " rows/s]" in os.read(ours, 10_000).decode()
    os.close(ours)


@pytest.mark.parametrize(
    ("sent", "to_all", "code"),
    [
        (signal.SIGINT, True, 130),  # as a terminal does: to every process of the command
        (signal.SIGTERM, True, 143),
        (signal.SIGTERM, False, 143),  # as kill does
    ],
)
def test_a_stopped_run_leaves_no_file_and_no_process(sent, to_all, code, tmp_path):
    source = tmp_path / "in.csv"
    with source.open("w") as stream:
        stream.write("affiliation\n")
        stream.writelines(f"Univ. Gweru Room {number}\n" for number in range(400_000))
    command = [*CARAML, "geocode", str(source), "--column", "affiliation", "--jobs", "2"]
    process = subprocess.Popen(
        [*command, "--output", str(tmp_path / "out.csv")],
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    for _ in range(200):  # until the output has been begun
        if len(list(tmp_path.iterdir())) > 1 or process.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(1)
    if to_all:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "stopped. Files that were written are whole" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    with pytest.raises(ProcessLookupError, match="No such process"):
        os.killpg(process.pid, 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "command", [["geocode", "FILE", "--column", "affiliation"], ["data", "list"]]
)
def test_a_full_standard_output_is_told_in_two_lines(command, authors):
    command = [str(authors) if part == "FILE" else part for part in command]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*CARAML, *command], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("caraml: standard output cannot be written (No space left")
    assert "not whole" in second


def test_a_reader_who_has_gone_is_no_failure(tmp_path):
    (tmp_path / "in.csv").write_text("affiliation\n" + "MIT\n" * 30_000)
    command = [*CARAML, "geocode", str(tmp_path / "in.csv"), "--column", "affiliation"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(30) == 0


def test_an_output_that_is_no_file_is_left_alone(authors, tmp_path, run_cli):
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run_cli(
        "geocode", authors, "--column", "affiliation", "--output", tmp_path / "pipe"
    )
    assert code == 1
    assert "is a pipe" in err
    assert (tmp_path / "pipe").is_fifo()


def test_a_cut_off_file_on_standard_output_says_so(tmp_path, run_cli):
    (tmp_path / "in.csv").write_text('affiliation\nMIT\n"EPFL\n')
    arguments = ("geocode", tmp_path / "in.csv", "--column", "affiliation")
    code, out, err = run_cli(*arguments)
    assert (code, out[:11]) == (2, "affiliation")
    assert "What went to the output so far is not whole" in err
    assert "No output file was written" not in err
    _, out, err = run_cli(*arguments, "--output", tmp_path / "out.csv")
    assert out == ""
    assert "No output file was written" in err


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
    code, out, _ = run_cli("data", "check", "--notes")
    assert code == 0
    assert "BAD" not in out
    assert "error  " not in out
    assert "wins" in out  # who wins a clash
    assert "decides no embedded text" in out


def test_errors_of_the_gazetteer_fail_the_check(tmp_path, monkeypatch, run_cli):
    import hashlib
    import shutil

    from caraml_analysis import paths, registry

    copy = tmp_path / "data"
    shutil.copytree(paths.data_dir(), copy, ignore=shutil.ignore_patterns("builders"))
    table, cards = copy / "geocoding/companies.csv", copy / "registry.toml"
    known = registry.cards()["geocoding/companies.csv"].sha256
    with open(table, "a", encoding="utf-8", newline="") as stream:
        stream.write("Acme,XX,company,,,,,\n")
    fresh = hashlib.sha256(table.read_bytes()).hexdigest()
    cards.write_text(cards.read_text(encoding="utf-8").replace(known, fresh), encoding="utf-8")
    monkeypatch.setenv("CARAML_DATA", str(copy))
    code, out, _ = run_cli("data", "check")
    assert code == 1
    assert "BAD" not in out
    assert 'error  companies.csv, Acme: country "XX"' in out


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

    monkeypatch.setattr(data, "_data_list", interrupted)
    code, _, err = run_cli("data", "list")
    assert code == 130
    assert "whole and kept" in err
