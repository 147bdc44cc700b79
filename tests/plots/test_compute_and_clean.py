"""The compute divide drawn: what stands there are the numbers of the tables, and can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.errors import TableError
from caraml_analysis.plots.clean import (
    plot_double_penalty,
    plot_penalty_sensitivity,
    plot_renewables_over_time,
    plot_training_emissions,
)
from caraml_analysis.plots.compute import (
    plot_authorship_and_compute,
    plot_compute_history,
    plot_inequality,
)
from caraml_analysis.reproduce import compute_figures, compute_tables
from caraml_analysis.reproduce.figures import FIGURES
from tests.plots.text_boxes import assert_texts_readable

OURS = [name for name, one in FIGURES.items() if one.make.__module__ == compute_figures.__name__]


@pytest.mark.parametrize("name", OURS)
def test_texts_are_clear(name):
    assert_texts_readable(FIGURES[name].make().axes.figure)


def line(ax, label):
    return next(one for one in ax.get_lines() if one.get_label() == label)


def test_history_stacks_the_shares_up_to_all():
    table = compute_tables.compute_history()
    axes = plot_compute_history(table)
    assert axes.shape == (3, 2)
    # the last area drawn is that of the richest group: its upper edge is the whole
    heights = axes[0, 1].collections[-1].get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(100)
    china = table[(table["classes"] == "now") & (table["income_group"] == "upper_middle")]
    hatched = [one for one in axes[0, 1].collections if one.get_hatch()]
    floor = table[(table["classes"] == "now") & (table["income_group"] == "lower_middle")]
    peak = china.set_index("edition")["china_rmax_share"] + floor.set_index("edition")["rmax_share"]
    low = table[(table["classes"] == "now") & (table["income_group"] == "low")]
    peak = peak + low.set_index("edition")["rmax_share"]
    tops = [path.vertices[:, 1].max() for one in hatched for path in one.get_paths()]
    assert max(tops) == pytest.approx(100 * peak.max())


def test_power_is_drawn_only_from_where_it_is_known():
    axes = plot_compute_history(compute_tables.compute_history())
    first = min(path.vertices[:, 0].min() for path in axes[2, 0].collections[0].get_paths())
    assert first == pytest.approx(2008 + 5 / 12)


def test_years_without_power_are_said_to_have_none_published():
    axes = plot_compute_history(compute_tables.compute_history())
    said = [[text.get_text() for text in ax.texts] for ax in axes[:, 0]]
    assert said == [[], [], ["not published\nbefore 2008-06"]]


def test_lorenz_curves_name_their_list_and_their_line_of_equality():
    axes = compute_figures.inequality("2019-11").axes.figure.axes
    assert axes[0].get_title(loc="left") == "Lorenz curves of Rmax, list 2019-11"
    assert line(axes[0], "equal shares").get_ydata().tolist() == [0, 100]


def test_inequality_draws_its_tables():
    inequality, without = compute_tables.compute_inequality(), compute_tables.without_system()
    curves = compute_tables.lorenz_curves()
    axes = plot_inequality(curves, inequality, without)
    gini = line(axes[0, 1], "weighted by people").get_ydata()
    assert gini.tolist() == inequality["gini_people"].tolist()
    held = line(axes[1, 0], "90 % of Rmax").get_ydata()
    assert held.tolist() == inequality["holders_90"].tolist()
    low = line(axes[1, 1], "Low income").get_ydata()
    wanted = without.loc[without["income_group"] == "low", "share_without"]
    assert low.tolist() == (100 * wanted).tolist()
    for name, curve in curves.items():
        assert line(axes[0, 0], name).get_ydata().tolist() == (100 * curve["amount"]).tolist()


def test_every_country_with_figures_is_in_the_double_penalty():
    table = compute_tables.double_penalty()
    axes = plot_double_penalty(table)
    for column, clean in enumerate(("renewable_kwh_per_head", "renewable_pct")):
        known = table[table[clean].notna()]
        drawn = [
            sum(len(one.get_offsets()) for one in axes[row, column].collections) for row in (0, 1)
        ]
        hosts = int((known["rmax_tflops"] > 0).sum())
        assert drawn == [hosts, len(known) - hosts]


def test_marker_areas_are_true_to_population():
    axes = plot_double_penalty(compute_tables.double_penalty())
    sizes = np.concatenate([one.get_sizes() for one in axes[0, 1].collections])
    people = compute_tables.double_penalty().query("rmax_tflops > 0")["population"]
    assert sizes.max() / people.max() == pytest.approx(1 / 2.2e6)


def test_what_is_too_little_for_the_scale_stands_beside_it():
    table = compute_tables.double_penalty()
    for ax in plot_double_penalty(table)[:, 0]:
        little = ax.get_xticks()[0]
        (strip,) = [one for one in ax.patches if one.get_width() > 0]
        ends = strip.get_x(), strip.get_x() + strip.get_width()
        assert ends[0] < little < ends[1] < 1, "apart from the scale, which begins at 1"
    assert [tick.get_text() for tick in ax.get_xticklabels()][:2] == ["≤ 1", "1"]
    drawn = np.concatenate([one.get_offsets()[:, 0] for one in ax.collections])
    others = table[table["rmax_tflops"] == 0]
    least = int((others["renewable_kwh_per_head"] <= 1).sum())
    assert least > 5
    assert int((drawn < 1).sum()) == int(np.isclose(drawn, little).sum()) == least


def test_axes_of_the_caller_get_the_same_scales():
    import matplotlib.pyplot as plt

    _, given = plt.subplots(2, 2, figsize=(11, 9))
    table = compute_tables.double_penalty()
    own = plot_double_penalty(table)
    for ax, wanted in zip(plot_double_penalty(table, ax=given).flat, own.flat, strict=True):
        assert ax.get_xlim() == pytest.approx(wanted.get_xlim())
        assert ax.get_xscale() == wanted.get_xscale()


def test_titles_say_whom_a_panel_shows_and_how_many_are_missing():
    table = compute_tables.double_penalty()
    axes = plot_double_penalty(table)
    hosts = int((table["rmax_tflops"] > 0).sum())
    known = int(table["renewable_pct"].notna().sum())
    assert axes[0, 1].get_title(loc="left") == f"{hosts} hosts by renewable share"
    assert axes[1, 1].get_title(loc="left") == (
        f"{known - hosts} without listed system (no figures: {len(table) - known})"
    )
    table.loc[table["iso3"] == "CHE", "renewable_pct"] = np.nan
    title = plot_double_penalty(table)[0, 1].get_title(loc="left")
    assert title == f"{hosts - 1} hosts by renewable share (no figures: 1)"


def test_the_most_populous_without_a_system_are_named_on_no_other_name():
    table = compute_tables.double_penalty()
    axes = plot_double_penalty(table)
    others = table[table["rmax_tflops"] == 0].nlargest(5, "population")
    assert set(others["iso3"]) == {"BGD", "ETH", "IDN", "NGA", "PAK"}
    for ax in axes[1]:
        assert {text.get_text() for text in ax.texts} == set(others["iso3"])
    for ax in axes.flat:
        frame = ax.get_window_extent()
        for text in ax.texts:
            box = text.get_window_extent()
            assert frame.x0 <= box.x0 <= box.x1 <= frame.x1, text.get_text()


def test_small_countries_are_drawn_over_large_ones():
    table = compute_tables.double_penalty()
    for ax in plot_double_penalty(table).flat:
        sizes = ax.collections[0].get_sizes()
        assert (np.diff(sizes) <= 0).all()


def test_the_key_of_sizes_says_what_the_least_marker_means():
    legend = plot_double_penalty(compute_tables.double_penalty())[0, 1].get_legend()
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["15 million or fewer", "100 million", "1 billion"]


def test_sensitivity_draws_value_and_interval_of_every_choice():
    table = compute_tables.penalty_sensitivity(20)
    chosen = table[(table["compute"] == "gflops_per_head") & (table["countries_of"] == "all")]
    axes = plot_penalty_sensitivity(chosen, compute_tables.CLEAN_MEASURES)
    drawn = np.concatenate(
        [one.get_xdata() for one in axes[1].get_lines() if one.get_marker() != "None"]
    )
    amounts = chosen.loc[chosen["question"] == "amount", "value"]
    assert sorted(drawn) == pytest.approx(sorted(amounts))
    bars = np.concatenate([one.get_segments() for one in axes[1].collections])
    assert len(bars) == len(amounts)
    with pytest.raises(TableError, match="several rows for one list"):
        plot_penalty_sensitivity(table, compute_tables.CLEAN_MEASURES)


def test_bars_of_the_training_run_have_its_emissions():
    table = compute_tables.training_emissions()
    ax = plot_training_emissions(table, reference_t=8930, reference="as reported")
    widths = [bar.get_width() for bar in ax.patches if bar.get_width() > 1]
    assert widths == table["t_co2e"].tolist()
    assert line(ax, "as reported").get_xdata()[0] == 8930
    with pytest.raises(TableError, match="no country has a value"):
        plot_training_emissions(table.assign(t_co2e=np.nan))


def test_the_training_run_and_its_energy_and_the_reported_value_are_named():
    bars, world = compute_figures.emissions(), compute_figures.emissions_map()
    ax = bars.axes
    energy = bars.table["energy_gwh"].iloc[0]
    label = f"One training of Llama 3.1 405B ({energy:.1f} GWh), t CO2e"
    assert ax.get_xlabel() == label
    (bar,) = [one for one in world.axes.figure.axes if one is not world.axes]
    assert bar.get_xlabel() == label
    above = [text for text in ax.texts if text.get_text() == "as reported, location-based: 8,930 t"]
    assert [text.xy[0] for text in above] == [8930]
    key = [text.get_text() for text in ax.get_legend().get_texts()]
    assert key == ["High income", "Upper middle income", "Lower middle income"]


@pytest.mark.parametrize("reported", [1.0, 20_000.0])
def test_the_reported_value_is_seen_wherever_it_lies(reported):
    ax = plot_training_emissions(
        compute_tables.training_emissions(),
        reference_t=reported,
        reference="as reported",
        title="A statement above the figure",
    )
    assert ax.get_xlim()[0] <= reported <= ax.get_xlim()[1]
    assert_texts_readable(ax.figure)


def test_pairs_of_a_country_stand_on_one_line():
    groups = pd.DataFrame(
        {
            "year": [2021, 2022] * 2,
            "income_group": ["high"] * 2 + ["upper_middle"] * 2,
            "entries_share": [0.9, 0.8, 0.1, 0.2],
            "rmax_share": [0.7, 0.9, 0.3, 0.1],
        }
    )
    nations = pd.DataFrame(
        {
            "year": [2022, 2022, 2021],
            "iso3": ["AAA", "BBB", "BBB"],
            "country": ["A", "B", "B"],
            "entries_share": [0.5, 0.02, 0.01],
            "rmax_share": [0, 0.1, 0.3],
        }
    )
    axes = plot_authorship_and_compute(groups, nations, followed=["BBB"])
    assert line(axes[0], "High income: Rmax").get_ydata().tolist() == [70, 90]
    assert line(axes[1], "B: Rmax").get_ydata().tolist() == [30, 10]
    assert [tick.get_text() for tick in axes[2].get_yticklabels()] == ["B", "A"]
    # none stands beside the scale, which says so
    none = line(axes[2], "Rmax").get_xdata()[1]
    assert line(axes[2], "Rmax").get_xdata().tolist() == [10, axes[2].get_xticks()[0]]
    assert axes[2].get_xticklabels()[0].get_text() == "≤ 0.05"
    (strip,) = axes[2].patches
    assert strip.get_x() < none < strip.get_x() + strip.get_width() < 0.05
    with pytest.raises(TableError, match="no rows of 2020"):
        plot_authorship_and_compute(groups, nations, year=2020, followed=["BBB"])
    with pytest.raises(TableError, match="USA, CHN, JPN, GBR cannot be followed"):
        plot_authorship_and_compute(groups, nations)


def test_renewables_are_drawn_by_group_and_region():
    groups, regions = compute_tables.clean_electricity(), compute_tables.clean_electricity("region")
    capacity = groups[["year", "income_group", "renewable_pct"]]
    shares = compute_tables.renewables_by_region()
    axes = plot_renewables_over_time(groups, capacity, regions, shares)
    for row, name, rows in (
        (0, "Low income", groups[groups["income_group"] == "low"]),
        (1, "Africa", regions[regions["region"] == "Africa"]),
    ):
        drawn = line(axes[row, 2], name).get_ydata()
        assert drawn.tolist() == rows["renewable_kwh_per_head"].tolist()
    lines = axes[1, 1].get_lines()
    assert len(lines) == 10  # nine regions and the world
    looks = {(one.get_color(), one.get_linestyle(), one.get_marker()) for one in lines}
    assert len(looks) == len({one.get_marker() for one in lines}) == 10, "also without colours"
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["Income groups", "IRENA's regions"]
    assert all("\n" in ax.get_title(loc="left") for ax in axes[0])
    assert axes[0, 0].get_title(loc="left").endswith("Sum of countries, 2000-2023")
    assert axes[1, 0].get_title(loc="left") == "Published by IRENA, 2000-2022"
    assert not axes[0, 1].texts


def test_the_changing_number_of_areas_is_written_beside_their_lines():
    axes = compute_figures.clean_electricity().axes.figure.axes
    capacity = ca.load_irena_income_groups("capacity", "class_of_2023")
    areas = capacity[capacity["income_group"] == "low"].set_index("year")["areas"]
    assert areas[2000] != areas[2023]
    (text,) = axes[1].texts
    assert f"Low: {areas[2000]} to {areas[2023]} areas" in text.get_text()


def test_labels_between_two_strips_lead_to_their_points():
    ax = plot_double_penalty(compute_tables.double_penalty())[1, 0]
    labels = {text.get_text(): text for text in ax.texts}
    ends = {tuple(np.round([one.get_xdata()[0], one.get_ydata()[0]], 6)) for one in ax.lines}
    assert {"NGA", "PAK"} <= set(labels)
    for code in ("NGA", "PAK"):
        assert tuple(np.round(labels[code].xy, 6)) in ends


def test_two_equal_shares_can_both_be_seen():
    ax = compute_figures.authorship_beside().axes.figure.axes[2]
    entries, rmax = line(ax, "entries"), line(ax, "Rmax")
    # the diamond's diagonal
    assert entries.get_markersize() > 1.1 * np.sqrt(2) * rmax.get_markersize()


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        (lambda ax: plot_compute_history(compute_tables.compute_history(), ax=ax), r"\(3, 2\)"),
        (lambda ax: plot_double_penalty(compute_tables.double_penalty(), ax=ax), r"\(2, 2\)"),
    ],
    ids=["history", "penalty"],
)
def test_axes_of_another_shape_are_refused(draw, shape):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 3)
    with pytest.raises(TableError, match=f"instead of {shape}"):
        draw(axes)
