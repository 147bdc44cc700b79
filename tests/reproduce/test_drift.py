"""Which figures another edition would move: made for real from a copy of the data."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from caraml_analysis import paths, registry
from caraml_analysis.errors import CaramlError
from caraml_analysis.reproduce import drift
from caraml_analysis.reproduce.drift import figures_moved, row_key, tables_moved
from caraml_analysis.reproduce.figures import FIGURES

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
    assert str(moved["fig4_renewables"]) == (
        "fig4_renewables: 2 cells of its table change; renewable_pct by up to 24.2 points "
        "(Africa 2023)"
    )
    assert str(moved["fig1_compute"]).startswith("fig1_compute: can no longer be made (")


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


# --- what names a row, and how much it moved ------------------------------------------------------

KEYS = {
    "fig1_compute": ["iso3"],
    "fig2_income": ["conference", "year", "income_group"],
    "fig2_countries": ["iso3"],
    "fig4_renewables": ["region"],
    "fig6_pareto": ["model"],
    "pepr_fronts": ["model", "dataset"],
    "income_trend": ["conference", "year", "income_group"],
    "compute_history": ["edition", "income_group", "classes"],
    "compute_inequality": ["edition", "curve", "point"],
    "double_penalty": ["iso3"],
    "double_penalty_sensitivity": ["edition", "countries_of", "compute", "clean", "question"],
    "clean_electricity": ["region", "year", "income_group", "measure"],
    "authorship_and_compute": ["iso3", "year", "income_group"],
    "training_emissions": ["iso3"],
    "carbon_agreement": ["run", "quantity"],
}


def plotted(name):
    folder = paths.data_dir().parent / "figures"
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def table(text):
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def moved(old, new):
    found = tables_moved("fig", "A figure", table(old), table(new))
    return found and str(found).removeprefix("fig: ")


@pytest.mark.parametrize(("name", "key"), KEYS.items(), ids=KEYS)
def test_a_row_is_named_by_what_it_is_about_and_never_by_a_class(name, key):
    old = plotted(name)
    assert row_key(old, old, list(old.columns)) == key


def test_every_plotted_table_is_compared_and_equal_to_itself_in_any_order():
    for name, figure in FIGURES.items():
        if figure.in_report:
            old = plotted(name)
            assert tables_moved(name, "", old, old) is None, name
            key, a, b = drift._with_key(old, old, list(old.columns))
            assert not a.duplicated(key).any(), name
            assert len(b) == len(old)
            if key[-1] != drift._ROW:  # where nothing names a row, its place does
                assert tables_moved(name, "", old, old[::-1]) is None, name


def test_another_class_is_one_cell_and_no_row_that_goes_and_comes():
    old = plotted("double_penalty")
    new = old.copy()
    new.loc[new["iso3"].isin(["IRN", "NAM"]), "class_now"] = "high"
    found = tables_moved("double_penalty", "", old, new)
    assert found.cells == 2
    assert str(found) == (
        "double_penalty: 2 cells of its table change; class_now from upper_middle to high "
        "(2 rows, first IRN 2024-11)"
    )


def test_shares_move_by_points_and_other_numbers_by_percent():
    assert moved(
        "iso3,year,share_capacity,energy_kwh\nKEN,2023,0.10,0.5\nUGA,2023,0.50,0.8\n",
        "iso3,year,share_capacity,energy_kwh\nKEN,2023,0.131,0.6\nUGA,2023,0.51,0.8\n",
    ) == (
        "3 cells of its table change; share_capacity by up to 3.1 points (KEN 2023); "
        "energy_kwh by up to 20.0% (KEN 2023)"
    )
    # already in percent; without a unit and between 0 and 1; a small number with a unit
    for column, old, new, words in (
        ("renewable_pct", 40, 42.5, "up to 2.5 points"),
        ("entries_share", 0.001, 0.0012, "up to 0.02 points"),
        ("gini_people", 0.91, 0.94, "up to 3.0 points"),
        ("low", -0.02, 0.05, "up to 7.0 points"),
        ("rmax_share", 0.5, 0.50001, "less than 0.01 points"),
        ("gflops_per_head", 0.5, 0.6, "up to 20.0%"),
        ("systems", 1, 2, "up to 100%"),
    ):
        text = moved(f"iso3,{column}\nKEN,{old}\n", f"iso3,{column}\nKEN,{new}\n")
        assert text == f"1 cell of its table changes; {column} by {words} (KEN)"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0", "12.5", "kwh from 0 to 12.5 (KEN)"),
        ("0.01", "14.145", "kwh from 0.01 to 14.14 (KEN)"),
        ("1", "3", "kwh from 1 to 3 (KEN)"),
        ("", "12.5", "1 value appears"),
        ("12.5", "", "1 value vanishes"),
        ("nan", "3", "1 value appears"),
        ("inf", "3", "kwh from inf to 3 (KEN)"),
        ("3", "inf", "kwh from 3 to inf (KEN)"),
    ],
)
def test_a_change_from_zero_or_nothing_is_no_percentage(old, new, words):
    text = moved(f"iso3,kwh\nKEN,{old}\nUGA,5\n", f"iso3,kwh\nKEN,{new}\nUGA,5\n")
    assert text == f"1 cell of its table changes; {words}"
    more = moved(f"iso3,kwh\nKEN,{old}\nUGA,5\n", f"iso3,kwh\nKEN,{new}\nUGA,6\n")
    for nonsense in ("nan%", "inf%", "nan points"):
        assert nonsense not in text + more
    if old == "0":
        assert "kwh by up to 20.0% (UGA)" in more


def test_rows_that_come_or_go_count_with_all_their_cells():
    assert moved("iso3,kwh\nKEN,1\nUGA,2\n", "iso3,kwh\nKEN,1\nTCD,2\nNER,3\n") == (
        "6 cells of its table change; 2 rows new; 1 row gone"
    )
    assert moved("iso3,kwh\nKEN,1\n", "iso3,mwh\nKEN,1\n") == (
        "2 cells of its table change; columns that only one of the two has: kwh, mwh"
    )


def test_a_later_year_is_another_label_and_no_growth():
    text = moved("region,year,mw\nAsia,2023,100\n", "region,year,mw\nAsia,2024,110\n")
    assert text == (
        "2 cells of its table change; mw by up to 10.0% (Asia 2023); year from 2023 to 2024 "
        "(Asia 2023)"
    )


def test_a_text_that_was_missing_is_told_as_none():
    for old, new, words in (("", "low", "from (none) to low"), ("low", "", "from low to (none)")):
        text = moved(f"iso3,class\nKEN,{old}\nUGA,high\n", f"iso3,class\nKEN,{new}\nUGA,high\n")
        assert text == f"1 cell of its table changes; class {words} (KEN)"


def test_rows_that_nothing_names_are_compared_by_their_place():
    text = moved("cap_t,runs\n1,4\n2,4\n", "cap_t,runs\n1,4\n2,5\n")
    assert text == "1 cell of its table changes; runs by up to 25.0% (row 2)"
    text = moved("region,mw\nAsia,4\nAsia,5\n", "region,mw\nAsia,4\nAsia,8\n")
    assert text == "1 cell of its table changes; mw by up to 60.0% (Asia row 2)"


def test_rounding_in_the_last_digit_is_no_change():
    assert moved("iso3,kwh\nKEN,1.000000001\n", "iso3,kwh\nKEN,1.0000000011\n") is None


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_it_says_that_it_works_before_the_slow_part_and_shows_how_far_it_is(monkeypatch):
    monkeypatch.setattr(drift, "_BAR_AFTER_S", 0.0)
    file = "reference/irena_regions.csv"
    changed = replaced(file, "capacity,2023,MW,62065.78,24.25", "capacity,2023,MW,62065.78,25.25")
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr("sys.stderr", stream)
        figures_moved(changed, ["fig4_renewables"])
        said = stream.getvalue()
        assert said.startswith(
            "working out which figures move: 1 made from the embedded edition and from this one"
        )
        assert ("2/2" in said) is stream.isatty()
