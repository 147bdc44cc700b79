"""Top500 by country for every list: sums over the systems of each workbook.

The workbooks may not be passed on, sums of facts may. Traps: units changed in June 2017 (GFlop/s
before, TFlop/s since), the header moved, power starts in 2008 and 0 means "not published".
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis import countries

EDITIONS = tuple(
    f"{year}{month}"
    for year in range(1993, 2026)
    for month in ("06", "11")
    if (year, month) != (2025, "11")
)
CHECK = "reference/top500_totals_by_edition.csv"
INPUTS = (
    CHECK,
    *(f"reference/top500/TOP500_{e}.{'xls' if e <= '201911' else 'xlsx'}" for e in EDITIONS),
)
OUTPUTS = ("reference/top500.csv", "reference/top500_levels.csv")

# Spellings of the lists that are not pycountry names.
SPELLINGS = {
    "Hong Kong": "HKG",
    "Korea, South": "KOR",
    "Saudia Arabia": "SAU",
    "Czech Republic": "CZE",
    "Slovak Republic": "SVK",
    "Turkey": "TUR",
}


def iso3_by_name() -> dict[str, str]:
    """Return alpha-3 codes by the country names that the lists use."""
    names = {countries.name(code): code for code in countries.known_codes()}
    return names | SPELLINGS


def read_systems(path: Path, edition: str) -> pd.DataFrame:
    """Return one row per system: country, rmax and rpeak in TFlop/s, power in kW."""
    sheet = pd.read_excel(path, header=None, dtype=object, engine="calamine")
    header = next(i for i, row in sheet.iterrows() if "Country" in set(row.astype(str)))
    names = [re.sub(r"\s+", " ", str(name)).strip() for name in sheet.loc[header]]
    body = sheet.loc[header + 1 :].set_axis(names, axis=1)
    body = body[pd.to_numeric(body["Rank"], errors="coerce").notna()]

    def quantity(word: str) -> tuple[pd.Series, str]:
        name = next(name for name in names if name.lower().startswith(word))
        return pd.to_numeric(body[name], errors="coerce"), name

    per_tflops = {True: 1.0, False: 1000.0}
    rmax, rmax_name = quantity("rmax")
    rpeak, rpeak_name = quantity("rpeak")
    has_power = any(name in ("Power", "Power (kW)") for name in names)
    power = quantity("power")[0] if has_power else pd.Series(pd.NA, body.index, dtype="Float64")
    return pd.DataFrame(
        {
            "edition": f"{edition[:4]}-{edition[4:]}",
            "name": body["Country"].astype(str).str.strip(),
            "rmax_tflops": rmax / per_tflops["TFlop/s" in rmax_name],
            "rpeak_tflops": rpeak / per_tflops["TFlop/s" in rpeak_name],
            "power_kw": power.where(power > 0).astype("Float64"),
        }
    )


def by_country(systems: pd.DataFrame) -> pd.DataFrame:
    """Return sums per country, largest first."""
    known = iso3_by_name()
    unknown = set(systems["name"]) - set(known)
    if unknown:
        raise SystemExit(f"top500: no code for {sorted(unknown)}. Add the spelling to SPELLINGS.")
    systems = systems.assign(iso3=systems["name"].map(known))
    sums = systems.groupby(["edition", "iso3"], as_index=False).agg(
        systems=("rmax_tflops", "size"),
        rmax_tflops=("rmax_tflops", "sum"),
        rpeak_tflops=("rpeak_tflops", "sum"),
        power_kw=("power_kw", lambda power: power.sum(min_count=1)),
        systems_with_power=("power_kw", "count"),
    )
    sums.insert(2, "country", sums["iso3"].map(countries.name))
    for column, digits in (("rmax_tflops", 6), ("rpeak_tflops", 6), ("power_kw", 3)):
        sums[column] = sums[column].astype("Float64").round(digits)
    return sums.sort_values(["rmax_tflops", "iso3"], ascending=[False, True])


def check(edition: str, systems: pd.DataFrame, expected: pd.Series) -> None:
    """Guard the unit by the No. 1 system, and the file by its 500 rows."""
    first = systems["rmax_tflops"].max()
    wanted = float(expected["no1_rmax_tflops"])
    if len(systems) != 500 or abs(first / wanted - 1) > 0.01:
        raise SystemExit(
            f"top500 {edition}: {len(systems)} systems, No. 1 {first:g} TFlop/s instead of "
            f"500 and {wanted:g}. Nothing was written; look at the unit in the header."
        )


def levels(systems: pd.DataFrame) -> pd.DataFrame:
    """Return the largest and the smallest system of one list, which bound what is not listed."""
    rmax = systems["rmax_tflops"].astype(float)
    return pd.DataFrame(
        {
            "edition": systems["edition"].iloc[:1],
            "no1_rmax_tflops": round(rmax.max(), 6),
            "entry_rmax_tflops": round(rmax.min(), 6),
        }
    )


def build(inputs: Path) -> dict[str, bytes]:
    """Return the sums and the levels of all lists, oldest list first."""
    totals = read_csv(inputs / CHECK).set_index("edition")
    tables, bounds = [], []
    for path, edition in zip(INPUTS[1:], EDITIONS, strict=True):
        systems = read_systems(inputs / path, edition)
        check(edition, systems, totals.loc[edition])
        tables.append(by_country(systems))
        bounds.append(levels(systems))
    return {
        "reference/top500.csv": to_csv(pd.concat(tables, ignore_index=True)),
        "reference/top500_levels.csv": to_csv(pd.concat(bounds, ignore_index=True)),
    }
