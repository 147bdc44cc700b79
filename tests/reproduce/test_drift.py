"""Which figures another edition would move: made for real from a copy of the data."""

from __future__ import annotations

import pytest

from caraml_analysis import registry
from caraml_analysis.errors import CaramlError
from caraml_analysis.reproduce.drift import figures_moved

NAMES = ["fig1_compute", "fig4_renewables", "fig5_base_superstructure"]


def replaced(file, old, new):
    text = registry.read_text(file)
    assert text.count(old) == 1
    return {file: text.replace(old, new).encode()}


def test_only_figures_that_plot_a_changed_value_move_or_can_no_longer_be_made():
    file = "reference/irena_regions.csv"
    changed = replaced(file, "capacity,2023,MW,62065.78,24.25", "capacity,2023,MW,62065.78,48.5")
    table = registry.read_text("reference/top500.csv").splitlines(keepends=True)
    without = [line for line in table if not line.startswith("2024-11,")]
    changed["reference/top500.csv"] = "".join(without).encode()
    moved = {figure.figure: figure for figure in figures_moved(changed, NAMES)}
    assert set(moved) == {"fig1_compute", "fig4_renewables"}
    # the share and its complement; the bar moves up, which is no change
    assert moved["fig4_renewables"].cells == 2
    assert moved["fig4_renewables"].most == pytest.approx(1.0)
    assert str(moved["fig4_renewables"]) == (
        "fig4_renewables: 2 cells of its table change, a number by up to 100.00%"
    )
    assert str(moved["fig1_compute"]).startswith("fig1_compute: ")


def test_a_table_that_breaks_the_figures_is_an_error_and_nothing_is_touched():
    file = "reference/irena_regions.csv"
    before = registry.read_bytes(file)
    with pytest.raises(CaramlError, match=r"could not be made to compare them .*--no-figures"):
        figures_moved({file: b"a,b\n1,2\n"}, ["fig4_renewables"])
    assert registry.read_bytes(file) == before
    with pytest.raises(CaramlError, match="no figure 'fig9'; there are fig1_compute"):
        figures_moved({}, ["fig9"])


def test_a_newer_data_year_moves_the_class_of_today():
    file = "reference/income_groups.csv"
    rows = registry.read_text(file).splitlines()
    assert not any(",2025," in row for row in rows)
    newer = [row.replace(",2024,", ",2025,").replace("upper_middle", "high") for row in rows[1:]]
    newer = [row for row in newer if ",2025," in row]
    content = ("\n".join([*rows, *newer]) + "\n").encode()
    (moved,) = figures_moved({file: content}, ["compute_history"])
    assert moved.figure == "compute_history"
