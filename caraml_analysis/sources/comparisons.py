"""Amounts that people know, to say what an energy or a mass of emissions is like."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry
from caraml_analysis.sources.irena import load_renewable_shares
from caraml_analysis.sources.population import load_population


def load_comparisons() -> pd.DataFrame:
    """Return familiar amounts of emissions and of electricity.

    Returns
    -------
    DataFrame
        ``comparison``, ``quantity`` (emissions in t CO2e, electricity in MWh), ``one`` and ``many``
        (its name for one and for several), ``value``, ``unit``, ``year`` and ``source``.

    Notes
    -----
    Cards ``carbon/comparisons.csv``, ``reference/irena_regions.csv`` and
    ``reference/population.csv``.
    """
    table = registry.read_csv("carbon/comparisons.csv").drop(columns=["certainty", "quote"])
    first = pd.concat([table, pd.DataFrame([_electricity()])], ignore_index=True)
    return first.sort_values(["quantity", "value"], ascending=[False, True], ignore_index=True)


def _electricity() -> dict[str, object]:
    """Return the electricity that is generated for each person in the world in a year."""
    shares = load_renewable_shares("generation")
    world = shares[shares["level"] == "world"].iloc[0]
    people = load_population().query("year == @world.year")["population"].sum()
    generated_gwh = world["renewable"] / (world["renewable_pct"] / 100)
    return {
        "comparison": "electricity",
        "quantity": "electricity",
        "one": "person in a year (world average of the electricity generated)",
        "many": "people in a year (world average of the electricity generated)",
        "value": generated_gwh * 1000 / people,
        "unit": "MWh",
        "year": world["year"],
        "source": f"IRENA 2024 and World Bank population, both {world['year']}",
    }
