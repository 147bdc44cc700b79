"""Are all texts of a figure readable: none cut off, none on top of another?

The figure is saved as the package saves it, and every text is measured while it is drawn, where it
is drawn: ticks that are not shown do not count, and texts in three dimensions stand where the view
puts them.
"""

from __future__ import annotations

import io
import itertools
import struct
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from caraml_analysis.plots import style

#: Pixels by which a text may leave the canvas: rounding of the saved size.
_ROUNDING = 1.0
#: Part of its box that the letters of a text really need; the rest is the space between lines.
_FILLED = 0.9


@dataclass(frozen=True)
class TextBox:
    """A drawn text and the corners of its (possibly turned) box, in pixels of the canvas."""

    text: str
    corners: np.ndarray

    @property
    def path(self) -> Path:
        """The outline of the box."""
        return Path(np.vstack([self.corners, self.corners[:1]]), closed=True)


def _measured(artist: Text, renderer) -> TextBox:
    """Return the turned box: centre of the upright extent, size as if the text were level."""
    angle = artist.get_rotation()
    upright = artist.get_window_extent(renderer)
    centre = np.array([upright.x0 + upright.x1, upright.y0 + upright.y1]) / 2
    artist.set_rotation(0)
    level = artist.get_window_extent(renderer)
    artist.set_rotation(angle)
    half = np.array([level.width, level.height]) / 2 * _FILLED
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    return TextBox(artist.get_text(), Affine2D().rotate_deg(angle).transform(corners) + centre)


def drawn_text_boxes(figure: Figure) -> tuple[list[TextBox], tuple[int, int]]:
    """Return the box of every text in the saved picture, and the picture's size in pixels."""
    boxes: list[TextBox] = []
    draw_figure, draw_text = Figure.draw, Text.draw

    def start_again(self, renderer):
        boxes.clear()  # a figure is drawn more than once to find its tight size: the last counts
        return draw_figure(self, renderer)

    def measure(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            boxes.append(_measured(self, renderer))
        return draw_text(self, renderer, *args, **kwargs)

    picture = io.BytesIO()
    with (
        style.style(),
        patch.object(Figure, "draw", start_again),
        patch.object(Text, "draw", measure),
    ):
        figure.savefig(picture, format="png", **style.SAVE_OPTIONS["png"])
    return boxes, struct.unpack(">II", picture.getvalue()[16:24])


def cut_texts(boxes: list[TextBox], size: tuple[int, int]) -> list[str]:
    """Return the texts that are not wholly inside the picture."""
    return [
        box.text
        for box in boxes
        if (box.corners < -_ROUNDING).any() or (box.corners > np.add(size, _ROUNDING)).any()
    ]


def overlapping_texts(boxes: list[TextBox]) -> list[tuple[str, str]]:
    """Return the pairs of texts whose boxes overlap."""
    return [
        (one.text, other.text)
        for one, other in itertools.combinations(boxes, 2)
        if one.path.intersects_path(other.path, filled=True)
    ]


def assert_texts_readable(figure: Figure) -> None:
    """Fail if a text of the figure is cut off or overlaps another, and name it."""
    boxes, size = drawn_text_boxes(figure)
    assert boxes, "the figure has no text"
    assert cut_texts(boxes, size) == []
    assert overlapping_texts(boxes) == []
