"""Where things are: embedded data, notebooks, figures and scratch space.

The package runs in two ways: from a clone (``data/`` lies beside the package) and installed
(``data/`` and ``notebooks/`` travel inside the wheel). Only this module knows the difference.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caraml_analysis.errors import CaramlError, OutputError

_PACKAGE = Path(__file__).resolve().parent


def _bundled_or_beside(bundled: str, beside: str) -> Path:
    inside_wheel = _PACKAGE / bundled
    return inside_wheel if inside_wheel.is_dir() else _PACKAGE.parent / beside


def data_dir() -> Path:
    """Return the folder of the embedded data; ``CARAML_DATA`` overrides it."""
    override = os.environ.get("CARAML_DATA")
    return Path(override) if override else _bundled_or_beside("_data", "data")


def notebooks_dir() -> Path:
    """Return the folder of the notebooks, without outputs."""
    return _bundled_or_beside("_notebooks", "notebooks")


def project_dir() -> Path:
    """Return the clone that contains the working directory, or else the working directory."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "caraml_analysis").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    return here


def figures_dir() -> Path:
    """Return the folder where figures go; ``CARAML_FIGURES`` overrides it."""
    override = os.environ.get("CARAML_FIGURES")
    return Path(override) if override else project_dir() / "figures"


def build_dir() -> Path:
    """Return the folder of results that are not committed, such as executed notebooks."""
    return project_dir() / "build"


def cache_dir() -> Path:
    """Return the folder of what was fetched for this user; ``CARAML_CACHE`` overrides it.

    Otherwise ``$XDG_CACHE_HOME/caraml_analysis``, or ``~/.cache/caraml_analysis``. It need not
    exist yet.
    """
    override = os.environ.get("CARAML_CACHE")
    if override:
        return Path(override)
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # the XDG rules: a relative path there is to be ignored
    return (shared if shared.is_absolute() else Path.home() / ".cache") / "caraml_analysis"


def workspace_dir() -> Path:
    """Return the folder of this user's own conference years; ``CARAML_WORKSPACE`` overrides it.

    Otherwise ``$XDG_DATA_HOME/caraml_analysis``, or ``~/.local/share/caraml_analysis``. It need
    not exist yet.
    """
    override = os.environ.get("CARAML_WORKSPACE")
    if override:
        return Path(override)
    shared = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".local/share") / "caraml_analysis"


# what a path can be beside a regular file
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def _regular(target: Path) -> Path:
    """Return where a file is really written; refuse what must not be replaced by a file."""
    try:
        mode = target.stat().st_mode  # behind all links, also those of /dev/stdout
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutputError(
                f"{target}: links in a circle. Nothing was written or changed. Name another file."
            ) from error
        return target  # making the folder or the file says what is wrong
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
        raise OutputError(
            f"{target}: is {kind}, which a file would replace. Nothing was written or changed. "
            "Name a file; where a command can write to standard output, it does so without "
            "--output."
        )
    return Path(os.path.realpath(target)) if target.is_symlink() else target


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`, moved onto `target` only on success.

    Parameters
    ----------
    target : Path
        The file to write. Its folder is made if needed. A symbolic link stays one: what it points
        to is written.

    Raises
    ------
    OutputError
        If the folder or the file cannot be written, or `target` is there and is no regular file
        (a folder, a device, a pipe). `target` is then what it was before.
    """
    target = _regular(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
        )
        os.close(handle)
    except OSError as error:
        raise OutputError(
            f"{target.parent}: cannot be written ({error.strerror}). Nothing was changed. "
            "Choose another folder with --output, or make this one writable."
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; results are for everyone the umask allows
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except CaramlError:
        raise
    except OSError as error:
        raise OutputError(
            f"{target}: cannot be written ({error.strerror or error}). "
            "What stood there before still stands."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(target: Path, content: bytes | str) -> Path:
    """Write `content` to `target` whole or not at all, and return `target`."""
    data = content.encode() if isinstance(content, str) else content
    with atomic_path(target) as temporary:
        temporary.write_bytes(data)
    return target
