"""The report's section on performance per resource unit."""

from __future__ import annotations

import pytest

from caraml_analysis.reproduce.document import to_markdown
from caraml_analysis.reproduce.pepr_section import pepr_blocks, pepr_table


@pytest.fixture(scope="module")
def table():
    return pepr_table()


def test_every_published_score_is_checked(table):
    assert table["models"].sum() == 3 * 4 * 131
    assert table["largest_difference"].max() < 1e-15


def test_the_best_score_is_on_the_front(table):
    assert (table["top_on_front"] >= 1).all()
    assert (table["top_on_front"] < 10).all()


def test_the_section_says_what_the_table_says(table):
    text = to_markdown(pepr_blocks({"pepr_checked": table}))
    assert "the 1,572 scores published" in text
    row = table.query("dataset == 'derma' and score == 'pepr_e'").iloc[0]
    assert f"{row['largest_shift']:.3f}" == "0.063"
    cells = ["derma", "pepr_e", "ese_vovnet19b_dw", "0.734", "halonet50ts", "0.670", "7", "2"]
    assert f"| {' | '.join(cells)} |" in text.replace("\\_", "_")
