"""Top500, IRENA, grid, population, runs, paper: check figures and clear errors."""

from __future__ import annotations

import pytest

import caraml_analysis as ca
from caraml_analysis.errors import CountryError, TableError, YearError


def test_top500_of_november_2024():
    top = ca.load_top500("2024-11")
    assert len(top) == 40
    assert top["systems"].sum() == 500
    assert top["rmax_tflops"].sum() == pytest.approx(11_723_130.4, abs=0.1)
    assert top["rpeak_tflops"].sum() == pytest.approx(17_697_626.4, abs=0.1)
    assert top["systems_with_power"].sum() == 199
    assert top.iloc[0][["iso3", "systems"]].tolist() == ["USA", 173]


def test_every_list_has_500_systems_in_tflops():
    lists = ca.load_top500().groupby("edition")
    assert lists.ngroups == 65
    assert (lists["systems"].sum() == 500).all()
    totals = lists["rmax_tflops"].sum()
    # the unit changed in June 2017: a factor of 1,000 would show as a jump
    assert totals["2016-11"] < totals["2017-11"] < 2 * totals["2016-11"]
    assert totals["2010-11"] == pytest.approx(43_673, abs=1)


def test_power_is_missing_before_2008_not_zero():
    assert ca.load_top500("2007-11")["power_kw"].isna().all()


def test_an_unknown_list_says_which_exist():
    with pytest.raises(YearError, match=r"no edition 'latest' of top500; there are 1993-06 to"):
        ca.load_top500("latest")


def test_irena_capacity_and_generation():
    capacity = ca.load_renewable_shares().set_index("region")["renewable_pct"]
    assert capacity["Middle East"] == 9.92
    assert capacity["World"] == 43.04
    generation = ca.load_renewable_shares("generation").set_index("region")
    assert generation.loc["South America", "renewable_pct"] == 74.97
    assert (generation["renewable_pct"] + generation["non_renewable_pct"] == 100).all()


def test_an_unknown_measure_says_which_exist():
    with pytest.raises(TableError, match="no measure 'power'; there are capacity and generation"):
        ca.load_renewable_shares("power")


def test_irena_by_year_country_and_income_group():
    regions = ca.load_irena_regions("generation").set_index(["region", "year"])["renewable_pct"]
    assert regions["World", 2022] == 29.07
    assert len(regions) == 10 * 23
    countries = ca.load_irena_countries().set_index("iso3")
    assert countries.loc["LUX", ["renewable", "renewable_pct"]].tolist() == [781.53, 36.03]
    world = ca.load_irena_regions().set_index(["region", "year"])["renewable"]["World", 2023]
    for basis in ("class_of_year", "class_of_2023"):
        groups = ca.load_irena_income_groups("capacity", basis)
        sums = groups.groupby("year")["renewable"].sum()
        assert sums[2023] == pytest.approx(world, rel=0.001)
    with pytest.raises(TableError, match="no class basis 'today'; there are class_of_2023 and"):
        ca.load_irena_income_groups("capacity", "today")


def test_electricity_access_and_per_head():
    access = ca.load_electricity_access().set_index(["iso3", "year"])["access_pct"]
    assert round(access["NGA", 2022], 1) == 60.5
    assert "TWN" not in access.index.get_level_values("iso3")
    per_head = ca.load_electricity_per_head().set_index(["iso3", "year"])
    assert per_head.loc[("TCD", 2022)].tolist() == [21.13, 1.08]
    assert per_head.loc["ISL"].loc[2022].nunique() == 1


def test_grid_intensity():
    assert ca.grid_intensity("DNK", 2023) == 151.96
    assert ca.grid_intensity("us", 2022) == 410.39
    with pytest.raises(YearError, match="no grid intensity of Denmark in 1889; there is 1990 to"):
        ca.grid_intensity("DNK", 1889)
    with pytest.raises(CountryError, match="'ZZ' is not a country code"):
        ca.grid_intensity("ZZ", 2022)


def test_population():
    table = ca.load_population().set_index(["iso3", "year"])["population"]
    assert table["USA", 2022] == 334_017_321
    assert table["NAM", 2022] > 2_000_000


def test_runs_of_the_paper():
    runs = ca.load_runs()
    assert runs.loc["llama-3.1-405b", "accelerator_hours"] == 30_840_000
    assert runs.loc["deepseek-v3", "energy_basis"] == "none"
    assert set(runs["accelerator"].dropna()) <= set(ca.load_accelerators().index)


def test_appendix_a_adds_up():
    table = ca.load_appendix_a()
    parts = table[["high", "upper_middle", "lower_middle", "unknown"]].sum(axis=1)
    assert parts.tolist() == table["entries"].tolist()


def test_paper_numbers_have_unique_ids():
    numbers = ca.load_paper_numbers()
    assert len(numbers) == 87
    assert numbers.index.is_unique


def test_pepr_data_sets():
    table = ca.load_pepr("derma_pt")
    assert len(table) == 131
    assert table["test_accuracy"].between(0, 1).all()
    with pytest.raises(TableError, match="no data set 'mnist'; there are derma, derma_pt, lidc"):
        ca.load_pepr("mnist")
