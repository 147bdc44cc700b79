"""Fetched editions in analyses and figures: only where they are named, and then said everywhere."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.errors import UsageError, YearError
from caraml_analysis.reproduce import compute_figures, compute_tables
from caraml_analysis.reproduce.drift import figures_moved
from caraml_analysis.reproduce.figures import compute_map, figure
from caraml_analysis.sources import editions, refreshing
from caraml_analysis.sources.credits import CREDITS, credit
from tests.upstreams import oghist, top500_systems, top500_workbook


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registry, "_scopes", [registry.Inputs()])


def from_file(name, content, file, edition=None):
    file.write_bytes(content)
    return refreshing.refresh(name, refreshing.Request(edition, (file,)))


@pytest.fixture
def new_list(tmp_path):
    """Return the list of November 2025, fetched and not kept yet: 500 systems in five countries."""
    systems = top500_systems("2025-11", first=2_000_000.0)
    content = top500_workbook("2025-11", systems=systems)
    return from_file("top500", content, tmp_path / "TOP500_202511.xlsx", "2025-11")


@pytest.fixture
def kept(new_list, tmp_path):
    new_list.keep()
    from_file("income_groups", oghist(shift=1), tmp_path / "OGHIST.xlsx").keep()
    return new_list


def note_of(drawing):
    return " ".join(" ".join(text.get_text().split()) for text in drawing.axes.figure.texts)


# --- analyses -----------------------------------------------------------------------------------


def test_a_fetched_list_can_be_named_in_every_function_of_one_list(kept):
    panel = ca.country_panel(["2024-11", "2025-11"])
    assert set(panel["edition"]) == {"2024-11", "2025-11"}
    new = panel[panel["edition"] == "2025-11"]
    assert new["systems"].sum() == 500
    systems = kept.tables["reference/top500_entry.csv"]
    assert new["entry_rmax_tflops"].unique().tolist() == systems["entry_rmax_tflops"].tolist()
    assert ca.lorenz_curves("2025-11")["hosts only"]["amount"].iloc[-1] == 1
    assert ca.double_penalty("2025-11")["systems"].sum() == 500
    assert ca.penalty_panel("2025-11", 2022)["edition"].unique() == ["2025-11"]
    assert len(ca.training_emissions("2025-11")) == 5


def test_a_list_that_was_not_fetched_is_named_with_those_that_exist(kept):
    message = r"no Top500 list '2026-06'; there are 1993-06.*2025-06, 2025-11\. To fetch another"
    with pytest.raises(YearError, match=message):
        ca.country_panel(["2026-06"])


def test_the_entry_level_of_a_fetched_list_is_its_last_system(kept):
    level = ca.load_top500_entry("2025-11")
    systems = top500_systems("2025-11", first=2_000_000.0)
    assert len(level) == 1
    assert level["entry_rmax_tflops"].iloc[0] == pytest.approx(min(s["rmax"] for s in systems))


def test_in_use_it_counts_in_every_analysis_of_all_lists_and_nowhere_else(kept):
    before = ca.compute_history(), ca.compute_inequality(), ca.without_system()
    with ca.using(top500="2025-11"):
        inside = ca.compute_history(), ca.compute_inequality(), ca.without_system()
        assert compute_tables.list_shown() == "2025-11"
        assert "2025-11" in set(ca.penalty_sensitivity(20)["edition"])
    after = ca.compute_history(), ca.compute_inequality(), ca.without_system()
    for old, new, again in zip(before, inside, after, strict=True):
        assert set(new["edition"]) - set(old["edition"]) == {"2025-11"}
        shared = new[new["edition"] != "2025-11"].reset_index(drop=True)
        assert shared.equals(old)
        assert again.equals(old)
    assert compute_tables.list_shown() == compute_tables.EDITION


def test_several_lists_are_added_and_the_last_one_is_shown(kept):
    with ca.using(top500=["2025-11", "2019-11"]):
        assert compute_tables.list_shown() == "2019-11"
        assert len(set(ca.load_top500()["edition"])) == 66


def test_income_groups_in_use_are_those_of_every_function(kept):
    assert ca.load_income_groups()["data_year"].max() == 2024
    with ca.using(income_groups="FY27"):
        assert ca.load_income_groups()["data_year"].max() == 2025
        assert ca.income_class("KEN", 2025).carried_forward is False
        with ca.using(income_groups="FY25"):
            assert ca.income_class("KEN", 2025).data_year == 2023
        newer = ca.hosts_by_edition()["class_now"]
    assert ca.income_class("KEN", 2025).carried_forward is True
    assert newer.equals(ca.hosts_by_edition("FY27")["class_now"])


@pytest.mark.parametrize(
    ("chosen", "error", "message"),
    [
        ({"weather": "2026"}, UsageError, "no source 'weather' with editions; there are top500"),
        ({"irena": ["2024 H2", "2025 H1"]}, UsageError, "2 editions of irena are named"),
        ({"top500": []}, UsageError, "0 editions of top500 are named"),
        ({"population": "2031-01"}, YearError, "no edition '2031-01' of population; there are"),
    ],
)
def test_what_cannot_be_in_use_is_refused_and_nothing_is_in_use(chosen, error, message):
    with pytest.raises(error, match=message), ca.using(**chosen):
        raise AssertionError("never reached")
    assert editions.in_use() == {}


# --- figures ------------------------------------------------------------------------------------


def test_the_command_draws_a_figure_from_fetched_editions_and_says_so(kept, run_cli, tmp_path):
    named = ("--edition", "top500=2025-11", "--edition", "income_groups=FY27")
    code, out, err = run_cli("figure", "compute_inequality", *named, "--output", tmp_path / "new")
    assert (code, err) == (0, "")
    assert len(out.split()) == 4
    sidecar = json.loads((tmp_path / "new/compute_inequality.json").read_text())
    assert sidecar["command"] == f"caraml figure compute_inequality {' '.join(named)}"
    assert sidecar["parameters"]["editions"] == {"top500": ["2025-11"], "income_groups": ["FY27"]}
    assert sidecar["parameters"]["lorenz_edition"] == "2025-11"
    read = {card["edition"].split(" (")[0] for card in sidecar["inputs"]}
    assert {"2025-11", "FY27"} <= read
    assert "2025-11" in (tmp_path / "new/compute_inequality.csv").read_text()
    # without the name all is as it was
    figure("compute_inequality").save(tmp_path / "usual")
    usual = json.loads((tmp_path / "usual/compute_inequality.json").read_text())
    assert usual["command"] == "caraml figure compute_inequality"
    assert "editions" not in usual["parameters"]
    assert not any("fetched" in card["edition"] for card in usual["inputs"])


def test_an_embedded_edition_can_be_named_too(run_cli, tmp_path):
    code, _, err = run_cli(
        "figure", "fig1_compute", "--edition", "top500=2019-11", "--output", tmp_path
    )
    assert (code, err) == (0, "")
    sidecar = json.loads((tmp_path / "fig1_compute.json").read_text())
    assert sidecar["title"] == "Compute capacity by country, Top500 list 2019-11"
    assert sidecar["parameters"]["editions"] == {"top500": ["2019-11"]}


def test_a_caption_names_every_edition_in_use(kept):
    with ca.using(income_groups="FY27", top500="2025-11"):
        assert credit("emissions").endswith("not clean. Read with income_groups FY27.")
        assert "Read with" not in credit("history")  # it has places for both
    assert "Read with" not in credit("emissions")


def test_a_title_without_one_of_its_own_names_the_editions(tmp_path):
    with ca.using(top500="2019-11"), ca.reading():
        top = ca.load_top500("2019-11")
        ca.save_figure(ca.plot_world(top, "rmax_tflops"), "fig1_compute", data=top, folder=tmp_path)
    sidecar = json.loads((tmp_path / "fig1_compute.json").read_text())
    assert sidecar["title"].endswith(", read with top500 2019-11")


@pytest.mark.parametrize("edition", [None, 201911, [2019]])
def test_an_edition_that_is_no_text_is_refused(edition):
    with (
        pytest.raises(UsageError, match="name an edition as a text, such as '2024-11'"),
        ca.using(top500=edition),
    ):
        pass


def test_whoever_replaces_a_figure_of_the_reproduction_is_told(run_cli, monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_FIGURES", str(tmp_path))
    code, _, err = run_cli("figure", "fig1_compute", "--edition", "top500=2019-11")
    assert code == 0
    assert "'caraml figure fig1_compute' makes that again. --output FOLDER keeps both." in err


def test_a_figure_without_income_groups_takes_no_edition_of_them(run_cli, tmp_path):
    code, _, err = run_cli(
        "figure", "fig2_countries", "--edition", "income_groups=FY25", "--output", tmp_path
    )
    assert code == 2
    assert "fig2_countries reads nothing of income_groups FY25" in err


def test_authorship_of_any_years_takes_editions(kept, run_cli, tmp_path):
    code, _, err = run_cli(
        *("figure", "authorship", "--conf", "ICML", "--years", "2017"),
        *("--edition", "income_groups=FY27", "--output", tmp_path / "new"),
    )
    assert (code, err) == (0, "")
    sidecar = json.loads(next((tmp_path / "new").glob("*.json")).read_text())
    assert sidecar["command"].endswith("--years 2017 --edition income_groups=FY27")


@pytest.mark.parametrize(
    ("edition", "code", "message"),
    [
        ("top500=2025-11", 2, "fig4_renewables reads nothing of top500 2025-11.*Nothing was writ"),
        ("population=2026-03", 2, "reads nothing of population 2026-03"),
        ("top500", 2, "'top500': name source and edition, such as --edition top500=2025-11"),
        ("weather=2026", 2, "no source 'weather' with editions"),
        ("irena=2031 H1", 2, "no edition '2031 H1' of irena; there are 2024 H2"),
    ],
)
def test_an_edition_that_would_change_nothing_is_refused(
    kept, run_cli, tmp_path, edition, code, message
):
    found, out, err = run_cli(
        "figure", "fig4_renewables", "--edition", edition, "--output", tmp_path / "new"
    )
    assert (found, out) == (code, "")
    with pytest.raises(UsageError, match=message):
        raise UsageError(err)
    assert not (tmp_path / "new").exists()


def test_the_axes_reach_to_the_newest_list(kept):
    with ca.using(top500="2025-11"):
        history, inequality = compute_figures.history(), compute_figures.inequality()
    panels = [*history.axes.figure.axes, *inequality.axes.figure.axes[1:]]
    assert all(ax.get_xlim() == pytest.approx((1993.4, 2025 + 11 / 12)) for ax in panels)
    usual = compute_figures.history().axes
    assert usual.get_xlim() == pytest.approx((1993.4, 2025.5))


def test_the_drift_report_names_every_figure_of_all_lists(new_list):
    names = ["compute_history", "compute_inequality", "fig1_compute"]
    moved = {one.figure: str(one) for one in figures_moved(new_list.in_place_of_embedded(), names)}
    # figures of one list stay with theirs
    assert set(moved) == {"compute_history", "compute_inequality"}
    assert "1 row new" in moved["compute_inequality"]


# --- captions -----------------------------------------------------------------------------------


def test_the_caption_says_what_was_chosen():
    for make in (compute_figures.penalty, compute_figures.penalty_map):
        note = note_of(make("2019-11", 2018))
        assert "TOP500.org, November 2019;" in note
        assert "Electricity of 2018, generated" in note
        assert "2024" not in note.replace("2026-04", "")
    assert "TOP500.org, June 2025." in note_of(compute_map("2025-06"))


def test_the_caption_says_which_editions_are_in_use(kept):
    with ca.using(top500="2025-11", income_groups="FY27"):
        assert "TOP500.org, November 2025; World Bank income groups FY27 in force" in note_of(
            compute_figures.penalty()
        )
        assert "Top500 list of November 2025;" in note_of(compute_figures.emissions())
        history = compute_figures.history()
    note = note_of(history)
    assert "TOP500.org with the list of November 2025; World Bank income groups FY27." in note
    assert history.title.startswith("Top500 by income group, lists 1993-06 to 2025-11,")
    assert compute_figures.history().title == ""


OTHERS = {
    "irena": ("2026 H2", "© IRENA 2026 (edition 2026 H2)"),
    "grid_intensity": ("2026-11", "(edition 2026-11), life cycle"),
    "population": ("2026-10", "14 codes (edition 2026-10)"),
    "electricity_access": ("2026-12", "access: World Bank, edition 2026-12"),
}


@pytest.mark.parametrize("source", OTHERS)
def test_every_source_can_be_in_use(source):
    edition, words = OTHERS[source]
    files = {
        file: newest_year_again(file)
        for file in registry.cards()
        if file.startswith(f"reference/{source}") and "members" not in file
    }
    editions.store(
        source, edition, files, dict.fromkeys(("publisher", "url", "licence", "made"), "")
    )
    make = (
        compute_figures.emissions
        if source == "grid_intensity"
        else compute_figures.clean_electricity
    )
    with ca.using(**{source: edition}), registry.reading() as inputs:
        drawing = make()
        assert editions.used_by(inputs) == {source: (edition,)}
    assert words in note_of(drawing)
    if source == "irena":
        assert drawing.axes.get_xlim() == (1999.5, 2024.5)
    assert words not in note_of(make())


def newest_year_again(file):
    """Return an embedded table that goes on for a year: as in the one before."""
    table = registry.read_csv(file)
    newest = table[table["year"] == table["year"].max()]
    table = pd.concat([table, newest.assign(year=newest["year"] + 1)])
    return table.to_csv(index=False, lineterminator="\n").encode()


def test_captions_of_the_usual_choices_are_the_credits():
    for name, text in CREDITS.items():
        assert credit(name) == text
        assert "{" not in text.replace("{sources}", "")
    assert f"average of {ca.load_factors().newest_year}" in CREDITS["emissions"]
    assert f"data year {compute_tables.newest_data_year()}," in CREDITS["clean"]


def test_a_caption_without_a_text_or_with_another_choice_is_refused():
    with pytest.raises(UsageError, match="no credit line 'fig9'; there are top500, entries"):
        credit("fig9")
    with pytest.raises(UsageError, match="no choice 'year'; there are list, electricity_year"):
        credit("penalty", year=2018)
