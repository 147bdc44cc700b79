"""The README as written: its code runs, its commands exist, its pictures are there."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

from caraml_analysis.carbon.inputs import FIELDS
from caraml_analysis.cli import build_parser, main

CLONE = Path(__file__).resolve().parent.parent
README = (CLONE / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = sorted(set(re.findall(r"^    (caraml .*?)(?=\s+#|$)", README, flags=re.MULTILINE)))


def test_the_guide_lists_every_field_of_a_run():
    guide = (CLONE / "docs/carbon.md").read_text(encoding="utf-8")
    for field, meaning in FIELDS.items():
        assert f"| `{field}` | {meaning} |" in guide


def test_there_is_code_to_run():
    assert PYTHON
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("code", PYTHON)
def test_python_of_the_readme_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "authors.csv").write_text("affiliation\nMakerere University\n")
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_readme_are_understood(command):
    build_parser().parse_args(shlex.split(command)[1:])


def test_every_command_is_in_the_readme():
    for name in (
        *("reproduce", "figure", "report", "geocode", "audit", "statement", "why", "data"),
        *("add-year", "unresolved", "remove-year", "years", "carbon"),
    ):
        assert f"caraml {name}" in README


def test_make_targets_of_the_documents_exist():
    makefile = (CLONE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    for document in ("README.md", "REPRODUCING.md", "CONTRIBUTING.md"):
        text = (CLONE / document).read_text(encoding="utf-8")
        wanted = set(re.findall(r"(?:^ {4}|`|\n)make ([a-z]+)", text))
        assert wanted <= targets, document


def test_pictures_and_files_that_the_documents_name_exist():
    for document in ("README.md", "REPRODUCING.md", "CONTRIBUTING.md"):
        text = (CLONE / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)", text):
            if not target.startswith("http"):
                assert (CLONE / target).exists(), f"{document}: {target}"


def test_ci_runs_the_readme_test_command():
    script = (CLONE / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in script
    assert "make test" in README


def test_the_lock_pins_everything_with_hashes_and_no_address():
    lock = (CLONE / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", lock, flags=re.MULTILINE)
    assert len(pinned) > 50
    starts = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in starts)
    for name in ("jupyterlab", "pandas", "geopy", "matplotlib", "seaborn", "requests", "pycountry"):
        assert name in pinned


def test_the_targets_are_those_of_the_report():
    """If this fails: ``make readme``."""
    sys.path.insert(0, str(CLONE / "benchmarks"))
    try:
        readme = importlib.import_module("readme")
    finally:
        sys.path.pop(0)
    assert readme.with_targets(README) == README


def test_what_the_steps_end_with_is_what_the_check_says(capsys):
    steps = (CLONE / "REPRODUCING.md").read_text(encoding="utf-8")
    (row,) = (line for line in steps.splitlines() if "caraml data check" in line)
    assert main(["data", "check"]) == 0
    printed = capsys.readouterr().out
    last = printed.splitlines()[-1]
    assert "reviewed rows" in last
    assert "0 errors" in last
    for said in ("reviewed rows", "0 errors", "files are as their cards say"):
        assert said in row
        assert said in printed
    assert not re.search(r"\d+ of \d+", row), "a count that goes stale"


def test_the_sources_of_the_gazetteer_are_cited():
    citation = (CLONE / "CITATION.cff").read_text(encoding="utf-8")
    for url, licence in (("https://ror.org", "CC0-1.0"), ("https://www.geonames.org", "CC-BY-4.0")):
        assert f'url: "{url}"\n    license: {licence}\n' in citation
