"""A real HTTP server on loopback that answers as scripted, plays faults and notes what it got.

with LoopbackServer() as server:
    server.script("/search", Answer(500), Answer.of_json([]))
    ...
    assert [request.path for request in server.received] == ["/search", "/search"]
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it was received.

    ``at`` is ``time.monotonic()`` in seconds; the names in ``headers`` are lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Answer:
    """What the server says, and what goes wrong while it says it.

    Attributes
    ----------
    delay_s : float
        Seconds before anything is sent.
    drip_s : float
        Seconds before every single byte of the body.
    cut_after : int or None
        Close the connection after so many bytes of the body; ``Content-Length`` promises all.
    hang_up : bool
        Close the connection without a word.
    """

    status: int = 200
    body: str | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drip_s: float = 0.0
    cut_after: int | None = None
    hang_up: bool = False

    @classmethod
    def of_json(cls, value: Any, status: int = 200, **others: Any) -> Answer:
        """Return an answer with `value` as its JSON body."""
        headers = {"Content-Type": "application/json; charset=utf-8"} | others.pop("headers", {})
        return cls(status, json.dumps(value, ensure_ascii=False), headers, **others)

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


Scripted = Answer | Callable[[Request], Answer]
_UNKNOWN = Answer(404, "nothing is scripted for this path")


class LoopbackServer:
    """Serve on 127.0.0.1, on a port that the system chooses, until the ``with`` block ends.

    Attributes
    ----------
    received : list of Request
        Every request, in the order of arrival.
    """

    def __init__(self) -> None:
        self.received: list[Request] = []
        self._scripts: dict[str, list[Scripted]] = {}
        self._lock = threading.Condition()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.loopback = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def host(self) -> str:
        """Return address and port, as in a URL."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def script(self, path: str, *answers: Scripted) -> None:
        """Answer requests for `path` with `answers` in turn; the last one is repeated.

        `path` with a query (``/search?q=a``) goes before the same path without one. An answer
        may be a function of the request.
        """
        with self._lock:
            self._scripts[path] = list(answers)

    def queries(self, name: str) -> list[str]:
        """Return the parameter `name` of every request so far."""
        return [request.query.get(name, "") for request in self.received]

    def wait_for(self, requests: int, timeout_s: float = 20.0) -> None:
        """Wait until so many requests have arrived."""
        with self._lock:
            arrived = self._lock.wait_for(lambda: len(self.received) >= requests, timeout_s)
        if not arrived:
            raise TimeoutError(f"{len(self.received)} of {requests} requests in {timeout_s:g} s")

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()  # wakes the slow answers
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: Request, target: str) -> Answer:
        """Note the request and return what was scripted for it."""
        with self._lock:
            self.received.append(request)
            self._lock.notify_all()
            script = self._scripts.get(target) or self._scripts.get(request.path) or [_UNKNOWN]
            scripted = script.pop(0) if len(script) > 1 else script[0]
        return scripted if isinstance(scripted, Answer) else scripted(request)

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        if seconds:
            self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    loopback: LoopbackServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client has gone: that is what several tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _respond(self) -> None:
        loopback = self.server.loopback
        url = urlsplit(self.path)
        request = Request(
            self.command,
            url.path,
            dict(parse_qsl(url.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length", 0))),
            time.monotonic(),
        )
        answer = loopback.answer(request, self.path)
        loopback.pause(answer.delay_s)
        if answer.hang_up:
            self.close_connection = True
            return
        self._send_head(answer)
        self._send_body(answer)

    do_GET = do_POST = do_HEAD = do_PUT = _respond  # noqa: N815  (the names http.server looks for)

    def _send_head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        names = {name.lower() for name in answer.headers}
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not names & {"content-length", "transfer-encoding"}:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()

    def _send_body(self, answer: Answer) -> None:
        if self.command == "HEAD":
            return
        content = answer.content[: answer.cut_after]
        if answer.drip_s:
            for i in range(len(content)):
                self.server.loopback.pause(answer.drip_s)
                self.wfile.write(content[i : i + 1])
        else:
            self.wfile.write(content)
        if answer.cut_after is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Keep standard error for what the tests look at."""
