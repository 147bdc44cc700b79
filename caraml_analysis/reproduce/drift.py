"""Which figures another edition of the data would move, and by how much.

The figures are made twice, in processes of their own: from the embedded data, and from a copy in
which some files are replaced. So nothing that was read or remembered before can get in between, and
a new figure is covered without being named here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from caraml_analysis import paths
from caraml_analysis.errors import CaramlError

_REASON = ".error"


@dataclass(frozen=True)
class Moved:
    """How the table behind one figure changes.

    Attributes
    ----------
    figure, title : str
    cells : int
        Cells of the plotted table that change; rows that come or go count with all their cells.
    most : float
        Largest relative change of a number, 0 if only texts or rows change.
    problem : str
        Why it can no longer be made; otherwise empty.
    """

    figure: str
    title: str
    cells: int
    most: float
    problem: str = ""

    def __str__(self) -> str:
        """Return one line for a report."""
        if self.problem:
            return f"{self.figure}: can no longer be made ({self.problem})"
        by = f", a number by up to {self.most:.2%}" if self.most else ""
        return f"{self.figure}: {self.cells:,} cells of its table change{by}"


def figures_moved(files: Mapping[str, bytes], names: Sequence[str] | None = None) -> list[Moved]:
    """Return the figures that would change if these files stood in place of the embedded ones.

    Parameters
    ----------
    files : mapping
        Content by name below ``data/``.
    names : sequence of str, optional
        Figures to look at; all that say something of the paper by default.

    Raises
    ------
    CaramlError
        If the figures cannot be made from the embedded data.
    """
    from caraml_analysis.reproduce.figures import FIGURES

    wanted = names or [figure.name for figure in FIGURES.values() if figure.in_report]
    with tempfile.TemporaryDirectory(prefix="caraml-drift-") as scratch:
        folder = Path(scratch)
        data = _with_replaced(folder / "data", files)
        before, after = folder / "before", folder / "after"
        running = [
            _tables(wanted, before, paths.data_dir()),
            _tables(wanted, after, data),
        ]
        for process in running:
            _, errors = process.communicate()
            if process.returncode:
                raise CaramlError(
                    f"the figures could not be made to compare them ({errors.strip()[-200:]}). "
                    "Nothing was changed. Leave the comparison out with --no-figures."
                )
        moved = (_compare(name, FIGURES[name].title, before, after) for name in wanted)
        return [figure for figure in moved if figure is not None]


def _with_replaced(target: Path, files: Mapping[str, bytes]) -> Path:
    """Return a copy of the embedded data in which some files, and their cards, are others."""
    shutil.copytree(paths.data_dir(), target, ignore=shutil.ignore_patterns("builders"))
    cards = target / "registry.toml"
    text = cards.read_text(encoding="utf-8")
    for file, content in files.items():
        old = hashlib.sha256((target / file).read_bytes()).hexdigest()
        text = text.replace(old, hashlib.sha256(content).hexdigest())
        (target / file).write_bytes(content)
    cards.write_text(text, encoding="utf-8", newline="\n")
    return target


def _tables(names: Sequence[str], folder: Path, data: Path) -> subprocess.Popen[str]:
    """Start to write the tables behind figures, in a process that reads `data`."""
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder), *names],
        env={**os.environ, "CARAML_DATA": str(data), "MPLBACKEND": "agg"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def write_tables(folder: Path, names: Sequence[str]) -> None:
    """Write the table behind each figure, or why there is none, into `folder`."""
    import matplotlib.pyplot as plt

    from caraml_analysis.reproduce.figures import figure
    from caraml_analysis.reproduce.saving import table_csv

    for name in names:
        try:
            (folder / f"{name}.csv").write_text(table_csv(figure(name).make().table))
        except CaramlError as error:
            (folder / f"{name}{_REASON}").write_text(str(error))
        plt.close("all")


def _compare(name: str, title: str, before: Path, after: Path) -> Moved | None:
    import pandas as pd

    if (before / f"{name}{_REASON}").exists():
        return None  # not made from the embedded data either
    problem = after / f"{name}{_REASON}"
    if problem.exists():
        return Moved(name, title, 0, 0.0, problem.read_text())
    old, new = (
        pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for folder in (before, after)
    )
    if old.equals(new):
        return None
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        rows = {*map(tuple, old.to_numpy())} ^ {*map(tuple, new.to_numpy())}
        return Moved(name, title, sum(map(len, rows)), 0.0)
    different = old.to_numpy() != new.to_numpy()
    numbers = [frame.apply(pd.to_numeric, errors="coerce").to_numpy() for frame in (old, new)]
    most = 0.0
    for was, now in zip(numbers[0][different], numbers[1][different], strict=True):
        if was and was == was and now == now:
            most = max(most, abs(now / was - 1))
    return Moved(name, title, int(different.sum()), most)


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]), sys.argv[2:])
