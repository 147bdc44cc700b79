"""World maps of a value by country, in an equal-area projection."""

from __future__ import annotations

from typing import Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from caraml_analysis import countries
from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.sources.world_outline import Country, load_world_outline
from caraml_analysis.tables import require_columns

Scale = Literal["log", "linear"]

#: Countries with a value that would cover less than this (on a sphere of radius 1) also get a dot.
_SMALL = 0.0002
#: Points nearer than this draw the same line (a less than half a point on a map ten inches wide).
_SPOT = 0.003
_NO_VALUE = "#f4f4f2"
_BORDER = "#a6a6a6"


def equal_earth(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project degrees to the plane with the Equal Earth projection.

    Parameters
    ----------
    longitude, latitude : ndarray
        Degrees, -180 to 180 and -90 to 90.

    Returns
    -------
    x, y : ndarray
        Coordinates on a sphere of radius 1; areas are true everywhere.

    Notes
    -----
    Šavrič, Patterson, Jenny (2018), "The Equal Earth map projection", with its four coefficients.
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(latitude)))
    square = theta**2
    sixth = square**3
    y = theta * (a1 + a2 * square + sixth * (a3 + a4 * square))
    slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    x = 2 * np.sqrt(3) * np.radians(longitude) * np.cos(theta) / (3 * slope)
    return x, y


def plot_world(
    table: pd.DataFrame,
    value: str,
    *,
    by: str = "iso3",
    scale: Scale = "log",
    label: str | None = None,
    empty: str = "none",
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a world map of one value per country.

    Parameters
    ----------
    table : DataFrame
        One row per country.
    value : str
        Column with the values, >= 0. Missing values, and zeros on a log scale, are drawn like
        countries without a row: white, so that nothing cannot be taken for little.
    by : str
        Column with alpha-3 codes.
    scale : {"log", "linear"}
        Scale of the colours.
    label : str, optional
        Text of the colour bar, with the unit; the column's name by default.
    empty : str
        What it means to have no value, for the legend.
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
        If a column is missing, a country has two rows, or no value can be drawn.
    CountryError
        If a code is not known.
    UnitError
        If a value is negative.

    Notes
    -----
    Equal Earth projection; Natural Earth outlines with borders as held on the ground. Countries
    too small to see (Singapore, Hong Kong, Luxembourg) get a dot in their colour.
    """
    values = _values_by_country(table, value, by, scale)
    with style.style():
        ax = style.axes_or_new(ax, 10, 5.4)
        norm = _norm(values, scale)
        colours = _colours()
        outline = load_world_outline()
        _draw_frame(ax)
        _draw_countries(ax, outline, values, norm, colours)
        _draw_small(ax, outline, values, norm, colours)
        ax.set_aspect("equal")
        ax.set_axis_off()
        x, y = equal_earth(np.array([180.0, 0.0, 0.0]), np.array([0.0, 83.6, -57.0]))
        ax.set_xlim(-x[0] * 1.01, x[0] * 1.01)
        ax.set_ylim(y[2], y[1] * 1.02)
        bar = _draw_legend(ax, norm, colours, label or value, empty)
        style.describe(ax, bar, title=title, note=note)
    return ax


def _values_by_country(table: pd.DataFrame, value: str, by: str, scale: Scale) -> dict[str, float]:
    if scale not in ("log", "linear"):
        raise TableError(f"no scale {scale!r}; there are 'log' and 'linear'.")
    require_columns(table, [by, value], "map")
    rows = table[[by, value]].dropna()
    codes = rows[by].map(countries.to_alpha3)
    if codes.duplicated().any():
        twice = codes[codes.duplicated()].iloc[0]
        raise TableError(f"map: {twice} has more than one row. Sum or choose before plotting.")
    numbers = rows[value].astype(float)
    if (numbers < 0).any():
        raise UnitError(f"map: {value} is negative for {codes[numbers.idxmin()]}; it must be >= 0.")
    drawn = numbers > 0 if scale == "log" else numbers >= 0
    if not drawn.any():
        raise TableError(f"map: column {value!r} holds no value that can be drawn.")
    return dict(zip(codes[drawn], numbers[drawn], strict=True))


def _norm(values: dict[str, float], scale: Scale) -> Normalize:
    low, high = min(values.values()), max(values.values())
    if scale == "linear":
        return Normalize(0, high or 1)
    # whole decades, so that the ends of the colour bar are round numbers
    low = 10 ** np.floor(np.log10(low))
    return LogNorm(low, max(10 ** np.ceil(np.log10(high)), low * 10))


def _colours() -> Colormap:
    # without the lightest fifth: the smallest value must differ from no value
    full = mpl.colormaps["YlGnBu"]
    return mpl.colors.LinearSegmentedColormap.from_list(
        "value", full(np.linspace(0.22, 1.0, 256)), N=256
    )


def _path(country: Country) -> Path:
    rings = [ring for polygon in country.polygons for ring in polygon]
    return Path.make_compound_path(*(Path(_on_map(ring), closed=True) for ring in rings))


def _on_map(ring: np.ndarray) -> np.ndarray:
    """Return a projected ring without the points that fall on the same spot of the map."""
    points = np.column_stack(equal_earth(ring[:, 0], ring[:, 1]))
    spots = np.round(points / _SPOT)
    new = np.any(spots[1:] != spots[:-1], axis=1)
    kept = points[np.append(True, new)]
    return kept if len(kept) >= 4 else points


def _draw_countries(
    ax: Axes,
    outline: tuple[Country, ...],
    values: dict[str, float],
    norm: Normalize,
    colours: Colormap,
) -> None:
    paths = [_path(country) for country in outline]
    faces = [
        colours(norm(values[country.iso3])) if country.iso3 in values else _NO_VALUE
        for country in outline
    ]
    ax.add_collection(
        PathCollection(paths, facecolors=faces, edgecolors=_BORDER, linewidths=0.35), autolim=False
    )


def _draw_small(
    ax: Axes,
    outline: tuple[Country, ...],
    values: dict[str, float],
    norm: Normalize,
    colours: Colormap,
) -> None:
    """Draw a dot on every country with a value that is too small to see."""
    for country in outline:
        if country.iso3 not in values:
            continue
        projected = [np.column_stack(equal_earth(*polygon[0].T)) for polygon in country.polygons]
        areas = [_area(ring) for ring in projected]
        if sum(areas) >= _SMALL:
            continue
        x, y = projected[int(np.argmax(areas))].mean(axis=0)
        ax.scatter(
            x,
            y,
            s=26,
            color=[colours(norm(values[country.iso3]))],
            edgecolor=style.INK,
            linewidth=0.6,
            zorder=3,
        )


def _area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def _draw_frame(ax: Axes) -> None:
    """Draw the ocean: the edge of the map from 57° S to 84° N."""
    latitudes = np.linspace(-57, 83.6, 100)
    east = equal_earth(np.full(100, 180.0), latitudes)
    west = equal_earth(np.full(100, -180.0), latitudes[::-1])
    ax.fill(
        np.append(east[0], west[0]), np.append(east[1], west[1]), color="#e6eef3", lw=0, zorder=-2
    )


def _draw_legend(
    ax: Axes, norm: Normalize, colours: Colormap, label: str, empty_label: str
) -> Axes:
    """Draw the colour bar and the key of no value; return the axes of the bar."""
    mappable = mpl.cm.ScalarMappable(norm=norm, cmap=colours)
    bar = ax.figure.colorbar(
        mappable,
        ax=ax,
        orientation="horizontal",
        shrink=0.5,
        aspect=40,
        pad=0.03,
        anchor=(0.35, 1.0),
    )
    bar.outline.set_visible(False)
    bar.set_label(label, fontsize=9)
    bar.ax.tick_params(labelsize=8.5, length=3)
    bar.ax.minorticks_off()
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.10g}"))
    empty = mpl.patches.Patch(facecolor=_NO_VALUE, edgecolor=_BORDER, linewidth=0.6)
    ax.legend(
        [empty], [empty_label], loc="upper left", bbox_to_anchor=(0.75, -0.02), handlelength=1.2
    )
    return bar.ax
