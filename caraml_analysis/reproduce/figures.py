"""Every figure of the paper as a function from choices to a drawing, and the list of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from caraml_analysis import countries, paths, registry
from caraml_analysis.analysis.compute import papers_by_country
from caraml_analysis.analysis.emissions import allowed_under_caps
from caraml_analysis.analysis.income_shares import income_shares
from caraml_analysis.analysis.pareto import non_dominated_ranks
from caraml_analysis.analysis.pepr import pepr_limits, pepr_scores
from caraml_analysis.errors import CaramlError, UsageError
from caraml_analysis.geocoding import Overrides, geocode
from caraml_analysis.plots.diagrams import plot_awareness_quadrants, plot_base_superstructure
from caraml_analysis.plots.emissions import (
    plot_carbon_cap,
    plot_grid_ladder,
    plot_reported_against_estimated,
    plot_reported_emissions,
    plot_two_runs,
)
from caraml_analysis.plots.energy import plot_renewable_shares
from caraml_analysis.plots.income import plot_income_shares, plot_income_trend
from caraml_analysis.plots.maps import plot_world
from caraml_analysis.plots.pareto import plot_pareto_surface
from caraml_analysis.plots.pepr import plot_pepr_fronts
from caraml_analysis.reproduce import compute_figures, emission_tables
from caraml_analysis.reproduce.carbon_runs import load_factors
from caraml_analysis.reproduce.compute_tables import EDITION, list_shown
from caraml_analysis.reproduce.drawing import Drawing
from caraml_analysis.reproduce.entries import located_authorships
from caraml_analysis.reproduce.new_year import add_year
from caraml_analysis.reproduce.saving import save_figure
from caraml_analysis.sources.conferences import load_authorships
from caraml_analysis.sources.credits import credit
from caraml_analysis.sources.diagrams import load_diagram
from caraml_analysis.sources.editions import chosen, used_by, using
from caraml_analysis.sources.irena import load_renewable_shares
from caraml_analysis.sources.model_runs import load_pepr
from caraml_analysis.sources.top500 import load_top500
from caraml_analysis.sources.world_bank import income_classes


def require_read(name: str, editions: Mapping[str, Sequence[str]], inputs: registry.Inputs) -> None:
    """Raise a UsageError if a figure did not read one of the editions that were named for it."""
    read = used_by(inputs)
    for source, wanted in editions.items():
        for edition in wanted:
            if edition not in read.get(source, ()):
                raise UsageError(
                    f"{name} reads nothing of {source} {edition}, so that it would be the same "
                    f"without. Nothing was written. Leave out --edition {source}={edition}."
                )


@dataclass(frozen=True)
class Figure:
    """A figure that the package can make: who makes it, and which notebook explains it."""

    name: str
    title: str
    notebook: str
    make: Callable[[], Drawing]
    #: False for an example that says nothing about the paper.
    in_report: bool = True

    @property
    def function(self) -> str:
        """Full name of the function that makes the figure."""
        return f"{self.make.__module__}.{self.make.__name__}"

    def save(
        self, folder: Path | None = None, editions: Mapping[str, Sequence[str]] | None = None
    ) -> list[Path]:
        """Make the figure and write its four files.

        Parameters
        ----------
        folder : Path, optional
            Where to; the project's ``figures/`` by default.
        editions : mapping, optional
            Editions by source, as for :func:`caraml_analysis.using`.

        Raises
        ------
        UsageError
            If the figure reads nothing of one of these editions.
        YearError
            If there is no such edition.
        """
        with using(**(editions or {})), registry.reading() as inputs:
            drawing = self.make()
            require_read(self.name, editions or {}, inputs)
            return save_figure(
                drawing.axes,
                self.name,
                data=drawing.table,
                parameters=drawing.parameters,
                title=drawing.title,
                folder=folder,
            )


def compute_map(edition: str | None = None) -> Drawing:
    """Draw Figure 1: listed supercomputing performance by country, on a log scale."""
    edition, measure = edition or list_shown(), "rmax_tflops"
    top = load_top500(edition)
    year = int(edition[:4]) - 1  # data year of the newest class when the list came out
    table = top.join(income_classes(top["iso3"], year)[["income_group", "carried_forward"]])
    axes = plot_world(
        table,
        measure,
        scale="log",
        label="Rmax, TFlop/s (log scale)",
        empty="no listed system",
        note=credit("top500", list=edition),
    )
    choices = {"edition": edition, "measure": measure, "income_data_year": year}
    title = "" if edition == EDITION else f"Compute capacity by country, Top500 list {edition}"
    return Drawing(axes, table, choices, title)


def authorship(
    conferences: Sequence[str] = ("ICML", "NeurIPS"), years: Sequence[int] = (2017, 2022)
) -> Drawing:
    """Draw Figure 2 left: entries by income group."""
    table = income_shares(located_authorships(conferences, years))
    return Drawing(
        plot_income_shares(table, note=credit("entries")),
        table,
        {"conferences": list(conferences), "years": list(years), "year_rule": "data_year"},
    )


def authorship_appendix() -> Drawing:
    """Draw Figure 2 left for the years that Appendix A counts, 2017 and 2021."""
    return authorship(years=(2017, 2021))


def publications_map(year: int = 2022, conferences: Sequence[str] = ("ICML", "NeurIPS")) -> Drawing:
    """Draw Figure 2 right: papers with an author in a country."""
    entries = load_authorships(conferences, year)
    table = papers_by_country(entries.join(geocode(entries["affiliation"])))
    table.insert(1, "country", table["iso3"].map(countries.name))
    axes = plot_world(
        table,
        "papers",
        scale="log",
        label=f"Papers with an author there, {year} (log scale)",
        empty="no paper",
        note=credit("papers"),
    )
    return Drawing(axes, table, {"year": year, "conferences": list(conferences)})


def awareness_quadrants() -> Drawing:
    """Draw Figure 3: climate awareness against resource awareness."""
    table = load_diagram("awareness_quadrants")
    return Drawing(plot_awareness_quadrants(table, note=credit("awareness")), table)


def renewable_shares(measure: str = "capacity") -> Drawing:
    """Draw Figure 4: renewable and non-renewable power by region."""
    table = load_renewable_shares(measure)
    edition, year = chosen("irena"), table["year"].iloc[0]
    title = f"Renewable share of power {measure} by region, {year}, IRENA {edition}"
    axes = plot_renewable_shares(table, note=credit("irena"))
    return Drawing(axes, table, {"measure": measure}, title if edition else "")


def renewable_generation() -> Drawing:
    """Draw Figure 4 for the electricity generated instead of the capacity installed."""
    return renewable_shares("generation")


def base_superstructure() -> Drawing:
    """Draw Figure 5: base and superstructure."""
    table = load_diagram("base_superstructure")
    return Drawing(plot_base_superstructure(table, note=credit("superstructure")), table)


def pareto_surface(dataset: str = "derma_pt") -> Drawing:
    """Draw Figure 6 on measured trainings: performance, energy and memory."""
    table = load_pepr(dataset)
    objectives = table[["test_accuracy", "energy_kwh", "memory_gb"]]
    table = table.assign(rank=non_dominated_ranks(objectives.to_numpy(), maximise=(0,)))
    return Drawing(plot_pareto_surface(table, note=credit("pepr")), table, {"dataset": dataset})


def pepr_fronts() -> Drawing:
    """Draw accuracy against energy with the front and the best PePR scores, on three data sets."""
    scored, limits = [], {}
    for dataset, rows in load_pepr().groupby("dataset"):
        ranks = non_dominated_ranks(rows[["test_accuracy", "energy_kwh"]], maximise=(0,))
        scored.append(rows.join(pepr_scores(rows)).assign(rank=ranks))
        limits[dataset] = pepr_limits(rows)
    table = pd.concat(scored, ignore_index=True)
    axes = plot_pepr_fronts(table, note=credit("pepr_fronts"))
    return Drawing(axes[0], table, {"limits": limits})


def carbon_agreement() -> Drawing:
    """Draw reported against estimated energy and emissions of every run that allows it."""
    table = emission_tables.agreement()
    axes = plot_reported_against_estimated(table, note=credit("agreement"))
    return Drawing(axes[0], table, {"assume": emission_tables.ASSUME, "held_out": "run"})


def carbon_footnote2() -> Drawing:
    """Draw Llama 3.1 405B beside DeepSeek-V3, as footnote 2 compares them, with intervals."""
    table = emission_tables.footnote_runs()
    axes = plot_two_runs(table, note=credit("footnote2"))
    return Drawing(axes[0], table, {"assume": "hyperscale", "runs": emission_tables.FOOTNOTE_RUNS})


def carbon_every_grid() -> Drawing:
    """Draw what one run would emit on the grid of every country."""
    run, year = "llama-3.1-405b", load_factors().newest_year
    table = emission_tables.every_grid(run, year)
    label = ("FRA", "BRA", "GBR", "DEU", "USA", "CHN", "IND")
    note = credit("every_grid", grid_year=year)
    axes = plot_grid_ladder(table, label=label, note=note)
    return Drawing(axes, table, {"run": run, "year": year, "assume": "hyperscale"})


def carbon_growth() -> Drawing:
    """Draw reported emissions over time, by what is known of each value."""
    table = emission_tables.reported_emissions()
    # the largest since the last record, what adds up a whole project, and what cannot be right
    since = table[table["record"] & (table["date"] > "2025")].nlargest(1, "t_co2e")["model"]
    wrong = table.loc[table["basis"] == "refuted", "model"]
    projects = table[table["covers"] == "project"].nlargest(1, "t_co2e")["model"]
    axes = plot_reported_emissions(table, name=[*since, *wrong, *projects], note=credit("growth"))
    return Drawing(axes, table)


def carbon_cap(caps: Sequence[float] = (10, 100, 1000)) -> Drawing:
    """Draw how many of the reported runs a cap on the emissions of one run would have allowed."""
    runs = emission_tables.runs_for_cap()
    table = allowed_under_caps(runs)
    axes = plot_carbon_cap(table, caps=caps, note=credit("cap"))
    left_out = runs.loc[runs["left_out"] != "", "left_out"].to_dict()
    return Drawing(
        axes,
        table,
        {
            "caps_t_co2e": list(caps),
            "assume": emission_tables.ASSUME,
            "reports_left_out": left_out,
        },
    )


def income_trend() -> Drawing:
    """Draw the income shares of every conference-year, with the band of the unknown."""
    table = income_shares(located_authorships())
    axes = plot_income_trend(table, note=credit("entries"))
    return Drawing(axes.flat[0], table, {"year_rule": "data_year"})


def your_data() -> Drawing:
    """Draw a user's own table, that of the example: entries of a workshop by income group."""
    papers = registry.read_csv("examples/workshop.csv")
    overrides = Overrides.read(registry.read_csv("examples/overrides.csv"))
    entries = papers.join(geocode(papers["affiliation"], overrides=overrides))
    entries = entries.join(income_classes(entries["country"], entries["year"]))
    table = income_shares(entries.assign(conference="Workshop", entries=1))
    return Drawing(
        plot_income_shares(table, note=credit("example")),
        table,
        {"table": "examples/workshop.csv", "overrides": "examples/overrides.csv"},
    )


def new_year() -> Drawing:
    """Draw years that a user added, those of the example: the workshop and its third year."""
    judgements = {"Lake Basin AI Lab": "KEN", "Toledo Polytechnic": "unknown"}
    files = {name: f"examples/{name}.csv" for name in ("workshop", "registrations")}
    for file in files.values():
        registry.read_bytes(file)  # as their cards say, and noted as inputs
    folder = paths.data_dir()
    mapping = {
        "paper": "Submission",
        "author": "Name",
        "affiliation": ["Institution 1", "Institution 2"],
    }
    with tempfile.TemporaryDirectory() as place:
        for year in (2022, 2023):
            add_year("Workshop", year, path=folder / files["workshop"], workspace=place)
        add_year(
            "Workshop",
            2024,
            path=folder / files["registrations"],
            mapping=mapping,
            workspace=place,
            overrides=judgements,
        )
        table = income_shares(
            located_authorships(["Workshop"], workspace=place, overrides=judgements)
        )
    return Drawing(
        plot_income_shares(table, note=credit("example")), table, {"added": list(files.values())}
    )


FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(
            "fig1_compute",
            "Figure 1: compute capacity by country, Top500 of November 2024",
            "fig1_compute.ipynb",
            compute_map,
        ),
        Figure(
            "fig2_income",
            "Figure 2 left: entries by income group, ICML and NeurIPS, 2017 and 2022",
            "fig2_income.ipynb",
            authorship,
        ),
        Figure(
            "fig2_income_appendix",
            "Figure 2 left for the years of Appendix A, 2017 and 2021",
            "fig2_income.ipynb",
            authorship_appendix,
        ),
        Figure(
            "fig2_countries",
            "Figure 2 right: papers of ICML and NeurIPS 2022 by country",
            "fig2_countries.ipynb",
            publications_map,
        ),
        Figure(
            "fig3_awareness",
            "Figure 3: climate awareness and resource awareness",
            "fig3_awareness.ipynb",
            awareness_quadrants,
        ),
        Figure(
            "fig4_renewables",
            "Figure 4: renewable share of power capacity by region, 2023",
            "fig4_renewables.ipynb",
            renewable_shares,
        ),
        Figure(
            "fig4_renewables_generation",
            "Figure 4 for the electricity generated, 2022",
            "fig4_renewables.ipynb",
            renewable_generation,
        ),
        Figure(
            "fig5_base_superstructure",
            "Figure 5: base and superstructure",
            "fig5_base_superstructure.ipynb",
            base_superstructure,
        ),
        Figure(
            "fig6_pareto",
            "Figure 6: performance, climate awareness and resource awareness of real trainings",
            "fig6_pareto.ipynb",
            pareto_surface,
        ),
        Figure(
            "pepr_fronts",
            "Performance per resource unit (PePR) beside the front, three data sets",
            "pepr.ipynb",
            pepr_fronts,
        ),
        Figure(
            "carbon_footnote2",
            "Footnote 2: Llama 3.1 405B beside DeepSeek-V3, with intervals",
            "carbon_footnote2.ipynb",
            carbon_footnote2,
        ),
        Figure(
            "carbon_every_grid",
            "What training Llama 3.1 405B would emit on every grid",
            "carbon_footnote2.ipynb",
            carbon_every_grid,
        ),
        Figure(
            "carbon_agreement",
            "Reported against estimated energy and emissions of model runs",
            "carbon_runs.ipynb",
            carbon_agreement,
        ),
        Figure(
            "carbon_growth",
            "Reported emissions of model runs over time",
            "carbon_runs.ipynb",
            carbon_growth,
        ),
        Figure(
            "carbon_cap",
            "Reported runs that a carbon cap would have allowed",
            "carbon_runs.ipynb",
            carbon_cap,
        ),
        Figure(
            "income_trend",
            "Income groups of every conference-year, 2006 to 2022",
            "income_trend.ipynb",
            income_trend,
        ),
        Figure(
            "compute_history",
            "Top500 by income group, 1993 to 2025, in the class of the time and in today's",
            "compute_history.ipynb",
            compute_figures.history,
        ),
        Figure(
            "compute_inequality",
            "Inequality of listed compute: Lorenz curves, Gini, holders, people without",
            "compute_inequality.ipynb",
            compute_figures.inequality,
        ),
        Figure(
            "double_penalty",
            "Compute and clean electricity of every country",
            "double_penalty.ipynb",
            compute_figures.penalty,
        ),
        Figure(
            "double_penalty_map",
            "Listed system, clean electricity, both or neither",
            "double_penalty.ipynb",
            compute_figures.penalty_map,
        ),
        Figure(
            "double_penalty_sensitivity",
            "The double penalty under other lists and measures",
            "double_penalty.ipynb",
            compute_figures.sensitivity,
        ),
        Figure(
            "training_emissions_map",
            "The same training run on the grid of every host, map",
            "training_emissions.ipynb",
            compute_figures.emissions_map,
        ),
        Figure(
            "training_emissions",
            "The same training run on the grid of every host, ranked",
            "training_emissions.ipynb",
            compute_figures.emissions,
        ),
        Figure(
            "authorship_and_compute",
            "Share of conference entries beside share of listed compute",
            "authorship_and_compute.ipynb",
            compute_figures.authorship_beside,
        ),
        Figure(
            "clean_electricity",
            "Renewable share, renewable electricity per head and access over time",
            "clean_electricity.ipynb",
            compute_figures.clean_electricity,
        ),
        Figure(
            "your_data",
            "A user's own table: entries of an invented workshop by income group",
            "geocode_your_data.ipynb",
            your_data,
            in_report=False,
        ),
        Figure(
            "new_year",
            "Years that a user added: the invented workshop with its third year",
            "new_conference_year.ipynb",
            new_year,
            in_report=False,
        ),
    )
}


def figure(name: str) -> Figure:
    """Return a figure by name.

    Raises
    ------
    CaramlError
        If there is none; names those that exist.
    """
    try:
        return FIGURES[name]
    except KeyError:
        raise CaramlError(f"no figure {name!r}; there are {', '.join(FIGURES)}.") from None
