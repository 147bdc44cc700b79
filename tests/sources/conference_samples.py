"""What the tests of the conference sources share: samples, a patient client, a way to serve."""

from __future__ import annotations

from pathlib import Path

from caraml_analysis.sources import http
from tests.loopback import Answer

DATA = Path(__file__).resolve().parent.parent / "data"
RECORDED = DATA / "recorded/conferences"
CONSTRUCTED = DATA / "constructed/conferences"


def recorded(name):
    return (RECORDED / name).read_text(encoding="utf-8")


def constructed(name):
    return (CONSTRUCTED / name).read_text(encoding="utf-8")


def as_json(text):
    return Answer(200, text, {"Content-Type": "application/json"})


def as_page(text):
    return Answer(200, text, {"Content-Type": "text/html; charset=utf-8"})


def as_csv(text):
    return Answer(200, text, {"Content-Type": "text/plain; charset=utf-8"})


def quick_client(cache, **options):
    """Return a client that does not wait."""
    return http.Client(cache, delay_s=0, sleep=lambda seconds: None, **options)


def counted(year):
    """Return entries by affiliation."""
    return year.entries.groupby("affiliation")["entries"].sum().to_dict()


def chosen(year, *names):
    """Return some of the counts."""
    return tuple(year.counts[name] for name in names)
