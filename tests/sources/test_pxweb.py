"""PxWeb: tables found by name, values by text, large queries split, missing apart from zero."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from caraml_analysis import registry
from caraml_analysis.errors import DownloadError, SourceChangedError, YearError
from caraml_analysis.sources import irena_tables, pxweb
from caraml_analysis.sources.http import Client
from tests.loopback import Answer, LoopbackServer
from tests.upstreams import LOGIN, PxTable, serve_pxweb

REGION_CODES = ("RAF", "RAS", "RCC", "REA", "RER", "RME", "RNA", "ROC", "RSA")
AREAS = [
    ("GLO", "World"),
    *zip(REGION_CODES, irena_tables.REGIONS, strict=True),
    ("EUU", "European Union"),
    ("KEN", "Kenya"),
    ("NAM", "Namibia"),
    ("LUX", "Luxembourg"),
]
YEARS = ["2022", "2023", "2024"]
COUNTRIES = [("KEN", "Kenya (the Republic)"), ("NAM", "Namibia"), ("LUX", "Luxembourg")]


@pytest.fixture
def server():
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Client(tmp_path / "http", delay_s=0.0, attempts=1)


def share(area, indicator, year):
    if area == "Luxembourg":
        return None if year == "2022" else 0.0
    if "generation" in indicator and year == "2024":
        return 0.0  # not filled in yet
    return 40.0 + int(year) - 2020


def tables_of_2024(
    data_types=("Electricity Generation (GWh)", "Electricity Installed Capacity (MW)"),
):
    """Return the tables of an edition that has one table of amounts per level."""

    def amount(area, technology, kind, *rest):
        year = rest[-1]
        if "non-renewable" in technology:
            return -999.0
        if rest[0] not in ("All", year):
            return -999.0
        return None if (area, year) == ("Namibia", "2022") else (1000.0 if "MW" in kind else 2000.0)

    technologies = ["Total non-renewable", "Total Renewable", "Solar energy"]
    grid = ["On-grid", "All", "Off-grid"]
    return {
        "RESHARE_2024_H2.px": PxTable(
            "Share",
            {
                "Region/country/area": AREAS,
                "Indicator": [
                    "RE share of electricity generation (%)",
                    "RE share of electricity capacity (%)",
                ],
                "Year": YEARS,
            },
            share,
        ),
        "Country_ELECSTAT_2024_H2.px": PxTable(
            "Countries",
            {
                "Country/area": COUNTRIES,
                "Technology": technologies,
                "Data Type": data_types,
                "Grid connection": grid,
                "Year": YEARS,
            },
            amount,
        ),
        "Region_ELECSTAT_2024_H2.px": PxTable(
            "Regions",
            {
                "Region": AREAS[:10],
                "Technology": technologies,
                "Data Type": data_types[::-1],
                "Year": YEARS,
            },
            amount,
        ),
    }


def all_countries():
    """Return code and name of every country of the embedded edition."""
    table = registry.read_csv("reference/irena_countries.csv").drop_duplicates("iso3")
    return list(zip(table["iso3"], table["area"], strict=True))


#: What the embedded edition has, and one year more.
ALL_YEARS = [str(year) for year in range(2000, 2025)]


def tables_of_2026(countries=COUNTRIES, years=YEARS):
    """Return the tables of an edition that splits capacity and generation, without a total grid."""

    def capacity(area, technology, grid, year):
        if technology != "Total renewable energy":
            return -999.0
        if grid == "OffGrid":
            return None if area == "Namibia" else 5.0
        return None if (area, year) == ("Luxembourg", "2022") else 100.0

    def generation(area, technology, kind, grid, year):
        return 7.0 if (technology, grid) == ("Total renewable", "All") else -999.0

    shares = tables_of_2024()["RESHARE_2024_H2.px"].dimensions
    shares["Region/country/area"] = AREAS + [c for c in countries if c[0] not in dict(AREAS)]
    shares["Year"] = [(str(i), year) for i, year in enumerate(years)]
    found = {"RE-SHARE_2026_H2_PX.px": PxTable("Share", shares, share)}
    for level, areas in (("Country", countries), ("Region", AREAS[:10])):
        name = "Country/area" if level == "Country" else "Region"
        found[f"{level}_ELECCAP_2026_H2_v-PX 1.px"] = PxTable(
            "Capacity",
            {
                name: areas,
                "Technology": ["Total renewable energy", "Total non-renewable energy"],
                "Grid connection": ["OnGrid", "OffGrid"],
                "Year": years,
            },
            capacity,
        )
        found[f"{level}_ELECGEN_2026_H2_v-PX 1.px"] = PxTable(
            "Generation",
            {
                name: areas,
                "Technology": ["Total renewable", "Total non-renewable"],
                "Data Type": ["Electricity Generation (GWh)"],
                "Grid connection": ["OnGrid", "OffGrid", "All"],
                "Year": years,
            },
            generation,
        )
    return found


def fetch(server, client, tables, edition, **options):
    folder = serve_pxweb(server, tables, **options)
    return irena_tables.fetch(pxweb.PxWeb(client, folder), edition)


def lookup(table):
    return table.set_index(["area", "measure", "year"])


def test_values_are_found_by_their_texts_whatever_their_positions(server, client):
    table = lookup(fetch(server, client, tables_of_2024(), "2024 H2"))
    assert table.loc[("Kenya", "capacity", 2023), "renewable"] == 1000
    assert table.loc[("Kenya", "generation", 2023), "renewable"] == 2000
    assert table.loc[("Africa", "capacity", 2023), "renewable"] == 1000
    assert table.loc[("World", "generation", 2022), ["unit", "level"]].tolist() == ["GWh", "world"]
    assert not (table["renewable"] < 0).any()


def test_missing_is_not_zero(server, client):
    table = lookup(fetch(server, client, tables_of_2024(), "2024 H2"))
    assert table.loc[("Luxembourg", "capacity", 2023), "renewable_pct"] == 0
    assert table.loc[("Luxembourg", "capacity", 2022)].isna()["renewable_pct"]
    assert table.loc[("Namibia", "capacity", 2022)].isna()["renewable"]


def test_a_year_of_zeros_only_is_missing(server, client):
    table = lookup(fetch(server, client, tables_of_2024(), "2024 H2"))
    assert table.loc[("Africa", "generation", 2024)].isna()["renewable_pct"]
    assert table.loc[("Africa", "capacity", 2024), "renewable_pct"] == 44


def test_countries_are_joined_by_code_and_unions_left_out(server, client):
    table = fetch(server, client, tables_of_2024(), "2024 H2")
    assert set(table.loc[table["level"] == "country", "iso3"]) == {"KEN", "NAM", "LUX"}
    assert "Kenya (the Republic)" not in set(table["area"])
    assert "European Union" not in set(table["area"])


def test_tables_that_are_split_and_have_no_total_are_summed(server, client):
    table = lookup(fetch(server, client, tables_of_2026(), "2026 H2"))
    assert table.loc[("Kenya", "capacity", 2023), "renewable"] == 105
    assert table.loc[("Namibia", "capacity", 2023), "renewable"] == 100
    assert table.loc[("Luxembourg", "capacity", 2022), "renewable"] == 5
    assert table.loc[("Kenya", "generation", 2023), "renewable"] == 7
    assert table.loc[("Oceania", "capacity", 2023), "renewable"] == 105


def test_embedded_files_have_the_embedded_columns(server, client):
    import caraml_analysis as ca

    files = irena_tables.embedded_files(fetch(server, client, tables_of_2024(), "2024 H2"))
    regions = files["reference/irena_region_years.csv"]
    assert list(regions.columns) == list(ca.load_irena_regions().columns)
    countries = files["reference/irena_countries.csv"]
    assert list(countries.columns) == list(ca.load_irena_countries().columns)
    kenya = countries[(countries["iso3"] == "KEN") & (countries["measure"] == "capacity")]
    assert kenya[["year", "renewable", "renewable_pct", "total"]].to_numpy().tolist() == [
        [2024, 1000, 44, 2272.7]
    ]
    groups = files["reference/irena_income_groups.csv"]
    assert list(groups.columns) == list(ca.load_irena_income_groups().columns)


def test_a_group_of_which_nothing_is_known_has_no_sum():
    rows = pd.DataFrame(
        {
            "iso3": ["DEU", "TCD", "SSD"],
            "measure": "capacity",
            "year": 2023,
            "unit": "MW",
            "renewable": [100.0, np.nan, 5.0],
            "total": [200.0, 10.0, np.nan],
        }
    )
    table = irena_tables.by_income_group(rows).set_index(["class_basis", "income_group"])
    amounts = ["renewable", "total", "renewable_pct"]
    for basis in ("class_of_year", "class_of_2023"):
        assert table.loc[(basis, "low"), amounts].isna().all()
        assert table.loc[(basis, "low"), ["areas", "areas_left_out"]].tolist() == [0, 2]
        assert table.loc[(basis, "high"), amounts].tolist() == [100, 200, 50]
    zero = irena_tables.by_income_group(rows.fillna(0.0)).set_index(["class_basis", "income_group"])
    assert zero.loc[("class_of_year", "low"), ["renewable", "total"]].tolist() == [5, 10]


def embedded_edition():
    return {file: registry.read_csv(file) for file in irena_tables._AREAS}


def test_the_embedded_edition_is_whole_and_may_lack_the_shares_of_its_newest_years():
    files = embedded_edition()
    irena_tables.require_whole(files, embedded_edition(), "2024 H2")
    for file in ("reference/irena_region_years.csv", "reference/irena_countries.csv"):
        late = (files[file]["measure"] == "generation") & (files[file]["year"] >= 2022)
        files[file].loc[late, "renewable_pct"] = np.nan
    irena_tables.require_whole(files, embedded_edition(), "2025 H1")


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        (
            "reference/irena_countries.csv",
            lambda t: t[t["iso3"] < "T"],
            r"190 areas of capacity for irena_countries\.csv, the embedded edition has 222",
        ),
        (
            "reference/irena_region_years.csv",
            lambda t: t[t["year"] > 2004],
            "190 rows of capacity for irena_region_years.csv, the embedded edition has 240",
        ),
        (
            "reference/irena_region_years.csv",
            lambda t: t.assign(renewable_pct=t["renewable_pct"].where(t["year"] > 2004)),
            "190 known shares of capacity",
        ),
        (
            "reference/irena_income_groups.csv",
            lambda t: t[(t["measure"] == "capacity") | (t["income_group"] != "low")],
            "areas of generation for irena_income_groups.csv",
        ),
    ],
)
def test_an_edition_that_is_not_whole_is_refused(file, change, message):
    files = embedded_edition()
    files[file] = change(files[file])
    with pytest.raises(SourceChangedError, match=f"IRENASTAT 2026 H2: .*{message}"):
        irena_tables.require_whole(files, embedded_edition(), "2026 H2")


def test_a_query_is_split_below_the_limit_of_the_server(server, client):
    folder = serve_pxweb(server, tables_of_2024(), most=12)
    web = pxweb.PxWeb(client, folder, most_cells=12)
    table = web.table("RESHARE_2024_H2.px")
    cells = web.read(table, {})
    assert len(cells) == 14 * 2 * 3
    assert not cells.duplicated(["Region/country/area", "Indicator", "Year"]).any()
    posts = [request for request in server.received if request.method == "POST"]
    assert 7 <= len(posts) <= 14


@pytest.mark.parametrize("most", [1, 2, 5, 7, 100])
def test_parts_of_a_selection_are_all_of_it_once(most):
    selection = {"a": list("pqrst"), "b": ["x", "y"], "c": ["1"]}
    parts = list(pxweb.split(selection, most))
    cells = [(a, b, c) for part in parts for a in part["a"] for b in part["b"] for c in part["c"]]
    assert sorted(cells) == sorted((a, b, "1") for a in "pqrst" for b in "xy")
    assert all(math.prod(map(len, part.values())) <= most for part in parts)


def test_ten_calls_in_ten_seconds_are_not_exceeded(server, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    now = [1_000_000.0]
    begun = []

    def sleep(seconds):
        now[0] += seconds

    polite = Client(tmp_path / "http", delay_s=pxweb.DELAY_S, clock=lambda: now[0], sleep=sleep)
    get = polite.get
    monkeypatch.setattr(polite, "get", lambda *a, **k: (get(*a, **k), begun.append(now[0]))[0])
    folder = serve_pxweb(server, tables_of_2024())
    web = pxweb.PxWeb(polite, folder, most_cells=6)
    web.read(web.table("RESHARE_2024_H2.px"), {})
    assert len(begun) > 14
    assert all(begun[i + 10] - begun[i] > 10 for i in range(len(begun) - 10))


def test_an_edition_that_is_gone_says_which_there_are(server, client):
    with pytest.raises(
        YearError,
        match=r"no table RESHARE or RE-SHARE of the edition 2019 H1; there are RESHARE_2024_H2",
    ):
        fetch(server, client, tables_of_2024(), "2019 H1")
    folder = serve_pxweb(server, {"PUBFIN_2025.px": tables_of_2024()["RESHARE_2024_H2.px"]}, "/b/")
    with pytest.raises(YearError, match=r"there are none, but PUBFIN_2025\.px"):
        pxweb.PxWeb(client, folder).find(["RESHARE"], "2024 H2")


def test_a_renamed_value_or_variable_is_named(server, client):
    renamed = tables_of_2024(("Output (GWh)", "Electricity Installed Capacity (MW)"))
    with pytest.raises(
        SourceChangedError,
        match=r"'Data Type': 0 values are called 'Electricity Generation .GWh.' .there are 'Output",
    ):
        fetch(server, client, renamed, "2024 H2")
    tables = tables_of_2024()
    dimensions = tables["RESHARE_2024_H2.px"].dimensions
    dimensions["Measure"] = dimensions.pop("Indicator")
    with pytest.raises(
        SourceChangedError,
        match=r"0 variables are called like 'indicator' .there are Region/country/area, Year",
    ):
        fetch(server, client, tables, "2024 H2", folder="/other/")


def test_a_region_that_is_gone_is_named(server, client):
    tables = tables_of_2024()
    areas = tables["RESHARE_2024_H2.px"].dimensions["Region/country/area"]
    areas[2] = ("RAS", "Asia and the Pacific")
    tables["Region_ELECSTAT_2024_H2.px"].dimensions["Region"][2] = areas[2]
    with pytest.raises(SourceChangedError, match=r"no region Asia\. Nothing was changed"):
        fetch(server, client, tables, "2024 H2")


def test_a_share_beyond_100_is_an_error(server, client):
    tables = tables_of_2024()
    tables["RESHARE_2024_H2.px"].value = lambda *_: 4000.0
    with pytest.raises(SourceChangedError, match="a share is not between 0 and 100 %"):
        fetch(server, client, tables, "2024 H2")


def test_sparse_values_and_listed_categories_are_understood():
    payload = {
        "id": ["Area", "Year"],
        "size": [2, 2],
        "dimension": {
            "Area": {"category": {"index": ["KEN", "NAM"], "label": {"KEN": "Kenya"}}},
            "Year": {"category": {"index": {"1": 1, "0": 0}, "label": {"0": "2022", "1": "2023"}}},
        },
        "value": {"1": 0, "2": 5.5},
    }
    cells = pxweb.decode(payload, "t").fillna({"value": -1})
    assert cells[["Area text", "Year text", "value"]].to_numpy().tolist() == [
        ["Kenya", "2022", -1],
        ["Kenya", "2023", 0],
        ["NAM", "2022", 5.5],
        ["NAM", "2023", -1],
    ]
    with pytest.raises(SourceChangedError, match="3 values for 2 x 2 cells"):
        pxweb.decode(payload | {"value": [1, 2, 3]}, "t")
    with pytest.raises(SourceChangedError, match="is not json-stat2"):
        pxweb.decode({"columns": [], "data": []}, "t")


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (Answer(404, "gone"), DownloadError, "status 404"),
        (Answer(403, "no"), DownloadError, "status 403"),
        (Answer(200, LOGIN, {"Content-Type": "text/html"}), SourceChangedError, "instead of 'appl"),
        (
            Answer(200, LOGIN, {"Content-Type": "application/json"}),
            SourceChangedError,
            "a login page",
        ),
        (Answer(200, "[[", {"Content-Type": "application/json"}), SourceChangedError, "is no JSON"),
        (Answer.of_json({"a": 1}), SourceChangedError, "is not a list of tables"),
    ],
)
def test_a_server_that_answers_otherwise(server, client, answer, error, message):
    server.script("/px/", answer)
    with pytest.raises(error, match=message):
        pxweb.PxWeb(client, f"{server.url}/px/").tables()


def test_an_answer_to_another_question_is_refused(server, client):
    tables = tables_of_2024()
    folder = serve_pxweb(server, tables)
    web = pxweb.PxWeb(client, folder)
    table = web.table("RESHARE_2024_H2.px")
    full = tables["RESHARE_2024_H2.px"].answer({"query": []})
    server.script("/px/RESHARE_2024_H2.px", Answer.of_json(full))
    with pytest.raises(SourceChangedError, match="other values of 'Year' than were asked for"):
        web.read(table, {"Year": ["1"]})
