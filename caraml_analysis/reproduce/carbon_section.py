"""The report's section on the carbon estimator: what it was held against, and what rules find."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from caraml_analysis.carbon import checking, planting, validation
from caraml_analysis.carbon.distributions import read_distribution
from caraml_analysis.carbon.factors import SMALL_RUN_HOURS
from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.carbon.presets import GRID_ERROR, HOST
from caraml_analysis.carbon.tools import TOOLS
from caraml_analysis.reproduce.carbon_runs import check_reported_runs, load_factors
from caraml_analysis.reproduce.document import Block, Bullets, Heading, Paragraph, Table
from caraml_analysis.sources.carbon_factors import load_grid_of_tools
from caraml_analysis.sources.grid import load_grid_intensity
from caraml_analysis.sources.model_runs import load_accelerators, load_runs

_QUANTITIES = {"energy_mwh": "energy", "t_co2e_location": "emissions"}
_BOUNDARIES = {
    "report": "of the report",
    "own": "each tool's own, reports of sites",
    "own-cards": "each tool's own, reports of cards alone",
}
_HELD_OUT = {"run": "run left out", "organisation": "organisation left out", "": ""}
_FED = {
    "LLMCarbon": "fed with the run's own metered power and throughput",
    "mlco2/impact": "TPU power is the mean of metered runs, these among them",
    "CodeCarbon": "given the energy of mlco2/impact",
    "carbontracker": "given the energy of mlco2/impact",
    "experiment-impact-tracker": "given the energy of mlco2/impact",
    "Green Algorithms": "A100 as PCIe part, 64 GB for each GPU",
}


def carbon_tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the section by the name they are saved under."""
    rows = validation_rows()
    return {
        "carbon_validation": validation.summarise(rows),
        "carbon_validation_runs": rows,
        "carbon_findings": check_reported_runs(),
        "carbon_known_slips": checking.recall(check_reported_runs(), load_runs()),
        "carbon_false_alarms": checking.false_alarms(check_reported_runs(), load_runs()),
        "carbon_planted_slips": planting.plant_slips(
            load_runs(), load_accelerators(), load_grid_intensity()
        ),
    }


@cache
def validation_rows() -> pd.DataFrame:
    """Return every prediction for every metered run."""
    return validation.validation_rows(load_runs(), load_factors())


def summary_table(summary: pd.DataFrame, quantity: str, boundary: str) -> pd.DataFrame:
    """Return one comparison as it is shown: ours first, then the others by error.

    Parameters
    ----------
    summary : DataFrame
        From :func:`caraml_analysis.carbon.validation.summarise`.
    quantity : {"energy_mwh", "t_co2e_location"}
        What is compared.
    boundary : {"report", "own", "own-cards"}
        Whose PUE, and which reports.
    """
    rows = summary[(summary["quantity"] == quantity) & (summary["boundary"] == boundary)]
    ours = rows["tool"].isin(validation.VARIANTS)
    rows = pd.concat([rows[ours], rows[~ours].sort_values("median_absolute_error", kind="stable")])
    return pd.DataFrame(
        {
            "formula": [
                f"{tool} ({_HELD_OUT[held]})" if held else tool
                for tool, held in zip(rows["tool"], rows["held_out"], strict=True)
            ],
            "n": rows["n"].astype(str),
            "median absolute error": rows["median_absolute_error"].map("{:.1%}".format),
            "bias": rows["bias"].map("{:+.1%}".format),
            "largest": rows["largest"].map("{:.0%}".format),
            "inside p5 to p95": [_inside(row) for row in rows.itertuples()],
            "ours nearer": [
                "" if pd.isna(row.ours_nearer) else f"{row.ours_nearer:.0f} of {row.compared:.0f}"
                for row in rows.itertuples()
            ],
            "remark": [_remark(row) for row in rows.itertuples()],
        }
    )


def _remark(row: Any) -> str:
    if row.tool == validation.FULL_RANGE:
        return "no prediction: what the organisation metered is in the range"
    if row.tool == validation.HOST_ADDED:
        return f"as if the range were of cards alone: host {_spread(HOST)}"
    if row.stood_in > 0:
        return f"a range stands in for {row.stood_in:.0f} of {row.n} fitted loads"
    return _FED.get(row.tool, "")


def _inside(row: object) -> str:
    if pd.isna(row.inside):  # type: ignore[attr-defined]
        return ""
    low, high = row.inside_low, row.inside_high  # type: ignore[attr-defined]
    return f"{row.inside:.0f} of {row.n} ({low:.0%} to {high:.0%})"  # type: ignore[attr-defined]


def errors_by_run(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the error of each formula for each run's energy, at the boundary of the report."""
    chosen = rows[(rows["quantity"] == "energy_mwh") & (rows["boundary"] == "report")].copy()
    chosen = chosen[~chosen["tool"].isin(set(validation.VARIANTS) - {validation.OURS})]
    chosen["formula"] = [
        f"ours, {_HELD_OUT[held]}" if held else tool
        for tool, held in zip(chosen["tool"], chosen["held_out"], strict=True)
    ]
    order = list(dict.fromkeys(chosen["formula"]))
    wide = chosen.pivot(index="run", columns="formula", values="error")[order]
    wide = wide.loc[list(dict.fromkeys(chosen["run"]))]
    shown = wide.map(lambda error: "–" if pd.isna(error) else f"{error:+.0%}")
    return shown.reset_index()


def _sentence(summary: pd.DataFrame) -> str:
    """Say how ours compares with the others on energy, whichever way it comes out."""
    rows = summary[(summary["quantity"] == "energy_mwh") & (summary["boundary"] == "report")]
    ours = rows[rows["tool"] == validation.OURS].set_index("held_out")
    error = ours["median_absolute_error"]
    everyone = rows[rows["tool"].isin(TOOLS) & (rows["n"] == ours.loc["run", "n"])]
    best = everyone.loc[everyone["median_absolute_error"].idxmin()]
    best_error = best["median_absolute_error"]
    ways = rows.loc[
        (rows["held_out"] == "organisation") & rows["tool"].isin(validation.VARIANTS),
        "median_absolute_error",
    ]
    below = int((ways < best_error).sum())
    verdict = {0: "below it in none of them", len(ways): "below it in all of them"}.get(
        below, f"below it in {below} of {len(ways)} of them, so that this decides nothing"
    )
    plain = rows[rows["tool"] == validation.NO_SIZE_RULE].iloc[0]
    return (
        f"On the {best['n']} runs the median absolute error of our energy is {error['run']:.1%} "
        f"with the run left out; the lowest of the formulas that cover every run is "
        f"{best_error:.1%} ({best['tool']} and those that take its power), so that ours is "
        f"{'below' if error['run'] < best_error else 'not below'} it. With the organisation left "
        f"out ours is {error['organisation']:.1%}, and {ways.min():.1%} to {ways.max():.1%} over "
        f"{len(ways)} choices of what stands in for a fit: {verdict}. Without the rule on small "
        "runs, which was made with these runs in view, ours is "
        f"{plain['median_absolute_error']:.1%}: on so few runs no formula is shown to be best."
    )


def _spread(text: str) -> str:
    least, *_, most = text.split("..")
    return f"{least} to {most}"


def stand_in_sentence(rows: pd.DataFrame) -> str:
    """Say for how many runs a range stands in for a fitted load, and how much hangs on it.

    Parameters
    ----------
    rows : DataFrame
        From :func:`caraml_analysis.carbon.validation.validation_rows`.
    """
    rows = rows[(rows["quantity"] == "energy_mwh") & (rows["boundary"] == "report")]
    rows = rows[rows["held_out"] == "organisation"]
    ours = rows[rows["tool"] == validation.OURS]
    stood = ours[ours["stand_in"] != ""]
    ranges = ", ".join(
        f"{load} for the {len(group)} of {who}"
        for (who, load), group in stood.groupby(["organisation", "stand_in"], sort=False)
    )
    lines = validation.summarise(rows).set_index("tool")
    shown = {
        tool: f"{lines.at[tool, 'median_absolute_error']:.1%}, {lines.at[tool, 'inside']:.0f} of "
        f"{lines.at[tool, 'n']} inside p5 to p95"
        for tool in (validation.OURS, validation.FULL_RANGE, validation.HOST_ADDED)
    }
    return (
        f"With the organisation left out, too few runs are left to fit a load for {len(stood)} of "
        f"{len(ours)} runs: least, median and most of what the other organisations metered stands "
        f"in, whatever the part, cards alone and nodes together ({ranges}). This row "
        f"({shown[validation.OURS]}) says how far such a range comes, not how good the fit is. "
        "With the range of all metered runs, those of the organisation among them, it would be "
        f"{shown[validation.FULL_RANGE]}. It takes the range as one of nodes where the report is "
        f"of nodes, although part of it is of cards alone; with a host of {_spread(HOST)} on top, "
        f"as an estimate with the preset metered has it, it would be "
        f"{shown[validation.HOST_ADDED]}."
    )


def _own_sentence(summary: pd.DataFrame) -> str:
    rows = summary[(summary["quantity"] == "energy_mwh") & (summary["boundary"] == "own-cards")]
    ours = rows[(rows["tool"] == validation.OURS) & (rows["held_out"] == "run")].iloc[0]
    return (
        "What a user of each formula would have printed: its own PUE, for ours the preset "
        "metered, whose host comes on top of a range that stands in for a fit. Where the report "
        f"is of cards alone ({ours['n']} runs), this sets the energy of a site, or of a server, "
        "beside that of its cards. Ours is treated as the others are and "
        f"is {ours['median_absolute_error']:.0%} off there. A formula is nearer the less it adds "
        "to the cards: these runs show habits, not accuracy, and stand in a table of their own."
    )


def _emissions_sentence(summary: pd.DataFrame) -> str:
    rows = summary[(summary["quantity"] == "t_co2e_location") & (summary["boundary"] == "report")]
    ours = rows[(rows["tool"] == validation.OURS) & (rows["held_out"] == "run")].iloc[0]
    others = rows[rows["tool"].isin(TOOLS)]
    best = others.loc[others["median_absolute_error"].idxmin()]
    word = "lower" if ours["median_absolute_error"] < best["median_absolute_error"] else "higher"
    return (
        f"Emissions can be compared on {ours['n']} runs only. Our median absolute error there is "
        f"{ours['median_absolute_error']:.1%}, {word} than {best['median_absolute_error']:.1%} of "
        f"{best['tool']}. The reports use factors of sites; all formulas use averages of "
        "countries, of different years and editions, so that this compares luck with grids as much "
        "as formulas."
    )


def cannot_be_concluded(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return what these runs cannot show."""
    runs = rows.drop_duplicates("run")
    stood = rows[(rows["tool"] == validation.OURS) & (rows["boundary"] == "report")]
    stood = stood[(stood["quantity"] == "energy_mwh") & (stood["stand_in"] != "")]
    counts = ", ".join(f"{name} {n}" for name, n in runs["organisation"].value_counts().items())
    return (
        f"{len(runs)} runs of {runs['organisation'].nunique()} organisations ({counts}): an "
        "interval for the share inside p5 to p95 spans half of the scale, and runs of one "
        "organisation are not independent.",
        "Hours are an input, and for the larger runs PUE, too: only power is tested. Nothing is "
        "said of H100 or later parts, of hosts of A100, or of PUE.",
        "The power that mlco2/impact ships for TPUs (221 and 283 W, from arXiv:2104.10350) equals "
        "the mean of the metered runs of that paper, those tested here among them. Its error on "
        "them is not that of a prediction. Its V100 is taken as the 32 GB SXM2 part (300 W).",
        "Where cards alone were metered, formulas that add a host or a PUE of their own must "
        "overshoot, ours as the others: the comparison at the boundary of the report is the fair "
        "one, the other shows what a user of the tool would have printed.",
        f"That runs below {SMALL_RUN_HOURS:g} accelerator-hours draw less was seen in these runs; "
        "any bound between 25 and 287 hours parts them alike. This flatters our error; the tables "
        "show it without that rule, too.",
        f"With the organisation left out, the load of {len(stood)} of {len(runs)} runs is a range "
        "over what others metered, on other parts, with or without hosts. Which range stands in is "
        "a choice, and moves that row.",
        _editions_apart(),
    )


def _editions_apart() -> str:
    """Say in how many countries tables of the grid differ by more than the preset's spread."""
    tools = load_grid_of_tools()
    ours = load_grid_intensity().set_index(["iso3", "year"])["g_co2e_per_kwh"]
    keys = pd.MultiIndex.from_frame(tools[["iso3", "codecarbon_year"]])
    grams = tools[["codecarbon_g_co2e_per_kwh", "carbontracker_g_co2e_per_kwh"]].assign(
        ours=ours.reindex(keys).to_numpy()
    )
    grams = grams.where(grams >= LIMITS["g_co2e_per_kwh"][0])
    ratio = (grams.max(axis=1) / grams.min(axis=1))[grams.notna().sum(axis=1) > 1]
    spread = read_distribution(GRID_ERROR, "grid_error")
    least, _, most = spread.values
    far = ratio[ratio > most / least]
    return (
        f"The spread that the preset lays on a grid factor ({GRID_ERROR}) is a judgement from the "
        f"median country. Of {len(ratio)} countries that CodeCarbon or carbontracker and Ember "
        f"have, the tables differ by more than {most - 1:.0%} in {(ratio > most).sum()}, and by "
        f"more than the whole spread in {len(far)}; there the interval is too narrow."
    )


def _counts(findings: pd.DataFrame) -> pd.DataFrame:
    groups = findings.groupby(["severity", "rule"], sort=False)["run"]
    counts = groups.agg(findings="size", runs="nunique").reset_index()
    return counts.astype({"findings": str, "runs": str})


def _how_found(known: pd.DataFrame) -> str:
    """Say on what the known slips were found: arithmetic, a second value, or a label."""
    counts = known["evidence"].value_counts()
    return (
        f"{counts.get('arithmetic', 0)} by arithmetic, {counts.get('second value', 0)} because a "
        f"reader collected a second printed value that differs, "
        f"{counts.get('classification', 0)} from a reader's classification (whose estimate, "
        "which scope, metered where)"
    )


_PLANTED = {
    "kind": "what is spoiled",
    "planted": "runs spoiled",
    "found": "found",
    "named_first": "right cause first",
    "named": "right cause named",
    "others_blamed": "other runs blamed",
}


def _planted_sentence(planted: pd.DataFrame, alarms: pd.DataFrame) -> str:
    """Say what the planted slips show: recall, causes, and alarms on runs that were left alone."""
    missed = planted[planted["found"] < planted["planted"]]
    of = ", ".join(f"{row.kind} ({row.planted - row.found})" for row in missed.itertuples())
    total = planted.drop(columns="kind").sum()
    tried = planted.iloc[: -planting.UNTRIED].drop(columns="kind").sum()
    untried = planted.iloc[-planting.UNTRIED :].drop(columns="kind").sum()
    runs = load_runs()
    clean = runs.index[runs["known_slip"].isna()]
    wrong = alarms[alarms["run"].isin(clean)]
    computed = wrong[~wrong["rule"].isin(checking.CLASSIFIED)]
    return (
        "One number (two where it says so) of one run that holds is spoiled at a time: "
        f"{total['found']} of {total['planted']} are found; missed: {of or 'none'}. Runs left "
        f"alone that are blamed: {total['others_blamed']}. Of the {tried['found']} found of a "
        "kind that the rules try, "
        f'the right cause stands first in {tried["named_first"]} and after an "or" in '
        f"{tried['named'] - tried['named_first']} more; where energy, factor and tonnes are all "
        "that is printed, a power of ten may be in any of the three. The last "
        f"{planting.UNTRIED} kinds are none that they try: in {untried['named_first']} of "
        f"{untried['found']} they blame the right number or say that no single input explains it, "
        f"in the others a wrong cause stands first. Of the {len(clean)} reported runs in which "
        f"reading found nothing wrong, {wrong['run'].nunique()} are blamed for something, "
        f"{computed['run'].nunique()} of them by arithmetic."
    )


def carbon_blocks(saved: dict[str, pd.DataFrame]) -> list[Block]:
    """Return the section, given the tables ``carbon_validation*`` and others of the report.

    Parameters
    ----------
    saved : dict of DataFrame
        At least those of :func:`carbon_tables`.
    """
    summary, rows = saved["carbon_validation"], saved["carbon_validation_runs"]
    known, planted = saved["carbon_known_slips"], saved["carbon_planted_slips"]
    alarms, findings = saved["carbon_false_alarms"], saved["carbon_findings"]
    blocks: list[Block] = [
        Heading(2, "How right the carbon estimator is"),
        Paragraph(
            "Only runs whose own power was metered can test an estimate; a report whose energy is "
            "hours x rated power tests multiplication. Every formula gets the same runs and hours. "
            "Error is predicted / reported - 1; bias is the geometric mean of predicted / "
            "reported, minus 1; in parentheses the exact 95 % binomial interval. "
            f"{_sentence(summary)} {stand_in_sentence(rows)} {_emissions_sentence(summary)}"
        ),
    ]
    for quantity, boundary in (
        ("energy_mwh", "report"),
        ("energy_mwh", "own"),
        ("energy_mwh", "own-cards"),
        ("t_co2e_location", "report"),
        ("t_co2e_location", "own"),
    ):
        what = _QUANTITIES[quantity].capitalize()
        blocks.append(Heading(3, f"{what}, PUE {_BOUNDARIES[boundary]}"))
        if (quantity, boundary) == ("energy_mwh", "own"):
            blocks.append(Paragraph(_own_sentence(summary)))
        blocks.append(Table(summary_table(summary, quantity, boundary)))
    return [
        *blocks,
        Heading(3, "Error of the energy, run by run"),
        Table(errors_by_run(rows)),
        Heading(3, "What cannot be concluded"),
        Bullets(cannot_be_concluded(rows)),
        Heading(3, "Does the arithmetic of the reports hold?"),
        Paragraph(
            f"Rules over {len(load_runs())} reported runs find {int(known['found'].sum())} of "
            f"{len(known)} slips that were known from reading: {_how_found(known)}. They claim "
            f"{len(alarms)} more, of {alarms['run'].nunique()} runs; false alarms, or slips that "
            "nobody had noted. The rules were written with the known slips in view, so this is no "
            "test of them."
        ),
        Paragraph(_planted_sentence(planted, alarms)),
        Table(planted.astype(str).rename(columns=_PLANTED)),
        Table(_counts(findings)),
        Paragraph("Slips claimed beside the known ones:"),
        Table(alarms[["run", "rule", "message", "reconcile"]]),
    ]
