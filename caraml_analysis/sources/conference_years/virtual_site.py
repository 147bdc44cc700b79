"""The virtual sites' JSON of orals and posters: a whole year in one request.

``https://HOST/static/virtual/data/CONF-YEAR-orals-posters.json`` with an envelope
``{"count", "next", "results"}``. An oral repeats a poster under an id of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin, urlsplit

from caraml_analysis.errors import HttpStatusError, YearError
from caraml_analysis.sources import http, json_stream
from caraml_analysis.sources.conference_years import model
from caraml_analysis.sources.conference_years.model import (
    ConferenceYear,
    Coverage,
    Paper,
    Reading,
    Unreadable,
    Years,
    list_of,
    text_of,
)
from caraml_analysis.sources.conference_years.texts import conference_name

NAME = "virtual_site"
KIND = "conference_site"
COVERAGE: Coverage = {name: Years(2020) for name in ("ICML", "NeurIPS", "ICLR")}
HOSTS = {"ICML": "icml.cc", "NeurIPS": "neurips.cc", "ICLR": "iclr.cc"}

_MOST_PAGES = 1_000
_FORUM = re.compile(r"openreview\.net/forum\?id=([\w-]+)")
_SITE_YEAR = re.compile(r"/virtual/(\d{4})/")
_PAPER_EVENTS = ("poster", "oral", "spotlight")
_NOT_ACCEPTED = ("reject", "withdraw", "desk")

# the OpenReview group of a paper: "NeurIPS.cc/2025/Conference"
_GROUP = re.compile(r"id=(ICML|NeurIPS|ICLR)\.cc/")


def url(conference: str, year: int, base: str = "") -> str:
    """Return the address of a year's list."""
    server = base or f"https://{HOSTS[conference]}"
    return f"{server}/static/virtual/data/{conference.lower()}-{year}-orals-posters.json"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    path: str | os.PathLike[str] | None = None,
    base: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from the JSON of the virtual site.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`.
    client : Client, optional
        One of its own if not given.
    path : path, optional
        The JSON as saved with a browser; nothing is fetched then.
    base : str
        Another server, such as ``http://127.0.0.1:8000``.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear

    Raises
    ------
    YearError
        If the site has no such year, or has not published it yet.
    SourceChangedError
        If the JSON is of another shape, or its count is wrong; names the field.
    DownloadError
        If it cannot be fetched.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    reading = Reading()
    downloads = []
    address = url(conference, year, base)
    with ExitStack() as stack:
        for _ in range(_MOST_PAGES):
            download = stack.enter_context(_open(address, conference, year, client, path))
            downloads.append(download)
            following = _read_page(download, reading)
            if not following:
                break
            client = client or http.Client()
            address, path = _same_server(download.url, following), None
        check(reading, conference, year, downloads[0].url)
        for download in downloads:  # all or none: pages of two days do not fit together
            download.keep()
    return model.tidy(
        reading,
        conference,
        year,
        source=NAME,
        kind=KIND,
        inputs=[download.input for download in downloads],
        keep_authors=keep_authors,
    )


def _open(
    address: str,
    conference: str,
    year: int,
    client: http.Client | None,
    path: str | os.PathLike[str] | None,
) -> http.Download:
    if path is not None:
        return http.local_file(path)
    try:
        return (client or http.Client()).get(address, http.JSON)
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(
            f"{NAME}: {address} does not exist: {conference} {year} is not published there (yet). "
            f"It should have {model.spelled_coverage(COVERAGE)}. Nothing was changed. Use another "
            "source, or a table of your own with --from FILE."
        ) from error


def _same_server(here: str, following: str) -> str:
    """Return the address of the next page, which has to be on the same server."""
    address = urljoin(here, following)
    if urlsplit(address).netloc != urlsplit(here).netloc:
        raise model.changed(NAME, here, f"'next' names another server ({address[:80]})")
    return address


def _read_page(download: http.Download, reading: Reading) -> str:
    """Add the records of one page to `reading`; return the address of the next page, or ""."""
    found: dict[str, Any] = {}
    results = _results(download, found)
    model.each_record(reading, results, lambda record: read_record(record, reading))
    if "results" not in found:
        raise model.changed(NAME, download.url, "has no field 'results'")
    if "count" not in found:
        raise model.changed(NAME, download.url, "has no field 'count'")
    if isinstance(found["count"], int):
        reading.site_count = found["count"]
    following = found.get("next")
    return following if isinstance(following, str) else ""


def _results(download: http.Download, found: dict[str, Any]) -> Iterator[Any]:
    """Yield the records; the other fields of the envelope go into `found`."""

    def invalid(count: int, what: str) -> Exception:
        return model.changed(NAME, download.url, f"is no JSON object as expected ({what})")

    try:
        for name, value in json_stream.fields(
            json_stream.decoded(download.blocks()), "results", invalid
        ):
            if name == "results" and value is not json_stream.BEGIN:
                yield value
            found[name] = value
    except UnicodeDecodeError as error:
        raise model.changed(NAME, download.url, f"is not UTF-8 ({error.reason})") from error


def read_record(record: dict[str, Any], reading: Reading) -> Paper | None:
    """Return one event as a paper, or None if it is none."""
    event = text_of(record, "eventtype")
    if not any(kind in event.casefold() for kind in _PAPER_EVENTS):
        reading.others[f"their 'eventtype' is {event[:40]!r}, not a paper's"] += 1
        return None
    decision = text_of(record, "decision", needed=False)
    if decision.casefold().startswith(_NOT_ACCEPTED):
        reading.others["their 'decision' is no acceptance"] += 1
        return None
    if record.get("visible") is False:
        reading.others["they are not 'visible'"] += 1
        return None
    title = text_of(record, "name")
    authors = [_author(author) for author in list_of(record, "authors")]
    if not authors:
        raise Unreadable("authors", "'authors' is an empty list")
    forum = _FORUM.search(text_of(record, "paper_url", needed=False))
    published = _SITE_YEAR.search(text_of(record, "virtualsite_url", needed=False))
    if published:
        reading.more.setdefault("site_years", {}).setdefault(published[1], 0)
        reading.more["site_years"][published[1]] += 1
    group = _GROUP.search(text_of(record, "sourceurl", needed=False))
    if group:
        named = reading.more.setdefault("site_conferences", {})
        named[group[1]] = named.get(group[1], 0) + 1
    return Paper(
        title,
        authors,
        _track(record.get("sourceurl")),
        identity=forum[1] if forum else "",
        rank=0 if "poster" in event.casefold() else 1,
    )


def _author(author: Any) -> tuple[str, str]:
    if not isinstance(author, dict):
        raise Unreadable("authors", f"an author is {author!r:.40}, not an object")
    return (
        text_of(author, "fullname", needed=False),
        text_of(author, "institution", needed=False),
    )


def _track(group: Any) -> str:
    """Return the track from the OpenReview group, ``unseparated`` if there is none."""
    if not isinstance(group, str) or "/" not in group:
        return "unseparated"
    last = group.rstrip("/").rpartition("/")[2]
    return "main" if last == "Conference" else last.lower()


def check(reading: Reading, conference: str, year: int, where: str) -> None:
    """Raise if the list is empty, cut, of another year or of another shape."""
    if not reading.records:
        raise YearError(
            f"{NAME}: {where} lists no papers: {conference} {year} is not published yet. Nothing "
            "was changed. Try again later, or use another source."
        )
    reading.check(NAME, where)
    if not reading.papers:
        raise model.changed(NAME, where, "no record is a paper: has 'eventtype' new values?")
    named = reading.more.pop("site_conferences", {})
    other = {found: n for found, n in named.items() if found.casefold() != conference.casefold()}
    if sum(other.values()) * 2 > sum(named.values()):
        found = max(other, key=other.__getitem__)
        raise model.changed(
            NAME, where, f"'sourceurl' says {found}, not {conference} (is it the list of {found}?)"
        )
    years = reading.more.pop("site_years", {})
    wrong = {found: n for found, n in years.items() if found != str(year)}
    if sum(wrong.values()) * 2 > sum(years.values()):
        found = max(wrong, key=wrong.__getitem__)
        raise model.changed(
            NAME, where, f"'virtualsite_url' says {found}, not {year} (is it the list of {found}?)"
        )
    filled = sum(bool(text.strip()) for paper in reading.papers for _, text in paper.authors)
    if not filled:
        raise model.changed(NAME, where, "'institution' is empty for every author")
    unseparated = sum(paper.track == "unseparated" for paper in reading.papers)
    if unseparated:
        reading.notes.append(
            f"Records that do not say which track they belong to ('sourceurl'): {unseparated:,}."
        )
    without_forum = sum(not paper.identity for paper in reading.papers)
    if without_forum:
        reading.notes.append(
            f"Records without an OpenReview forum: {without_forum:,}. Repeats were found by title, "
            "and papers of a journal track may be among them."
        )
