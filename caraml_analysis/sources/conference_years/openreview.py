"""OpenReview: accepted notes of a venue, and each author's affiliation at the time.

Notes have no affiliations; they are in the history of each author's profile. Of a profile only the
matched affiliation is kept, under a hash of the id; the rest never reaches the disk. The old API
(v1) and the new one (v2) answer in different shapes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from caraml_analysis.errors import HttpStatusError, UsageError, YearError
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
from caraml_analysis.sources.conference_years.texts import conference_name, one_line

NAME = "openreview"
KIND = "openreview"
COVERAGE: Coverage = {"ICML": Years(2023), "NeurIPS": Years(2021), "ICLR": Years(2018)}

#: The first year of each conference in the new API; earlier ones are in the old one.
FIRST_IN_V2 = {"ICML": 2023, "NeurIPS": 2023, "ICLR": 2024}
SERVERS = {1: "https://api.openreview.net", 2: "https://api2.openreview.net"}

NOTES_PER_PAGE = 1_000
PROFILES_PER_REQUEST = 100
_MOST_PAGES = 200
#: Of so many profiles one at least has a history, or the field has a new name.
_ENOUGH_PROFILES = 3
_BETWEEN = " / "
_DECISIONS = ("/Decision", "/Acceptance_Decision", "/Meta_Review")
_USED = ("title", "authors", "authorids", "venueid", "decision", "recommendation")

#: An author of a note: profile id (may be an e-mail address) and name.
Author = tuple[str, str]


def venue_id(conference: str, year: int) -> str:
    """Return the id of a venue's group, such as ``NeurIPS.cc/2025/Conference``."""
    return f"{conference}.cc/{year}/Conference"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    token: str = "",
    venue: str = "",
    api: int = 0,
    base: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from OpenReview.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`.
    client : Client, optional
        One of its own if not given.
    token : str
        Of a login, if the server wants one; ``OPENREVIEW_TOKEN`` in the environment otherwise.
        Sent to OpenReview only, never kept.
    venue : str
        Id of the venue's group, if it is not the usual one.
    api : int
        1 or 2; by year if 0.
    base : str
        Another server.
    keep_authors : bool
        Keep names, one row per author.

    Returns
    -------
    ConferenceYear
        ``counts`` also has ``authors`` (distinct), ``without_profile``, ``without_history`` (no
        affiliation at the time) and ``several`` (more than one at the time, joined by ``/``).

    Raises
    ------
    YearError
        If the venue has no accepted notes.
    SourceChangedError
        If an answer is of another shape; names the field.
    DownloadError
        If the server refuses or fails. Run again to go on; a token may help.
    """
    conference = conference_name(conference)
    model.check_covered(NAME, COVERAGE, conference, year)
    version = api or (2 if year >= FIRST_IN_V2[conference] else 1)
    if version not in SERVERS:
        raise UsageError(f"{NAME}: api={api}; there are 1 and 2. Nothing was fetched.")
    token = token or os.environ.get("OPENREVIEW_TOKEN", "")
    server = _Server(
        client or http.Client(),
        base or SERVERS[version],
        {"Authorization": f"Bearer {token}"} if token else {},
    )
    group = venue or venue_id(conference, year)
    reading = Reading()
    papers = _notes(reading, server, group, version)
    if not papers:
        raise YearError(
            f"{NAME}: {group} has no accepted papers (yet). Nothing was changed. It should have "
            f"{model.spelled_coverage(COVERAGE)}; name another group with venue=."
        )
    ids = list(dict.fromkeys(author for _, authors, _ in papers for author, _ in authors))
    affiliations = _affiliations(server, ids, year)
    reading.papers = [
        Paper(
            title,
            [(name, _BETWEEN.join(affiliations.get(hashed(author)) or ())) for author, name in a],
            identity=forum,
        )
        for title, a, forum in papers
    ]
    _describe(reading, ids, affiliations)
    return model.tidy(
        reading,
        conference,
        year,
        source=NAME,
        kind=KIND,
        inputs=[http.summed(f"{server.base}/notes {group}", server.inputs)],
        keep_authors=keep_authors,
    )


class _Server:
    """One API: its address and the login."""

    def __init__(self, client: http.Client, base: str, headers: dict[str, str]) -> None:
        self.client = client
        self.base = base
        self.headers = headers
        self.inputs: list[http.Input] = []


def _describe(reading: Reading, ids: list[str], affiliations: dict[str, list[str]]) -> None:
    known = [affiliations.get(hashed(author)) for author in ids]
    by_mail = sum(not author.startswith("~") for author in ids)
    reading.more = {
        "authors": len(ids),
        "without_profile": sum(found is None for found in known),
        "without_history": sum(found == [] for found in known),
        "several": sum(found is not None and len(found) > 1 for found in known),
    }
    reading.notes.append(
        "Affiliations are those of the profiles for the year of the conference; they agree with "
        "those of the conference site in about half the cases."
    )
    if by_mail:
        reading.notes.append(f"Authors listed by e-mail address, without a profile: {by_mail:,}.")


# --- notes ----------------------------------------------------------------------------------


def _notes(
    reading: Reading, server: _Server, group: str, version: int
) -> list[tuple[str, list[Author], str]]:
    """Return title, authors and forum of the accepted notes, page by page."""
    papers: list[tuple[str, list[Author], str]] = []
    with ExitStack() as stack:
        kept: list[tuple[http.Download, bytes]] = []
        for page in range(_MOST_PAGES):
            address = notes_url(server.base, group, version, page * NOTES_PER_PAGE)
            download = stack.enter_context(
                server.client.get(address, http.JSON, headers=server.headers)
            )
            notes, count = _page(download)
            papers += _read_notes(reading, notes, group, version)
            # reviews and abstracts are not kept
            kept.append((download, json.dumps({"notes": notes, "count": count}).encode()))
            reading.site_count = count
            if len(notes) < NOTES_PER_PAGE and reading.records >= (count or 0):
                break
            if not notes or reading.records == count:
                break
        reading.check(NAME, f"{server.base}/notes {group}")
        for download, reduced in kept:  # all or none: pages of two days do not fit together
            download.keep(reduced)
            server.inputs.append(download.input)
    return papers


def _read_notes(
    reading: Reading, notes: list[Any], group: str, version: int
) -> Iterator[tuple[str, list[Author], str]]:
    """Yield what can be read of the notes that were accepted."""
    for note in notes:
        reading.records += 1
        try:
            paper = read_note(note, group, version)
        except Unreadable as reason:
            name = str(note.get("id", ""))[:40] if isinstance(note, dict) else ""
            reading.refuse(f"note {reading.records:,} {name}", reason.field, str(reason))
            continue
        if paper is None:
            reading.others["they were not accepted"] += 1
        else:
            yield paper


def notes_url(base: str, group: str, version: int, offset: int) -> str:
    """Return the address of a page of notes."""
    query: dict[str, str | int] = (
        {"content.venueid": group}
        if version == 2
        else {"invitation": f"{group}/-/Blind_Submission", "details": "directReplies"}
    )
    return f"{base}/notes?{urlencode(query | {'limit': NOTES_PER_PAGE, 'offset': offset})}"


def _page(download: http.Download) -> tuple[list[Any], int | None]:
    """Return the notes of a page, only with the fields that are used, and the site's count."""

    def invalid(number: int, what: str) -> Exception:
        return model.changed(NAME, download.url, f"is no JSON object as expected ({what})")

    notes, count, there = [], None, set()
    try:
        pieces = json_stream.decoded(download.blocks())
        for name, value in json_stream.fields(pieces, "notes", invalid):
            there.add(name)
            if name == "notes" and value is not json_stream.BEGIN:
                notes.append(_reduced(value))
            elif name == "count" and isinstance(value, int):
                count = value
    except UnicodeDecodeError as error:
        raise model.changed(NAME, download.url, f"is not UTF-8 ({error.reason})") from error
    if "notes" not in there:
        raise model.changed(NAME, download.url, "has no field 'notes'")
    if not notes and count:
        raise model.changed(NAME, download.url, f"'count' says {count:,}, but 'notes' is empty")
    return notes, count


def _reduced(note: Any) -> Any:
    """Return a note with the fields that are used; what is of another shape stays for a message."""
    if not isinstance(note, dict):
        return str(note)[:40]
    kept = {name: note[name] for name in ("id", "forum", "invitation") if name in note}
    if "content" in note:
        content = note["content"]
        kept["content"] = (
            {name: content[name] for name in _USED if name in content}
            if isinstance(content, dict)
            else str(content)[:40]
        )
    details = note.get("details")
    if isinstance(details, dict) and isinstance(details.get("directReplies"), list):
        replies = (reply for reply in details["directReplies"] if isinstance(reply, dict))
        decisions = [
            _reduced(reply)
            for reply in replies
            if str(reply.get("invitation", "")).endswith(_DECISIONS)
        ]
        kept["details"] = {"directReplies": decisions}
    return kept


def read_note(note: Any, group: str, version: int) -> tuple[str, list[Author], str] | None:
    """Return title, authors and forum of a note, or None if it was not accepted."""
    if not isinstance(note, dict):
        raise Unreadable("notes", f"is {note!r:.40}, not an object")
    content = note.get("content")
    if not isinstance(content, dict):
        raise Unreadable("content", "has no field 'content'")
    if version == 2:
        content = {name: _value(content[name], name) for name in content}
        if text_of(content, "venueid") != group:
            return None
    elif not is_accepted(note):
        return None
    names, ids = list_of(content, "authors"), list_of(content, "authorids")
    if len(names) != len(ids):
        raise Unreadable("authorids", f"{len(ids)} 'authorids' for {len(names)} 'authors'")
    if not ids:
        raise Unreadable("authorids", "'authorids' is empty")
    if not all(isinstance(text, str) for text in (*names, *ids)):
        raise Unreadable("authors", "an author is not a text")
    return (
        text_of(content, "title"),
        [(model.whole_letters(a), model.whole_letters(b)) for a, b in zip(ids, names, strict=True)],
        text_of(note, "forum" if "forum" in note else "id"),
    )


def _value(wrapped: Any, name: str) -> Any:
    if not isinstance(wrapped, dict) or "value" not in wrapped:
        raise Unreadable(name, f"{name!r} has no 'value'")
    return wrapped["value"]


def is_accepted(note: dict[str, Any]) -> bool:
    """Tell from the decision among the replies to a note of the old API."""
    details = note.get("details")
    if not isinstance(details, dict) or "directReplies" not in details:
        raise Unreadable("details.directReplies", "has no field 'details.directReplies'")
    for reply in list_of(details, "directReplies"):
        content = reply.get("content") if isinstance(reply, dict) else None
        if isinstance(content, dict):
            said = content.get("decision") or content.get("recommendation") or ""
            if isinstance(said, str) and said.casefold().startswith("accept"):
                return True
    return False


# --- profiles -------------------------------------------------------------------------------


def hashed(author: str) -> str:
    """Return what stands for a profile id in the cache."""
    return hashlib.sha256(author.encode("utf-8", "replace")).hexdigest()[:24]


def _affiliations(server: _Server, ids: list[str], year: int) -> dict[str, list[str]]:
    """Return the affiliations in `year` by hash of the id; absent without a profile."""
    profiles = sorted(author for author in ids if author.startswith("~"))
    found: dict[str, list[str]] = {}
    for batch in _batches(profiles, PROFILES_PER_REQUEST):
        # the part behind # is not sent: what is kept of a profile depends on the year
        address = f"{server.base}/profiles/search#{year}"
        try:
            download = server.client.get(
                address,
                http.JSON,
                body={"ids": batch},
                headers=server.headers,
                private=True,
            )
        except HttpStatusError as error:
            if error.status in (401, 403):
                raise HttpStatusError(
                    f"{error} OpenReview may want a login for profiles: give a token "
                    "(OPENREVIEW_TOKEN).",
                    error.status,
                ) from error
            raise
        with download:
            if download.cached:
                matched = json.loads(download.content)["matched"]
            else:
                matched = read_profiles(download.content, set(batch), year, download.url)
                download.keep(json.dumps({"matched": matched}, sort_keys=True).encode())
        server.inputs.append(download.input)
        found |= matched
    return found


def _batches(items: list[str], size: int) -> Iterator[list[str]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def read_profiles(
    content: bytes, wanted: set[str], year: int, where: str = "profiles"
) -> dict[str, list[str]]:
    """Return the affiliations in `year` of the wanted profiles, by hash of their ids."""
    try:
        profiles = json.loads(content)["profiles"]
    except (ValueError, RecursionError):
        raise model.changed(NAME, where, "is not JSON") from None
    except (KeyError, TypeError):
        raise model.changed(NAME, where, "has no field 'profiles'") from None
    reading = Reading()
    matched: dict[str, list[str]] = {}

    def read_one(profile: dict[str, Any]) -> None:
        affiliations = at_the_time(profile, year)
        for name in names_of(profile) & wanted:
            matched[hashed(name)] = affiliations

    if not isinstance(profiles, list):
        raise model.changed(NAME, where, "'profiles' is no list")
    contents = [one.get("content") for one in profiles if isinstance(one, dict)]
    with_history = [one for one in contents if isinstance(one, dict) and "history" in one]
    if len(contents) >= _ENOUGH_PROFILES and any(contents) and not with_history:
        raise model.changed(NAME, where, "no profile has a field 'content.history'")
    model.each_record(reading, profiles, read_one)
    reading.check(NAME, where)
    return matched


def names_of(profile: dict[str, Any]) -> set[str]:
    """Return all ids of a profile: it has several after a merge."""
    content = profile.get("content")
    names = content.get("names") if isinstance(content, dict) else None
    usernames = (
        {name.get("username") for name in names if isinstance(name, dict)}
        if isinstance(names, list)
        else set()
    )
    return {text_of(profile, "id"), *(name for name in usernames if isinstance(name, str))}


def at_the_time(profile: dict[str, Any], year: int) -> list[str]:
    """Return the institutions of a profile's history that cover `year`, in its order.

    Years are whole: someone who moved in this year has two, and nothing says which one counts.
    """
    content = profile.get("content")
    if not isinstance(content, dict):
        raise Unreadable("content", "has no field 'content'")
    if content.get("history") is None:
        return []  # some have none; that none has any is noticed by read_profiles
    found = []
    for entry in list_of(content, "history"):
        if not isinstance(entry, dict) or "institution" not in entry:
            raise Unreadable("institution", "an entry of 'history' has no 'institution'")
        start, end = _year(entry, "start"), _year(entry, "end")
        institution = entry["institution"]
        if not isinstance(institution, dict) or not (start or year) <= year <= (end or year):
            continue
        name = institution.get("name") or institution.get("domain")
        if isinstance(name, str) and name.strip():
            found.append(one_line(model.whole_letters(name)))
    return list(dict.fromkeys(found))


def _year(entry: dict[str, Any], field: str) -> int:
    """Return a year, 0 if it is open."""
    value = entry.get(field)
    if value is None or value == "":
        return 0
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Unreadable(field, f"{field!r} is {value!r:.40}, not a year") from None
