"""IRENA renewable power: only the values that figures plot, since the licence is not an open one.

The form of the files is that of ``caraml_analysis/sources/irena_tables.py``, which reads newer
editions from IRENA's server.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.sources import irena_tables

REGIONS = "reference/irena_2024h2_regions.csv"
COUNTRIES = "reference/irena_2024h2_countries.csv"
INPUTS = (REGIONS, COUNTRIES)
OUTPUTS = (
    "reference/irena_regions.csv",
    "reference/irena_region_years.csv",
    "reference/irena_countries.csv",
    "reference/irena_income_groups.csv",
)


def build(inputs: Path) -> dict[str, bytes]:
    """Return the four tables."""
    regions, countries = read_csv(inputs / REGIONS), read_csv(inputs / COUNTRIES)
    rows = pd.concat([regions.assign(iso3=""), countries.assign(level="country")])
    table = pd.DataFrame(
        {
            "level": rows["level"],
            "iso3": rows["iso3"],
            "area": rows["area"],
            "measure": rows["indicator"],
            "year": rows["year"].astype(int),
            "unit": rows["unit"],
            "renewable": pd.to_numeric(rows["renewable"]),
            "renewable_pct": pd.to_numeric(rows["re_share_pct"]),
        }
    )
    table = irena_tables.missing_where_all_zero(table)
    files = irena_tables.embedded_files(table)
    return {file: to_csv(files[file]) for file in OUTPUTS}
