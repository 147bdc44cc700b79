"""World Bank income groups: one row per economy and data year.

The FY26 table is used; the FY25 workbook (the edition behind the paper) is read beside it, to make
sure that the older edition is the newer one without its last data year.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.sources import oghist

TIDY = "reference/wb_income_oghist_fy26_tidy.csv"
WORKBOOK = "reference/OGHIST_FY25.xlsx"
INPUTS = (TIDY, WORKBOOK)
OUTPUTS = ("reference/income_groups.csv",)

GROUPS = {"LIC": "low", "LMC": "lower_middle", "UMC": "upper_middle", "HIC": "high", "": ""}


def build(inputs: Path) -> dict[str, bytes]:
    """Return the income groups of all editions up to FY26."""
    tidy = read_csv(inputs / TIDY)
    table = pd.DataFrame(
        {
            "iso3": tidy["iso3"],
            "economy": tidy["economy"],
            "data_year": tidy["data_year"].astype(int),
            "income_group": tidy["group_code"].map(GROUPS),
        }
    ).sort_values(["iso3", "data_year"])
    older = oghist.read_workbook((inputs / WORKBOOK).read_bytes(), WORKBOOK, "FY25").table
    both = table.merge(older, on=["iso3", "data_year"], suffixes=("", "_fy25"))
    changed = both[both["income_group"] != both["income_group_fy25"]]
    if len(changed) or both["data_year"].max() != 2023 or len(both) < 8000:
        raise SystemExit(
            "income_groups: FY25 is no longer FY26 without its last year, so one table cannot "
            f"serve both editions. Differing cells:\n{changed.head(10)}"
        )
    return {"reference/income_groups.csv": to_csv(table)}
