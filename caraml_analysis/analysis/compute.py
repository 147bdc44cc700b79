"""The compute divide: listed supercomputers by income group."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import countries, tables
from caraml_analysis.errors import TableError

#: What a share of a column is called.
_SHARES = {"systems": "systems_share", "rmax_tflops": "rmax_share", "power_kw": "power_share"}


def compute_by_income_group(top500: pd.DataFrame) -> pd.DataFrame:
    """Return countries, systems and Rmax of each income group.

    Parameters
    ----------
    top500 : DataFrame
        One list by country, with the column ``income_group``.

    Returns
    -------
    DataFrame
        ``income_group`` (every group, also those without a system, and ``unknown`` if a row's
        group is missing or unknown), ``countries``, ``systems``, ``rmax_tflops`` (TFlop/s) and
        ``rmax_share`` (of the whole list, 0 to 1).

    Raises
    ------
    TableError
        If a column is missing, there are no rows or several lists, a word is no income group, or
        an amount is missing, negative, infinite or no number.
    """
    columns = ["systems", "rmax_tflops"]
    tables.require_rows(top500, ["iso3", *columns, "income_group"], "top500")
    lists = top500["edition"].nunique() if "edition" in top500.columns else 1
    if lists > 1:
        raise TableError(
            f"top500: the table holds {lists} lists; their systems cannot be added up. Choose one, "
            "for example load_top500('2024-11'), or use compute_shares for all of them."
        )
    sums = _sums_by_group(top500.assign(edition=""), "income_group", columns)
    return sums.drop(columns=["edition", "systems_share"])


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

    Raises
    ------
    TableError
        If a column is missing, a geocoder failed on a row, ``countries`` is no text, or
        ``entries`` is missing, negative or no number.
    """
    columns = ["conference", "year", "paper", "entries", "countries"]
    located = tables.with_numbers(located, ["entries"], "located authorships")
    tables.require_columns(located, columns, "located authorships")
    tables.refuse_failures(located, "located authorships")
    rows = located[columns].dropna(subset="countries")
    if not all(isinstance(text, str) for text in rows["countries"]):
        raise TableError(
            "located authorships: column 'countries' must hold codes joined by ';', for example "
            "'USA;GBR'. Nothing was computed."
        )
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
        One row for each edition and group, also those without a system, and ``unknown`` if a
        row's group is missing or unknown: ``countries``, ``systems``, ``rmax_tflops`` (TFlop/s),
        ``power_kw`` (kW, only of systems that publish it), ``systems_with_power``, and
        ``systems_share``, ``rmax_share`` and ``power_share`` (of the whole list, 0 to 1; power
        missing where no system publishes it).

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a word is no income group, an edition is not of
        the form YYYY-MM, or an amount is negative, infinite, no number, or (other than power)
        missing.
    """
    columns = ["systems", "rmax_tflops", "power_kw", "systems_with_power"]
    tables.require_rows(top500, ["edition", "iso3", *columns, group], "top500")
    tables.require_editions(top500, "top500")
    return _sums_by_group(top500, group, columns)


def country_shares(top500: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Return one country's share of systems, Rmax and known power in every edition.

    Parameters
    ----------
    top500 : DataFrame
        Lists by country, as :func:`caraml_analysis.load_top500` returns them.
    iso3 : str
        Alpha-3 or alpha-2 code.

    Returns
    -------
    DataFrame
        ``edition``, ``systems``, ``rmax_tflops``, ``power_kw``, and ``systems_share``,
        ``rmax_share``, ``power_share`` (0 to 1); 0 where nothing is listed, power missing where no
        system publishes it.

    Raises
    ------
    CountryError
        If no table knows `iso3`, or a code in `top500`.
    TableError
        If a column is missing, there are no rows, an edition is not of the form YYYY-MM, or an
        amount is negative, infinite, no number, or (other than power) missing.
    """
    code = countries.to_alpha3(iso3)
    tables.require_rows(top500, ["edition", "iso3", *_SHARES], "top500")
    tables.require_editions(top500, "top500")
    top500 = _with_amounts(top500, list(_SHARES))
    codes = top500["iso3"].map(countries.to_alpha3)
    totals = top500.groupby("edition")[list(_SHARES)].sum()
    own = top500[codes == code].groupby("edition")[list(_SHARES)].sum()
    own = own.reindex(totals.index, fill_value=0)
    return own.join(_shares(own, totals)).reset_index()


def _with_amounts(top500: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return `top500` if its amounts are numbers; only power may be missing."""
    published = [column for column in columns if column == "power_kw"]
    needed = [column for column in columns if column not in published]
    top500 = tables.with_numbers(top500, needed, "top500")
    return tables.with_numbers(top500, published, "top500", missing=True)


def _shares(own: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    shared = [column for column in own.columns if column in _SHARES]
    return (own[shared] / totals[shared].where(totals[shared] > 0)).rename(columns=_SHARES)


def _sums_by_group(top500: pd.DataFrame, group: str, columns: list[str]) -> pd.DataFrame:
    """Return countries, sums and shares of every group in every edition."""
    tables.require_keys(top500, ["edition", "iso3"], "top500")
    rows = _with_amounts(top500, columns)
    rows = rows.assign(income_group=tables.income_groups(top500, group, "top500"), countries=1)
    index = pd.MultiIndex.from_product(
        [sorted(rows["edition"].unique()), tables.shown_groups(rows["income_group"])],
        names=["edition", "income_group"],
    )
    sums = rows.groupby(["edition", "income_group"])[["countries", *columns]].sum()
    sums = sums.reindex(index, fill_value=0)
    totals = sums.groupby(level="edition").transform("sum")
    return sums.join(_shares(sums, totals)).reset_index()


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
        its last listing. A group that is missing or unknown is no change.

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a country has two rows in an edition, a word is
        no income group, an edition is not of the form YYYY-MM, or an amount is missing, negative,
        infinite or no number.
    """
    columns = ["edition", "iso3", "country", "systems", "rmax_tflops"]
    tables.require_rows(top500, [*columns, group], "top500")
    tables.require_editions(top500, "top500")
    tables.require_keys(top500, ["edition", "iso3"], "top500")
    rows = _with_amounts(top500.sort_values(["iso3", "edition"]), ["systems", "rmax_tflops"])
    totals = rows.groupby("edition")["rmax_tflops"].transform("sum")
    rows = rows[columns].assign(
        after=tables.income_groups(rows, group, "top500"),
        rmax_share=rows["rmax_tflops"] / totals.where(totals > 0),
    )
    rows = rows[rows["after"] != tables.UNKNOWN]
    rows = rows.assign(before=rows.groupby("iso3")["after"].shift())
    changed = rows[rows["before"].notna() & (rows["before"] != rows["after"])]
    order = ["edition", "iso3", "country", "before", "after", "systems", "rmax_share"]
    return changed[order].sort_values(["edition", "iso3"], ignore_index=True)
