"""A new year beside the last one: what is usual, and what is worth a look."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from caraml_analysis.analysis.drift import UNRESOLVED, drift, profile
from caraml_analysis.errors import TableError
from caraml_analysis.reproduce.entries import located_authorships


def entries(papers, groups):
    """Return `papers` papers with one entry of each of `groups`: (status, country, group)."""
    rows = [
        (paper, 1, status, country, group)
        for paper in range(papers)
        for status, country, group in groups
    ]
    columns = ["paper", "entries", "status", "country", "income_group"]
    return pd.DataFrame(rows, columns=columns)


USA = ("resolved", "USA", "high")
CHN = ("resolved", "CHN", "upper_middle")
OPEN = ("not_found", None, "unknown")
NOTHING = ("empty", None, "unknown")


def test_a_profile_counts_and_shares():
    found = profile(entries(10, [USA, USA, CHN, OPEN, NOTHING]))
    assert found.counts == {"entries": 50, "papers": 10, "entries per paper": 5}
    assert found.shares["empty"] == found.shares[UNRESOLVED] == pytest.approx(0.2)
    assert found.shares["high"] == pytest.approx(2 / 3)
    assert found.by_country.to_dict() == pytest.approx({"USA": 2 / 3, "CHN": 1 / 3})


def test_the_same_year_again_is_not_surprising():
    one = profile(entries(1000, [USA, USA, CHN, OPEN]))
    assert not drift(one, one)["surprising"].any()


@pytest.mark.parametrize(
    ("papers", "groups", "surprising"),
    [
        (3000, [USA, USA, CHN], {"entries", "papers"}),
        (1000, [USA, CHN, CHN], {"high", "upper_middle", "country CHN"}),
        (1000, [USA, USA, CHN, OPEN], {UNRESOLVED, "entries per paper"}),
        (1000, [USA, USA, CHN, NOTHING], {"empty", "entries per paper"}),
    ],
)
def test_what_moved_more_than_ever_is_marked(papers, groups, surprising):
    last = profile(entries(1000, [USA, USA, CHN]))
    found = drift(profile(entries(papers, groups)), last)
    marked = set(found.loc[found["surprising"], "measure"])
    if "country CHN" in surprising:  # USA moved as much
        marked = {"country CHN" if name.startswith("country") else name for name in marked}
    assert marked == surprising


def test_a_small_workshop_may_move_by_chance():
    last = profile(entries(20, [USA, USA, CHN]))
    others = entries(5, [CHN, CHN, CHN])
    others["paper"] += 15
    new = pd.concat([entries(15, [USA, USA, CHN]), others])
    assert not drift(profile(new), last)["surprising"].any()


def test_a_longer_gap_allows_more():
    last, new = (profile(entries(papers, [USA, USA, CHN])) for papers in (1000, 2000))
    assert drift(new, last)["surprising"].any()
    assert not drift(new, last, years=2)["surprising"].any()


def test_no_embedded_year_is_surprising_after_the_one_before():
    located = located_authorships()
    for _, rows in located.groupby("conference"):
        profiles = {year: profile(part) for year, part in rows.groupby("year")}
        for before, after in pairwise(profiles):
            found = drift(profiles[after], profiles[before])
            marked = found[found["surprising"]]
            assert marked.empty, marked.to_string()


def test_an_empty_year_has_no_profile():
    with pytest.raises(TableError, match="no entries"):
        profile(entries(0, [USA]))
