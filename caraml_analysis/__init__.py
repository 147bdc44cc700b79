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
    "Workspace": "sources.workspace",
    "geocode": "geocoding",
    "geocode_file": "geocoding",
    "resolve": "geocoding",
    "CREDITS": "sources.credits",
    "credit": "sources.credits",
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
    "load_irena_region_members": "sources.irena",
    "load_irena_regions": "sources.irena",
    "load_paper_numbers": "sources.paper",
    "load_pepr": "sources.model_runs",
    "load_pepr_scores": "sources.model_runs",
    "load_population": "sources.population",
    "load_renewable_shares": "sources.irena",
    "load_runs": "sources.model_runs",
    "load_top500": "sources.top500",
    "load_top500_entry": "sources.top500",
    "load_top500_systems": "sources.top500_lists",
    "appendix_table": "analysis.income_shares",
    "count_countries": "analysis.income_shares",
    "drop_headquarters": "analysis.income_shares",
    "income_shares": "analysis.income_shares",
    "merge_territories": "analysis.income_shares",
    "allowed_under_caps": "analysis.emissions",
    "compute_by_income_group": "analysis.compute",
    "papers_by_country": "analysis.compute",
    "compute_shares": "analysis.compute",
    "country_shares": "analysis.compute",
    "reclassified_hosts": "analysis.compute",
    "gini": "analysis.inequality",
    "gini_bounds": "analysis.inequality",
    "holders": "analysis.inequality",
    "inequality_by_edition": "analysis.inequality",
    "lorenz_curve": "analysis.inequality",
    "people_without_system": "analysis.inequality",
    "host_advantage": "analysis.double_penalty",
    "interval_side": "analysis.double_penalty",
    "measure_penalty": "analysis.double_penalty",
    "penalty_by_income_group": "analysis.double_penalty",
    "penalty_classes": "analysis.double_penalty",
    "rank_correlation": "analysis.double_penalty",
    "renewable_electricity": "analysis.clean_energy",
    "authorship_beside_compute": "analysis.authorship_compute",
    "non_dominated_ranks": "analysis.pareto",
    "pareto_front": "analysis.pareto",
    "PEPR_VARIANTS": "analysis.pepr",
    "pepr": "analysis.pepr",
    "pepr_limits": "analysis.pepr",
    "pepr_scores": "analysis.pepr",
    "pepr_stability": "analysis.pepr",
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
    "plot_authorship_and_compute": "plots.compute",
    "plot_compute_history": "plots.compute",
    "plot_inequality": "plots.compute",
    "plot_double_penalty": "plots.clean",
    "plot_penalty_sensitivity": "plots.clean",
    "plot_renewables_over_time": "plots.clean",
    "plot_training_emissions": "plots.clean",
    "plot_carbon_cap": "plots.emissions",
    "plot_grid_ladder": "plots.emissions",
    "plot_reported_against_estimated": "plots.emissions",
    "plot_reported_emissions": "plots.emissions",
    "plot_two_runs": "plots.emissions",
    "plot_income_shares": "plots.income",
    "plot_income_trend": "plots.income",
    "plot_pareto_surface": "plots.pareto",
    "plot_pepr_fronts": "plots.pepr",
    "plot_renewable_shares": "plots.energy",
    "plot_world": "plots.maps",
    "add_year": "reproduce.new_year",
    "authorship_figure": "reproduce.any_years",
    "CLEAN_MEASURES": "reproduce.compute_tables",
    "PENALTY_COLOURS": "reproduce.compute_figures",
    "authorship_and_compute": "reproduce.compute_tables",
    "clean_electricity": "reproduce.compute_tables",
    "compute_history": "reproduce.compute_tables",
    "compute_inequality": "reproduce.compute_tables",
    "country_panel": "reproduce.compute_tables",
    "double_penalty": "reproduce.compute_tables",
    "hosts_by_edition": "reproduce.compute_tables",
    "lorenz_curves": "reproduce.compute_tables",
    "penalty_panel": "reproduce.compute_tables",
    "penalty_sensitivity": "reproduce.compute_tables",
    "plotted_inequality": "reproduce.compute_tables",
    "renewables_by_region": "reproduce.compute_tables",
    "training_emissions": "reproduce.compute_tables",
    "without_system": "reproduce.compute_tables",
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
    "make_statement": "reproduce.statement",
    "read_declaration": "reproduce.statement",
    "reading": "registry",
    "save_figure": "reproduce.saving",
    "sensitivity_table": "reproduce.entries",
    "unresolved_texts": "reproduce.unresolved",
    "using": "sources.editions",
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
