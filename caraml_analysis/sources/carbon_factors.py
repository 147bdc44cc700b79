"""The factor tables of the carbon estimator, as embedded."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry


def load_pue() -> pd.DataFrame:
    """Return power usage effectiveness: ``operator``, ``site``, ``pue``, ``year``, ``source``.

    Notes
    -----
    Card ``carbon/pue.csv``. A site's value is better than its fleet's, and a fleet's than a survey.
    """
    return registry.read_csv("carbon/pue.csv")


def load_wue() -> pd.DataFrame:
    """Return water use: ``litres_per_kwh`` by ``kind`` (on-site, off-site electricity).

    Notes
    -----
    Card ``carbon/wue.csv``. On-site water is per kWh of IT energy, water of the electricity per kWh
    of facility energy (column ``per_kwh_of``).
    """
    return registry.read_csv("carbon/wue.csv")


def load_embodied() -> pd.DataFrame:
    """Return embodied carbon: ``item``, ``kg_co2e``, ``scope`` (card, die, server), ``source``.

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
    """Return nameplate power of whole systems for each accelerator, W (an upper bound).

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
