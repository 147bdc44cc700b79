"""The two conceptual diagrams: awareness quadrants, and base and superstructure.

Both draw a small table of labels and positions, so that a label is moved or reworded in the table
and never here.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from caraml_analysis.errors import TableError
from caraml_analysis.plots import style
from caraml_analysis.tables import require_columns

#: Tints of the quadrants by (right, upper); the goal is the darkest, also in greyscale.
_TINTS = {
    (False, False): "#e3e3e3",
    (True, False): "#dcefe6",
    (False, True): "#fbeed3",
    (True, True): "#9bd2c5",
}
#: Fill of the layers, lower and upper.
_LAYER_TINTS = ("#e3dccf", "#d6e4ee")
_LAYER_HALF_HEIGHT = 0.5
#: Reach of the arrows of an approach whose place is in doubt.
_DOUBT = 0.4


def plot_awareness_quadrants(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the plane of climate awareness (to the right) and resource awareness (upwards).

    Parameters
    ----------
    table : DataFrame
        ``kind`` (quadrant, approach or axis), ``label``, ``x`` and ``y`` (-1 to 1) and ``note``, a
        smaller text below the label, which may be empty. Four rows are quadrants, one on each
        side of both axes, and two are axes: that with the larger ``x`` is drawn to the right. An
        approach whose label ends in ``?`` gets arrows to both sides.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TableError
        If a column is missing, or there are not four quadrants and two axes.
    """
    require_columns(table, ["kind", "label", "x", "y", "note"], "awareness quadrants")
    quadrants = _rows(table, "quadrant", 4)
    upwards, rightwards = _rows(table, "axis", 2).sort_values("x")["label"]
    if len({_side(row) for row in quadrants.itertuples()}) != 4:
        raise TableError("awareness quadrants: two quadrants lie on the same side of both axes.")
    with style.style():
        ax = _canvas(ax, 7.4, 6.6)
        for row in quadrants.itertuples():
            right, upper = _side(row)
            corner = (0.0 if right else -1.0, 0.0 if upper else -1.0)
            ax.add_patch(
                Rectangle(corner, 1, 1, facecolor=_TINTS[right, upper], edgecolor="white", lw=4)
            )
            _labelled(ax, row)
        for row in _of_kind(table, "approach"):
            _approach(ax, row)
        _arrow(ax, (-1.04, -1.04), (1.06, -1.04))
        _arrow(ax, (-1.04, -1.04), (-1.04, 1.06))
        ax.text(0, -1.1, rightwards, ha="center", va="top", fontsize=11.5)
        ax.text(-1.1, 0, upwards, ha="right", va="center", rotation=90, fontsize=11.5)
        ax.set_xlim(-1.1, 1.1)
        ax.set_ylim(-1.1, 1.1)
        style.describe(ax, title=title, note=note)
    return ax


def plot_base_superstructure(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw two layers with their elements and the arrows between them.

    Parameters
    ----------
    table : DataFrame
        ``kind`` (layer, element or arrow), ``label``, ``x`` (-1 to 1), ``y`` and ``layer``: the
        layer that an element belongs to, or that an arrow starts from. Two rows are layers; their
        ``y`` says which is on top.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TableError
        If a column is missing, there are not two layers, or a row names another layer.
    """
    require_columns(table, ["kind", "label", "x", "y", "layer"], "base and superstructure")
    layers = _rows(table, "layer", 2).sort_values("y", ignore_index=True)
    others = table[table["kind"] != "layer"]
    strays = others.loc[~others["layer"].isin(layers["label"]), "layer"]
    if not strays.empty:
        raise TableError(
            f"base and superstructure: no layer {strays.iloc[0]!r} (found "
            f"{', '.join(layers['label'])}). Correct column 'layer'; nothing was drawn."
        )
    with style.style():
        ax = _canvas(ax, 8.8, 4.4)
        for row, tint in zip(layers.itertuples(), _LAYER_TINTS, strict=True):
            _layer(ax, row, tint)
        for row in _of_kind(table, "element"):
            _chip(ax, row)
        low, high = layers["y"] + [_LAYER_HALF_HEIGHT + 0.08, -_LAYER_HALF_HEIGHT - 0.08]
        for row in _of_kind(table, "arrow"):
            up = row.layer == layers["label"].iloc[0]
            start, end = ((row.x, low), (row.x, high))[:: 1 if up else -1]
            _arrow(ax, start, end, color=style.ACCENT, lw=2.4, mutation_scale=22)
            ax.text(row.x + 0.04, row.y, row.label, ha="left", va="center", fontsize=11)
        ax.set_xlim(-1.02, 1.02)
        ax.set_ylim(layers["y"].min() - 0.6, layers["y"].max() + 0.6)
        style.describe(ax, title=title, note=note)
    return ax


def _rows(table: pd.DataFrame, kind: str, wanted: int) -> pd.DataFrame:
    """Return the rows of a kind; a diagram with too few or too many says something else."""
    rows = table[table["kind"] == kind]
    if len(rows) != wanted:
        raise TableError(
            f"diagram: {len(rows)} rows of kind {kind!r}, wanted {wanted}. "
            "Correct the table; nothing was drawn."
        )
    return rows


def _of_kind(table: pd.DataFrame, kind: str) -> list[Any]:
    """Return the rows of a kind, columns as attributes."""
    return list(table[table["kind"] == kind].itertuples())


def _canvas(ax: Axes | None, width: float, height: float) -> Axes:
    """Return axes without ticks and frame."""
    ax = style.axes_or_new(ax, width, height)
    ax.set_axis_off()
    return ax


def _side(row: Any) -> tuple[bool, bool]:
    """Return whether a row lies right and upper."""
    return row.x > 0, row.y > 0


def _labelled(ax: Axes, row: Any) -> None:
    """Write the name of a quadrant, and its note below it."""
    ax.annotate(
        row.label,
        (row.x, row.y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=13,
        fontweight="bold",
    )
    ax.annotate(
        fill(row.note, 30),
        (row.x, row.y),
        xytext=(0, -3),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=9.5,
        linespacing=1.35,
    )


def _approach(ax: Axes, row: Any) -> None:
    """Draw an approach as a white box, its note below it."""
    if row.label.endswith("?"):
        for reach in (-_DOUBT, _DOUBT):
            _arrow(ax, (row.x, row.y), (row.x + reach, row.y), color=style.QUIET)
    ax.text(row.x, row.y, row.label, ha="center", va="center", fontsize=12, bbox=_box())
    ax.annotate(
        row.note,
        (row.x, row.y),
        xytext=(0, -18),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=9,
        bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": "none"},
    )


def _box() -> dict[str, Any]:
    return {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": style.QUIET}


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], **options: Any) -> None:
    """Draw an arrow; it may leave the axes."""
    look = {"arrowstyle": "-|>", "color": style.INK, "lw": 1.4, "mutation_scale": 16}
    ax.annotate(
        "",
        end,
        xytext=start,
        arrowprops=look | {"shrinkA": 0, "shrinkB": 0} | options,
        annotation_clip=False,
    )


def _layer(ax: Axes, row: Any, tint: str) -> None:
    """Draw a layer as a wide rounded box with its name in the upper left corner."""
    ax.add_patch(
        FancyBboxPatch(
            (row.x - 0.97, row.y - _LAYER_HALF_HEIGHT),
            1.94,
            2 * _LAYER_HALF_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.04",
            mutation_aspect=2.0,
            facecolor=tint,
            edgecolor="none",
        )
    )
    ax.text(row.x - 0.92, row.y + 0.25, row.label, va="center", fontsize=13, fontweight="bold")


def _chip(ax: Axes, row: Any) -> None:
    """Draw an element as a small white box."""
    ax.text(row.x, row.y - 0.15, row.label, ha="center", va="center", fontsize=10.5, bbox=_box())
