"""``papers.csv`` of martenlienen/icml-nips-iclr-dataset, the table that the paper used.

``Conference,Year,Title,Author,Affiliation``, one row per author. Old editions write ``NIPS``; a
header can repeat in the middle, where somebody followed the recipe to append; an affiliation that
its crawler could not read is ``[ERROR]``.
"""

from __future__ import annotations

import os
import re

from caraml_analysis.errors import DownloadError, HttpStatusError, UsageError, YearError
from caraml_analysis.sources import http
from caraml_analysis.sources.conference_years import csv, model
from caraml_analysis.sources.conference_years.model import ConferenceYear, Coverage, Years
from caraml_analysis.sources.conference_years.texts import conference_name

NAME = "papers_csv"
KIND = "conference_site"
COVERAGE: Coverage = {
    "ICML": Years(2017, 2023),
    "NeurIPS": Years(2006, 2022),
    "ICLR": Years(2018, 2023, without=(2020,)),
}

#: Commits and what their README says they cover. Their sha256 are not known here.
COMMITS = {
    "9752e17": {"ICML": Years(2017, 2019), "NeurIPS": Years(2006, 2018), "ICLR": Years(2018, 2019)},
    "87d3ac7": COVERAGE,
}
DEFAULT_COMMIT = "87d3ac7"

_COLUMNS = ("Conference", "Year", "Title", "Author", "Affiliation")
_REPOSITORY = "martenlienen/icml-nips-iclr-dataset"
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_FAILED = "[error]"


def url(commit: str, base: str = "") -> str:
    """Return the address of the table at a commit."""
    server = base or "https://raw.githubusercontent.com"
    return f"{server}/{_REPOSITORY}/{commit}/papers.csv"


def read(
    conference: str,
    year: int,
    *,
    client: http.Client | None = None,
    path: str | os.PathLike[str] | None = None,
    commit: str = DEFAULT_COMMIT,
    sha256: str = "",
    base: str = "",
    keep_authors: bool = False,
) -> ConferenceYear:
    """Return a conference year from one edition of the table.

    Parameters
    ----------
    conference, year
        See :data:`COVERAGE`; a commit may cover less.
    client : Client, optional
        One of its own if not given.
    path : path, optional
        The table on this machine; nothing is fetched then.
    commit : str
        Which edition, 7 to 40 hexadecimal digits. "main" is refused: it is another table tomorrow.
    sha256 : str
        What the table must be; not compared if empty.
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
        If this edition has no such year.
    SourceChangedError
        If a column is missing.
    DownloadError
        If it cannot be fetched, or is another table than `sha256` says.
    """
    conference = conference_name(conference)
    coverage = COMMITS.get(commit, {}) if path is None else {}
    model.check_covered(f"{NAME} @{commit}", coverage, conference, year)
    with _open(client, path, commit, base) as download:
        if sha256 and download.sha256 != sha256.lower():
            raise DownloadError(
                f"{download.url}: is not the file it should be (sha256 {download.sha256} instead "
                f"of {sha256}). Nothing was replaced. Name another commit, or its sha256."
            )
        rows = csv.Rows(download.path, name=download.url)
        check_header(rows.header, download.url)
        reading, seen = csv.read_rows(
            rows, csv.columns(rows.header, {}, download.url), conference, year, download.url
        )
        failed = _forget_failures(reading)
        if not reading.papers:
            raise _no_year(download.url, conference, year, seen)
        download.keep()
        if failed:
            reading.notes.append(
                f"Affiliations that are '[ERROR]' in the table, empty here: {failed:,}."
            )
        if (conference, year) == ("NeurIPS", 2022):
            reading.notes.append(
                "The site of NeurIPS 2022 mixes the main track with Datasets and Benchmarks."
            )
        return model.tidy(
            reading,
            conference,
            year,
            source=NAME,
            kind=KIND,
            inputs=[download.input],
            edition=f"{commit} sha256:{download.sha256[:12]}" if path is None else "",
            keep_authors=keep_authors,
        )


def _open(
    client: http.Client | None, path: str | os.PathLike[str] | None, commit: str, base: str
) -> http.Download:
    if path is not None:
        return http.local_file(path)
    if not _COMMIT.fullmatch(commit):
        raise UsageError(
            f"{NAME}: {commit!r} is no commit (7 to 40 digits, 0 to 9 and a to f). Nothing was "
            f"fetched. Known are {', '.join(COMMITS)}."
        )
    try:
        return (client or http.Client()).get(url(commit, base), http.CSV)
    except HttpStatusError as error:
        if error.status != 404:
            raise
        raise YearError(
            f"{NAME}: {url(commit, base)} does not exist. Nothing was changed. Is the commit "
            "right? Give all its 40 digits."
        ) from error


def check_header(header: list[str], where: str) -> None:
    """Raise if a column is missing."""
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise model.changed(
            NAME, where, f"no column {', '.join(map(repr, missing))} (found {', '.join(header)})"
        )


def _forget_failures(reading: model.Reading) -> int:
    failed = 0
    for paper in reading.papers:
        for number, (author, text) in enumerate(paper.authors):
            if text.strip().casefold() == _FAILED:
                paper.authors[number] = (author, "")
                failed += 1
    return failed


def _no_year(where: str, conference: str, year: int, seen: csv.Seen) -> YearError:
    years: dict[str, set[str]] = {}
    for name, other in seen:
        years.setdefault(conference_name(name), set()).add(other)
    there = "; ".join(f"{name} {', '.join(sorted(found))}" for name, found in sorted(years.items()))
    return YearError(
        f"{NAME}: {where} has no {conference} {year}; it has {there}. Nothing was changed. Name "
        "another commit, or use another source."
    )
