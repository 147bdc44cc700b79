"""IRENASTAT: the tables of renewable share, capacity and generation as IRENA serves them.

An edition has one table of shares and, by age, one or two each of amounts of countries and of
regions. All are read in full, put into the form of the embedded files, and checked.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.errors import SourceChangedError
from caraml_analysis.sources.owid import LEAST_PART
from caraml_analysis.sources.pxweb import PxWeb, Table
from caraml_analysis.sources.world_bank import income_classes

FOLDER = "https://pxweb.irena.org/api/v1/en/IRENASTAT/Power%20Capacity%20and%20Generation/"
REGIONS = (
    "Africa",
    "Asia",
    "Central America and the Caribbean",
    "Eurasia",
    "Europe",
    "Middle East",
    "North America",
    "Oceania",
    "South America",
)
UNITS = {"capacity": "MW", "generation": "GWh"}
SHARES = ("RESHARE", "RE-SHARE")
#: Since 2026 capacity and generation have tables of their own.
AMOUNTS = {"capacity": ("ELECSTAT", "ELECCAP"), "generation": ("ELECSTAT", "ELECGEN")}
_TOTAL = ("Total renewable", "Total renewable energy")
_KEPT = "Nothing was changed."


def fetch(server: PxWeb, edition: str) -> pd.DataFrame:
    """Return shares and amounts of an edition.

    Parameters
    ----------
    server : PxWeb
        The folder of power capacity and generation.
    edition : str
        For example ``"2024 H2"``.

    Returns
    -------
    DataFrame
        ``level`` (world, region, country), ``iso3`` (of a country), ``area`` (its name),
        ``measure``, ``year``, ``unit``, ``renewable`` and ``renewable_pct``; both missing where
        IRENA has none.

    Raises
    ------
    YearError
        If the server has no such edition.
    SourceChangedError
        If a variable or a value was renamed, or values contradict each other.
    """
    shares = _shares(server, edition)
    tables = [_amounts(server, edition, level, m) for level in ("Country", "Region") for m in UNITS]
    amounts = pd.concat(tables, ignore_index=True)
    key = ["level", "iso3", "area", "measure", "year"]
    names = shares.dropna(subset="area").drop_duplicates(["level", "iso3", "area"])
    # a country may be spelled differently in two tables: its code is what counts
    spelled = dict(zip(names["iso3"], names["area"], strict=True))
    amounts["area"] = [
        spelled.get(code, area) if code else area
        for code, area in zip(amounts["iso3"], amounts["area"], strict=True)
    ]
    both = amounts.merge(shares, on=key, how="outer").sort_values(key, ignore_index=True)
    both["unit"] = both["measure"].map(UNITS)
    return _checked(both[[*key[:4], "year", "unit", "renewable", "renewable_pct"]], edition)


def _area_columns(cells: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return level, code and name of the area of every cell; others than ours are left out."""
    known = countries.known_codes()
    codes, texts = cells[variable].astype(str), cells[f"{variable} text"].str.strip()
    level = pd.Series("", index=cells.index)
    # regions go by their names: their codes differ between editions, some look like a country's
    level[codes.isin(known)] = "country"
    level[texts.isin(REGIONS)] = "region"
    level[texts == "World"] = "world"
    return pd.DataFrame(
        {"level": level, "iso3": codes.where(level == "country", ""), "area": texts}
    )


def _years(cells: pd.DataFrame, variable: str, name: str) -> pd.Series:
    years = pd.to_numeric(cells[f"{variable} text"], errors="coerce")
    if years.isna().any():
        raise SourceChangedError(f"{name}: a year is not a number. {_KEPT}")
    return years.astype(int)


def _shares(server: PxWeb, edition: str) -> pd.DataFrame:
    table = server.table(server.find(SHARES, edition))
    area, indicator, year = (
        table.variable("country", "area"),
        table.variable("indicator"),
        table.variable("year"),
    )
    measures = {
        indicator.code_of(
            f"RE share of electricity {measure} (%)",
            f"Renewable share of electricity {measure} (%)",
        ): measure
        for measure in UNITS
    }
    cells = server.read(table, {indicator.code: list(measures)})
    found = _area_columns(cells, area.code).assign(
        measure=cells[indicator.code].map(measures),
        year=_years(cells, year.code, table.name),
        renewable_pct=cells["value"],
    )
    return found[found["level"] != ""]


def _amounts(server: PxWeb, edition: str, level: str, measure: str) -> pd.DataFrame:
    prefixes = [f"{level}_{kind}" for kind in AMOUNTS[measure]]
    table = server.table(server.find(prefixes, edition))
    area, year = table.variable("country", "region"), table.variable("year")
    technology = table.variable("technology")
    selection = {technology.code: [technology.code_of(*_TOTAL)], **_measure(table, measure)}
    parts = [server.read(table, {**selection, **connection}) for connection in _connections(table)]
    cells = parts[0]
    for other in parts[1:]:
        # on-grid plus off-grid, where there is no total: missing only where both are
        cells = cells.assign(value=cells["value"].add(other["value"], fill_value=0))
    found = _area_columns(cells, area.code).assign(
        measure=measure,
        year=_years(cells, year.code, table.name),
        renewable=cells["value"],
    )
    wanted = {"country"} if level == "Country" else {"region", "world"}
    return found[found["level"].isin(wanted)]


def _measure(table: Table, measure: str) -> dict[str, list[str]]:
    """Return the selection of capacity or generation; tables of one of them have no such choice."""
    kinds = [code for code in table.variables if code.casefold() == "data type"]
    if not kinds:
        return {}
    texts = {
        "capacity": ("Electricity Installed Capacity (MW)", "Electricity capacity (MW)"),
        "generation": ("Electricity Generation (GWh)",),
    }
    return {kinds[0]: [table.variables[kinds[0]].code_of(*texts[measure])]}


def _connections(table: Table) -> list[dict[str, list[str]]]:
    """Return the selections whose sum is the total: All, or on-grid and off-grid."""
    names = [code for code in table.variables if "grid" in code.casefold()]
    if not names:
        return [{}]
    variable = table.variables[names[0]]
    by_text = {
        text.casefold().replace("-", "").replace(" ", ""): code
        for code, text in variable.texts.items()
    }
    if "all" in by_text:
        return [{variable.code: [by_text["all"]]}]
    if {"ongrid", "offgrid"} <= set(by_text):
        return [{variable.code: [by_text[name]]} for name in ("ongrid", "offgrid")]
    raise SourceChangedError(
        f"{table.name}: {variable.code!r} has {', '.join(variable.texts.values())}; expected All, "
        f"or on-grid and off-grid. {_KEPT} The publisher changed the table."
    )


def _checked(table: pd.DataFrame, edition: str) -> pd.DataFrame:
    name = f"IRENASTAT {edition}"
    shares = table["renewable_pct"]
    if ((shares < 0) | (shares > 100)).any() or (table["renewable"] < 0).any():
        raise SourceChangedError(
            f"{name}: a share is not between 0 and 100 %, or an amount is negative. {_KEPT} Has "
            "the unit changed?"
        )
    found = set(table.loc[table["level"] == "region", "area"])
    if found != set(REGIONS) or not (table["level"] == "world").any():
        raise SourceChangedError(
            f"{name}: no region {', '.join(sorted(set(REGIONS) - found)) or 'World'}. {_KEPT} The "
            "publisher renamed or regrouped regions."
        )
    twice = table[table.duplicated(["level", "iso3", "area", "measure", "year"])]
    if len(twice):
        raise SourceChangedError(f"{name}: {twice.iloc[0]['area']} stands there twice. {_KEPT}")
    return missing_where_all_zero(table)


def missing_where_all_zero(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a measure's year missing in which every share is 0.00.

    In some editions the newest year of generation is there, but not filled in.
    """
    most = table.groupby(["measure", "year"])["renewable_pct"].transform("max")
    empty = most == 0
    table = table.assign(renewable_pct=table["renewable_pct"].mask(empty))
    return table[table["renewable"].notna() | table["renewable_pct"].notna()].reset_index(drop=True)


# --- the embedded files -------------------------------------------------------------------------


def embedded_files(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the files of an edition: only what figures plot, since the licence is not an open one.

    Parameters
    ----------
    table : DataFrame
        As :func:`fetch` returns it.

    Returns
    -------
    dict
        By file: regions in the newest year of each measure, regions by year, countries in the
        newest year, and sums by income group and year.
    """
    rows = table.sort_values(["measure", "level", "area", "year"])
    newest = rows["year"] == rows.groupby("measure")["year"].transform("max")
    regions = rows["level"] != "country"
    return {
        "reference/irena_regions.csv": _region_file(rows[regions & newest]),
        "reference/irena_region_years.csv": _region_file(rows[regions]),
        "reference/irena_countries.csv": _country_file(rows[~regions & newest]),
        "reference/irena_income_groups.csv": by_income_group(_country_file(rows[~regions])),
    }


#: What names an area in a file, and whether it has all years or the newest one only.
_AREAS = {
    "reference/irena_regions.csv": (["region"], False),
    "reference/irena_region_years.csv": (["region"], True),
    "reference/irena_countries.csv": (["iso3"], False),
    "reference/irena_income_groups.csv": (["class_basis", "income_group"], True),
}


def require_whole(
    files: Mapping[str, pd.DataFrame], embedded: Mapping[str, pd.DataFrame], edition: str
) -> None:
    """Raise if an edition is not as whole as the embedded one.

    Parameters
    ----------
    files, embedded : mapping
        As :func:`embedded_files` returns them: a fetched edition, and the embedded one.
    edition : str
        For messages.

    Raises
    ------
    SourceChangedError
        If a measure has far fewer areas, rows or, over the years, known shares than the embedded
        edition. That the newest year of an edition has no shares yet is no fault.
    """
    for file, (area, all_years) in _AREAS.items():
        for measure in UNITS:
            old, new = (
                table[table["measure"] == measure] for table in (embedded[file], files[file])
            )
            counts = {
                "areas": [len(table[area].drop_duplicates()) for table in (old, new)],
                "rows": [len(table) for table in (old, new)],
            }
            if all_years:
                counts["known shares"] = [
                    int(table["renewable_pct"].notna().sum()) for table in (old, new)
                ]
            for what, (ours, theirs) in counts.items():
                if theirs < LEAST_PART * ours:
                    raise SourceChangedError(
                        f"IRENASTAT {edition}: {theirs:,} {what} of {measure} for "
                        f"{file.partition('/')[2]}, the embedded edition has {ours:,}. {_KEPT} The "
                        "edition is not whole, or its areas or years are named otherwise: take "
                        "another edition, or try again later."
                    )


def _region_file(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["region", "level", "measure", "year", "unit", "renewable", "renewable_pct"]
    return rows.rename(columns={"area": "region"})[columns]


def _country_file(rows: pd.DataFrame) -> pd.DataFrame:
    # the total is blank where the share is 0 or missing; a share of two decimals gives no more
    total = rows["renewable"] * 100 / rows["renewable_pct"].where(rows["renewable_pct"] > 0)
    columns = ["iso3", "area", "measure", "year", "unit", "renewable", "renewable_pct", "total"]
    return rows.assign(total=total.round(1)).sort_values(["measure", "iso3", "year"])[columns]


def by_income_group(rows: pd.DataFrame) -> pd.DataFrame:
    """Return sums per measure, year and income group, in the class of the year and in 2023's.

    Parameters
    ----------
    rows : DataFrame
        Countries with ``iso3``, ``measure``, ``year``, ``unit``, ``renewable`` and ``total``.

    Returns
    -------
    DataFrame
        ``class_basis``, ``measure``, ``year``, ``unit``, ``income_group``, ``renewable``,
        ``total``, ``areas``, ``areas_left_out`` (of which amount or total is not known) and
        ``renewable_pct``; amounts and share are missing where no area is known.
    """
    rows = rows.reset_index(drop=True)
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
        # a group of which nothing is known has no sum, not one of zero
        tables.append(sums.sum(min_count=1))
    table = pd.concat(tables, ignore_index=True)
    table["renewable_pct"] = (100 * table["renewable"] / table["total"]).round(2)
    return table.round({"renewable": 2, "total": 1})
