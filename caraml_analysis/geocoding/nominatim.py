"""Ask OpenStreetMap's search service about what the embedded tables do not know. Off by default.

The public service is run by volunteers and allows one request a second from all of an
application's users together, under a name that tells whose they are. So every answer is kept on
disk, "nothing found" too; a failure is never kept and never taken for "nothing found".
``docs/nominatim.md`` tells how to use it.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

import geopy.geocoders
from geopy import exc
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter, get_retry_after

from caraml_analysis import paths
from caraml_analysis.errors import CacheError, GeocodeError, UsageError
from caraml_analysis.geocoding import osm_places, resolver
from caraml_analysis.geocoding.answer_cache import AnswerCache, Stored, Turn, turn
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.vocabulary import word_set

PUBLIC_DOMAIN = "nominatim.openstreetmap.org"
PUBLIC_DELAY_S = 1.0
#: A judgement: what is accepted has the very name that was asked. Not measured.
CONFIDENCE = 0.75
ATTRIBUTION = "(c) OpenStreetMap contributors, ODbL (https://www.openstreetmap.org/copyright)"

_METHOD = "nominatim"
_ATTEMPTS = 4
_FIRST_PAUSE_S = 2.0  # after a failure; doubled with every further one
_LONGEST_PAUSE_S = 300.0  # a server that wants more than this is left alone
_LARGEST_ANSWER = 5_000_000  # bytes; ten places take less than 0.2 million
_LIMIT = 10  # places in an answer: one alone hides that a name is found in several countries
_PARAMETERS = {"addressdetails": True, "namedetails": True, "language": "en", "limit": _LIMIT}
_PARAMETERS_KEY = json.dumps(_PARAMETERS, sort_keys=True)

# What programs send if nobody is asked, and the samples of manuals and tutorials.
_NO_NAMES = word_set("""
    aiohttp app application caraml caraml-analysis curl example geoapiexercises geocoder geopy httpx
    java mozilla my-app my-application my-geocoder my-project my-study my-user-agent myapp
    mygeocoder myproject name nominatim none null python python-httpx python-requests python-urllib
    requests research specify-your-app-name-here study test tester urllib urllib3 user user-agent
    wget your-app-name your-name your-study
""")
_RESERVED_HOST = re.compile(r"[@./]example(?:\.(?:com|edu|net|org))?(?![\w.-])", re.IGNORECASE)

_credited = False


class Nominatim:
    """A tier of the geocoder that asks a Nominatim server, only about what looks like a place.

    Use it behind the embedded tables: ``tiers=("embedded", Nominatim(user_agent=...))``.

    Parameters
    ----------
    user_agent : str
        Names you or your study to the people who run the server, best with a way to reach you.
        Names of libraries and samples of manuals are refused.
    domain : str
        Server, with a port or a path if it has one. Anybody may run one:
        https://nominatim.org.
    scheme : str
        ``https`` or ``http``.
    cap : int
        Most requests of this object; cached answers do not count. 0: only cached answers.
    timeout_s : float
        Seconds to wait for an answer.
    min_delay_s : float
        Seconds from the end of one request to the beginning of the next, over all threads and
        processes of this user. At least 1 for the public server.
    cache : Path, optional
        SQLite file for the answers; ``nominatim.sqlite`` in ``paths.cache_dir()`` if not given.

    Raises
    ------
    UsageError
        If a value is not allowed. Nothing was sent.

    Examples
    --------
    >>> tier = Nominatim(user_agent="aff-study/1.0 (jane.doe@uni-sample.ac.ke)")
    >>> tier.resolve("MIT").considered  # sends nothing
    ('not asked: a bare acronym',)
    """

    name = _METHOD

    def __init__(
        self,
        user_agent: str,
        *,
        domain: str = PUBLIC_DOMAIN,
        scheme: str = "https",
        cap: int = 1000,
        timeout_s: float = 10.0,
        min_delay_s: float = PUBLIC_DELAY_S,
        cache: Path | None = None,
    ) -> None:
        _check_numbers(cap, timeout_s, min_delay_s)
        self.host = _host(domain, scheme)
        public = _is_public(self.host)
        _check_user_agent(user_agent, public=public)
        if public and min_delay_s < PUBLIC_DELAY_S:
            raise UsageError(
                f"min_delay_s={min_delay_s:g}: the public server allows one request a second. "
                "Nothing was sent. Leave min_delay_s out, or name your own server with domain=."
            )
        self.user_agent = user_agent
        self.cap = cap
        self.min_delay_s = min_delay_s
        self._sent = 0
        self._stopped = ""
        self._cache = AnswerCache(Path(cache or paths.cache_dir() / "nominatim.sqlite"))
        # beside the default cache whatever `cache` is: all of a user's runs wait for each other
        file = re.sub(r"[^a-z0-9.-]+", "_", self.host)
        self._pace = paths.cache_dir() / "pace" / f"{file}.sqlite"
        self._geocoder = geopy.geocoders.Nominatim(
            user_agent=user_agent,
            domain=domain,
            scheme=scheme,
            timeout=timeout_s,
            adapter_factory=_OneRequest,
            **_no_proxy(self.host),
        )

    @property
    def sent(self) -> int:
        """Return how many requests this object has sent, failed ones too."""
        return self._sent

    def resolve(self, text: str | None) -> Resolution:
        """Return the country that OpenStreetMap knows for an affiliation text.

        Parameters
        ----------
        text : str or None
            An affiliation text. E-mail addresses in it are not sent.

        Returns
        -------
        Resolution
            With method ``nominatim`` and status ``resolved``, ``ambiguous`` (the name is found in
            several countries) or ``not_found``; ``considered`` says what was refused and why, or
            why nothing was asked. ``empty`` as for the embedded tables.

        Raises
        ------
        GeocodeError
            If there is no answer: the server fails, refuses or is too slow, or `cap` is reached.
            Nothing is kept for this text and everything for those before, so that running again
            goes on from here.
        CacheError
            If the cache cannot be used.
        TypeError
            If `text` is neither a text nor missing.
        """
        return self._resolve(text, ask=True)

    def resolve_cached(self, text: str | None) -> Resolution:
        """Return what :meth:`resolve` does, from cached answers alone.

        A batch uses it for the rest of its texts after the first failure.

        Raises
        ------
        GeocodeError
            If a request were needed. Nothing is sent.
        """
        return self._resolve(text, ask=False)

    def _resolve(self, text: str | None, *, ask: bool) -> Resolution:
        if not isinstance(text, str) or len(text.strip()) <= osm_places.MOST_CHARACTERS:
            embedded = resolver.resolve(text)
            if embedded.status == "empty":
                return embedded
            if embedded.method == "headquarters":
                return _not_asked("a company")
        questions, reason = osm_places.questions((text or "").strip())
        if not questions:
            return _not_asked(reason)
        _credit()
        return _conclude([self._look_up(question, ask) for question in questions])

    def _look_up(self, question: osm_places.Question, ask: bool) -> _Findings:
        stored = self._cache.get(self.host, question.text, _PARAMETERS_KEY)
        if stored is None and not ask:
            raise self._no_answer(f"{self.host}: {question.text!r} is not cached.")
        if stored is None:
            stored = self._ask(question.text)
        try:
            places = json.loads(stored.response)
        except ValueError:
            places = None
        if not isinstance(places, list):
            raise CacheError(
                f"{self._cache.path}: the answer for {question.text!r} is damaged. Nothing was "
                "changed. Delete the file and run again: what it held is asked again."
            )
        accepted, refused = osm_places.judge(question, places)
        return _Findings(question.text, stored.answered_at[:10], accepted, refused)

    def _ask(self, query: str) -> Stored:
        """Send a request, again after failures that may pass, and keep the answer."""
        failure: Exception | None = None
        for attempt in range(_ATTEMPTS):
            with turn(self._pace, self._clock, self._sleep) as mine:
                # another thread or process may have asked the same while this one waited
                stored = self._cache.get(self.host, query, _PARAMETERS_KEY)
                if stored is not None:
                    return stored
                self._begin(mine, query)
                try:
                    return self._send(query)
                except exc.GeopyError as error:
                    failure = error
                    mine.pause_s = self._pause_s(error, attempt, query)
        raise self._no_answer(
            f"{self.host}: no answer for {query!r} after {_ATTEMPTS} requests "
            f"(the last: {_short(failure)})."
        ) from failure

    def _begin(self, mine: Turn, query: str) -> None:
        """Wait for the moment when a request may be sent, or say that none may be."""
        if self._stopped:
            raise self._no_answer(self._stopped)
        if self._sent >= self.cap:
            raise self._no_answer(
                f"{self.host}: the cap of {self.cap} requests is reached, {query!r} was not asked; "
                "cap= (--nominatim-cap) sets another limit."
            )
        wait_s = mine.needed_wait_s(self.min_delay_s)
        if wait_s > max(_LONGEST_PAUSE_S, self.min_delay_s):
            raise self._no_answer(
                f"{self.host}: the server asked us to wait {wait_s:.0f} s more, {query!r} was not "
                "asked."
            )
        mine.begin(wait_s)
        self._sent += 1

    def _send(self, query: str) -> Stored:
        try:
            found = self._geocoder.geocode(query, exactly_one=False, **_PARAMETERS)
        except exc.GeopyError:
            raise
        except (TypeError, ValueError) as error:  # geopy reads positions without care
            raise exc.GeocoderParseError(f"a place without a position: {error}") from error
        places = [place.raw for place in found or ()]
        now = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
        stored = Stored(json.dumps(places, ensure_ascii=False), now)
        self._cache.put(self.host, query, _PARAMETERS_KEY, stored)
        return stored

    def _pause_s(self, error: exc.GeopyError, attempt: int, query: str) -> float:
        """Return how long to wait before the next attempt; raise if there is no use in one."""
        cause = error.__cause__
        status = cause.status_code if isinstance(cause, AdapterHTTPError) else None
        if status in (401, 402, 403, 407):
            self._stopped = (
                f"{self.host}: the server refuses our requests (HTTP {status}); nothing more is "
                f"asked in this run. Check user_agent={self.user_agent!r} and the server's rules "
                f"of use (https://operations.osmfoundation.org/policies/nominatim/), or use your "
                "own server with domain=."
            )
            raise self._no_answer(self._stopped) from error
        if isinstance(error, exc.GeocoderQueryError) or (
            status is not None and status < 500 and status not in (408, 425, 429)
        ):
            raise self._no_answer(
                f"{self.host}: the request for {query!r} failed ({_short(error)}). Is this a "
                "Nominatim server? Check domain= and scheme=."
            ) from error
        asked = _retry_after_s(cause.headers) if isinstance(cause, AdapterHTTPError) else None
        return _FIRST_PAUSE_S * 2**attempt if asked is None else asked

    def _no_answer(self, reason: str) -> GeocodeError:
        return GeocodeError(
            f"{reason} Nothing was cached for it; the {self._cache.count(self.host)} answers so "
            f"far are in {self._cache.path}. Run again to go on from there; no answered request is "
            "repeated.",
            reason,
        )

    def _clock(self) -> float:
        """Return seconds since the epoch: the only clock that processes share over restarts."""
        return time.time()

    def _sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class _Findings(NamedTuple):
    """What came of one question, and on which day the server said it."""

    query: str
    day: str
    accepted: list[osm_places.Place]
    refused: list[str]

    @property
    def countries(self) -> list[str]:
        return list(dict.fromkeys(place.country for place in self.accepted))

    @property
    def evidence(self) -> list[str]:
        """Return a line for each country: the first place that is in it."""
        first = {place.country: place.description for place in reversed(self.accepted)}
        return [f'"{self.query}" -> OpenStreetMap {first[c]}, {self.day}' for c in self.countries]

    @property
    def considered(self) -> list[str]:
        if self.accepted or self.refused:
            return self.refused
        return [f'"{self.query}": OpenStreetMap has nothing, {self.day}']


def _conclude(findings: list[_Findings]) -> Resolution:
    """Return the countries of all questions that were answered with one country."""
    considered = tuple(line for one in findings for line in one.considered)
    certain = [one for one in findings if len(one.countries) == 1]
    doubtful = [one for one in findings if len(one.countries) > 1]
    if certain:
        countries = tuple(code for code, _ in groupby(one.countries[0] for one in certain))
        evidence = "; ".join(dict.fromkeys(one.evidence[0] for one in certain))
        considered += tuple(
            f"{line}: in several countries" for o in doubtful for line in o.evidence
        )
        return Resolution(
            countries[0], countries, "resolved", _METHOD, evidence, CONFIDENCE, considered
        )
    if doubtful:
        evidence = "; ".join(line for one in doubtful for line in one.evidence)
        return Resolution(None, (), "ambiguous", _METHOD, evidence, besides=considered)
    return Resolution(None, (), "not_found", _METHOD, besides=considered)


def _not_asked(reason: str) -> Resolution:
    return Resolution(None, (), "not_found", _METHOD, besides=(f"not asked: {reason}",))


def _credit() -> None:
    """Name the source of the answers, once in a run, as its licence demands."""
    global _credited
    if not _credited:
        _credited = True
        print(f"Places: {ATTRIBUTION}", file=sys.stderr)


def _short(error: BaseException | None) -> str:
    """Return an error on one line: some servers answer with a whole page."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"


def _retry_after_s(headers: Any) -> float | None:
    """Return the seconds of a ``Retry-After`` header, given in seconds or as a date."""
    try:
        return get_retry_after(headers)
    except (OverflowError, ValueError):
        return None


def _check_user_agent(user_agent: str, *, public: bool) -> None:
    """Refuse a name that tells nobody who is asking."""
    given = user_agent if isinstance(user_agent, str) else ""
    bare = re.split(r"[/\s(]", given.strip().lower().replace("_", "-"), maxsplit=1)[0]
    if not given.isprintable() or not given.isascii():
        problem = "has characters that a header cannot have"
    elif sum(map(str.isalpha, given)) < 4 or (bare in _NO_NAMES and "@" not in given):
        problem = "does not tell who you are"
    elif public and _RESERVED_HOST.search(given):
        problem = "is a sample from a manual"
    else:
        return
    raise UsageError(
        f"user_agent={user_agent!r} {problem}. Nothing was sent. Name your study and a way to "
        'reach you, such as "aff-study/1.0 (name@your-university.edu)" with your own address: '
        "servers block requests without one."
    )


def _check_numbers(cap: int, timeout_s: float, min_delay_s: float) -> None:
    if isinstance(cap, bool) or not isinstance(cap, int) or cap < 0:
        raise UsageError(f"cap={cap!r}: give a whole number, at least 0. Nothing was sent.")
    if not 0 < timeout_s < math.inf:
        raise UsageError(f"timeout_s={timeout_s!r}: give seconds above 0. Nothing was sent.")
    if not 0 <= min_delay_s < math.inf:
        raise UsageError(
            f"min_delay_s={min_delay_s!r}: give seconds, at least 0. Nothing was sent."
        )


def _host(domain: str, scheme: str) -> str:
    """Return the server as it is spelled in the cache: one server, one spelling."""
    if scheme not in ("http", "https"):
        raise UsageError(f"scheme={scheme!r}: give 'https' or 'http'. Nothing was sent.")
    try:
        parts = urlsplit(f"//{domain.strip('/')}")
        name, port = parts.hostname or "", parts.port
    except (AttributeError, ValueError):
        name, port = "", None
    if not name or re.search(r"://|[\s?#@]", domain):
        raise UsageError(
            f"domain={domain!r}: give a server such as 'nominatim.my-university.edu' or "
            "'localhost:8080', without 'https://'. Nothing was sent."
        )
    name = name.lower().rstrip(".")
    if _is_public(name):
        return name
    default = {"https": 443, "http": 80}[scheme]
    return name + (f":{port}" if port not in (None, default) else "") + parts.path


def _is_public(host: str) -> bool:
    return f".{host}".endswith((".openstreetmap.org", ".osm.org"))


def _no_proxy(host: str) -> dict[str, Any]:
    """Return geopy's setting for a server on this machine: no proxy can reach that."""
    local = host.startswith(("localhost", "127.", "::1"))
    return {"proxies": {}} if local else {}


class _NoRedirect(HTTPRedirectHandler):
    """Take a redirect for what it is here: a wrong address."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request to follow."""


class _OneRequest(BaseSyncAdapter):
    """How geopy reaches the server: one call is one request, and it comes to an end.

    geopy's own clients repeat failed requests and follow redirects unseen, wait for ever if a byte
    comes now and then, and take ``{}`` for "nothing found".
    """

    def __init__(self, *, proxies: dict[str, str] | None, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = build_opener(
            _NoRedirect, HTTPSHandler(context=ssl_context), ProxyHandler(proxies)
        )

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> list[dict]:
        """Return the list of places that the server found."""
        body = self._get(url, timeout, headers)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            shown = body[:80].decode("utf-8", "replace")
            raise exc.GeocoderParseError(f"the answer is not JSON: {shown}") from error
        if isinstance(answer, dict) and "error" in answer:
            raise exc.GeocoderQueryError(f"the server reports an error: {answer['error']}")
        if not isinstance(answer, list) or not all(isinstance(place, dict) for place in answer):
            raise exc.GeocoderParseError("the answer is not a list of places")
        return answer

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        """Return the body of the answer."""
        return self._get(url, timeout, headers).decode("utf-8", "replace")

    def _get(self, url: str, timeout: float, headers: dict[str, str]) -> bytes:
        end = time.monotonic() + timeout
        try:
            with self._opener.open(Request(url, headers=headers), timeout=timeout) as answer:
                return _read(answer, end)
        except HTTPError as error:
            with error:
                raise AdapterHTTPError(
                    f"HTTP {error.code}",
                    status_code=error.code,
                    headers={name.lower(): value for name, value in error.headers.items()},
                    text="",
                ) from error
        except (OSError, HTTPException) as error:
            if isinstance(getattr(error, "reason", error), TimeoutError):
                raise exc.GeocoderTimedOut(f"no answer within {timeout:g} s") from error
            raise exc.GeocoderUnavailable(str(error) or type(error).__name__) from error


def _read(answer: Any, end: float) -> bytes:
    """Return the whole body; ``read1`` comes back with what is there, so that `end` is kept."""
    chunks, size = [], 0
    while chunk := answer.read1(65536):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > end:
            raise TimeoutError
        if size > _LARGEST_ANSWER:
            raise exc.GeocoderParseError(f"the answer is longer than {_LARGEST_ANSWER} bytes")
    promised = answer.headers.get("Content-Length", "")
    if promised.isdigit() and size < int(promised):
        raise HTTPException(f"the answer was cut off after {size} of {promised} bytes")
    return b"".join(chunks)
