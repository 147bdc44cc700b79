"""Tiers: who is asked when, whose answer stands, and what a wrong list is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from caraml_analysis import geocode, resolve
from caraml_analysis.errors import CaramlError, GeocodeError, UsageError
from caraml_analysis.geocoding import batch, resolver
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.tiers import DEFAULT_TIERS


class Table:
    """A tier that knows what it is given, and remembers what it was asked."""

    def __init__(self, **known):
        self.known = known
        self.asked = []

    def resolve(self, text):
        self.asked.append(text)
        answer = self.known.get(text)
        if isinstance(answer, Resolution):
            return answer
        if answer:
            return Resolution(answer, (answer,), "resolved", "table", f"row {text}", 0.5, ("x",))
        return Resolution(None, (), "not_found", "table")


class Broken:
    """A tier whose server is down."""

    def resolve(self, text):
        raise GeocodeError("no connection; nothing was cached")


FAILED = Resolution(None, (), "error", "table", "no connection")


def test_by_default_only_the_embedded_engine_answers():
    for text in ("MIT", "Guo", "Toledo Polytechnic", "N/A", None):
        assert resolve(text) == resolver.resolve(text) == resolve(text, tiers=["embedded"])


def test_a_tier_is_asked_only_about_what_is_open():
    more = Table(Guo="CHN")
    texts = ["MIT", "Guo", "Toledo Polytechnic", "Independent Researcher", "N/A", "", None, "Xq"]
    found = [resolve(text, tiers=("embedded", more)) for text in texts]
    assert more.asked == ["Guo", "Toledo Polytechnic", "Xq"]
    assert [one.country for one in found] == ["USA", "CHN", *[None] * 6]
    # where no tier resolves, the first answer stands
    assert found[2] == resolve("Toledo Polytechnic")
    assert found[3].method == "no_organisation"


def test_the_next_tier_is_asked_only_if_the_one_before_did_not_resolve():
    first, second = Table(Guo="CHN"), Table(Guo="USA", Xq="KEN")
    assert resolve("Guo", tiers=("embedded", first, second)).country == "CHN"
    assert resolve("Xq", tiers=("embedded", first, second)).country == "KEN"
    assert second.asked == ["Xq"]


def test_what_was_lost_before_is_told():
    found = resolve(
        "Toledo Polytechnic", tiers=("embedded", Table(**{"Toledo Polytechnic": "ESP"}))
    )
    assert found.method == "table"
    assert found.considered[:2] == ("x", "embedded: ambiguous")
    assert any("Toledo (BRA, ESP" in line for line in found.considered)


def test_overrides_come_before_every_tier():
    more = Table(Guo="CHN")
    found = resolve("Guo", tiers=("embedded", more), overrides={"guo": "unknown"})
    assert (found.status, found.method, more.asked) == ("not_found", "override", [])


def test_an_error_is_not_taken_for_not_found():
    with pytest.raises(GeocodeError, match="nothing was cached"):
        resolve("Guo", tiers=("embedded", Broken()))
    assert geocode(["MIT"], tiers=("embedded", Broken()))["country"].tolist() == ["USA"]
    assert resolve("Guo", tiers=("embedded", Table(Guo=FAILED), Table())).status == "error"
    assert resolve("Guo", tiers=("embedded", Table(Guo=FAILED), Table(Guo="CHN"))).country == "CHN"


def test_in_a_batch_a_failure_is_an_answer_and_the_others_are_kept():
    table = geocode(["MIT", "Guo", "Xq"], tiers=("embedded", Broken(), Table(Xq="KEN")))
    assert table["status"].tolist() == ["resolved", "error", "resolved"]
    assert table.loc[1, ["method", "evidence"]].tolist() == [
        "Broken",
        "no connection; nothing was cached",
    ]
    assert table["country"].fillna("").tolist() == ["USA", "", "KEN"]
    alone = geocode(["MIT", "N/A"], tiers=[Broken()])
    assert alone["status"].tolist() == ["error", "empty"]


def test_a_tier_with_a_cache_is_asked_no_more_after_a_failure():
    class Cached(Table):
        def resolve(self, text):
            super().resolve(text)
            raise GeocodeError("long", "the server is down")

        def resolve_cached(self, text):
            if text in self.known:
                return super().resolve(text)
            raise GeocodeError("not cached")

    tier = Cached(Xq="KEN")
    table = geocode(["Guo", "Xq", "Wei"], tiers=("embedded", tier))
    assert tier.asked == ["Guo", "Xq"]
    assert table["status"].tolist() == ["error", "resolved", "error"]
    assert table["evidence"][0] == "the server is down"
    assert table["evidence"][2] == "not asked after: the server is down"
    geocode(["Wei"], tiers=("embedded", tier))
    assert tier.asked[-1] == "Wei"  # the next batch tries again


def test_a_tier_alone_is_not_asked_about_what_is_no_affiliation():
    alone = Table(MIT="KEN")
    texts = ["MIT", "N/A", "", None, "Independent Researcher"]
    assert [resolve(text, tiers=(alone,)).country for text in texts] == ["KEN", *[None] * 4]
    assert alone.asked == ["MIT"]
    assert resolve("N/A", tiers=(alone,)).status == "empty"
    with pytest.raises(TypeError, match=r"not int"):
        resolve(5, tiers=(alone,))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_batch_asks_the_same_tiers(jobs, monkeypatch):
    monkeypatch.setattr(batch, "PART", 2)
    more = Table(Guo="CHN", Xq="KEN")
    texts = [
        "MIT",
        "Guo",
        "Toledo Polytechnic",
        "Xq",
        "Guo",
        None,
        "Independent Researcher",
        "KAIST",
    ]
    table = geocode(texts, tiers=("embedded", more), jobs=jobs)
    expected = [resolve(text, tiers=("embedded", Table(**more.known))) for text in texts]
    assert table["status"].tolist() == [one.status for one in expected]
    assert table["evidence"].tolist() == [one.evidence for one in expected]
    assert table["country"].fillna("").tolist() == [one.country or "" for one in expected]
    assert more.asked == ["Guo", "Toledo Polytechnic", "Xq"]  # each once, in order, here


def test_a_batch_without_the_embedded_engine():
    alone = Table(MIT="KEN")
    table = geocode(["MIT", "N/A", None, "Guo"], tiers=[alone])
    assert table["status"].tolist() == ["resolved", "empty", "empty", "not_found"]
    assert alone.asked == ["MIT", "Guo"]


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        (("embedded", "google"), r"no tier 'google'; there are embedded, ror, and objects"),
        (("embedded", 5), r"no tier 5; there are"),
        ("embedded", r"tiers is a sequence such as \('embedded', 'ror'\), not 'embedded'"),
        (None, r"tiers is a sequence .*, not None"),
        ((), r"no tier is given; there are embedded, ror"),
        (("embedded", "embedded"), r"one tier is named twice"),
    ],
)
def test_a_wrong_list_of_tiers_is_named(tiers, message):
    with pytest.raises(UsageError, match=message):
        resolve("MIT", tiers=tiers)
    with pytest.raises(UsageError, match=message):
        geocode(["MIT"], tiers=tiers)


def test_a_tier_that_answers_something_else_is_named():
    class Wrong:
        def resolve(self, text):
            return "CHN"

    with pytest.raises(TypeError, match=r"tier Wrong returned str instead of a Resolution"):
        resolve("Guo", tiers=("embedded", Wrong()))


def test_optional_tiers_are_loaded_only_when_asked_for():
    code = (
        "import sys, caraml_analysis as ca; ca.resolve('Guo'); ca.geocode(['Guo'])\n"
        "assert not {'geopy', 'caraml_analysis.geocoding.ror'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_ror_tier_says_how_to_fetch_it(monkeypatch, tmp_path):
    pytest.importorskip("caraml_analysis.geocoding.ror")
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path))
    with pytest.raises(CaramlError, match=r"caraml data fetch ror"):
        resolve("Guo", tiers=("embedded", "ror"))


def test_the_default_is_the_engine_and_nothing_else(monkeypatch):
    marked = Resolution("KEN", ("KEN",), "resolved", "country")
    monkeypatch.setattr(resolver, "resolve", lambda text: marked)
    assert resolve("MIT") is marked
    assert DEFAULT_TIERS == ("embedded",)
