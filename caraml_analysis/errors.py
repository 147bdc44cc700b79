"""Every error that this package raises on purpose.

One root, so that a caller can catch all of them; built-in parents where they fit, so that
``except ValueError`` keeps working. Messages say what happened, what was kept and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence


class CaramlError(Exception):
    """Root of every error raised on purpose."""


class DataFileError(CaramlError, OSError):
    """An embedded data file is missing, truncated or altered."""


class TableError(CaramlError, ValueError):
    """A table lacks a column, or holds a value that its contract does not allow."""


class CountryError(CaramlError, LookupError):
    """A country code or name that no table knows."""


class YearError(CaramlError, LookupError):
    """A year or an edition outside the data."""


class UnitError(CaramlError, ValueError):
    """A quantity is impossible: negative, not finite, or of the wrong size for its unit."""


class SourceChangedError(CaramlError):
    """A publisher changed a layout, a label or a value that we rely on."""


class WebPageError(SourceChangedError):
    """A web page came where a file was wanted: a login, a notice, or a page about the file."""


class GeocodeError(CaramlError, OSError):
    """A geocoder gave no answer, `reason` says why in short. Never means "not found"."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


class CacheError(CaramlError, OSError):
    """A file in the user's cache folder cannot be read or written. Embedded data are whole."""


class WorkspaceError(CaramlError, OSError):
    """The user's workspace cannot be read or written, or a table in it was altered."""


class DownloadError(CaramlError, OSError):
    """A file could not be fetched, or is not the file that was wanted. Nothing was replaced."""


class HttpStatusError(DownloadError):
    """A server answered with another status than 200; see `status`."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ArchiveError(CaramlError, ValueError):
    """An archive is damaged, unsafe to read, or does not hold what it should."""


class OutputError(CaramlError, OSError):
    """A result could not be written. What stood there before still stands."""


class NotebookError(CaramlError, RuntimeError):
    """A notebook stopped with an error, or did not write what it should."""


class UsageError(CaramlError, ValueError):
    """A command was asked for something that cannot be done. Exit code 2."""


class FactorError(CaramlError, LookupError):
    """A factor is missing or not known. Names the field and what could be chosen."""


class StatementError(UsageError):
    """The file of a sustainability statement is wrong. Names every field that is."""


#: More problems than this are counted, not listed.
MOST_LISTED = 10


def listed(summary: str, problems: Sequence[str]) -> str:
    """Return a message with one line for each problem, up to ``MOST_LISTED``."""
    lines = [summary, *problems[:MOST_LISTED]]
    if len(problems) > MOST_LISTED:
        lines.append(f"and {len(problems) - MOST_LISTED} more.")
    return "\n  ".join(lines)
