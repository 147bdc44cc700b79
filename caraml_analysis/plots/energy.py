"""Renewable and non-renewable power by region."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import style
from caraml_analysis.tables import require_columns

_MEASURES = {"capacity": "installed power capacity", "generation": "generated electricity"}


def plot_renewable_shares(
    table: pd.DataFrame,
    *,
    title: str | None = None,
    note: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the two shares of each region as one bar, the most renewable region on top.

    Parameters
    ----------
    table : DataFrame
        ``region``, ``level`` (region or world), ``measure``, ``year`` and ``renewable_pct``
        (percent, 0 to 100), one measure and year only.
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
        If a column is missing, or measures or years are mixed.
    UnitError
        If a share is not between 0 and 100.
    """
    require_columns(table, ["region", "level", "measure", "year", "renewable_pct"], "renewables")
    if table["measure"].nunique() != 1 or table["year"].nunique() != 1:
        raise TableError("renewables: one measure and one year at a time; filter the table first.")
    if not table["renewable_pct"].between(0, 100).all():
        raise UnitError("renewables: renewable_pct must lie between 0 and 100 percent.")
    regions = table[table["level"] == "region"].sort_values("renewable_pct")
    world = table[table["level"] == "world"]
    rows = pd.concat([world, regions], ignore_index=True)
    # the world stands apart, below the regions
    heights = np.append(np.full(len(world), -0.5), np.arange(1, len(regions) + 1))
    measure, year = table["measure"].iloc[0], table["year"].iloc[0]
    with style.style():
        ax = style.axes_or_new(ax, 8, 4.8)
        share = rows["renewable_pct"].to_numpy()
        ax.barh(heights, share, color=style.RENEWABLE, height=0.72, label="Renewable")
        ax.barh(
            heights,
            100 - share,
            left=share,
            color=style.NON_RENEWABLE,
            edgecolor="white",
            height=0.72,
            label="Non-renewable",
        )
        for height, value in zip(heights, share, strict=True):
            inside = value > 12
            ax.text(
                value - 1 if inside else value + 1,
                height,
                f"{value:.0f} %",
                va="center",
                ha="right" if inside else "left",
                color="white" if inside else style.INK,
                fontsize=9,
                fontweight="bold",
            )
            ax.text(99, height, f"{100 - value:.0f} %", va="center", ha="right", fontsize=9)
        ax.set_yticks(heights, rows["region"])
        ax.set_xlim(0, 100)
        ax.set_xlabel(f"Share of {_MEASURES.get(measure, measure)} {year}, percent")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, handlelength=1.2)
        style.describe(ax, title=title, note=note)
    return ax
