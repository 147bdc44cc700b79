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


@pytest.mark.parametrize(
    "bad",
    [
        *(-1, math.nan, math.inf, "700", b"700", None, True, np.bool_(True), 10**400, 10**5000),
        *(1j, {}, np.array("700"), np.datetime64("2024-07-23"), pd.NA, pd.NaT),
    ],
    ids=lambda bad: type(bad).__name__,
)
def test_impossible_values_are_refused(bad):
    with pytest.raises(UnitError, match="finite number of 0 or more"):
        Power(bad, "W")


def test_the_first_impossible_row_is_named():
    with pytest.raises(UnitError, match=r"hours \(h\) holds -2 in row b"):
        AcceleratorHours(pd.Series([1, -2, -3], index=list("abc")), field="hours")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series(["a"], index=["x"]), "holds 'a' in row x; that is no number"),
        (["x"], "holds 'x' in row 0"),
        (pd.Series([1.0, "2"]), "holds '2' in row 1"),
        (pd.Series([True, False]), "holds .*True.* in row 0"),
        ([1.0, True], "holds True in row 1"),
        (pd.Series(pd.to_datetime(["2024-07-23"])), "in row 0; that is no number"),
        ([[1.0], [1.0, 2.0]], r"holds \[1.0\] in row 0"),
        (np.array([[1.0, 2], [3, -4]]), r"holds -4 in row \(1, 1\); it must be a finite"),
        ([1, -1], "holds -1 in row 1"),
        ([1.0, 10**400], "holds inf in row 1"),
    ],
)
def test_a_column_that_holds_no_quantities_is_refused_with_its_row(column, message):
    with pytest.raises(UnitError, match=message):
        Energy(column)


def test_a_missing_value_of_any_column_stays_missing():
    for column in (pd.Series([1, None], dtype="Int64"), pd.Series([1, None], dtype=object)):
        kwh = Energy(column, "MWh").to("kWh")
        assert kwh[0] == 1000
        assert math.isnan(kwh[1])


def test_a_table_of_quantities_keeps_rows_and_columns():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=["x", "y"])
    pd.testing.assert_frame_equal(Energy(table, "MWh").to("kWh"), table * 1000)


def test_the_column_of_the_caller_stays_as_it_is():
    column = np.array([1.0, 2.0])
    kwh = Energy(column).to("kWh")
    kwh[0] = 5
    assert column.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("value", [1e308, np.array([1.0, 1e308]), pd.Series([1.0, 1e308])])
def test_what_is_too_large_for_its_unit_is_refused(value):
    with pytest.raises(UnitError, match="too large to be computed with"):
        Energy(value, "TWh")
    with pytest.raises(UnitError, match="sum of Energy"):
        Energy(value) + Energy(value)


def test_sum_adds_quantities_of_one_kind():
    assert sum([Energy(1, "MWh"), Energy(500, "kWh")]).to("MWh") == 1.5
    columns = sum([Energy(np.ones(2)), Energy(np.ones(2))])
    assert columns.to("kWh").tolist() == [2.0, 2.0]
    with pytest.raises(UnitError, match="cannot be added"):
        sum([Energy(1), Power(1)])
    with pytest.raises(UnitError, match="cannot be added"):
        5 + Energy(1)


@pytest.mark.parametrize(
    "senseless",
    [
        lambda: Energy(1) / 0,
        lambda: Energy(pd.Series([1.0, 2.0])) / 0,
        lambda: Energy(1) / Energy(0),
        lambda: Energy(pd.Series([1.0])) / Energy(pd.Series([0.0])),
        lambda: Energy(1) / np.array([1.0, 0.0]),
    ],
)
def test_nothing_is_divided_by_zero(senseless):
    with pytest.raises(UnitError, match="so nothing can be divided by it"):
        senseless()


@pytest.mark.parametrize(
    "senseless",
    [
        lambda: Energy(1) * "a",
        lambda: Energy(1) * -1,
        lambda: Energy(1) * True,
        lambda: Energy(1) / "a",
        lambda: 5 / Energy(1),
        lambda: 5 - Energy(1),
        lambda: Energy(1) > 5,
        lambda: Energy(1) >= 5,
        lambda: Energy(np.ones(2)) + Energy(np.ones(3)),
        lambda: AcceleratorHours(np.ones(2)) * Power(np.ones(3)),
        lambda: Energy(pd.Series([1.0])) < Energy(pd.Series([1.0, 2.0])),
        lambda: Energy(1, ["kWh"]),
    ],
)
def test_what_makes_no_sense_is_an_error_of_the_package(senseless):
    with pytest.raises(UnitError):
        senseless()


def test_node_hours_of_many_nodes_become_accelerator_hours():
    nodes, each = pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([8, 4], index=["a", "b"])
    hours = NodeHours(nodes).accelerator_hours(each).to("h")
    pd.testing.assert_series_equal(hours, pd.Series([8.0, 8.0], index=["a", "b"]))
    with pytest.raises(UnitError, match="holds 0 in row b; a node holds at least 1"):
        NodeHours(nodes).accelerator_hours(pd.Series([8, 0], index=["a", "b"]))
    with pytest.raises(UnitError, match="that is no number"):
        NodeHours(nodes).accelerator_hours(pd.Series(["a", "b"]))


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
        (AcceleratorHours, "2.8M hours", "h", 2.8e6),
        (AcceleratorHours, "30.84M GPU-hours", "h", 30.84e6),
        (AcceleratorHours, "30.84 M gpu hours", "h", 30.84e6),
        (AcceleratorHours, "5 Accelerator-Hours", "h", 5),
        (AcceleratorHours, "3 hrs", "h", 3),
        (AcceleratorHours, "2 days", "h", 48),
        (NodeHours, "1,296 hours", "h", 1296),
        (NodeHours, "2K H", "h", 2000),
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


@pytest.mark.parametrize("text", ["90 m", "90m", "90 min", "90 minutes", "90 m h", "90 md"])
@pytest.mark.parametrize("kind", [AcceleratorHours, NodeHours])
def test_minutes_are_not_taken_for_millions(kind, text):
    with pytest.raises(
        UnitError, match=r"hours: '90.* Write hours \(1\.5 for 90 minutes\), or 90M"
    ):
        kind.parse(text, field="hours")


@pytest.mark.parametrize("text", ["5 t", "5 g", "5t h"])
def test_tonnes_and_grams_are_no_multiplier_of_hours(text):
    with pytest.raises(UnitError, match=r"is no multiplier\. Write the number out"):
        AcceleratorHours.parse(text)


@pytest.mark.parametrize(
    ("kind", "text"), [(NodeHours, "5 GPU-hours"), (AcceleratorHours, "5 node-hours")]
)
def test_spelled_hours_of_another_kind_are_refused(kind, text):
    with pytest.raises(UnitError, match="is no unit of"):
        kind.parse(text)


@pytest.mark.parametrize("text", ["90 m", "5t"])
def test_a_number_takes_no_ambiguous_multiplier(text):
    with pytest.raises(UnitError, match="devices: "):
        read_number(text, "devices")


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


def test_a_quantity_is_shown_in_a_unit_of_choice():
    assert Energy(735, "Wh").text(3, "kWh") == "0.735 kWh"
    assert Emissions(5, "kg", accounting="location").text(3, "t") == "0.005 t CO2e (location)"
    assert Energy(1.05, "kWh").fitting_unit() == "kWh"


def test_every_kind_has_its_units_in_its_first_one():
    assert {next(iter(kind.UNITS.values())) for kind in KINDS} == {1.0}
