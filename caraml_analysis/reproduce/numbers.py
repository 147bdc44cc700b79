"""The paper's numbers beside ours: one row and one status for each of its statements.

``match``
    Our computation gives the paper's number (or claim) to its printed digits.
``differs``
    It gives another one; both are shown, and why.
``cited``
    The paper takes it from elsewhere or states it as its own concept: nothing to compute here.
``not recoverable``
    It cannot be computed, because the paper leaves out what would be needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from caraml_analysis import carbon, tables
from caraml_analysis.analysis.compute import compute_by_income_group
from caraml_analysis.analysis.income_shares import income_shares
from caraml_analysis.analysis.pareto import non_dominated_ranks
from caraml_analysis.reproduce import unknowns
from caraml_analysis.reproduce.entries import (
    PAPER_YEARS,
    located_authorships,
    papers_per_year,
    sensitivity_table,
)
from caraml_analysis.sources import world_bank
from caraml_analysis.sources.conferences import load_authorships
from caraml_analysis.sources.diagrams import load_diagram
from caraml_analysis.sources.irena import load_renewable_shares
from caraml_analysis.sources.model_runs import load_accelerators, load_pepr, load_runs
from caraml_analysis.sources.paper import load_appendix_a, load_paper_numbers
from caraml_analysis.sources.population import load_population
from caraml_analysis.sources.top500 import load_top500

STATUSES = ("match", "differs", "cited", "not recoverable")


@dataclass(frozen=True)
class Finding:
    """What became of one statement of the paper."""

    ours: str
    status: str
    why: str = ""
    function: str = ""


def _finding(holds: bool, ours: str, why: str = "") -> Finding:
    return Finding(ours, "match" if holds else "differs", why)


# --- what several statements need -------------------------------------------------------------


@cache
def _top500() -> pd.DataFrame:
    top = load_top500("2024-11")
    return top.assign(income_group=world_bank.income_group(top["iso3"], 2023))


@cache
def _shares() -> pd.DataFrame:
    years = {year for _, year in PAPER_YEARS} | {2022}
    return income_shares(located_authorships(("ICML", "NeurIPS"), years), resamples=0)


def _known_share(conference: str, year: int, group: str) -> float:
    rows = _shares().set_index(["conference", "year", "income_group"])
    return float(rows.loc[(conference, year, group), "share_of_known"])


@cache
def _accelerator_energy_gwh(run: str) -> float:
    row = load_runs().loc[run]
    watts = load_accelerators().loc[row["accelerator"], "tdp_w"]
    return carbon.energy_kwh(float(row["accelerator_hours"]), float(watts), pue=1.0) / 1e6


def _hours(run: str) -> float:
    return float(load_runs().loc[run, "accelerator_hours"])


def _years(conference: str) -> list[int]:
    rows = load_authorships()
    return sorted(int(year) for year in rows.loc[rows["conference"] == conference, "year"].unique())


# --- the figures ------------------------------------------------------------------------------


def compute_divide() -> Finding:
    """FIG1: the list and what its map shows."""
    top, groups = _top500(), compute_by_income_group(_top500()).set_index("income_group")
    edition = sorted(load_top500()["edition"].unique()).index("2024-11") + 1
    leader = top.iloc[0]
    share = leader["rmax_tflops"] / top["rmax_tflops"].sum()
    ours = (
        f"list {edition}: {len(top)} countries, {top['systems'].sum()} systems, "
        f"{top['rmax_tflops'].sum() / 1e6:.3f} EFlop/s Rmax; {leader['country']} {share:.1%}; "
        f"high income {groups.loc['high', 'rmax_share']:.1%}, upper middle "
        f"{groups.loc['upper_middle', 'rmax_share']:.1%}, lower middle "
        f"{groups.loc['lower_middle', 'rmax_share']:.1%}, low "
        f"{groups.loc['low', 'rmax_share']:.1%}"
    )
    return _finding(edition == 64, ours, "the measure is not named in the paper; Rmax is drawn")


def income_figure() -> Finding:
    """FIG2: what the figure and its text say of the four conference-years of Appendix A."""
    pairs = [(conference, year) for conference in ("ICML", "NeurIPS") for year in (2017, 2021)]
    high = [_known_share(*pair, "high") for pair in pairs]
    upper = [_known_share(*pair, "upper_middle") for pair in pairs]
    lower = [_known_share(*pair, "lower_middle") for pair in pairs]
    low_rows = _shares()[_shares()["income_group"] == "low"]
    low = int(low_rows["entries"].sum())
    dominates = min(high) > 0.5 and all(u > w for u, w in zip(upper, lower, strict=True))
    grows = upper[1] > upper[0] and upper[3] > upper[2]
    ours = "; ".join(
        f"{conference} {year}: high {h:.1%}, upper middle {u:.1%}, lower middle {w:.1%}"
        for (conference, year), h, u, w in zip(pairs, high, upper, lower, strict=True)
    )
    return _finding(
        dominates and grows and low == 0,
        f"{ours}; low income: {low} entries in 2017, 2021 and 2022 together",
        "high income dominates and upper middle grows, as the paper says; it shows no low income"
        if dominates and grows
        else "the order of the groups is not the paper's",
    )


def quadrants() -> Finding:
    """FIG3: the four classes of the diagram."""
    table = load_diagram("awareness_quadrants")
    classes = table.loc[table["kind"] == "quadrant", "label"].tolist()
    return _finding(len(classes) == 4, f"{len(classes)} quadrants: {', '.join(classes)}")


def renewable_regions() -> Finding:
    """FIG4: the regions with the least renewable capacity."""
    table = load_renewable_shares("capacity")
    regions = table[table["level"] == "region"].sort_values("renewable_pct")
    lowest = regions["region"].head(2).tolist()
    ours = "; ".join(
        f"{row.region} {row.renewable_pct:.1f} %" for row in regions.itertuples(index=False)
    )
    return _finding(
        set(lowest) == {"Middle East", "Africa"},
        f"renewable capacity 2023: {ours}",
        "the paper names neither year nor measure; capacity is drawn, as its text says",
    )


def base_layers() -> Finding:
    """FIG5: the two layers of the diagram."""
    table = load_diagram("base_superstructure")
    layers = table.loc[table["kind"] == "layer", "label"].tolist()
    return _finding(len(layers) == 2, f"{len(layers)} layers: {', '.join(layers)}")


def pareto_axes() -> Finding:
    """FIG6: three objectives, on measured trainings."""
    size, models = _front("derma_pt")
    return Finding(
        f"3 axes: accuracy, energy and memory of {models} models; {size} of them are not dominated",
        "match",
        "the paper's figure has no data; memory stands in for access to resources",
    )


# --- section 1 --------------------------------------------------------------------------------


def publications_2022() -> Finding:
    """S1-3: the year of the country-wise publications."""
    counts = papers_per_year(located_authorships(("ICML", "NeurIPS"), (2022,)))
    text = ", ".join(f"{r.conference} {r.papers:,} papers" for r in counts.itertuples(index=False))
    return _finding(len(counts) == 2, f"2022: {text}")


def under_representation() -> Finding:
    """S1-4: low- and middle-income countries' part of the population and of the entries."""
    people = load_population()
    people = people[people["year"] == 2022]
    groups = world_bank.income_group(people["iso3"], 2022)
    total = people.groupby(groups)["population"].sum()
    lmic = total.reindex(["low", "lower_middle", "upper_middle"]).sum() / total.sum()
    entries = {c: 1 - _known_share(c, 2022, "high") for c in ("ICML", "NeurIPS")}
    text = ", ".join(f"{value:.1%} at {name}" for name, value in entries.items())
    return _finding(
        all(value < lmic for value in entries.values()),
        f"{lmic:.1%} of the population and, in 2022, of the known entries {text}",
        "low- and middle-income includes China",
    )


def top500_systems() -> Finding:
    """S1-5: the list of November 2024 has 500 systems."""
    systems = int(_top500()["systems"].sum())
    return _finding(systems == 500, f"November 2024: {systems} systems")


def compute_outside_high_income() -> Finding:
    """S1-6: the listed compute of low- and middle-income countries."""
    top = _top500()
    rest = top[top["income_group"] != "high"]
    share = rest["rmax_tflops"].sum() / top["rmax_tflops"].sum()
    without_china = rest[rest["iso3"] != "CHN"]
    share_without = without_china["rmax_tflops"].sum() / top["rmax_tflops"].sum()
    return _finding(
        share < 0.05,
        f"{len(rest)} countries ({', '.join(rest['iso3'])}), {rest['systems'].sum()} of "
        f"{top['systems'].sum()} systems, {share:.1%} of Rmax; without China "
        f"{without_china['systems'].sum()} systems, {share_without:.1%}",
        "listed systems only; China has submitted few since about 2020",
    )


def caption_years() -> Finding:
    """S1-7: the years under Figure 2 and in Appendix A."""
    counted = sorted({year for _, year in PAPER_YEARS})
    return _finding(
        counted == [2017, 2022],
        f"Appendix A counts {' and '.join(map(str, counted))}",
        "the caption and the appendix name different years; both pairs are drawn",
    )


def caption_conferences() -> Finding:
    """S1-8: the conferences of Figure 2."""
    names = sorted({conference for conference, _ in PAPER_YEARS})
    return _finding(len(names) == 2, ", ".join(names))


# --- carbon -----------------------------------------------------------------------------------


def deepseek_hours() -> Finding:
    """FN2-1: accelerator hours of DeepSeek-V3."""
    hours = _hours("deepseek-v3") / 1e6
    return _finding(f"{hours:.1f}" == "2.8", f"{hours:.3f}M accelerator hours (H800)")


def llama_hours_rounded() -> Finding:
    """FN2-2: accelerator hours of Llama 3.1 405B, as footnote 2 prints them."""
    hours = _hours("llama-3.1-405b") / 1e6
    return _finding(f"{hours:.1f}" == "30.8", f"{hours:.2f}M (H100); the model is Llama 3.1 405B")


def hours_ratio() -> Finding:
    """FN2-3: how many times the hours."""
    ratio = _hours("llama-3.1-405b") / _hours("deepseek-v3")
    return _finding(
        ratio > 1,
        f"{ratio:.2f} times the hours",
        "H100 against H800 hours; research excluded",
    )


def gpu_days_of_large_runs() -> Finding:
    """S2-1: "several hundred GPU days" against the paper's own two runs."""
    days = {run: carbon.gpu_days(_hours(run)) for run in ("llama-3.1-405b", "deepseek-v3")}
    return _finding(
        all(value < 1000 for value in days.values()),
        "; ".join(f"{run}: {value:,.0f} GPU days" for run, value in days.items()),
        "its own examples need thousands of times more than several hundred",
    )


def llama_hours() -> Finding:
    """S4-3: accelerator hours of Llama 3.1 405B, as section 4 prints them."""
    hours = _hours("llama-3.1-405b") / 1e6
    return _finding(f"{hours:.2f}" == "30.84", f"{hours:.2f}M (H100)")


def llama_energy() -> Finding:
    """S4-4: energy of the accelerators alone."""
    gwh = _accelerator_energy_gwh("llama-3.1-405b")
    return _finding(
        f"{gwh:.1f}" == "21.5",
        f"{gwh:.3f} GWh, rounded {gwh:.1f} (hours x rated power of 700 W; no host, PUE 1)",
        "21.588 was cut off instead of rounded",
    )


def llama_emissions() -> Finding:
    """S4-5: emissions on the model card, and the grid that they imply."""
    tonnes = float(load_runs().loc["llama-3.1-405b", "reported_t_co2e_location"])
    gwh = _accelerator_energy_gwh("llama-3.1-405b")
    implied = carbon.implied_g_co2e_per_kwh(tonnes, gwh * 1e6)
    return _finding(
        f"{tonnes:,.0f}" == "8,930",
        f"{tonnes:,.0f} t location-based on the card (market-based 0); implies {implied:.2f} g/kWh "
        f"on {gwh:.3f} GWh",
        "energy without PUE stands beside emissions that seem to include more than the GPUs",
    )


# --- references -------------------------------------------------------------------------------


def income_edition() -> Finding:
    """REF-2: the World Bank edition at the day of retrieval."""
    newest = world_bank.EDITIONS["FY25"]
    return _finding(newest == 2023, f"edition FY25, data years 1987 to {newest}")


def irena_edition() -> Finding:
    """REF-4: the IRENA edition."""
    years = {m: int(load_renewable_shares(m)["year"].iloc[0]) for m in ("capacity", "generation")}
    return _finding(
        years == {"capacity": 2023, "generation": 2022},
        "Renewable energy statistics 2024: capacity to 2023, generation to 2022",
    )


# --- appendix A -------------------------------------------------------------------------------


def icml_years() -> Finding:
    """A-1: the embedded years of ICML."""
    years = _years("ICML")
    return _finding(
        years == list(range(2017, 2024)),
        f"{years[0]}-{years[-1]}",
        "2023 is in the paper's crawl and in no source embedded here",
    )


def neurips_years() -> Finding:
    """A-2: the embedded years of NeurIPS."""
    years = _years("NeurIPS")
    return _finding(years == list(range(2006, 2023)), f"{years[0]}-{years[-1]}")


def iclr_years() -> Finding:
    """A-3: the embedded years of ICLR."""
    years = _years("ICLR")
    return _finding(
        years == [2018, 2019, 2021, 2022, 2023],
        f"{years[0]}-{years[-1]}",
        "2021-2023 are in the paper's crawl and in no source embedded here",
    )


def income_year_rule() -> Finding:
    """A-5: how far the two readings of "publication year" lie apart."""
    shares = sensitivity_table()
    default = {"count": "first", "headquarters": "kept", "territories": "own"}
    for choice, option in default.items():
        shares = shares[shares[choice] == option]
    wide = shares.set_index(["conference", "year", "year_rule"])[list(tables.INCOME_GROUPS)]
    gap = (wide.xs("data_year", level=2) - wide.xs("in_force", level=2)).abs().max().max()
    return Finding(
        f"the two readings differ by at most {100 * gap:.2f} points in any share",
        "not recoverable",
        "the paper does not say whether the year is the data year or the class in force",
    )


def unknown_shares() -> Finding:
    """A-6: entries without a country."""
    paper = load_appendix_a().set_index(["conference", "year"])
    parts, equal = [], True
    rows = _shares().set_index(["conference", "year", "income_group"])
    for key in PAPER_YEARS:
        theirs = paper.loc[key, "unknown"] / paper.loc[key, "entries"]
        ours = float(rows.loc[(*key, tables.UNKNOWN), "share_of_all"])
        equal &= f"{ours:.1%}" == f"{theirs:.1%}"
        parts.append(f"{key[0]} {key[1]}: {ours:.1%} (paper {theirs:.1%})")
    return _finding(equal, "; ".join(parts), "our geocoder places most of what the paper's left")


def entries_per_paper() -> Finding:
    """A-7: what an entry is."""
    counts = papers_per_year(load_authorships()).set_index(["conference", "year"])["papers"]
    entries = load_authorships().groupby(["conference", "year"])["entries"].sum()
    text = "; ".join(f"{c} {y}: {entries[(c, y)] / counts[(c, y)]:.2f}" for c, y in PAPER_YEARS)
    return Finding(
        f"entries per paper {text}",
        "differs",
        "an entry is one author of a paper, not one affiliation of a paper",
    )


def unknowns_by_group() -> Finding:
    """A-8: whether one income group is over-represented among the unknowns."""
    counted = unknowns.comparable()
    beyond = counted[counted["difference_points"].abs() > counted["margin_points"]]
    worst = counted.loc[counted["cohens_h"].abs().idxmax()]
    upper = counted[counted["income_group"] == "upper_middle"]["relative_rate"]
    ours = (
        f"upper middle income entries were left unknown {upper.min():.2f} to {upper.max():.2f} "
        f"times as often as high income ones; largest effect Cohen's h {worst['cohens_h']:+.2f} "
        f"({worst['income_group'].replace('_', ' ')} income, {worst['conference']} "
        f"{worst['year']}); {len(beyond)} of {len(counted)} differences exceed their margin"
    )
    return Finding(
        ours,
        "not recoverable" if beyond.empty else "differs",
        "totals alone neither show a disproportion nor exclude one of this size; the paper does "
        "not publish which entries it knew"
        if beyond.empty
        else "taking the paper's own labels as right; see the section on the unknowns",
    )


_APPENDIX_FIELDS = {
    "entries": "entries",
    "unique": "papers",
    "high": "high",
    "upper-middle": "upper_middle",
    "lower-middle": "lower_middle",
    "unknown": "unknown",
}
_APPENDIX_KEYS = {
    "ICML17": ("ICML", 2017),
    "ICML21": ("ICML", 2021),
    "NeurIPS17": ("NeurIPS", 2017),
    "NeurIPS21": ("NeurIPS", 2021),
}
_ROW_REASONS = {
    ("ICML", 2021): "one author row less than the paper: probably one author of the WILDS paper "
    "(22 here, 23 in the proceedings)",
    ("NeurIPS", 2021): "two author rows more than the paper: the site lists an author more than "
    "the proceedings for at least one paper",
}


def appendix_count(key: tuple[str, int], field: str) -> Finding:
    """Compare one number of Appendix A."""
    theirs = int(load_appendix_a().set_index(["conference", "year"]).loc[key, field])
    rows = _shares()[(_shares()["conference"] == key[0]) & (_shares()["year"] == key[1])]
    if field == "entries":
        ours, why = int(rows["entries"].sum()), _ROW_REASONS.get(key, "")
    elif field == "papers":
        counts = papers_per_year(located_authorships([key[0]], [key[1]]))
        ours, why = int(counts["papers"].iloc[0]), 'distinct titles: the paper\'s "unique"'
    else:
        ours = int(rows.set_index("income_group").loc[field, "entries"])
        why = (
            "our geocoder leaves fewer entries without a country"
            if field == "unknown"
            else "the paper's unknowns are placed here, so every group has more entries"
            if ours > theirs
            else "the paper counts more entries than our labels find"
        )
    same = ours == theirs
    return Finding(f"{ours:,}", "match" if same else "differs", "" if same else why)


# --- appendix B and section 5 -----------------------------------------------------------------


def _front(dataset: str) -> tuple[int, int]:
    runs = load_pepr(dataset)
    values = runs[["test_accuracy", "energy_kwh", "memory_gb"]].to_numpy()
    return int((non_dominated_ranks(values, maximise=(0,)) == 1).sum()), len(runs)


def pareto_front_sizes() -> Finding:
    """S5-4: Pareto optimisation gives several trade-offs."""
    sizes = {}
    for dataset, runs in load_pepr().groupby("dataset"):
        values = runs[["test_accuracy", "energy_kwh"]].to_numpy()
        sizes[dataset] = int((non_dominated_ranks(values, maximise=(0,)) == 1).sum())
    text = ", ".join(f"{name} {size}" for name, size in sizes.items())
    return _finding(
        min(sizes.values()) > 1, f"models not dominated in accuracy and energy, of 131: {text}"
    )


def diminishing_returns() -> Finding:
    """B-3: the most accurate model is not the one that takes the most energy."""
    parts, holds = [], True
    for dataset, runs in load_pepr().groupby("dataset"):
        best = runs.loc[runs["test_accuracy"].idxmax()]
        share = float((runs["energy_kwh"] > best["energy_kwh"]).mean())
        holds &= best["energy_kwh"] < runs["energy_kwh"].max()
        parts.append(f"{dataset}: {share:.0%} of the models take more energy than the best")
    return _finding(holds, "; ".join(parts), "small image models; the paper gives no number")


def pareto_dimensions() -> Finding:
    """B-1: dimensions of Pareto sustainable AI."""
    return Finding("3: performance, energy (environmental), memory (social stand-in)", "match")


# --- statements that nothing here can compute ---------------------------------------------------

_OWN_CONCEPT = Finding("", "cited", "a concept or a count of the paper's own text")
_ADMINISTRATIVE = Finding("", "cited", "administrative: grants and dates of access")

_STATED: dict[str, Finding] = {
    "ABS-1": _OWN_CONCEPT,
    "ABS-2": _OWN_CONCEPT,
    "S1-1": Finding(
        "", "cited", "OpenAI 2018 gives 3.4 months; the second citation gives about 6 months"
    ),
    "S1-2": Finding(
        "", "cited", "the 3.4 months hold for 2012 to 2018; over a decade only about 6 months do"
    ),
    "S1-9": _OWN_CONCEPT,
    "S1-10": Finding("", "not recoverable", '"insufficient" has no threshold; see Figure 4'),
    "S2-2": Finding("", "cited", "model cards; its own example has 405 billion"),
    "S2-3": _OWN_CONCEPT,
    "S2-4": Finding("", "cited", "Prakash et al. 2023"),
    "S3-1": Finding("", "cited", "public fact"),
    "S4-1": Finding("", "cited", "model card of Llama 3.1 405B (the paper says Llama-3)"),
    "S4-2": Finding("", "cited", 'model card: "15T+" and "~15 trillion"'),
    "S4-6": Finding("", "cited", 'Meta, 29 August 2024; quoted as "nearly", "~" and "over"'),
    "S4-7": Finding("", "cited", "Meta, 29 August 2024"),
    "S4-8": Finding("", "not recoverable", "the paper gives no number"),
    "S5-1": _OWN_CONCEPT,
    "S5-2": Finding("", "cited", "blog.neurips.cc"),
    "S5-3": Finding("", "not recoverable", '"more useful" is a judgement, not a number'),
    "S5-5": Finding("", "cited", "names tools; how far they are off is not the paper's question"),
    "ALT-1": Finding("", "cited", "Google 2024: +13 % is 2023 on 2022, not on the base year"),
    "ALT-2": Finding("", "cited", "Google 2024: +48 % on 2019"),
    "ALT-3": Finding("", "cited", "Google 2024"),
    "ALT-4": Finding("", "cited", "Google 2024 names data centres and the supply chain"),
    "ALT-5": Finding("", "cited", "arXiv:2204.05149 lists two of ten authors at UC Berkeley only"),
    "ALT-6": Finding("", "cited", "title of Patterson et al. 2022"),
    "ALT-7": Finding("", "cited", "Malmodin et al. 2024"),
    "ACK-1": _ADMINISTRATIVE,
    "REF-3": _ADMINISTRATIVE,
    "REF-5": Finding("", "cited", "bibliographic"),
    "A-4": Finding("", "cited", "the README of the data set says the same"),
    "B-2": _OWN_CONCEPT,
}

_COMPUTED: dict[str, Callable[[], Finding]] = {
    "FIG1": compute_divide,
    "FIG2": income_figure,
    "FIG3": quadrants,
    "FIG4": renewable_regions,
    "FIG5": base_layers,
    "FIG6": pareto_axes,
    "S1-3": publications_2022,
    "S1-4": under_representation,
    "S1-5": top500_systems,
    "S1-6": compute_outside_high_income,
    "S1-7": caption_years,
    "S1-8": caption_conferences,
    "FN2-1": deepseek_hours,
    "FN2-2": llama_hours_rounded,
    "FN2-3": hours_ratio,
    "S2-1": gpu_days_of_large_runs,
    "S4-3": llama_hours,
    "S4-4": llama_energy,
    "S4-5": llama_emissions,
    "S5-4": pareto_front_sizes,
    "REF-1": compute_divide,
    "REF-2": income_edition,
    "REF-4": irena_edition,
    "A-1": icml_years,
    "A-2": neurips_years,
    "A-3": iclr_years,
    "A-5": income_year_rule,
    "A-6": unknown_shares,
    "A-7": entries_per_paper,
    "A-8": unknowns_by_group,
    "B-1": pareto_dimensions,
    "B-3": diminishing_returns,
}


def _find(number: str) -> Finding:
    if number in _COMPUTED:
        function = _COMPUTED[number]
        found = function()
        name = f"{function.__module__}.{function.__name__}"
        return Finding(found.ours, found.status, found.why, name)
    if number in _STATED:
        return _STATED[number]
    _, key, field = number.split("-", 2)
    found = appendix_count(_APPENDIX_KEYS[key], _APPENDIX_FIELDS[field])
    return Finding(found.ours, found.status, found.why, f"{__name__}.appendix_count")


def _rows() -> Iterator[dict[str, str]]:
    for number, row in load_paper_numbers().iterrows():
        found = _find(str(number))
        yield {
            "id": str(number),
            "location": row["location"],
            "statement": row["statement"],
            "paper": f"{row['value']} {row['unit']}".strip(),
            "ours": found.ours,
            "status": found.status,
            "why": found.why,
            "computed_by": found.function,
        }


def compare() -> pd.DataFrame:
    """Return every statement of the paper with ours, a status and the reason.

    Returns
    -------
    DataFrame
        One row per row of ``paper_numbers.csv``: ``id``, ``location``, ``statement``, ``paper``,
        ``ours``, ``status`` (see the top of this module), ``why`` and ``computed_by`` (the
        function that computed a ``match`` or ``differs``).
    """
    return pd.DataFrame(_rows())
