"""The embedded data files: their provenance cards, and the only way to read them.

``data/registry.toml`` holds one card per file (publisher, address, edition, licence, sha256, how
made). Every read checks the sha256, so an altered or truncated file is an error and never a
silently different number; every read is also noted, so that a figure can name its inputs. What is
kept in memory instead of read again goes through :func:`remembered`, which notes it all the same.
"""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from caraml_analysis import paths
from caraml_analysis.errors import DataFileError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Card:
    """Provenance of one embedded file."""

    file: str
    title: str
    publisher: str
    url: str
    edition: str
    licence: str
    made: str
    sha256: str


@dataclass(eq=False)
class Inputs:
    """Files that were read: embedded ones by name, those of fetched editions by path."""

    embedded: set[str] = field(default_factory=set)
    fetched: dict[Path, Card] = field(default_factory=dict)

    def add(self, other: Inputs) -> None:
        """Note what `other` holds, too."""
        self.embedded |= other.embedded
        self.fetched |= other.fetched

    def cards(self) -> list[Card]:
        """Return their cards, embedded ones first, then those of fetched editions."""
        fetched = [self.fetched[path] for path in sorted(self.fetched)]
        return [*(card(file) for file in sorted(self.embedded)), *fetched]


# the first one holds what the process read; further ones are open scopes, the innermost last
_scopes = [Inputs()]


def inputs_read() -> Inputs:
    """Return what was read in the innermost :func:`reading`, else in this process."""
    return _scopes[-1]


@contextmanager
def reading() -> Iterator[Inputs]:
    """Note what is read inside of ``with``, so that one figure can name its own inputs.

    Within it :func:`caraml_analysis.save_figure` names only these. Load or compute the table of the
    figure inside, too: what was read before does not count. What is remembered is not read again
    but counts.

    Yields
    ------
    Inputs
        Grows with every read.
    """
    scope = Inputs()
    _scopes.append(scope)
    try:
        yield scope
    finally:
        _scopes.remove(scope)


def _note(inputs: Inputs) -> None:
    for scope in _scopes:
        scope.add(inputs)


_P = ParamSpec("_P")
_T = TypeVar("_T")


def remembered(
    function: Callable[_P, _T], beside: Callable[[], Hashable] = lambda: None
) -> Callable[_P, _T]:
    """Compute a result once and keep it, as ``functools.cache``; its inputs count at every call.

    Parameters
    ----------
    function : callable
        Its arguments must be hashable.
    beside : callable, optional
        Returns what the result depends on beside the arguments.
    """
    results: dict[Hashable, tuple[_T, Inputs]] = {}

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        key = (args, tuple(sorted(kwargs.items())), beside())
        if key not in results:
            with reading() as inputs:
                results[key] = (function(*args, **kwargs), inputs)
        result, inputs = results[key]
        _note(inputs)
        return result

    return call


def forget(folder: Path) -> None:
    """Read the cards of a folder anew: its files were replaced."""
    _cards.cache_clear()
    for scope in _scopes:
        for path in [path for path in scope.fetched if path.is_relative_to(folder)]:
            del scope.fetched[path]


@lru_cache(maxsize=4)
def _cards(folder: Path) -> dict[str, Card]:
    target = folder / "registry.toml"
    try:
        entries = tomllib.loads(target.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataFileError(
            f"{target}: not found, so the embedded data cannot be checked. "
            "Install the package again, or unset CARAML_DATA."
        ) from error
    except (OSError, ValueError) as error:
        raise DataFileError(f"{target}: cannot be read ({error}). Restore it from git.") from error
    return {file: Card(file=file, **fields) for file, fields in entries.items()}


def cards() -> dict[str, Card]:
    """Return the card of every embedded file, by its name below ``data/``."""
    return _cards(paths.data_dir())


def card(file: str) -> Card:
    """Return the card of one embedded file.

    Raises
    ------
    DataFileError
        If there is no such card.
    """
    try:
        return cards()[file]
    except KeyError:
        raise DataFileError(
            f"{file}: has no card in data/registry.toml. Known files: {', '.join(sorted(cards()))}."
        ) from None


def read_bytes(file: str, folder: Path | None = None) -> bytes:
    """Return the checked content of one embedded file, or of one in a fetched edition.

    Parameters
    ----------
    file : str
        Name below ``data/``, for example ``"reference/top500.csv"``.
    folder : Path, optional
        Folder of a fetched edition, which has its own ``registry.toml``.

    Raises
    ------
    DataFileError
        If the file is missing, or its sha256 is not that of its card.
    """
    if folder is None:
        content = _checked(card(file), paths.data_dir() / file, _restore(card(file)))
        _note(Inputs({file}))
        return content
    found = _cards(folder).get(file)
    if found is None:
        raise DataFileError(f"{folder}: has no card of {file}. {_FETCH}")
    content = _checked(found, folder / file, _FETCH)
    _note(Inputs(fetched={folder / file: found}))
    return content


_RESTORE = "Restore it with 'git checkout data'"
_BUILT = r"data/builders/(\w+)\.py"  # how the card of what a program made begins


def _restore(expected: Card) -> str:
    """Say what to do with an embedded file that is not as its card says."""
    builder = re.match(_BUILT, expected.made)
    if builder:
        return f"{_RESTORE}; after a wanted change run 'python data/builders {builder[1]}'."
    return f"{_RESTORE}; after a wanted change run 'python data/builders/cards.py {expected.file}'."


_FETCH = "Fetch this edition again with 'caraml data refresh'; the embedded data are whole."


def _checked(expected: Card, target: Path, advice: str) -> bytes:
    try:
        content = target.read_bytes()
    except OSError as error:
        what_to_do = (
            "Restore it with 'git checkout data', or install the package again."
            if advice.startswith(_RESTORE)
            else advice
        )
        raise DataFileError(f"{target}: cannot be read ({error.strerror}). {what_to_do}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected.sha256:
        raise DataFileError(
            f"{target}: altered or truncated (sha256 {found[:12]}…, its card says "
            f"{expected.sha256[:12]}…). The file was left as it is and was not used. {advice}"
        )
    return content


def read_text(file: str) -> str:
    """Return the checked content of one embedded UTF-8 file."""
    return read_bytes(file).decode("utf-8")


def read_csv(file: str, folder: Path | None = None, **options: Any) -> pd.DataFrame:
    """Return one CSV as a table, embedded or of a fetched edition.

    ``NA`` stays text (Namibia); only an empty field counts as missing.
    """
    import pandas as pd

    return pd.read_csv(
        io.BytesIO(read_bytes(file, folder)), keep_default_na=False, na_values=[""], **options
    )


def check_all() -> dict[str, str]:
    """Check every embedded file against its card.

    Returns
    -------
    dict of str to str
        By file: ``"ok"``, or what is wrong. Files without a card are listed, too.
    """
    folder = paths.data_dir()
    result: dict[str, str] = {}
    for file in sorted(cards()):
        try:
            read_bytes(file)
            result[file] = "ok"
        except DataFileError as error:
            result[file] = str(error)
    not_data = {"registry.toml", "LICENSE-DATA.md"}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (
            path.is_file()
            and name not in not_data | set(cards())
            and not name.startswith("builders/")
        ):
            result[name] = "no card in data/registry.toml"
    return result
