"""Words beside points of a figure, where they cover least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from caraml_analysis.plots import style

#: So that words can be read on lines and points.
HALO = [withStroke(linewidth=2.5, foreground="white")]
#: Radius of an ordinary marker, in points.
_MARKER = 4.0
_Place: TypeAlias = tuple[tuple[float, float], str, str]

#: Where a label may stand beside its point: offset in points, and the sides of the text there.
_NEAR: tuple[_Place, ...] = (
    ((8, -1), "left", "center"),
    ((-8, -1), "right", "center"),
    ((0, 8), "center", "bottom"),
    ((0, -8), "center", "top"),
    ((-6, 6), "right", "bottom"),
    ((6, 6), "left", "bottom"),
    ((-6, -6), "right", "top"),
    ((6, -6), "left", "top"),
)
#: Further away, with a line to the point.
_AWAY: tuple[_Place, ...] = tuple(
    ((across * reach, upward * reach), side, "bottom" if upward > 0 else "top")
    for reach in (16, 28, 40)
    for across, side in ((-0.5, "right"), (0.5, "left"))
    for upward in (1, -1)
)


def label_points(
    axes: Axes,
    labels: Sequence[tuple[str, Any, float]],
    obstacles: np.ndarray,
    *,
    radius: float | np.ndarray = 4.0,
    own: Sequence[float] | None = None,
) -> None:
    """Write words beside points, each where it covers least: no point, label, legend or edge.

    Parameters
    ----------
    axes : Axes
        Their limits and legend are final.
    labels : sequence of (str, x, y)
        Words and their points, in the units of the axes; the first ones choose first.
    obstacles : ndarray, shape (n, 2)
        Points that should not be covered, in the units of the axes.
    radius : float or ndarray, shape (n,)
        Of the obstacles, in points.
    own : sequence of float, optional
        Radius of the marker of each label's point, in points; that of an ordinary marker by
        default.
    """
    figure = axes.get_figure(root=True)
    if not labels or figure is None:
        return
    taken = []
    if (legend := axes.get_legend()) is not None:
        figure.draw_without_rendering()  # only then has the legend a place
        taken = [legend.get_window_extent()]
    axes.autoscale_view()  # limits that nobody set are worked out only when drawn
    centres = axes.transData.transform(obstacles)
    reach = np.broadcast_to(radius, len(centres)) * figure.dpi / 72
    points = [Bbox([c - r, c + r]) for c, r in zip(centres, reach, strict=True)]
    room = axes.bbox
    own = [_MARKER] * len(labels) if own is None else own
    for (words, x, y), wide in zip(labels, own, strict=True):
        places = {_beyond(place, wide): place for place in (*_NEAR, *_AWAY)}
        text = axes.annotate(
            words, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=8,
            path_effects=HALO,
        )  # fmt: skip
        cost = {}
        for place in places:
            box = _moved(text, place)
            inside = np.all(box.min >= room.min) and np.all(box.max <= room.max)
            # words on words cannot be read at all
            cost[place] = box.count_overlaps(points) + 100 * box.count_overlaps(taken)
            cost[place] += 0 if inside else 1000
        best = min(cost, key=lambda place: cost[place])  # the first of the best
        taken.append(_moved(text, best))
        if places[best] in _AWAY:
            point = axes.transData.transform((x, y))
            end = axes.transData.inverted().transform(np.clip(point, taken[-1].min, taken[-1].max))
            axes.add_artist(Line2D([x, end[0]], [y, end[1]], color=style.QUIET, lw=0.6, zorder=1.5))


def _beyond(place: _Place, wide: float) -> _Place:
    """Return the same place for a marker of this radius in points."""
    (right, up), across, upward = place
    more = wide - _MARKER
    if "center" not in (across, upward):
        more *= np.sqrt(0.5)  # aslant, so much to the side and so much up
    right += more * {"left": 1, "right": -1, "center": 0}[across]
    up += more * {"bottom": 1, "top": -1, "center": 0}[upward]
    return (right, up), across, upward


def _moved(text: Annotation, place: _Place) -> Bbox:
    """Move a label beside its point and return the box that its words take there, in pixels."""
    offset, across, upward = place
    text.xyann = offset
    text.set(ha=across, va=upward)
    return text.get_window_extent()
