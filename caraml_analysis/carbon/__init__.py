"""Energy and emissions of reported training runs: explicit factors, units in every name.

Nothing has a silent default: power, PUE and grid intensity are arguments. Formulas follow the
usual chain hours -> accelerator energy -> facility energy -> operational emissions.
"""

from __future__ import annotations

import math
from numbers import Real

from caraml_analysis.errors import UnitError

#: National averages lie between about 20 and 1,310 g/kWh; a value below 2 is probably in kg.
PLAUSIBLE_G_PER_KWH = (2.0, 2000.0)


def _not_negative(**quantities: float) -> None:
    for name, value in quantities.items():
        if not (isinstance(value, Real) and math.isfinite(value) and value >= 0):
            raise UnitError(f"{name} is {value!r}; it must be a finite number of 0 or more.")


def energy_kwh(accelerator_hours: float, power_w: float, *, pue: float) -> float:
    """Return the energy of a run.

    Parameters
    ----------
    accelerator_hours : float
        Hours summed over accelerators (not node hours), >= 0.
    power_w : float
        Mean draw of one accelerator in W, >= 0. Its rated power (TDP) gives an upper value for the
        chip alone; hosts and network are not in it.
    pue : float
        Power usage effectiveness of the site, >= 1. 1 states explicitly that cooling and other
        overhead are left out.

    Returns
    -------
    float
        kWh.

    Raises
    ------
    UnitError
        If a value is negative or not finite, or `pue` is below 1.
    """
    _not_negative(accelerator_hours=accelerator_hours, power_w=power_w, pue=pue)
    if pue < 1:
        raise UnitError(f"pue is {pue!r}; a site uses at least what its computers use, so >= 1.")
    return accelerator_hours * power_w / 1000 * pue


def emissions_t_co2e(energy_kwh: float, g_co2e_per_kwh: float) -> float:
    """Return the operational emissions in t CO2e of an energy in kWh on a grid in g CO2e per kWh.

    Raises
    ------
    UnitError
        If a value is negative or not finite, or the intensity looks like kg instead of g.
    """
    _not_negative(energy_kwh=energy_kwh, g_co2e_per_kwh=g_co2e_per_kwh)
    if 0 < g_co2e_per_kwh < PLAUSIBLE_G_PER_KWH[0] or g_co2e_per_kwh > PLAUSIBLE_G_PER_KWH[1]:
        raise UnitError(
            f"g_co2e_per_kwh is {g_co2e_per_kwh!r}; grids lie between "
            f"{PLAUSIBLE_G_PER_KWH[0]:g} and {PLAUSIBLE_G_PER_KWH[1]:g}. Is it in kg per kWh?"
        )
    return energy_kwh * g_co2e_per_kwh / 1e6


def implied_g_co2e_per_kwh(emissions_t_co2e: float, energy_kwh: float) -> float:
    """Return the grid intensity in g CO2e per kWh that reported emissions imply.

    Raises
    ------
    UnitError
        If a value is negative or not finite, or the energy is 0.
    """
    _not_negative(emissions_t_co2e=emissions_t_co2e, energy_kwh=energy_kwh)
    if energy_kwh == 0:
        raise UnitError("energy_kwh is 0, so no intensity is implied.")
    return emissions_t_co2e * 1e6 / energy_kwh


def gpu_days(accelerator_hours: float) -> float:
    """Return accelerator days of accelerator hours."""
    _not_negative(accelerator_hours=accelerator_hours)
    return accelerator_hours / 24
