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
