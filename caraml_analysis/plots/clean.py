"""Compute and clean electricity together: the double penalty, the same run on every grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from caraml_analysis import tables
from caraml_analysis.errors import TableError
from caraml_analysis.plots import style
from caraml_analysis.plots.compute import MARKERS, checked_axes, strip_beside_scale
from caraml_analysis.plots.labels import label_points

_GROUPS = (*tables.INCOME_GROUPS, tables.UNCLASSIFIED)
#: Measures of clean electricity: axis, whether it is logarithmic, and words for the titles.
_CLEAN = {
    "renewable_kwh_per_head": (
        "Renewable electricity, kWh per person and year (log scale)",
        True,
        "renewable electricity per person",
    ),
    "renewable_pct": ("Renewable share of generation, percent", False, "renewable share"),
}
#: From here on renewable electricity per head is on the scale (kWh a year); no host has less.
_LEAST_KWH = 1.0
#: Area of a marker: people for each square point, and the least area that can be seen.
_PEOPLE_PER_POINT, _LEAST_POINTS = 2.2e6, 7.0
#: How many of the most populous countries without a listed system are named.
_LARGEST = 5


def plot_double_penalty(
    panel: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw compute per head against clean electricity, hosts above, all other countries below.

    Parameters
    ----------
    panel : DataFrame
        One row for each country: ``iso3``, ``income_group``, ``population``, ``rmax_tflops``,
        ``gflops_per_head`` (GFlop/s per person, 0 where nothing is listed),
        ``renewable_kwh_per_head`` and ``renewable_pct``. Countries with a missing value are left
        out, and counted in the title; those with at most 1 kWh stand beside the scale.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (2, 2), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (2, 2)
        Upper row: hosts; named are the most populous and the extremes. Lower row: a strip for each
        income group with the countries that host no listed system, the most populous named. Left:
        renewable electricity per head, right: renewable share.

    Raises
    ------
    TableError
        If a column is missing or `ax` has another shape.
    """
    columns = ["iso3", "income_group", "population", "rmax_tflops", "gflops_per_head", *_CLEAN]
    tables.require_columns(panel, columns, "double penalty")
    head: dict[str, Any] = {"fontsize": 10.5, "pad": 8}
    with style.style():
        if ax is None:
            _, ax = plt.subplots(
                2,
                2,
                figsize=(11, 9),
                sharex="col",
                sharey="row",
                gridspec_kw={"height_ratios": [1.5, 1], "hspace": 0.16, "wspace": 0.05},
            )
        checked_axes(ax, (2, 2))
        for column, (clean, (label, log, words)) in enumerate(_CLEAN.items()):
            upper, lower = ax[:, column]
            lower.set_xlabel(label, fontsize=9.5)
            x = panel[clean]
            for one in (upper, lower):  # axes of the caller may not share theirs
                if log:
                    beside = strip_beside_scale(one, _LEAST_KWH, 9e4)
                    ticks = 10.0 ** np.arange(5)
                    labels = [f"≤ {_LEAST_KWH:g}", *map(_plain, ticks)]
                    one.set_xticks([beside, *ticks], labels)
                    x = x.where(x.isna() | (x > _LEAST_KWH), beside)
                else:
                    one.set_xlim(-2, 102)
            # the largest first, so that it hides nobody
            rows = panel.assign(x=x).dropna(subset="x").sort_values("population", ascending=False)
            host = rows["rmax_tflops"] > 0
            _draw_hosts(upper, rows[host])
            _draw_others(lower, rows[~host])
            blank = panel.loc[x.isna(), "rmax_tflops"] > 0
            upper.set_title(f"{host.sum()} hosts by {words}{_left_out(blank)}", **head)
            lower.set_title(f"{(~host).sum()} without listed system{_left_out(~blank)}", **head)
            for one in (upper, lower):
                one.minorticks_off()
                one.grid(axis="x")
                one.tick_params(labelsize=9)
        ax[0, 0].set_ylabel("Rmax, GFlop/s per person (log scale)")
        ax[1, 0].set_ylabel("Income group", labelpad=12)
        names = [style.INCOME_LABELS[group] for group in _GROUPS]
        ax[1, 0].set_yticks(range(len(names)), [name.replace(" income", "") for name in names])
        _draw_keys(ax[0, 1])
        style.describe(*ax.flat, title=title, note=note)
    return ax


def _left_out(blank: pd.Series) -> str:
    return f" (no figures: {blank.sum()})" if blank.any() else ""


def _size(people: float) -> float:
    """Return the marker area in points²: true to population, with a least one that can be seen."""
    return max(people / _PEOPLE_PER_POINT, _LEAST_POINTS)


def _plain(value: float, _: float = 0) -> str:
    return f"{value:,.10g}"


def _draw_points(ax: Axes, rows: pd.DataFrame) -> None:
    ax.scatter(
        rows["x"],
        rows["y"],
        s=rows["population"].map(_size),
        color=rows["income_group"].map(style.INCOME_COLOURS).tolist(),
        edgecolor=style.INK,
        linewidth=0.5,
        alpha=0.85,
    )


def _draw_hosts(ax: Axes, rows: pd.DataFrame) -> None:
    rows = rows.assign(y=rows["gflops_per_head"])
    _draw_points(ax, rows)
    ax.set_yscale("log")
    # room for the widest circles and for the labels above the highest
    ax.set_ylim(rows["y"].min() / 2.5, rows["y"].max() * 2.5)
    ax.yaxis.set_major_formatter(_plain)
    ends = [rows.nsmallest(2, "y"), rows.nlargest(3, "y"), rows.nsmallest(1, "x")]
    named = pd.concat([rows.head(_LARGEST), *ends, rows.nlargest(2, "x")])
    _name_points(ax, named.drop_duplicates("iso3"), rows)


def _draw_others(ax: Axes, rows: pd.DataFrame) -> None:
    places = rows["income_group"].map({group: place for place, group in enumerate(_GROUPS)})
    # fixed steps up and down, so that neighbours do not hide each other
    order = rows.sort_values("x").groupby("income_group").cumcount()
    rows = rows.assign(y=places + (order % 5 - 2) * 0.12)
    _draw_points(ax, rows)
    ax.set_ylim(len(_GROUPS) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    _name_points(ax, rows.head(_LARGEST), rows)
    _lead_to_strips(ax)


def _lead_to_strips(ax: Axes) -> None:
    """Lead the labels above and below their points to them: between two strips it may be either."""
    for label in ax.texts:
        box = label.get_window_extent()
        x, y = ax.transData.transform(label.xy)  # type: ignore[attr-defined]
        if box.y0 <= y <= box.y1:
            continue
        near = (min(max(x, box.x0), box.x1), box.y0 if y < box.y0 else box.y1)
        (first, second) = ax.transData.inverted().transform([(x, y), near])
        # beneath the points
        ax.add_artist(
            Line2D(*zip(first, second, strict=True), color=style.QUIET, lw=0.8, zorder=0.9)
        )


def _name_points(ax: Axes, named: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Write the codes of some points beside them."""
    radii = pd.Series(np.sqrt(rows["population"].map(_size)) / 2, index=rows.index)
    labels = list(named[["iso3", "x", "y"]].itertuples(index=False, name=None))
    label_points(
        ax,
        labels,
        rows[["x", "y"]].to_numpy(),
        radius=radii.to_numpy(),
        own=radii[named.index].tolist(),
    )


def _draw_keys(ax: Axes) -> None:
    def point(face: str, size: float, words: str) -> Line2D:
        return Line2D(
            [],
            [],
            ls="",
            marker="o",
            color=face,
            markersize=size,
            markeredgecolor=style.INK,
            markeredgewidth=0.5,
            label=words,
        )

    groups = [
        point(style.INCOME_COLOURS[group], 6, style.INCOME_LABELS[group]) for group in _GROUPS
    ]
    least = _LEAST_POINTS * _PEOPLE_PER_POINT
    people = {least: f"{least / 1e6:.0f} million or fewer", 1e8: "100 million", 1e9: "1 billion"}
    sizes = [point("white", np.sqrt(_size(number)), words) for number, words in people.items()]
    look: dict[str, Any] = {"loc": "upper left", "alignment": "left", "borderaxespad": 0.3}
    ax.add_artist(
        ax.legend(
            handles=groups,
            title="Income group",
            bbox_to_anchor=(1.01, 1.0),
            labelspacing=0.7,
            **look,
        )
    )
    ax.legend(
        handles=sizes,
        title="People (area)",
        bbox_to_anchor=(1.01, 0.56),
        labelspacing=1.5,
        handletextpad=1.4,
        **look,
    )


_QUESTIONS = {
    "any": (
        "Having any system",
        "Probability that a host has more\nthan a country without",
        0.5,
        (0, 1),
    ),
    "amount": ("How much, among hosts", "Rank correlation with compute", 0.0, (-1, 1)),
    "all": (
        "All countries together",
        "Rank correlation with compute\n(without a system: tied for last)",
        0.0,
        (-1, 1),
    ),
}


def plot_penalty_sensitivity(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw how far the double penalty depends on list and measure, with intervals.

    Parameters
    ----------
    table : DataFrame
        ``edition``, ``clean`` (measure of clean electricity), ``question`` (``any``, ``amount``,
        ``all``), ``value``, ``low`` and ``high`` (95 % interval); one measure of compute and one
        set of countries.
    labels : mapping of str to str
        Words of each measure, in the order of the figure.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (3,), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (3,)

    Raises
    ------
    TableError
        If a column is missing, a combination occurs twice, or `ax` has another shape.
    """
    keys = ["edition", "clean", "question"]
    tables.require_columns(table, [*keys, "value", "low", "high"], "sensitivity")
    if table.duplicated(keys).any():
        raise TableError(
            "sensitivity: several rows for one list, measure and question; choose one measure of "
            "compute and one set of countries first."
        )
    editions = sorted(table["edition"].unique())
    shades = plt.get_cmap("cividis")(np.linspace(0.85, 0.0, len(editions)))
    with style.style():
        if ax is None:
            _, ax = plt.subplots(1, 3, figsize=(10.5, 5), sharey=True)
            ax[0].figure.subplots_adjust(wspace=0.1)
        checked_axes(ax, (3,))
        for one, (question, (head, words, nothing, span)) in zip(
            ax, _QUESTIONS.items(), strict=True
        ):
            one.axvline(nothing, color=style.QUIET, lw=1)
            for number, (edition, colour) in enumerate(zip(editions, shades, strict=True)):
                rows = table[(table["edition"] == edition) & (table["question"] == question)]
                rows = rows.set_index("clean").reindex(list(labels))
                heights = np.arange(len(labels)) + 0.18 * (number - (len(editions) - 1) / 2)
                one.hlines(heights, rows["low"], rows["high"], color=colour, lw=1.3)
                one.plot(
                    rows["value"],
                    heights,
                    "osD^v"[number % 5],
                    color=colour,
                    markersize=5.5,
                    markeredgecolor=style.INK,
                    markeredgewidth=0.4,
                    label=edition,
                )
            one.set_xlim(span)
            # no ticks at the ends, where those of the neighbour would be
            one.set_xticks(np.linspace(*span, 5)[1:-1])
            one.set_xlabel(words, fontsize=9)
            one.set_title(head, fontsize=10.5)
            one.grid(axis="x")
            one.tick_params(axis="x", labelsize=9)
        ax[0].set_yticks(
            range(len(labels)), [words[:1].upper() + words[1:] for words in labels.values()]
        )
        ax[0].set_ylim(len(labels) - 0.4, -0.6)
        ax[0].tick_params(axis="y", length=0)
        ax[2].legend(title="Top500 list", loc="upper left", bbox_to_anchor=(1.02, 1.0))
        style.describe(*ax, title=title, note=note)
    return ax


def plot_training_emissions(
    table: pd.DataFrame,
    *,
    label: str = "Emissions of the run, t CO2e",
    reference_t: float | None = None,
    reference: str = "",
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what one run emits in each country, ranked, coloured by income group.

    Parameters
    ----------
    table : DataFrame
        ``country``, ``income_group``, ``t_co2e`` (t); countries without a value are left out.
    label : str
        Text of the axis: which run, its energy, and the unit.
    reference_t : float, optional
        A value to compare with, in t, drawn as a line with the value written above it.
    reference : str
        What the line is.
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
        If a column is missing, or no country has a value.
    """
    tables.require_columns(table, ["country", "income_group", "t_co2e"], "training emissions")
    rows = table.dropna(subset="t_co2e").sort_values("t_co2e", ignore_index=True)
    if rows.empty:
        raise TableError("training emissions: no country has a value, so nothing can be drawn.")
    with style.style():
        ax = style.axes_or_new(ax, 8.4, 0.21 * len(rows) + 1)
        colours = [style.INCOME_COLOURS[group] for group in rows["income_group"]]
        ax.barh(
            rows.index, rows["t_co2e"], height=0.74, color=colours, edgecolor=style.QUIET, lw=0.4
        )
        for place, tonnes in rows["t_co2e"].items():
            ax.annotate(
                f"{tonnes:,.0f}",
                (tonnes, float(str(place))),
                xytext=(3, 0),
                va="center",
                textcoords="offset points",
                fontsize=8,
                bbox={"facecolor": "white", "linewidth": 0, "pad": 0.6},
            )
        largest = rows["t_co2e"].max()
        if reference_t is not None:
            largest = max(largest, reference_t)
            # over the bars, below their labels
            ax.axvline(reference_t, color=style.ACCENT, lw=1.4, ls="--", label=reference, zorder=2)
            ax.annotate(
                f"{reference}: {reference_t:,.0f} t".removeprefix(": "),
                (reference_t, 1),
                xytext=(0, 3),
                xycoords=ax.get_xaxis_transform(),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=style.ACCENT,
            )
        ax.set_yticks(rows.index, rows["country"], fontsize=8.5)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlim(0, largest * 1.1)
        ax.xaxis.set_major_formatter(lambda tonnes, _: f"{tonnes:,.0f}")
        ax.set_xlabel(label)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        present = [group for group in _GROUPS if group in set(rows["income_group"])]
        keys = [
            Patch(color=style.INCOME_COLOURS[group], label=style.INCOME_LABELS[group])
            for group in present
        ]
        ax.legend(handles=keys, loc="upper right", handlelength=1.6)
        style.describe(ax, title=title, note=note)
    return ax


def plot_renewables_over_time(
    groups: pd.DataFrame,
    capacity: pd.DataFrame,
    regions: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw renewable share, renewable amount per head and access beside each other over time.

    Parameters
    ----------
    groups : DataFrame
        Result of :func:`caraml_analysis.renewable_electricity` by ``income_group``.
    capacity : DataFrame
        ``income_group``, ``year``, ``renewable_pct`` of installed capacity. With ``areas`` (in the
        sum), their number in the first and in the last year is written in the panel.
    regions : DataFrame
        Result of :func:`caraml_analysis.renewable_electricity` by ``region``, ``World`` included.
    shares : DataFrame
        ``region``, ``measure`` (capacity, generation), ``year``, ``renewable_pct``, as IRENA
        publishes them.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (2, 4), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (2, 4)
        Rows: income groups, regions. Columns: renewable share of generation and of capacity,
        renewable kWh per person, access.

    Raises
    ------
    TableError
        If a column is missing or `ax` has another shape.
    """
    values = ["year", "renewable_pct", "renewable_kwh_per_head", "access_pct"]
    tables.require_columns(groups, [*values, "income_group"], "income groups")
    tables.require_columns(capacity, ["income_group", "year", "renewable_pct"], "capacity")
    tables.require_columns(regions, [*values, "region"], "regions")
    tables.require_columns(shares, ["region", "measure", "year", "renewable_pct"], "shares")
    with style.style():
        if ax is None:
            _, ax = plt.subplots(2, 4, figsize=(14, 7.8), sharex=True, sharey="col")
            ax[0, 0].figure.subplots_adjust(hspace=0.2, wspace=0.24)
        checked_axes(ax, (2, 4))
        _draw_groups(ax[0, 0], groups, "renewable_pct")
        _draw_groups(ax[0, 1], capacity, "renewable_pct")
        _draw_groups(ax[0, 2], groups, "renewable_kwh_per_head")
        _draw_groups(ax[0, 3], groups, "access_pct")
        of = dict(iter(shares.groupby("measure")))
        years = {year for rows in (groups, capacity, regions, shares) for year in rows["year"]}
        _draw_regions(ax[1, 0], of["generation"], "renewable_pct")
        _draw_regions(ax[1, 1], of["capacity"], "renewable_pct")
        _draw_regions(ax[1, 2], regions, "renewable_kwh_per_head")
        _draw_regions(ax[1, 3], regions, "access_pct")
        if "areas" in capacity:
            _say_areas(ax[0, 1], capacity)
        summed = f"Sum of countries, {_span_of(groups)}"
        heads = (
            f"Renewable share of\ngeneration, percent\n{summed}",
            f"Renewable share of\ncapacity, percent\nIRENA's areas, {_span_of(capacity)}",
            f"Renewable electricity, kWh per\nperson and year (log)\n{summed}",
            f"People with access to\nelectricity, percent\n{summed}",
        )
        own = {name: f"Published by IRENA, {_span_of(of[name])}" for name in of}
        members = f"Sum of members, {_span_of(regions)}"
        below = (own["generation"], own["capacity"], members, members)
        for one, head in zip(ax.flat, (*heads, *below), strict=True):
            one.set_title(head, fontsize=10)
        ax[0, 0].set_ylabel("Income groups")
        ax[1, 0].set_ylabel("IRENA's regions")
        for one in ax.flat:
            one.grid(axis="y")
            one.tick_params(labelsize=9)
            one.set_xlim(min(years) - 0.5, max(years) + 0.5)
        for column in (0, 1, 3):
            ax[0, column].set_ylim(0, 103)
        ax[0, 2].set_yscale("log")
        for one in ax[:, 2]:
            one.yaxis.set_major_formatter(_plain)
            one.yaxis.set_minor_formatter(NullFormatter())
        for one in ax[:, 3]:
            one.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), handlelength=3)
        style.describe(*ax.flat, title=title, note=note)
    return ax


def _span_of(rows: pd.DataFrame) -> str:
    return f"{rows['year'].min()}-{rows['year'].max()}"


def _say_areas(ax: Axes, capacity: pd.DataFrame) -> None:
    """Write how many areas are in the sums of each income group at both ends: the sets change."""
    wide = capacity.pivot(index="income_group", columns="year", values="areas")
    wide = wide.reindex([group for group in tables.INCOME_GROUPS if group in wide.index])
    lines = [
        f"{style.INCOME_LABELS[group].removesuffix(' income')}: {first:.0f} to {last:.0f} areas"
        for group, first, last in zip(wide.index, wide.iloc[:, 0], wide.iloc[:, -1], strict=True)
    ]
    ax.text(
        0.03, 0.97, "\n".join(lines), transform=ax.transAxes, va="top", fontsize=8,
        color=style.QUIET,
    )  # fmt: skip


def _draw_groups(ax: Axes, rows: pd.DataFrame, value: str) -> None:
    for group in tables.INCOME_GROUPS:
        some = rows[rows["income_group"] == group].sort_values("year")
        ax.plot(
            some["year"],
            some[value],
            color=style.INCOME_COLOURS[group],
            lw=1.7,
            marker=MARKERS[group],
            markevery=4,
            markersize=5,
            markeredgecolor=style.INK,
            markeredgewidth=0.5,
            label=style.INCOME_LABELS[group],
        )


#: For nine lines, told apart with colour-blindness (Paul Tol, "muted").
_MUTED = (
    "#332288",
    "#44aa99",
    "#cc6677",
    "#117733",
    "#88ccee",
    "#882255",
    "#999933",
    "#aa4499",
    "#b8860b",
)


def _draw_regions(ax: Axes, rows: pd.DataFrame, value: str) -> None:
    names = sorted(set(rows["region"]) - {"World"})
    for number, name in enumerate(names):
        some = rows[rows["region"] == name].sort_values("year")
        ax.plot(
            some["year"],
            some[value],
            ("-", "--", "-.")[number % 3],
            color=_MUTED[number % len(_MUTED)],
            lw=1.4,
            marker="osD^v<>Pp"[number % 9],
            markevery=(
                number % 6,
                6,
            ),  # not all in the same years, where they would hide each other
            markersize=4,
            label=name,
        )
    world = rows[rows["region"] == "World"].sort_values("year")
    ax.plot(world["year"], world[value], color=style.INK, lw=2.4, label="World")
