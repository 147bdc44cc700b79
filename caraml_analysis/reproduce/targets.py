"""What the geocoder is meant to reach, and what it reaches: one table, computed or measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from caraml_analysis.analysis.audit import wilson_interval
from caraml_analysis.reproduce.accuracy import (
    TEST_HALF,
    audit_scores,
    labelled_unseen,
    load_benchmark,
    unresolved_by_year,
    unseen_scores,
)

_OURS = "caraml_analysis"
_WITH_ROR = "caraml_analysis with ROR"
_DEVELOPMENT = "labelled scholarly texts (public sets, in view while rules were written)"


class Target(NamedTuple):
    """One target: what is measured, what is wanted, what came out, and from which command."""

    what: str
    wanted: str
    measured: str
    met: bool
    how: str


def targets() -> pd.DataFrame:
    """Return every target with what was measured.

    Returns
    -------
    DataFrame
        ``what``, ``wanted``, ``measured``, ``met`` (True, False) and ``how``. Speed, loading,
        memory and the ROR tier come from the committed benchmark, the rest is computed here.
    """
    benchmark = load_benchmark().set_index(["system", "measure", "on"])["value"]
    return pd.DataFrame([*_conference_texts(), *_scholarly(benchmark), *_speed(benchmark)])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _at_least(what: str, share: float, least: float, how: str) -> Target:
    return Target(what, f">= {100 * least:g} %", _percent(share), share >= least, how)


def _at_most(what: str, share: float, most: float, how: str) -> Target:
    return Target(what, f"<= {100 * most:g} %", _percent(share), share <= most, how)


def _conference_texts() -> Iterator[Target]:
    unseen = "caraml audit data/geocoding/unseen.csv --where sample=conferences --where half=test"
    scores = unseen_scores().set_index(["sample", "half"]).loc[("conferences", TEST_HALF)]
    texts = scores["texts"]
    name = "conference texts of other years, written down without sight of the tables"
    yield _at_least(f"{name}: first country right", scores["right"] / texts, 0.97, unseen)
    yield _at_most("the same: wrong", scores["wrong"] / texts, 0.015, unseen)
    yield _at_most("the same: no answer", scores["unanswered"] / texts, 0.015, unseen)
    rows = labelled_unseen()
    rows = rows[(rows["half"] == TEST_HALF) & (rows["sample"] == "conferences")]
    several = rows[rows["label"].str.contains(";", regex=False)]
    exact = (several["label"] == several["countries"]).mean()
    yield _at_least("several countries in one text: exact list", exact, 0.9, unseen)
    years = unresolved_by_year()
    worst = years.loc[years["share"].idxmax()]
    yield _at_most(
        "every embedded conference-year: non-empty entries without a country "
        f"(the worst: {worst['conference']} {worst['year']})",
        worst["share"],
        0.01,
        "caraml report",
    )
    audit = audit_scores().set_index(["sample", "half"]).loc[("entries", TEST_HALF)]
    share = audit["wrong"] / audit["texts"]
    _, most = wilson_interval(audit["wrong"], audit["texts"])
    yield Target(
        "wrong on a labelled sample of these years (all years together, test half by entry; too "
        "small to show it year by year)",
        "<= 1.5 %",
        f"{_percent(share)} of {audit['texts']:.0f} (95 % limit {_percent(most)})",
        share <= 0.015,
        "caraml audit data/geocoding/audit.csv --where half=test",
    )


def _scholarly(benchmark: pd.Series) -> Iterator[Target]:
    unseen = unseen_scores().set_index(["sample", "half"]).loc[("scholarly", TEST_HALF)]
    yield Target(
        "scholarly texts that name no country, written down without sight of the tables, embedded "
        "tables alone: precision at coverage",
        ">= 96 % at 80 %",
        f"{_percent(unseen['precision'])} at {_percent(unseen['coverage'])}",
        unseen["precision"] >= 0.96 and unseen["coverage"] >= 0.8,
        "caraml audit data/geocoding/unseen.csv --where sample=scholarly",
    )
    for system, coverage in ((_OURS, 0.8), (_WITH_ROR, 0.93)):
        on = "no country named"
        if (system, "precision", on) not in benchmark.index:
            continue
        precision = float(benchmark[system, "precision", on])
        covered = float(benchmark[system, "coverage", on])
        tier = "with the ROR tier" if system == _WITH_ROR else "embedded tables alone"
        yield Target(
            f"{_DEVELOPMENT} that name no country, {tier}: precision at coverage",
            f">= 96 % at {100 * coverage:g} %",
            f"{_percent(precision)} at {_percent(covered)}",
            precision >= 0.96 and covered >= coverage,
            "make benchmark",
        )
    named = float(benchmark[_OURS, "precision", "country named"])
    yield _at_least(f"{_DEVELOPMENT} that name a country: precision", named, 0.99, "make benchmark")


def _speed(benchmark: pd.Series) -> Iterator[Target]:
    for texts in ("conference texts", "scholarly texts"):
        ratio = float(benchmark[_OURS, "speed / geotext's", texts])
        yield Target(
            f"speed on {texts} never seen before, one core, in geotext's (also per character)",
            ">= 1",
            f"{ratio:.2f}",
            ratio >= 1,
            "make benchmark",
        )
    for what, measure, on, most, unit in (
        ("all embedded entries as one column, after loading", "geocode", "embedded", 1.0, "s"),
        ("loading the tables", "loading", "gazetteer", 0.5, "s"),
        ("peak memory of a million-row CSV, streamed", "peak memory", "1000000 rows", 500.0, "MiB"),
    ):
        value = _value(benchmark, measure, on)
        yield Target(
            what, f"< {most:g} {unit}", f"{value:.3g} {unit}", value < most, "make benchmark"
        )


def _value(benchmark: pd.Series, measure: str, on: str) -> float:
    """Return the one measurement of ours whose texts are called like `on`."""
    ours = benchmark[_OURS][measure]
    (value,) = ours[[on in str(name) for name in ours.index]]
    return float(value)
