"""One look for all figures: colours, fonts, sizes, and how they are written to files.

Colours are told apart by people with colour-blindness and, by their lightness, in greyscale print.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

INK = "#222222"
QUIET = "#666666"
FAINT = "#d9d9d9"

#: Dark to light with income, so that the order survives greyscale; unknown is not a group.
INCOME_COLOURS = {
    "high": "#1f4e79",
    "upper_middle": "#2a9d8f",
    "lower_middle": "#e9a03b",
    "low": "#f6dc8a",
    "unclassified": "#b9a7c9",
    "unknown": "#f2f2f2",
}
INCOME_LABELS = {
    "high": "High income",
    "upper_middle": "Upper middle income",
    "lower_middle": "Lower middle income",
    "low": "Low income",
    "unclassified": "Not classified",
    "unknown": "Unknown",
}
RENEWABLE = "#2a9d8f"
NON_RENEWABLE = "#dcdcdc"
ACCENT = "#c8553d"
HATCH = "////"

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "font.size": 10,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "hatch.color": "#9a9a9a",
    "hatch.linewidth": 0.6,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "svg.hashsalt": "caraml_analysis",  # otherwise element ids differ between runs
    "text.color": INK,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
}

#: Options of ``savefig`` by ending, without anything that changes from run to run.
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "svg": {"bbox_inches": "tight", "pad_inches": 0.15, "metadata": {"Date": None}},
    "png": {
        "bbox_inches": "tight",
        "pad_inches": 0.15,
        "dpi": 200,
        "metadata": {"Software": None},
    },
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of this package inside the block."""
    with mpl.rc_context(_STYLE):
        yield


def axes_or_new(ax: Axes | None, width: float, height: float, **options: Any) -> Axes:
    """Return `ax`, or the axes of a new figure of this size in inches."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=(width, height), **options)
    return new


def describe(*axes: Axes, title: str | None, note: str | None) -> None:
    """Write a title above everything that is drawn in the axes, and a note below, wrapped to fit.

    Parameters
    ----------
    *axes : Axes
        The axes that belong together, of one figure.
    title, note : str or None
        Nothing is written for None.
    """
    figure = axes[0].get_figure(root=True)
    if figure is None or not (title or note):
        return
    figure.draw_without_rendering()  # only then do texts and legends have a place
    boxes = [box for ax in axes if (box := ax.get_tightbbox()) is not None]
    drawn = Bbox.union(boxes)
    points = 72 / figure.dpi
    for text, size, letter, weight, height, upright in (
        (title, 13, 0.68, "bold", drawn.y1 + 12 / points, "bottom"),
        (note, 8, 0.56, "normal", drawn.y0 - 12 / points, "top"),
    ):
        if text:
            figure.text(
                drawn.x0 / figure.bbox.width,
                height / figure.bbox.height,
                # letters are about this wide, in parts of their height
                fill(text, int(drawn.width * points / (letter * size))),
                ha="left",
                va=upright,
                fontsize=size,
                fontweight=weight,
                color=INK if weight == "bold" else QUIET,
                linespacing=1.35,
            )
