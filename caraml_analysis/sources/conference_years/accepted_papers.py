"""``AcceptedPapersInitial``: one page with all papers of a year, authors and affiliations.

``<p><b>TITLE</b><br><i>NAME (AFFILIATION) &middot; ...</i></p>``. Brackets nest, in names too.
"""

from __future__ import annotations

import os
import re

from caraml_analysis.errors import HttpStatusError, YearError
from caraml_analysis.sources import http
from caraml_analysis.sources.conference_years import model
from caraml_analysis.sources.conference_years.model import (
    ConferenceYear,
    Coverage,
    Paper,
    Reading,
    Unreadable,
    Years,
)
from caraml_analysis.sources.conference_years.texts import conference_name, one_line, unescape

NAME = "accepted_papers"
KIND = "conference_site"
#: From 2021 on the same address served other pages.
COVERAGE: Coverage = {"NeurIPS": Years(2019, 2020)}

_MOST_BYTES = 50_000_000
_PARAGRAPH = re.compile(r"<p\b[^>]*>\s*<b\b[^>]*>(.*?)(?=<p\b|</p>|\Z)", re.DOTALL | re.IGNORECASE)
_INSIDE = re.compile(
    r"(?P<title>.*?)</b>\s*(?P<break><br\s*/?>)?\s*(?P<authors><i\b[^>]*>(?P<list>.*?)</i>)?",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]+>")
_YEAR = re.compile(r"(?:/Conferences/|\bN(?:eur)?IPS )(20\d\d)\b", re.IGNORECASE)
_SEPARATOR = re.compile(r"&middot;|&midmiddot;")


def url(year: int, base: str = "") -> str:
    """Return the address of a year's page."""
    return f"{base or 'https://neurips.cc'}/Conferences/{year}/AcceptedPapersInitial"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    path: str | os.PathLike[str] | None = None,
    base: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from the page of accepted papers.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`.
    client : Client, optional
        One of its own if not given.
    path : path, optional
        The page on this machine; nothing is fetched then.
    base : str
        Another server.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear

    Raises
    ------
    YearError
        If the site has no such page, or the page names other years only.
    SourceChangedError
        If the page is of another shape; names the element.
    DownloadError
        If it cannot be fetched.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    with _open(client, path, year, base) as download:
        page = download.content.decode("utf-8", "replace")
        reading = parse(page, download.url)
        reading.notes += check_year(page, year, download.url)
        download.keep()
        reading.notes.append(
            "This is the list of the first announcement: papers may have been withdrawn since."
        )
        return model.tidy(
            reading,
            conference,
            year,
            source=NAME,
            kind=KIND,
            inputs=[download.input],
            keep_authors=keep_authors,
        )


def _open(
    client: http.Client | None, path: str | os.PathLike[str] | None, year: int, base: str
) -> http.Download:
    if path is not None:
        return http.local_file(path)
    try:
        return (client or http.Client()).get(url(year, base), http.HTML, robots=True)
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(
            f"{NAME}: {url(year, base)} does not exist (any more). Nothing was changed. Use "
            "another source."
        ) from error


def parse(page: str, where: str = "the page") -> Reading:
    """Return the papers of a page, checked."""
    reading = Reading()
    paragraphs = _PARAGRAPH.findall(page[:_MOST_BYTES])
    if not paragraphs:
        cards = "maincard" in page
        raise model.changed(
            NAME,
            where,
            "no paper in 'p > b'" + (", but cards: use the source schedule_pages" if cards else ""),
        )
    for paragraph in paragraphs:
        reading.records += 1
        try:
            reading.papers.append(read_paragraph(paragraph))
        except Unreadable as reason:
            reading.refuse(f"paper {reading.records:,}", reason.field, str(reason))
    reading.check(NAME, where)
    return reading


def check_year(page: str, year: int, where: str = "the page") -> list[str]:
    """Return a note if a page does not say which year it lists; raise if it is another one."""
    # titles and affiliations may name years, too
    named = set(_YEAR.findall(_PARAGRAPH.sub("", page[:_MOST_BYTES])))
    if not named:
        return [
            f"The page does not say which year it lists: that it is {year} could not be checked."
        ]
    if str(year) not in named:
        raise YearError(
            f"{NAME}: {where} names {', '.join(sorted(named))}, not {year}. Nothing was changed. "
            f"Name this year, or give the page of {year}."
        )
    return []


def read_paragraph(paragraph: str) -> Paper:
    """Return one paper; `paragraph` is what stands behind ``<p><b>``."""
    found = _INSIDE.match(paragraph)
    if found is None:
        raise Unreadable("b", "the title in 'b' does not end")
    title = _plain(found["title"])
    if not title:
        raise Unreadable("b", "the title in 'b' is empty")
    if found["break"] is None:
        raise Unreadable("br", "no 'br' between title and authors")
    if found["list"] is None:
        raise Unreadable("i", "no authors in 'i'")
    # split before escapes are resolved: a dot of an affiliation is not a separator
    authors = [split_author(_plain(part)) for part in _SEPARATOR.split(found["list"])]
    return Paper(title, [author for author in authors if any(author)])


def _plain(piece: str) -> str:
    return one_line(unescape(_TAG.sub("", piece)))


def split_author(text: str) -> tuple[str, str]:
    """Split ``Name (Affiliation)``; both may hold brackets themselves.

    Examples
    --------
    >>> split_author("Wei (Will) Example (Ohio State University (OSU))")
    ('Wei (Will) Example', 'Ohio State University (OSU)')
    """
    if not text:
        return "", ""
    if not text.endswith(")") or "(" not in text:
        raise Unreadable("()", "an author has no affiliation in '()'")
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            name = text[:place]
            if name.count("(") == name.count(")"):
                return name.strip(), text[place + 1 : -1].strip()
            break
    # brackets that do not match: all from the first one on
    name, _, affiliation = text.partition("(")
    return name.strip(), affiliation[:-1].strip()
