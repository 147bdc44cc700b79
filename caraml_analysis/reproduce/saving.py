"""Save a figure with everything that it takes to trace it: picture, plotted table, sidecar."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from caraml_analysis import __version__, paths, registry
from caraml_analysis.plots import style
from caraml_analysis.sources import editions

#: Versions that can change a picture or a number.
_LIBRARIES = ("matplotlib", "numpy", "pandas", "pycountry", "seaborn")
_SIGNIFICANT_DIGITS = 10


def versions() -> dict[str, str]:
    """Return the versions of Python, of this package and of the libraries that draw and compute."""
    found = {name: version(name) for name in _LIBRARIES}
    return {"caraml_analysis": __version__, "python": platform.python_version()} | found


def table_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV with LF, numbers cut to ten significant digits.

    Sums of floating-point numbers may differ in their last digits between processors; ten digits
    are far more than any source has.
    """
    return table.to_csv(index=False, lineterminator="\n", float_format=f"%.{_SIGNIFICANT_DIGITS}g")


def input_cards() -> list[dict[str, str]]:
    """Return file, sha256 and edition of every data file that was read.

    That is, in the innermost ``with registry.reading()``, or without one in this process.
    """
    return [
        {"file": card.file, "sha256": card.sha256, "edition": card.edition}
        for card in registry.inputs_read().cards()
    ]


def _title(title: str, used: Mapping[str, Sequence[str]]) -> str:
    """Return the title of a figure, with the editions that it was read with."""
    named = "; ".join(f"{source} {' and '.join(some)}" for source, some in used.items())
    return f"{title}, read with {named}" if named else title


def _with_editions(command: str, used: Mapping[str, Sequence[str]]) -> str:
    """Return a command that reads these editions."""
    named = [f"{source}={edition}" for source, some in used.items() for edition in some]
    return command and " ".join([command, *(f"--edition {shlex.quote(one)}" for one in named)])


def save_figure(
    axes: Axes,
    name: str,
    *,
    data: pd.DataFrame,
    parameters: Mapping[str, Any] | None = None,
    title: str = "",
    function: str = "",
    notebook: str = "",
    command: str = "",
    folder: Path | str | None = None,
) -> list[Path]:
    """Write ``NAME.svg``, ``NAME.png``, ``NAME.csv`` (the plotted table) and ``NAME.json``.

    Parameters
    ----------
    axes : Axes
        Axes of the figure to save.
    name : str
        File name without ending. For a figure of this package (``caraml figure --list``) the
        sidecar gets its function and notebook by itself.
    data : DataFrame
        The plotted table, so that every mark can be checked.
    parameters : mapping, optional
        Choices behind the table, for the sidecar.
    title, function, notebook, command : str
        What it shows and who makes it, for figures of your own. A title replaces that of a figure
        of this package, too.
    folder : path, optional
        Where to; the project's ``figures/`` by default.

    Returns
    -------
    list of Path
        The four files.

    Raises
    ------
    OutputError
        If the folder cannot be written. Each file is moved into place whole.

    Notes
    -----
    The sidecar names as inputs every data file that this process has read. Where several figures
    are made in one process, make each inside of ``with caraml_analysis.reading():``, from loading
    its tables to saving; then it names only its own.
    """
    from caraml_analysis.reproduce.figures import FIGURES

    target = Path(folder) if folder is not None else paths.figures_dir()
    known = FIGURES.get(name)
    contents: dict[str, bytes] = {}
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes belong to a figure until they are removed"
    # everything is drawn in memory before the first file is touched
    for ending, options in style.SAVE_OPTIONS.items():
        buffer = io.BytesIO()
        with style.style():
            figure.savefig(buffer, format=ending, **options)
        contents[ending] = buffer.getvalue()
    contents["csv"] = table_csv(data).encode()
    used = {name: list(one) for name, one in editions.used_by(registry.inputs_read()).items()}
    sidecar = {
        "name": name,
        "title": title or (_title(known.title, used) if known else ""),
        "function": known.function if known else function,
        "notebook": known.notebook if known else notebook,
        "command": _with_editions(f"caraml figure {name}" if known else command, used),
        "parameters": dict(parameters or {}) | ({"editions": used} if used else {}),
        "inputs": input_cards(),
        "outputs": {
            f"{name}.{ending}": hashlib.sha256(content).hexdigest()
            for ending, content in contents.items()
        },
        "versions": versions(),
    }
    contents["json"] = (json.dumps(sidecar, indent=2, default=str) + "\n").encode()
    return [
        paths.write_atomically(target / f"{name}.{ending}", content)
        for ending, content in contents.items()
    ]
