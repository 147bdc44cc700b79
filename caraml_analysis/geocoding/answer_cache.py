"""What an online geocoder has answered, and when it may be asked again.

Small SQLite files in the user's cache folder, never in a clone: OpenStreetMap's data are under
the ODbL. SQLite keeps them whole through Ctrl-C, ``kill -9`` and loss of power, and its locks hold
between processes and end with them, on every system.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from caraml_analysis.errors import CacheError
from caraml_analysis.locking import is_busy, lock

_ANSWERS = """
    CREATE TABLE IF NOT EXISTS answers (
        host TEXT NOT NULL, query TEXT NOT NULL, parameters TEXT NOT NULL,
        response TEXT NOT NULL, answered_at TEXT NOT NULL,
        PRIMARY KEY (host, query, parameters)
    )"""
_LAST = "CREATE TABLE IF NOT EXISTS last (id INTEGER PRIMARY KEY, at REAL, pause REAL)"

_BUSY_S = 30.0  # writing one answer takes milliseconds
_LONGEST_TURN_S = 900.0

_BROKEN = frozenset(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"))


class Stored(NamedTuple):
    """An answer as the server gave it (JSON), and when (ISO 8601, UTC)."""

    response: str
    answered_at: str


@dataclass(frozen=True)
class AnswerCache:
    """Answers by host, query and parameters. Errors are never put here.

    Attributes
    ----------
    path : Path
        The SQLite file; it and its folder are made when needed.
    """

    path: Path

    def get(self, host: str, query: str, parameters: str) -> Stored | None:
        """Return the answer, or ``None`` if this was never answered.

        Raises
        ------
        CacheError
            If the file cannot be read; it is left as it is.
        """
        with _opened(self.path, _ANSWERS) as connection:
            row = connection.execute(
                "SELECT response, answered_at FROM answers"
                " WHERE host = ? AND query = ? AND parameters = ?",
                (host, query, parameters),
            ).fetchone()
        return Stored(*row) if row else None

    def put(self, host: str, query: str, parameters: str, answer: Stored) -> None:
        """Keep an answer; it is on the disk when this returns.

        Raises
        ------
        CacheError
            If the file cannot be written; what it holds stays.
        """
        with _opened(self.path, _ANSWERS) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
                (host, query, parameters, *answer),
            )

    def count(self, host: str) -> int:
        """Return how many answers of `host` are kept."""
        with _opened(self.path, _ANSWERS) as connection:
            row = connection.execute("SELECT count(*) FROM answers WHERE host = ?", (host,))
            return int(row.fetchone()[0])


class Turn:
    """The right to send one request; nobody else has it at the same time.

    Attributes
    ----------
    pause_s : float
        Seconds that everybody has to wait after this request, if more than the usual delay.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._sleep = sleep
        self._begun = False
        self.pause_s = 0.0

    def needed_wait_s(self, delay_s: float) -> float:
        """Return how long to wait so that the last request is at least `delay_s` seconds ago."""
        row = self._connection.execute("SELECT at, pause FROM last WHERE id = 1").fetchone()
        if row is None:
            return 0.0
        at, pause = row
        wait = max(delay_s, pause)
        # a clock that was set back must not make anybody wait for the old time
        return min(wait, max(0.0, at + wait - self._clock()))

    def begin(self, wait_s: float) -> None:
        """Wait, and note that a request is being sent."""
        if wait_s > 0:
            self._sleep(wait_s)
        self._note()
        self._begun = True

    def end(self) -> None:
        """Note when the request ended: the next one waits from here."""
        if self._begun:
            self._note()

    def _note(self) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO last VALUES (1, ?, ?)", (self._clock(), self.pause_s)
        )
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")


@contextmanager
def turn(path: Path, clock: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[Turn]:
    """Wait until no other thread or process has a turn with the file `path`, then take one.

    Parameters
    ----------
    path : Path
        A file for each host.
    clock, sleep : callable
        Seconds since the epoch; wait so many seconds.

    Raises
    ------
    CacheError
        If the file cannot be used, or another program does not give its turn back.
    """
    with _opened(path, busy_s=0.0) as connection:
        lock(connection, _LONGEST_TURN_S)
        connection.execute(_LAST)
        mine = Turn(connection, clock, sleep)
        try:
            yield mine
        finally:
            mine.end()


@contextmanager
def _opened(path: Path, *tables: str, busy_s: float = _BUSY_S) -> Iterator[sqlite3.Connection]:
    """Yield a connection in autocommit mode, with `tables`; close it in any case."""
    _make_folder(path.parent)
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        for table in tables:
            connection.execute(table)
        yield connection
    except sqlite3.Error as error:
        raise CacheError(_what_to_do(path, error)) from error
    finally:
        if connection is not None:
            connection.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheError(
            f"{folder}: cannot be used as a cache folder ({error.strerror}). Nothing was changed. "
            "Set CARAML_CACHE to a folder that you may write to."
        ) from error


def _what_to_do(path: Path, error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_") and "_".join(name.split("_")[:2]) in _BROKEN:
        return (
            f"{path}: not a readable cache ({error}). Nothing was asked and the file is as it was. "
            "Move it away or delete it and run again: what it held is asked again, nothing else "
            "is lost."
        )
    if is_busy(error):
        return (
            f"{path}: another program keeps this file locked. Nothing was changed. "
            "End the other program, or wait, and run again."
        )
    return (
        f"{path}: cannot be read or written ({error}). What it holds is kept. "
        "Set CARAML_CACHE to a folder on a local disk with free space that you may write to."
    )
