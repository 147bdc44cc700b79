"""Accuracy against a resource, with the two ways to choose: the front, and the best PePR scores."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.tables import require_columns

_COLUMNS = ["dataset", "model", "test_accuracy", "energy_kwh", "pepr_e", "rank"]
_HALO = [withStroke(linewidth=2.5, foreground="white")]


def plot_pepr_fronts(
    table: pd.DataFrame,
    *,
    top: int = 10,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw accuracy against energy, the front of both, and the models with the best PePR scores.

    Parameters
    ----------
    table : DataFrame
        One row per model and data set: ``dataset``, ``model``, ``test_accuracy`` (0 to 1),
        ``energy_kwh`` (kWh, > 0), ``pepr_e`` (score among the models of the data set) and ``rank``
        (1 = not dominated in accuracy and energy).
    top : int
        How many of the best scores are marked.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (data sets,), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (data sets,)

    Raises
    ------
    TableError
        If a column is missing, the table is empty, or `ax` has another shape.
    UnitError
        If an energy is not positive.
    """
    require_columns(table, _COLUMNS, "models")
    datasets = list(dict.fromkeys(table["dataset"]))
    if not datasets:
        raise TableError("models: the table is empty, so there is nothing to draw.")
    if not (table["energy_kwh"] > 0).all():
        row = (~(table["energy_kwh"] > 0)).idxmax()
        raise UnitError(
            f"models: energy_kwh in row {row!r} is not positive, so it has no place on a log axis. "
            "Correct or drop the row; nothing was drawn."
        )
    with style.style():
        if ax is None:
            _, ax = plt.subplots(
                1, len(datasets), figsize=(4.2 * len(datasets), 4.2), squeeze=False
            )
            ax = ax[0]
        if np.shape(ax) != (len(datasets),):
            raise TableError(f"ax has shape {np.shape(ax)} instead of ({len(datasets)},).")
        for axes, dataset in zip(ax, datasets, strict=True):
            _draw(axes, table[table["dataset"] == dataset], top)
            axes.set_title(dataset)
        ax[0].set_ylabel("Test accuracy")
        ax[0].legend(loc="upper left", bbox_to_anchor=(-0.03, -0.13), fontsize=8, ncols=3)
        style.describe(*ax, title=title, note=note)
    return ax


def _draw(axes: Axes, rows: pd.DataFrame, top: int) -> None:
    best = rows.nlargest(top, "pepr_e")
    front = rows[rows["rank"] == 1].sort_values("energy_kwh")
    axes.scatter(
        rows["energy_kwh"], rows["test_accuracy"], s=9, color="#9a9a9a", lw=0, label="one model"
    )
    axes.plot(
        front["energy_kwh"],
        front["test_accuracy"],
        drawstyle="steps-post",
        color=style.RENEWABLE,
        marker="o",
        markersize=5,
        lw=1.5,
        label="not dominated in accuracy and energy",
    )
    axes.scatter(
        best["energy_kwh"],
        best["test_accuracy"],
        s=75,
        facecolor="none",
        edgecolor=style.ACCENT,
        lw=1.4,
        label=f"the {top} best PePR scores",
    )
    axes.set_xscale("log")
    low, high = rows["test_accuracy"].min(), rows["test_accuracy"].max()
    axes.set_ylim(low - 0.03 * (high - low), high + 0.16 * (high - low))
    ticks = _ticks(rows["energy_kwh"].min(), rows["energy_kwh"].max())
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("Energy of training (kWh, log scale)")
    axes.grid(True)
    first, accurate = best.iloc[0], rows.loc[rows["test_accuracy"].idxmax()]
    _name(
        axes,
        f"best PePR {first['pepr_e']:.2f}: {first['model']} "
        f"(accuracy {first['test_accuracy']:.2f})",
        0.965,
    )
    _name(
        axes,
        f"most accurate {accurate['test_accuracy']:.2f}: {accurate['model']} "
        f"(PePR {accurate['pepr_e']:.2f})",
        0.905,
    )


def _name(axes: Axes, words: str, height: float) -> None:
    """Write what one model reaches into the corner."""
    axes.text(
        0.03,
        height,
        words,
        transform=axes.transAxes,
        fontsize=7.5,
        va="center",
        path_effects=_HALO,
    )


def _ticks(low: float, high: float) -> list[float]:
    """Return the numbers 1, 2 and 5 of each power of ten within a range."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    return [d * 10.0**p for p in powers for d in (1, 2, 5) if low <= d * 10.0**p <= high]
