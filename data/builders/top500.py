"""Top500 by country for every list: sums over the systems of each workbook.

The workbooks may not be passed on, sums of facts may. Reading them is
``caraml_analysis/sources/top500_lists.py``; here they become the embedded tables.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.sources import top500_lists

EDITIONS = tuple(top500_lists.edition_of(number) for number in range(1, 66))
CHECK = "reference/top500_totals_by_edition.csv"
INPUTS = (CHECK, *(f"reference/top500/{top500_lists.file_name(edition)}" for edition in EDITIONS))
OUTPUTS = ("reference/top500_no1.csv", "reference/top500.csv", "reference/top500_entry.csv")


def check_figures(inputs: Path) -> pd.DataFrame:
    """Return what every list is guarded by."""
    totals = read_csv(inputs / CHECK)
    totals["edition"] = totals["edition"].str[:4] + "-" + totals["edition"].str[4:]
    return totals[["edition", "no1_rmax_tflops", "rmax_tflops", "rpeak_tflops"]]


def build(inputs: Path) -> dict[str, bytes]:
    """Return the sums of all lists, oldest list first, and what guards and bounds them."""
    lists = [
        top500_lists.read_list((inputs / path).read_bytes(), edition, Path(path).name)
        for path, edition in zip(INPUTS[1:], EDITIONS, strict=True)
    ]
    sums = [top500_lists.by_country(systems) for systems in lists]
    levels = [top500_lists.entry_level(systems) for systems in lists]
    return {
        "reference/top500_no1.csv": to_csv(check_figures(inputs)),
        "reference/top500.csv": to_csv(pd.concat(sums, ignore_index=True)),
        "reference/top500_entry.csv": to_csv(pd.concat(levels, ignore_index=True)),
    }
