"""Energy and emissions: the paper's figures to the digit, and impossible values refused."""

from __future__ import annotations

import math

import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.errors import UnitError


def test_llama_405b_to_the_digit():
    kwh = ca.energy_kwh(30.84e6, 700, pue=1.0)
    assert kwh == pytest.approx(21.588e6)
    assert ca.implied_g_co2e_per_kwh(8930, kwh) == pytest.approx(413.656, abs=0.001)


@pytest.mark.parametrize(
    ("hours", "watts", "pue", "grams", "mwh", "tonnes"),
    [
        (1_022_362, 400, 1.1, 385, 449.8, 173.2),  # LLaMA-65B
        (512 * 20 * 24, 310, 1.12, 545, 85.3, 46.5),  # T5-11B, days rounded
        (1_082_990, 400, 1.0, 57, 433.2, 24.69),  # BLOOM, IT energy
    ],
)
def test_published_chains_close(hours, watts, pue, grams, mwh, tonnes):
    kwh = ca.energy_kwh(hours, watts, pue=pue)
    assert kwh / 1000 == pytest.approx(mwh, abs=0.05)
    assert ca.emissions_t_co2e(kwh, grams) == pytest.approx(tonnes, abs=0.05)


def test_the_way_back():
    assert ca.implied_g_co2e_per_kwh(ca.emissions_t_co2e(5e6, 400), 5e6) == pytest.approx(400)


def test_gpu_days():
    assert ca.gpu_days(30.84e6) == 1_285_000


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "700"])
def test_impossible_power_is_refused(bad):
    with pytest.raises(UnitError, match=r"power_w is .*finite number of 0 or more"):
        ca.energy_kwh(1, bad, pue=1.0)


def test_pue_below_one_is_refused():
    with pytest.raises(UnitError, match=r"pue is 0\.9; a site uses at least"):
        ca.energy_kwh(1, 1, pue=0.9)


@pytest.mark.parametrize("end", [0, 1])
def test_single_numbers_have_the_limits_of_the_estimator(end):
    step = (-0.01, 0.01)[end]
    grams, pue = LIMITS["g_co2e_per_kwh"][end], LIMITS["pue"][end]
    assert ca.emissions_t_co2e(1e6, grams) == pytest.approx(grams)
    assert ca.energy_kwh(1000, 1, pue=pue) == pytest.approx(pue)
    with pytest.raises(UnitError, match="grids lie between 2 and 2000"):
        ca.emissions_t_co2e(1, grams + step)
    with pytest.raises(UnitError, match="pue is "):
        ca.energy_kwh(1, 1, pue=pue + step)


def test_what_is_too_large_or_a_truth_value_is_refused():
    with pytest.raises(UnitError, match="energy_kwh is inf"):
        ca.energy_kwh(1e308, 1e308, pue=1)
    with pytest.raises(UnitError, match="accelerator_hours is True"):
        ca.gpu_days(True)


def test_pue_has_no_silent_default():
    with pytest.raises(TypeError, match="pue"):
        ca.energy_kwh(1, 1)


@pytest.mark.parametrize("intensity", [0.4, 413_656])
def test_intensity_in_another_unit_is_refused(intensity):
    with pytest.raises(UnitError, match="Is it in kg per kWh"):
        ca.emissions_t_co2e(1, intensity)


def test_no_energy_implies_no_intensity():
    with pytest.raises(UnitError, match="energy_kwh is 0"):
        ca.implied_g_co2e_per_kwh(1, 0)
