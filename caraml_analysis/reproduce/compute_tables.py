"""The compute divide put together: lists, people, income groups and electricity of countries.

Each function joins tables of the sources and hands them to the pure functions of ``analysis``. The
embedded editions count, or those that :func:`caraml_analysis.using` names.
"""

from __future__ import annotations

from difflib import get_close_matches
from numbers import Integral

import pandas as pd

from caraml_analysis import carbon, countries, tables
from caraml_analysis.analysis.authorship_compute import authorship_beside_compute
from caraml_analysis.analysis.clean_energy import renewable_electricity
from caraml_analysis.analysis.compute import compute_shares, country_shares
from caraml_analysis.analysis.double_penalty import RESAMPLES, measure_penalty, penalty_classes
from caraml_analysis.analysis.inequality import (
    inequality_by_edition,
    lorenz_curve,
    people_without_system,
    raise_to_entry,
)
from caraml_analysis.carbon.factors import newest_full_year
from caraml_analysis.errors import FactorError, TableError, YearError
from caraml_analysis.reproduce.entries import located_authorships
from caraml_analysis.sources.editions import chosen, fetched, in_use, remembered, using
from caraml_analysis.sources.electricity import load_electricity_access, load_electricity_per_head
from caraml_analysis.sources.grid import load_grid_intensity
from caraml_analysis.sources.irena import (
    load_irena_countries,
    load_irena_region_members,
    load_irena_regions,
)
from caraml_analysis.sources.model_runs import load_accelerators, load_runs
from caraml_analysis.sources.population import load_population
from caraml_analysis.sources.top500 import load_top500, load_top500_entry
from caraml_analysis.sources.world_bank import income_classes, load_income_groups

#: List, year of the electricity figures (the newest that nearly all countries have), and run.
EDITION, ELECTRICITY_YEAR, RUN = "2024-11", 2023, "llama-3.1-405b"
#: How income groups are given to a list: the class then in force, or today's for all lists.
CLASSES = {"then": "class of that time", "now": "today's class"}
#: Years of which nearly all countries have electricity figures.
FIRST_YEAR, LAST_YEAR = 2000, 2023
#: So many of all people must live in countries with figures for a mean to be that of the world.
COVERED = 0.9


def list_shown() -> str:
    """Return the Top500 list that counts where one is shown: the one in use, else ``EDITION``."""
    return chosen("top500") or EDITION


def hosts_by_edition(edition: str | None = None) -> pd.DataFrame:
    """Return all Top500 lists by country with two income groups.

    Parameters
    ----------
    edition : str, optional
        World Bank table: ``"FY26"`` (default), ``"FY25"``, or one that was fetched.

    Returns
    -------
    DataFrame
        The columns of :func:`load_top500`, ``class_then`` (the income group in force when the list
        came out) and ``class_now`` (that of the newest data year, for every list: what changes by
        it are machines and not classes).
    """
    top = load_top500()
    then = income_classes(top["iso3"], top["edition"] + "-01", rule="in_force", edition=edition)
    now = income_classes(top["iso3"], newest_data_year(edition), edition=edition)
    return top.assign(class_then=then["income_group"], class_now=now["income_group"])


def compute_history() -> pd.DataFrame:
    """Return the shares of income groups in every list, in both classes, with China's beside.

    Returns
    -------
    DataFrame
        ``classes`` (``then`` or ``now``), the columns of :func:`compute_shares`, and
        ``china_systems_share``, ``china_rmax_share``, ``china_power_share``: the part of the
        group's share that is China's (0 for the groups that China is not in).
    """
    hosts = hosts_by_edition()
    china = country_shares(hosts, "CHN").set_index("edition")
    parts = []
    for name in CLASSES:
        shares = compute_shares(hosts, f"class_{name}")
        own = hosts[hosts["iso3"] == "CHN"].set_index("edition")[f"class_{name}"]
        inside = shares["income_group"] == shares["edition"].map(own)
        for column in ("systems_share", "rmax_share", "power_share"):
            shares[f"china_{column}"] = shares["edition"].map(china[column]).where(inside, 0.0)
        shares.insert(0, "classes", name)
        parts.append(shares)
    return pd.concat(parts, ignore_index=True)


@remembered
def _population() -> dict[tuple[str, int], int]:
    table = load_population()
    keys = zip(table["iso3"], table["year"], strict=True)
    return dict(zip(keys, table["population"], strict=True))


def economies() -> list[str]:
    """Return the fixed set of countries: economies of the World Bank's table with a population.

    Former economies (Czechoslovakia, Soviet Union) are not in it, nor are territories that the
    World Bank counts with another economy.
    """
    codes = set(load_income_groups()["iso3"])
    people = load_population()
    return sorted(codes & set(people.loc[people["year"] == people["year"].max(), "iso3"]))


def country_panel(editions: list[str] | None = None) -> pd.DataFrame:
    """Return every list for the same set of countries, those without a system included.

    Parameters
    ----------
    editions : list of str, optional
        Lists as ``YYYY-MM``, embedded or fetched; by default all embedded ones, and those in use
        (:func:`caraml_analysis.using`).

    Returns
    -------
    DataFrame
        ``edition``, ``iso3``, ``country``, ``population`` (of the list's year, the newest known
        where that is not out yet), ``systems``, ``rmax_tflops`` (TFlop/s), both 0 where nothing is
        listed, ``entry_rmax_tflops`` (of the list), ``class_then``, ``class_now``.

    Raises
    ------
    YearError
        If there is no such list.
    TableError
        If a host is missing from the income table or the population, so that its machines would
        be lost; nothing is computed then.
    """
    everything = _every_panel()
    if editions is None:
        return everything.copy()
    known = set(everything["edition"])
    others = [edition for edition in editions if edition not in known]
    there = sorted({*known, *fetched("top500")})
    for edition in others:
        if edition not in there:
            raise YearError(
                f"no Top500 list {edition!r}; there are {', '.join(there)}. To fetch another: "
                "caraml data refresh top500 --help"
            )
    if others:
        with using(top500=[*in_use().get("top500", ()), *others]):
            everything = _every_panel()
    return everything[everything["edition"].isin(editions)].reset_index(drop=True)


@remembered
def _every_panel() -> pd.DataFrame:
    top = load_top500()
    levels = load_top500_entry().set_index("edition")["entry_rmax_tflops"]
    wanted, codes = sorted(levels.index), economies()
    check_hosts(top, codes)
    panel = pd.MultiIndex.from_product([wanted, codes], names=["edition", "iso3"]).to_frame(False)
    panel = panel.merge(
        top[["edition", "iso3", "systems", "rmax_tflops"]], how="left", on=["edition", "iso3"]
    ).fillna({"systems": 0, "rmax_tflops": 0.0})
    people = _population()
    newest = max(year for _, year in people)
    years = panel["edition"].str[:4].astype(int).clip(upper=newest)
    then = income_classes(panel["iso3"], panel["edition"] + "-01", rule="in_force")
    return panel.assign(
        country=panel["iso3"].map(countries.name),
        systems=panel["systems"].astype(int),
        population=[people[key] for key in zip(panel["iso3"], years, strict=True)],
        entry_rmax_tflops=panel["edition"].map(levels),
        class_then=then["income_group"],
        class_now=income_classes(panel["iso3"], newest_data_year())["income_group"],
    )


def newest_data_year(edition: str | None = None) -> int:
    """Return the newest data year of the income groups: the class of today."""
    return int(load_income_groups(edition)["data_year"].max())


def check_hosts(top500: pd.DataFrame, codes: list[str]) -> None:
    """Raise a TableError that names the hosts which are not in the set of countries."""
    lost = sorted(set(top500["iso3"]) - set(codes))
    if lost:
        raise TableError(
            f"Top500 hosts without income group or population: {', '.join(lost)}. Nothing was "
            "computed, since their machines would be lost. Add them to income_groups.csv and "
            "population.csv, or leave them out yourself."
        )


def compute_inequality() -> pd.DataFrame:
    """Return :func:`inequality_by_edition` of all lists, over the fixed set of countries."""
    return _inequality().copy()


@remembered
def _inequality() -> pd.DataFrame:
    return inequality_by_edition(_every_panel())


def lorenz_curves(edition: str | None = None) -> dict[str, pd.DataFrame]:
    """Return the Lorenz curves of one list by what they are called in the figure.

    Parameters
    ----------
    edition : str, optional
        List as ``YYYY-MM``, embedded or fetched; :func:`list_shown` by default.
    """
    panel = country_panel([edition or list_shown()])
    rmax, people = panel["rmax_tflops"].to_numpy(), panel["population"].to_numpy()
    raised = raise_to_entry(rmax, None, float(panel["entry_rmax_tflops"].iloc[0]))
    return {
        "countries, unlisted zero": lorenz_curve(rmax),
        "countries, unlisted at entry level": lorenz_curve(raised),
        "people, unlisted zero": lorenz_curve(rmax, people),
        "hosts only": lorenz_curve(rmax[rmax > 0]),
    }


def plotted_inequality(
    curves: dict[str, pd.DataFrame], lists: pd.DataFrame, without: pd.DataFrame, edition: str
) -> pd.DataFrame:
    """Return everything that :func:`plot_inequality` draws in one table.

    Parameters
    ----------
    curves, lists, without : dict of DataFrame, DataFrame, DataFrame
        From :func:`lorenz_curves`, :func:`compute_inequality` and :func:`without_system`.
    edition : str
        List of the curves.

    Returns
    -------
    DataFrame
        One row for each list, with ``without_GROUP`` beside its columns; then one for each
        ``point`` of each ``curve`` of `edition`, with ``holders`` and ``amount`` (0 to 1).
    """
    shares = without.pivot(index="edition", columns="income_group", values="share_without")
    rows = lists.merge(shares.add_prefix("without_").reset_index(), on="edition")
    points = [
        curve.assign(edition=edition, curve=name, point=range(len(curve)))
        for name, curve in curves.items()
    ]
    return pd.concat([rows, *points], ignore_index=True)


def _check_classes(classes: str) -> None:
    if classes not in CLASSES:
        there = " and ".join(f"{name!r} ({words})" for name, words in CLASSES.items())
        raise TableError(f"no income classes {classes!r}; there are {there}.")


def without_system(classes: str = "now") -> pd.DataFrame:
    """Return :func:`people_without_system` of all lists.

    Parameters
    ----------
    classes : {"now", "then"}
        Which income group counts; see ``CLASSES``.

    Raises
    ------
    TableError
        If `classes` is neither.
    """
    _check_classes(classes)
    return people_without_system(_every_panel(), f"class_{classes}")


def electricity_by_country(first: int = FIRST_YEAR, last: int = LAST_YEAR) -> pd.DataFrame:
    """Return electricity, access, population and income group of countries and years.

    Returns
    -------
    DataFrame
        ``iso3``, ``year``, ``kwh_per_head``, ``renewable_kwh_per_head`` (kWh a year, generated in
        the country), ``access_pct``, ``population``, ``class_then`` (data year), ``class_now``.

    Raises
    ------
    YearError
        If the years lie outside of the data, or are no whole numbers.
    """
    for year in (first, last):
        if not isinstance(year, Integral):
            raise YearError(f"the year is {year!r}; give it as a whole number such as 2023.")
    table = load_electricity_per_head()
    if not table["year"].min() <= first <= last <= table["year"].max():
        raise YearError(
            f"no electricity figures for {first} to {last}; there are "
            f"{table['year'].min()} to {table['year'].max()}."
        )
    table = table[table["year"].between(first, last)]
    table = table.merge(load_electricity_access(), how="left", on=["iso3", "year"])
    table = table.merge(load_population(), how="left", on=["iso3", "year"])
    return table.assign(
        class_then=income_classes(table["iso3"], table["year"])["income_group"],
        class_now=income_classes(table["iso3"], newest_data_year())["income_group"],
    )


def clean_electricity(by: str = "income_group", classes: str = "now") -> pd.DataFrame:
    """Return :func:`renewable_electricity` of the income groups or regions by year.

    The shares are of the countries' figures summed, not those that IRENA publishes for its regions.

    Parameters
    ----------
    by : {"income_group", "region"}
        Income groups, or IRENA's regions with ``World`` as one of them.
    classes : {"now", "then"}
        Which income group counts; see ``CLASSES``.

    Raises
    ------
    TableError
        If `by` or `classes` is neither.
    """
    _check_classes(classes)
    table = electricity_by_country()
    if by == "income_group":
        return renewable_electricity(table.rename(columns={f"class_{classes}": by}))
    if by != "region":
        raise TableError(f"nothing to group by {by!r}; there are 'income_group' and 'region'.")
    members = load_irena_region_members().set_index("iso3")["region"]
    parts = [
        renewable_electricity(table.assign(region=table["iso3"].map(members)), by),
        renewable_electricity(table.assign(region="World"), by),
    ]
    return pd.concat(parts, ignore_index=True)


def renewables_by_region() -> pd.DataFrame:
    """Return IRENA's renewable share of capacity and generation of each region by year."""
    return pd.concat(
        [load_irena_regions("capacity"), load_irena_regions("generation")], ignore_index=True
    )


def penalty_panel(edition: str | None = None, year: int = ELECTRICITY_YEAR) -> pd.DataFrame:
    """Return compute and electricity of every country at one time.

    Parameters
    ----------
    edition : str, optional
        Top500 list as ``YYYY-MM``, embedded or fetched; :func:`list_shown` by default.
    year : int
        Year of electricity, access and grid intensity. IRENA's figures are those of their newest
        years, whatever `year` is.

    Returns
    -------
    DataFrame
        The columns of :func:`country_panel`, its ``class_then`` as ``income_group`` (in force when
        the list came out);
        ``gflops_per_head`` (GFlop/s of Rmax per person, 0 where nothing is listed),
        ``systems_per_million`` (systems per million people); ``kwh_per_head``,
        ``renewable_kwh_per_head``, ``renewable_pct`` (of generation), ``access_pct``,
        ``g_co2e_per_kwh``, ``capacity_pct`` (renewable share of capacity 2023, IRENA),
        ``capacity_w_per_head`` (renewable capacity, W per person). Missing where a source has no
        value.
    """
    panel = country_panel([edition or list_shown()])
    people = panel["population"]
    power = electricity_by_country(year, year).set_index("iso3")
    grid = load_grid_intensity()
    grid = grid[grid["year"] == year].set_index("iso3")["g_co2e_per_kwh"]
    capacity = load_irena_countries("capacity").set_index("iso3")
    columns = ("kwh_per_head", "renewable_kwh_per_head", "access_pct")
    # not beside it: a report of changes would count each change of a class twice
    panel = panel.rename(columns={"class_then": "income_group"}).assign(
        gflops_per_head=1000 * panel["rmax_tflops"] / people,
        systems_per_million=1e6 * panel["systems"] / people,
        **{column: panel["iso3"].map(power[column]) for column in columns},
        g_co2e_per_kwh=panel["iso3"].map(grid),
        capacity_pct=panel["iso3"].map(capacity["renewable_pct"]),
        capacity_w_per_head=1e6 * panel["iso3"].map(capacity["renewable"]) / people,
    )
    generated = panel["kwh_per_head"].where(panel["kwh_per_head"] > 0)
    return panel.assign(renewable_pct=100 * panel["renewable_kwh_per_head"] / generated)


#: Ways to measure clean electricity; for the grid, less is cleaner, so its sign is turned.
CLEAN_MEASURES = {
    "renewable_kwh_per_head": "renewable electricity per head",
    "capacity_w_per_head": "renewable capacity per head",
    "renewable_pct": "renewable share of generation",
    "capacity_pct": "renewable share of capacity",
    "low_carbon": "low carbon intensity of the grid",
    "kwh_per_head": "all electricity per head",
}
_LISTS = (("2019-11", 2018), ("2022-11", 2021), ("2024-11", 2023), ("2025-06", 2023))


def _sensitivity_lists() -> list[tuple[str, int]]:
    """Return the lists with the year of their electricity; those in use come beside the others."""
    known = dict(_LISTS)
    for edition in in_use().get("top500", ()):
        known.setdefault(edition, min(int(edition[:4]) - 1, LAST_YEAR))
    return sorted(known.items())


@remembered
def penalty_sensitivity(resamples: int = RESAMPLES, seed: int = 2025) -> pd.DataFrame:
    """Return the double penalty under every choice of list, compute and clean electricity.

    Parameters
    ----------
    resamples, seed : int
        As in :func:`rank_correlation`.

    Returns
    -------
    DataFrame
        ``edition``, ``electricity_year``, ``countries_of`` (``all`` or ``high`` income only),
        ``compute`` (``gflops_per_head``; ``systems_per_million`` for one list), ``clean`` and the
        columns of :func:`measure_penalty`. IRENA's capacity is that of 2023 beside every list.
    """
    rows = []
    for edition, year in _sensitivity_lists():
        everyone = penalty_panel(edition, year)
        everyone = everyone.assign(low_carbon=-everyone["g_co2e_per_kwh"])
        chosen = {"all": everyone, "high": everyone[everyone["income_group"] == "high"]}
        for countries_of, panel in chosen.items():
            # the count of systems instead of their performance, for one list
            others = ("systems_per_million",) if edition == EDITION else ()
            for compute in ("gflops_per_head", *others):
                for clean in CLEAN_MEASURES:
                    found = measure_penalty(panel, compute, clean, resamples=resamples, seed=seed)
                    choices = {
                        "edition": edition,
                        "electricity_year": year,
                        "countries_of": countries_of,
                        "compute": compute,
                        "clean": clean,
                    }
                    rows.append(found.assign(**choices)[[*choices, *found.columns]])
    return pd.concat(rows, ignore_index=True)


def double_penalty(edition: str | None = None, year: int = ELECTRICITY_YEAR) -> pd.DataFrame:
    """Return :func:`penalty_panel` with the classes of :func:`penalty_classes`.

    The line between having clean electricity and not is the mean of all people in the panel.

    Raises
    ------
    YearError
        If there is no such list, or countries with less than nine in ten people have electricity
        figures of `year`: their mean is not that of the world. Names the years that work.
    """
    panel = penalty_panel(edition, year)
    _check_covered(panel, year)
    return penalty_classes(panel)


def _check_covered(panel: pd.DataFrame, year: int) -> None:
    """Raise a YearError if too few people live in countries with electricity figures."""
    people = panel.set_index("iso3")["population"]
    known = panel["renewable_kwh_per_head"].notna().to_numpy()
    if people[known].sum() >= COVERED * people.sum():
        return
    table = load_electricity_per_head().dropna(subset="renewable_kwh_per_head")
    sums = table["iso3"].map(people).groupby(table["year"]).sum()
    enough = sums.index[sums >= COVERED * people.sum()]
    raise YearError(
        f"electricity of {year}: only {known.sum()} of {len(panel)} countries have figures, with "
        f"{people[known].sum() / people.sum():.0%} of the people, so their mean is not that of "
        f"the world. Years that work: {', '.join(map(str, enough))}."
    )


def training_emissions(
    edition: str | None = None, year: int | None = None, run: str = RUN
) -> pd.DataFrame:
    """Return what one training run would emit on the grid of every host, lowest first.

    Parameters
    ----------
    edition : str, optional
        Top500 list whose hosts count, embedded or fetched; :func:`list_shown` by default.
    year : int, optional
        Year of the grid intensity; the newest that nearly all countries have by default.
    run : str
        A run of :func:`load_runs`; its energy is accelerator hours x rated power, without host,
        network and cooling (PUE 1).

    Returns
    -------
    DataFrame
        ``iso3``, ``country``, ``income_group`` (in force then), ``rmax_tflops``,
        ``g_co2e_per_kwh``, ``energy_gwh`` and ``grid_year`` (the same in every row), ``t_co2e`` (t,
        missing where the grid's intensity is) and ``times_lowest``.

    Raises
    ------
    YearError
        If there is no such list, or no grid intensity for `year`.
    FactorError
        If there is no such run; suggests the nearest.
    """
    hosts = load_top500(edition or list_shown())
    then = income_classes(hosts["iso3"], hosts["edition"] + "-01", rule="in_force")
    grid = load_grid_intensity()
    year = newest_full_year(grid) if year is None else year
    grid = grid[grid["year"] == year].set_index("iso3")["g_co2e_per_kwh"]
    if grid.empty:
        raise YearError(f"no grid intensity for {year}; nothing was computed.")
    runs = load_runs()
    if run not in runs.index:
        near = get_close_matches(str(run), runs.index, n=3, cutoff=0.4)
        raise FactorError(
            f"no run {run!r}. Nearest: {', '.join(near) or 'none'}. load_runs() has all of them."
        )
    chosen = runs.loc[run]
    watts = float(load_accelerators().loc[chosen["accelerator"], "tdp_w"])
    kwh = carbon.energy_kwh(float(chosen["accelerator_hours"]), watts, pue=1.0)
    intensity = hosts["iso3"].map(grid)
    tonnes = [
        float("nan") if pd.isna(grams) else carbon.emissions_t_co2e(kwh, float(grams))
        for grams in intensity
    ]
    table = hosts.assign(
        income_group=then["income_group"],
        g_co2e_per_kwh=intensity,
        energy_gwh=kwh / 1e6,
        grid_year=year,
        t_co2e=tonnes,
    )
    columns = ["iso3", "country", "income_group", "rmax_tflops", "g_co2e_per_kwh"]
    table = table[[*columns, "energy_gwh", "grid_year", "t_co2e"]].sort_values(
        ["t_co2e", "iso3"], ignore_index=True
    )
    return table.assign(times_lowest=table["t_co2e"] / table["t_co2e"].min())


def authorship_and_compute(by: str = "income_group", classes: str = "now") -> pd.DataFrame:
    """Return the share of conference entries beside that of Rmax, by year.

    Parameters
    ----------
    by : {"income_group", "iso3"}
        Groups or countries.
    classes : {"now", "then"}
        Which income group counts; see ``CLASSES``. ``then``: entries in the class of their data
        year, lists in the class in force.

    Returns
    -------
    DataFrame
        As :func:`authorship_beside_compute`, for ICML and NeurIPS together; by country with
        ``country``, and only rows with an entry or a listed system in the year.

    Raises
    ------
    TableError
        If `by` or `classes` is neither.
    """
    _check_classes(classes)
    if by not in ("income_group", "iso3"):
        raise TableError(f"nothing to group by {by!r}; there are 'income_group' and 'iso3'.")
    entries = located_authorships(("ICML", "NeurIPS"))
    hosts = hosts_by_edition()
    if classes == "now":
        newest = newest_data_year()
        entries = entries.assign(
            income_group=income_classes(entries["country"], newest)["income_group"]
        )
    entries = entries.assign(iso3=entries["country"])
    hosts = hosts.assign(income_group=hosts[f"class_{classes}"])
    table = authorship_beside_compute(entries, hosts, by)
    if by == "iso3":
        some = (table["entries_share"] > 0) | (table["rmax_share"] > 0)
        table = table[some].reset_index(drop=True)
        return table.assign(country=table["iso3"].map(countries.name))
    order = {group: place for place, group in enumerate([*tables.INCOME_GROUPS, "unclassified"])}
    return table.sort_values(
        ["year", "income_group"],
        key=lambda column: column.map(order) if column.name == "income_group" else column,
        ignore_index=True,
    )
