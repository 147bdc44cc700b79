"""NeurIPS proceedings: a list of papers and a ``-Metadata.json`` for each.

Institutions are null for most years before 2013. Good for 2013 to 2020, and as a check.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from typing import Any
from urllib.parse import urljoin

from caraml_analysis.errors import HttpStatusError, YearError
from caraml_analysis.sources import html_tree, http
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
from caraml_analysis.sources.conference_years.texts import conference_name, one_line

NAME = "proceedings"
KIND = "proceedings"
#: For 2021 the files could not be read by others who tried; later ones were never checked.
COVERAGE: Coverage = {"NeurIPS": Years(1987, 2020)}
FIRST_WITH_INSTITUTIONS = 2013

#: After so many files it is clear whether their shape is a new one.
_FIRST_FILES = 10
_NO_AUTHORS = "they list no authors"
_ABSTRACT = re.compile(r"/hash/(?P<hash>[0-9a-f]{32})-Abstract(?P<rest>[\w-]*)\.html$")


def list_url(year: int, base: str = "") -> str:
    """Return the address of the list of a year."""
    return f"{base or 'https://papers.nips.cc'}/paper/{year}"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    path: str | os.PathLike[str] | None = None,
    base: str = "",
    at_once: int = http.AT_ONCE,
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a year of NeurIPS from its proceedings.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`.
    client : Client, optional
        One of its own if not given: a request each second, one for each paper.
    path : path, optional
        A JSON list of the metadata records, or such lists by year; nothing is fetched then.
    base : str
        Another server.
    at_once : int
        Requests under way at a time.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear

    Raises
    ------
    YearError
        If there is no such list.
    SourceChangedError
        If list or metadata are of another shape; names the field.
    DownloadError
        If a file cannot be fetched. Run again to go on.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    reading = Reading()
    if path is not None:
        file = http.local_file(path)
        records = records_of_file(file.content, year, file.url)
        where, inputs = file.url, [file.input]
        model.each_record(reading, records, lambda record: read_record(record, reading))
    else:
        where = list_url(year, base)
        inputs = [_walk(reading, client or http.Client(), where, at_once)]
    reading.check(NAME, where)
    _note_institutions(reading, year)
    return model.tidy(
        reading,
        conference,
        year,
        source=NAME,
        kind=KIND,
        inputs=inputs,
        keep_authors=keep_authors,
    )


def _walk(reading: Reading, client: http.Client, where: str, at_once: int) -> http.Input:
    """Read the metadata of every paper in the list."""
    try:
        with client.get(where, http.HTML, robots=True) as download:
            addresses = parse_list(download.content.decode("utf-8", "replace"), where)
            download.keep()
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(f"{NAME}: {where} does not exist. Nothing was changed.") from error
    inputs = [download.input]

    def fetch(address: str) -> Paper | Unreadable | None:
        try:
            with client.get(address, http.JSON, robots=True) as one:
                paper = read_record(_json(one.content), Reading())
                one.keep()
            inputs.append(one.input)
        except Unreadable as reason:
            return reason
        except HttpStatusError as error:
            if error.status != 404:
                raise
            return Unreadable("-Metadata.json", "does not exist")
        return paper

    # closed at once on an error: nothing more is sent then
    with closing(client.each(fetch, addresses, at_once)) as results:
        for address, found in zip(addresses, results, strict=True):
            reading.records += 1
            if isinstance(found, Unreadable):
                reading.refuse(address.rpartition("/")[2], found.field, str(found))
                if len(reading.unreadable) >= min(_FIRST_FILES, len(addresses)):
                    reading.check(NAME, where)
            elif found is None:
                reading.others[_NO_AUTHORS] += 1
            else:
                reading.papers.append(found)
    return http.summed(where, inputs)


def _json(content: bytes) -> dict[str, Any]:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("-Metadata.json", "is not JSON") from None
    if not isinstance(record, dict):
        raise Unreadable("-Metadata.json", "is no JSON object")
    return record


def parse_list(page: str, where: str) -> list[str]:
    """Return the addresses of the metadata of all papers in a list."""
    links = [node.attributes.get("href", "") for node in html_tree.parse(page).find("a")]
    found = [
        urljoin(where + "/", _ABSTRACT.sub(r"/file/\g<hash>-Metadata\g<rest>.json", link))
        for link in links
        if _ABSTRACT.search(link)
    ]
    if not found:
        raise model.changed(NAME, where, "no link 'a' to '/hash/...-Abstract.html'")
    return list(dict.fromkeys(found))


def records_of_file(content: bytes, year: int, where: str) -> list[Any]:
    """Return the records of a saved file: a list, or lists by year."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise model.changed(NAME, where, "is not JSON") from None
    if isinstance(found, dict):
        if str(year) not in found:
            raise YearError(
                f"{NAME}: {where} has no {year}; it has {', '.join(map(str, found))[:200]}. "
                "Nothing was changed."
            )
        found = found[str(year)]
    if not isinstance(found, list):
        raise model.changed(NAME, where, "is no list of records")
    return found


def read_record(record: dict[str, Any], reading: Reading) -> Paper | None:
    """Return one paper, or None if it lists no authors."""
    title = text_of(record, "title")
    authors = [_author(author) for author in list_of(record, "authors")]
    if not authors:
        reading.others[_NO_AUTHORS] += 1
        return None
    return Paper(title, authors)


def _author(author: Any) -> tuple[str, str]:
    if not isinstance(author, dict):
        raise Unreadable("authors", f"an author is {author!r:.40}, not an object")
    names = [_name(author, field) for field in ("given_name", "family_name")]
    return one_line(" ".join(names)), text_of(author, "institution", needed=False)


def _name(author: dict[str, Any], field: str) -> str:
    """Return a part of a name, which is a list in some records."""
    value = author.get(field)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    return text_of(author, field, needed=False)


def _note_institutions(reading: Reading, year: int) -> None:
    texts = [text for paper in reading.papers for _, text in paper.authors]
    filled = sum(bool(text.strip()) for text in texts)
    if not filled:
        why = (
            f"the proceedings have none before {FIRST_WITH_INSTITUTIONS}"
            if year < FIRST_WITH_INSTITUTIONS
            else "other years have them"
        )
        reading.notes.append(f"Institutions are null for every author of {year}: {why}.")
