"""Lists of Paper Copilot (papercopilot/paperlists): one JSON list for a conference year.

Affiliations are not aligned with authors: those without one are left out, and nothing says which.
Papers with other numbers of affiliations than of authors are marked, never guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from caraml_analysis.errors import HttpStatusError, UsageError, YearError
from caraml_analysis.sources import http, json_stream
from caraml_analysis.sources.conference_years import model
from caraml_analysis.sources.conference_years.model import (
    ConferenceYear,
    Coverage,
    Paper,
    Reading,
    Years,
    text_of,
)
from caraml_analysis.sources.conference_years.texts import conference_name

NAME = "paperlists"
KIND = "openreview"
COVERAGE: Coverage = {"ICML": Years(2017), "NeurIPS": Years(1987), "ICLR": Years(2013)}

DEFAULT_COMMIT = "94cf96f"
ACCEPTED = ("poster", "spotlight", "oral", "accept", "top")
NOT_ACCEPTED = ("reject", "withdraw", "desk")

_REPOSITORY = "papercopilot/paperlists"
_FOLDERS = {"ICML": "icml", "NeurIPS": "nips", "ICLR": "iclr"}
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_BETWEEN = " / "


def url(conference: str, year: int, commit: str, base: str = "") -> str:
    """Return the address of a list at a commit."""
    folder = _FOLDERS[conference]
    server = base or "https://raw.githubusercontent.com"
    return f"{server}/{_REPOSITORY}/{commit}/{folder}/{folder}{year}.json"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    path: str | os.PathLike[str] | None = None,
    commit: str = DEFAULT_COMMIT,
    unaligned: str = "empty",
    base: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from a list of Paper Copilot.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`, with gaps; affiliations are there for some years only.
    client : Client, optional
        One of its own if not given.
    path : path, optional
        The list on this machine; nothing is fetched then.
    commit : str
        Which edition, 7 to 40 hexadecimal digits: lists are rewritten often.
    unaligned : {"empty", "listed"}
        What to do with papers that have fewer affiliations than authors: count every author
        without affiliation, or count the affiliations that are listed, each once, and the rest of
        the authors without. Names are then left out for them.
    base : str
        Another server.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear
        ``counts`` also has ``unaligned_papers`` and ``unaligned_entries``.

    Raises
    ------
    YearError
        If there is no such list at this commit.
    SourceChangedError
        If the list is of another shape; names the field.
    DownloadError
        If it cannot be fetched.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    if unaligned not in ("empty", "listed"):
        raise UsageError(f"unaligned={unaligned!r}; there are 'empty' and 'listed'.")
    with _open(client, path, conference, year, commit, base) as download:
        reading = parse(download, unaligned)
        download.keep()
        return model.tidy(
            reading,
            conference,
            year,
            source=NAME,
            kind="openreview" if reading.more.pop("openreview") else "proceedings",
            inputs=[download.input],
            edition=f"{commit} sha256:{download.sha256[:12]}" if path is None else "",
            keep_authors=keep_authors,
        )


def _open(
    client: http.Client | None,
    path: str | os.PathLike[str] | None,
    conference: str,
    year: int,
    commit: str,
    base: str,
) -> http.Download:
    if path is not None:
        return http.local_file(path)
    if not _COMMIT.fullmatch(commit):
        raise UsageError(
            f"{NAME}: {commit!r} is no commit (7 to 40 digits, 0 to 9 and a to f). Nothing was "
            "fetched: a branch is another list tomorrow."
        )
    address = url(conference, year, commit, base)
    try:
        return (client or http.Client()).get(address, http.JSON)
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(
            f"{NAME}: {address} does not exist. Nothing was changed. Is the year in this edition? "
            "Name a newer commit, with all its 40 digits, or use another source."
        ) from error


def parse(download: http.Download, unaligned: str = "empty") -> Reading:
    """Return the accepted papers of a list, checked."""
    reading = Reading(more={"unaligned_papers": 0, "unaligned_entries": 0, "openreview": False})
    model.each_record(
        reading, _records(download), lambda record: read_record(record, reading, unaligned)
    )
    if not reading.records:
        raise YearError(f"{NAME}: {download.url} lists no papers. Nothing was changed.")
    reading.check(NAME, download.url)
    if not reading.papers:
        raise model.changed(NAME, download.url, "no paper was accepted: has 'status' new values?")
    if reading.more["unaligned_papers"]:
        reading.notes.append(
            f"Papers with another number of affiliations than of authors: "
            f"{reading.more['unaligned_papers']:,}, with {reading.more['unaligned_entries']:,} "
            "entries; "
            + (
                "their authors count as entries without one."
                if unaligned == "empty"
                else "their affiliations are counted, but not to whom they belong."
            )
        )
    reading.notes.append("Papers with equal numbers are aligned by assumption.")
    return reading


def _records(download: http.Download) -> Iterator[Any]:
    def invalid(number: int, what: str) -> Exception:
        return model.changed(
            NAME, download.url, f"is no JSON list as expected after record {number:,} ({what})"
        )

    try:
        yield from json_stream.array(json_stream.decoded(download.blocks()), invalid)
    except UnicodeDecodeError as error:
        raise model.changed(NAME, download.url, f"is not UTF-8 ({error.reason})") from error


def read_record(record: dict[str, Any], reading: Reading, unaligned: str) -> Paper | None:
    """Return one paper, or None if it was not accepted."""
    status = text_of(record, "status").casefold()
    if any(word in status for word in NOT_ACCEPTED) or not any(word in status for word in ACCEPTED):
        reading.others["their 'status' is no acceptance"] += 1
        return None
    title = text_of(record, "title")
    listed = text_of(record, "author")
    reading.more["openreview"] |= "authorids" in record
    authors = [name.strip() for name in listed.split(";")]
    texts = _affiliations(text_of(record, "aff", needed=False))
    track = text_of(record, "track", needed=False) if "track" in record else ""
    if len(texts) != len(authors):
        reading.more["unaligned_papers"] += 1
        reading.more["unaligned_entries"] += len(authors)
        if unaligned == "empty" or len(texts) > len(authors):
            texts = []
        authors = [""] * len(authors)
        texts += [""] * (len(authors) - len(texts))
    pairs = list(zip(authors, texts, strict=True))
    return Paper(title, pairs, _track(track), identity=str(record.get("id") or ""))


def _affiliations(listed: str) -> list[str]:
    """Return the affiliations; ``+`` stands between those of one author."""
    if not listed.strip(" ;"):
        return []
    return [
        _BETWEEN.join(part.strip(" ,") for part in one.split("+") if part.strip(" ,"))
        for one in listed.split(";")
    ]


def _track(listed: str) -> str:
    plain = "_".join(listed.casefold().replace("&", "and").split())
    return plain or "main"
