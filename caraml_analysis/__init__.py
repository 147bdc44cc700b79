"""Reproduce, trace and extend the analyses of the CARAML paper.

``import caraml_analysis as ca`` gives everything that a notebook needs; names load the room behind
them on first use, so that importing the package is fast.

Rooms, from the ground up: ``errors``, ``paths``, ``registry``, ``tables``, ``countries``; then
``sources`` (tables of upstreams), ``geocoding`` (text to country), ``analysis`` and ``carbon``
(pure functions), ``plots`` (tables to Axes); then ``reproduce`` (figures, numbers, report); then
``cli`` and the notebooks.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Overrides": "geocoding",
    "Resolution": "geocoding",
    "geocode": "geocoding",
    "geocode_file": "geocoding",
    "resolve": "geocoding",
    "CREDITS": "sources.credits",
    "grid_intensity": "sources.grid",
    "income_class": "sources.world_bank",
    "income_classes": "sources.world_bank",
    "income_group": "sources.world_bank",
    "load_accelerators": "sources.model_runs",
    "load_appendix_a": "sources.paper",
    "load_authorships": "sources.conferences",
    "load_conference_dates": "sources.conferences",
    "load_coverage": "sources.conferences",
    "load_diagram": "sources.diagrams",
    "load_electricity_access": "sources.electricity",
    "load_electricity_per_head": "sources.electricity",
    "load_grid_intensity": "sources.grid",
    "load_income_groups": "sources.world_bank",
    "load_irena_countries": "sources.irena",
    "load_irena_income_groups": "sources.irena",
    "load_irena_regions": "sources.irena",
    "load_paper_numbers": "sources.paper",
    "load_pepr": "sources.model_runs",
    "load_population": "sources.population",
    "load_renewable_shares": "sources.irena",
    "load_runs": "sources.model_runs",
    "load_top500": "sources.top500",
    "load_top500_systems": "sources.top500_lists",
    "appendix_table": "analysis.income_shares",
    "count_countries": "analysis.income_shares",
    "drop_headquarters": "analysis.income_shares",
    "income_shares": "analysis.income_shares",
    "merge_territories": "analysis.income_shares",
    "compute_by_income_group": "analysis.compute",
    "papers_by_country": "analysis.compute",
    "non_dominated_ranks": "analysis.pareto",
    "pareto_front": "analysis.pareto",
    "cohens_h": "analysis.unknowns",
    "compare_unknown_with_known": "analysis.unknowns",
    "design_effect": "analysis.unknowns",
    "estimate_under_error": "analysis.unknowns",
    "unknown_bounds": "analysis.unknowns",
    "AcceleratorHours": "carbon.quantities",
    "Emissions": "carbon.quantities",
    "Energy": "carbon.quantities",
    "Intensity": "carbon.quantities",
    "NodeHours": "carbon.quantities",
    "Power": "carbon.quantities",
    "Estimate": "carbon.estimating",
    "emissions_t_co2e": "carbon",
    "energy_kwh": "carbon",
    "gpu_days": "carbon",
    "implied_g_co2e_per_kwh": "carbon",
    "plot_awareness_quadrants": "plots.diagrams",
    "plot_base_superstructure": "plots.diagrams",
    "plot_income_shares": "plots.income",
    "plot_income_trend": "plots.income",
    "plot_pareto_surface": "plots.pareto",
    "plot_renewable_shares": "plots.energy",
    "plot_world": "plots.maps",
    "estimate": "reproduce.carbon_runs",
    "estimate_runs": "reproduce.carbon_runs",
    "check_reported_runs": "reproduce.carbon_runs",
    "load_factors": "reproduce.carbon_runs",
    "reported_inputs": "reproduce.carbon_runs",
    "load_embodied": "sources.carbon_factors",
    "load_power_ratios": "sources.carbon_factors",
    "load_pue": "sources.carbon_factors",
    "load_wue": "sources.carbon_factors",
    "located_authorships": "reproduce.entries",
    "save_figure": "reproduce.saving",
    "sensitivity_table": "reproduce.entries",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, so that completion finds them before their first use."""
    return sorted({*globals(), *_HOME})
