"""The compute divide over time: income groups, inequality, and authorship beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from caraml_analysis import tables
from caraml_analysis.errors import TableError
from caraml_analysis.plots import style

_GROUPS = (*tables.INCOME_GROUPS, tables.UNCLASSIFIED)
_MEASURES = {"rmax": "Rmax", "systems": "systems", "power": "known power"}
_GINIS = ["gini_countries_low", "gini_countries", "gini_people_low", "gini_people", "gini_hosts"]
_CLASSES = {"then": "in the class of that time", "now": "in today's class"}
MARKERS = {"high": "o", "upper_middle": "s", "lower_middle": "^", "low": "D", "unclassified": "v"}


def years_of(editions: pd.Series) -> pd.Series:
    """Return the time of lists named YYYY-MM as years with a fraction."""
    return editions.str[:4].astype(int) + (editions.str[5:].astype(int) - 1) / 12


def span(editions: pd.Series) -> tuple[float, float]:
    """Return where an axis of lists begins and ends: with the first, a month after the last."""
    time = years_of(editions)
    return time.min() - 1 / 60, time.max() + 1 / 12


def checked_axes(ax: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return `ax` if it has this shape; raise a TableError otherwise."""
    if np.shape(ax) != shape:
        raise TableError(f"ax has shape {np.shape(ax)} instead of {shape}.")
    return ax


def strip_beside_scale(ax: Axes, least: float, most: float) -> float:
    """Give an axis a log scale and a grey strip beside it for what is at most `least`, and none.

    Parameters
    ----------
    ax : Axes
        Its horizontal axis gets the scale.
    least, most : float
        Where the scale begins and ends, above 0.

    Returns
    -------
    float
        Where the values belong that are at most `least`: the middle of the strip.
    """
    step = (most / least) ** 0.045
    ax.set_xscale("log")
    ax.set_xlim(least / step**3, most)
    ax.axvspan(least / step**3, least / step, color="#ececec", lw=0, zorder=0)
    return least / step**2


def plot_compute_history(
    history: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw each income group's share of every list, China's part hatched.

    Parameters
    ----------
    history : DataFrame
        ``classes`` (``then``: the class in force, ``now``: today's for all lists), ``edition``,
        ``income_group``, ``rmax_share``, ``systems_share``, ``power_share`` (0 to 1; missing where
        no power is known) and ``china_`` with each of these names.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (3, 2), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (3, 2)
        Rows: Rmax, systems, known power. Columns: class of that time, today's class.

    Raises
    ------
    TableError
        If a column is missing or `ax` has another shape.
    """
    shares = [f"{measure}_share" for measure in _MEASURES]
    columns = ["classes", "edition", "income_group", *shares, *(f"china_{s}" for s in shares)]
    tables.require_columns(history, columns, "compute history")
    with style.style():
        if ax is None:
            _, ax = plt.subplots(3, 2, figsize=(10, 8.2), sharex=True, sharey=True)
            ax[0, 0].figure.subplots_adjust(hspace=0.16, wspace=0.06)
        checked_axes(ax, (3, 2))
        for column, (classes, words) in enumerate(_CLASSES.items()):
            rows = history[history["classes"] == classes]
            for row, measure in enumerate(_MEASURES):
                _draw_stack(ax[row, column], rows, f"{measure}_share")
            ax[0, column].set_title(f"Countries {words}", fontsize=11)
            ax[2, column].set_xlabel("Top500 list")
        for row, words in enumerate(_MEASURES.values()):
            ax[row, 0].set_ylabel(f"Share of {words}, percent")
        keys = [
            Patch(
                facecolor=style.INCOME_COLOURS[group],
                edgecolor=style.QUIET,
                linewidth=0.4,
                label=style.INCOME_LABELS[group],
            )
            for group in _GROUPS
        ]
        keys.append(
            Patch(facecolor="white", edgecolor=style.QUIET, hatch="//", label="China's part")
        )
        ax[2, 0].legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(0, -0.28),
            ncols=6,
            columnspacing=1.2,
            handlelength=1.2,
        )
        style.describe(*ax.flat, title=title, note=note)
    return ax


def _draw_stack(ax: Axes, rows: pd.DataFrame, column: str) -> None:
    """Draw the groups on top of each other, poorest at the bottom, and China's part in hatches."""
    wide = rows.pivot(index="edition", columns="income_group", values=column).dropna(how="all")
    china = rows.pivot(index="edition", columns="income_group", values=f"china_{column}")
    time = years_of(wide.index.to_series())
    if wide.index[0] > (first := rows["edition"].min()):
        middle = (time.iloc[0] + years_of(pd.Series([first])).iloc[0]) / 2
        words = f"not published\nbefore {wide.index[0]}"
        ax.text(middle, 50, words, ha="center", va="center", color=style.QUIET, fontsize=9)
    floor = np.zeros(len(wide))
    for group in reversed(_GROUPS):
        top = floor + 100 * wide[group].to_numpy()
        ax.fill_between(time, floor, top, color=style.INCOME_COLOURS[group], lw=0)
        own = floor + 100 * china.loc[wide.index, group].to_numpy()
        inside = own > floor
        if inside.any():
            with mpl.rc_context({"hatch.color": "white", "hatch.linewidth": 0.8}):
                ax.fill_between(
                    time, floor, own, where=inside, facecolor="none", hatch="//", linewidth=0
                )
        floor = top
    ax.set_ylim(0, 100)
    ax.set_xlim(*span(rows["edition"]))
    ax.tick_params(labelsize=9)


def plot_inequality(
    curves: Mapping[str, pd.DataFrame],
    inequality: pd.DataFrame,
    without: pd.DataFrame,
    *,
    edition: str | None = None,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw how unequal listed compute is: Lorenz curves, Gini, holders, people without.

    Parameters
    ----------
    curves : mapping of str to DataFrame
        Lorenz curves (``holders``, ``amount``) by what they are called in the key.
    inequality : DataFrame
        Result of :func:`caraml_analysis.inequality_by_edition`.
    without : DataFrame
        Result of :func:`caraml_analysis.people_without_system`.
    edition : str, optional
        The list of the Lorenz curves, for their title.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (2, 2), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (2, 2)

    Raises
    ------
    TableError
        If a column is missing or `ax` has another shape.
    """
    parts = [f"holders_{part}" for part in (50, 90, 99)]
    tables.require_columns(inequality, ["edition", "hosts", *_GINIS, *parts], "inequality")
    tables.require_columns(without, ["edition", "income_group", "share_without"], "without system")
    with style.style():
        if ax is None:
            _, ax = plt.subplots(2, 2, figsize=(10, 8.4))
            ax[0, 0].figure.subplots_adjust(hspace=0.36, wspace=0.24)
        checked_axes(ax, (2, 2))
        _draw_curves(ax[0, 0], curves)
        of_list = f", list {edition}" if edition else ""
        ax[0, 0].set_title(f"Lorenz curves of Rmax{of_list}", fontsize=11)
        _draw_ginis(ax[0, 1], inequality)
        _draw_holders(ax[1, 0], inequality)
        _draw_without(ax[1, 1], without)
        for one in ax.flat:
            one.grid(True)
            one.tick_params(labelsize=9)
        style.describe(*ax.flat, title=title, note=note)
    return ax


#: Colours of lines that are no income groups.
_LINES = (style.INK, style.ACCENT, "#3b7ea1", "#8a6fae")
_DASHES = ("-", "--", "-.", ":")


def _draw_curves(ax: Axes, curves: Mapping[str, pd.DataFrame]) -> None:
    ax.plot([0, 100], [0, 100], color=style.QUIET, lw=0.8, label="equal shares")
    for (name, curve), colour, dash in zip(curves.items(), _LINES, _DASHES, strict=False):
        tables.require_columns(curve, ["holders", "amount"], f"Lorenz curve {name!r}")
        ax.plot(
            100 * curve["holders"], 100 * curve["amount"], dash, color=colour, lw=1.7, label=name
        )
    ax.set(xlim=(0, 100), ylim=(0, 100), xlabel="Countries or people, least compute first, percent")
    ax.set_ylabel("Share of Rmax, percent")
    ax.legend(loc="upper left", handlelength=2.4)


def _draw_ginis(ax: Axes, rows: pd.DataFrame) -> None:
    time = years_of(rows["edition"])
    for place, (name, words) in enumerate(
        {"countries": "all countries alike", "people": "weighted by people"}.items()
    ):
        colour = _LINES[place]
        ax.fill_between(
            time, rows[f"gini_{name}_low"], rows[f"gini_{name}"], color=colour, alpha=0.18, lw=0
        )
        ax.plot(time, rows[f"gini_{name}"], _DASHES[place], color=colour, lw=1.6, label=words)
    ax.plot(time, rows["gini_hosts"], _DASHES[2], color=_LINES[2], lw=1.6, label="hosts only")
    # all of every line is seen, whatever the lists
    floor = min(0.6, np.floor(10 * rows[_GINIS].min(axis=None)) / 10)
    ax.set(ylim=(floor, 1), xlim=span(rows["edition"]), xlabel="Top500 list")
    ax.set_ylabel(f"Gini coefficient (axis from {floor:g})")
    ax.set_title("Gini coefficient of Rmax", fontsize=11)
    ax.legend(loc="lower left", ncols=1, handlelength=2.4)


def _draw_holders(ax: Axes, rows: pd.DataFrame) -> None:
    time = years_of(rows["edition"])
    ax.plot(time, rows["hosts"], "-", color=style.QUIET, lw=1, label="any listed system")
    for part, colour, dash in zip((99, 90, 50), _LINES, _DASHES, strict=False):
        ax.step(
            time,
            rows[f"holders_{part}"],
            dash,
            color=colour,
            lw=1.6,
            where="post",
            label=f"{part} % of Rmax",
        )
    top = rows["hosts"].max()
    ax.set(ylim=(0, 1.42 * top), xlim=span(rows["edition"]), xlabel="Top500 list")
    ax.set_ylabel("Countries")
    ax.set_title("How many countries hold", fontsize=11)
    ax.legend(loc="upper left", ncols=2, handlelength=2.4)


def _draw_without(ax: Axes, without: pd.DataFrame) -> None:
    for group in tables.INCOME_GROUPS:
        rows = without[without["income_group"] == group].sort_values("edition")
        ax.plot(
            years_of(rows["edition"]),
            100 * rows["share_without"],
            color=style.INCOME_COLOURS[group],
            lw=1.6,
            marker=MARKERS[group],
            markevery=8,
            clip_on=False,  # the first and the last marker stand on the edges
            markersize=5,
            markeredgewidth=0.5,
            markeredgecolor=style.INK,
            label=style.INCOME_LABELS[group],
        )
    ax.set(ylim=(0, 142), xlim=span(without["edition"]), xlabel="Top500 list")
    ax.set_yticks(range(0, 101, 20))
    ax.set_ylabel("Share of the group's people, percent")
    ax.set_title("People in countries without a listed system", fontsize=11)
    ax.legend(loc="upper left", ncols=2, handlelength=1.6, columnspacing=1, fontsize=8.5)


def plot_authorship_and_compute(
    groups: pd.DataFrame,
    nations: pd.DataFrame,
    *,
    year: int | None = None,
    followed: Sequence[str] = ("USA", "CHN", "JPN", "GBR"),
    number: int = 14,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the share of entries beside the share of Rmax, by group and country.

    Parameters
    ----------
    groups : DataFrame
        Result of :func:`caraml_analysis.authorship_beside_compute` by income group.
    nations : DataFrame
        The same by country: ``year``, ``iso3``, ``country``, ``entries_share``, ``rmax_share``.
    year : int, optional
        Year of the comparison of countries; the newest by default.
    followed : sequence of str
        Alpha-3 codes of at most four countries to follow over time.
    number : int
        How many countries to compare, those with the largest of the two shares.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (3,), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (3,)
        Income groups over time, countries over time, countries in `year`.

    Raises
    ------
    TableError
        If a column is missing, `nations` has no such year or country, or `ax` has another shape.
    """
    shares = ["entries_share", "rmax_share"]
    tables.require_columns(groups, ["year", "income_group", *shares], "groups")
    tables.require_columns(nations, ["year", "iso3", "country", *shares], "countries")
    year = int(nations["year"].max()) if year is None else year
    one = nations[nations["year"] == year]
    if one.empty:
        raise TableError(f"countries: no rows of {year}; choose a year of the table.")
    absent = [code for code in followed if code not in set(nations["iso3"])]
    if absent or len(followed) > len(_LINES):
        raise TableError(
            f"countries: {', '.join(absent) or len(followed)} cannot be followed; give at most "
            f"{len(_LINES)} codes of the table."
        )
    with style.style():
        if ax is None:
            _, ax = plt.subplots(
                1, 3, figsize=(14, 5), gridspec_kw={"wspace": 0.3, "width_ratios": [1, 1, 0.9]}
            )
            # room for the names of the countries
            place = ax[2].get_position()
            ax[2].set_position((place.x0 + 0.035, place.y0, place.width, place.height))
        checked_axes(ax, (3,))
        for group in ("high", "upper_middle", "lower_middle"):
            rows = groups[groups["income_group"] == group]
            look = {"color": style.INCOME_COLOURS[group], "marker": MARKERS[group]}
            _draw_two(ax[0], rows, style.INCOME_LABELS[group], look)
        for code, colour, marker in zip(followed, _LINES, "osD^", strict=False):
            rows = nations[nations["iso3"] == code]
            look = {"color": colour, "marker": marker}
            _draw_two(ax[1], rows, str(rows["country"].iloc[0]), look)
        ax[0].set_title("Income groups (today's class)", fontsize=11)
        ax[1].set_title("Selected countries", fontsize=11)
        ax[0].set_ylabel("Share of entries or of Rmax, percent")
        for axis in ax[:2]:
            axis.set(ylim=(0, 100), xlabel="Year")
            axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axis.grid(axis="y")
        ax[0].legend(loc="center left", bbox_to_anchor=(0, 0.52), handlelength=2.8, fontsize=8.5)
        ax[1].legend(loc="upper right", labelspacing=0.25, handlelength=2.8, fontsize=8.5)
        _draw_pairs(ax[2], one, number)
        style.describe(*ax, title=title, note=note)
    return ax


def _draw_two(ax: Axes, rows: pd.DataFrame, name: str, look: dict[str, Any]) -> None:
    """Draw the two shares of one group or country over time."""
    rows = rows.sort_values("year")
    look = {"linewidth": 1.6, "markersize": 5} | look
    ax.plot(rows["year"], 100 * rows["entries_share"], label=f"{name}: entries", **look)
    hollow: dict[str, Any] = {"linestyle": "--", "markerfacecolor": "white"}
    ax.plot(rows["year"], 100 * rows["rmax_share"], label=f"{name}: Rmax", **look, **hollow)


def _draw_pairs(ax: Axes, rows: pd.DataFrame, number: int) -> None:
    """Draw the two shares of each country as ends of a line, on a log scale."""
    largest = rows[["entries_share", "rmax_share"]].max(axis=1)
    rows = rows.assign(largest=largest).nlargest(number, "largest")
    rows = rows.sort_values("entries_share", ignore_index=True)
    least = 0.05  # percent; what is less, none included, is not on the scale
    beside = strip_beside_scale(ax, least, 100)
    entries, rmax = (
        (100 * rows[share]).where(100 * rows[share] > least, beside)
        for share in ("entries_share", "rmax_share")
    )
    ax.hlines(
        rows.index, np.minimum(entries, rmax), np.maximum(entries, rmax), color=style.FAINT, lw=3
    )
    # the one may lie on the other: the larger below, the smaller with an edge
    entry: dict[str, Any] = {"color": style.INCOME_COLOURS["high"], "markersize": 8.5}
    ax.plot(entries, rows.index, "o", label="entries", **entry)
    machine: dict[str, Any] = {"color": style.ACCENT, "markersize": 5, "markeredgecolor": "white"}
    ax.plot(rmax, rows.index, "D", label="Rmax", markeredgewidth=0.7, **machine)
    ax.set_xticks([beside, 0.2, 1, 5, 20, 100], [f"≤ {least}", "0.2", "1", "5", "20", "100"])
    ax.minorticks_off()
    ax.set_yticks(rows.index, rows["country"], fontsize=9)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.set_xlabel("Share, percent (log scale)")
    ax.set_title(f"Countries, {rows['year'].iloc[0]}", fontsize=11)
    # in a frame, so that its markers are no country's
    ax.legend(loc="lower right", handlelength=1.2, frameon=True, edgecolor=style.FAINT)
