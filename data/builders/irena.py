"""IRENA renewable power: only the values that figures plot, since the licence is not an open one.

Regions by year, countries in the newest year of each measure, and sums by income group and year.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.sources.world_bank import income_classes

REGIONS = "reference/irena_2024h2_regions.csv"
COUNTRIES = "reference/irena_2024h2_countries.csv"
INPUTS = (REGIONS, COUNTRIES)
OUTPUTS = (
    "reference/irena_regions.csv",
    "reference/irena_region_years.csv",
    "reference/irena_countries.csv",
    "reference/irena_income_groups.csv",
)

# The newest year of each measure in "Renewable energy statistics 2024".
NEWEST = {"capacity": "2023", "generation": "2022"}


def refuse_missing_as_zero(rows: pd.DataFrame) -> None:
    """Stop if a measure has a year in which every share is 0.00: that means missing."""
    shares = pd.to_numeric(rows["re_share_pct"]).groupby([rows["indicator"], rows["year"]]).max()
    if (shares == 0).any():
        raise SystemExit(
            f"irena: every share is 0.00, which means missing: {list(shares[shares == 0].index)}. "
            "Nothing was written."
        )


def region_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the regions, named as in the package."""
    return pd.DataFrame(
        {
            "region": rows["area"],
            "level": rows["level"],
            "measure": rows["indicator"],
            "year": rows["year"],
            "unit": rows["unit"],
            "renewable": rows["renewable"],
            "renewable_pct": rows["re_share_pct"],
        }
    )


def country_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the areas that have a value, named as in the package."""
    table = pd.DataFrame(
        {
            "iso3": rows["iso3"],
            "area": rows["area"],
            "measure": rows["indicator"],
            "year": rows["year"],
            "unit": rows["unit"],
            "renewable": rows["renewable"],
            "renewable_pct": rows["re_share_pct"],
            # from a share of two decimals: blank where the share is 0 or missing
            "total": rows["total_derived"],
        }
    )
    return table[(table["renewable"] != "") | (table["renewable_pct"] != "")]


def by_income_group(countries: pd.DataFrame) -> pd.DataFrame:
    """Return sums per measure, year and income group, in the class of the year and in 2023's.

    Only areas of which both amount and total are known enter the sums; ``areas_left_out`` counts
    the others.
    """
    rows = countries.astype({"year": int}).reset_index(drop=True)
    for column in ("renewable", "total"):
        rows[column] = pd.to_numeric(rows[column])
    known = rows["renewable"].notna() & rows["total"].notna()
    rows = rows.assign(
        renewable=rows["renewable"].where(known),
        total=rows["total"].where(known),
        areas=known.astype(int),
        areas_left_out=(~known).astype(int),
    )
    tables = []
    for basis, year in (("class_of_year", rows["year"]), ("class_of_2023", 2023)):
        groups = income_classes(rows["iso3"], year)["income_group"]
        sums = rows.assign(class_basis=basis, income_group=groups).groupby(
            ["class_basis", "measure", "year", "unit", "income_group"], as_index=False
        )[["renewable", "total", "areas", "areas_left_out"]]
        tables.append(sums.sum())
    table = pd.concat(tables, ignore_index=True)
    table["renewable_pct"] = (100 * table["renewable"] / table["total"]).round(2)
    return table.round({"renewable": 2, "total": 1})


def build(inputs: Path) -> dict[str, bytes]:
    """Return the four tables."""
    regions, countries = read_csv(inputs / REGIONS), read_csv(inputs / COUNTRIES)
    for rows in (regions, countries):
        refuse_missing_as_zero(rows)
    region_years = region_table(regions).sort_values(["measure", "level", "region", "year"])
    newest = region_years[region_years["year"] == region_years["measure"].map(NEWEST)]
    areas = country_table(countries).sort_values(["measure", "iso3", "year"])
    return {
        "reference/irena_regions.csv": to_csv(newest),
        "reference/irena_region_years.csv": to_csv(region_years),
        "reference/irena_countries.csv": to_csv(
            areas[areas["year"] == areas["measure"].map(NEWEST)]
        ),
        "reference/irena_income_groups.csv": to_csv(by_income_group(areas)),
    }
