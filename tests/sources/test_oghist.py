"""The World Bank's workbook and Our World in Data's version: rows by label, exact differences."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import caraml_analysis as ca
from caraml_analysis.errors import SourceChangedError, YearError
from caraml_analysis.sources import oghist, owid
from caraml_analysis.sources.http import Client
from tests.loopback import Answer, LoopbackServer
from tests.upstreams import LOGIN, oghist_rows, xlsx
from tests.upstreams import oghist as workbook

RECORDED = Path(__file__).resolve().parent.parent / "data/recorded/owid_income_runs.csv"
TITLES = {name: title for title, name in oghist.OWID_CLASSES.items()}


def owid_file():
    """Return Our World in Data's file of 2026, from runs of years with the same class."""
    lines = ["Entity,Code,Year,World Bank's income classification"]
    with open(RECORDED, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            years = range(int(row["first_year"]), int(row["last_year"]) + 1)
            title = TITLES[row["income_group"]]
            lines += [f"x,{row['code']},{year},{title}" for year in years]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    "options", [{}, {"legend": False}, {"above": 9}, {"legend": False, "above": 0}]
)
def test_rows_are_found_by_what_they_hold(options):
    read = oghist.read_workbook(workbook(**options))
    assert read.edition == "FY26"
    embedded = ca.load_income_groups("FY26").fillna({"income_group": ""})
    assert read.table.equals(embedded.astype(read.table.dtypes))


def test_an_older_edition_is_known_by_its_last_year():
    read = oghist.read_workbook(workbook(last_year=2023), edition="FY25")
    assert read.edition == "FY25"
    assert read.table["data_year"].max() == 2023


def test_another_edition_than_wanted_is_an_error():
    with pytest.raises(YearError, match=r"is the edition FY26, not FY27.*only the newest one"):
        oghist.read_workbook(workbook(), edition="FY27")


def rows_without(find):
    return [row for row in oghist_rows() if not any(str(cell).startswith(find) for cell in row)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (rows_without("FY"), "no row of fiscal years"),
        ([row for row in oghist_rows() if 2024 not in row], "no row of data years"),
        (oghist_rows()[:60], "economies in .* cells, expected at least 200"),
    ],
    ids=["no fiscal years", "no data years", "cut off"],
)
def test_a_changed_layout_is_an_error(rows, message):
    with pytest.raises(SourceChangedError, match=message):
        oghist.read_workbook(xlsx(rows, oghist.SHEET))


def test_an_unknown_class_is_named():
    rows = [["KEN", row[1], "XL", *row[3:]] if row[:1] == ["KEN"] else row for row in oghist_rows()]
    with pytest.raises(SourceChangedError, match="KEN has the class 'XL' in 1987"):
        oghist.read_workbook(xlsx(rows, oghist.SHEET))


def test_fiscal_and_data_years_that_contradict_each_other_are_an_error():
    rows = [
        [f"FY{int(c[2:]) - 1:02}" if str(c).startswith("FY1") else c for c in row]
        for row in oghist_rows()
    ]
    with pytest.raises(SourceChangedError, match="contradict each other"):
        oghist.read_workbook(xlsx(rows, oghist.SHEET))


def test_another_sheet_and_a_login_page_are_errors():
    with pytest.raises(SourceChangedError, match="no sheet 'Country Analytical History'"):
        oghist.read_workbook(xlsx(oghist_rows(), "Data"))
    with pytest.raises(SourceChangedError, match="is a login page"):
        oghist.read_workbook(LOGIN)


def test_where_our_world_in_data_differs_exactly():
    ours = ca.load_income_groups("FY26")
    found = oghist.differences(ours, oghist.read_owid(owid_file()))
    assert found.to_numpy().tolist() == [
        ["ATF", "", "high", 1987, 2024],  # as France
        ["ETH", "low", "", 2024, 2024],
        ["GUF", "", "high", 1987, 2024],  # as France
        ["YUGf", "", "upper_middle", 1987, 1991],  # left out here: no alpha-3 code
    ]


def test_our_world_in_data_in_the_form_of_the_workbook():
    ours = ca.load_income_groups("FY26")
    read = oghist.read_owid_as_workbook(owid_file(), "owid.csv", ours, "FY26")
    assert read.edition == "FY26"
    both = ours.fillna({"income_group": ""}).merge(
        read.table, on=["iso3", "economy", "data_year"], how="outer", indicator=True
    )
    assert len(both) == len(ours)
    assert set(both["_merge"]) == {"both"}
    other = both[both["income_group_x"] != both["income_group_y"]]
    assert other[["iso3", "data_year", "income_group_x", "income_group_y"]].to_numpy().tolist() == [
        ["ETH", 2024, "low", ""]
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-60_000], "has .* countries, the embedded|ends with|fields"),
        (lambda content: content[: content.index(b"x,S")], "countries, the embedded edition has"),
        (lambda content: content.replace(b"income classification", b"region", 1), "its columns"),
        (lambda content: content[:-9], "unknown classes"),
    ],
)
def test_a_file_of_our_world_in_data_that_is_not_whole_is_refused(change, message):
    with pytest.raises(SourceChangedError, match=message):
        oghist.read_owid_as_workbook(change(owid_file()), "owid.csv", ca.load_income_groups())


def test_a_file_of_our_world_in_data_is_told_from_a_workbook():
    assert oghist.is_owid(owid_file())
    assert oghist.is_owid(b'\xef\xbb\xbf"Entity","Code","Year","V"\n')
    assert not oghist.is_owid(workbook())
    assert not oghist.is_owid(b"")


def test_our_world_in_data_is_fetched_from_its_server(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LoopbackServer() as server:
        answer = Answer(200, owid_file(), {"Content-Type": "text/csv"})
        server.script("/world-bank-income-groups.csv", answer)
        table = oghist.fetch_owid(Client(tmp_path, delay_s=0.0), server.url)
    assert table.equals(oghist.read_owid(owid_file()))


def test_an_unknown_class_of_our_world_in_data_is_named():
    content = owid_file().replace(b"Low-income countries", b"Least developed", 1)
    with pytest.raises(SourceChangedError, match="unknown classes 'Least developed'"):
        oghist.read_owid(content)


@pytest.mark.parametrize(
    ("content", "column", "message"),
    [
        (b"Country,Code,Year,Carbon intensity\n", "", "its columns are Country, Code, Year"),
        (b"Entity,Code,Year\n", "", "its columns are Entity, Code, Year; expected Entity"),
        (b"Entity,Code,Year,Population\n", "carbon intensity", "a value like 'carbon intensity'"),
        (b"Entity,Code,Year,V\nKenya,KEN,soon,1\n", "", "a year is no number"),
        (b"Entity,Code,Year,V\nA,KEN,2020,1\nB,KEN,2020,2\n", "", "KEN 2020 stands there twice"),
        (b"", "", "is no CSV"),
        (LOGIN, "", "is a login page"),
    ],
)
def test_a_chart_file_that_changed_is_an_error(content, column, message):
    with pytest.raises(SourceChangedError, match=message):
        owid.read_csv(content, "chart.csv", column=column)


def test_the_value_column_is_found_by_its_place_and_namibia_is_no_gap():
    for title in ("Carbon intensity of electricity - gCO2/kWh", "Carbon intensity per kWh"):
        content = f"Entity,Code,Year,{title}\nNA,NAM,2020,5\nWorld,OWID_WRL,2020,6\nASEAN,,2020,7\n"
        rows = owid.read_csv(content.encode(), "chart.csv", column="carbon intensity")
        assert rows.to_numpy().tolist() == [["NAM", 2020, "5"]]


def test_values_outside_their_unit_are_an_error():
    rows = owid.read_csv(b"Entity,Code,Year,V\nKenya,KEN,2020,0.0901\n", "chart.csv")
    with pytest.raises(SourceChangedError, match=r"KEN 2020 has '0.0901', expected .* from 1 to"):
        owid.numbers(rows, "chart.csv", 1, 2000, 1)
    with pytest.raises(SourceChangedError, match="has 1 countries, expected at least 180"):
        owid.numbers(rows, "chart.csv", 0, 2000, 180)
