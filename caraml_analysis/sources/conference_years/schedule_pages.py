"""The older schedule: a list of papers, a page for each paper, a page for each of its authors.

About 10,000 requests for a large year, so: one after the other with a pause, at most three under
way, every page once, everything kept, and a run that was stopped goes on where it was. Authors are
known by the number of their page, never by name: two persons may have the same one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from caraml_analysis.errors import HttpStatusError, UsageError, YearError
from caraml_analysis.sources import html_tree, http
from caraml_analysis.sources.conference_years import model
from caraml_analysis.sources.conference_years.model import (
    ConferenceYear,
    Coverage,
    Paper,
    Reading,
    Unreadable,
    Years,
)
from caraml_analysis.sources.conference_years.texts import conference_name
from caraml_analysis.sources.html_tree import Node

NAME = "schedule_pages"
KIND = "conference_site"
COVERAGE: Coverage = {
    "ICML": Years(2017, 2023),
    "NeurIPS": Years(2006, 2023),
    "ICLR": Years(2018, 2023, without=(2020,)),
}
HOSTS = {"ICML": "icml.cc", "NeurIPS": "neurips.cc", "ICLR": "iclr.cc"}

#: New authors for each paper: 7,600 for 2,334 papers of NeurIPS 2021.
AUTHORS_PER_PAPER = 3.3
#: After so many pages it is clear whether the layout is a new one.
_FIRST_PAGES = 10

_SPEAKER = re.compile(r"showSpeaker\(\s*['\"]([^'\"]+)['\"]")
_EVENT = re.compile(r"maincard_(\d+)")

Page = TypeVar("Page")


def list_url(conference: str, year: int, base: str = "") -> str:
    """Return the address of the list of papers."""
    return f"{base or 'https://' + HOSTS[conference]}/Conferences/{year}/Schedule"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    base: str = "",
    announce: Callable[[str], None] | None = None,
    at_once: int = http.AT_ONCE,
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from the pages of its schedule.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`.
    client : Client, optional
        One of its own if not given: a request each second.
    base : str
        Another server.
    announce : callable, optional
        Gets the number of requests and an estimate of the time, before they are sent; standard
        error by default.
    at_once : int
        Requests under way at a time, 1 to 5.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear

    Raises
    ------
    YearError
        If the site has no such schedule.
    SourceChangedError
        If a page is of another shape; names the selector. Pages that were read stay in the cache.
    DownloadError
        If a page cannot be fetched, or robots.txt forbids it. Run again to go on.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    if not 1 <= at_once <= 5:
        raise UsageError(f"at_once={at_once}: 1 to 5 requests at a time. Nothing was fetched.")
    walk = _Walk(
        client or http.Client(), list_url(conference, year, base), announce or _to_stderr, at_once
    )
    try:
        events = walk.page(walk.url, parse_list)
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(
            f"{NAME}: {walk.url} does not exist (any more). Nothing was changed. Use another "
            "source."
        ) from error
    except Unreadable as reason:
        raise model.changed(NAME, walk.url, f"{reason}") from reason
    walk.estimate(events)
    papers = walk.pages("showEvent", events, parse_paper)
    listed = [speaker for _, authors in papers.values() for speaker, _ in authors]
    speakers = list(dict.fromkeys(listed))
    walk.count(speakers)
    affiliations = walk.pages("showSpeaker", speakers, parse_speaker)
    reading = walk.reading
    reading.records = len(events)
    reading.papers = [
        Paper(title, [(name, affiliations.get(speaker, "")) for speaker, name in authors])
        for title, authors in papers.values()
    ]
    reading.more = {"speakers": len(speakers), "speakers_unread": len(speakers) - len(affiliations)}
    if conference == "NeurIPS" and year >= 2022:
        reading.notes.append("The cards of this year mix the main track with others.")
        for paper in reading.papers:
            reproduced = paper.title.startswith("[Re]")
            paper.track = "reproducibility" if reproduced else "unseparated"
    return model.tidy(
        reading,
        conference,
        year,
        source=NAME,
        kind=KIND,
        inputs=[http.summed(walk.url, walk.inputs)],
        keep_authors=keep_authors,
    )


class _Walk:
    """The requests of one year."""

    def __init__(
        self, client: http.Client, url: str, announce: Callable[[str], None], at_once: int
    ) -> None:
        self.client = client
        self.url = url
        self.announce = announce
        self.at_once = at_once
        self.reading = Reading()
        self.inputs: list[http.Input] = []

    def page(self, url: str, parse: Callable[[Node], Page]) -> Page:
        """Return what `parse` finds on one page, and keep the page if it can be read."""
        with self.client.get(url, http.HTML, robots=True) as download:
            found = parse(html_tree.parse(download.content.decode("utf-8", "replace")))
            download.keep()
        self.inputs.append(download.input)
        return found

    def pages(self, kind: str, ids: list[str], parse: Callable[[Node], Page]) -> dict[str, Page]:
        """Return what is found by id; pages that cannot be read are named in `reading`."""

        def read_one(number: str) -> Page | Unreadable:
            try:
                return self.page(self.address(kind, number), parse)
            except Unreadable as reason:
                return reason
            except HttpStatusError as error:
                if error.status not in (404, 410):
                    raise
                return Unreadable(kind, f"status {error.status}")

        found: dict[str, Page] = {}
        broken = Reading()
        # closed at once on an error: nothing more is sent then
        with closing(self.client.each(read_one, ids, self.at_once)) as results:
            for number, page in zip(ids, results, strict=True):
                broken.records += 1
                if isinstance(page, Unreadable):
                    broken.refuse(f"{kind}={number}", page.field, str(page))
                    if len(broken.unreadable) >= min(_FIRST_PAGES, len(ids)):
                        broken.check(NAME, self.url)
                else:
                    found[number] = page
        broken.check(NAME, self.url)
        self.reading.unreadable += broken.unreadable
        return found

    def address(self, kind: str, number: str) -> str:
        return f"{self.url}?{kind}={number}"

    def missing(self, kind: str, ids: list[str]) -> int:
        """Return for how many pages a request is needed."""
        known = (self.client.cached(self.address(kind, number)) for number in ids)
        return sum(one is None or one.retrieved < self.client.not_before for one in known)

    def estimate(self, events: list[str]) -> None:
        needed = self.missing("showEvent", events)
        authors = round(len(events) * AUTHORS_PER_PAPER)
        self.announce(
            f"{self.url}: {len(events):,} papers, {needed:,} of their pages to be fetched, then "
            f"about {authors:,} pages of authors. About {needed + authors:,} requests in "
            f"{_duration((needed + authors) * self.client.delay_s)}, less what is in the cache. "
            "It can be stopped at any time and goes on from there."
        )

    def count(self, speakers: list[str]) -> None:
        needed = self.missing("showSpeaker", speakers)
        self.announce(
            f"{self.url}: {len(speakers):,} authors, {needed:,} of their pages to be fetched, in "
            f"{_duration(needed * self.client.delay_s)}."
        )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _to_stderr(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


# --- pages, without a network ---------------------------------------------------------------


def parse_list(page: Node) -> list[str]:
    """Return the ids of the papers in ``.maincard.poster`` (``Poster`` in older pages)."""
    cards = list(page.find(having=("maincard", "poster")))
    if not cards:
        raise Unreadable(".maincard.poster", "no papers in '.maincard.poster'")
    ids = []
    for card in cards:
        found = _EVENT.fullmatch(card.attributes.get("id", ""))
        if found is None:
            raise Unreadable("id", "a '.maincard' has no id 'maincard_NUMBER'")
        ids.append(found[1])
    return list(dict.fromkeys(ids))


def parse_paper(page: Node) -> tuple[str, list[tuple[str, str]]]:
    """Return title and authors of a paper; these as pairs of page number and name."""
    box = _box(page)
    body = next(box.find(having=("maincardbody",)), None)
    if body is None or not body.text:
        raise Unreadable(".maincardBody", "no title in '.maincardBody'")
    authors = []
    for button in box.find("button"):
        speaker = _SPEAKER.search(button.attributes.get("onclick", ""))
        if speaker:
            authors.append((speaker[1], button.text.rstrip("»› ").strip()))
    if not authors:
        raise Unreadable("button", "no 'button' that opens showSpeaker")
    return body.text, authors


def parse_speaker(page: Node) -> str:
    """Return the affiliation of an author: the ``h4`` that follows the name in ``h3``."""
    headings = list(_box(page).find("h3", "h4"))
    names = [number for number, heading in enumerate(headings) if heading.tag == "h3"]
    if not names:
        raise Unreadable("h3", "no name in 'h3'")
    following = headings[names[0] + 1 :]
    if not following or following[0].tag != "h4":
        raise Unreadable("h4", "no affiliation in an 'h4' after 'h3'")
    return following[0].text


def _box(page: Node) -> Node:
    """Return what surrounds the first card: menus around it have buttons and headings, too."""
    card = next(page.find(having=("maincard",)), None)
    return card.parent if card is not None and card.parent is not None else page
