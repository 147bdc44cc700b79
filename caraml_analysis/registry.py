"""The embedded data files: their provenance cards, and the only way to read them.

``data/registry.toml`` holds one card per file (publisher, address, edition, licence, sha256, how
made). Every read checks the sha256, so an altered or truncated file is an error and never a
silently different number; every read is also noted, so that a figure can name its inputs.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


_files_read: set[str] = set()


def files_read() -> list[str]:
    """Return the embedded files that this process has read so far, sorted."""
    return sorted(_files_read)


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


def read_bytes(file: str) -> bytes:
    """Return the checked content of one embedded file.

    Parameters
    ----------
    file : str
        Name below ``data/``, for example ``"reference/top500.csv"``.

    Raises
    ------
    DataFileError
        If the file is missing, or its sha256 is not that of its card.
    """
    expected = card(file).sha256
    target = paths.data_dir() / file
    try:
        content = target.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"{target}: cannot be read ({error.strerror}). "
            "Restore it with 'git checkout data', or install the package again."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DataFileError(
            f"{target}: altered or truncated (sha256 {found[:12]}…, its card says "
            f"{expected[:12]}…). The file was left as it is and was not used. "
            "Restore it with 'git checkout data'; after a wanted change run 'make data'."
        )
    _files_read.add(file)
    return content


def read_text(file: str) -> str:
    """Return the checked content of one embedded UTF-8 file."""
    return read_bytes(file).decode("utf-8")


def read_csv(file: str, **options: Any) -> pd.DataFrame:
    """Return one embedded CSV as a table.

    ``NA`` stays text (Namibia); only an empty field counts as missing.
    """
    import pandas as pd

    return pd.read_csv(
        io.BytesIO(read_bytes(file)), keep_default_na=False, na_values=[""], **options
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
