"""Titles and notes, and files that are the same at every run."""

from __future__ import annotations

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.plots import style
from caraml_analysis.plots.diagrams import plot_awareness_quadrants
from caraml_analysis.plots.energy import plot_renewable_shares
from caraml_analysis.plots.maps import BORDERS, plot_world
from caraml_analysis.plots.pareto import plot_pareto_surface
from caraml_analysis.sources.credits import CREDITS
from caraml_analysis.sources.diagrams import load_diagram
from caraml_analysis.sources.model_runs import load_pepr
from tests.plots.text_boxes import assert_texts_readable

TITLE = "A statement that is long enough to be broken into two lines " * 2
NOTE = (
    CREDITS["top500"] + " And a reservation that needs some more room than one line of print. " * 3
)

DRAWINGS = {
    "map": lambda **words: plot_world(
        ca.load_top500("2024-11").reset_index(drop=True), "rmax_tflops", **words
    ),
    "regions": lambda **words: plot_renewable_shares(ca.load_renewable_shares(), **words),
    "diagram": lambda **words: plot_awareness_quadrants(
        load_diagram("awareness_quadrants"), **words
    ),
    "surface": lambda **words: plot_pareto_surface(load_pepr("lidc").assign(rank=1), **words),
}


#: What a drawing adds to the note by itself.
ADDED = {"map": BORDERS}


@pytest.mark.parametrize("name", DRAWINGS)
def test_title_and_note_fit_around_the_figure(name):
    figure = DRAWINGS[name](title=TITLE, note=NOTE).get_figure()
    title, note = (text.get_text() for text in figure.texts)
    wanted = f"{NOTE} {ADDED.get(name, '')}"
    assert (title.split(), note.split()) == (TITLE.split(), wanted.split())
    assert_texts_readable(figure)


def test_without_title_and_note_nothing_is_written():
    assert DRAWINGS["regions"]().get_figure().texts == []


def test_title_and_note_keep_to_the_axes_of_the_caller():
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 4), gridspec_kw={"wspace": 1})
    plot_renewable_shares(ca.load_renewable_shares(), title="Right", ax=right)
    assert figure.texts[0].get_position()[0] > left.get_position().x1


def test_the_style_ends_with_the_drawing():
    before = dict(mpl.rcParams)
    DRAWINGS["regions"]()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("ending", style.SAVE_OPTIONS)
def test_the_same_table_gives_the_same_bytes(ending):
    def saved():
        picture = io.BytesIO()
        figure = DRAWINGS["regions"](title=TITLE, note=NOTE).get_figure()
        with style.style():
            figure.savefig(picture, format=ending, **style.SAVE_OPTIONS[ending])
        return picture.getvalue()

    assert saved() == saved()


def test_every_income_group_has_a_colour_and_a_label():
    groups = {"high", "upper_middle", "lower_middle", "low", "unclassified", "unknown"}
    assert set(style.INCOME_COLOURS) == set(style.INCOME_LABELS) == groups


@pytest.mark.parametrize(
    ("source", "credits"),
    {
        "population": ("inequality", "penalty", "sensitivity", "clean"),
        "electricity_per_head": ("penalty", "sensitivity", "clean"),
        "electricity_access": ("clean",),
        "grid_intensity": ("emissions",),
        "irena_regions": ("irena", "sensitivity", "clean"),
    }.items(),
)
def test_credits_name_the_editions_of_the_data(source, credits):
    edition = registry.card(f"reference/{source}.csv").edition.split(" (")[0]
    for name in credits:
        assert f"edition {edition}" in CREDITS[name], name
