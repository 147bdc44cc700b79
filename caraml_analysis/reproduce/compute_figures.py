"""The figures of the compute divide and of clean electricity: choices in, drawings out."""

from __future__ import annotations

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
from caraml_analysis.reproduce.compute_tables import CLEAN_MEASURES, EDITION, ELECTRICITY_YEAR, RUN
from caraml_analysis.reproduce.drawing import Drawing
from caraml_analysis.sources.credits import CREDITS
from caraml_analysis.sources.irena import load_irena_income_groups
from caraml_analysis.sources.model_runs import load_runs

#: Colours of the four classes of the double penalty, in the order of the key: told apart with
#: colour-blindness, and in greyscale by their lightness.
PENALTY_COLOURS = dict(zip(CLASSES, ("#0b3c6f", "#56b4e9", "#aedd92", "#d55e00"), strict=True))


def history() -> Drawing:
    """Draw the shares of the income groups in all lists, in the class of the time and today's."""
    table = compute_tables.compute_history()
    axes = plot_compute_history(table, note=CREDITS["history"])
    return Drawing(axes.flat[0], table, {"income_edition": "FY26", "china": "CHN"})


def inequality(edition: str = EDITION) -> Drawing:
    """Draw Lorenz curves of one list, and Gini, holders and people without of all lists."""
    curves = compute_tables.lorenz_curves(edition)
    table = compute_tables.compute_inequality()
    without = compute_tables.without_system()
    axes = plot_inequality(curves, table, without, edition=edition, note=CREDITS["inequality"])
    shares = without.pivot(index="edition", columns="income_group", values="share_without")
    table = table.merge(shares.add_prefix("without_").reset_index(), on="edition")
    return Drawing(axes.flat[0], table, {"lorenz_edition": edition, "classes": "now"})


def penalty(edition: str = EDITION, year: int = ELECTRICITY_YEAR) -> Drawing:
    """Draw compute per head against renewable electricity per head and its share."""
    table = compute_tables.double_penalty(edition, year)
    axes = plot_double_penalty(table, note=CREDITS["penalty"])
    return Drawing(axes.flat[0], table, {"edition": edition, "electricity_year": year})


def penalty_map(edition: str = EDITION, year: int = ELECTRICITY_YEAR) -> Drawing:
    """Draw who has a listed system, clean electricity, both or neither."""
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
        note=CREDITS["penalty"],
    )
    columns = ["iso3", "country", "income_group", "population", "rmax_tflops"]
    table = table[[*columns, "renewable_kwh_per_head", "penalty", "threshold"]]
    return Drawing(axes, table, {"edition": edition, "electricity_year": year})


def sensitivity(compute: str = "gflops_per_head", countries_of: str = "all") -> Drawing:
    """Draw how the double penalty depends on list and measure of clean electricity."""
    table = compute_tables.penalty_sensitivity()
    chosen = table[(table["compute"] == compute) & (table["countries_of"] == countries_of)]
    axes = plot_penalty_sensitivity(chosen, CLEAN_MEASURES, note=CREDITS["sensitivity"])
    return Drawing(
        axes[0],
        table,
        {"drawn": {"compute": compute, "countries_of": countries_of}, "resamples": RESAMPLES},
    )


def emissions_map(run: str = RUN) -> Drawing:
    """Draw what one run emits on the grid of every host, on a map."""
    table = compute_tables.training_emissions(run=run)
    axes = plot_world(
        table,
        "t_co2e",
        scale="linear",
        label=_run_label(table, run),
        empty="no listed system",
        missing="no grid figure",
        note=CREDITS["emissions"],
    )
    return Drawing(axes, table, _emission_choices(table, run))


def emissions(run: str = RUN) -> Drawing:
    """Draw what one run emits on the grid of every host, ranked, with the reported value."""
    table = compute_tables.training_emissions(run=run)
    reported = load_runs().loc[run, "reported_t_co2e_location"]
    axes = plot_training_emissions(
        table,
        label=_run_label(table, run),
        reference_t=None if pd.isna(reported) else float(reported),
        reference="as reported, location-based",
        note=CREDITS["emissions"],
    )
    return Drawing(axes, table, _emission_choices(table, run))


def _run_label(table: pd.DataFrame, run: str) -> str:
    energy = table["energy_gwh"].iloc[0]
    return f"One training of {load_runs().loc[run, 'model']} ({energy:.1f} GWh), t CO2e"


def _emission_choices(table: pd.DataFrame, run: str) -> dict[str, object]:
    year = int(table["grid_year"].iloc[0])
    return {"run": run, "edition": EDITION, "grid_year": year, "pue": 1.0}


def authorship_beside(year: int = 2022) -> Drawing:
    """Draw the share of entries beside the share of Rmax: groups over time, countries in `year`."""
    groups = compute_tables.authorship_and_compute()
    nations = compute_tables.authorship_and_compute("iso3")
    axes = plot_authorship_and_compute(groups, nations, year=year, note=CREDITS["beside"])
    table = pd.concat([groups, nations], ignore_index=True)
    return Drawing(axes[0], table, {"classes": "now", "countries_year": year})


def clean_electricity() -> Drawing:
    """Draw renewable share, renewable kWh per head and access over time."""
    groups = compute_tables.clean_electricity()
    capacity = load_irena_income_groups("capacity", "class_of_2023")
    regions = compute_tables.clean_electricity("region")
    shares = compute_tables.renewables_by_region()
    axes = plot_renewables_over_time(groups, capacity, regions, shares, note=CREDITS["clean"])
    parts = {"groups": groups, "capacity": capacity, "regions": regions, "shares": shares}
    table = pd.concat([part.assign(panel=name) for name, part in parts.items()], ignore_index=True)
    return Drawing(axes.flat[0], table, {"classes": "now", "first_year": 2000, "last_year": 2023})
