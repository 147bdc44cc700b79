"""World Bank income groups: one row per economy and data year.

The FY26 table is used; the FY25 workbook (the edition behind the paper) is read beside it, to make
sure that the older edition is the newer one without its last data year.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

TIDY = "reference/wb_income_oghist_fy26_tidy.csv"
WORKBOOK = "reference/OGHIST_FY25.xlsx"
INPUTS = (TIDY, WORKBOOK)
OUTPUTS = ("reference/income_groups.csv",)

GROUPS = {"LIC": "low", "LMC": "lower_middle", "UMC": "upper_middle", "HIC": "high", "": ""}
LETTERS = {"L": "low", "LM": "lower_middle", "UM": "upper_middle", "H": "high"}


def read_workbook(path: Path) -> pd.DataFrame:
    """Return the classes of the OGHIST workbook as iso3, data_year, income_group.

    Rows are found by what they hold, not by their number: editions move them.
    """
    sheet = pd.read_excel(
        path, sheet_name="Country Analytical History", header=None, dtype=object, engine="calamine"
    )
    years = next(
        row for _, row in sheet.iterrows() if sum(_is_year(value) for value in row.iloc[2:]) > 20
    )
    columns = {column: int(value) for column, value in years.items() if _is_year(value)}
    found = []
    for _, row in sheet.iterrows():
        code = row.iloc[0]
        if not (isinstance(code, str) and len(code) == 3 and code.isupper()):
            continue
        for column, year in columns.items():
            letter = str(row[column]).strip().rstrip("*")
            found.append((code, year, LETTERS.get(letter, "")))
    return pd.DataFrame(found, columns=["iso3", "data_year", "income_group"])


def _is_year(value: object) -> bool:
    return isinstance(value, (int, float)) and value == value and 1980 < value < 2100


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
    older = read_workbook(inputs / WORKBOOK)
    both = table.merge(older, on=["iso3", "data_year"], suffixes=("", "_fy25"))
    changed = both[both["income_group"] != both["income_group_fy25"]]
    if len(changed) or both["data_year"].max() != 2023 or len(both) < 8000:
        raise SystemExit(
            "income_groups: FY25 is no longer FY26 without its last year, so one table cannot "
            f"serve both editions. Differing cells:\n{changed.head(10)}"
        )
    return {"reference/income_groups.csv": to_csv(table)}
