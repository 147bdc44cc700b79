"""Energy and emissions of training runs; here the usual chain for single numbers, for a notebook.

hours -> accelerator energy -> facility energy -> operational emissions. Units stand in every name,
nothing has a silent default, and what is possible is what ``inputs`` says. With ranges, factor
tables and whole columns: :func:`caraml_analysis.estimate` and the types in ``quantities``.
"""

from __future__ import annotations

from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.carbon.quantities import checked_number
from caraml_analysis.errors import UnitError


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
        Power usage effectiveness of the site, 1 to 3. 1 states explicitly that cooling and other
        overhead are left out.

    Returns
    -------
    float
        kWh.

    Raises
    ------
    UnitError
        If a value is no number, negative or not finite, or `pue` is not between 1 and 3.
    """
    hours = checked_number(accelerator_hours, "accelerator_hours")
    watts = checked_number(power_w, "power_w")
    site = checked_number(pue, "pue")
    least, most = LIMITS["pue"]
    if site < least:
        raise UnitError(f"pue is {pue!r}; a site uses at least what its computers use, so >= 1.")
    if site > most:
        raise UnitError(f"pue is {pue!r}; the worst sites reach {most:g}. Is it a percentage?")
    return checked_number(hours * watts / 1000 * site, "energy_kwh")


def emissions_t_co2e(energy_kwh: float, g_co2e_per_kwh: float) -> float:
    """Return the operational emissions in t CO2e of an energy in kWh on a grid in g CO2e per kWh.

    Raises
    ------
    UnitError
        If a value is negative or not finite, or the intensity looks like kg instead of g.
    """
    kwh = checked_number(energy_kwh, "energy_kwh")
    grams = checked_number(g_co2e_per_kwh, "g_co2e_per_kwh")
    least, most = LIMITS["g_co2e_per_kwh"]
    # 0 is no grid, but what contracts and operators state
    if 0 < grams < least or grams > most:
        raise UnitError(
            f"g_co2e_per_kwh is {g_co2e_per_kwh!r}; grids lie between {least:g} and {most:g}. Is "
            "it in kg per kWh?"
        )
    return checked_number(kwh * grams / 1e6, "emissions_t_co2e")


def implied_g_co2e_per_kwh(emissions_t_co2e: float, energy_kwh: float) -> float:
    """Return the grid intensity in g CO2e per kWh that reported emissions imply.

    Raises
    ------
    UnitError
        If a value is negative or not finite, or the energy is 0.
    """
    tonnes = checked_number(emissions_t_co2e, "emissions_t_co2e")
    kwh = checked_number(energy_kwh, "energy_kwh")
    if kwh == 0:
        raise UnitError("energy_kwh is 0, so no intensity is implied.")
    return tonnes * 1e6 / kwh


def gpu_days(accelerator_hours: float) -> float:
    """Return accelerator days of accelerator hours."""
    return checked_number(accelerator_hours, "accelerator_hours") / 24
