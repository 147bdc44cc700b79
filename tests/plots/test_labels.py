"""Words beside points: inside the frame, on no other word, beyond the marker they belong to."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from caraml_analysis.plots.labels import label_points
from tests.plots.text_boxes import assert_texts_readable


@pytest.fixture
def axes():
    _, ax = plt.subplots(figsize=(4, 4))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    return ax


def test_words_of_points_in_every_corner_stay_inside(axes):
    corners = [(0.1, 0.1), (9.9, 0.1), (0.1, 9.9), (9.9, 9.9)]
    label_points(axes, [("corner", x, y) for x, y in corners], np.array(corners))
    frame = axes.bbox
    for text in axes.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
        assert frame.y0 <= box.y0 <= box.y1 <= frame.y1


def test_words_of_neighbours_do_not_overlap(axes):
    places = [(5 + across, 5 + up) for across in (0, 0.5, 1) for up in (0, 0.4)]
    label_points(axes, [("some words", x, y) for x, y in places], np.array(places))
    assert_texts_readable(axes.figure)


@pytest.mark.parametrize("radius", [2.0, 4.0, 25.0])
def test_words_begin_beyond_their_own_marker(axes, radius):
    label_points(axes, [("words", 5, 5)], np.array([[5.0, 5.0]]), radius=radius, own=[radius])
    (text,) = axes.texts
    edge = axes.transData.transform((5, 5))[0] + radius * axes.figure.dpi / 72
    gap = (text.get_window_extent().x0 - edge) * 72 / axes.figure.dpi
    assert 2 < gap < 6
    assert len(axes.lines) == 0, "near enough to need no line"
