"""Grid intensity, population, access to electricity and electricity per head, by country."""

from __future__ import annotations

from pathlib import Path

from common import read_csv, to_csv

GRID = "reference/carbon_intensity_owid_ember_2026-04.csv"
POPULATION = "reference/population.csv"
ACCESS = "reference/electricity_access.csv"
PER_HEAD = "reference/electricity_per_head.csv"
INPUTS = (GRID, POPULATION, ACCESS, PER_HEAD)
OUTPUTS = (
    "reference/grid_intensity.csv",
    "reference/population.csv",
    "reference/electricity_access.csv",
    "reference/electricity_per_head.csv",
)


def build(inputs: Path) -> dict[str, bytes]:
    """Return the four tables, sorted by country and year."""
    grid = read_csv(inputs / GRID).rename(columns={"gco2_per_kwh": "g_co2e_per_kwh"})
    grid = grid[["iso3", "year", "g_co2e_per_kwh"]].sort_values(["iso3", "year"])
    people = read_csv(inputs / POPULATION)[["iso3", "year", "population"]]
    return {
        "reference/grid_intensity.csv": to_csv(grid),
        "reference/population.csv": to_csv(people.sort_values(["iso3", "year"])),
        "reference/electricity_access.csv": to_csv(
            read_csv(inputs / ACCESS)[["iso3", "year", "access_pct"]].sort_values(["iso3", "year"])
        ),
        "reference/electricity_per_head.csv": to_csv(
            read_csv(inputs / PER_HEAD)[
                ["iso3", "year", "kwh_per_head", "renewable_kwh_per_head"]
            ].sort_values(["iso3", "year"])
        ),
    }
