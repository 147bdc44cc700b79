"""Entries by income group: two years side by side, and every year in a row."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from caraml_analysis import tables
from caraml_analysis.errors import TableError
from caraml_analysis.plots import style

_COLUMNS = (
    "conference",
    "year",
    "known_low",
    "known_high",
    "bound_low",
    "bound_high",
    "carried_forward",
)


def _check(shares: pd.DataFrame) -> pd.DataFrame:
    tables.SHARES.check(shares)
    tables.require_columns(shares, _COLUMNS, "income shares")
    if shares.empty:
        raise TableError("income shares: the table is empty, so there is nothing to draw.")
    return shares


def plot_income_shares(
    shares: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of known entries of each income group, and the unknown share below them.

    Parameters
    ----------
    shares : DataFrame
        Result of :func:`caraml_analysis.income_shares` by conference and year. Intervals are drawn
        where they are given. A year with a class that was carried forward gets an asterisk; with a
        column ``kind``, a year whose source is of another kind than most gets a dagger.
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
        If a column is missing or the table is empty.
    """
    _check(shares)
    keys = list(dict.fromkeys(zip(shares["conference"], shares["year"], strict=True)))
    groups = _groups(shares)
    rows = shares.set_index(["conference", "year", "income_group"])
    daggers = _daggers(shares)
    newest = {conference: max(y for c, y in keys if c == conference) for conference, _ in keys}
    block = len(keys) + 1.1
    with style.style():
        ax = style.axes_or_new(ax, 8.6, 0.27 * block * len(groups) + 0.7)
        ticks: list[float] = []
        labels: list[str] = []
        for number, group in enumerate(groups):
            top = number * block + (0.5 if group == tables.UNKNOWN else 0)
            ax.text(
                0,
                top - 0.95,
                _heading(group),
                fontweight="bold",
                va="center",
                ha="left",
                fontsize=9.5,
            )
            for offset, (conference, year) in enumerate(keys):
                height = top + offset
                row = rows.loc[(conference, year, group)]
                _draw_bar(ax, height, row, group, recent=year == newest[conference])
                ticks.append(height)
                marks = ("*" if row["carried_forward"] else "") + daggers.get(row.get("kind"), "")
                labels.append(f"{conference} {year}{marks}")
        ax.set_yticks(ticks, labels, fontsize=8.5)
        ax.set_ylim(len(groups) * block - 0.2, -1.6)
        ax.set_xlim(0, 108)
        ax.set_xticks(range(0, 101, 20))
        ax.set_xlabel(_axis_text(shares))
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        style.describe(ax, title=title, note=note)
    return ax


def _groups(shares: pd.DataFrame) -> list[str]:
    """Return the groups to draw: entries without a class only where there are any."""
    unclassified = shares["income_group"] == tables.UNCLASSIFIED
    some = [tables.UNCLASSIFIED] if shares.loc[unclassified, "entries"].any() else []
    return [*tables.INCOME_GROUPS, *some, tables.UNKNOWN]


def _heading(group: str) -> str:
    if group == tables.UNKNOWN:
        return "Unknown country (share of all entries)"
    return style.INCOME_LABELS[group]


def _axis_text(shares: pd.DataFrame) -> str:
    text = "Share of entries with a known country, percent; line: 95 % interval over papers"
    if shares["carried_forward"].any():
        text += "\n* newest income class carried forward: this year's is not published yet"
    for kind, mark in _daggers(shares).items():
        text += f"\n{mark} affiliations from {_in_words(kind)}, not to be compared closely"
    return text


def _daggers(shares: pd.DataFrame) -> dict[str, str]:
    """Return a mark for each kind of source but the one that most years have."""
    if "kind" not in shares.columns:
        return {}
    years = shares[["conference", "year", "kind"]].drop_duplicates()
    kinds = years["kind"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    return {str(kind): "\N{DAGGER}" * number for number, kind in enumerate(kinds.index) if number}


def _in_words(kinds: str) -> str:
    return " and ".join(tables.AFFILIATION_KINDS.get(kind, kind) for kind in kinds.split(";"))


def _lighter(colour: str) -> tuple[float, ...]:
    """Return the colour halfway to white: earlier years stand back."""
    return tuple(0.5 + part / 2 for part in to_rgb(colour))


def _draw_bar(ax: Axes, height: float, row: pd.Series, group: str, *, recent: bool) -> None:
    unknown = group == tables.UNKNOWN
    share = 100 * float(row["share_of_all"] if unknown else row["share_of_known"])
    colour = style.INCOME_COLOURS[group]
    ax.barh(
        height,
        share,
        height=0.8,
        color=colour if recent or unknown else _lighter(colour),
        edgecolor=style.QUIET if unknown or group == "low" else "none",
        linewidth=0.5,
        hatch=style.HATCH if unknown else None,
    )
    end = share
    if not np.isnan(row["known_low"]) and not unknown:
        low, high = 100 * row["known_low"], 100 * row["known_high"]
        ax.plot(
            [low, high], [height, height], color=style.INK, linewidth=1.1, solid_capstyle="butt"
        )
        end = max(end, high)
    digits = 0 if share == 0 else 2 if share < 0.995 else 1
    ax.text(end + 0.8, height, f"{share:.{digits}f} %", va="center", ha="left", fontsize=8.5)


def plot_income_trend(
    shares: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the income groups of every year: one column of axes for each conference.

    The upper row shows shares of all entries with the band that holds whatever the unknown entries
    are; the lower row enlarges the groups that are small, as shares of known entries.

    Parameters
    ----------
    shares : DataFrame
        Result of :func:`caraml_analysis.income_shares` by conference and year.
    title, note : str, optional
        A statement above the figure, and its sources and reservations in small print below it.
    ax : ndarray of Axes, shape (2, conferences), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes, shape (2, conferences)

    Raises
    ------
    TableError
        If a column is missing, the table is empty, or `ax` has another shape.
    """
    _check(shares)
    years = shares.groupby("conference")["year"].nunique().sort_values(ascending=False)
    with style.style():
        if ax is None:
            _, ax = plt.subplots(
                2,
                len(years),
                figsize=(10, 6.4),
                sharey="row",
                sharex="col",
                squeeze=False,
                gridspec_kw={
                    # room for the labels of a conference with few years
                    "width_ratios": np.sqrt(years.to_numpy() + 3),
                    "height_ratios": [3, 1.6],
                    "hspace": 0.12,
                    "wspace": 0.08,
                },
            )
        if np.shape(ax) != (2, len(years)):
            raise TableError(f"ax has shape {np.shape(ax)} instead of (2, {len(years)}).")
        for column, conference in enumerate(years.index):
            rows = shares[shares["conference"] == conference]
            upper, lower = ax[0, column], ax[1, column]
            for group in ("high", "upper_middle"):
                _draw_line(upper, rows, group, "share_of_all", band=True)
            _draw_unknown(upper, rows)
            for group in ("lower_middle", "low"):
                _draw_line(lower, rows, group, "share_of_known", band=False)
            upper.set_title(conference, fontsize=11)
            _tidy(upper, lower, rows)
        small = shares.loc[shares["income_group"].isin(["lower_middle", "low"]), "share_of_known"]
        ax[0, 0].set_ylim(0, 100)
        ax[1, 0].set_ylim(0, 100 * small.max() * 1.4 or 1)
        ax[0, 0].set_ylabel("Share of all entries, percent")
        ax[1, 0].set_ylabel("Share of known, percent")
        _label_lines(ax)
        ax[1, 0].text(
            0,
            -0.3,
            "Band: the share if none, or all, of the unknown entries were of the group."
            + _carried_note(shares)
            + _kinds_note(shares),
            transform=ax[1, 0].transAxes,
            fontsize=8,
            color=style.QUIET,
            va="top",
        )
        style.describe(*ax.flat, title=title, note=note)
    return ax


def _carried_note(shares: pd.DataFrame) -> str:
    late = shares.loc[shares["carried_forward"], ["conference", "year"]].drop_duplicates()
    if late.empty:
        return ""
    names = ", ".join(f"{row.conference} {row.year}" for row in late.itertuples())
    return f" Income classes carried forward: {names}."


def _kinds_note(shares: pd.DataFrame) -> str:
    """Say which years have affiliations of another kind than most."""
    notes = []
    for kind in _daggers(shares):
        late = shares.loc[shares["kind"] == kind, ["conference", "year"]].drop_duplicates()
        names = ", ".join(f"{row.conference} {row.year}" for row in late.itertuples())
        notes.append(f"\nAffiliations from {_in_words(kind)}: {names}.")
    return "".join(notes)


def _draw_line(ax: Axes, rows: pd.DataFrame, group: str, column: str, *, band: bool) -> None:
    one = rows[rows["income_group"] == group].sort_values("year")
    colour = style.INCOME_COLOURS[group]
    if band:
        ax.fill_between(
            one["year"],
            100 * one["bound_low"],
            100 * one["bound_high"],
            color=colour,
            alpha=0.25,
            lw=0,
        )
    marker = {"high": "o", "upper_middle": "s", "lower_middle": "^", "low": "D"}[group]
    ax.plot(
        one["year"],
        100 * one[column],
        color=colour,
        marker=marker,
        markersize=4.5,
        linewidth=1.6,
        markeredgecolor=style.INK if group == "low" else colour,
        markeredgewidth=0.5,
        label=style.INCOME_LABELS[group],
    )


def _draw_unknown(ax: Axes, rows: pd.DataFrame) -> None:
    one = rows[rows["income_group"] == tables.UNKNOWN].sort_values("year")
    ax.plot(
        one["year"],
        100 * one["share_of_all"],
        color=style.QUIET,
        linestyle=":",
        marker="x",
        markersize=4,
        linewidth=1.2,
        label="Unknown country",
    )


def _tidy(upper: Axes, lower: Axes, rows: pd.DataFrame) -> None:
    years = sorted(rows["year"].unique())
    step = 4 if len(years) > 10 else 2 if len(years) > 4 else 1
    lower.set_xticks(years[::step][: len(years)])
    lower.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    for ax in (upper, lower):
        ax.grid(axis="y")
        ax.tick_params(axis="both", labelsize=9)


def _label_lines(ax: np.ndarray) -> None:
    """Name the lines once for each row."""
    upper, lower = ax[0, 0], ax[1, 0]
    upper.legend(loc="center left", bbox_to_anchor=(0.02, 0.52), handlelength=2.2)
    lower.legend(loc="upper left", bbox_to_anchor=(0.02, 1.02), handlelength=2.2, ncols=2)
