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
from typing import TYPE_CHECKING

from caraml_analysis import paths
from caraml_analysis.errors import CaramlError
from caraml_analysis.sources.drift import compare

if TYPE_CHECKING:
    import pandas as pd

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
    from caraml_analysis.reproduce.figures import FIGURES, figure

    wanted = names or [known.name for known in FIGURES.values() if known.in_report]
    titles = {name: figure(name).title for name in wanted}
    with tempfile.TemporaryDirectory(prefix="caraml-drift-") as scratch:
        folder = Path(scratch)
        data = _with_replaced(folder / "data", files)
        before, after = folder / "before", folder / "after"
        running = [
            _tables(wanted, before, paths.data_dir()),
            _tables(wanted, after, data),
        ]
        said = [process.communicate()[1] for process in running]  # both have ended after this
        for process, errors in zip(running, said, strict=True):
            if process.returncode:
                reason = (errors.strip() or "no reason given").splitlines()[-1]
                raise CaramlError(
                    f"the figures could not be made to compare them ({reason:.200}). "
                    "Nothing was changed. Leave the comparison out with --no-figures."
                )
        moved = (_compare(name, titles[name], before, after) for name in wanted)
        return [found for found in moved if found is not None]


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
    key = _key(old)
    if list(old.columns) != list(new.columns) or any(t.duplicated(key).any() for t in (old, new)):
        return Moved(name, title, old.size + new.size, 0.0)
    values = [column for column in old.columns if column not in key]
    both = [frame.assign(**{c: pd.to_numeric(frame[c]) for c in values}) for frame in (old, new)]
    found = compare(name, both[0], both[1], key, values)
    rows = len(found.added) + len(found.removed)
    relative = found.changed["relative"].abs()
    most = float(relative[relative < float("inf")].max()) if len(relative) else 0.0
    return Moved(name, title, len(found.changed) + rows * len(old.columns), most)


def _key(table: pd.DataFrame) -> list[str]:
    """Return the columns that name a row of a plotted table: its texts and its year."""
    import pandas as pd

    return [
        column
        for column in table.columns
        if column == "year"
        or pd.to_numeric(table[column].replace("", "0"), errors="coerce").isna().any()
    ]


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]), sys.argv[2:])
