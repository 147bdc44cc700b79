"""Notebooks: none forgotten, none with outputs, all run anywhere and write what is committed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from caraml_analysis import paths
from caraml_analysis.errors import NotebookError
from caraml_analysis.reproduce.figures import FIGURES
from caraml_analysis.reproduce.notebooks import NOTEBOOKS, execute, execute_all

#: Thresholds and parts of words, not findings.
ALLOWED_NUMBERS = {
    "authorship_and_compute.ipynb": {"1"},
    "compute_inequality.ipynb": {"90", "99"},
}
compute_figures = "caraml_analysis.reproduce.compute_figures"

CLONE = Path(__file__).resolve().parent.parent


def test_the_list_names_every_notebook():
    found = {path.name for path in paths.notebooks_dir().glob("*.ipynb")}
    assert found == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_stripped_and_read_like_articles(name):
    notebook = json.loads((paths.notebooks_dir() / name).read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    for part in ("**Question.**", "**Data.**", "**What it says.**", "**What it cannot say.**"):
        assert part in text, f"{name}: no {part}"
    assert "../" not in text, f"{name}: a relative path"


@pytest.mark.parametrize(
    "name",
    sorted({one.notebook for one in FIGURES.values() if one.make.__module__ == compute_figures}),
)
def test_findings_and_caveats_of_the_compute_divide_type_no_number(name):
    # years and editions are choices; what is counted or measured comes from the tables
    cells = json.loads((paths.notebooks_dir() / name).read_text(encoding="utf-8"))["cells"]
    said = [text for cell in cells if "**What it" in (text := "".join(cell["source"]))]
    assert len(said) == 2
    for text in said:
        words = re.sub(r"\{.*?\}", "", text.split("**What it")[1])
        typed = set(re.findall(r"(?<!\w)\d[\d.,]*(?<![.,])", words))
        allowed = {number for number in typed if re.fullmatch(r"(19|20)\d\d", number)}
        assert typed - allowed <= ALLOWED_NUMBERS.get(name, set())


def test_the_guide_shows_what_to_read_first():
    path = paths.notebooks_dir() / "geocode_your_data.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    last = next(number for number, source in enumerate(code) if "unsure" in source)
    names: dict = {}
    for source in code[: last + 1]:
        exec(compile(source, path.name, "exec"), names)
    unsure = names["unsure"]
    assert "headquarters" in set(unsure["method"])
    assert (unsure["confidence"] < 0.95).any()
    assert unsure["country"].notna().all()
    assert 0 < len(unsure) < len(names["located"])


@pytest.fixture(scope="module", params=["clone", "elsewhere"])
def executed(request, tmp_path_factory):
    """Execute all notebooks from one of two working directories, in real kernels."""
    monkeypatch = pytest.MonkeyPatch()
    output = tmp_path_factory.mktemp("executed")
    figures = tmp_path_factory.mktemp("figures")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(CLONE if request.param == "clone" else elsewhere)
    try:
        done = list(execute_all(output, figures))
    finally:
        monkeypatch.undo()
    assert not any(elsewhere.iterdir()), "a notebook wrote into its working directory"
    return done, figures


@pytest.mark.slow
def test_every_notebook_runs(executed):
    done, _ = executed
    assert sorted(notebook.name for notebook in done) == sorted(NOTEBOOKS)
    for notebook in done:
        assert notebook.html.stat().st_size > 10_000
        assert '"output_type": "error"' not in notebook.notebook.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_notebooks_write_the_committed_tables(executed):
    _, figures = executed
    for name in FIGURES:
        fresh = (figures / f"{name}.csv").read_text(encoding="utf-8")
        committed = (CLONE / "figures" / f"{name}.csv").read_text(encoding="utf-8")
        assert fresh == committed, f"figures/{name}.csv is not what its notebook writes"


@pytest.fixture(scope="module")
def commanded(tmp_path_factory):
    """Draw every figure as ``caraml figure`` does, without its notebook."""
    folder = tmp_path_factory.mktemp("commanded")
    for one in FIGURES.values():
        one.save(folder)
        plt.close("all")
    return folder


@pytest.mark.slow
def test_notebook_and_command_write_the_same_files(executed, commanded):
    _, figures = executed
    for name in FIGURES:
        for ending in ("csv", "json", "svg", "png"):
            file = f"{name}.{ending}"
            assert (figures / file).read_bytes() == (commanded / file).read_bytes(), file


@pytest.mark.slow
def test_a_failing_notebook_names_its_error(tmp_path, monkeypatch):
    import nbformat

    cells = [nbformat.v4.new_code_cell("import caraml_analysis as ca\nca.load_top500('latest')")]
    broken = nbformat.v4.new_notebook(cells=cells)
    (tmp_path / "broken.ipynb").write_text(nbformat.writes(broken))
    monkeypatch.setattr(paths, "notebooks_dir", lambda: tmp_path)
    with pytest.raises(NotebookError, match=r"broken\.ipynb: a cell stopped with YearError: no"):
        execute("broken.ipynb", tmp_path / "out")
    assert not (tmp_path / "out").exists()
