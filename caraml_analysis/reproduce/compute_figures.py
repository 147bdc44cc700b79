"""The figures of the compute divide and of clean electricity: choices in, drawings out.

Where a list is not named it is the one in use (:func:`caraml_analysis.using`), else ``EDITION``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from caraml_analysis.analysis.double_penalty import CLASSES, RESAMPLES
from caraml_analysis.plots.clean import (
    plot_double_penalty,
    plot_penalty_sensitivity,
    plot_renewables_over_time,
    plot_training_emissions,
)
from caraml_analysis.plots.compute import (
    plot_authorship_and_compute,
    plot_compute_history,
    plot_inequality,
)
from caraml_analysis.plots.maps import plot_world
from caraml_analysis.reproduce import compute_tables
from caraml_analysis.reproduce.compute_tables import (
    CLEAN_MEASURES,
    ELECTRICITY_YEAR,
    RUN,
    list_shown,
)
from caraml_analysis.reproduce.drawing import Drawing
from caraml_analysis.sources.credits import credit
from caraml_analysis.sources.editions import default, in_use
from caraml_analysis.sources.irena import load_irena_countries, load_irena_income_groups
from caraml_analysis.sources.model_runs import load_runs

#: Colours of the four classes of the double penalty, in the order of the key: told apart with
#: colour-blindness, and in greyscale by their lightness.
PENALTY_COLOURS = dict(zip(CLASSES, ("#0b3c6f", "#56b4e9", "#aedd92", "#d55e00"), strict=True))


def history() -> Drawing:
    """Draw the shares of the income groups in all lists, in the class of the time and today's."""
    table = compute_tables.compute_history()
    axes = plot_compute_history(table, note=credit("history"))
    choices = {"income_edition": default("income_groups"), "china": "CHN"}
    lists = f"lists {table['edition'].min()} to {table['edition'].max()}"
    title = f"Top500 by income group, {lists}, in the class of the time and in today's"
    return Drawing(axes.flat[0], table, choices, title if "top500" in in_use() else "")


def inequality(edition: str | None = None) -> Drawing:
    """Draw Lorenz curves of one list, and Gini, holders and people without of all lists."""
    edition = edition or list_shown()
    curves = compute_tables.lorenz_curves(edition)
    table = compute_tables.compute_inequality()
    without = compute_tables.without_system()
    axes = plot_inequality(curves, table, without, edition=edition, note=credit("inequality"))
    table = compute_tables.plotted_inequality(curves, table, without, edition)
    return Drawing(axes.flat[0], table, {"lorenz_edition": edition, "classes": "now"})


def penalty(edition: str | None = None, year: int = ELECTRICITY_YEAR) -> Drawing:
    """Draw compute per head against renewable electricity per head and its share."""
    edition = edition or list_shown()
    table = compute_tables.double_penalty(edition, year)
    note = credit("penalty", list=edition, electricity_year=year)
    axes = plot_double_penalty(table, note=note)
    return Drawing(axes.flat[0], table, {"edition": edition, "electricity_year": year})


def penalty_map(edition: str | None = None, year: int = ELECTRICITY_YEAR) -> Drawing:
    """Draw who has a listed system, clean electricity, both or neither."""
    edition = edition or list_shown()
    table = compute_tables.double_penalty(edition, year)
    line = table["threshold"].iloc[0]
    axes = plot_world(
        table,
        "penalty",
        scale="categories",
        colours=PENALTY_COLOURS,
        label=f"Clean electricity: at least {line:,.0f} renewable kWh per person, the world mean",
        empty=None,
        missing="no electricity figure",
        note=credit("penalty", list=edition, electricity_year=year),
    )
    columns = ["iso3", "country", "income_group", "population", "rmax_tflops"]
    table = table[[*columns, "renewable_kwh_per_head", "penalty", "threshold"]]
    return Drawing(axes, table, {"edition": edition, "electricity_year": year})


def sensitivity() -> Drawing:
    """Draw how the double penalty depends on list and measure of clean electricity."""
    table = compute_tables.penalty_sensitivity()
    drawn = {"compute": "gflops_per_head", "countries_of": "all"}
    chosen = table[(table[list(drawn)] == pd.Series(drawn)).all(axis=1)]
    note = credit("sensitivity", capacity_year=int(load_irena_countries()["year"].max()))
    axes = plot_penalty_sensitivity(chosen, CLEAN_MEASURES, note=note)
    return Drawing(axes[0], table, {"drawn": drawn, "resamples": RESAMPLES})


def emissions_map(run: str = RUN) -> Drawing:
    """Draw what one run emits on the grid of every host, on a map."""
    edition = list_shown()
    table = compute_tables.training_emissions(edition, run=run)
    choices = _emission_choices(table, edition, run)
    axes = plot_world(
        table,
        "t_co2e",
        scale="linear",
        label=_run_label(table, run),
        empty="no listed system",
        missing="no grid figure",
        note=credit("emissions", list=edition, grid_year=choices["grid_year"]),
    )
    return Drawing(axes, table, choices)


def emissions(run: str = RUN) -> Drawing:
    """Draw what one run emits on the grid of every host, ranked, with the reported value."""
    edition = list_shown()
    table = compute_tables.training_emissions(edition, run=run)
    choices = _emission_choices(table, edition, run)
    reported = load_runs().loc[run, "reported_t_co2e_location"]
    axes = plot_training_emissions(
        table,
        label=_run_label(table, run),
        reference_t=None if pd.isna(reported) else float(reported),
        reference="as reported, location-based",
        note=credit("emissions", list=edition, grid_year=choices["grid_year"]),
    )
    return Drawing(axes, table, choices)


def _run_label(table: pd.DataFrame, run: str) -> str:
    energy = table["energy_gwh"].iloc[0]
    return f"One training of {load_runs().loc[run, 'model']} ({energy:.1f} GWh), t CO2e"


def _emission_choices(table: pd.DataFrame, edition: str, run: str) -> dict[str, Any]:
    year = int(table["grid_year"].iloc[0])
    return {"run": run, "edition": edition, "grid_year": year, "pue": 1.0}


def authorship_beside(year: int = 2022) -> Drawing:
    """Draw the share of entries beside the share of Rmax: groups over time, countries in `year`."""
    groups = compute_tables.authorship_and_compute()
    nations = compute_tables.authorship_and_compute("iso3")
    axes = plot_authorship_and_compute(groups, nations, year=year, note=credit("beside"))
    table = pd.concat([groups, nations], ignore_index=True)
    return Drawing(axes[0], table, {"classes": "now", "countries_year": year})


def clean_electricity() -> Drawing:
    """Draw renewable share, renewable kWh per head and access over time."""
    groups = compute_tables.clean_electricity()
    capacity = load_irena_income_groups("capacity", "class_of_2023")
    regions = compute_tables.clean_electricity("region")
    shares = compute_tables.renewables_by_region()
    note = credit("clean", class_year=compute_tables.newest_data_year())
    axes = plot_renewables_over_time(groups, capacity, regions, shares, note=note)
    parts = {"groups": groups, "capacity": capacity, "regions": regions, "shares": shares}
    table = pd.concat([part.assign(panel=name) for name, part in parts.items()], ignore_index=True)
    return Drawing(axes.flat[0], table, {"classes": "now", "first_year": 2000, "last_year": 2023})
