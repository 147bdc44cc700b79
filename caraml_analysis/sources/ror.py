"""ROR, the Research Organization Registry: fetch a named release, check it, read its records.

A release is a zip on Zenodo with one large JSON array. Nothing is ever unpacked to disk: the one
member that is wanted is read as a stream, record by record, so that neither its size nor the names
of its members can do harm, and memory stays small.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from caraml_analysis import __version__, paths
from caraml_analysis.countries import to_alpha3
from caraml_analysis.errors import (
    ArchiveError,
    CacheError,
    CountryError,
    DownloadError,
    OutputError,
    SourceChangedError,
    UsageError,
)
from caraml_analysis.sources import json_stream

if TYPE_CHECKING:
    import requests

#: Zenodo refuses the default names of client libraries.
USER_AGENT = f"caraml-analysis/{__version__} (reads ROR data releases; python-requests)"
LICENCE = "CC0 1.0 (ROR); places from GeoNames, CC BY 4.0"

# A release is 36 MB and holds 0.3 GB of JSON that shrinks to a tenth. What is far beyond that is
# no release of ROR.
MOST_ZIP_BYTES = 500_000_000
MOST_JSON_BYTES = 2_000_000_000
MOST_RATIO = 60
MOST_MEMBERS = 1_000
_MOST_ANSWER_BYTES = 5_000_000
_SMALL = 1_000_000  # the ratio of a small file says nothing
_BLOCK = 1 << 20
_TIMEOUT_SECONDS = (15, 60)  # to connect, and between two pieces of an answer

_NAMED = re.compile(r"(?P<edition>v\d+(?:\.\d+)+)-\d{4}-\d{2}-\d{2}-ror-data")
_MEMBER = re.compile(r"(?:.*-)?ror-data(?P<second>_schema_v2)?\.json")
_RECORD_ADDRESS = re.compile(r"/(?:api/)?records/(\d+)/?$")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Edition:
    """One release: where it is and how it is known again.

    ``sha256`` or ``md5`` may be empty, not both; ``size`` is in bytes, 0 if not known.
    """

    name: str
    record: int
    file: str
    sha256: str = ""
    md5: str = ""
    size: int = 0

    @property
    def url(self) -> str:
        """Address of the zip."""
        return f"https://zenodo.org/api/records/{self.record}/files/{self.file}/content"


#: Releases whose checksum is published; ``docs/ror.md`` says where.
EDITIONS = {
    edition.name: edition
    for edition in (
        Edition(
            "v2.12",
            22099990,
            "v2.12-2026-08-25-ror-data.zip",
            sha256="5779c7baf71771fd8ea829201e7bd4343a3c68ff36c595f480b3a00292f78931",
            md5="ce8807691455d4ada3216c31408e9e1a",
            size=36_246_232,
        ),
        Edition(
            "v2.9",
            20818161,
            "v2.9-2026-06-23-ror-data.zip",
            md5="f42792cae72dd6c223c2b792ccf77169",
        ),
        Edition(
            "v2.7",
            20140273,
            "v2.7-2026-05-12-ror-data.zip",
            sha256="4acfbaeab99539c5d616d3a90fe8854f092fe28d4b982a69cb1f2b576aba86a8",
        ),
    )
}
DEFAULT_EDITION = "v2.12"


class Release(NamedTuple):
    """A zip on this machine: its edition, sha256, and what the sha256 or md5 was compared with."""

    path: Path
    edition: str
    sha256: str
    checked: str


class Organisation(NamedTuple):
    """One record, as far as it helps to tell a country.

    ``names`` are pairs of name and kind (``name``, the one that ROR shows; ``label``, ``alias``,
    ``acronym``); ``places`` are triples of ISO 3166-1 alpha-3 code, city and region, in the order
    of the record; ``countries`` are the names of these countries in ROR.
    """

    ror_id: str
    status: str
    names: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str, str], ...]
    countries: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass
class Counts:
    """What became of the records of a release."""

    read: int = 0
    kept: int = 0
    inactive: int = 0
    withdrawn: int = 0
    without_country: int = 0


# --- getting a release ------------------------------------------------------------------------


def fetch(
    edition: str | None = None, *, url: str | None = None, sha256: str | None = None
) -> Release:
    """Download one release of ROR into the cache and check it.

    Parameters
    ----------
    edition : str, optional
        For example ``"v2.12"``; one of :data:`EDITIONS` unless `url` is given.
    url : str, optional
        Another address of the zip, or ``https://zenodo.org/api/records/NUMBER``: the zip is then
        chosen by its name, and checked with the md5 that the record states.
    sha256 : str, optional
        Of the zip; wins over what :data:`EDITIONS` says.

    Returns
    -------
    Release
        The zip in ``cache_dir()/ror``.

    Raises
    ------
    UsageError
        If nothing says what the right file is.
    DownloadError
        If it cannot be fetched, or is another file. What was in the cache is left as it was.

    Notes
    -----
    A file that is there already and has the right checksum is not downloaded again.
    """
    wanted = _wanted(edition, url, _checksum(sha256))
    target = paths.cache_dir() / "ror" / wanted.file
    if target.is_file():
        found = _digests(target)
        if _differs(wanted, found) is None:
            return _fetched(target, wanted, found)
    address = url or wanted.url
    if _is_record(address):
        address, wanted = _in_record(address, wanted)
    try:
        with paths.atomic_path(target) as temporary:
            _download(address, temporary)
            found = _digests(temporary)
            problem = _differs(wanted, found)
            if problem:
                raise DownloadError(
                    f"{address}: is not the file it should be ({problem}). It was deleted, nothing "
                    "was replaced. Run the command again; if it stays so, the publisher changed "
                    "the file: name the right one with --sha256."
                )
    except OutputError as error:
        raise CacheError(
            f"{target.parent}: cannot be written. Nothing was changed. Name another folder with "
            "CARAML_CACHE, or make room in this one."
        ) from error
    return _fetched(target, wanted, found)


def _fetched(target: Path, wanted: Edition, found: dict[str, str]) -> Release:
    release = Release(target, wanted.name, found["sha256"], _compared(wanted))
    return _agreeing(release, _edition_of(_member(target).filename))


def local(path: Path, edition: str | None = None, sha256: str | None = None) -> Release:
    """Return a zip that is on this machine already, checked as far as possible.

    Parameters
    ----------
    path : Path
        A release, as downloaded from Zenodo.
    edition : str, optional
        Its edition; read from the name of the file or of its JSON otherwise.
    sha256 : str, optional
        What it should be.

    Raises
    ------
    DownloadError
        If the file is missing, or is not what `sha256` or :data:`EDITIONS` says.
    UsageError
        If the edition cannot be told.
    """
    sha256 = _checksum(sha256)
    try:
        found = _digests(path)
    except OSError as error:
        raise DownloadError(
            f"{path}: cannot be read ({error.strerror}). Nothing was changed. Name the zip of a "
            "ROR release with --from."
        ) from error
    inside = _edition_of(_member(path).filename)
    name = _spelled(edition) or inside or _edition_of(path.name)
    if name is None:
        raise UsageError(
            f"{path}: neither its name nor its content says which release it is. Nothing was "
            "changed. Name it with --edition, for example --edition v2.12."
        )
    wanted = Edition(name, 0, path.name, sha256=sha256) if sha256 else EDITIONS.get(name)
    problem = wanted and _differs(wanted, found)
    if problem:
        raise DownloadError(
            f"{path}: is not the file it should be ({problem}). It was left as it is and not "
            "used; the index is unchanged. Download it again, or give its sha256 with --sha256 "
            "if you trust it."
        )
    checked = _compared(wanted) if wanted else "nothing: no checksum of this edition is known"
    return _agreeing(Release(path, name, found["sha256"], checked), inside)


def _agreeing(release: Release, inside: str | None) -> Release:
    """Return a release whose content is not of another edition."""
    if inside not in (None, release.edition):
        raise UsageError(
            f"{release.path}: holds ROR {inside}, not {release.edition}. The index is unchanged. "
            f"Name it with --edition {inside}."
        )
    return release


def _wanted(edition: str | None, url: str | None, sha256: str | None) -> Edition:
    """Return what to fetch and how it is known to be right."""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"{url}: is not an http or https address. For a file use --from.")
    name = _spelled(edition) or _edition_of(url or "") or DEFAULT_EDITION
    known = EDITIONS.get(name)
    if known is None and url is None:
        raise UsageError(
            f"no ROR edition {name!r} is known here ({', '.join(EDITIONS)}). Nothing was fetched. "
            "Name its address with --url and its checksum with --sha256, or a zip on this machine "
            "with --from."
        )
    if known is None:
        file = PurePosixPath(urlsplit(url or "").path).name
        if not re.fullmatch(rf"{_NAMED.pattern}\.zip", file):
            file = f"{re.sub(r'[^A-Za-z0-9.]', '_', name)}-ror-data.zip"
        known = Edition(name, 0, file)
    if sha256:
        return Edition(known.name, known.record, known.file, sha256=sha256)
    if not (known.sha256 or known.md5 or _is_record(url or "")):
        raise UsageError(
            f"{url}: nothing says which file is the right one. Nothing was fetched. Give its "
            "sha256 with --sha256."
        )
    return known


def _spelled(edition: str | None) -> str | None:
    """Return "v2.12" for "2.12", too."""
    return f"v{edition}" if edition and edition[0].isdigit() else edition


def _is_record(url: str) -> bool:
    return bool(_RECORD_ADDRESS.search(urlsplit(url).path))


def _checksum(sha256: str | None) -> str | None:
    if sha256 is not None and not _SHA256.fullmatch(sha256.lower()):
        raise UsageError(
            f"{sha256!r} is no sha256: it has 64 digits, 0 to 9 and a to f. Nothing was fetched."
        )
    return sha256 and sha256.lower()


def _edition_of(name: str) -> str | None:
    found = _NAMED.search(name)
    return found["edition"] if found else None


def _digests(path: Path) -> dict[str, str]:
    with open(path, "rb") as stream:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0
        while block := stream.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            size += len(block)
    return {"sha256": sha256.hexdigest(), "md5": md5.hexdigest(), "size": f"{size:,} bytes"}


def _differs(wanted: Edition, found: dict[str, str]) -> str | None:
    """Return what is wrong with a file, or None."""
    kind = "sha256" if wanted.sha256 else "md5"
    right = getattr(wanted, kind)
    if not right:
        return "no checksum to compare it with"
    if found[kind] == right:
        return None
    return f"{kind} {found[kind]} instead of {right}, {found['size']}"


def _compared(wanted: Edition) -> str:
    return f"sha256 {wanted.sha256}" if wanted.sha256 else f"md5 {wanted.md5}"


@contextmanager
def _answer(url: str) -> Iterator[requests.Response]:
    """Yield the answer of a server, or say what went wrong."""
    import requests

    what = f"{url}: cannot be fetched"
    kept = "Nothing was replaced."
    try:
        with requests.get(
            url, headers={"User-Agent": USER_AGENT}, stream=True, timeout=_TIMEOUT_SECONDS
        ) as response:
            if response.status_code == 429:
                wait = response.headers.get("Retry-After")
                pause = f"in {wait} seconds" if wait and wait.isdigit() else "in some minutes"
                raise DownloadError(f"{what}: too many requests. {kept} Try again {pause}.")
            if response.status_code != 200:
                raise DownloadError(
                    f"{what}: status {response.status_code} {response.reason}. {kept} Try again "
                    "later, name another address with --url, or download the zip with a browser "
                    "and use --from."
                )
            yield response
    except requests.RequestException as error:
        raise DownloadError(
            f"{what} ({type(error).__name__}). {kept} Try again, or download the zip elsewhere "
            "and use --from."
        ) from error


def _in_record(url: str, wanted: Edition) -> tuple[str, Edition]:
    """Return address and checksum of the release in a Zenodo record; old ones hold several zips."""
    found = _RECORD_ADDRESS.search(urlsplit(url).path)
    number = int(found[1]) if found else 0
    parts = urlsplit(url)
    api = parts._replace(path=parts.path.replace("/api", "").replace("/records", "/api/records"))
    with _answer(api.geturl()) as response:
        content = b""
        for block in response.iter_content(_BLOCK):
            content += block
            if len(content) > _MOST_ANSWER_BYTES:
                break
    try:
        files = [
            (str(file["key"]), str(file["checksum"]), str(file["links"]["self"]))
            for file in json.loads(content)["files"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceChangedError(
            f"{url}: is not a Zenodo record as it was ({error!r:.80}). Nothing was replaced. Name "
            "the address of the zip itself with --url, and --sha256."
        ) from error
    for key, checksum, address in files:
        kind, _, digest = checksum.partition(":")
        if key.endswith(".zip") and _edition_of(key) == wanted.name and kind == "md5":
            if wanted.sha256 or wanted.md5:
                return address, wanted
            return address, Edition(wanted.name, number, wanted.file, md5=digest)
    listed = ", ".join(key for key, _, _ in files)
    raise DownloadError(
        f"{url}: holds no zip of ROR {wanted.name} (but {listed:.300}). Nothing was replaced. Name "
        "the edition with --edition, or another record with --url."
    )


def _download(url: str, target: Path) -> None:
    """Stream `url` to a file; stop at what cannot be a release."""
    from tqdm import tqdm

    with _answer(url) as response, open(target, "wb") as stream:
        promised = response.headers.get("Content-Length")
        total = int(promised) if promised and promised.isdigit() else None
        got = 0
        with tqdm(
            total=total, unit="B", unit_scale=True, disable=None, desc="ROR", leave=False
        ) as bar:
            for block in response.iter_content(_BLOCK):
                got += len(block)
                if got > MOST_ZIP_BYTES:
                    raise DownloadError(
                        f"{url}: is larger than {MOST_ZIP_BYTES:,} bytes, no release of ROR. It "
                        "was deleted, nothing was replaced."
                    )
                stream.write(block)
                bar.update(len(block))
    if total is not None and got < total and "Content-Encoding" not in response.headers:
        raise DownloadError(
            f"{url}: broke off after {got:,} of {total:,} bytes. Nothing was replaced. Run the "
            "command again."
        )
    with open(target, "rb") as stream:
        start = stream.read(64).lstrip().lower()
    if start.startswith(b"<"):
        raise DownloadError(
            f"{url}: sent a web page instead of a zip (it begins {start[:20]!r}). Nothing was "
            "replaced. Name the address of the file itself with --url, or download it with a "
            "browser and use --from."
        )


# --- reading a release ------------------------------------------------------------------------


def organisations(path: Path, counts: Counts | None = None) -> Iterator[Organisation]:
    """Yield the organisations of a release, one at a time.

    Parameters
    ----------
    path : Path
        The zip, see :func:`fetch` and :func:`local`.
    counts : Counts, optional
        Is filled with what became of the records.

    Yields
    ------
    Organisation
        Active and inactive ones. Withdrawn records were made in error and are left out, and so
        are records without a country that has a code.

    Raises
    ------
    ArchiveError
        If the zip is damaged, unsafe or holds no release.
    SourceChangedError
        If the records are of schema 1, or of a shape that is not known.
    """
    counts = Counts() if counts is None else counts
    for record in records(path):
        counts.read += 1
        found = organisation(record, counts.read)
        if found.status == "withdrawn":
            counts.withdrawn += 1
        elif not found.places:
            counts.without_country += 1
        else:
            counts.kept += 1
            counts.inactive += found.status == "inactive"
            yield found


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a release as they are, in schema 2."""
    number = 0
    with _open_member(path) as stream:
        for number, record in enumerate(_array(_text(stream, path), path), start=1):
            _check_schema(record, number, path)
            yield record
    if not number:
        raise ArchiveError(f"{path}: holds no records. It was not used; the index is unchanged.")


def organisation(record: dict[str, Any], number: int = 0) -> Organisation:
    """Return one record of schema 2 as an :class:`Organisation`."""
    try:
        details = [location["geonames_details"] for location in record["locations"]]
        coded = [(_alpha3(place["country_code"]), place) for place in details]
        return Organisation(
            _plain(record["id"]).rpartition("/")[2],
            _plain(record["status"]),
            tuple((_plain(name["value"]), _kind(name["types"])) for name in record["names"]),
            tuple(
                (code, _plain(place.get("name")), _plain(place.get("country_subdivision_name")))
                for code, place in coded
                if code
            ),
            tuple(_plain(place.get("country_name")) for code, place in coded if code),
            tuple(_plain(domain).casefold() for domain in record.get("domains") or ()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceChangedError(
            f"ROR record {number} ({str(record.get('id'))[:60]}): is not of the shape that was "
            f"expected ({error!r:.80}). The index is unchanged. Use an edition that "
            f"is known: {', '.join(EDITIONS)}."
        ) from error


def _plain(value: Any) -> str:
    """Return a text without half characters; a missing one is empty."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return (value or "").encode("utf-8", "replace").decode()


def _kind(types: list[str]) -> str:
    """Return the first kind that applies; ROR lists them in any order."""
    kinds = {"ror_display": "name", "label": "label", "alias": "alias", "acronym": "acronym"}
    return next((kind for listed, kind in kinds.items() if listed in types), "name")


def _alpha3(code: str) -> str | None:
    try:
        return to_alpha3(code)
    except CountryError:
        return None


def _check_schema(record: Any, number: int, path: Path) -> None:
    if isinstance(record, dict) and isinstance(record.get("names"), list):
        return
    if isinstance(record, dict) and isinstance(record.get("name"), str):
        raise SourceChangedError(
            f"{path}: record {number} is of ROR's schema 1. The index is unchanged. Fetch an "
            f"edition with schema 2: v1.45 or later, for example {DEFAULT_EDITION}."
        )
    raise SourceChangedError(
        f"{path}: element {number} is no record of ROR ({str(record)[:40]!r}). The index is "
        f"unchanged. Use an edition that is known: {', '.join(EDITIONS)}."
    )


def _member(path: Path) -> zipfile.ZipInfo:
    with _open_zip(path) as archive:
        return _choose(archive, path)


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise ArchiveError(
            f"{path}: is no whole zip file ({error}). It was not used; the index is unchanged. "
            "Download it again."
        ) from error
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be read ({error.strerror or error}). The index is unchanged."
        ) from error


@contextmanager
def _open_member(path: Path) -> Iterator[IO[bytes]]:
    import zlib

    with _open_zip(path) as archive:
        try:
            with archive.open(_choose(archive, path)) as stream:
                yield stream
        except zlib.error as error:
            raise ArchiveError(
                f"{path}: is damaged ({error}). It was not used; the index is unchanged. "
                "Download it again."
            ) from error


def _choose(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Return the JSON of schema 2, after a look at every name in the zip."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ArchiveError(
            f"{path}: holds {len(members):,} files, no release of ROR. It was not used."
        )
    for member in members:
        reason = _unsafe(member)
        if reason:
            raise ArchiveError(
                f"{path}: holds {member.filename[:80]!r}, {reason}. Such a zip is not from ROR; it "
                "was not used and nothing was unpacked. Download it from Zenodo."
            )
    found = {}
    for member in members:
        named = _MEMBER.fullmatch(PurePosixPath(member.filename).name)
        if named and "__MACOSX" not in member.filename:
            found[bool(named["second"])] = member
    if not found:
        listed = ", ".join(member.filename for member in members[:5])
        raise ArchiveError(
            f"{path}: holds no ...-ror-data.json (but {listed:.300}). It was not used; the index "
            "is unchanged. Name the zip of a ROR release."
        )
    chosen = found.get(True) or found[False]
    _check_size(chosen, path)
    return chosen


def _unsafe(member: zipfile.ZipInfo) -> str | None:
    # orig_filename is what the zip says; filename is what Python made of it
    name = member.orig_filename
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "an absolute path"
    if "\0" in name or "\\" in name:
        return "a path that is read differently on other systems"
    if ".." in name.split("/"):
        return "a path out of its folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link"
    if member.flag_bits & 0x1:
        return "an encrypted file"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in a way that ROR does not use"
    return None


def _check_size(member: zipfile.ZipInfo, path: Path) -> None:
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > MOST_JSON_BYTES or (member.file_size > _SMALL and ratio > MOST_RATIO):
        raise ArchiveError(
            f"{path}: {member.filename} would grow to {member.file_size:,} bytes, {ratio:,.0f} "
            f"times its size. No release of ROR does; it was not read. Download it from Zenodo."
        )


def _text(stream: IO[bytes], path: Path) -> Iterator[str]:
    """Yield a stream as text in pieces, counting what really comes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    size = 0
    try:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > MOST_JSON_BYTES:
                raise ArchiveError(
                    f"{path}: grows beyond {MOST_JSON_BYTES:,} bytes. It was not read to its end; "
                    "the index is unchanged. Download it from Zenodo."
                )
            if piece := decoder.decode(block):  # none in the middle of a letter
                yield piece
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise ArchiveError(
            f"{path}: its JSON is not UTF-8 ({error.reason}). It was not used; the index is "
            "unchanged. Download it again."
        ) from error


def _array(pieces: Iterable[str], path: Path) -> Iterator[Any]:
    """Yield the elements of a JSON array that comes in pieces, one at a time."""

    def invalid(count: int, what: str) -> ArchiveError:
        return ArchiveError(
            f"{path}: its JSON is not valid after record {count:,} ({what}). It was not "
            "used; the index is unchanged. Download it again."
        )

    return json_stream.array(pieces, invalid)
