"""Editions that the user fetched: kept beside the embedded ones, used only where they are named.

Each lies in a folder of the user's cache, ``editions/NAME/EDITION``, in the form of the embedded
data: the same file names, and a ``registry.toml`` with one card per file. So it is read through the
same checks. Nothing here can replace an embedded file.

A fetched edition is named in a call (``load_population(edition="2026-10")``), or for everything
that is computed and drawn inside of ``with using(population="2026-10")``.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from caraml_analysis import paths, registry
from caraml_analysis.errors import CacheError, UsageError, YearError

if TYPE_CHECKING:
    import pandas as pd

# Beside these, all lists of the Top500 table are embedded.
_EMBEDDED: dict[str, tuple[str, ...]] = {
    "irena": ("2024 H2",),
    "income_groups": ("FY25", "FY26"),
    "grid_intensity": ("2026-04",),
    "population": ("2026-03",),
    "electricity_access": ("2026-02",),
}
#: Sources of which another edition can be fetched.
NAMES = ("top500", *_EMBEDDED)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,40}")


def embedded(name: str) -> tuple[str, ...]:
    """Return the editions of a source that are embedded, oldest first."""
    if name != "top500":
        return _EMBEDDED[name]
    # from the table itself: a figure names what was read among its inputs
    lists = registry.read_csv("reference/top500.csv", usecols=["edition"], dtype=str)
    return tuple(lists["edition"].unique())


def folder(name: str, edition: str) -> Path:
    """Return where an edition is kept.

    Raises
    ------
    UsageError
        If the edition cannot be the name of a folder.
    """
    if not _NAME.fullmatch(edition):
        raise UsageError(f"{edition!r} is no name of an edition. Nothing was changed.")
    return paths.cache_dir() / "editions" / name / edition.replace(" ", "_")


def fetched(name: str) -> list[str]:
    """Return the editions of a source that the user fetched, sorted."""
    place = paths.cache_dir() / "editions" / name
    found = [path.parent.name for path in place.glob("*/registry.toml")]
    return sorted(edition.replace("_", " ") for edition in found)


def in_words(name: str) -> str:
    """Return the editions of a source that can be read: embedded, and fetched by the user."""
    ours, mine = embedded(name), fetched(name)
    shown = ", ".join(ours) if len(ours) < 6 else f"{ours[0]} to {ours[-1]}"
    return f"{shown} (embedded)" + (f" and {', '.join(mine)} (fetched)" if mine else "")


#: What :func:`using` chose, by source.
_in_use: ContextVar[Mapping[str, tuple[str, ...]]] = ContextVar(
    "editions in use", default=MappingProxyType({})
)


@contextmanager
def using(**chosen: str | Sequence[str]) -> Iterator[None]:
    """Read these editions inside of ``with`` wherever a call names none.

    Outside of it, the embedded editions count.

    Parameters
    ----------
    chosen : str
        Edition by source, embedded or fetched: ``top500``, ``irena``, ``income_groups``,
        ``grid_intensity``, ``population``, ``electricity_access``. Of ``top500`` several lists are
        possible: all are added to the embedded ones, and what shows one list shows the last.

    Raises
    ------
    UsageError
        If there is no such source, none of its editions is named, or several that are no lists of
        ``top500``.
    YearError
        If there is no such edition; names those that exist.

    Examples
    --------
    >>> with using(income_groups="FY25"):
    ...     chosen("income_groups")
    'FY25'
    """
    lists = {name: _named(name, edition) for name, edition in chosen.items()}
    for name, wanted in lists.items():
        if name not in NAMES:
            raise UsageError(f"no source {name!r} with editions; there are {', '.join(NAMES)}.")
        if not wanted or (len(wanted) > 1 and name != "top500"):
            raise UsageError(
                f"{len(wanted)} editions of {name} are named ({', '.join(wanted) or 'none'}). Name "
                "one; only top500 may have several."
            )
        for edition in wanted:
            _require(name, edition)
    token = _in_use.set({**_in_use.get(), **lists})
    try:
        yield
    finally:
        _in_use.reset(token)


def _named(name: str, edition: str | Sequence[str]) -> tuple[str, ...]:
    named = (edition,) if isinstance(edition, str) else edition
    if not isinstance(named, Sequence) or not all(isinstance(one, str) for one in named):
        raise UsageError(f"{name}={edition!r}: name an edition as a text, such as '2024-11'.")
    return tuple(named)


def in_use() -> dict[str, tuple[str, ...]]:
    """Return the editions that :func:`using` chose, by source; usually none."""
    return dict(_in_use.get())


def chosen(name: str) -> str | None:
    """Return the edition of a source that is in use (of several lists the last), else None."""
    return (_in_use.get().get(name) or (None,))[-1]


def default(name: str) -> str:
    """Return the edition that counts if none is named: the one in use, else the embedded one."""
    return chosen(name) or embedded(name)[-1]


def used_by(inputs: registry.Inputs) -> dict[str, tuple[str, ...]]:
    """Return the editions in use of which a file is among `inputs`, by source."""

    def read(name: str, edition: str) -> bool:
        if edition in fetched(name):
            place = folder(name, edition)
            return any(path.is_relative_to(place) for path in inputs.fetched)
        # the embedded files of a source begin with its name
        return any(file.startswith(f"reference/{name}") for file in inputs.embedded)

    found = {
        name: tuple(edition for edition in wanted if read(name, edition))
        for name, wanted in in_use().items()
    }
    return {name: wanted for name, wanted in found.items() if wanted}


def _state() -> Hashable:
    """Return what results depend on that were computed with the editions in use."""
    return tuple(
        (name, edition, _fetched_at(name, edition))
        for name, wanted in sorted(_in_use.get().items())
        for edition in wanted
    )


_P = ParamSpec("_P")
_T = TypeVar("_T")


def remembered(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Remember results as :func:`registry.remembered`, those of every edition in use apart."""
    return registry.remembered(function, beside=_state)


def stamp(name: str, edition: str) -> int:
    """Return a number that changes when an edition is fetched anew; 0 for an embedded one."""
    return 0 if edition in embedded(name) else _fetched_at(name, edition)


def _fetched_at(name: str, edition: str) -> int:
    try:
        return (folder(name, edition) / "registry.toml").stat().st_mtime_ns
    except OSError:
        return 0


def read_csv(name: str, file: str, edition: str | None = None, **options: Any) -> pd.DataFrame:
    """Return a table of a named edition: the embedded one, or one that the user fetched.

    Parameters
    ----------
    name : str
        Source, such as ``"grid_intensity"``.
    file : str
        Name below ``data/``.
    edition : str, optional
        The one in use (:func:`using`), else the embedded one; never the newest by itself.
    options
        For ``pandas.read_csv``.

    Raises
    ------
    YearError
        If there is no such edition; names those that exist.
    """
    edition = edition or chosen(name)
    if edition is None or _require(name, edition):
        return registry.read_csv(file, **options)
    return registry.read_csv(file, folder=folder(name, edition), **options)


def _require(name: str, edition: str) -> bool:
    """Return whether an edition is embedded; raise a YearError if it was not fetched either."""
    ours = embedded(name)
    if edition not in (*ours, *fetched(name)):
        raise YearError(
            f"no edition {edition!r} of {name}; there are {in_words(name)}. To fetch another: "
            f"caraml data refresh {name} --help"
        )
    return edition in ours


def store(name: str, edition: str, files: Mapping[str, bytes], card: Mapping[str, str]) -> Path:
    """Keep the files of an edition, whole or not at all, and return their folder.

    Parameters
    ----------
    name, edition : str
        Source and edition.
    files : mapping
        Content by name below ``data/``.
    card : mapping
        ``publisher``, ``url``, ``licence`` and ``made``, the same for every file.

    Raises
    ------
    UsageError
        If an edition of this name is embedded.
    CacheError
        If the cache cannot be written; what was there is kept.
    """
    if edition in embedded(name):
        raise UsageError(
            f"the edition {edition} of {name} is embedded and stays as it is. Nothing was kept. "
            "Give the fetched one another name with --edition."
        )
    target = folder(name, edition)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as temporary:
            new = Path(temporary) / "edition"
            new.mkdir()
            for file, content in files.items():
                (new / file).parent.mkdir(parents=True, exist_ok=True)
                (new / file).write_bytes(content)
            (new / "registry.toml").write_text(
                _cards(name, edition, files, card), encoding="utf-8", newline="\n"
            )
            if target.exists():
                shutil.move(target, Path(temporary) / "old")
            new.rename(target)
    except OSError as error:
        raise CacheError(
            f"{target}: cannot be written ({error.strerror or error}). The embedded data are "
            "whole. Name another folder with CARAML_CACHE, or make room in this one."
        ) from error
    registry.forget(target)
    return target


def _cards(name: str, edition: str, files: Mapping[str, bytes], card: Mapping[str, str]) -> str:
    """Return the cards as TOML; a JSON text is a TOML text."""
    sections = []
    for file, content in files.items():
        fields = {
            "title": registry.card(file).title,
            **{key: card[key] for key in ("publisher", "url")},
            "edition": f"{edition} (fetched by caraml data refresh {name})",
            **{key: card[key] for key in ("licence", "made")},
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        lines = [
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()
        ]
        sections.append("\n".join([f"[{json.dumps(file)}]", *lines]))
    return "\n\n".join(sections) + "\n"
