"""What holds for every run: scale, order and bounds of estimates."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import caraml_analysis as ca
from caraml_analysis.carbon.quantities import AcceleratorHours, Energy, Power, significant

HOURS = st.floats(1, 1e9)
ABOVE_ONE = st.floats(1, 2.9)


@settings(max_examples=60, deadline=None)
@given(HOURS, st.floats(1e-3, 1), ABOVE_ONE, ABOVE_ONE, st.floats(2, 2000))
def test_fixed_inputs_multiply(hours, load, host, pue, grams):
    found = ca.estimate(
        {
            "accelerator": "H100-SXM",
            "accelerator_hours": hours,
            "load": load,
            "host": host,
            "pue": pue,
            "g_co2e_per_kwh": grams,
        }
    )
    mwh = hours * 700 * load * host * pue / 1e6
    assert found["energy_facility_mwh"].p50 == pytest.approx(mwh)
    assert found["t_co2e_location"].p50 == pytest.approx(mwh * grams / 1000)
    assert found["t_co2e_location"].is_exact


@settings(max_examples=40, deadline=None)
@given(HOURS, st.floats(0.1, 0.6), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_percentiles_rise_and_stay_within_what_is_possible(hours, least, width, spread):
    found = ca.estimate(
        {
            "accelerator": "A100-SXM",
            "accelerator_hours": hours,
            "load": f"{least!r}..{least + width!r}",
            "host": 1,
            "pue": f"1..{1 + spread!r}",
        }
    )
    value = found["energy_facility_mwh"]
    mwh = hours * 400 / 1e6
    assert mwh * least < value.p5 < value.p50 < value.p95 < mwh * (least + width) * (1 + spread)
    assert 0 < sum(value.shares.values()) <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e6), st.floats(1.5, 1e3))
def test_hours_scale_everything(hours, factor):
    run = {"accelerator": "V100-SXM2", "power_w": "200..300", "power_scope": "node", "pue": 1.1}
    one = ca.estimate(run | {"accelerator_hours": hours})["energy_facility_mwh"]
    many = ca.estimate(run | {"accelerator_hours": hours * factor})["energy_facility_mwh"]
    assert many.p95 == pytest.approx(one.p95 * factor)
    assert many.shares == one.shares


@given(st.floats(1e-6, 1e12), st.sampled_from([*Energy.UNITS]))
def test_units_there_and_back(number, unit):
    assert Energy(number, unit).to(unit) == pytest.approx(number)
    shown = Energy.parse(Energy(number, unit).text(9))
    assert shown.to(unit) == pytest.approx(number, rel=1e-8)


@given(st.floats(1e-6, 1e9), st.floats(1e-3, 1e5))
def test_hours_times_power_is_undone(hours, watts):
    energy = AcceleratorHours(hours) * Power(watts, "W")
    assert (energy / Power(watts, "W")).to("h") == pytest.approx(hours)


@given(st.floats(1e-9, 1e12), st.integers(1, 8))
def test_significant_digits_are_kept(value, digits):
    shown = float(significant(value, digits).replace(",", ""))
    assert shown == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))
