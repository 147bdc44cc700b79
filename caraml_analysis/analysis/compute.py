"""The compute divide: listed supercomputers by income group."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import tables


def compute_by_income_group(top500: pd.DataFrame) -> pd.DataFrame:
    """Return countries, systems and Rmax of each income group.

    Parameters
    ----------
    top500 : DataFrame
        One list by country, with the column ``income_group``.

    Returns
    -------
    DataFrame
        ``income_group`` (every group, also those without a system), ``countries``, ``systems``,
        ``rmax_tflops`` (TFlop/s) and ``rmax_share`` (0 to 1).
    """
    tables.require_columns(top500, ["iso3", "systems", "rmax_tflops", "income_group"], "top500")
    order = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    sums = (
        top500.groupby("income_group")
        .agg(
            countries=("iso3", "size"),
            systems=("systems", "sum"),
            rmax_tflops=("rmax_tflops", "sum"),
        )
        .reindex(order, fill_value=0)
        .rename_axis("income_group")
        .reset_index()
    )
    return sums.assign(rmax_share=sums["rmax_tflops"] / sums["rmax_tflops"].sum())


def papers_by_country(located: pd.DataFrame) -> pd.DataFrame:
    """Return papers and entries of each country.

    Parameters
    ----------
    located : DataFrame
        Authorships with ``conference``, ``year``, ``paper``, ``entries`` and ``countries`` (all
        countries of the text, joined by ``;``).

    Returns
    -------
    DataFrame
        ``iso3``, ``papers`` (with at least one author there; a paper of several countries counts
        for each) and ``entries`` (naming the country, possibly beside others); most papers first.
    """
    columns = ["conference", "year", "paper", "entries", "countries"]
    tables.require_columns(located, columns, "located authorships")
    tables.refuse_failures(located, "located authorships")
    rows = located[columns].dropna(subset="countries")
    # a text may come back to a country ("MIT, DeepMind, Stanford"): its entries count once there
    codes = [list(dict.fromkeys(text.split(";"))) for text in rows["countries"]]
    rows = rows.assign(iso3=codes).explode("iso3", ignore_index=True)
    papers = rows.drop_duplicates(["conference", "year", "paper", "iso3"])
    result = pd.DataFrame(
        {
            "papers": papers.groupby("iso3").size(),
            "entries": rows.groupby("iso3")["entries"].sum(),
        }
    )
    result = result.drop(index="", errors="ignore").rename_axis("iso3").reset_index()
    return result.sort_values(["papers", "iso3"], ascending=[False, True], ignore_index=True)


def compute_shares(top500: pd.DataFrame, group: str = "income_group") -> pd.DataFrame:
    """Return each income group's share of systems, Rmax and known power in every edition.

    Parameters
    ----------
    top500 : DataFrame
        Lists by country (``edition``, ``iso3``, ``systems``, ``rmax_tflops``, ``power_kw``,
        ``systems_with_power``) with the column `group`.
    group : str
        Column with the income group: the class of that time, or that of one year for all.

    Returns
    -------
    DataFrame
        One row for each edition and group, also those without a system: ``countries``,
        ``systems``, ``rmax_tflops`` (TFlop/s), ``power_kw`` (kW, only of systems that publish
        it), ``systems_with_power``, and ``systems_share``, ``rmax_share`` and ``power_share`` (0
        to 1; power missing where no system publishes it).
    """
    columns = ["systems", "rmax_tflops", "power_kw", "systems_with_power"]
    tables.require_columns(top500, ["edition", "iso3", *columns, group], "top500")
    order = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED]
    editions = sorted(top500["edition"].unique())
    index = pd.MultiIndex.from_product([editions, order], names=["edition", "income_group"])
    rows = top500.assign(income_group=top500[group], countries=1)
    sums = rows.groupby(["edition", "income_group"])[["countries", *columns]].sum()
    sums = sums.reindex(index, fill_value=0)
    totals = sums.groupby(level="edition").transform("sum")
    for name in ("systems", "rmax", "power"):
        column = {"rmax": "rmax_tflops", "power": "power_kw"}.get(name, name)
        sums[f"{name}_share"] = sums[column] / totals[column].where(totals[column] > 0)
    return sums.reset_index()


def country_shares(top500: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Return one country's share of systems, Rmax and known power in every edition.

    Parameters
    ----------
    top500 : DataFrame
        Lists by country, as :func:`caraml_analysis.load_top500` returns them.
    iso3 : str
        Alpha-3 code.

    Returns
    -------
    DataFrame
        ``edition``, ``systems``, ``rmax_tflops``, ``power_kw``, and ``systems_share``,
        ``rmax_share``, ``power_share`` (0 to 1); 0 where nothing is listed, power missing where no
        system publishes it.
    """
    columns = ["systems", "rmax_tflops", "power_kw"]
    tables.require_columns(top500, ["edition", "iso3", *columns], "top500")
    totals = top500.groupby("edition")[columns].sum()
    own = top500[top500["iso3"] == iso3].groupby("edition")[columns].sum()
    own = own.reindex(totals.index, fill_value=0)
    shares = (own / totals.where(totals > 0)).add_suffix("_share")
    shares = shares.rename(
        columns={"rmax_tflops_share": "rmax_share", "power_kw_share": "power_share"}
    )
    return own.join(shares).reset_index()


def reclassified_hosts(top500: pd.DataFrame, group: str = "income_group") -> pd.DataFrame:
    """Return the hosts whose income group changed between two lists that follow each other.

    Parameters
    ----------
    top500 : DataFrame
        Lists by country, with ``edition``, ``iso3``, ``country``, ``systems``, ``rmax_tflops`` and
        `group`.
    group : str
        Column with the class of that time.

    Returns
    -------
    DataFrame
        ``edition`` (the first with the new class), ``iso3``, ``country``, ``before``, ``after``,
        ``systems`` and ``rmax_share`` (0 to 1) of the country in that edition: what changes group
        although no machine moved. A country that leaves the list and comes back is compared with
        its last listing.
    """
    columns = ["edition", "iso3", "country", "systems", "rmax_tflops", group]
    tables.require_columns(top500, columns, "top500")
    rows = top500[columns].sort_values(["iso3", "edition"])
    rows = rows.assign(
        rmax_share=rows["rmax_tflops"] / rows.groupby("edition")["rmax_tflops"].transform("sum"),
        before=rows.groupby("iso3")[group].shift(),
    )
    changed = rows[rows["before"].notna() & (rows["before"] != rows[group])]
    changed = changed.rename(columns={group: "after"})
    order = ["edition", "iso3", "country", "before", "after", "systems", "rmax_share"]
    return changed[order].sort_values(["edition", "iso3"], ignore_index=True)
