"""The factor tables of the carbon estimator, as embedded.

Each row has its value, ``least`` and ``most`` (of all values that the table gives for the same
thing, and that the row names; equal to the value where there is one), the ``unit``, and the
``source`` with ``source_date`` (year, month or day, as far as the name of the source gives it;
missing where nothing says it).
"""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry


def load_pue() -> pd.DataFrame:
    """Return power usage effectiveness by operator, site and year.

    Returns
    -------
    DataFrame
        ``operator``, ``site``, ``pue`` with ``least``, ``most`` and ``unit`` (kWh of the site per
        kWh of IT), ``year`` that it is of, ``basis``, ``source``, ``source_date`` and
        ``certainty``.

    Notes
    -----
    Card ``carbon/pue.csv``. A site's value is better than its fleet's, and a fleet's than a survey.
    """
    return registry.read_csv("carbon/pue.csv")


def load_wue() -> pd.DataFrame:
    """Return water use by operator or grid and year.

    Returns
    -------
    DataFrame
        ``operator``, ``litres_per_kwh`` with ``least``, ``most`` and ``unit`` (L/kWh), ``year``
        that it is of, ``kind`` (on-site, off-site electricity), ``per_kwh_of``, ``source``,
        ``source_date`` and ``certainty``.

    Notes
    -----
    Card ``carbon/wue.csv``. On-site water is per kWh of IT energy, water of the electricity per kWh
    of facility energy (column ``per_kwh_of``).
    """
    return registry.read_csv("carbon/wue.csv")


def load_embodied() -> pd.DataFrame:
    """Return embodied carbon of accelerators and servers.

    Returns
    -------
    DataFrame
        ``item``, ``kg_co2e`` with ``least``, ``most`` and ``unit`` (kg CO2e), ``scope`` (card, die,
        server), ``lifetime_years`` (missing if the source has none), ``source``, ``source_date``,
        ``certainty`` and ``note``.

    Notes
    -----
    Card ``carbon/embodied.csv``. Never mix scopes: a die is about a tenth of its card.
    """
    return registry.read_csv("carbon/embodied.csv")


def load_power_ratios() -> pd.DataFrame:
    """Return metered power of training runs beside rated power.

    Returns
    -------
    DataFrame
        ``run``, ``organisation``, ``accelerator``, ``family``, ``scope`` (gpu: the card alone;
        node: with its share of the host), ``accelerator_hours`` (missing if not published),
        ``watts``, ``tdp_w`` (W), ``source``.

    Notes
    -----
    Card ``carbon/power_ratios.csv``.
    """
    return registry.read_csv("carbon/power_ratios.csv")


def load_host() -> pd.DataFrame:
    """Return nameplate power of whole systems for each accelerator (an upper bound).

    Returns
    -------
    DataFrame
        ``system``, ``accelerator``, ``watts_per_accelerator`` with ``least``, ``most`` and ``unit``
        (W), ``basis``, ``source``, ``source_date`` (no datasheet here has one), ``certainty`` and
        ``note``.

    Notes
    -----
    Card ``carbon/host.csv``.
    """
    return registry.read_csv("carbon/host.csv")


def load_grid_of_tools() -> pd.DataFrame:
    """Return grid intensity in g CO2e/kWh by country as CodeCarbon and carbontracker ship it.

    Notes
    -----
    Card ``carbon/grid_of_tools.csv``.
    """
    return registry.read_csv("carbon/grid_of_tools.csv")
