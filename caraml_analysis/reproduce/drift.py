"""Which figures another edition of the data would move, and by how much.

The figures are made twice, in processes of their own: from the embedded data, and from a copy in
which some files are replaced. So nothing that was read or remembered before can get in between, and
a new figure is covered without being named here.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caraml_analysis import paths
from caraml_analysis.errors import CaramlError
from caraml_analysis.sources.drift import compare

if TYPE_CHECKING:
    import pandas as pd

#: Columns of plotted tables that name what a row is about; those that say most come first.
IDENTIFIERS = (
    *("iso3", "country", "region", "run", "model", "dataset", "conference"),
    *("edition", "year", "data_year", "electricity_year", "income_group", "classes"),
    *("class_basis", "panel", "measure", "quantity", "level", "kind", "label"),
    *("countries_of", "compute", "clean", "question", "curve", "point"),
)
#: Parts of the names of columns that are in a unit, so no shares, however small their values.
_UNITS = frozenset(
    (
        *("per", "wh", "kwh", "mwh", "gwh", "w", "kw", "mw", "gw", "flops", "gflops", "tflops"),
        *("pflops", "g", "kg", "t", "co2e", "s", "hours", "gb"),
    )
)
_MOST_IN_PERCENT = 1.0  # "141,350%" says less than the two numbers
_SIDES = ("old", "new")
_ROW = "(row)"
_REASON = ".error"
_BAR_AFTER_S = 3.0
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Moved:
    """How the table behind one figure changes.

    Attributes
    ----------
    figure, title : str
    cells : int
        Cells of the plotted table that change; rows that come or go count with all their cells.
    details : tuple of str
        What changes most: the share, the other number and the text, each with its row; and how
        many rows and values come and go.
    problem : str
        Why it can no longer be made; otherwise empty.
    """

    figure: str
    title: str
    cells: int
    details: tuple[str, ...] = ()
    problem: str = ""

    def __str__(self) -> str:
        """Return one line for a report."""
        if self.problem:
            return f"{self.figure}: can no longer be made ({self.problem})"
        cells = (
            "1 cell of its table changes"
            if self.cells == 1
            else (f"{self.cells:,} cells of its table change")
        )
        return "; ".join([f"{self.figure}: {cells}", *self.details])


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
        _say_what_takes_time(len(wanted))
        running = [
            _tables(wanted, before, paths.data_dir()),
            _tables(wanted, after, data),
        ]
        said = _wait(running, (before, after), 2 * len(wanted))
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


def _say_what_takes_time(figures: int) -> None:
    print(
        f"working out which figures move: {figures} made from the embedded edition and from this "
        "one ...",
        file=sys.stderr,
        flush=True,
    )


def _wait(
    running: Sequence[subprocess.Popen[str]], folders: Sequence[Path], total: int
) -> list[str]:
    """Wait until all processes have ended; return what each said on standard error."""
    from tqdm import tqdm

    said: dict[int, str] = {}
    bar = tqdm(
        total=total,
        unit=" tables",
        file=sys.stderr,
        disable=None,
        leave=False,
        delay=_BAR_AFTER_S,
    )
    try:
        with bar:
            while len(said) < len(running):
                for i, process in enumerate(running):
                    with suppress(subprocess.TimeoutExpired):
                        if i not in said:
                            said[i] = process.communicate(timeout=_LOOK_EVERY_S)[1]
                made = sum(1 for folder in folders for _ in folder.iterdir())
                bar.update(made - bar.n)
    finally:
        for process in running:
            process.kill()  # does nothing to one that has ended
    return [said[i] for i in range(len(running))]


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
        return Moved(name, title, 0, problem=problem.read_text())
    old, new = (
        pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for folder in (before, after)
    )
    return tables_moved(name, title, old, new)


def tables_moved(name: str, title: str, old: pd.DataFrame, new: pd.DataFrame) -> Moved | None:
    """Return how a plotted table changes, or None if it does not.

    Parameters
    ----------
    name, title : str
        Of the figure.
    old, new : DataFrame
        The tables as texts, an empty text where a value is missing. The order of rows is no change.
    """
    if old.equals(new):
        return None
    both = [column for column in old.columns if column in new.columns]
    alone = [column for column in [*old.columns, *new.columns] if column not in both]
    cells = sum(len(table) for table in (old, new) for column in table.columns if column in alone)
    key, old, new = _with_key(old, new, both)
    values = [column for column in both if column not in key]
    labels = {column for column in values if _is_label(column)}
    for column in values:
        numbers = [_numbers(table[column]) for table in (old, new)]
        if column not in labels and all(number is not None for number in numbers):
            old, new = old.assign(**{column: numbers[0]}), new.assign(**{column: numbers[1]})
        else:
            labels.add(column)
    found = compare(name, old, new, key, values)
    rows = len(found.added) + len(found.removed)
    cells += len(found.changed) + rows * len(both)
    if not cells:
        return None
    details = _in_words(found.changed, labels, _places(old, key), (old, new))
    for word, count in (("new", len(found.added)), ("gone", len(found.removed))):
        if count:
            details.append(f"{count:,} {'row' if count == 1 else 'rows'} {word}")
    if alone:
        details.append(f"columns that only one of the two has: {', '.join(alone)}")
    return Moved(name, title, cells, tuple(details))


# --- what names a row ---------------------------------------------------------------------------


def row_key(old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return the columns that name a row in both tables: no more of them than are needed.

    Columns that usually name something go before other texts, and all others are values, also
    if they hold texts: the class of a country may change, and it is still the same country.

    Parameters
    ----------
    old, new : DataFrame
        The tables as texts.
    columns : sequence of str
        Those that both have.

    Returns
    -------
    list of str
        Empty if no set of such columns is different in every row.
    """
    known = [column for column in IDENTIFIERS if column in columns]
    texts = [
        column
        for column in columns
        if column not in known and any(_numbers(table[column]) is None for table in (old, new))
    ]

    def names_rows(candidates: list[str]) -> bool:
        return bool(candidates) and not any(t.duplicated(candidates).any() for t in (old, new))

    key = [*known, *texts]
    if not names_rows(key):
        return []
    for column in reversed(key):
        fewer = [other for other in key if other != column]
        if names_rows(fewer):
            key = fewer
    return key


def _with_key(
    old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]
) -> tuple[list[str], pd.DataFrame, pd.DataFrame]:
    """Return the key of the rows, and both tables with it; at worst it is their number."""
    key = row_key(old, new, columns)
    if key:
        return key, old, new
    known = [column for column in IDENTIFIERS if column in columns]
    numbered = []
    for table in (old, new):
        number = table.groupby(known).cumcount() if known else table.reset_index().index
        numbered.append(table.assign(**{_ROW: [f"row {i + 1}" for i in number]}))
    return [*known, _ROW], numbered[0], numbered[1]


def _places(table: pd.DataFrame, key: Sequence[str]) -> Callable[[Mapping[str, Any]], str]:
    """Return a function that names a row, with its year where all rows are of one."""
    constant = [
        str(table[column].iloc[0])
        for column in ("edition", "year")
        if column in table.columns and column not in key and table[column].nunique() == 1
    ]

    def place(row: Mapping[str, Any]) -> str:
        return " ".join([*(str(row[column]) for column in key if row[column]), *constant])

    return place


# --- how much -----------------------------------------------------------------------------------


def _numbers(texts: pd.Series) -> pd.Series | None:
    """Return a column as numbers, missing where it is empty; None if it holds other texts."""
    import pandas as pd

    numbers = pd.to_numeric(texts.where(texts != "", None), errors="coerce").astype("float64")
    other = numbers.isna() & ~texts.str.strip().str.lower().isin(("", "nan"))
    return None if other.any() else numbers


def _is_label(column: str) -> bool:
    """Whether numbers of this column say which, not how much: 2024 is not 0.05% more than 2023."""
    return column in IDENTIFIERS or column == "year" or column.endswith("_year")


def points_per_unit(column: str, *values: pd.Series) -> float | None:
    """Return how many percentage points one unit of a column is; None if it is no share.

    Parameters
    ----------
    column : str
        Its name tells: ``…_pct`` is in percent, ``share``, ``…_share`` and ``share_…`` are shares.
        Another one is a share or coefficient if no unit is in its name and all values lie between
        -1 and 1, not all of them whole.
    values : Series
        Its numbers in all tables.
    """
    words = column.split("_")
    if words[-1] in ("pct", "percent"):
        return 1.0
    found = [value for series in values for value in series if math.isfinite(value)]
    within = all(-1 - 1e-9 <= value <= 1 + 1e-9 for value in found)
    if "share" in words or "shares" in words:
        return 100.0 if within else None
    fractions = any(value != int(value) for value in found)
    return 100.0 if within and fractions and not _UNITS.intersection(words) else None


def _in_words(
    changed: pd.DataFrame,
    labels: Collection[str],
    place: Callable[[Mapping[str, Any]], str],
    tables: Sequence[pd.DataFrame],
) -> list[str]:
    """Return what moved most: of the shares, of the other numbers, and of the texts."""
    rows = changed.to_dict("records")
    shares: list[tuple[float, str]] = []
    others: list[tuple[float, str]] = []
    scales = {
        column: points_per_unit(column, *(table[column] for table in tables))
        for column in {row["column"] for row in rows} - set(labels)
    }
    come = go = 0
    for row in rows:
        column, old, new = row["column"], row["old"], row["new"]
        if column in labels:
            continue
        if old != old or new != new:
            come, go = come + (old != old), go + (new != new)
            continue
        scale = scales[column]
        if scale is not None:
            points = abs(new - old) * scale
            shares.append((points, f"{column} by {_up_to(points)} points ({place(row)})"))
        else:
            others.append(_relative(column, old, new, place(row)))
    details = [max(found, key=lambda one: one[0])[1] for found in (shares, others) if found]
    details += _texts_in_words([row for row in rows if row["column"] in labels], place)
    for one, several, count in (("appears", "appear", come), ("vanishes", "vanish", go)):
        if count:
            details.append(f"1 value {one}" if count == 1 else f"{count:,} values {several}")
    return details


def _relative(column: str, old: float, new: float, place: str) -> tuple[float, str]:
    """Return the size of a change by the old value, and the change in words."""
    sized = old != 0 and math.isfinite(old) and math.isfinite(new)
    size = abs(new / old - 1) if sized else 0.0  # from zero it has none: any other goes before
    if sized and size <= _MOST_IN_PERCENT:
        return size, f"{column} by {_up_to(100 * size)}% ({place})"
    return size, f"{column} from {old:,.4g} to {new:,.4g} ({place})"


def _texts_in_words(
    rows: Sequence[Mapping[str, Any]], place: Callable[[Mapping[str, Any]], str]
) -> list[str]:
    """Return the text that changes in most rows, with the first of them."""
    if not rows:
        return []
    column, count = Counter(row["column"] for row in rows).most_common(1)[0]
    first = next(row for row in rows if row["column"] == column)
    old, new = ("(none)" if first[side] != first[side] else first[side] for side in _SIDES)
    where = f"{count:,} rows, first {place(first)}" if count > 1 else place(first)
    return [f"{column} from {old} to {new} ({where})"]


def _up_to(size: float) -> str:
    if size < 0.01:
        return "less than 0.01"
    digits = 0 if size >= 100 else 1 if size >= 0.1 else 2
    return f"up to {size:,.{digits}f}"


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]), sys.argv[2:])
