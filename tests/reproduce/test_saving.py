"""Saved figures: four files, traceable, the same bytes every time."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.errors import CaramlError, OutputError, UsageError
from caraml_analysis.reproduce.figures import FIGURES, figure
from caraml_analysis.reproduce.manifest import explain, sha256_of, write_manifest
from caraml_analysis.reproduce.saving import table_csv


@pytest.fixture
def saved(tmp_path):
    return {path.suffix: path for path in figure("fig4_renewables").save(tmp_path / "figures")}


def test_a_figure_is_saved_with_table_and_sidecar(saved):
    assert set(saved) == {".svg", ".png", ".csv", ".json"}
    sidecar = json.loads(saved[".json"].read_text())
    assert sidecar["function"] == "caraml_analysis.reproduce.figures.renewable_shares"
    assert sidecar["notebook"] == "fig4_renewables.ipynb"
    assert sidecar["parameters"] == {"measure": "capacity"}
    cards = {card["file"]: card["sha256"] for card in sidecar["inputs"]}
    assert (
        cards["reference/irena_regions.csv"] == registry.card("reference/irena_regions.csv").sha256
    )
    for ending in (".svg", ".png", ".csv"):
        assert sidecar["outputs"][saved[ending].name] == sha256_of(saved[ending])


@pytest.mark.parametrize("name", ["fig1_compute", "fig4_renewables", "fig6_pareto"])
def test_the_same_inputs_give_the_same_bytes(name, tmp_path):
    first = figure(name).save(tmp_path / "a")
    second = figure(name).save(tmp_path / "b")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_an_output_folder_that_cannot_be_made_is_an_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError, match=r"cannot be written.*--output"):
        figure("fig4_renewables").save(blocked / "figures")


def test_why_names_inputs_function_notebook_and_command(saved):
    text = explain(saved[".svg"])
    for part in (
        "reproduce.figures.renewable_shares",
        "notebooks/fig4_renewables.ipynb",
        "caraml figure fig4_renewables",
        "data/reference/irena_regions.csv",
        "measure = capacity",
    ):
        assert part in text
    assert "WARNING" not in text


def test_why_puts_parameters_into_words(tmp_path):
    parameters = {
        "runs": {"one": {"grid_year": 2024, "pue": ""}, "two": {"grid_year": 2023, "pue": "1.1"}},
        "caps_t_co2e": [10, 100],
        "sha256": "ab" * 32,
    }
    table = pd.DataFrame({"a": [1]})
    files = ca.save_figure(
        plt.figure().add_subplot(), "mine", data=table, parameters=parameters, folder=tmp_path
    )
    lines = explain(files[0]).splitlines()
    assert [line for line in lines if "parameter" in line] == [
        "  parameter  runs = one: grid year 2024",
        "  parameter  runs = two: grid year 2023, pue 1.1",
        "  parameter  caps t co2e = 10, 100",
        "  parameter  sha256 = abababababab…",
    ]
    # what nobody told is not shown as an empty line
    assert not any(word in "\n".join(lines) for word in ("notebook", "made by", "again with"))


def test_why_sees_that_a_file_was_changed(saved):
    saved[".svg"].write_text("<svg/>")
    assert "changed after it was written" in explain(saved[".svg"])


def test_why_without_sidecar_or_file(saved, tmp_path):
    saved[".json"].unlink()
    with pytest.raises(UsageError, match="has no sidecar"):
        explain(saved[".svg"])
    with pytest.raises(UsageError, match="no such file"):
        explain(tmp_path / "nothing.svg")


def test_the_manifest_covers_outputs_and_inputs(saved):
    folder = saved[".svg"].parent
    manifest = json.loads(write_manifest(folder, seconds=1.0, parameters={}).read_text())
    assert set(manifest["outputs"]) == {path.name for path in saved.values()}
    assert set(manifest["inputs"]) == set(registry.cards())
    again = json.loads(write_manifest(folder, seconds=2.0, parameters={}).read_text())
    assert {k: v for k, v in manifest.items() if k != "run"} == {
        k: v for k, v in again.items() if k != "run"
    }


def test_users_can_save_their_own_figures(tmp_path):
    table = ca.load_renewable_shares("generation")
    ax = ca.plot_renewable_shares(table)
    files = ca.save_figure(ax, "mine", data=table, function="mine.draw", folder=tmp_path)
    assert json.loads(files[-1].read_text())["function"] == "mine.draw"


def test_tables_are_written_with_ten_digits_and_linefeeds():
    assert table_csv(pd.DataFrame({"a": [1 / 3]})) == "a\n0.3333333333\n"


def test_an_unknown_figure_says_which_exist():
    with pytest.raises(CaramlError, match="no figure 'fig9'; there are fig1_compute"):
        figure("fig9")


def test_a_figure_names_only_its_own_inputs_whatever_was_read_before(tmp_path):
    registry.read_bytes("diagrams/awareness_quadrants.csv")
    for name in ("training_emissions_map", "training_emissions"):
        figure(name).save(tmp_path)
    sidecars = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    read = {
        name: {card["file"] for card in sidecar["inputs"]} for name, sidecar in sidecars.items()
    }
    assert read["training_emissions"] == {
        *("carbon/runs.csv", "carbon/accelerators.csv", "reference/top500.csv"),
        *("reference/grid_intensity.csv", "reference/income_groups.csv"),
    }
    outline = {"reference/world_outline.geojson"}
    assert read["training_emissions_map"] == read["training_emissions"] | outline


def test_every_figure_has_its_notebook():
    from caraml_analysis.reproduce.notebooks import NOTEBOOKS

    assert {known.notebook for known in FIGURES.values()} <= set(NOTEBOOKS)
