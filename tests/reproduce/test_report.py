"""The report: complete, the same every time, and the same as the committed one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from caraml_analysis.reproduce.document import (
    Bullets,
    Heading,
    Paragraph,
    Picture,
    Table,
    to_html,
    to_markdown,
)
from caraml_analysis.reproduce.figures import FIGURES
from caraml_analysis.reproduce.report import write_report

COMMITTED = Path(__file__).resolve().parent.parent.parent / "figures"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return {path.name: path.read_text(encoding="utf-8") for path in write_report(folder)}


def test_a_fresh_run_leaves_report_and_tables_unchanged(written):
    for name, fresh in written.items():
        committed = (COMMITTED / name).read_text(encoding="utf-8")
        assert fresh == committed, f"figures/{name} is not what 'caraml report' writes"


def test_the_report_has_every_section_and_figure(written):
    for section in (
        "## Appendix A",
        "## Who are the paper's unknowns?",
        "## How much depends on choices",
        "## Carbon figures of section 4 and footnote 2",
        "## The compute divide and clean electricity",
        "### The double penalty",
        "## Every number of the paper",
        "## How right the geocoder is",
        "## Inputs",
    ):
        assert section in written["report.md"]
    for figure in FIGURES.values():
        assert (f"({figure.name}.png)" in written["report.md"]) == figure.in_report
        assert (f'src="{figure.name}.png"' in written["report.html"]) == figure.in_report


def test_markdown_and_html_come_from_the_same_blocks():
    blocks = [
        Heading(2, "A & B"),
        Paragraph("less < more"),
        Bullets(("one", "two")),
        Picture("a.png", "caption"),
        Table(pd.DataFrame({"name": ["x|y", None], "n": ["1", "12.5 %"]})),
    ]
    markdown, page = to_markdown(blocks), to_html(blocks, "title")
    assert "## A & B" in markdown
    assert "<h2>A &amp; B</h2>" in page
    assert "| x\\|y | 1 |" in markdown
    assert '<td class="number">12.5 %</td>' in page
    assert "less &lt; more" in page
    assert "![caption](a.png)" in markdown
