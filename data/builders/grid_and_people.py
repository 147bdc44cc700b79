"""Grid carbon intensity and population by country and year."""

from __future__ import annotations

from pathlib import Path

from common import read_csv, to_csv

GRID = "reference/carbon_intensity_owid_ember_2026-04.csv"
POPULATION = "reference/population.csv"
INPUTS = (GRID, POPULATION)
OUTPUTS = ("reference/grid_intensity.csv", "reference/population.csv")


def build(inputs: Path) -> dict[str, bytes]:
    """Return both tables, sorted by country and year."""
    grid = read_csv(inputs / GRID).rename(columns={"gco2_per_kwh": "g_co2e_per_kwh"})
    grid = grid[["iso3", "year", "g_co2e_per_kwh"]].sort_values(["iso3", "year"])
    people = read_csv(inputs / POPULATION)[["iso3", "year", "population"]]
    return {
        "reference/grid_intensity.csv": to_csv(grid),
        "reference/population.csv": to_csv(people.sort_values(["iso3", "year"])),
    }
