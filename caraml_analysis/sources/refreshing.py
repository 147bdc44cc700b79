"""Fetch a newer edition of a source, check it, and compare it with the embedded one.

Nothing is used by that: what was fetched is kept only when the caller says so, as an edition of its
own beside the embedded one. Every source is an entry in :data:`SOURCES`.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from caraml_analysis import __version__, paths, registry
from caraml_analysis.errors import (
    ArchiveError,
    CaramlError,
    CountryError,
    DownloadError,
    HttpStatusError,
    SourceChangedError,
    UnitError,
    UsageError,
    WebPageError,
    YearError,
)
from caraml_analysis.sources import (
    drift,
    editions,
    irena_tables,
    oghist,
    owid,
    pxweb,
    top500_lists,
    world_bank_api,
)
from caraml_analysis.sources.http import CSV, HTML, JSON, Client, Download, local_file
from caraml_analysis.sources.workbooks import kind_of

#: Content types under which servers send a workbook, and XML.
WORKBOOK = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/octet-stream",
    "application/zip",
    "application/x-zip-compressed",
    "binary/octet-stream",
)
XML = ("application/xml", "text/xml", "application/octet-stream", "text/plain")
USER_AGENT = f"caraml-analysis/{__version__} (reads published editions of data; python-requests)"
_MOST_BYTES = 60_000_000


@dataclass(frozen=True)
class Request:
    """What is wanted: edition, files on this machine in place of the network, form and server."""

    edition: str | None = None
    files: tuple[Path, ...] = ()
    via: str = "excel"
    server: str | None = None


@dataclass
class Fetched:
    """An edition that was fetched and checked, and is not kept yet.

    Attributes
    ----------
    name, edition : str
    tables : dict
        By the name of the embedded file: the table in the same form.
    sources : list of pxweb.Source
        What it was made from.
    originals : dict
        Files as the publisher offers them, to be kept beside.
    through : dict
        What its card says otherwise (``publisher``, ``url``), where another one passed the file on.
    """

    name: str
    edition: str
    tables: dict[str, pd.DataFrame]
    sources: list[pxweb.Source] = field(default_factory=list)
    originals: dict[str, bytes] = field(default_factory=dict)
    through: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Return the files as they are kept."""
        return {
            file: table.to_csv(index=False, lineterminator="\n").encode()
            for file, table in self.tables.items()
        }

    @property
    def embedded(self) -> bool:
        """Whether an edition of this name is embedded; it stays as it is."""
        return self.edition in editions.embedded(self.name)

    def keep(self) -> Path | None:
        """Keep the edition beside the embedded ones, and return its folder.

        Of an edition that is embedded only the files of the publisher are kept.
        """
        for file, content in self.originals.items():
            paths.write_atomically(paths.cache_dir() / self.name / file, content)
        if self.embedded:
            return None
        source = SOURCES[self.name]
        made = (
            f"{s.url} (sha256 {s.sha256}{', retrieved ' + s.retrieved if s.retrieved else ''})"
            for s in self.sources
        )
        card = {
            "publisher": source.publisher,
            "url": source.url,
            "licence": source.licence,
            **self.through,
            "made": f"caraml data refresh {self.name}, from {'; '.join(made)}",
        }
        return editions.store(self.name, self.edition, self.files(), card)

    def in_place_of_embedded(self) -> dict[str, bytes]:
        """Return the embedded files as they would be with this edition in their place."""
        if self.name != "top500":
            return self.files()
        return {file: self._among_lists(file) for file in self.tables}

    def _among_lists(self, file: str) -> bytes:
        """Return the embedded file with this list among the others."""
        table = registry.read_csv(file, dtype={"edition": str})
        others = table[table["edition"] != self.edition]
        both = pd.concat([others, self._as_kept(file)]).sort_values("edition", kind="stable")
        return both.to_csv(index=False, lineterminator="\n").encode()

    def drifts(self) -> list[drift.Drift]:
        """Return what changed against the embedded edition, file by file.

        A Top500 list that is not embedded is compared with the newest one that is.
        """
        if self.name == "top500":
            return [self._against_list()]
        return [
            drift.compare(file, registry.read_csv(file), self._as_kept(file), *_KEYS[file])
            for file in self.tables
        ]

    def _as_kept(self, file: str) -> pd.DataFrame:
        """Return a table rounded and written in the way in which it is kept."""
        content = io.BytesIO(self.files()[file])
        return pd.read_csv(content, keep_default_na=False, na_values=[""])

    def _against_list(self) -> drift.Drift:
        file = "reference/top500.csv"
        other = self.edition if self.embedded else editions.embedded("top500")[-1]
        table = registry.read_csv(file, dtype={"edition": str})
        label = file if self.embedded else f"{file}, list {self.edition} against {other}"
        old = table[table["edition"] == other]
        return drift.compare(label, old, self._as_kept(file), *_KEYS[file])


_KEYS: dict[str, tuple[list[str], list[str]]] = {
    "reference/top500.csv": (
        ["iso3"],
        ["systems", "rmax_tflops", "rpeak_tflops", "power_kw", "systems_with_power"],
    ),
    "reference/irena_regions.csv": (["region", "measure", "year"], ["renewable", "renewable_pct"]),
    "reference/irena_region_years.csv": (
        ["region", "measure", "year"],
        ["renewable", "renewable_pct"],
    ),
    "reference/irena_countries.csv": (["iso3", "measure", "year"], ["renewable", "renewable_pct"]),
    "reference/irena_income_groups.csv": (
        ["class_basis", "measure", "year", "income_group"],
        ["renewable", "total"],
    ),
    "reference/income_groups.csv": (["iso3", "data_year"], ["income_group"]),
    "reference/grid_intensity.csv": (["iso3", "year"], ["g_co2e_per_kwh"]),
    "reference/population.csv": (["iso3", "year"], ["population"]),
    "reference/electricity_access.csv": (["iso3", "year"], ["access_pct"]),
}


@dataclass(frozen=True)
class Source:
    """A source that can be fetched: whose it is, and the function that fetches and checks it."""

    name: str
    title: str
    publisher: str
    url: str
    licence: str
    #: How its editions are named, for help and messages.
    editions: str
    fetch: Callable[[Client, Request], Fetched]
    #: What a name of an edition looks like, and one that is right.
    pattern: str = ".*"
    example: str = ""
    #: Address of the file itself, where it is another one than that of the page about it.
    file_url: str = ""
    delay_s: float = 1.0
    #: Whether a file that was downloaded with a browser can be read.
    from_file: bool = True
    #: The newest edition that can exist on a day, where neither file nor server says which it is.
    newest: Callable[[datetime.date], str] | None = None


def refresh(
    name: str,
    request: Request,
    client: Client | None = None,
    today: datetime.date | None = None,
) -> Fetched:
    """Fetch and check an edition; nothing is kept by that.

    Parameters
    ----------
    name : str
        A key of :data:`SOURCES`.
    request : Request
        What is wanted.
    client : Client, optional
        Sends the requests; a polite one that asks the server anew by default.
    today : date, optional
        No edition can be newer; by default the day (UTC) on which this runs.

    Raises
    ------
    UsageError
        If there is no such source, or the edition must be named.
    YearError
        If the edition is named in another way, or lies in the future.
    CaramlError
        If the edition cannot be fetched, or is not what it should be. The embedded data and
        everything kept before are as they were.
    """
    if name not in SOURCES:
        raise UsageError(f"no source {name!r} to refresh; there are {', '.join(SOURCES)}.")
    source = SOURCES[name]
    if request.via != "excel" and name != "top500":
        raise UsageError(f"{name} has one form only; --via is for top500. Nothing was fetched.")
    if request.edition is not None and not re.fullmatch(source.pattern, request.edition):
        raise YearError(
            f"no edition {request.edition!r} of {name}; they are named {source.editions}, for "
            f"example --edition {source.example}. Nothing was changed."
        )
    _require_not_in_the_future(source, request.edition, today or _today())
    if client is None:
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        client = Client(
            delay_s=source.delay_s,
            most_bytes=_MOST_BYTES,
            not_before=now,
            resumes=False,
            user_agent=USER_AGENT,
        )
    try:
        return source.fetch(client, request)
    except (DownloadError, SourceChangedError, ArchiveError, UnitError, CountryError) as error:
        if not request.files and isinstance(error, (DownloadError, WebPageError)):
            raise _with_advice(error, source) from error
        if not request.files or isinstance(error, DownloadError):
            raise
        # the publisher has no part in a file of the user: it may be any file
        raise type(error)(
            f"{error} The file of {name} is at {source.file_url or source.url}"
        ) from error


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _month_of(today: datetime.date) -> str:
    return f"{today:%Y-%m}"


def _require_not_in_the_future(source: Source, edition: str | None, today: datetime.date) -> None:
    if source.newest is None or edition is None or not re.match(r"\d{4}\W", edition):
        return
    newest = source.newest(today)
    if edition > newest:  # all such names sort by time
        raise YearError(
            f"no edition {edition!r} of {source.name} can exist yet: the newest can be {newest}. "
            "Nothing was changed. Is the year right, and the clock of this machine?"
        )


def _with_advice(error: CaramlError, source: Source) -> CaramlError:
    """Return an error of a server that also says what else there is, and what can be done."""
    refused = isinstance(error, HttpStatusError) and error.status in (401, 403)
    words = [
        str(error),
        "This publisher refuses programs at times." if refused else "",
        f"The editions that you have are {editions.in_words(source.name)}.",
        f"To get it all the same, download it with a browser from {source.file_url or source.url} "
        "and name the file with --from."
        if source.from_file
        else "It is read from its server only: try again later, or name a mirror with --server.",
    ]
    text = " ".join(filter(None, words))
    if isinstance(error, HttpStatusError):
        return HttpStatusError(text, error.status)
    return type(error)(text)


class _Part(NamedTuple):
    """One file that was read: its content, where it came from, and what messages call it."""

    content: bytes
    source: pxweb.Source
    name: str


def _get(client: Client, url: str, kinds: tuple[str, ...]) -> _Part:
    with client.get(url, kinds) as download:
        return _Part(download.content, _source(download), url)


def _local(path: Path) -> _Part:
    """Return a file of the user; messages call it by its full path."""
    name = str(path.absolute())
    if path.exists() and not path.is_file():
        raise DownloadError(
            f"{name}: is {'a folder' if path.is_dir() else 'no regular file'}. Nothing was "
            "changed. Name the file itself."
        )
    found = local_file(path.absolute())
    if found.size > _MOST_BYTES:
        raise DownloadError(
            f"{name}: is larger than {_MOST_BYTES:,} bytes, which no edition is. Nothing was "
            "changed."
        )
    return _Part(found.content, _source(found), name)


def _names(parts: Sequence[_Part]) -> str:
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"{parts[0].name}{more}"


def _source(download: Download) -> pxweb.Source:
    return pxweb.Source(download.url, download.sha256, download.retrieved)


def _only_file(request: Request, name: str) -> Path:
    if len(request.files) != 1:
        raise UsageError(
            f"{name} is one file; {len(request.files)} are named. Nothing was changed."
        )
    return request.files[0]


def _needed_edition(request: Request, name: str, example: str) -> str:
    if request.edition is None:
        raise UsageError(
            f"name the edition of {name} with --edition, for example --edition {example}. Nothing "
            "was fetched."
        )
    return request.edition


# --- the sources --------------------------------------------------------------------------------


def _top500(client: Client, request: Request) -> Fetched:
    edition = _needed_edition(request, "top500", "2025-11")
    top500_lists.number_of(edition)
    if request.files:
        parts = [_local(path) for path in request.files]
        name = _names(parts)
        pages = len(parts) > 1 or request.files[0].suffix.lower() in (".html", ".htm")
    else:
        addresses = top500_lists.addresses(
            edition, request.via, request.server or top500_lists.BASE
        )
        kinds = {"excel": WORKBOOK, "xml": XML, "pages": HTML}[request.via]
        parts = [_get(client, url, kinds) for url in addresses]
        pages = request.via == "pages"
        name = "" if pages else addresses[0]
    contents = [part.content for part in parts]
    for part in parts if pages else ():
        if not part.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise SourceChangedError(
                f"{part.name}: is no HTML page ({kind_of(part.content)}). Nothing was changed. "
                f"Several files are the {top500_lists.PAGES} pages of a list; a workbook or an XML "
                "is one file."
            )
    if pages:
        systems = top500_lists.read_pages(contents, edition, name)
        originals = {}
    else:
        systems = top500_lists.read_list(contents[0], edition, name)
        kind = "xml" if contents[0].lstrip()[:1] == b"<" else "excel"
        originals = {top500_lists.file_name(edition, kind): contents[0]}
    tables = {
        "reference/top500.csv": top500_lists.by_country(systems),
        "reference/top500_entry.csv": top500_lists.entry_level(systems),
    }
    sources = [part.source for part in parts]
    return Fetched("top500", edition, tables, sources, originals)


def _irena(client: Client, request: Request) -> Fetched:
    if request.files:
        raise UsageError(
            "irena is read from several tables of its server; --from is not possible. Nothing was "
            "changed."
        )
    edition = _needed_edition(request, "irena", "'2025 H2'")
    if not re.fullmatch(r"\d{4} H[12]", edition):
        raise YearError(f"no IRENA edition {edition!r}; they are named like '2024 H2'.")
    server = pxweb.PxWeb(client, request.server or irena_tables.FOLDER)
    files = irena_tables.embedded_files(irena_tables.fetch(server, edition))
    embedded = {file: registry.read_csv(file) for file in files}
    irena_tables.require_whole(files, embedded, edition)
    return Fetched("irena", edition, files, server.sources)


#: The publisher moved the file in 2026; both addresses serve whatever edition is newest.
_OGHIST_PATHS = (
    ("https://ddh-openapi.worldbank.org", "/resources/DR0095334/download"),
    (
        "https://datacatalogfiles.worldbank.org",
        "/ddh-published/0037712/DR0090754/OGHIST.xlsx",
    ),
)


_OWID_CLASSES = "world-bank-income-groups"


def _income_groups(client: Client, request: Request) -> Fetched:
    if request.files:
        content, source, name = _local(_only_file(request, "income_groups"))
    else:
        content, source, name = _first_that_answers(
            client, [(request.server or host) + path for host, path in _OGHIST_PATHS], WORKBOOK
        )
    file = "reference/income_groups.csv"
    if request.files and oghist.is_owid(content):
        found = oghist.read_owid_as_workbook(
            content, name, registry.read_csv(file), request.edition or ""
        )
        original = f"{_OWID_CLASSES}_{found.edition}.csv"
        through = {
            "publisher": "World Bank, through Our World in Data",
            "url": f"{owid.BASE}/{_OWID_CLASSES}",
        }
    else:
        found = oghist.read_workbook(content, name, request.edition or "")
        original, through = f"OGHIST_{found.edition}.xlsx", {}
    table = oghist.without_former_yugoslavia(found.table)
    _require_economies(table, name)
    return Fetched(
        "income_groups", found.edition, {file: table}, [source], {original: content}, through
    )


def _require_economies(table: pd.DataFrame, name: str) -> None:
    """Raise if an economy that has a class has none in any year: it would be unclassified."""
    embedded = registry.read_csv("reference/income_groups.csv").dropna(subset="income_group")
    newest = embedded[embedded["data_year"] == embedded["data_year"].max()]
    classified = table.loc[table["income_group"] != "", "iso3"]
    missing = sorted(set(newest["iso3"]) - set(classified))
    if missing:
        raise SourceChangedError(
            f"{name}: has no class of {', '.join(missing[:10])}. Nothing was changed. A code may "
            "be spelled in another way, or the file is not whole."
        )


def _first_that_answers(client: Client, addresses: Sequence[str], kinds: tuple[str, ...]) -> _Part:
    problems = []
    for url in addresses:
        try:
            return _get(client, url, kinds)
        except HttpStatusError as error:
            if error.status not in (404, 410):
                raise
            problems.append(str(error))
    raise DownloadError(" ".join(problems))


def _grapher(
    chart: str, file: str, column: str, bounds: tuple[float, float], pattern: str
) -> Callable[[Client, Request], Fetched]:
    """Return a function that fetches a chart file of Our World in Data."""
    name = Path(file).stem

    def fetch(client: Client, request: Request) -> Fetched:
        if request.files:
            edition = _needed_edition(request, name, "2026-11 (the month of the download)")
            content, source, label = _local(_only_file(request, name))
        else:
            address = owid.address(chart, request.server or owid.BASE)
            content, source, label = _get(client, address, CSV)
            edition = _month(source.retrieved, request.edition, name)
        rows = owid.read_whole(content, label, registry.read_csv(file), column=pattern)
        values = owid.numbers(rows, label, *bounds)
        table = pd.DataFrame({"iso3": rows["iso3"], "year": rows["year"], column: values})
        return Fetched(name, edition, {file: table}, [source], {f"{chart}_{edition}.csv": content})

    return fetch


def _month(retrieved: str, wanted: str | None, name: str) -> str:
    """Return the month of a download as the edition; the publisher serves only its newest file."""
    month = retrieved[:7]
    if wanted not in (None, month):
        raise YearError(
            f"no edition {wanted!r} of {name} can be fetched: the publisher serves only its "
            f"newest file, now {month}. Nothing was changed. Leave --edition out, or name an older "
            "file with --from."
        )
    return month


def _population(client: Client, request: Request) -> Fetched:
    if request.files:
        parts = [_local(path) for path in request.files]
    else:
        server = request.server or world_bank_api.BASE
        parts = [_get(client, world_bank_api.address(1, server), JSON)]
        pages = world_bank_api.read_page(parts[0].content, parts[0].name)[0]["pages"]
        for page in range(2, pages + 1):
            parts.append(_get(client, world_bank_api.address(page, server), JSON))
    answers = [world_bank_api.read_page(part.content, part.name) for part in parts]
    name = _names(parts)
    months = sorted({head["lastupdated"][:7] for head, _ in answers})
    month = months[0]
    if len(months) > 1:
        raise SourceChangedError(
            f"{name}: pages of different editions ({', '.join(months)}). Nothing was changed. "
            "Fetch all pages again."
        )
    if request.edition not in (None, month):
        has = "is" if request.files else "the server has"
        raise YearError(
            f"{name if request.files else 'population'}: {has} the edition {month}, not "
            f"{request.edition}. Nothing was changed. The server has only its newest one; name an "
            "older answer with --from."
        )
    records = [record for _, part in answers for record in part]
    table = world_bank_api.population(records, name)
    total = answers[0][0]["total"]
    if total and len(records) != total:
        raise SourceChangedError(
            f"{name}: {len(records):,} records of {total:,} in all pages. Nothing was changed. "
            "Name every page once, or ask for more records per page."
        )
    originals = {
        f"{world_bank_api.INDICATOR}_{month}_{number}.json": content
        for number, (content, _, _) in enumerate(parts, start=1)
    }
    sources = [part.source for part in parts]
    return Fetched("population", month, {world_bank_api.FILE: table}, sources, originals)


#: Pattern and example of editions that are named by their month.
_MONTH = (r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])", "2026-11")

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(
            "top500",
            "Top500 by country, one list",
            "TOP500.org",
            "https://www.top500.org/lists/top500/",
            "sums of facts; cite TOP500.org",
            "YYYY-06 or YYYY-11",
            _top500,
            newest=top500_lists.newest_on,
        ),
        Source(
            "irena",
            "renewable share, capacity and generation by region and country",
            "IRENA",
            "https://pxweb.irena.org",
            "© IRENA; free use with attribution; not an open licence",
            "like '2025 H2'",
            _irena,
            delay_s=pxweb.DELAY_S,
            from_file=False,
            # an edition of the second half of a year came out in July
            newest=lambda today: f"{today.year} H{1 if today.month < 6 else 2}",
        ),
        Source(
            "income_groups",
            "World Bank income groups",
            "World Bank",
            "https://datacatalog.worldbank.org/search/dataset/0037712",
            "CC BY 4.0",
            "by fiscal year",
            _income_groups,
            r"FY\d\d",
            "FY27",
        ),
        Source(
            "grid_intensity",
            "carbon intensity of electricity",
            "Ember, through Our World in Data",
            "https://ourworldindata.org/grapher/carbon-intensity-electricity",
            "CC BY 4.0",
            "by the month of the download",
            _grapher(
                "carbon-intensity-electricity",
                "reference/grid_intensity.csv",
                "g_co2e_per_kwh",
                (0, 2000),
                "carbon intensity",
            ),
            *_MONTH,
            owid.address("carbon-intensity-electricity"),
            newest=_month_of,
        ),
        Source(
            "population",
            "population",
            "World Bank; United Nations (World Population Prospects 2024) for 14 codes",
            "https://data.worldbank.org/indicator/SP.POP.TOTL",
            "CC BY 4.0; UN WPP CC BY 3.0 IGO",
            "by the month in which the World Bank updated it",
            _population,
            *_MONTH,
            world_bank_api.address(),
        ),
        Source(
            "electricity_access",
            "share of the population with access to electricity",
            "World Bank, through Our World in Data",
            "https://ourworldindata.org/grapher/share-of-the-population-with-access-to-electricity",
            "CC BY 4.0",
            "by the month of the download",
            _grapher(
                "share-of-the-population-with-access-to-electricity",
                "reference/electricity_access.csv",
                "access_pct",
                (0, 100),
                "access",
            ),
            *_MONTH,
            owid.address("share-of-the-population-with-access-to-electricity"),
            newest=_month_of,
        ),
    )
}
