"""The report's section on the geocoder: how right, how sure and how fast it is."""

from __future__ import annotations

import pandas as pd

from caraml_analysis.analysis import audit
from caraml_analysis.reproduce.accuracy import AUDIT_YEAR, held_out, readable
from caraml_analysis.reproduce.document import Block, Heading, Paragraph, Table

_MACHINE = "machine"
_SPEED = "speed / geotext's"
_ENDS = ("", "_low", "_high")

# What is shown of the measurements that have a unit, and how.
_SPEED_LINES = {
    "speed": "{:,.0f}",
    "time per text": "{:,.1f}",
    "time per character": "{:,.0f}",
    _SPEED: "{:,.2f}",
    "loading": "{:,.2f}",
    "geocode": "{:,.2f}",
    "caraml geocode": "{:,.0f}",
    "peak memory": "{:,.0f}",
}


def scores_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the audit by sample and half as it is shown."""
    names = ["sample", "half", "texts", "right", "wrong", "unanswered", "list_right"]
    with_limits = [f"{name}{end}" for name in ("accuracy", "precision") for end in _ENDS]
    return readable(scores[[*names, *with_limits]])


def targets_table(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets of the geocoder as they are shown."""
    met = targets["met"].map({True: "yes", False: "**no**"})
    return targets.assign(met=met).rename(columns={"how": "command"}).astype(str)


def _targets_met(targets: pd.DataFrame) -> str:
    missed = targets[~targets["met"]]
    if missed.empty:
        return f"All {len(targets)} targets are met."
    lines = "; ".join(
        f"{row.what} ({row.measured}, wanted {row.wanted})" for row in missed.itertuples()
    )
    return (
        f"{len(targets) - len(missed)} of {len(targets)} targets are met. Missed: {lines}. "
        "Why: docs/accuracy.md."
    )


def precision_table(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Return precision and coverage of each system on each set of labelled texts.

    Parameters
    ----------
    benchmark : DataFrame
        From :func:`caraml_analysis.reproduce.accuracy.load_benchmark`.

    Returns
    -------
    DataFrame
        One row for each set: ``texts labelled``, then for each system precision at coverage, such
        as ``99.3 % at 91.7 %``; a dash where nothing was answered.
    """
    values = _values(benchmark, ["texts", "precision", "coverage"])
    systems = [name for name in dict.fromkeys(benchmark["system"]) if name != _MACHINE]
    systems = [name for name in systems if (name, "coverage") in values.index.droplevel("on")]
    sets = dict.fromkeys(
        on for system, measure, on in values.index if measure == "texts" and system in systems
    )
    rows = []
    for on in sets:
        row = {"texts": on, "n": f"{values[systems[0], 'texts', on]:.0f}"}
        for system in systems:
            precision = values.get((system, "precision", on))
            coverage = values[system, "coverage", on]
            row[system] = "–" if precision is None else f"{_pct(precision)} at {_pct(coverage)}"
        rows.append(row)
    return pd.DataFrame(rows)


def speed_table(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Return speed, loading and memory of each system as they are shown.

    Parameters
    ----------
    benchmark : DataFrame
        From :func:`caraml_analysis.reproduce.accuracy.load_benchmark`.

    Returns
    -------
    DataFrame
        ``measure`` (with its unit), ``on``, then one column for each system, empty where it was
        not measured.
    """
    chosen = benchmark[benchmark["measure"].isin(_SPEED_LINES) & (benchmark["system"] != _MACHINE)]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for line in chosen.itertuples():
        unit = f" ({line.unit})" if line.unit else ""
        shown = _SPEED_LINES[str(line.measure)].format(float(str(line.value)))
        rows.setdefault((f"{line.measure}{unit}", str(line.on)), {})[str(line.system)] = shown
    systems = list(dict.fromkeys(chosen["system"]))
    return pd.DataFrame(
        [
            {"measure": measure, "on": on} | {name: cells.get(name, "") for name in systems}
            for (measure, on), cells in rows.items()
        ]
    )


def _values(benchmark: pd.DataFrame, measures: list[str]) -> pd.Series:
    rows = benchmark[benchmark["measure"].isin(measures)]
    keys = ["system", "measure", "on"]
    return rows.set_index(keys)["value"].astype(float)


def _pct(share: float) -> str:
    return f"{100 * share:.1f} %"


def measured_how(benchmark: pd.DataFrame) -> str:
    """Say when, on what and with which versions the benchmark was run."""
    notes = benchmark[(benchmark["system"] == _MACHINE) & (benchmark["on"] == "")]
    of = dict(zip(notes["measure"], notes["value"], strict=True))
    systems = benchmark[benchmark["version"].notna()].drop_duplicates("system")
    versions = ", ".join(f"{row.system} {row.version}" for row in systems.itertuples())
    failed = benchmark[benchmark["measure"] == "not measured"]
    left_out = "".join(
        f" {row.system} could not be measured: {row.value}." for row in failed.itertuples()
    )
    return (
        f"Measured by `make benchmark` on {of['date']}, {of['processor']}, {of['cores']} cores, "
        f"{of['system']}, Python {of['python']}, pandas {of['pandas']}; medians of "
        f"{of['repetitions']} fresh processes. {versions}.{left_out} The report reads these "
        "figures; it does not measure them again."
    )


def headline(benchmark: pd.DataFrame) -> str:
    """Return our speed in geotext's, on each kind of texts."""
    ours = benchmark[(benchmark["system"] == "caraml_analysis") & (benchmark["measure"] == _SPEED)]
    parts = [f"{float(row.value):.2f} times on {row.on}" for row in ours.itertuples()]
    return (
        f"In the same process and on the same texts, never seen before, our speed is geotext's "
        f"{' and '.join(parts)}."
    )


def accuracy_blocks(saved: dict[str, pd.DataFrame]) -> list[Block]:
    """Return the section, given the tables ``geocoder_*`` of the report."""
    judged = held_out()
    error = audit.calibration_error(judged)
    benchmark = saved["geocoder_benchmark"]
    return [
        Heading(2, "How right the geocoder is"),
        Paragraph(_targets_met(saved["geocoder_targets"])),
        Table(targets_table(saved["geocoder_targets"])),
        Heading(3, "On texts of other years"),
        Paragraph(
            "Texts as authors write them at conferences and in years that are not embedded, and "
            "scholarly ones that do not name their country, written down from knowledge of the "
            "field without sight of the tables and labelled by hand. They were not collected from "
            "a site, and two in five are from low- and middle-income countries, more than at a "
            "real conference. The development half was read while rules were written, of the "
            "test half only sums."
        ),
        Table(scores_table(saved["geocoder_unseen"])),
        Heading(3, "On the embedded years"),
        Paragraph(
            "600 texts labelled by hand before the gazetteer was written: 300 drawn by entry "
            "(what matters for the shares) and 300 uniformly over distinct texts (the long tail), "
            "split once into a development and a test half. The gazetteer was written with the "
            "unlabelled embedded texts in view, so this is the accuracy on these years, not on "
            "texts never seen. Right: the first country is the label's, or there is no answer "
            "where nobody could place the text. In parentheses: 95 % limits (Wilson)."
        ),
        Table(scores_table(saved["geocoder_audit"])),
        Heading(3, "Is it as sure as it may be?"),
        Paragraph(
            "Confidence that the geocoder stated, and how often it was right, on the "
            f"{len(judged)} texts of the test half. Expected calibration error "
            f"{error['expected_calibration_error']:.3f}, Brier score {error['brier_score']:.4f}; 0 "
            "is best for both."
        ),
        Table(readable(saved["geocoder_reliability"])),
        Heading(3, "Do its errors lean towards an income group?"),
        Paragraph(
            f"{audit.describe_lean(judged)} Test half, World Bank groups of data year {AUDIT_YEAR}."
        ),
        Table(readable(saved["geocoder_income_groups"])),
        Heading(3, "Beside other geocoders"),
        Paragraph(f"{headline(benchmark)} {measured_how(benchmark)}"),
        Table(speed_table(benchmark)),
        Paragraph(
            "Precision (the first country is among the label's) at coverage (any answer), on texts "
            "labelled by others (`tests/data/dev_gold`) and on the audit. The first four sources "
            "are scholarly texts; `country named` and `no country named` are their texts with and "
            "without a country's name in them. Their labels and our table of organisations both "
            "come from ROR, which flatters us there; the sources with addresses end with the "
            "country."
        ),
        Table(precision_table(benchmark)),
    ]
