"""The report: figures, Appendix A, the unknowns, sensitivity and every number of the paper."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from caraml_analysis import carbon, paths, registry, tables
from caraml_analysis.analysis.gazetteer import rows_by_income
from caraml_analysis.analysis.income_shares import appendix_table, income_shares
from caraml_analysis.analysis.sensitivity import largest_shifts
from caraml_analysis.reproduce import accuracy, numbers, unknowns
from caraml_analysis.reproduce.accuracy_section import accuracy_blocks
from caraml_analysis.reproduce.carbon_section import carbon_blocks, carbon_tables
from caraml_analysis.reproduce.document import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    Picture,
    Table,
    to_html,
    to_markdown,
)
from caraml_analysis.reproduce.entries import (
    CHOICES,
    gazetteer_rows,
    located_authorships,
    papers_per_year,
    sensitivity_table,
)
from caraml_analysis.reproduce.figures import FIGURES
from caraml_analysis.reproduce.saving import table_csv
from caraml_analysis.reproduce.targets import targets
from caraml_analysis.sources.conferences import load_coverage
from caraml_analysis.sources.model_runs import load_accelerators, load_runs
from caraml_analysis.sources.paper import load_appendix_a

TITLE = "The CARAML paper's numbers and ours"
GROUP_WORDS = {
    "high": "high",
    "upper_middle": "upper middle",
    "lower_middle": "lower middle",
    "low": "low",
    "unclassified": "unclassified",
    "unknown": "unknown",
}


def _percent(share: float, digits: int = 1) -> str:
    return "" if pd.isna(share) else f"{100 * share:.{digits}f} %"


def _count(value: float) -> str:
    return f"{value:,.0f}"


# --- the tables that are saved beside the report ------------------------------------------------


def report_tables() -> dict[str, pd.DataFrame]:
    """Return every table of the report by the name it is saved under."""
    entries = located_authorships()
    shares = income_shares(entries)
    return {
        "appendix_a": appendix_table(shares, papers_per_year(entries)),
        "income_shares": shares,
        "coverage": load_coverage(),
        "sensitivity": sensitivity_table(),
        "sensitivity_shifts": _shifts(sensitivity_table()),
        "unknowns": unknowns.estimates(),
        "unknowns_compared": unknowns.comparison(),
        "gazetteer_rows": rows_by_income(gazetteer_rows()),
        "geocoder_audit": accuracy.audit_scores(),
        "geocoder_unseen": accuracy.unseen_scores(),
        "geocoder_targets": targets(),
        "geocoder_reliability": accuracy.audit_reliability(),
        "geocoder_income_groups": accuracy.audit_income_groups(),
        "geocoder_benchmark": accuracy.load_benchmark(),
        "carbon_runs": carbon_table(),
        **carbon_tables(),
        "paper_vs_ours": numbers.compare(),
    }


def _shifts(shares: pd.DataFrame) -> pd.DataFrame:
    default = {choice: options[0] for choice, options in CHOICES.items()}
    groups = [*tables.INCOME_GROUPS]
    columns = [*CHOICES, "conference", "year", *groups]
    return largest_shifts(shares[columns], list(CHOICES), default, groups)


# section 4 and footnote 2 of the paper need the first two; the others close within rounding
CHECKED_RUNS = (
    *("llama-3.1-405b", "deepseek-v3", "llama-3.1-8b", "llama-3.1-70b", "llama-2-7b"),
    *("llama-2-13b", "llama-2-70b", "llama-65b", "bloom-176b-luccioni"),
)


def carbon_table() -> pd.DataFrame:
    """Return the accelerator energy of the reported runs and the grid intensity that they imply.

    Returns
    -------
    DataFrame
        ``model``, ``accelerator``, ``accelerator_hours``, ``tdp_w`` (W), ``energy_gwh`` (hours x
        rated power, PUE 1, no host), ``reported_t_co2e_location`` (t) and
        ``implied_g_co2e_per_kwh``; missing where the run reports no emissions.
    """
    runs = load_runs().loc[list(CHECKED_RUNS)]
    watts = load_accelerators()["tdp_w"]
    rows = []
    for run in runs.itertuples():
        kwh = carbon.energy_kwh(
            float(run.accelerator_hours), float(watts[run.accelerator]), pue=1.0
        )
        tonnes = run.reported_t_co2e_location
        rows.append(
            {
                "model": run.model,
                "accelerator": run.accelerator,
                "accelerator_hours": run.accelerator_hours,
                "tdp_w": watts[run.accelerator],
                "energy_gwh": kwh / 1e6,
                "energy_basis": run.energy_basis,
                "reported_t_co2e_location": tonnes,
                "implied_g_co2e_per_kwh": None
                if pd.isna(tonnes)
                else carbon.implied_g_co2e_per_kwh(tonnes, kwh),
                "source": run.source,
            }
        )
    return pd.DataFrame(rows)


# --- sections -------------------------------------------------------------------------------


def _summary(saved: dict[str, pd.DataFrame]) -> list[Block]:
    status = saved["paper_vs_ours"]["status"].value_counts()
    counts = ", ".join(f"{status.get(name, 0)} {name}" for name in numbers.STATUSES)
    counts_by_year = saved["appendix_a"]
    unknown = counts_by_year["unknown"].sum() / counts_by_year["entries"].sum()
    audit = saved["geocoder_audit"].set_index(["sample", "half"]).loc[("entries", "test")]
    return [
        Heading(1, TITLE),
        Paragraph(
            "Written by `caraml reproduce` from the embedded data; nothing in it is typed by "
            "hand. Paper: Bakhtiarifard, Tözün, Igel, Selvan, Climate And Resource Awareness is "
            "Imperative to Achieving Sustainable AI (and Preventing a Global AI Arms Race)."
        ),
        Bullets(
            (
                f"{len(saved['paper_vs_ours'])} statements of the paper: {counts}.",
                f"{_count(counts_by_year['entries'].sum())} entries of "
                f"{len(counts_by_year)} conference-years; without a country are "
                f"{_percent(unknown)}, empty affiliations included.",
                f"The geocoder's country is right for {audit['right']:.0f} of "
                f"{audit['texts']:.0f} hand-labelled entries of the test half: "
                f"{_percent(audit['accuracy'])} (95 % interval {_percent(audit['accuracy_low'])} "
                f"to {_percent(audit['accuracy_high'])}).",
            )
        ),
    ]


def _figures() -> list[Block]:
    blocks: list[Block] = [Heading(2, "Figures")]
    blocks += [
        Picture(f"{figure.name}.png", f"{figure.title} ({figure.notebook})")
        for figure in FIGURES.values()
        if figure.in_report
    ]
    return blocks


def _appendix(saved: dict[str, pd.DataFrame]) -> list[Block]:
    groups = [*tables.INCOME_GROUPS, tables.UNCLASSIFIED, tables.UNKNOWN]
    ours = saved["appendix_a"]
    shown = pd.DataFrame({"conference": ours["conference"], "year": ours["year"].astype(str)})
    for name in ("entries", "papers", *groups):
        shown[GROUP_WORDS.get(name, name)] = ours[name].map(_count)
    shown["unknown %"] = ours["unknown_pct"].map("{:.1f}".format)
    paper = load_appendix_a()
    both = paper.merge(ours, on=["conference", "year"], suffixes=("_paper", ""))
    beside = pd.DataFrame(
        {"conference": both["conference"], "year": both["year"].astype(str)}
        | {
            GROUP_WORDS.get(name, name): [
                f"{_count(theirs)} / {_count(mine)}"
                for theirs, mine in zip(both[f"{name}_paper"], both[name], strict=True)
            ]
            for name in ("entries", "papers", "high", "upper_middle", "lower_middle", "unknown")
        }
        | {"low (ours)": both["low"].map(_count)}
    )
    shares = saved["income_shares"]
    shares = shares.merge(paper[["conference", "year"]], on=["conference", "year"])
    shares = shares[~shares["income_group"].isin([tables.UNKNOWN, tables.UNCLASSIFIED])]
    known = pd.DataFrame(
        {
            "conference": shares["conference"],
            "year": shares["year"].astype(str),
            "group": shares["income_group"].map(GROUP_WORDS),
            "share of known": shares["share_of_known"].map(_percent),
            "95 % interval": [
                f"{_percent(low)} to {_percent(high)}"
                for low, high in zip(shares["known_low"], shares["known_high"], strict=True)
            ],
            "bounds, share of all": [
                f"{_percent(low)} to {_percent(high)}"
                for low, high in zip(shares["bound_low"], shares["bound_high"], strict=True)
            ],
        }
    )
    return [
        Heading(2, "Appendix A"),
        Paragraph(
            "Entries (one author on one paper), papers (distinct titles) and entries by World "
            "Bank income group, data year of the conference, for every embedded conference-year."
        ),
        Table(shown),
        Heading(3, "The paper's four rows beside ours"),
        Paragraph(
            "Each cell: paper / ours. ICML 2021 has one author row less than the paper, probably "
            "an author of the WILDS paper (22 here, 23 in the proceedings); NeurIPS 2021 has two "
            "more, since the site lists an author more than the proceedings for at least one "
            "paper. The other totals are equal. The paper lists no low-income class."
        ),
        Table(beside),
        Heading(3, "Shares with intervals and bounds"),
        Paragraph(
            "These years are a census of the listed entries, so there is no sampling error in the "
            "usual sense. The interval (bootstrap over whole papers) says how much a share would "
            "move if the conference had accepted other papers of the same kind; it contains no "
            "geocoding error. The bounds hold whatever the unknown entries are."
        ),
        Table(known),
        Heading(3, "What is not embedded"),
        Table(_coverage(saved["coverage"])),
    ]


def _coverage(coverage: pd.DataFrame) -> pd.DataFrame:
    years = [
        f"{row.first_year}"
        if row.first_year == row.last_year
        else f"{row.first_year}-{row.last_year}"
        for row in coverage.itertuples()
    ]
    return pd.DataFrame(
        {
            "conference": coverage["conference"],
            "years": years,
            "in the paper": coverage["in_paper"],
            "embedded": coverage["embedded"],
            "note": coverage["note"],
        }
    )


def _unknowns(saved: dict[str, pd.DataFrame]) -> list[Block]:
    bounds = saved["unknowns"]
    shown_groups = [*tables.INCOME_GROUPS]
    bounds = bounds[bounds["income_group"].isin(shown_groups)]
    table = pd.DataFrame(
        {
            "conference": bounds["conference"],
            "year": bounds["year"].astype(str),
            "group": bounds["income_group"].map(GROUP_WORDS),
            "ours": bounds["ours"].map(_count),
            "paper, known": bounds["paper_known"].map(_count),
            "of its unknowns, at least": bounds["bound_low"].map(_count),
            "at most": bounds["bound_high"].map(_count),
            "estimate": bounds["estimate"].map(_count),
            "with our label error": [
                f"{_count(low)} to {_count(high)}"
                for low, high in zip(bounds["estimate_low"], bounds["estimate_high"], strict=True)
            ],
        }
    )
    compared = unknowns.comparable()
    effects = pd.DataFrame(
        {
            "conference": compared["conference"],
            "year": compared["year"].astype(str),
            "group": compared["income_group"].map(GROUP_WORDS),
            "of the known": compared["known_share"].map(_percent),
            "of the unknown we place": compared["unknown_share"].map(_percent),
            "difference, points": compared["difference_points"].map("{:+.1f}".format),
            "margin, points": compared["margin_points"].map("±{:.1f}".format),
            "Cohen's h": compared["cohens_h"].map("{:+.2f}".format),
            "left unknown": compared["rate_unknown"].map(_percent),
            "times high income": compared["relative_rate"].map(
                lambda ratio: "" if pd.isna(ratio) else f"{ratio:.2f}"
            ),
            "design effect": compared["design_effect"].map("{:.0f}".format),
        }
    )
    return [
        Heading(2, "Who are the paper's unknowns?"),
        Paragraph(
            "The paper left 23 to 31 % of its entries without a country and says that no income "
            "group is disproportionate among them, without numbers. Our labels place most of "
            "these entries. With N_g of our entries in group g, and K known and U unknown entries "
            "of the paper, between max(0, N_g - K) and min(U, N_g) of its unknowns are of group "
            "g: this needs no assumption but our labels. The estimate N_g - K_g also assumes that "
            "the paper's own labels are right; a negative one shows that they are not all, or "
            "that ours are not."
        ),
        Table(table),
        Paragraph(
            "With our label error: the range of the estimate if "
            f"{_percent(unknowns.label_error(), 2)} of our labels were in the wrong income group "
            "(the upper 95 % limit on the audit sample) and all these errors fell on one group, "
            "the worst case. Entries that are unknown to us, too, are in no row."
        ),
        Heading(3, "Are they like the known ones?"),
        Paragraph(_verdict(compared)),
        Paragraph(_left_out(saved["unknowns_compared"])),
        Table(effects),
        Paragraph(
            "Margin: 1.96 standard errors of the difference, inflated by the design effect, since "
            "all entries with the same text are known or unknown together. With design effects of "
            "this size the data are worth far fewer texts than entries, and a difference within "
            "its margin neither shows nor excludes that a group is disproportionate."
        ),
    ]


def _left_out(compared: pd.DataFrame) -> str:
    rows = compared[~compared["labels_agree"]]
    names = ", ".join(
        f"{GROUP_WORDS[row.income_group]} at {row.conference} {row.year}"
        for row in rows.itertuples()
    )
    return (
        "Not compared, since the paper counts more entries than our labels find: "
        f"{names or 'none'}. The other shares are parts of the unknowns that our labels place."
    )


def _verdict(counted: pd.DataFrame) -> str:
    beyond = counted[counted["difference_points"].abs() > counted["margin_points"]]
    high = counted[counted["income_group"] == "high"]
    upper = counted[counted["income_group"] == "upper_middle"]
    largest = counted.loc[counted["cohens_h"].abs().idxmax()]
    closing = (
        f"None of the {len(counted)} differences exceeds its margin: the data neither show a "
        "disproportion nor exclude one of this size."
        if beyond.empty
        else f"{len(beyond)} of {len(counted)} differences exceed their margin, so the claim that "
        "no group is disproportionate does not hold for these."
    )
    return (
        "If the paper's own labels are right, the share of high income among its unknowns that we "
        f"can place differs from that among its known entries by "
        f"{high['difference_points'].min():+.1f} to {high['difference_points'].max():+.1f} points, "
        f"that of upper middle income by {upper['difference_points'].min():+.1f} to "
        f"{upper['difference_points'].max():+.1f}. An entry from an upper-middle-income country "
        f"was left unknown {upper['relative_rate'].min():.2f} to "
        f"{upper['relative_rate'].max():.2f} times as often as one from a high-income country. "
        f"The largest effect is Cohen's h {largest['cohens_h']:+.2f} "
        f"({GROUP_WORDS[largest['income_group']]}, {largest['conference']} {largest['year']}; 0.2 "
        f"is usually called small, 0.5 medium). {closing}"
    )


def _sensitivity(saved: dict[str, pd.DataFrame]) -> list[Block]:
    shifts = saved["sensitivity_shifts"]
    top = shifts.iloc[0]
    groups = [*tables.INCOME_GROUPS]
    every = saved["sensitivity"]
    shown = every[[*CHOICES, "conference"]].assign(year=every["year"].astype(str))
    for group in groups:
        shown[GROUP_WORDS[group]] = every[group].map(lambda share: _percent(share, 2))
    shown["unknown (of all)"] = every["unknown"].map(lambda share: _percent(share, 2))
    table = pd.DataFrame(
        {
            "choice": shifts["choice"],
            "instead of the default": shifts["option"],
            "largest shift in": [
                f"{GROUP_WORDS[row.group]}, {row.conference} {row.year}"
                for row in shifts.itertuples()
            ],
            "default": shifts["default_share"].map(lambda share: _percent(share, 2)),
            "then": shifts["share"].map(lambda share: _percent(share, 2)),
            "shift, points": shifts["shift_points"].map("{:+.2f}".format),
        }
    )
    return [
        Heading(2, "How much depends on choices"),
        Paragraph(
            f"The largest shift: {top['choice']} = {top['option']} moves the share of "
            f"{GROUP_WORDS[top['group']]} income at {top['conference']} {top['year']} from "
            f"{_percent(top['default_share'], 2)} to {_percent(top['share'], 2)}. Shares of known "
            "entries; defaults are count = first, year_rule = data_year, headquarters = kept, "
            "territories = own."
        ),
        Table(table),
        Heading(3, "Every combination"),
        Table(shown),
    ]


def _carbon(saved: dict[str, pd.DataFrame]) -> list[Block]:
    runs = saved["carbon_runs"]
    shown = pd.DataFrame(
        {
            "model": runs["model"],
            "accelerator hours": runs["accelerator_hours"].map(_count),
            "rated power, W": runs["tdp_w"].map(_count),
            "energy, GWh": runs["energy_gwh"].map("{:.3f}".format),
            "reported, t CO2e": runs["reported_t_co2e_location"].map(
                lambda tonnes: "" if pd.isna(tonnes) else f"{tonnes:,.10g}"
            ),
            "implied g CO2e per kWh": runs["implied_g_co2e_per_kwh"].map(
                lambda grams: "" if pd.isna(grams) else f"{grams:.2f}"
            ),
            "source": runs["source"],
        }
    )
    return [
        Heading(2, "Carbon figures of section 4 and footnote 2"),
        Paragraph(
            "Energy is accelerator hours x rated power, without host and with PUE 1. For the "
            "Llama cards and BLOOM the reported energy is itself hours x rated power, so this "
            "checks arithmetic, not accuracy. Implied intensity: reported location-based "
            "emissions on that energy; whatever host power, PUE or older grid factor the report "
            "contains shows up in it. DeepSeek reports neither energy nor emissions."
        ),
        Table(shown),
    ]


def _every_number(saved: dict[str, pd.DataFrame]) -> list[Block]:
    rows = saved["paper_vs_ours"]
    shown = rows[["id", "location", "statement", "paper", "ours", "status", "why"]].copy()
    shown["computed by"] = rows["computed_by"].str.replace("caraml_analysis.", "", regex=False)
    return [Heading(2, "Every number of the paper"), Table(shown)]


def _gazetteer(saved: dict[str, pd.DataFrame]) -> list[Block]:
    counts = saved["gazetteer_rows"]
    shown = pd.DataFrame(
        {
            "group": counts["income_group"].map(GROUP_WORDS),
            "countries": counts["countries"].map(_count),
            "rows": counts["rows"].map(_count),
            "decide an entry": counts["deciding"].map(_count),
            "of the rows": counts["deciding_share"].map(_percent),
        }
    )
    return [
        Heading(2, "What the gazetteer's rows decide"),
        Paragraph(
            "Reviewed organisations by the income group of their country in the newest data year, "
            "and how many of them decide at least one embedded entry: by name, acronym or internet "
            "host, where no place in the text comes first. The other rows are for texts of other "
            "years and conferences; nothing here tests them."
        ),
        Table(shown),
    ]


def _inputs() -> list[Block]:
    cards = list(registry.cards().values())
    rows = pd.DataFrame(
        {
            "file": [card.file for card in cards],
            "publisher": [card.publisher for card in cards],
            "edition": [card.edition for card in cards],
            "licence": [card.licence for card in cards],
            "sha256": [card.sha256[:12] for card in cards],
        }
    )
    return [Heading(2, "Inputs"), Table(rows)]


def report_blocks(saved: dict[str, pd.DataFrame]) -> list[Block]:
    """Return the whole report, given its tables."""
    sections = (
        *(_appendix, _unknowns, _sensitivity, _carbon, _every_number),
        *(accuracy_blocks, carbon_blocks, _gazetteer),
    )
    blocks = _summary(saved) + _figures()
    for section in sections:
        blocks += section(saved)
    return blocks + _inputs()


def write_report(folder: Path | None = None) -> list[Path]:
    """Write ``report.md``, ``report.html`` and the tables behind them.

    Parameters
    ----------
    folder : Path, optional
        The project's ``figures/`` by default.

    Returns
    -------
    list of Path
        The files written.
    """
    target = folder or paths.figures_dir()
    saved = report_tables()
    blocks = report_blocks(saved)
    contents = {f"{name}.csv": table_csv(table) for name, table in saved.items()}
    contents |= {"report.md": to_markdown(blocks), "report.html": to_html(blocks, TITLE)}
    return [paths.write_atomically(target / name, content) for name, content in contents.items()]
