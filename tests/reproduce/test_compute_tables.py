"""The compute divide on the embedded data: check figures, fixed sets, and clear errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import tables
from caraml_analysis.analysis.double_penalty import RESAMPLES
from caraml_analysis.analysis.inequality import _gini
from caraml_analysis.errors import TableError, YearError
from caraml_analysis.reproduce import compute_tables
from caraml_analysis.reproduce.compute_section import compute_blocks, compute_report_tables
from caraml_analysis.reproduce.document import Table, to_markdown


def test_classes_of_that_time_and_of_today():
    hosts = ca.hosts_by_edition().set_index(["iso3", "edition"])
    china = hosts.loc["CHN"]
    # upper middle income with data year 2010, published in July 2011
    assert china.loc["2011-06", "class_then"] == "lower_middle"
    assert china.loc["2011-11", "class_then"] == "upper_middle"
    assert set(china["class_now"]) == {"upper_middle"}


def test_november_2024_by_income_group_is_as_checked():
    history = ca.compute_history()
    one = history[(history["edition"] == "2024-11") & (history["classes"] == "then")]
    one = one.set_index("income_group")
    assert one["systems"].to_dict() == {
        "high": 416, "upper_middle": 77, "lower_middle": 7, "low": 0, "unclassified": 0,
    }  # fmt: skip
    assert one.loc["high", "rmax_share"] == pytest.approx(0.961, abs=5e-4)
    assert one["china_systems_share"].sum() == pytest.approx(63 / 500)


def test_the_panel_has_every_host_and_one_set_of_countries():
    panel = ca.country_panel()
    top = ca.load_top500()
    assert panel.groupby("edition")["iso3"].nunique().nunique() == 1
    assert panel["rmax_tflops"].sum() == pytest.approx(top["rmax_tflops"].sum())
    assert panel["systems"].sum() == 65 * 500
    assert (panel["population"] > 0).all()


def test_no_host_is_smaller_than_the_entry_level():
    panel = ca.country_panel()
    hosts = panel[panel["rmax_tflops"] > 0]
    # levels are rounded to six digits, and so are the sums
    assert (hosts["rmax_tflops"] >= hosts["entry_rmax_tflops"] - 1e-6).all()


def test_a_host_without_income_group_is_named():
    hosts = pd.DataFrame({"iso3": ["USA", "SUN"]})
    with pytest.raises(TableError, match="without income group or population: SUN"):
        compute_tables.check_hosts(hosts, ["USA"])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: ca.country_panel(["2025-11"]), "no Top500 list '2025-11'; there are 1993-06"),
        (lambda: ca.training_emissions("2030-06"), "no edition '2030-06' of top500"),
        (lambda: ca.training_emissions(year=2031), "no grid intensity for 2031"),
        (lambda: ca.penalty_panel(year=2040), "no electricity figures for 2040 to 2040"),
    ],
)
def test_a_time_without_data_is_refused(ask, message):
    with pytest.raises(YearError, match=message):
        ask()


def test_usa_holds_half_of_november_2024():
    one = ca.compute_inequality().set_index("edition").loc["2024-11"]
    assert (one["hosts"], one["holders_50"]) == (40, 1)
    assert one["gini_hosts"] < one["gini_countries"]


def test_the_search_for_the_lower_bound_is_fine_enough():
    panel = ca.country_panel(["2024-11"])
    rmax, people = panel["rmax_tflops"].to_numpy(), panel["population"].to_numpy().astype(float)
    entry = panel["entry_rmax_tflops"].iloc[0]
    level = np.geomspace((entry / people).min(), (entry / people).max(), 20_000)
    finest = min(
        _gini(np.where(rmax == 0, np.minimum(entry, one * people), rmax), people) for one in level
    )
    found = ca.compute_inequality().set_index("edition").loc["2024-11", "gini_people_low"]
    assert found == pytest.approx(finest, abs=1e-4)


def test_all_people_of_low_income_countries_live_without_a_listed_system():
    table = ca.without_system().set_index(["edition", "income_group"])
    assert table.loc[("2024-11", "low"), "share_without"] == 1
    people = table.loc["2024-11", "people"]
    assert people.sum() == ca.country_panel(["2024-11"])["population"].sum()


def test_electricity_by_income_group_keeps_one_set():
    table = ca.clean_electricity()
    for by in ("income_group", "region"):
        sets = ca.clean_electricity(by).groupby(by)[["countries", "access_countries"]].nunique()
        assert sets.to_numpy().max() == 1
    high = table[table["income_group"] == "high"].set_index("year")
    assert high.loc[2023, "access_pct"] == pytest.approx(100, abs=0.1)


def test_the_penalty_panel_says_per_head_what_it_says_in_sum():
    panel = ca.penalty_panel()
    usa = panel.set_index("iso3").loc["USA"]
    assert usa["gflops_per_head"] * usa["population"] == pytest.approx(1000 * usa["rmax_tflops"])
    assert usa["renewable_pct"] == pytest.approx(100 * 2808.74 / 12384.83)
    assert usa["income_group"] == "high"


def test_no_column_of_the_double_penalty_stands_there_twice():
    table = ca.double_penalty()
    assert list(table.columns[table.astype(str).T.duplicated()]) == []
    assert {"income_group", "class_now"} < set(table.columns)


def test_the_run_emits_what_its_grid_says():
    newest = ca.training_emissions()
    assert newest["grid_year"].unique() == [ca.load_factors().newest_year]
    assert f"average of {newest['grid_year'].iloc[0]}" in ca.CREDITS["emissions"]
    table = ca.training_emissions(year=2023).set_index("iso3")
    assert table["energy_gwh"].unique() == pytest.approx([21.588])
    assert table.loc["DNK", "t_co2e"] == pytest.approx(21.588e6 * 151.96 / 1e6)
    assert table["t_co2e"].is_monotonic_increasing
    assert len(table) == 40


def test_sensitivity_has_every_choice_once():
    table = ca.penalty_sensitivity(20)
    keys = ["edition", "countries_of", "compute", "clean", "question"]
    assert not table.duplicated(keys).any()
    assert len(table) == (4 + 1) * 2 * len(ca.CLEAN_MEASURES) * 3
    asked = table.dropna(subset=["low", "high"])
    assert (asked["low"] <= asked["high"]).all()


@pytest.mark.parametrize(("edition", "year"), compute_tables._LISTS)
def test_what_is_said_of_intervals_does_not_hang_on_the_seed(edition, year):
    panel = ca.penalty_panel(edition, year)
    panel = panel.assign(low_carbon=-panel["g_co2e_per_kwh"])
    host = panel["rmax_tflops"] > 0
    rich = panel[host & (panel["income_group"] == "high")]
    for clean in ca.CLEAN_MEASURES:
        found = [
            (
                (0.5, ca.host_advantage(host, panel[clean], seed=seed)),
                (0.0, ca.rank_correlation(rich["gflops_per_head"], rich[clean], seed=seed)),
            )
            for seed in (2025, 1, 2)
        ]
        said = [
            [ca.interval_side(one.low, one.high, one.error, nothing) for nothing, one in both]
            for both in found
        ]
        assert said[0] == said[1] == said[2], clean
        for two in zip(*found, strict=True):
            limits = np.array([(one.low, one.high) for _, one in two])
            assert np.ptp(limits, axis=0).max() < 6 * max(one.error for _, one in two)
            assert max(one.error for _, one in two) < 0.006


def test_the_credit_names_the_resamples():
    assert f"({RESAMPLES:,} resamples)" in ca.CREDITS["sensitivity"]


def test_both_shares_of_a_year_add_up():
    for by in ("income_group", "iso3"):
        table = ca.authorship_and_compute(by)
        sums = table.groupby("year")[["entries_share", "rmax_share"]].sum()
        assert np.allclose(sums, 1)


def test_the_section_says_its_caveats_and_fills_its_tables():
    saved = compute_report_tables()
    blocks = compute_blocks(saved)
    text = to_markdown(blocks)
    for words in ("submitted", "neither a lower nor an upper bound", "not a test", "37.3 %"):
        assert words in text
    assert "These are no bounds" in text
    assert "The model card reports 8,930 t, location-based; the grid of the United States" in text
    assert "nan" not in text
    assert sum(isinstance(block, Table) for block in blocks) == 14
    groups = saved["double_penalty_groups"]
    assert set(groups["income_group"]) == {*tables.INCOME_GROUPS, tables.UNCLASSIFIED}


def _tables(blocks, column):
    return [block.rows for block in blocks if isinstance(block, Table) and column in block.rows]


def test_the_report_shows_four_groups_so_that_a_new_class_can_be_seen():
    blocks = compute_blocks(compute_report_tables())
    rmax, systems, power = _tables(blocks, "upper middle, then")
    rmax, systems = rmax.set_index("list"), systems.set_index("list")
    # China's new class of November 2011 moves what it had, and nothing in today's class
    assert rmax.loc["2011-06", ["upper middle, then", "lower middle, then"]].tolist() == [
        "2.7 %", "12.4 %",
    ]  # fmt: skip
    assert rmax.loc["2011-11", ["upper middle, then", "lower middle, then"]].tolist() == [
        "16.0 %", "0.3 %",
    ]  # fmt: skip
    assert systems.loc["2024-11", "China"] == "12.6 %"
    assert power["list"].min() >= "2008-06"


def test_the_report_says_whose_regional_shares_it_shows():
    (regions,) = _tables(compute_blocks(compute_report_tables()), "2022, published by IRENA")
    regions = regions.set_index("IRENA's region")
    published = {"Middle East": "3.41 %", "Europe": "40.47 %", "World": "29.07 %"}
    assert regions.loc[list(published), "2022, published by IRENA"].to_dict() == published
    assert regions.loc["Europe", "renewable share 2023, OWID, members summed"] == "47.8 %"


def test_the_report_says_of_how_many_areas_capacity_is_and_who_writes():
    blocks = compute_blocks(compute_report_tables())
    (capacity,) = _tables(blocks, "areas 2000")
    low = capacity.set_index("group").loc["Low income"]
    assert (low["areas 2000"], low["areas 2023"]) == ("20", "26")
    said = " ".join(ca.renewable_electricity.__doc__.split())
    assert "of low income 20 in 2000 and 26 in 2023" in said
    (authors,) = _tables(blocks, "place by entries")
    for column in ("place by entries", "place by Rmax"):
        places = pd.to_numeric(authors[column])
        assert set(range(1, 11)) <= set(places.dropna())


def test_regions_have_every_irena_area_once_and_the_world_is_their_sum():
    members = ca.load_irena_region_members()
    assert len(members) == members["iso3"].nunique() == 223
    capacity = ca.load_irena_countries("capacity").merge(members, on="iso3")
    sums = capacity.groupby("region")["renewable"].sum()
    published = ca.load_renewable_shares("capacity").set_index("region")["renewable"]
    # Asia's published figure is 7.6 MW above its members
    assert (sums - published.drop("World")).abs().max() < 8
    table = ca.clean_electricity("region").query("year == 2023").set_index("region")
    people = ca.load_population().set_index(["year", "iso3"])["population"][2023]
    outside = people[["BMU", "GIB", "MAC", "SHN"]].sum()  # IRENA does not list them
    assert table["people"].drop("World").sum() + outside == table.loc["World", "people"]
    with pytest.raises(TableError, match="nothing to group by 'continent'"):
        ca.clean_electricity("continent")


def test_the_table_of_inequality_holds_the_points_of_its_curves():
    curves = ca.lorenz_curves("2019-11")
    table = ca.plotted_inequality(curves, ca.compute_inequality(), ca.without_system(), "2019-11")
    lists, points = table[table["curve"].isna()], table.dropna(subset="curve")
    assert lists["edition"].is_unique
    assert lists["without_low"].between(0, 1).all()
    for name, curve in curves.items():
        drawn = points[points["curve"] == name]
        assert drawn[["holders", "amount"]].to_numpy().tolist() == curve.to_numpy().tolist()
