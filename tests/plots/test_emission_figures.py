import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from caraml_analysis.errors import TableError, UnitError
from caraml_analysis.plots import emissions
from caraml_analysis.reproduce import figures
from tests.plots.text_boxes import assert_texts_readable

MAKERS = ["footnote2", "every_grid", "agreement", "growth", "cap"]


@pytest.mark.parametrize("name", MAKERS)
def test_texts_are_readable(name):
    drawing = getattr(figures, f"carbon_{name}")()
    assert_texts_readable(drawing.axes.get_figure(root=True))


AGREEMENT = pd.DataFrame(
    {
        "model": ["a", "b", "c"],
        "quantity": ["energy", "energy", "emissions"],
        "basis": ["measured", "circular", "other"],
        "reported": [10.0, 100.0, 1.0],
        "p5": [8.0, 50.0, 50.0],
        "p50": [11.0, 120.0, 100.0],
        "p95": [14.0, 200.0, 200.0],
    }
)


def test_measured_and_circular_are_told_apart_with_their_numbers():
    energy, emitted = emissions.plot_reported_against_estimated(AGREEMENT)
    words = [text.get_text() for text in energy.get_legend().texts]
    assert words == ["energy measured on the run (1)", "circular: hours x assumed power (1)"]
    assert [text.get_text() for text in emitted.texts] == ["c"], "far from its estimate: named"
    assert not energy.texts


def test_energy_and_emissions_have_their_units():
    energy, emitted = emissions.plot_reported_against_estimated(AGREEMENT)
    assert "MWh" in energy.get_xlabel()
    assert "t CO2e" in emitted.get_ylabel()
    assert "location-based" in emitted.get_title(loc="left")


def test_one_quantity_alone_can_be_drawn():
    ax = emissions.plot_reported_against_estimated(AGREEMENT.query("quantity == 'energy'"))
    assert_texts_readable(ax[0].figure)


TWO = pd.DataFrame(
    [
        ("A", "Hours", 3.0, 3.0, 3.0, 3.0),
        ("A", "Emissions", 5.0, 9.0, 12.0, 8.0),
        ("B", "Hours", 1.0, 1.0, 1.0, 1.0),
        ("B", "Emissions", 1.0, 2.0, 3.0, np.nan),
    ],
    columns=["model", "quantity", "p5", "p50", "p95", "reported"],
)


def test_intervals_and_reports_are_written():
    hours, emitted = emissions.plot_two_runs(TWO)
    assert [text.get_text() for text in hours.texts] == ["3.00", "1.00"]
    assert [text.get_text() for text in emitted.texts] == [
        "9.00 (5.00 to 12.0)",
        "reported 8.00",
        "2.00 (1.00 to 3.00)",
    ]


GRIDS = pd.DataFrame(
    {
        "iso3": ["FRA", "USA", "IND"],
        "country": ["France", "United States", "India"],
        "p5": [1.0, 7.0, 12.0],
        "p50": [2.0, 10.0, 19.0],
        "p95": [3.0, 14.0, 25.0],
    }
)


def test_the_ends_and_the_wanted_grids_are_named():
    ax = emissions.plot_grid_ladder(GRIDS.sample(frac=1, random_state=1), label=["USA"])
    words = [text.get_text() for text in ax.texts]
    assert words == ["France 2.00", "United States 10.0", "India 19.0"]


@pytest.mark.parametrize(
    "label", [["NPL", "CRI", "FRA"], ["COG", "TTO", "IND"], ["VCT", "SSD", "ZAF", "NER"]]
)
def test_neighbours_can_be_named_without_overlap(label):
    ax = emissions.plot_grid_ladder(figures.carbon_every_grid().table, label=label)
    assert_texts_readable(ax.figure)


def test_a_grid_that_is_not_there_cannot_be_named():
    with pytest.raises(TableError, match="no ATL in the table"):
        emissions.plot_grid_ladder(GRIDS, label=["ATL"])


GROWTH = pd.DataFrame(
    {
        "model": ["old", "small", "large", "larger"],
        "date": ["2019", "2020-05", "2020-05-03", "2020-05-03"],
        "t_co2e": [10.0, 1.0, 50.0, 60.0],
        "basis": ["measured", "circular", "other", "other"],
    }
)


def test_records_are_named_once_per_day():
    ax = emissions.plot_reported_emissions(GROWTH, name=["small"])
    assert [text.get_text() for text in ax.texts] == ["old 10", "larger 60", "small 1"]


KINDS = pd.DataFrame(
    {
        "model": list(emissions.BASES),
        "date": [f"202{i}" for i in range(len(emissions.BASES))],
        "t_co2e": [10.0**i for i in range(len(emissions.BASES))],
        "basis": list(emissions.BASES),
    }
)


def test_every_kind_of_value_has_its_own_look_and_legend_entry():
    ax = emissions.plot_reported_emissions(KINDS)
    words = [text.get_text() for text in ax.get_legend().texts]
    assert words[:-1] == [f"{words} (1)" for _, _, words in emissions.BASES.values()]
    assert len({marker for marker, _, _ in emissions.BASES.values()}) == len(emissions.BASES)
    assert len({colour for _, colour, _ in emissions.BASES.values()}) == len(emissions.BASES)


def test_what_is_refuted_unstated_or_no_single_training_sets_no_record():
    ax = emissions.plot_reported_emissions(KINDS)
    named = [text.get_text().split()[0] for text in ax.texts]
    assert "unstated" not in named
    assert "refuted" not in named
    ax = emissions.plot_reported_emissions(KINDS.assign(record=KINDS["basis"] == "measured"))
    assert [text.get_text() for text in ax.texts] == ["measured 1"]


def test_a_slip_is_ringed_and_counted():
    ax = emissions.plot_reported_emissions(KINDS.assign(slip=KINDS["t_co2e"] > 1e4))
    (ring,) = [line for line in ax.lines if line.get_label().startswith("ring")]
    assert ring.get_label() == "ring: the checker finds a slip in its numbers (2)"
    assert ring.get_ydata().tolist() == [1e5, 1e6]


@pytest.mark.parametrize("dates", [["2025-01", "2025-01-20"], ["2019", "2019-02"]])
def test_labels_at_the_edges_stay_inside_and_apart(dates):
    table = pd.DataFrame(
        {
            "model": ["a model with a rather long name", "another with a name as long"],
            "date": dates,
            "t_co2e": [10.0, 12.0],
            "basis": "measured",
        }
    )
    middle = GROWTH.assign(date="2022")
    ax = emissions.plot_reported_emissions(
        pd.concat([middle, table], ignore_index=True), name=list(table["model"])
    )
    assert_texts_readable(ax.figure)
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    for model, value in zip(table["model"], table["t_co2e"], strict=True):
        box = boxes[f"{model} {value:g}"]
        assert ax.bbox.x0 <= box.x0
        assert box.x1 <= ax.bbox.x1


def test_the_reported_curve_is_held_against_estimates_of_the_same_runs():
    ax = emissions.plot_carbon_cap(CURVE)
    same = next(line for line in ax.lines if "with a report" in line.get_label())
    assert same.get_ydata().tolist() == [0, 0, 2]


def test_the_legend_of_caps_stays_off_the_marked_caps():
    ax = figures.carbon_cap().axes
    ax.figure.draw_without_rendering()
    right = ax.get_legend().get_window_extent().x1
    assert right < ax.transData.transform((10, 1))[0]


def test_the_newest_large_run_is_named_with_its_value():
    ax = figures.carbon_growth().axes
    words = [text.get_text() for text in ax.texts]
    assert "Llama 4 Scout 1,354" in words
    assert "Llama 3.3 70B 12.9" in words


def test_a_bare_year_stands_in_its_middle():
    ax = emissions.plot_reported_emissions(GROWTH)
    (measured,) = [line for line in ax.lines if line.get_label().startswith("energy measured on")]
    assert pd.Timestamp(measured.get_xdata()[0]) == pd.Timestamp("2019-07-01")


CURVE = pd.DataFrame(
    {
        "cap_t_co2e": [1.0, 10.0, 100.0],
        "runs": 5,
        "allowed": [1, 3, 5],
        "allowed_low": [0, 2, 5],
        "allowed_high": [2, 4, 5],
        "reported_runs": 2,
        "reported_allowed": [0, 1, 2],
        "reported_runs_estimated": [0, 0, 2],
    }
)


def test_a_cap_is_marked_with_the_runs_that_it_allows():
    ax = emissions.plot_carbon_cap(CURVE, caps=[20])
    assert [text.get_text() for text in ax.texts] == ["20 t:\n3 of 5"]
    words = [text.get_text() for text in ax.get_legend().texts]
    assert words[1:] == [
        "estimate, median (all 5 runs)",
        "estimate, median (2 runs with a report)",
        "as reported (these 2 runs)",
    ]


@pytest.mark.parametrize(
    ("plot", "table", "column"),
    [
        (emissions.plot_reported_against_estimated, AGREEMENT, "p95"),
        (emissions.plot_two_runs, TWO, "p50"),
        (emissions.plot_grid_ladder, GRIDS, "p5"),
        (emissions.plot_reported_emissions, GROWTH, "t_co2e"),
        (emissions.plot_carbon_cap, CURVE, "cap_t_co2e"),
    ],
)
def test_bad_tables_are_refused(plot, table, column):
    with pytest.raises(TableError, match=f"no column '{column}'"):
        plot(table.drop(columns=column))
    with pytest.raises(TableError, match="table is empty"):
        plot(table.head(0))
    for bad in (0.0, np.nan):
        wrong = table.astype({column: float})
        wrong.loc[1, column] = bad
        with pytest.raises(UnitError, match=f"{column} in row 1 is not above 0"):
            plot(wrong)


@pytest.mark.parametrize(
    ("plot", "table", "column"),
    [
        (emissions.plot_reported_against_estimated, AGREEMENT, "quantity"),
        (emissions.plot_reported_against_estimated, AGREEMENT, "basis"),
        (emissions.plot_reported_emissions, GROWTH, "basis"),
    ],
)
def test_unknown_kinds_are_refused(plot, table, column):
    with pytest.raises(TableError, match=f"{column} is 'guess'; it is one of"):
        plot(table.assign(**{column: "guess"}))


@pytest.mark.parametrize(
    ("plot", "table"),
    [(emissions.plot_reported_against_estimated, AGREEMENT), (emissions.plot_two_runs, TWO)],
)
def test_the_axes_must_fit(plot, table):
    _, ax = plt.subplots(1, 3)
    with pytest.raises(TableError, match=r"shape \(3,\)"):
        plot(table, ax=ax)
