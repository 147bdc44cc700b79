"""IRENA shares of renewable power by region: only the values that the figures plot."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

SOURCE = "reference/irena_2024h2_regions.csv"
INPUTS = (SOURCE,)
OUTPUTS = ("reference/irena_regions.csv",)

# The newest year of each measure in "Renewable energy statistics 2024".
NEWEST = {"capacity": "2023", "generation": "2022"}


def build(inputs: Path) -> dict[str, bytes]:
    """Return one row per region and measure."""
    rows = read_csv(inputs / SOURCE)
    rows = rows[rows["year"] == rows["indicator"].map(NEWEST)]
    if (rows["re_share_pct"].astype(float) == 0).all():
        raise SystemExit("irena: every share is 0.00, which means missing. Nothing was written.")
    table = pd.DataFrame(
        {
            "region": rows["area"],
            "level": rows["level"],
            "measure": rows["indicator"],
            "year": rows["year"],
            "unit": rows["unit"],
            "renewable": rows["renewable"],
            "renewable_pct": rows["re_share_pct"],
        }
    ).sort_values(["measure", "level", "region"])
    return {"reference/irena_regions.csv": to_csv(table)}
