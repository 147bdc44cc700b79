"""Conference years from any source that conferences offer, all as one checked table.

Each module here is one source: fetch (the only part with a network), parse (pure), check, tidy.
``SOURCES["virtual_site"].read("NeurIPS", 2025)`` gives a :class:`ConferenceYear`.
``docs/conference_sources.md`` says what each one covers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from caraml_analysis.errors import UsageError, YearError
from caraml_analysis.sources.conference_years import (
    accepted_papers,
    csv,
    openreview,
    paperlists,
    papers_csv,
    proceedings,
    schedule_pages,
    virtual_site,
)
from caraml_analysis.sources.conference_years.model import (
    ConferenceYear,
    Coverage,
    Input,
    Years,
    spelled_coverage,
)
from caraml_analysis.sources.conference_years.texts import conference_name

__all__ = [
    "SOURCES",
    "ConferenceYear",
    "Input",
    "Source",
    "Years",
    "available",
    "conference_name",
    "source_named",
]


@dataclass(frozen=True)
class Source:
    """One way to get a conference year.

    Attributes
    ----------
    name : str
        As in ``caraml add-year --source NAME``.
    kind : str
        ``conference_site``, ``proceedings``, ``openreview`` or ``user``.
    summary : str
        What it is, in a sentence.
    coverage : mapping
        Years by conference; empty means any.
    read : callable
        ``read(conference, year, *, client=None, path=None, keep_authors=False, ...)`` gives a
        :class:`ConferenceYear`.
    verified_live : bool
        Whether the parser was ever run against the live site; a local file has none.
    """

    name: str
    kind: str
    summary: str
    coverage: Coverage
    read: Callable[..., ConferenceYear]
    verified_live: bool = False

    def available(self, conference: str, year: int) -> bool:
        """Tell whether this source should have a year; only the server knows whether it does."""
        name = conference_name(conference)
        return not self.coverage or (name in self.coverage and year in self.coverage[name])

    def describe(self) -> str:
        """Return what the source is and covers, in a few lines for people."""
        verified = "verified live" if self.verified_live else "never verified live"
        if self.name == csv.NAME:
            verified = "local file"
        return (
            f"{self.name}: {self.summary}\n"
            f"  covers  {spelled_coverage(self.coverage)}\n"
            f"  kind    {self.kind}; {verified}"
        )


def _source(module: ModuleType, summary: str) -> Source:
    return Source(module.NAME, module.KIND, summary, module.COVERAGE, module.read)


#: By name; those to be preferred come first.
SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        _source(csv, "a table of your own: CSV, Excel or Parquet, with a column mapping"),
        _source(virtual_site, "JSON of orals and posters of the virtual site, one request"),
        _source(papers_csv, "papers.csv of martenlienen/icml-nips-iclr-dataset, at a commit"),
        _source(schedule_pages, "the older schedule, one request per paper and author"),
        _source(accepted_papers, "the page AcceptedPapersInitial, one request"),
        _source(proceedings, "metadata of the NeurIPS proceedings, one request per paper"),
        _source(openreview, "OpenReview, with the affiliation of each profile at the time"),
        _source(paperlists, "lists of papercopilot/paperlists, at a commit"),
    )
}


def source_named(name: str) -> Source:
    """Return a source.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    if name not in SOURCES:
        raise UsageError(
            f"no source {name!r}; there are {', '.join(SOURCES)}. Nothing was fetched."
        )
    return SOURCES[name]


def available(conference: str, year: int) -> list[str]:
    """Return the names of the sources that should have a conference year, best first.

    ``csv`` is not among them: it has what the user has.

    Raises
    ------
    UsageError
        If no source has the conference; says which there are.
    YearError
        If none has this year of it; says which years there are.
    """
    name = conference_name(conference)
    listed = [source for source in SOURCES.values() if source.coverage]
    if not any(name in source.coverage for source in listed):
        names = list(dict.fromkeys(name for source in listed for name in source.coverage))
        raise UsageError(
            f"no source has a conference {conference!r}; there are {', '.join(names)}. Nothing was "
            "fetched. Any other one can be read from a table of your own: --from FILE."
        )
    found = [source.name for source in listed if source.available(name, year)]
    if not found:
        years = "; ".join(
            f"{source.name} {source.coverage[name]}" for source in listed if name in source.coverage
        )
        raise YearError(
            f"no source has {name} {year}; there are {years}. Nothing was fetched. A table of your "
            "own can be read with --from FILE."
        )
    return found
