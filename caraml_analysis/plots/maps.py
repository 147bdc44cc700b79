"""World maps of a value by country, in an equal-area projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, LogNorm, Normalize, is_color_like, to_rgba
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from caraml_analysis import countries, registry
from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.sources.world_outline import Country, load_world_outline
from caraml_analysis.tables import require_columns, with_numbers

Scale = Literal["log", "linear", "categories"]
_SCALES = ("log", "linear", "categories")

#: Countries with a value that would cover less than this (on a sphere of radius 1) also get a dot.
_SMALL = 0.0002
#: Points nearer than this draw the same line (a less than half a point on a map ten inches wide).
_SPOT = 0.003
_NO_VALUE = "#f4f4f2"
#: Not known: a grey that no scale and no category has, hatched where there is room for it.
_UNKNOWN, _HATCHES = "#b8b8b8", "#5f5f5f"
_BORDER = "#a6a6a6"
#: Said below every map, once and here.
BORDERS = "Borders are those of the Natural Earth outline and state no position."
#: Colours of categories in order, told apart with colour-blindness (Okabe and Ito, without black).
_CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")


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
    empty: str | None = "none",
    missing: str = "no data",
    colours: Mapping[str, str] | None = None,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a world map of one value, or one category, per country.

    Parameters
    ----------
    table : DataFrame
        One row per country. Countries without a row are drawn white, and so are zeros on a log
        scale: nothing, which cannot be taken for little. Countries whose value is missing are
        grey and hatched: not known, which cannot be taken for nothing.
    value : str
        Column with the values, >= 0, or with the names of categories.
    by : str
        Column with alpha-3 codes.
    scale : {"log", "linear", "categories"}
        Scale of the colours; ``categories`` for words.
    label : str, optional
        Text of the colour bar, with the unit, or heading of the key of categories; the column's
        name by default.
    empty : str or None
        What white means, for the legend. None: a country without a row is not known either, and
        there is no white; a zero on a log scale is then an error.
    missing : str
        What grey and hatched means, for the legend; it shows it only where there is any.
    colours : mapping of str to str, optional
        Colour of each category, in the order of the key. By default up to seven categories in
        the order of the table.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
        What borders mean (``BORDERS``) is added to the note by itself. In a figure with other axes
        this happens only with a note, since there may be no room: then say it yourself.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TableError
        If a column is missing, a country has two rows, no value can be drawn, a value on a scale
        of numbers is text or infinite, a zero on a log scale has no word, a category has no colour,
        a colour is none, or there are more categories than colours.
    CountryError
        If a code is not known.
    UnitError
        If a value is negative.

    Notes
    -----
    Equal Earth projection; Natural Earth outlines with borders as held on the ground. Countries
    too small to see (Singapore, Hong Kong, Luxembourg) get a dot in their colour, or a grey square
    where the table has a row and no value.
    """
    rows, unknown = _rows_by_country(table, value, by, scale, empty)
    with style.style():
        ax = style.axes_or_new(ax, 10, 5.4)
        figure = ax.get_figure(root=True)
        if note or figure is None or figure.axes == [ax]:
            note = f"{note} {BORDERS}" if note else BORDERS
        if scale == "categories":
            palette = _palette(rows, value, colours)
            faces = {code: to_rgba(palette[name]) for code, name in rows.items()}
        else:
            norm, cmap = _norm(rows, scale), _colours()
            faces = {code: cmap(norm(number)) for code, number in rows.items()}
        _draw_frame(ax)
        # nothing is white if white means nothing: not land without a code of its own either
        absent = {shape.iso3 for shape in _shapes()}.difference(rows) if empty is None else set()
        _draw_countries(ax, faces, unknown | absent)
        _draw_small(ax, faces, unknown)
        ax.set_aspect("equal")
        ax.set_axis_off()
        x, y = equal_earth(np.array([180.0, 0.0, 0.0]), np.array([0.0, 83.6, -57.0]))
        ax.set_xlim(-x[0] * 1.01, x[0] * 1.01)
        ax.set_ylim(y[2], y[1] * 1.02)
        keys = {}
        if empty is not None:
            keys[empty] = Patch(facecolor=_NO_VALUE, edgecolor=_BORDER, linewidth=0.6)
        if unknown | absent:
            with mpl.rc_context({"hatch.color": _HATCHES}):
                keys[missing] = Patch(
                    facecolor=_UNKNOWN, edgecolor=_BORDER, linewidth=0.6, hatch=style.HATCH
                )
        if scale == "categories":
            _draw_categories(ax, palette, keys, label or value)
            style.describe(ax, title=title, note=note)
        else:
            bar = _draw_bar(ax, norm, cmap, keys, label or value)
            style.describe(ax, bar, title=title, note=note)
    return ax


def _rows_by_country(
    table: pd.DataFrame, value: str, by: str, scale: Scale, empty: str | None
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what to draw by country, and the countries whose value is missing."""
    if scale not in _SCALES:
        raise TableError(f"no scale {scale!r}; there are 'log', 'linear' and 'categories'.")
    require_columns(table, [by, value], "map")
    rows = table[[by, value]].dropna(subset=by)
    codes = rows[by].map(countries.to_alpha3)
    if codes.duplicated().any():
        twice = codes[codes.duplicated()].iloc[0]
        raise TableError(f"map: {twice} has more than one row. Sum or choose before plotting.")
    known = rows[value].notna()
    unknown = frozenset(codes[~known])
    values, codes = rows.loc[known, value], codes[known]
    if scale == "categories":
        drawn = pd.Series(True, index=values.index)
        values = values.astype(str)
    else:
        values = _amounts(values, codes, value)
        drawn = values > 0 if scale == "log" else values >= 0
    if not drawn.any():
        raise TableError(f"map: column {value!r} holds no value that can be drawn.")
    if empty is None and not drawn.all():
        raise TableError(
            f"map: {value} of {codes[~drawn].iloc[0]} is 0, which a log scale has no colour for. "
            "Say with `empty` what white means, or leave the row out."
        )
    return dict(zip(codes[drawn], values[drawn], strict=True)), unknown


def _amounts(values: pd.Series, codes: pd.Series, name: str) -> pd.Series:
    """Return the values as numbers that a scale can show."""
    table = pd.DataFrame({"iso3": codes, name: values})
    try:
        numbers = with_numbers(table, [name], "map", minimum=None)[name].astype(float)
    except TableError as error:
        words = "" if pd.api.types.is_numeric_dtype(values) else " Words need scale='categories'."
        raise TableError(f"{error}{words}") from None
    negative = (numbers < 0).to_numpy()
    if negative.any():
        raise UnitError(
            f"map: {name} is negative for {codes.iloc[int(negative.argmax())]}; it must be >= 0."
        )
    return numbers


def _palette(
    rows: Mapping[str, str], value: str, colours: Mapping[str, str] | None
) -> Mapping[str, str]:
    names = list(dict.fromkeys(rows.values()))
    if colours is not None:
        none = [name for name, colour in colours.items() if not is_color_like(colour)]
        if none:
            raise TableError(
                f"map: {colours[none[0]]!r}, given for {none[0]!r}, is no colour. Use a name of "
                "matplotlib such as 'tab:blue', or '#0072b2'."
            )
        without = [name for name in names if name not in colours]
        if without:
            raise TableError(
                f"map: category {without[0]!r} of {value!r} has no colour; there are colours for "
                f"{', '.join(map(repr, colours))}."
            )
        return colours
    if len(names) > len(_CATEGORIES):
        raise TableError(
            f"map: {len(names)} categories in {value!r}, but only {len(_CATEGORIES)} colours that "
            "can be told apart. Join some, or give colours yourself."
        )
    return dict(zip(names, _CATEGORIES, strict=False))


def _norm(values: Mapping[str, float], scale: Scale) -> Normalize:
    low, high = min(values.values()), max(values.values())
    if scale == "linear":
        return Normalize(0, high or 1)
    # whole decades, so that the ends of the colour bar are round numbers
    low = max(10 ** np.floor(np.log10(low)), np.finfo(float).tiny)
    return LogNorm(low, max(10 ** np.ceil(np.log10(high)), low * 10))


def _colours() -> Colormap:
    # without the lightest fifth: the smallest value must differ from no value
    full = mpl.colormaps["YlGnBu"]
    return mpl.colors.LinearSegmentedColormap.from_list(
        "value", full(np.linspace(0.22, 1.0, 256)), N=256
    )


class _Shape(NamedTuple):
    """A country on the plane: outline, area, and a point inside its largest part."""

    iso3: str | None
    path: Path
    area: float
    centre: np.ndarray


@registry.remembered
def _shapes() -> tuple[_Shape, ...]:
    """Return every country as it is drawn; projecting all of them once serves all maps."""
    return tuple(_shape(country) for country in load_world_outline())


def _shape(country: Country) -> _Shape:
    outer = [np.column_stack(equal_earth(*polygon[0].T)) for polygon in country.polygons]
    areas = [_area(ring) for ring in outer]
    return _Shape(
        country.iso3, _path(country), sum(areas), outer[int(np.argmax(areas))].mean(axis=0)
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


def _draw_countries(ax: Axes, faces: Mapping[str, Any], unknown: frozenset[str | None]) -> None:
    """Draw every country in its colour or white, and those whose value is not known hatched."""
    shapes = _shapes()
    filled = [faces.get(shape.iso3 or "", _NO_VALUE) for shape in shapes]
    hatched = [shape.path for shape in shapes if shape.iso3 in unknown]
    line: dict[str, Any] = {"edgecolors": _BORDER, "linewidths": 0.35}
    paths = [shape.path for shape in shapes]
    ax.add_collection(PathCollection(paths, facecolors=filled, **line), autolim=False)
    if hatched:
        with mpl.rc_context({"hatch.color": _HATCHES}):
            hatching = PathCollection(hatched, facecolors=_UNKNOWN, hatch=style.HATCH, **line)
        ax.add_collection(hatching, autolim=False)


def _draw_small(ax: Axes, faces: Mapping[str, Any], unknown: frozenset[str]) -> None:
    """Mark the countries that are too small to see: a dot for a value, a square for not known."""
    small = [shape for shape in _shapes() if shape.area < _SMALL]
    for marker, shapes, colours in (
        ("s", [one for one in small if one.iso3 in unknown], None),
        ("o", [one for one in small if one.iso3 in faces], faces),
    ):
        if not shapes:
            continue
        x, y = np.array([shape.centre for shape in shapes]).T
        fill = [colours[shape.iso3 or ""] if colours else _UNKNOWN for shape in shapes]
        look: dict[str, Any] = {"edgecolor": style.INK, "linewidth": 0.5, "zorder": 3}
        ax.scatter(x, y, s=16, marker=marker, color=fill, **look)


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


def _draw_bar(
    ax: Axes, norm: Normalize, cmap: Colormap, keys: Mapping[str, Patch], label: str
) -> Axes:
    """Draw the colour bar and the key of no value; return the axes of the bar."""
    bar = ax.figure.colorbar(
        mpl.cm.ScalarMappable(norm=norm, cmap=cmap),
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
    ax.legend(keys.values(), keys, loc="upper left", bbox_to_anchor=(0.75, -0.02), handlelength=1.2)
    return bar.ax


def _draw_categories(
    ax: Axes, palette: Mapping[str, str], keys: Mapping[str, Patch], label: str
) -> None:
    """Draw the key of the categories and of no value below the map."""
    boxes = {
        name: Patch(facecolor=colour, edgecolor=_BORDER, linewidth=0.6)
        for name, colour in palette.items()
    } | dict(keys)
    legend = ax.legend(
        boxes.values(),
        boxes,
        title=label,
        loc="upper left",
        bbox_to_anchor=(0.1, -0.01),
        ncols=min(3, len(boxes)),
        handlelength=1.2,
        alignment="left",
    )
    legend.get_title().set_fontsize(9)
