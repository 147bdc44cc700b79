"""A lock between processes that ends with the process that holds it, however that ends.

An SQLite file does it on every system: its lock belongs to the process and not to the file, so a
killed process leaves nothing behind that would have to be cleaned up.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.02


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether an error only means that somebody else holds the lock."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def lock(connection: sqlite3.Connection, longest_wait_s: float) -> None:
    """Lock the file of a connection until it is closed, whatever it commits before.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode, opened with ``timeout=0``.
    longest_wait_s : float
        After so many seconds the error of SQLite is raised.
    """
    give_up = time.monotonic() + longest_wait_s
    while True:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up:
                raise
            time.sleep(_POLL_S)  # not SQLite's own waiting: Ctrl-C could not end that
        else:
            break
    # Only now: two that wait in this mode would each keep half a lock and block the other.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()


@contextmanager
def locked(path: Path, longest_wait_s: float) -> Iterator[None]:
    """Hold the lock `path` inside the block; its folder must exist.

    Raises
    ------
    sqlite3.Error
        If the file cannot be used, or stays locked for longer than `longest_wait_s` seconds.
    """
    connection = sqlite3.connect(path, timeout=0.0, isolation_level=None)
    try:
        lock(connection, longest_wait_s)
        yield
    finally:
        connection.close()
