"""The report's section on the compute divide and clean electricity."""

from __future__ import annotations

import pandas as pd

from caraml_analysis.analysis.clean_energy import complete_countries
from caraml_analysis.analysis.compute import country_shares, reclassified_hosts
from caraml_analysis.analysis.double_penalty import (
    CLASSES,
    NEITHER,
    RESAMPLES,
    interval_side,
    penalty_by_income_group,
    penalty_classes,
)
from caraml_analysis.plots.style import INCOME_LABELS
from caraml_analysis.reproduce import compute_tables
from caraml_analysis.reproduce.compute_tables import CLEAN_MEASURES, EDITION, ELECTRICITY_YEAR, RUN
from caraml_analysis.reproduce.document import Block, Bullets, Heading, Paragraph, Table
from caraml_analysis.sources.irena import (
    load_irena_countries,
    load_irena_income_groups,
    load_irena_region_members,
    load_irena_regions,
)
from caraml_analysis.sources.model_runs import load_runs
from caraml_analysis.sources.top500 import load_top500
from caraml_analysis.tables import INCOME_GROUPS, UNCLASSIFIED

_QUESTIONS = {"any": "has any system", "amount": "how much, among hosts", "all": "all countries"}
#: What no relation is for each question, and in words.
_NOTHING = {"any": (0.5, "one half"), "amount": (0.0, "zero"), "all": (0.0, "zero")}
_SHOWN_LISTS = (
    "1993-06", "2003-06", "2010-11", "2011-06", "2011-11", "2016-06", "2019-11", "2022-11",
    "2024-11", "2025-06",
)  # fmt: skip
#: Year of the comparison of countries' entries and Rmax, and how many first ones are shown.
_AUTHORS_YEAR, _FIRST = 2022, 10


def compute_report_tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the section by the name they are saved under.

    The larger tables behind it are those of the figures: ``compute_history``,
    ``compute_inequality``, ``double_penalty``, ``double_penalty_sensitivity``,
    ``clean_electricity``, ``training_emissions``.
    """
    return {
        "compute_reclassified": reclassified_hosts(compute_tables.hosts_by_edition(), "class_then"),
        "compute_without": _without(),
        "double_penalty_groups": _penalty_groups(),
    }


def _without() -> pd.DataFrame:
    tables = [
        compute_tables.without_system(classes).assign(classes=classes)
        for classes in compute_tables.CLASSES
    ]
    return pd.concat(tables, ignore_index=True)


def _penalty_groups() -> pd.DataFrame:
    """Return countries and people by class and income group, with two lines of clean electricity.

    The mean of all people, and what the median person's country generates.
    """
    panel = compute_tables.penalty_panel()
    known = panel.dropna(subset="renewable_kwh_per_head").sort_values("renewable_kwh_per_head")
    half = known["population"].cumsum() >= known["population"].sum() / 2
    median = float(known.loc[half, "renewable_kwh_per_head"].iloc[0])
    parts = []
    for line, threshold in (("mean", None), ("median person", median)):
        classified = penalty_classes(panel, threshold=threshold)
        groups = penalty_by_income_group(classified)
        parts.append(groups.assign(line=line, line_kwh=classified["threshold"].iloc[0]))
    return pd.concat(parts, ignore_index=True)


def _percent(share: float, digits: int = 1) -> str:
    return "" if pd.isna(share) else f"{100 * share:.{digits}f} %"


def compute_blocks(saved: dict[str, pd.DataFrame]) -> list[Block]:
    """Return the section, given the report's tables."""
    return [
        Heading(2, "The compute divide and clean electricity"),
        Paragraph(
            "Top500 is what somebody submitted: LINPACK results of machines that mostly serve "
            "science, not the clouds on which most large models are trained. China has submitted "
            "few systems since about 2020; the clusters of cloud providers, many of them in the "
            "United States, are hardly submitted either. So a share of the list is neither a lower "
            "nor an upper bound of a share of all machines, for China or anybody else. A country "
            "without a listed system has none at the entry level of the list, which is not the "
            "same as none at all."
        ),
        *_history(saved["compute_reclassified"]),
        *_inequality(saved["compute_without"]),
        *_renewables(),
        *_penalty(saved["double_penalty_groups"]),
        *_training(),
        *_authors(),
    ]


def _words(group: str) -> str:
    return INCOME_LABELS[group].lower()


def _history(moved: pd.DataFrame) -> list[Block]:
    history = compute_tables.compute_history().set_index(["classes", "edition", "income_group"])
    history = history.sort_index()
    china = country_shares(load_top500(), "CHN").set_index("edition")
    peak = china["rmax_share"].idxmax()
    newest = china.index.max()
    last = china.loc[newest]
    largest = moved.loc[moved["rmax_share"].idxmax()]
    return [
        Heading(3, "Who hosted the listed machines"),
        Paragraph(
            f"China's share of Rmax rose to {_percent(china.loc[peak, 'rmax_share'])} ({peak}) and "
            f"was {_percent(last['rmax_share'])} in {newest}; its listed Rmax lies "
            f"{_percent(1 - last['rmax_tflops'] / china['rmax_tflops'].max(), 0)} below its own "
            f"maximum, and of at most {china['systems'].max()} systems {last['systems']:.0f} are "
            "left: what a list shows when machines drop out and few are entered. The largest "
            f"reclassification is that of {largest['country']} in {largest['edition']}: "
            f"{_percent(largest['rmax_share'])} of Rmax changed from "
            f"{_words(largest['before'])} to {_words(largest['after'])} and no machine moved. "
            f"There are {len(moved)} such changes. Then: in the class in force when the list came "
            "out. Today: in today's class throughout, so that what moves are machines. What a row "
            "lacks to 100 % had no class then."
        ),
        Paragraph("Share of Rmax by income group, and China's own:"),
        Table(_shares(history, china, "rmax_share")),
        Paragraph("Share of the 500 systems:"),
        Table(_shares(history, china, "systems_share")),
        Paragraph(
            "Share of the known power, of those systems only that have a value (none before "
            f"{china['power_share'].first_valid_index()}; from 2016 to 2019 many values are "
            "TOP500's own, derived):"
        ),
        Table(_shares(history, china, "power_share")),
    ]


def _shares(history: pd.DataFrame, china: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the shares of the four income groups, in both classes, and China's."""
    rows = []
    for edition in _SHOWN_LISTS:
        if history.loc[("now", edition), column].isna().all():
            continue
        cells = {
            f"{_words(group).removesuffix(' income')}, {words}": _percent(
                history.loc[(classes, edition, group), column]
            )
            for group in INCOME_GROUPS
            for classes, words in (("then", "then"), ("now", "today"))
        }
        rows.append({"list": edition} | cells | {"China": _percent(china.loc[edition, column])})
    return pd.DataFrame(rows)


def _inequality(without: pd.DataFrame) -> list[Block]:
    inequality = compute_tables.compute_inequality().set_index("edition")
    one = inequality.loc[EDITION]
    lowest = inequality["gini_people"].idxmin()
    china = country_shares(load_top500(), "CHN").set_index("edition")["rmax_share"]
    rows = without[without["edition"] == EDITION]
    today = rows[rows["classes"] == "now"].set_index("income_group")
    then = rows[rows["classes"] == "then"].set_index("income_group")
    none = today["people_without"].sum() / today["people"].sum()
    people = pd.DataFrame(
        {
            "group": [INCOME_LABELS[group] for group in today.index],
            "countries": today["countries"].map(str),
            "without a listed system": today["countries_without"].map(str),
            "people in them, million": (today["people_without"] / 1e6).map("{:,.0f}".format),
            "of the group's people": today["share_without"].map(_percent),
            "class of that time": then["share_without"].map(_percent),
        }
    )
    ginis = pd.DataFrame(
        [
            {
                "list": edition,
                "hosts": f"{inequality.loc[edition, 'hosts']:.0f}",
                "hold 50 %": f"{inequality.loc[edition, 'holders_50']:.0f}",
                "hold 90 %": f"{inequality.loc[edition, 'holders_90']:.0f}",
                "hold 99 %": f"{inequality.loc[edition, 'holders_99']:.0f}",
                "Gini, countries": _range(inequality.loc[edition], "gini_countries"),
                "Gini, people": _range(inequality.loc[edition], "gini_people"),
                "Gini, hosts": f"{inequality.loc[edition, 'gini_hosts']:.2f}",
            }
            for edition in _SHOWN_LISTS
        ]
    )
    return [
        Heading(3, "How unequal"),
        Paragraph(
            f"Over one fixed set of {one['countries']:.0f} countries. The Gini coefficient is "
            "given under two assumptions: countries without a listed system have nothing (upper "
            "value), or up to one system as large as the last of the list (lower value). These are "
            "no bounds: such a country may have several machines just below the entry level, and "
            "hosts have unlisted machines, too, which are not counted. Weighted by people the "
            "upper value was lowest "
            f"in {lowest} ({inequality.loc[lowest, 'gini_people']:.2f}), when China had "
            f"{_percent(china[lowest])} of Rmax. Since China submits little, a rise since then may "
            "be no rise of inequality at all."
        ),
        Table(ginis),
        Paragraph(
            f"{_percent(none, 0)} of all people live in a country without a listed system "
            f"({EDITION}). A system in a country is not one that all its people may use."
        ),
        Table(people),
    ]


def _range(row: pd.Series, name: str) -> str:
    return f"{row[f'{name}_low']:.2f} to {row[name]:.2f}"


def _renewables() -> list[Block]:
    groups = compute_tables.clean_electricity()
    year = groups["year"].max()
    newest = groups[groups["year"] == year].set_index("income_group")
    oldest = groups[groups["year"] == groups["year"].min()].set_index("income_group")
    order = [group for group in INCOME_LABELS if group in newest.index]
    newest, oldest = newest.loc[order], oldest.loc[order]
    classed = newest.drop(index=UNCLASSIFIED, errors="ignore")
    table = pd.DataFrame(
        {
            "group": [INCOME_LABELS[group] for group in order],
            "countries": newest["countries"].map(str),
            "renewable share": newest["renewable_pct"].map("{:.1f} %".format),
            "renewable kWh per head": newest["renewable_kwh_per_head"].map("{:,.0f}".format),
            "of all kWh per head": newest["kwh_per_head"].map("{:,.0f}".format),
            "with access": newest["access_pct"].map("{:.1f} %".format),
            f"renewable kWh, times {groups['year'].min()}": (
                newest["renewable_kwh_per_head"] / oldest["renewable_kwh_per_head"]
            ).map("{:.1f}".format),
        }
    )
    return [
        Heading(3, f"Renewable share, amount and access, {year}"),
        Paragraph(
            "Figure 4 shows shares. The share alone misleads: the group with the highest renewable "
            f"share is {_words(classed['renewable_pct'].idxmax())}, that with the least renewable "
            f"electricity per head {_words(classed['renewable_kwh_per_head'].idxmin())}, that with "
            f"the least access {_words(classed['access_pct'].idxmin())}. Generation in the "
            f"country, {_SOURCE}, today's classes, over one set: only countries with figures for "
            f"every year since {groups['year'].min()}, for access only those of them that report "
            "it for every year. What a country generates per head is divided by its UN population, "
            "the sums of groups are weighted by the World Bank's, which is not the same."
        ),
        Table(table),
        *_capacity(),
        *_regions(),
    ]


_SOURCE = "Our World in Data (OWID: Ember, Energy Institute)"


def _capacity() -> list[Block]:
    rows = load_irena_income_groups("capacity", "class_of_2023")
    first, last = rows["year"].min(), rows["year"].max()
    wide = rows.pivot(index="income_group", columns="year")
    wide = wide.loc[[group for group in INCOME_LABELS if group in wide.index]]
    table = {"group": [INCOME_LABELS[group] for group in wide.index]}
    for year in (first, last):
        table[f"areas {year}"] = wide["areas", year].map("{:.0f}".format).tolist()
        table[f"renewable share {year}"] = (
            wide["renewable_pct", year].map("{:.1f} %".format).tolist()
        )
    table[f"renewable GW {last}"] = (wide["renewable", last] / 1000).map("{:,.1f}".format).tolist()
    return [
        Paragraph(
            f"Renewable share of installed capacity by income group (© IRENA 2024, edition 2024 "
            f"H2; class of {last}). There is no fixed set here: every year has the areas whose "
            "total is known in it, so part of a change is that areas were added. Areas without a "
            f"total are left out ({wide['areas_left_out', first].sum():.0f} in {first}, "
            f"{wide['areas_left_out', last].sum():.0f} in {last}, besides those that IRENA gives "
            "no value for)."
        ),
        Table(pd.DataFrame(table)),
    ]


def _regions() -> list[Block]:
    rows = compute_tables.clean_electricity("region").set_index("region")
    published = load_irena_regions("generation")
    year, newest = published["year"].max(), rows["year"].max()
    irena = published[published["year"] == year].set_index("region")["renewable_pct"]
    same = rows[rows["year"] == year]["renewable_pct"]
    rows = rows[rows["year"] == newest].sort_values("renewable_kwh_per_head")
    apart = (same - irena).abs()
    members = _irena_of_members()
    table = pd.DataFrame(
        {
            "IRENA's region": rows.index,
            "members summed": rows["countries"].map(str),
            f"renewable share {newest}, OWID, members summed": rows["renewable_pct"].map(_points),
            f"{year}, OWID, members summed": same[rows.index].map(_points),
            f"{year}, published by IRENA": irena[rows.index].map("{:.2f} %".format),
            f"renewable kWh per head {newest}": rows["renewable_kwh_per_head"].map(
                "{:,.0f}".format
            ),
            f"with access {newest}": rows["access_pct"].map(_points),
        }
    )
    return [
        Paragraph(
            f"Regions are IRENA's, the sums over their members are of {_SOURCE}, and are not "
            f"IRENA's regional figures, which end in {year} for generation. In that year the two "
            f"differ by at most {apart.max():.1f} points ({apart.idxmax()}). Part of that are "
            "members without figures for every year, which are left out: IRENA's own figures of "
            f"the members summed differ from IRENA's regions by at most {_largest(members, irena)}."
            " The rest are other sources and definitions, and weights of another population than "
            f"that behind the figures per head. From {year} to {newest} the sums of members move "
            f"by up to {_largest(rows['renewable_pct'], same)}, so compare within one year."
        ),
        Table(table),
    ]


def _points(share: float) -> str:
    return f"{share:.1f} %"


def _irena_of_members() -> pd.Series:
    """Return IRENA's renewable share of generation of the members that our sums contain."""
    rows = load_irena_countries("generation").dropna(subset=["renewable", "total"])
    rows = rows[rows["iso3"].isin(complete_countries(compute_tables.electricity_by_country()))]
    region = rows["iso3"].map(load_irena_region_members().set_index("iso3")["region"])
    sums = rows.groupby(region)[["renewable", "total"]].sum()
    return 100 * sums["renewable"] / sums["total"]


def _largest(new: pd.Series, old: pd.Series) -> str:
    step = (new - old).dropna()
    region = step.abs().idxmax()
    return f"{abs(step[region]):.1f} points ({region})"


def _penalty(groups: pd.DataFrame) -> list[Block]:
    found = compute_tables.penalty_sensitivity()
    found = found[found["compute"] == "gflops_per_head"]
    keys = ["countries_of", "clean", "question"]
    one = found[found["edition"] == EDITION].set_index(keys, drop=False)
    rows = [
        {"clean electricity": measure}
        | {
            words: _interval(one.loc[("all", clean, question)])
            for question, words in _QUESTIONS.items()
        }
        for clean, measure in CLEAN_MEASURES.items()
    ]
    anywhere = found[(found["countries_of"] == "all") & (found["question"] == "any")]
    rich = found[(found["countries_of"] == "high") & (found["question"] == "amount")]
    neither = groups[groups["penalty"] == NEITHER]
    people = neither.pivot(index="income_group", columns="line", values="share_of_people")
    lines = groups.groupby("line")["line_kwh"].first()
    world = compute_tables.clean_electricity("region").set_index(["region", "year"])
    world = world.loc[("World", ELECTRICITY_YEAR)]
    mean = groups[groups["line"] == "mean"].pivot(
        index="income_group", columns="penalty", values="share_of_people"
    )
    order = [group for group in INCOME_LABELS if group in mean.index]
    classes = pd.DataFrame({"group": [INCOME_LABELS[group] for group in order]})
    for name in CLASSES:
        classes[name] = [_percent(mean.loc[group, name], 0) for group in order]
    classes["neither, at the median person's line"] = [
        _percent(people.loc[group, "median person"], 0) for group in order
    ]
    return [
        Heading(3, "The double penalty"),
        Bullets(
            (
                "Having any, by amount: a host has more renewable electricity per head than "
                f"another country in {_span(anywhere, 'renewable_kwh_per_head')}. The paper says "
                "that both are lacking together.",
                "Having any, by share: a host has a higher renewable share of generation in "
                f"{_span(anywhere, 'renewable_pct')}, and a grid with less carbon in "
                f"{_span(anywhere, 'low_carbon')}.",
                "All electricity per head, clean or not, is more at the host in "
                f"{_span(anywhere, 'kwh_per_head')}. Where that is as much as for the renewable "
                "part, nothing is special to clean electricity. Income stands behind both, and "
                "is not taken out.",
                f"{_percent(people.loc['low', 'mean'], 0)} of the people of low-income countries "
                "live in a country with neither a listed system nor the world's mean of "
                f"{lines['mean']:,.0f} renewable kWh per head.",
            )
        ),
        Paragraph(
            f"Share of each group's people by what their country has, list {EDITION}, electricity "
            f"of {ELECTRICITY_YEAR}. The line of {lines['mean']:,.0f} kWh is the mean of all "
            f"people of the list's year ({EDITION[:4]}) in the {_with_figures()} countries with "
            f"figures. The world's {world['renewable_kwh_per_head']:,.0f} kWh in the table of "
            f"regions are of {world['countries']:.0f} countries with figures for every year, by "
            f"the people of {ELECTRICITY_YEAR}. The other line, {lines['median person']:,.0f} kWh, "
            "is what the country of the median person has."
        ),
        Table(classes),
        Paragraph(
            "Has any: probability that a host has more than a country without a listed system. How "
            "much and all: Spearman's rank correlation with Rmax per head; in all countries those "
            "without a system are tied at the bottom. In brackets: 95 % bootstrap interval over "
            f"countries ({RESAMPLES:,} resamples): how much hangs on single countries, not a test. "
            "Another seed moves a limit by a Monte-Carlo standard error of at most "
            f"{anywhere['error'].max():.3f} (has any) and "
            f"{found.loc[found['question'] != 'any', 'error'].max():.3f} (correlations), so a "
            "last printed digit may change. Near: a limit lies within 0.01 and "
            "two such errors of no relation, and the side is left open. The rows are not "
            "independent of each other."
        ),
        Table(pd.DataFrame(rows)),
        Paragraph("Has any, by list: no relation is one half."),
        Table(_by_list(anywhere)),
        Paragraph(
            "How much, among high-income hosts, by list: no relation is zero. "
            + _sides(rich, "amount")
        ),
        Table(_by_list(rich)),
    ]


def _with_figures() -> int:
    return int(compute_tables.penalty_panel()["renewable_kwh_per_head"].notna().sum())


def _by_list(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one question's intervals of every list and measure of clean electricity."""
    cells = rows.set_index(["clean", "edition"])
    return pd.DataFrame(
        [
            {"clean electricity": words}
            | {
                edition: _interval(cells.loc[(clean, edition)])
                for edition in rows["edition"].unique()
            }
            for clean, words in CLEAN_MEASURES.items()
        ]
    )


def _side(row: pd.Series) -> str:
    nothing, _ = _NOTHING[row["question"]]
    return interval_side(row["low"], row["high"], row["error"], nothing)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _span(rows: pd.DataFrame, clean: str) -> str:
    """Say in how many of all pairs, over the lists, and where the interval lies."""
    rows = rows[rows["clean"] == clean]
    lists = rows.groupby(rows.apply(_side, axis=1), sort=False)["edition"].agg(list)
    parts = [
        f"{_SIDES[side]} one half {f'for {_listed(names)}' if len(lists) > 1 else 'for every list'}"
        for side, names in lists.items()
    ]
    one = rows.set_index("edition").loc[EDITION]
    value, low, high = (_two(one[name]) for name in ("value", "low", "high"))
    return (
        f"{_two(rows['value'].min())} to {_two(rows['value'].max())} of all pairs, depending on "
        f"the list ({EDITION}: {value}, {low} to {high}; the interval {'; it '.join(parts)})"
    )


_SIDES = {
    "above": "lies above",
    "below": "lies below",
    "near": "has a limit near",
    "around": "includes",
    "unknown": "cannot be told from",
}


def _sides(rows: pd.DataFrame, question: str) -> str:
    """Say for which measures and lists the interval lies beside no relation, or near it."""
    rows = rows.assign(side=rows.apply(_side, axis=1))
    words = _NOTHING[question][1]
    parts = []
    for side in ("above", "below", "near"):
        some = rows[rows["side"] == side].groupby("clean", sort=False)["edition"].agg(list)
        if len(some):
            names = "; ".join(
                f"{CLEAN_MEASURES[clean]} ({_listed(some[clean])})" for clean in some.index
            )
            parts.append(f"The interval {_SIDES[side]} {words} for {names}.")
    return " ".join([*parts, f"In all other cases it includes {words}."])


def _two(value: float) -> str:
    # no minus before a zero
    return f"{round(value, 2) + 0.0:.2f}"


def _interval(row: pd.Series) -> str:
    value, low, high = (_two(row[name]) for name in ("value", "low", "high"))
    near = ", near" if _side(row) == "near" else ""
    return f"{value} ({low} to {high}{near}), n = {row['countries']:.0f}"


def _training() -> list[Block]:
    table = compute_tables.training_emissions()
    run, usa = load_runs().loc[RUN], table.set_index("iso3").loc["USA", "t_co2e"]
    low, high = table.iloc[0], table.iloc[-1]
    medians = table.groupby("income_group")["t_co2e"].median()
    counts = table.groupby("income_group").size()
    groups = ", ".join(
        f"{INCOME_LABELS[group].lower()} {medians[group]:,.0f} t ({counts[group]} hosts)"
        for group in INCOME_LABELS
        if group in medians.index
    )
    return [
        Heading(3, "The same training run on every host's grid"),
        Paragraph(
            f"{table['energy_gwh'].iloc[0]:.3f} GWh ({run['model']}, accelerators only, PUE 1) "
            f"emit {low['t_co2e']:,.0f} t CO2e in {low['country']} and {high['t_co2e']:,.0f} t in "
            f"{high['country']}, {high['times_lowest']:.1f} times as much (grids of "
            f"{table['grid_year'].iloc[0]}, yearly national averages). The model card reports "
            f"{run['reported_t_co2e_location']:,.0f} t, location-based; the grid of the United "
            f"States gives {usa:,.0f} t. Medians: {groups}."
        ),
    ]


def _authors() -> list[Block]:
    groups = compute_tables.authorship_and_compute().set_index(["year", "income_group"])
    years = [2006, 2010, 2014, 2016, 2018, 2020, 2022]
    table = pd.DataFrame(
        [
            {"year": str(year)}
            | {
                f"{INCOME_LABELS[group].lower()}, {words}": _percent(
                    groups.loc[(year, group), column]
                )
                for group in ("high", "upper_middle", "lower_middle")
                for column, words in (("entries_share", "entries"), ("rmax_share", "Rmax"))
            }
            for year in years
        ]
    )
    return [
        Heading(3, "Authors beside machines"),
        Paragraph(
            "Share of ICML and NeurIPS entries with a known country beside the share of Rmax (mean "
            "of the year's lists), today's classes. Neither is a cause of the other, and what "
            "upper middle income does after 2020 may be China's submissions."
        ),
        Table(table),
        Paragraph(
            f"By country, {_AUTHORS_YEAR}: the first {_FIRST} by entries and the first {_FIRST} by "
            "Rmax, with their places."
        ),
        Table(_author_countries()),
    ]


def _author_countries() -> pd.DataFrame:
    nations = compute_tables.authorship_and_compute("iso3")
    rows = nations[nations["year"] == _AUTHORS_YEAR].sort_values("entries_share", ascending=False)
    shares = ["entries_share", "rmax_share"]
    places = rows[shares].rank(ascending=False, method="min")
    shown = (places <= _FIRST).any(axis=1)
    rows, places = rows[shown], places[shown]
    table = {"country": rows["country"]}
    for column, words in zip(shares, ("entries", "Rmax"), strict=True):
        table[f"share of {words}"] = rows[column].map(_percent)
        # no place for a country without any
        given = places[column].map("{:.0f}".format)
        table[f"place by {words}"] = given.where(rows[column] > 0, "")
    return pd.DataFrame(table)
