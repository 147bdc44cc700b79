"""Fetch from public servers with care: slowly, once, under our name, and never half of a thing.

What was fetched is kept in the user's cache under its sha256, with address and time, so that a
year can be rebuilt without the network. A download replaces an earlier one only when the caller
has checked it and calls ``keep()``.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from caraml_analysis import __version__, paths
from caraml_analysis.errors import (
    CacheError,
    DownloadError,
    HttpStatusError,
    OutputError,
    WebPageError,
)

if TYPE_CHECKING:
    import requests

USER_AGENT = f"caraml-analysis/{__version__} (research on conference affiliations; python-requests)"
JSON = ("application/json", "text/json", "application/javascript", "text/plain")
HTML = ("text/html", "application/xhtml+xml")
CSV = ("text/csv", "text/plain", "application/csv", "application/octet-stream")

#: Fewer at once would be slower than the delay allows; more is impolite.
AT_ONCE = 3

_BLOCK = 1 << 16
_MOST_REDIRECTS = 5
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
_FIRST_PAUSE_S = 1.0  # after a failure; doubled with every further one
_LONGEST_PAUSE_S = 300.0  # a server that wants more than this is left alone
_STALE_S = 86_400.0  # what an interrupted download left behind
_KEPT = "Nothing was replaced."
_GO_ON = "Nothing was replaced: what was fetched before is in the cache, run again to go on."

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Input:
    """Something that was read: where from, when (ISO 8601, UTC), its sha256 and size in bytes.

    Several pages of one walk are one input: `url` then says how many, and the sha256 is that of
    all their sha256 in the order of their addresses.
    """

    url: str
    retrieved: str
    sha256: str
    bytes: int


@dataclass
class Download:
    """What a server sent, or a file on this machine.

    Attributes
    ----------
    url : str
        Address, or path of the file.
    retrieved : str
        When, in UTC as ``2026-01-31T12:00:00Z``. Empty for a file.
    sha256 : str
    size : int
        Bytes, after decompression.
    path : Path
        Where the content is now.
    cached : bool
        Whether it came from the cache, without a request.
    """

    url: str
    retrieved: str
    sha256: str
    size: int
    path: Path
    cached: bool = True
    _keep: Callable[[bytes | None], None] | None = field(default=None, repr=False)

    def blocks(self) -> Iterator[bytes]:
        """Yield the content in pieces."""
        with open(self.path, "rb") as stream:
            while block := stream.read(1 << 20):
                yield block

    @property
    def content(self) -> bytes:
        """Return the whole content."""
        return self.path.read_bytes()

    @property
    def input(self) -> Input:
        """Return what is to be noted of this download."""
        return Input(self.url, self.retrieved, self.sha256, self.size)

    def keep(self, instead: bytes | None = None) -> None:
        """Put the download into the cache, or only `instead`, the part that may be kept."""
        if self._keep is not None:
            self._keep(instead)
            self._keep = None

    def __enter__(self) -> Download:
        """Use the content within the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the content, unless it was kept."""
        if self._keep is not None:
            self.path.unlink(missing_ok=True)
            self._keep = None


def summed(url: str, inputs: list[Input]) -> Input:
    """Return many pages as one input, whatever their order; the day is that of the newest."""
    in_order = sorted(inputs, key=lambda one: (one.url, one.sha256))
    digest = hashlib.sha256("".join(one.sha256 for one in in_order).encode()).hexdigest()
    return Input(
        f"{url} ({len(inputs):,} pages)",
        max((one.retrieved for one in inputs), default=""),
        digest,
        sum(one.bytes for one in inputs),
    )


def local_file(path: str | os.PathLike[str]) -> Download:
    """Return a file on this machine as if it had been downloaded.

    Raises
    ------
    DownloadError
        If it cannot be read.
    """
    target = Path(path)
    digest, size = hashlib.sha256(), 0
    try:
        with open(target, "rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise DownloadError(f"{path}: cannot be read ({reason}). Nothing was changed.") from None
    return Download(target.name, "", digest.hexdigest(), size, target)


class Client:
    """A polite client. One object may be used by several threads.

    Parameters
    ----------
    cache : Path, optional
        Folder for downloads; ``http`` in ``paths.cache_dir()`` if not given.
    delay_s : float
        Seconds from the beginning of one request to the next one to the same server.
    attempts : int
        Most requests for one address; only failures that may pass are tried again.
    timeout_s : tuple of float
        To connect, and between two pieces of an answer.
    deadline_s : float
        For one whole answer.
    most_bytes : int
        A larger answer is refused, also one that grows by decompression.
    not_before : str
        Downloads retrieved before this moment (``2026-01-31`` or ``2026-01-31T12:00:00Z``) are
        fetched again. The same moment in a second run goes on where the first one stopped.
    offline : bool
        Use the cache only.
    resumes : bool
        Whether a second run goes on from the cache, so that messages say so.
    user_agent : str
        Says who we are.
    clock, sleep : callable
        ``time.time`` and ``time.sleep``; tests replace them.

    Attributes
    ----------
    requests : int
        Sent so far, repeated ones too.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        delay_s: float = 1.0,
        attempts: int = 4,
        timeout_s: tuple[float, float] = (15.0, 60.0),
        deadline_s: float = 600.0,
        most_bytes: int = 500_000_000,
        not_before: str = "",
        offline: bool = False,
        resumes: bool = True,
        user_agent: str = USER_AGENT,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.cache = Path(cache) if cache else paths.cache_dir() / "http"
        self.delay_s = delay_s
        self.attempts = attempts
        self.timeout_s = timeout_s
        self.deadline_s = deadline_s
        self.most_bytes = most_bytes
        self.not_before = not_before
        self.offline = offline
        self.resumes = resumes
        self.requests = 0
        self.user_agent = user_agent
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._robots_lock = threading.Lock()
        self._next: dict[str, float] = {}  # by server: when the next request may begin
        self._robots: dict[str, Any] = {}
        self._local = threading.local()
        self._some_in_cache = False  # of what this client was asked for
        self._delete_stale()

    # --- what callers use ---------------------------------------------------------------------

    def get(
        self,
        url: str,
        kinds: tuple[str, ...],
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        robots: bool = False,
        private: bool = False,
    ) -> Download:
        """Return what is under `url`, from the cache if it is there.

        Parameters
        ----------
        url : str
        kinds : tuple of str
            Content types that are accepted, such as :data:`JSON`.
        body : JSON value, optional
            Sent with POST; part of what the cache goes by.
        headers : mapping, optional
            Sent along, for example ``{"Authorization": "Bearer ..."}``. Never kept.
        robots : bool
            Ask the server's ``robots.txt`` first, as anything that walks over pages should.
        private : bool
            Keep neither query nor body in the cache, only a hash of them: they name persons.

        Raises
        ------
        HttpStatusError
            If the server refuses or has no such page (``status`` says which).
        DownloadError
            If there is no whole answer of the right type and size, or none in the cache when
            offline.
        WebPageError
            If a web page came where data were expected.
        CacheError
            If the cache cannot be written.
        """
        found = self.cached(url, body)
        if found is not None and found.retrieved >= self.not_before and _is_whole(found):
            self._some_in_cache = True
            return found
        if self.offline:
            raise DownloadError(
                f"{url}: is not in the cache ({self.cache}), or is damaged there, and no request "
                "may be sent. Nothing was changed. Run without the offline option, or give the "
                "file itself."
            )
        if robots:
            self._check_robots(url)
        return self._fetch(_Wanted(url, kinds, body, headers or {}, private))

    def cached(self, url: str, body: Any = None) -> Download | None:
        """Return an earlier download of `url`, or None. Sends nothing."""
        try:
            known = json.loads(self._card(url, body).read_text(encoding="utf-8"))
            path = self._body(known["sha256"])
            if path.stat().st_size != known["bytes"]:
                return None
            return Download(known["url"], known["retrieved"], known["sha256"], known["bytes"], path)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or damaged: it is fetched again

    def each(
        self, function: Callable[[Item], Result], items: list[Item], at_once: int = AT_ONCE
    ) -> Generator[Result, None, None]:
        """Yield `function` of every item in order, a few at once; stop at the first error."""
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            running = [pool.submit(function, item) for item in items]
            try:
                for future in running:
                    yield future.result()
            finally:
                for future in running:
                    future.cancel()

    # --- cache --------------------------------------------------------------------------------

    def _key(self, url: str, body: Any) -> str:
        said = url if body is None else f"{url}\n{json.dumps(body, sort_keys=True)}"
        return hashlib.sha256(said.encode()).hexdigest()

    def _card(self, url: str, body: Any) -> Path:
        key = self._key(url, body)
        return self.cache / "cards" / key[:2] / f"{key[2:40]}.json"

    def _body(self, sha256: str) -> Path:
        return self.cache / "bodies" / sha256[:2] / sha256[2:]

    def _store(self, download: Download, card: Path, instead: bytes | None) -> None:
        """Move a download into place; its card comes last, so there is none without content."""
        try:
            if instead is not None:
                download.path.write_bytes(instead)
                download.sha256 = hashlib.sha256(instead).hexdigest()
                download.size = len(instead)
            target = self._body(download.sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            download.path.replace(target)
            download.path = target
            known = {
                "url": download.url,
                "retrieved": download.retrieved,
                "sha256": download.sha256,
                "bytes": download.size,
            }
            paths.write_atomically(card, json.dumps(known))
            self._some_in_cache = True
        except (OSError, OutputError) as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> CacheError:
        return CacheError(
            f"{self.cache}: cannot be written ({error.strerror or error}). Nothing was changed. "
            "Name another folder with CARAML_CACHE, or make room in this one."
        )

    def _delete_stale(self) -> None:
        with suppress(OSError):
            for left in (self.cache / "incoming").iterdir():
                if time.time() - left.stat().st_mtime > _STALE_S:
                    left.unlink(missing_ok=True)

    @property
    def _kept(self) -> str:
        """Say what a failure left: where nothing came before, there is nothing to go on with."""
        return _GO_ON if self.resumes and self._some_in_cache else _KEPT

    # --- requests -----------------------------------------------------------------------------

    def _session(self) -> requests.Session:
        import requests

        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.max_redirects = _MOST_REDIRECTS
            session.headers["User-Agent"] = self.user_agent
            session.auth = _as_it_is  # else a .netrc of the user replaces our header
            self._local.session = session
        return self._local.session

    def _await_turn(self, url: str) -> None:
        """Wait until a request to this server may begin."""
        host = urlsplit(url).netloc
        with self._lock:
            now = self._clock()
            begins = max(now, self._next.get(host, 0.0))
            self._next[host] = begins + self.delay_s
            self.requests += 1
        if begins > now:
            self._sleep(begins - now)

    def _postpone(self, url: str, seconds: float) -> None:
        """Let all threads wait: the server asked for it, or has trouble."""
        host = urlsplit(url).netloc
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)

    def _fetch(self, wanted: _Wanted) -> Download:
        url = wanted.url
        for attempt in range(1, self.attempts + 1):
            self._await_turn(url)
            try:
                return self._request(wanted)
            except _Passing as failure:
                if attempt == self.attempts:
                    raise self._gave_up(url, failure) from failure
                pause = failure.wait_s
                if pause is None:
                    # a little chance, so that threads do not come back together
                    pause = _FIRST_PAUSE_S * 2 ** (attempt - 1) * (1 + random.random() / 4)
                if pause > _LONGEST_PAUSE_S:
                    raise HttpStatusError(
                        f"{_short(url)}: the server asks to wait {pause:,.0f} s "
                        f"({failure.reason}). {self._kept} Try again then.",
                        failure.status or 429,
                    ) from failure
                self._postpone(url, pause)
        raise AssertionError("unreachable")

    def _gave_up(self, url: str, failure: _Passing) -> DownloadError:
        message = (
            f"{_short(url)}: no whole answer after {self.attempts} requests (the last: "
            f"{failure.reason}). {self._kept} Try again later."
        )
        return (
            HttpStatusError(message, failure.status) if failure.status else DownloadError(message)
        )

    def _request(self, wanted: _Wanted) -> Download:
        import requests

        url, kinds = wanted.url, wanted.kinds
        began = time.monotonic()
        try:
            with self._session().request(
                "GET" if wanted.body is None else "POST",
                url,
                json=wanted.body,
                headers={"Accept": ", ".join(kinds) + ", */*;q=0.1", **wanted.headers},
                stream=True,
                timeout=self.timeout_s,
            ) as response:
                self._check_answer(url, response, kinds)
                return self._receive(wanted, response, began)
        except requests.TooManyRedirects as error:
            raise DownloadError(
                f"{_short(url)}: is redirected more than {_MOST_REDIRECTS} times. {self._kept}"
            ) from error
        except requests.exceptions.SSLError as error:
            # trying again does not make a certificate valid
            raise DownloadError(
                f"{_short(url)}: no secure connection ({_certificate_problem(error)}). "
                f"{self._kept} Is the clock of this machine right? The certificates that Python "
                "trusts may be too old for this server: pip install --upgrade certifi, or name a "
                "newer bundle with REQUESTS_CA_BUNDLE. Behind a proxy of your organisation name "
                "its bundle. Do not switch the check off."
            ) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Passing(_cause(error)) from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise _Passing("the connection broke off in the middle") from error
        except requests.RequestException as error:
            raise DownloadError(f"{_short(url)}: {_cause(error)}. {self._kept}") from error

    def _check_answer(self, url: str, response: requests.Response, kinds: tuple[str, ...]) -> None:
        status = response.status_code
        if status in _PASSING:
            wait_s = self._retry_after_s(response.headers.get("Retry-After"))
            raise _Passing(f"status {status} {response.reason}", status, wait_s)
        if status != 200:
            advice = {
                401: "A login may be needed.",
                403: "The server does not want this request; do not repeat it often.",
                404: "There is no such page: is the year published, is it spelled like this?",
            }.get(status, "")
            message = f"{_short(url)}: status {status} {response.reason}. {self._kept} {advice}"
            raise HttpStatusError(message.strip(), status)
        if urlsplit(url).scheme == "https" and urlsplit(response.url).scheme != "https":
            raise DownloadError(
                f"{_short(url)}: is redirected to an address that is not encrypted. {self._kept}"
            )
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind and kind not in kinds:
            message = (
                f"{_short(url)}: sent {kind!r} instead of {kinds[0]!r}. {self._kept} Open the "
                "address in a browser: has it moved, or is a login needed?"
            )
            raise WebPageError(message) if kind in HTML else DownloadError(message)

    def _retry_after_s(self, value: str | None) -> float | None:
        """Return the seconds of a Retry-After header, which may also be a date."""
        if not value:
            return None
        if value.strip().isdigit():
            return float(value)
        with suppress(ValueError, TypeError):
            moment = email.utils.parsedate_to_datetime(value)
            return max(0.0, moment.timestamp() - self._clock())
        return None

    def _receive(self, wanted: _Wanted, response: requests.Response, began: float) -> Download:
        url = wanted.url
        try:
            incoming = self.cache / "incoming"
            incoming.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=incoming)
        except OSError as error:
            raise self._cannot_write(error) from error
        path = Path(name)
        try:
            with open(handle, "wb") as stream:
                digest, size = self._copy(url, response.raw, stream, began)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        now = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        shown = url.partition("?")[0] if wanted.private else url
        download = Download(shown, now, digest, size, path, cached=False)
        card = self._card(url, wanted.body)
        download._keep = lambda instead: self._store(download, card, instead)
        return download

    def _copy(self, url: str, raw: Any, stream: IO[bytes], began: float) -> tuple[str, int]:
        """Copy an answer as it comes; return its sha256 and size."""
        digest, size = hashlib.sha256(), 0
        while block := self._next_block(raw):
            size += len(block)
            if size > self.most_bytes:
                raise DownloadError(
                    f"{_short(url)}: is larger than {self.most_bytes:,} bytes. {self._kept}"
                )
            if time.monotonic() - began > self.deadline_s:
                raise _Passing(f"not whole within {self.deadline_s:g} s")
            digest.update(block)
            try:
                stream.write(block)
            except OSError as error:
                raise self._cannot_write(error) from error
        return digest.hexdigest(), size

    def _next_block(self, raw: Any) -> bytes:
        """Return what has come so far: waiting for a whole block would hide a slow server."""
        import urllib3

        try:
            if hasattr(raw, "read1"):
                return raw.read1(_BLOCK, decode_content=True)
            return raw.read(_BLOCK, decode_content=True)
        except urllib3.exceptions.TimeoutError as error:
            raise _Passing("the server was too slow") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _Passing("the connection broke off in the middle") from error

    # --- robots.txt ---------------------------------------------------------------------------

    def _check_robots(self, url: str) -> None:
        parts = urlsplit(url)
        server = f"{parts.scheme}://{parts.netloc}"
        with self._robots_lock:
            if server not in self._robots:
                self._robots[server] = self._read_robots(f"{server}/robots.txt")
            rules = self._robots[server]
        if not rules.can_fetch(self.user_agent, url):
            raise DownloadError(
                f"{_short(url)}: the server's robots.txt asks programs not to read this page. It "
                f"was not read. {self._kept} Use another source, or ask the conference for the "
                "data."
            )

    def _read_robots(self, url: str) -> Any:
        from urllib.robotparser import RobotFileParser

        rules = RobotFileParser(url)
        try:
            # any content type: what servers say of this file is not to be relied on
            wanted = _Wanted(url, ("text/plain", *HTML, *CSV))
            with self._fetch(wanted) as download:
                text = download.content.decode("utf-8", "replace")
                is_page = text.lstrip().startswith("<")  # a site that answers anything with a page
                rules.parse([] if is_page else text.splitlines())
        except HttpStatusError as error:
            if error.status in (401, 403):
                rules.parse(["User-agent: *", "Disallow: /"])
            elif error.status < 500 and error.status != 429:
                rules.parse([])
            else:
                raise
        wished = rules.crawl_delay(self.user_agent)
        if wished:
            self.delay_s = max(self.delay_s, float(wished))
        return rules


@dataclass(frozen=True)
class _Wanted:
    """One request."""

    url: str
    kinds: tuple[str, ...]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    private: bool = False


class _Passing(Exception):  # noqa: N818 - never leaves this module
    """A failure that may pass: try again after `wait_s` seconds, if the server said so."""

    def __init__(self, reason: str, status: int = 0, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.wait_s = wait_s


def _as_it_is(request: Any) -> Any:
    return request


def _is_whole(download: Download) -> bool:
    """Tell whether a file of the cache is still what was fetched."""
    digest = hashlib.sha256()
    try:
        for block in download.blocks():
            digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == download.sha256


def _cause(error: Exception) -> str:
    import requests

    if isinstance(error, requests.Timeout):
        return "the server was too slow"
    if isinstance(error, requests.ConnectionError):
        return "no connection, or it broke off"
    return f"the request failed ({type(error).__name__})"


def _certificate_problem(error: Exception) -> str:
    """Return the reason that OpenSSL gives, without the wrappings of three libraries."""
    for pattern in (r"certificate verify failed: ([^(\"']+)", r"\[SSL: (\w+)"):
        found = re.search(pattern, str(error))
        if found:
            return found[1].strip()
    return "TLS failed"


def _short(url: str) -> str:
    """Return an address for a message; long queries name many things."""
    return url if len(url) <= 160 else f"{url[:157]}..."
