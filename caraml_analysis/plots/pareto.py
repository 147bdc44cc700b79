"""The Pareto surface of measured trainings: performance, climate and resource awareness at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection
from mpl_toolkits.mplot3d.axes3d import Axes3D

from caraml_analysis.errors import TableError, UnitError, UsageError
from caraml_analysis.plots import style
from caraml_analysis.tables import require_columns

_COLUMNS = ["model", "test_accuracy", "energy_kwh", "memory_gb", "rank"]
_STEPS = LinearSegmentedColormap.from_list("steps", ["#edf6f4", "#6dbdb2"])
_CREASE = "#2b5f58"
_TICKS = (1, 2, 5)
#: Brightness of faces across the energy axis, across the memory axis, and of level ones.
_LIGHT = (0.88, 0.95, 1.0)


def plot_pareto_surface(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw models in three dimensions with the surface of the best that a budget can reach.

    All axes are turned so that better is outward: accurate models stand high, models that need
    little energy or little memory stand towards the viewer. The height of the surface is the best
    accuracy of any model within that energy and that memory; every model lies on or below it.

    Parameters
    ----------
    table : DataFrame
        One row per model, of one data set: ``model``, ``test_accuracy`` (0 to 1), ``energy_kwh``
        (kWh, > 0), ``memory_gb`` (GB, > 0) and ``rank`` (1 = not dominated).
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : Axes, optional
        Where to draw, with ``projection="3d"``; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TableError
        If a column is missing, or no model has rank 1.
    UnitError
        If an energy or a memory is not positive, or an accuracy is not between 0 and 1.
    UsageError
        If `ax` is flat.

    Notes
    -----
    Memory is a stand-in: it decides on which hardware a model can be trained at all, which is one
    side of access to resources.
    """
    _check(table)
    points = np.column_stack(
        [
            -np.log10(table["energy_kwh"].to_numpy(float)),
            -np.log10(table["memory_gb"].to_numpy(float)),
            table["test_accuracy"].to_numpy(float),
        ]
    )
    front = table["rank"].to_numpy() == 1
    worst = _floor(points)
    with style.style():
        axes = _axes(ax)
        _surface(axes, points[front], worst)
        _dots(
            axes,
            points[~front],
            "dominated (below the surface)",
            s=8,
            color="#5c5c5c",
            alpha=0.6,
            lw=0,
            zorder=3,
        )
        best = {"s": 48, "color": style.ACCENT, "edgecolor": "white", "lw": 0.8, "zorder": 4}
        _dots(axes, points[front], "not dominated", **best)
        _label_models(axes, table, points, front)
        _scales(axes, table, points, worst)
        _legend(axes)
        style.describe(axes, title=title, note=note)
    return axes


def attainment_steps(
    front: np.ndarray, worst: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the grid of steps below which everything is matched by some point.

    Parameters
    ----------
    front : ndarray, shape (n, 3)
        Points, larger is better in every column.
    worst : ndarray, shape (3,)
        Where the steps begin: worse than every point in every column.

    Returns
    -------
    xs, ys : ndarray, shapes (p,) and (q,)
        Edges of the cells, rising.
    heights : ndarray, shape (p, q)
        The highest point that is at least as good as the cell's better corner, for the cell from
        ``xs[i]`` to ``xs[i + 1]`` and from ``ys[j]`` to ``ys[j + 1]``; the last row and column lie
        beyond every point, on the floor.
    """
    xs = np.unique(np.append(front[:, 0], worst[0]))
    ys = np.unique(np.append(front[:, 1], worst[1]))
    reaches = (front[:, 0, None, None] >= xs[1:, None]) & (front[:, 1, None, None] >= ys[1:])
    heights = np.where(reaches, front[:, 2, None, None], worst[2]).max(axis=0)
    return xs, ys, np.pad(heights, (0, 1), constant_values=worst[2])


def _faces(xs: np.ndarray, ys: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the corners of the level tops and of the upright walls of the steps."""
    faces = []
    for i, j in np.argwhere(heights > heights.min()):
        (x0, x1), (y0, y1), z = xs[i : i + 2], ys[j : j + 2], heights[i, j]
        faces.append([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)])
        nearer, sideways = heights[i + 1, j], heights[i, j + 1]
        if nearer < z:
            faces.append([(x1, y0, nearer), (x1, y1, nearer), (x1, y1, z), (x1, y0, z)])
        if sideways < z:
            faces.append([(x0, y1, sideways), (x1, y1, sideways), (x1, y1, z), (x0, y1, z)])
    return np.array(faces)


def _creases(xs: np.ndarray, ys: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the ends of the lines where the steps turn; borders inside a flat face are none."""
    lines = []
    for i, j in np.argwhere(heights > heights.min()):
        (x0, x1), (y0, y1), z = xs[i : i + 2], ys[j : j + 2], heights[i, j]
        nearer, sideways = heights[i + 1, j], heights[i, j + 1]
        if nearer < z:
            lines += [[(x1, y0, edge), (x1, y1, edge)] for edge in (nearer, z)]
        if sideways < z:
            lines += [[(x0, y1, edge), (x1, y1, edge)] for edge in (sideways, z)]
        # upright: an outer corner above both neighbours, an inner one below both
        between = (heights[i + 1, j + 1], min(nearer, sideways))
        for low, high in ((max(nearer, sideways), z), between):
            if low < high:
                lines.append([(x1, y1, low), (x1, y1, high)])
    return np.array(lines)


def _check(table: pd.DataFrame) -> None:
    require_columns(table, _COLUMNS, "models")
    for column, unit in (("energy_kwh", "kWh"), ("memory_gb", "GB")):
        wrong = ~(table[column] > 0) | np.isinf(table[column])
        if wrong.any():
            row = wrong.idxmax()
            raise UnitError(
                f"models: {column} is {table.loc[row, column]:g} {unit} in row {row!r}; it must be "
                "positive and finite. Correct or drop the row; nothing was drawn."
            )
    wrong = ~table["test_accuracy"].between(0, 1)
    if wrong.any():
        raise UnitError(
            f"models: test_accuracy in row {wrong.idxmax()!r} is not between 0 and 1. "
            "Divide percentages by 100; nothing was drawn."
        )
    if not (table["rank"] == 1).any():
        raise TableError("models: no row has rank 1. Rank them with non_dominated_ranks first.")


def _floor(points: np.ndarray) -> np.ndarray:
    """Return a corner a little worse than every point."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.04 * np.where(high > low, high - low, 1.0)
    return low - margin


def _axes(ax: Axes | None) -> Axes3D:
    """Return three-dimensional axes, seen from where everything is good."""
    axes = style.axes_or_new(ax, 8.4, 7.2, subplot_kw={"projection": "3d"})
    if not isinstance(axes, Axes3D):
        raise UsageError("ax: a surface needs axes made with projection='3d'.")
    axes.computed_zorder = False  # labels and good models in front, whatever their depth
    axes.view_init(elev=27, azim=40)
    axes.set_proj_type("ortho")
    axes.set_box_aspect((1, 1, 0.8))
    return axes


def _surface(axes: Axes3D, front: np.ndarray, worst: np.ndarray) -> None:
    """Draw the steps, darker with accuracy; the tint follows its order, not its distance."""
    steps = attainment_steps(front, worst)
    faces = _faces(*steps)
    levels = np.unique(front[:, 2])
    order = np.searchsorted(levels, faces[:, :, 2].max(axis=1)) / max(len(levels) - 1, 1)
    colours = _STEPS(order)
    # light from above: a face is dimmed by the direction in which it has no extent
    colours[:, :3] *= np.array(_LIGHT)[np.ptp(faces, axis=1).argmin(axis=1), np.newaxis]
    # seen from the good corner no face hides another, so they can be opaque and need no sorting
    axes.add_collection3d(
        Poly3DCollection(faces, facecolors=colours, edgecolors=colours, lw=0.4, zorder=1)
    )
    axes.add_collection3d(
        Line3DCollection(_creases(*steps), colors=_CREASE, linewidths=0.6, zorder=2)
    )


def _dots(axes: Axes3D, points: np.ndarray, label: str, **look: Any) -> None:
    axes.scatter(*points.T, label=f"{len(points)} models, {label}", depthshade=False, **look)


def _label_models(axes: Axes3D, table: pd.DataFrame, points: np.ndarray, front: np.ndarray) -> None:
    """Name the most accurate model, the one with the least energy, and one in between."""
    for row in _named(points, front):
        axes.text(
            *points[row],
            f"  {table['model'].iloc[row]}",
            fontsize=9,
            fontweight="bold",
            va="center",
            zorder=5,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )


def _named(points: np.ndarray, front: np.ndarray) -> list[int]:
    """Return the rows to name: best accuracy, least energy, and the nearest to the best of all."""
    rows = np.flatnonzero(front)
    good = points[rows]
    span = np.ptp(good, axis=0)
    missed = (good.max(axis=0) - good) / np.where(span > 0, span, 1)
    chosen = [good[:, 2].argmax(), good[:, 0].argmax(), np.linalg.norm(missed, axis=1).argmin()]
    return list(dict.fromkeys(rows[chosen].tolist()))


def _scales(axes: Axes3D, table: pd.DataFrame, points: np.ndarray, worst: np.ndarray) -> None:
    """Write the ticks in the units of the table, and what is good on each axis."""
    for axis, column in ((axes.xaxis, "energy_kwh"), (axes.yaxis, "memory_gb")):
        ticks = _round_numbers(table[column].min(), table[column].max())
        axis.set_ticks(-np.log10(ticks), [f"{tick:g}" for tick in ticks])
    high = points.max(axis=0)
    axes.set(
        xlim=(worst[0], high[0] + 0.04), ylim=(worst[1], high[1] + 0.04), zlim=(worst[2], high[2])
    )
    axes.zaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.zaxis.set_major_formatter("{x:.2f}")
    axes.set_xlabel("Climate awareness: energy\n(kWh, log scale), less is better", labelpad=18)
    axes.set_ylabel(
        "Resource awareness: memory needed,\na stand-in for access (GB, log scale), less is better",
        labelpad=18,
    )
    axes.set_zlabel("Performance: test accuracy", labelpad=12)


def _legend(axes: Axes3D) -> None:
    """Explain dots and steps, above the surface."""
    dots, _ = axes.get_legend_handles_labels()
    steps = Patch(
        facecolor=_STEPS(0.6),
        edgecolor=_CREASE,
        label="surface: best accuracy within an energy and a memory",
    )
    axes.legend(handles=[*dots, steps], loc="lower left", bbox_to_anchor=(-0.08, 0.94))


def _round_numbers(low: float, high: float) -> np.ndarray:
    """Return the numbers 1, 2 and 5 of each power of ten that lie between two values."""
    exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    numbers = np.array([digit * 10.0**exponent for exponent in exponents for digit in _TICKS])
    return numbers[(numbers >= low) & (numbers <= high)]
