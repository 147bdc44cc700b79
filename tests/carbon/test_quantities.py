"""Quantities: units convert, kinds do not mix, columns stay columns, nonsense is refused."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from caraml_analysis.carbon.quantities import (
    KINDS,
    AcceleratorHours,
    Emissions,
    Energy,
    Intensity,
    NodeHours,
    Power,
    Water,
    WaterIntensity,
    read_number,
    significant,
)
from caraml_analysis.errors import UnitError


def location(value, unit):
    return Intensity(value, unit, accounting="location")


def test_llama_405b_in_quantities():
    energy = AcceleratorHours(30.84e6) * Power(700, "W")
    assert energy.to("GWh") == pytest.approx(21.588, rel=1e-12)
    emissions = Emissions(8930, "t", accounting="location")
    assert (emissions / energy).to("g/kWh") == pytest.approx(413.656, abs=5e-4)
    assert (energy * location(0.41366, "kg/kWh")).to("t") == pytest.approx(8930.1, abs=0.1)


@pytest.mark.parametrize(
    ("quantity", "unit", "number"),
    [
        (Energy(1, "MWh"), "kWh", 1000),
        (Power(1.5, "kW"), "W", 1500),
        (AcceleratorHours(2, "d"), "h", 48),
        (location(0.4, "kg/kWh"), "t/GWh", 400),
        (Emissions(3, "kt", accounting="market"), "kg", 3e6),
        (Water(892, "m3"), "L", 892_000),
    ],
)
def test_units_of_a_kind_convert(quantity, unit, number):
    assert quantity.to(unit) == pytest.approx(number)


def test_the_way_back_gives_what_went_in():
    energy, hours, power = Energy(500, "MWh"), AcceleratorHours(1e6), Power(500, "W")
    assert (energy / hours).to("W") == pytest.approx(500)
    assert (energy / power).to("h") == pytest.approx(1e6)
    assert Energy(3, "MWh") / Energy(2, "MWh") == pytest.approx(1.5)
    assert (energy * WaterIntensity(3.1, "L/kWh")).to("m3") == pytest.approx(1550)
    assert (power * hours).to("MWh") == pytest.approx(500)


@pytest.mark.parametrize("column", [pd.Series([1.0, np.nan, 3.0], index=list("abc")), np.ones(2)])
def test_a_column_stays_a_column(column):
    energy = AcceleratorHours(column) * Power(400, "W")
    assert type(energy.to("kWh")) is type(column)
    pd.testing.assert_series_equal(pd.Series(energy.to("kWh")), pd.Series(column * 0.4))


def test_a_column_does_not_take_a_quantity_apart():
    for column in (np.array([1.0, 2.0]), pd.Series([1.0, 2.0])):
        assert (column * Energy(2, "kWh")).to("kWh").tolist() == [2.0, 4.0]
        assert (Energy(2, "kWh") * column).to("kWh").tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    "mixed",
    [
        lambda: Energy(1, "kWh") + Power(1, "W"),
        lambda: Energy(1, "kWh") < AcceleratorHours(1),
        lambda: Energy(1, "kWh") == Power(1, "W"),
        lambda: AcceleratorHours(1) + NodeHours(1),
    ],
)
def test_kinds_do_not_mix(mixed):
    with pytest.raises(UnitError, match="different kinds of quantity"):
        mixed()


def test_node_hours_are_no_accelerator_hours():
    with pytest.raises(UnitError, match="how many accelerators a node holds"):
        NodeHours(274_120) * Power(189.43, "W")
    hours = NodeHours(274_120).accelerator_hours(8)
    assert (hours * Power(189.43, "W") * 1.58).to("MWh") == pytest.approx(656.35, abs=0.01)
    with pytest.raises(UnitError, match="at least 1"):
        NodeHours(1).accelerator_hours(0)


def test_accounting_methods_are_neither_added_nor_compared():
    by_location = Emissions(8930, "t", accounting="location")
    by_market = Emissions(0, "t", accounting="market")
    with pytest.raises(UnitError, match="as location and as market cannot be added"):
        by_location + by_market
    with pytest.raises(UnitError, match="cannot be compared"):
        _ = by_market < by_location
    assert (by_location + by_location).accounting == "location"
    with pytest.raises(UnitError, match="accounting is 'offset'"):
        Emissions(1, "t", accounting="offset")


def test_a_unit_of_another_kind_is_named():
    with pytest.raises(UnitError, match="'kWh' is no unit of Power, 'kWh' is one of Energy"):
        Power(1, "kWh")


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "700", None, True])
def test_impossible_values_are_refused(bad):
    with pytest.raises(UnitError, match="finite number of 0 or more"):
        Power(bad, "W")


def test_the_first_impossible_row_is_named():
    with pytest.raises(UnitError, match=r"hours \(h\) holds -2 in row b"):
        AcceleratorHours(pd.Series([1, -2, -3], index=list("abc")), field="hours")


def test_what_is_below_zero_cannot_be_left_over():
    assert (Energy(3, "kWh") - Energy(1, "kWh")).to("kWh") == 2
    with pytest.raises(UnitError, match="difference of Energy"):
        Energy(1, "kWh") - Energy(2, "kWh")
    with pytest.raises(UnitError, match="is 0, so nothing can be divided"):
        Emissions(1, "t", accounting="location") / Energy(0, "kWh")


@pytest.mark.parametrize(
    ("kind", "text", "unit", "number"),
    [
        (Energy, "21.5 GWh", "kWh", 21.5e6),
        (Energy, "27,648 kWh", "MWh", 27.648),
        (AcceleratorHours, "30.84M", "h", 30.84e6),
        (AcceleratorHours, "2.8M h", "h", 2.8e6),
        (AcceleratorHours, "916k GPUh", "h", 916_000),
        (Power, "0.7 kW", "W", 700),
        (Power, 700, "W", 700),
    ],
)
def test_quantities_are_read_as_people_write_them(kind, text, unit, number):
    assert kind.parse(text).to(unit) == pytest.approx(number)


@pytest.mark.parametrize("text", ["21.5 GW", "many kWh", "", "5 kg"])
def test_what_is_no_energy_is_refused(text):
    with pytest.raises(UnitError, match="energy: "):
        Energy.parse(text, field="energy")


@pytest.mark.parametrize(
    ("text", "number"), [("2.8M", 2.8e6), ("7e5", 7e5), ("1,234.5", 1234.5), (" 3 k ", 3000)]
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_number(text, "hours") == pytest.approx(number)


@pytest.mark.parametrize("text", ["5x", "-3", "nan", "inf", "1..2", "3 MWh"])
def test_what_is_no_number_is_refused_with_its_field(text):
    with pytest.raises(UnitError, match="hours"):
        read_number(text, "hours")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(21588, 3, "21,600"), (0.012345, 3, "0.0123"), (413.656, 5, "413.66"), (0, 3, "0")],
)
def test_significant_digits(value, digits, text):
    assert significant(value, digits) == text


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (Energy(21_588_000, "kWh"), "21.6 GWh"),
        (Energy(0.5, "Wh"), "0.5 Wh"),
        (Emissions(8930, "t", accounting="location"), "8,930 t CO2e (location)"),
        (Emissions(0, "t", accounting="market"), "0 g CO2e (market)"),
        (location(413.656, "g/kWh"), "414 g CO2e/kWh (location)"),
        (NodeHours(8), "8 node-hours"),
        (Energy(pd.Series([1.0, 2.0]), "kWh"), "2 values of Energy"),
    ],
)
def test_quantities_are_shown_in_the_unit_that_suits_them(quantity, text):
    assert str(quantity) == text


def test_every_kind_has_its_units_in_its_first_one():
    assert {next(iter(kind.UNITS.values())) for kind in KINDS} == {1.0}
