"""Authorships with country and income group: the table behind every authorship figure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from caraml_analysis import tables
from caraml_analysis.analysis.income_shares import (
    Count,
    count_countries,
    drop_headquarters,
    income_shares,
    merge_territories,
)
from caraml_analysis.geocoding import geocode, validator
from caraml_analysis.geocoding.overrides import OverridesLike
from caraml_analysis.sources.conferences import load_authorships, load_conference_dates
from caraml_analysis.sources.editions import remembered
from caraml_analysis.sources.workspace import Workspace
from caraml_analysis.sources.world_bank import YearRule, income_classes, load_income_groups

#: The conference-years that the paper counts in Appendix A.
PAPER_YEARS = (("ICML", 2017), ("ICML", 2021), ("NeurIPS", 2017), ("NeurIPS", 2021))

#: Choices that the paper leaves open, with our default first.
CHOICES = {
    "count": ("first", "fractional"),
    "year_rule": ("data_year", "in_force"),
    "headquarters": ("kept", "left_out"),
    "territories": ("own", "merged"),
}


@remembered
def _geocoded() -> pd.DataFrame:
    authorships = load_authorships()
    return authorships.join(geocode(authorships["affiliation"]))


def _income_dates(entries: pd.DataFrame, rule: YearRule) -> pd.Series:
    """Return what the rule needs: the year, or the day on which the conference began."""
    if rule == "data_year":
        return entries["year"]
    dates = load_conference_dates().set_index(["conference", "year"])["start"]
    keys = pd.MultiIndex.from_frame(entries[["conference", "year"]])
    # a conference without a date is taken at the end of its year
    starts = pd.Series(dates.reindex(keys).to_numpy(), index=entries.index)
    return starts.dt.date.where(starts.notna(), entries["year"])


def located_authorships(
    conferences: Iterable[str] | None = None,
    years: Iterable[int] | None = None,
    *,
    count: Count = "first",
    year_rule: YearRule = "data_year",
    headquarters: str = "kept",
    territories: str = "own",
    edition: str | None = None,
    workspace: Workspace | Path | str | None = None,
    overrides: OverridesLike | None = None,
) -> pd.DataFrame:
    """Return the authorships with country and income group.

    Parameters
    ----------
    conferences, years : iterable, optional
        What to keep; everything by default.
    count : {"first", "fractional"}
        How a text with several countries counts; see :func:`count_countries`.
    year_rule : {"data_year", "in_force"}
        Which income class counts; see :func:`caraml_analysis.income_class`.
    headquarters : {"kept", "left_out"}
        Whether rows count that only a multinational's head office decided.
    territories : {"own", "merged"}
        Whether Hong Kong, Macao, Taiwan and Puerto Rico stand on their own.
    edition : str, optional
        World Bank table.
    workspace : Workspace or path, optional
        Where the user's own years are, see :func:`load_authorships`; embedded years by default.
    overrides : path, DataFrame, mapping or Overrides, optional
        The user's judgements about texts, see :func:`caraml_analysis.geocode`.

    Returns
    -------
    DataFrame
        The columns of :func:`load_authorships` and :func:`geocode`, and ``income_group``,
        ``data_year`` and ``carried_forward``.
    """
    if workspace is None and overrides is None:
        entries = _geocoded()
        if conferences is not None:
            entries = entries[entries["conference"].isin(list(conferences))]
        if years is not None:
            entries = entries[entries["year"].isin(list(years))]
    else:
        entries = load_authorships(conferences, years, workspace=workspace)
        entries = entries.join(geocode(entries["affiliation"], overrides=overrides))
    if headquarters == "left_out":
        entries = drop_headquarters(entries)
    entries = count_countries(entries, count)
    if territories == "merged":
        entries = entries.assign(country=merge_territories(entries["country"]))
    classes = income_classes(
        entries["country"], _income_dates(entries, year_rule), rule=year_rule, edition=edition
    )
    return entries.join(classes)


def gazetteer_rows(edition: str | None = None) -> pd.DataFrame:
    """Return the reviewed organisations with income group, and whether they decide an entry.

    Parameters
    ----------
    edition : str, optional
        World Bank table; its newest data year counts.

    Returns
    -------
    DataFrame
        ``name``, ``country``, ``file``, ``income_group`` and ``decides`` (bool), in the order in
        which the rows win.
    """
    used = validator.deciding(_geocoded()["evidence"].unique())
    rows = pd.DataFrame(
        [
            {"name": r.name, "country": r.country, "file": r.file, "decides": str(r) in used}
            for r in validator.read_rows()
        ]
    )
    newest = int(load_income_groups(edition)["data_year"].max())
    classes = income_classes(rows["country"], pd.Series(newest, index=rows.index), edition=edition)
    return rows.join(classes["income_group"])


def papers_per_year(entries: pd.DataFrame) -> pd.DataFrame:
    """Return ``conference``, ``year`` and the number of distinct ``papers``."""
    return entries.groupby(["conference", "year"])["paper"].nunique().rename("papers").reset_index()


def sensitivity_table(
    conference_years: Iterable[tuple[str, int]] = PAPER_YEARS,
) -> pd.DataFrame:
    """Return the income shares under every combination of the choices that the paper leaves open.

    Parameters
    ----------
    conference_years : iterable of (str, int)
        The paper's four by default.

    Returns
    -------
    DataFrame
        ``count``, ``year_rule``, ``headquarters``, ``territories``, ``conference``, ``year``, then
        the shares of known entries of ``high``, ``upper_middle``, ``lower_middle``, ``low`` and
        ``unclassified`` and the share of all entries that is ``unknown``. 16 rows for each
        conference-year.
    """
    return _sensitivity(frozenset(conference_years)).copy()


@remembered
def _sensitivity(wanted: frozenset[tuple[str, int]]) -> pd.DataFrame:
    rows = []
    for options in product(*CHOICES.values()):
        chosen: dict[str, Any] = dict(zip(CHOICES, options, strict=True))
        entries = located_authorships(
            {conference for conference, _ in wanted}, {year for _, year in wanted}, **chosen
        )
        shares = income_shares(entries, resamples=0)
        for key, block in shares.groupby(["conference", "year"]):
            if key not in wanted:
                continue
            block = block.set_index("income_group")
            known = block["share_of_known"].drop(tables.UNKNOWN).to_dict()
            unknown = {tables.UNKNOWN: block.loc[tables.UNKNOWN, "share_of_all"]}
            where = dict(zip(("conference", "year"), key, strict=True))
            rows.append(chosen | where | known | unknown)
    return pd.DataFrame(rows)
