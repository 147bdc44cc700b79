"""Energy and emissions of runs: reported beside estimated, by grid, over time, under a cap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.tables import require_columns

#: What a reported value rests on: marker, colour and words. Only *measured* tests accuracy.
BASES = {
    "measured": ("o", style.RENEWABLE, "energy measured on the run"),
    "measured elsewhere": ("D", "#e9a03b", "power measured on another run or card"),
    "circular": ("x", style.ACCENT, "circular: hours x assumed power"),
    "tool": ("^", "#7a5ea8", "estimate of a tracking tool"),
    "other": ("s", "#8d8d8d", "basis of the energy not stated"),
    "unstated": ("v", "#1f4e79", "not stated whether location-based"),
    "refuted": ("X", style.INK, "refuted by the checker"),
}
#: Kinds that never set a record: nobody knows what they are, or they cannot be right.
_NO_RECORD = ("unstated", "refuted")
_HALO = [withStroke(linewidth=2.5, foreground="white")]
#: A report is named if it and the estimate are this many times apart.
_FAR = 5.0
_AGREEMENT = ("energy", "emissions")
_UNITS = {
    "energy": ("Energy, at the scope of the report", "MWh"),
    "emissions": ("Emissions, location-based", "t CO2e"),
}


def plot_reported_against_estimated(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw reported against estimated energy and emissions, each estimate with its interval.

    Parameters
    ----------
    table : DataFrame
        One row per run and quantity: ``quantity`` ("energy" in MWh or "emissions" in t CO2e,
        location-based), ``reported``, ``p5``, ``p50``, ``p95`` (estimate, > 0) and ``basis``, a
        key of ``BASES``: measured, measured elsewhere, circular, tool (estimate of a tracking
        tool), other (not stated), unstated (accounting of emissions), refuted (by the checker).
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (2,), optional
        Where to draw energy and emissions; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Raises
    ------
    TableError
        If a column is missing, a quantity or basis is unknown, there is nothing to draw, or `ax`
        has another shape.
    UnitError
        If a value is not positive.
    """
    numbers = ["reported", "p5", "p50", "p95"]
    _check(table, ["quantity", "basis", *numbers], positive=numbers)
    _only(table, "quantity", _AGREEMENT)
    _only(table, "basis", tuple(BASES))
    with style.style():
        if ax is None:
            _, ax = plt.subplots(1, 2, figsize=(10.4, 5.0), gridspec_kw={"wspace": 0.25})
        if np.shape(ax) != (2,):
            raise TableError(f"ax has shape {np.shape(ax)} instead of (2,).")
        for axes, quantity in zip(ax, _AGREEMENT, strict=True):
            _agreement(axes, table[table["quantity"] == quantity], quantity)
        style.describe(*ax, title=title, note=note)
    return ax


def _agreement(axes: Axes, rows: pd.DataFrame, quantity: str) -> None:
    name, unit = _UNITS[quantity]
    axes.set_title(name)
    _log(axes.xaxis)
    _log(axes.yaxis)
    axes.set_xlabel(f"Reported ({unit}, log scale)")
    axes.set_ylabel(f"Estimated ({unit}, log scale)")
    axes.grid(True)
    if rows.empty:
        return
    both = rows[["reported", "p5", "p95"]].to_numpy(float)
    ends = np.array([both.min() / 2, both.max() * 2])
    axes.fill_between(ends, ends / 2, ends * 2, color=style.FAINT, alpha=0.45, lw=0)
    axes.plot(ends, ends, color=style.QUIET, lw=1)
    for basis, (marker, colour, words) in BASES.items():
        some = rows[rows["basis"] == basis]
        if some.empty:
            continue
        axes.errorbar(
            some["reported"],
            some["p50"],
            yerr=[some["p50"] - some["p5"], some["p95"] - some["p50"]],
            fmt=marker,
            color=colour,
            markersize=6 if basis == "refuted" else 5,
            markerfacecolor="white" if basis == "refuted" else colour,
            lw=0,
            elinewidth=1,
            alpha=0.9,
            label=f"{words} ({len(some)})",
        )
    axes.set(xlim=ends, ylim=ends)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.13), fontsize=8)
    far = ~rows["reported"].div(rows["p50"]).between(1 / _FAR, _FAR, inclusive="neither")
    names = [(row["model"], row["reported"], row["p50"]) for _, row in rows[far].iterrows()]
    _label(axes, names, rows[["reported", "p50"]].to_numpy(float))


#: Where a label may stand beside its point: offset in points, and the sides of the text there.
_NEAR = (
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
_AWAY = tuple(
    ((across * reach, upward * reach), side, "bottom" if upward > 0 else "top")
    for reach in (16, 28, 40)
    for across, side in ((-0.5, "right"), (0.5, "left"))
    for upward in (1, -1)
)


def _label(
    axes: Axes,
    labels: Sequence[tuple[str, Any, float]],
    obstacles: np.ndarray,
    *,
    radius: float | np.ndarray = 4.0,
) -> None:
    """Write words beside points, each where it covers least: no point, label, legend or edge.

    `labels` and `obstacles` are in the units of the axes, whose limits and legend are final;
    `radius` is that of the obstacles in points.
    """
    figure = axes.get_figure(root=True)
    if not labels or figure is None:
        return
    figure.draw_without_rendering()  # only then has the legend a place
    centres = axes.transData.transform(obstacles)
    reach = np.broadcast_to(radius, len(centres)) * figure.dpi / 72
    points = [Bbox([c - r, c + r]) for c, r in zip(centres, reach, strict=True)]
    legend = axes.get_legend()
    taken = [] if legend is None else [legend.get_window_extent()]
    room = axes.bbox
    for words, x, y in labels:
        text = axes.annotate(
            words, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=8,
            path_effects=_HALO,
        )  # fmt: skip
        cost = {}
        for place in (*_NEAR, *_AWAY):
            box = _moved(text, place)
            inside = np.all(box.min >= room.min) and np.all(box.max <= room.max)
            # words on words cannot be read at all
            cost[place] = box.count_overlaps(points) + 100 * box.count_overlaps(taken)
            cost[place] += 0 if inside else 1000
        best = min(cost, key=lambda place: cost[place])  # the first of the best
        taken.append(_moved(text, best))
        if best in _AWAY:
            point = axes.transData.transform((x, y))
            end = axes.transData.inverted().transform(np.clip(point, taken[-1].min, taken[-1].max))
            axes.add_artist(Line2D([x, end[0]], [y, end[1]], color=style.QUIET, lw=0.6, zorder=1.5))


def _moved(text: Annotation, place: tuple[tuple[float, float], str, str]) -> Bbox:
    """Move a label beside its point and return the box that its words take there, in pixels."""
    offset, across, upward = place
    text.xyann = offset
    text.set(ha=across, va=upward)
    return text.get_window_extent()


def plot_two_runs(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw hours, energy and emissions of a few runs beside each other, with intervals.

    Parameters
    ----------
    table : DataFrame
        One row per run and quantity: ``model``, ``quantity`` (name with its unit, one panel each),
        ``p5``, ``p50``, ``p95`` (all the same for a value that is reported, without an interval)
        and ``reported`` (missing if not reported).
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (quantities,), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (quantities,)

    Raises
    ------
    TableError
        If a column is missing, there is nothing to draw, or `ax` has another shape.
    UnitError
        If an estimate is not positive.
    """
    _check(table, ["model", "quantity", "reported", "p5", "p50", "p95"], ["p5", "p50", "p95"])
    quantities = list(dict.fromkeys(table["quantity"]))
    models = list(dict.fromkeys(table["model"]))
    with style.style():
        if ax is None:
            _, ax = plt.subplots(
                1,
                len(quantities),
                figsize=(3.5 * len(quantities), 0.7 * len(models) + 0.9),
                sharey=True,
                squeeze=False,
                gridspec_kw={"wspace": 0.12},
            )
            ax = ax[0]
        if np.shape(ax) != (len(quantities),):
            raise TableError(f"ax has shape {np.shape(ax)} instead of ({len(quantities)},).")
        for axes, quantity in zip(ax, quantities, strict=True):
            rows = table[table["quantity"] == quantity].set_index("model")
            _beside(axes, rows, models)
            axes.set_title(quantity, fontsize=10)
        ax[0].set_yticks(range(len(models)), models)
        style.describe(*ax, title=title, note=note)
    return ax


def _beside(axes: Axes, rows: pd.DataFrame, models: Sequence[str]) -> None:
    for place, model in enumerate(models):
        if model not in rows.index:
            continue
        row = rows.loc[model]
        axes.barh(place, row["p50"], height=0.5, color="#a9cfc9")
        if row["p5"] < row["p95"]:
            axes.plot([row["p5"], row["p95"]], [place, place], color=style.INK, lw=1.6)
            words = f"{_short(row['p50'])} ({_short(row['p5'])} to {_short(row['p95'])})"
        else:
            words = _short(row["p50"])
        axes.text(0, place - 0.38, words, va="center", fontsize=8.5)
        if pd.notna(row["reported"]) and row["p5"] < row["p95"]:
            axes.plot(row["reported"], place, "D", color=style.ACCENT, markersize=6)
            axes.annotate(
                f"reported {_short(row['reported'])}",
                (row["reported"], place + 0.36),
                ha="center",
                va="center",
                fontsize=8,
                color=style.ACCENT,
            )
    axes.set_ylim(len(models) - 0.4, -0.6)
    axes.set_xlim(0, float(rows[["p95", "reported"]].max().max()) * 1.08)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(FuncFormatter(_plain))
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="x")


def plot_grid_ladder(
    table: pd.DataFrame,
    *,
    label: Sequence[str] = (),
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what one run would emit on every grid, from the cleanest to the dirtiest.

    Parameters
    ----------
    table : DataFrame
        One row per grid: ``country`` (name), ``iso3``, ``p5``, ``p50``, ``p95`` (t CO2e, > 0).
    label : sequence of str
        Codes of the countries to name; the two ends are always named.
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
        If a column is missing, there is nothing to draw, or `label` names a missing country.
    UnitError
        If a value is not positive.
    """
    numbers = ["p5", "p50", "p95"]
    _check(table, ["country", "iso3", *numbers], positive=numbers)
    missing = [code for code in label if code not in set(table["iso3"])]
    if missing:
        raise TableError(f"grids: no {', '.join(missing)} in the table, so it cannot be named.")
    rows = table.sort_values(["p50", "iso3"]).reset_index(drop=True)
    with style.style():
        ax = style.axes_or_new(ax, 8.4, 5.4)
        places = rows.index.to_numpy()
        ax.fill_between(places, rows["p5"], rows["p95"], color="#cfe6e2", lw=0, label="5 to 95 %")
        ax.plot(places, rows["p50"], color=style.RENEWABLE, lw=2, label="median")
        named = rows[rows["iso3"].isin(label) | rows.index.isin([0, len(rows) - 1])]
        ax.plot(named.index, named["p50"], "o", color=style.INK, markersize=4)
        _log(ax.yaxis, steps=(1, 2, 5))
        ax.set_ylim(rows["p5"].min() / 1.6, rows["p95"].max() * 1.5)
        ax.set_xlim(-0.02 * len(rows), 1.02 * len(rows))
        ax.set_ylabel("Emissions of the run, location-based (t CO2e, log scale)")
        ax.set_xlabel(f"{len(rows)} grids, from the least to the most emissions per kWh")
        ax.grid(axis="y")
        ax.legend(loc="lower right")
        _label(
            ax,
            [
                (f"{row['country']} {_short(row['p50'])}", x, row["p50"])
                for x, row in named.iterrows()
            ],
            np.column_stack([places, rows["p50"]]),
            radius=np.where(rows.index.isin(named.index), 3.5, 2.0),
        )
        style.describe(ax, title=title, note=note)
    return ax


def plot_reported_emissions(
    table: pd.DataFrame,
    *,
    name: Sequence[str] = (),
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw reported emissions over time, and the largest location-based training so far.

    Parameters
    ----------
    table : DataFrame
        One row per run: ``model``, ``date`` (as in 2024, 2024-07 or 2024-07-23), ``t_co2e`` (> 0)
        and ``basis``, a key of ``BASES``. Optional: ``record`` (bool: may it be the largest so
        far? all by default) and ``slip`` (bool: is a slip found in its numbers? ringed). Values of
        unstated accounting and refuted ones are never the largest.
    name : sequence of str
        Models to name, beside those that set a record.
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
        If a column is missing, a basis is unknown, or there is nothing to draw.
    UnitError
        If emissions are not positive.
    """
    _check(table, ["model", "date", "t_co2e", "basis"], positive=["t_co2e"])
    _only(table, "basis", tuple(BASES))
    rows = table.assign(when=_dates(table["date"]))
    # the largest of a day first: only it can be a record
    rows = rows.sort_values(["when", "t_co2e"], ascending=[True, False])
    slip = rows["slip"].astype(bool) if "slip" in rows else rows["t_co2e"].isna()
    may = ~rows["basis"].isin(_NO_RECORD)
    if "record" in rows:
        may &= rows["record"].astype(bool)
    candidates = rows.loc[may, "t_co2e"]
    steps = rows.loc[candidates.index[candidates > candidates.cummax().shift(fill_value=0)]]
    with style.style():
        ax = style.axes_or_new(ax, 9.0, 5.6)
        for basis, (marker, colour, words) in BASES.items():
            some = rows[rows["basis"] == basis]
            if len(some):
                ax.plot(
                    some["when"],
                    some["t_co2e"],
                    marker,
                    color=colour,
                    markersize=6 if basis == "refuted" else 5,
                    markerfacecolor="white" if basis == "refuted" else colour,
                    label=f"{words} ({len(some)})",
                )
        if slip.any():
            ringed = rows[slip]
            ax.plot(
                ringed["when"],
                ringed["t_co2e"],
                "o",
                markersize=10,
                markerfacecolor="none",
                markeredgecolor=style.QUIET,
                markeredgewidth=0.8,
                label=f"ring: the checker finds a slip in its numbers ({len(ringed)})",
            )
        if len(steps):
            ax.step(
                [*steps["when"], rows["when"].max()],
                [*steps["t_co2e"], steps["t_co2e"].iloc[-1]],
                where="post",
                color=style.QUIET,
                lw=1,
                ls="--",
                zorder=1,
                label="largest single training reported so far",
            )
        _log(ax.yaxis)
        ax.margins(y=0.08)
        ax.set_ylabel("Reported emissions of training (t CO2e, log scale)")
        ax.set_xlabel("Date of the report")
        locator = AutoDateLocator()
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        ax.grid(axis="y")
        ax.legend(loc="lower left", fontsize=8, frameon=True, edgecolor="none", framealpha=1)
        named = rows[rows["model"].isin(name) & ~rows.index.isin(steps.index)]
        points = np.column_stack([date2num(rows["when"]), rows["t_co2e"]])
        line = _on_steps(steps, rows["when"].max())
        _label(
            ax,
            [
                (f"{row['model']} {row['t_co2e']:,.4g}", date2num(row["when"]), row["t_co2e"])
                for _, row in pd.concat([steps, named]).iterrows()
            ],
            np.vstack([points, line]),
            radius=np.append(np.where(slip, 6.0, 3.0), np.full(len(line), 1.0)),
        )
        style.describe(ax, title=title, note=note)
    return ax


def _on_steps(steps: pd.DataFrame, end: Any) -> np.ndarray:
    """Return points along the line of records, which no label should cover."""
    when = np.append(date2num(steps["when"]), date2num(end))
    value = steps["t_co2e"].to_numpy(float)
    points = [np.empty((0, 2))]
    for i, height in enumerate(value):
        level = np.linspace(when[i], when[i + 1], 40)
        points.append(np.column_stack([level, np.full(40, height)]))
        if i + 1 < len(value):
            upward = np.geomspace(height, value[i + 1], 20)
            points.append(np.column_stack([np.full(20, when[i + 1]), upward]))
    return np.vstack(points)


def plot_carbon_cap(
    curve: pd.DataFrame,
    *,
    caps: Sequence[float] = (),
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many runs a cap on the emissions of one run would have allowed.

    Parameters
    ----------
    curve : DataFrame
        Result of :func:`caraml_analysis.allowed_under_caps`: ``cap_t_co2e`` (> 0), ``runs``,
        ``allowed``, ``allowed_low``, ``allowed_high``, ``reported_runs``, ``reported_allowed`` and
        ``reported_runs_estimated``, rising caps.
    caps : sequence of float
        Caps in t CO2e to mark with the number of runs that they allow.
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
        If a column is missing or there is nothing to draw.
    UnitError
        If a cap is not positive.
    """
    columns = ["cap_t_co2e", "runs", "allowed", "allowed_low", "allowed_high"]
    reported = ["reported_runs", "reported_allowed", "reported_runs_estimated"]
    _check(curve, [*columns, *reported], positive=["cap_t_co2e"])
    with style.style():
        ax = style.axes_or_new(ax, 8.4, 5.0)
        cap = curve["cap_t_co2e"].to_numpy()
        ax.fill_between(
            cap,
            curve["allowed_low"],
            curve["allowed_high"],
            step="post",
            color="#cfe6e2",
            lw=0,
            label="estimate, 5 to 95 % (all runs)",
        )
        ax.step(
            cap,
            curve["allowed"],
            where="post",
            color=style.RENEWABLE,
            lw=2,
            label=f"estimate, median (all {curve['runs'].iloc[0]} runs)",
        )
        some = curve["reported_runs"].iloc[0]
        ax.step(
            cap,
            curve["reported_runs_estimated"],
            where="post",
            color=style.INK,
            lw=1,
            label=f"estimate, median ({some} runs with a report)",
        )
        ax.step(
            cap,
            curve["reported_allowed"],
            where="post",
            color=style.ACCENT,
            lw=1.4,
            ls="--",
            label=f"as reported (these {some} runs)",
        )
        for mark in caps:
            row = curve[curve["cap_t_co2e"] <= mark].iloc[-1]
            ax.axvline(mark, color=style.QUIET, lw=0.7, zorder=0)
            ax.text(
                mark * 0.93,
                row["runs"] * 1.04,
                f"{mark:,.0f} t:\n{row['allowed']:.0f} of {row['runs']:.0f}",
                ha="right",
                va="bottom",
                fontsize=8.5,
                path_effects=_HALO,
            )
        _log(ax.xaxis)
        ax.set_xlim(cap.min(), cap.max())
        ax.set_ylim(0, curve["runs"].iloc[0] * 1.16)
        ax.set_xlabel("Cap on the emissions of one run (t CO2e, location-based, log scale)")
        ax.set_ylabel("Runs at or below the cap")
        ax.grid(axis="y")
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0.9))
        style.describe(ax, title=title, note=note)
    return ax


def _check(table: pd.DataFrame, columns: Sequence[str], positive: Sequence[str]) -> None:
    require_columns(table, columns, "runs")
    if table.empty:
        raise TableError("runs: the table is empty, so there is nothing to draw.")
    for column in positive:
        wrong = ~(table[column] > 0)
        if wrong.any():
            raise UnitError(
                f"runs: {column} in row {wrong.idxmax()!r} is not above 0, so it has no place on "
                "a log axis. Drop or correct the row; nothing was drawn."
            )


def _only(table: pd.DataFrame, column: str, allowed: Sequence[str]) -> None:
    wrong = sorted(set(table[column]) - set(allowed))
    if wrong:
        raise TableError(
            f"runs: {column} is {wrong[0]!r}; it is one of {', '.join(allowed)}. Nothing was drawn."
        )


def _log(axis: Axis, steps: Sequence[float] = (1,)) -> None:
    """Give an axis a log scale with plain numbers, and no ticks between them."""
    set_scale = axis.axes.set_xscale if axis is axis.axes.xaxis else axis.axes.set_yscale
    set_scale("log")
    axis.set_major_locator(LogLocator(subs=steps, numticks=12))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_plain))


def _plain(value: float, _: int | None = None) -> str:
    return f"{value:,.6g}"


def _dates(dates: pd.Series) -> pd.Series:
    """Return dates; a bare year or month stands at its middle."""
    text = dates.astype(str)
    middle = text.where(text.str.len() != 4, text + "-07").where(text.str.len() != 7, text + "-15")
    return pd.to_datetime(middle.where(middle.str.len() != 7, middle + "-01"))


def _short(value: float) -> str:
    """Return a number with three significant digits and commas."""
    if value >= 1000:
        return f"{round(value, 2 - int(np.floor(np.log10(value)))):,.0f}"
    return f"{value:#.3g}".rstrip(".")
