"""Top500 lists in every form and of every time: units, headers, guards, countries, the cache."""

from __future__ import annotations

import re

import pytest

import caraml_analysis as ca
from caraml_analysis import registry
from caraml_analysis.errors import (
    ArchiveError,
    CountryError,
    SourceChangedError,
    UnitError,
    UsageError,
    YearError,
)
from caraml_analysis.sources import top500_lists as lists
from tests.upstreams import (
    LOGIN,
    PER_WATT,
    top500_header,
    top500_pages,
    top500_rows,
    top500_systems,
    top500_workbook,
    top500_xml,
    xlsx,
)

EDITIONS = ("1993-06", "2007-11", "2008-06", "2011-11", "2016-11", "2017-06", "2024-11")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_workbook_of_any_time_is_in_tflops(edition):
    systems = lists.read_list(top500_workbook(edition), edition)
    expected = top500_systems(edition)
    assert list(systems.columns) == lists.COLUMNS
    assert systems["rank"].tolist() == list(range(1, 501))
    assert systems["rmax_tflops"].tolist() == pytest.approx([s["rmax"] for s in expected])
    assert systems["rpeak_tflops"].tolist() == pytest.approx([s["rpeak"] for s in expected])
    assert set(systems["iso3"]) == {"USA", "KOR", "SAU", "CZE", "HKG"}


@pytest.mark.parametrize("edition", ["2008-06", "2016-11", "2017-06"])
def test_power_zero_and_empty_are_missing(edition):
    power = lists.read_list(top500_workbook(edition), edition).set_index("rank")["power_kw"]
    first = top500_systems(edition)[0]["rmax"]
    assert power[3] == pytest.approx(first / 3 / PER_WATT)
    assert power.notna().sum() == 166
    assert not (power == 0).any()


def test_no_power_before_2008():
    assert lists.read_list(top500_workbook("2007-11"), "2007-11")["power_kw"].isna().all()


def test_derived_power_is_told_from_submitted():
    sources = lists.read_list(top500_workbook("2017-06"), "2017-06")["power_source"]
    assert set(sources) == {"", "Submitted", "Derived", "Optimized"}


def test_the_columns_may_stand_in_any_order():
    header = tuple(reversed(top500_header("2024-11")))
    systems = lists.read_list(top500_workbook("2024-11", header=header), "2024-11")
    assert systems["rmax_tflops"][0] == 1_742_000


def test_a_plain_rmax_of_2017_that_holds_tflops_is_told_by_its_first_system():
    header = ("Rank", "Country", "Rmax", "Rpeak", "Power (kW)")
    for per_tflops in (1, 1000):
        content = top500_workbook("2017-06", header=header, per_tflops=per_tflops)
        assert lists.read_list(content, "2017-06")["rmax_tflops"][0] == pytest.approx(93_014.6)


@pytest.mark.parametrize(
    ("edition", "per_tflops", "message"),
    [
        ("2024-11", 1000, "No. 1 has 1.742e.09 TFlop/s, expected 1.7.*contradicts the values"),
        ("2016-11", 1, "No. 1 has 93.01.* TFlop/s, expected 92,0.*contradicts the values"),
    ],
)
def test_a_unit_that_contradicts_the_first_system_is_an_error(edition, per_tflops, message):
    with pytest.raises(UnitError, match=message):
        lists.read_list(top500_workbook(edition, per_tflops=per_tflops), edition)


def test_units_of_rmax_and_rpeak_that_contradict_each_other_are_an_error():
    header = [
        title.replace("Rpeak [TFlop/s]", "Rpeak [GFlop/s]") for title in top500_header("2024-11")
    ]
    with pytest.raises(UnitError, match=r"Rmax is 667 of Rpeak, expected 0\.2 to 1\.2"):
        lists.read_list(top500_workbook("2024-11", header=header), "2024-11")


NEWER = ("2008-06", "2016-11", "2024-11")  # no, Mflops/Watt, and GFlops/Watts beside the power


def with_power(edition, change):
    """Return a workbook in which `change` was made to each power by rank."""
    systems = top500_systems(edition)
    for system in systems:
        if system["power"]:
            system["power"] = change(system["rank"], system["power"])
    return top500_workbook(edition, systems=systems)


@pytest.mark.parametrize("edition", NEWER)
@pytest.mark.parametrize("title", ["Power (MW)", "Power (W)", "Electricity"])
def test_power_in_another_unit_or_none_is_an_error_since_2008(edition, title):
    header = [title if name in ("Power", "Power (kW)") else name for name in top500_header(edition)]
    with pytest.raises(UnitError, match=r"no column Power \(kW\), which every list since 2008-06"):
        lists.read_list(top500_workbook(edition, header=header), edition)


def test_the_column_of_power_in_another_unit_is_named():
    pages = [page.replace(b"Power (kW)", b"Power (MW)") for page in top500_pages("2024-11")]
    with pytest.raises(UnitError, match=r"page 1: no column .*\(similar: Power \(MW\)\)\. Nothing"):
        lists.read_pages(pages, "2024-11")


@pytest.mark.parametrize("edition", NEWER)
@pytest.mark.parametrize("factor", [0.001, 1000])
def test_power_of_another_unit_than_the_header_says_is_an_error(edition, factor):
    content = with_power(edition, lambda rank, power: power * factor)
    with pytest.raises(UnitError, match=r"GFlop/s per W, .*166 of 166 systems.*contradicts the"):
        lists.read_list(content, edition)


@pytest.mark.parametrize("edition", NEWER)
def test_one_impossible_power_is_an_error_that_names_its_rank(edition):
    content = with_power(edition, lambda rank, power: 3e9 if rank == 3 else power)
    with pytest.raises(UnitError, match=r"rank 3 has 3,000,000,000 kW.*1 of 166 systems"):
        lists.read_list(content, edition)


def test_power_must_be_what_the_list_itself_says_per_watt():
    assert len(lists.read_list(with_power("2024-11", lambda _, power: power * 1.2), "2024-11"))
    content = with_power("2024-11", lambda rank, power: power * (2 if rank == 300 else 1))
    with pytest.raises(UnitError, match=r"rank 300 .* is 1 GFlop/s per W.* and the 2 that the"):
        lists.read_list(content, "2024-11")
    with pytest.raises(UnitError, match=r"rank 300 .* and the 2 that the list itself says"):
        lists.read_list(
            with_power("2016-11", lambda rank, power: power * (2 if rank == 300 else 1)), "2016-11"
        )


def test_power_of_another_unit_is_an_error_in_xml_and_pages_too():
    # in W
    xml = re.sub(rb"power>([0-9.]+)<", rb"power>\g<1>E3<", top500_xml("2018-11"))
    with pytest.raises(UnitError, match=r"0\.002 GFlop/s per W, expected 0\.005 to 400 "):
        lists.read_list(xml, "2018-11")
    without = re.sub(rb"power>[0-9.]+<", b"power><", top500_xml("2018-11"))
    with pytest.raises(UnitError, match="0 systems have a power, expected at least 90"):
        lists.read_list(without, "2018-11")


def test_rmax_does_not_rise_with_the_rank():
    systems = top500_systems("2024-11")
    for field in ("rmax", "rpeak", "power"):
        systems[399][field] *= 3
    with pytest.raises(
        SourceChangedError, match=r"rank 400 has 13,065 TFlop/s, more than the 4,36"
    ):
        lists.read_list(top500_workbook("2024-11", systems=systems), "2024-11")
    systems = top500_systems("2024-11")
    systems[399]["rmax"] = systems[398]["rmax"]  # the same as the one before is usual
    assert len(lists.read_list(top500_workbook("2024-11", systems=systems), "2024-11")) == 500


def test_a_renamed_column_is_named_with_what_was_found():
    header = [title.replace("Rmax [", "Maximal [") for title in top500_header("2024-11")]
    with pytest.raises(SourceChangedError, match=r"no column for rmax .found: Rank, Country, Year"):
        lists.read_list(top500_workbook("2024-11", header=header), "2024-11")
    with pytest.raises(SourceChangedError, match="no column for rank, country, rmax, rpeak"):
        lists.read_list(xlsx([["a", "b"], [1, 2]]), "2024-11")


def test_an_unknown_country_is_named():
    systems = top500_systems("2024-11")
    systems[7]["country"] = "Atlantis"
    with pytest.raises(CountryError, match=r"no code for the country 'Atlantis'.*top500_countries"):
        lists.read_list(top500_workbook("2024-11", systems=systems), "2024-11")


def test_missing_and_repeated_ranks_are_an_error():
    rows = top500_rows("2024-11")
    with pytest.raises(SourceChangedError, match="499 systems with 499 different ranks"):
        lists.read_list(xlsx(rows[:-1], "64"), "2024-11")
    with pytest.raises(SourceChangedError, match="500 systems with 499 different ranks"):
        lists.read_list(xlsx([*rows[:-1], rows[1]], "64"), "2024-11")


def test_a_list_of_another_edition_is_an_error_though_its_first_system_is_the_same():
    with pytest.raises(SourceChangedError, match=r"is the list 2024-11 .No. 64., not 2025-06"):
        lists.read_list(top500_workbook("2024-11"), "2025-06")


def test_a_text_where_a_number_should_be_is_an_error():
    systems = top500_systems("2024-11")
    systems[3]["power"] = "n/a"
    with pytest.raises(SourceChangedError, match="Power is 'n/a', which is no number"):
        lists.read_list(top500_workbook("2024-11", systems=systems), "2024-11")


def test_a_list_that_is_not_embedded_is_guarded_by_the_last_one():
    content = top500_workbook("2025-11", systems=top500_systems("2025-11", first=2_000_000.0))
    assert lists.read_list(content, "2025-11")["rmax_tflops"][0] == 2_000_000
    wrong = top500_workbook("2025-11", systems=top500_systems("2025-11", first=2000.0))
    with pytest.raises(UnitError, match=r"No\. 1 has 2,000 TFlop/s, expected 522,600"):
        lists.read_list(wrong, "2025-11")


def test_xml_is_in_gflops_in_every_edition():
    for edition in ("2008-06", "2018-11"):
        systems = lists.read_list(top500_xml(edition), edition)
        assert systems["rmax_tflops"].tolist() == pytest.approx(
            [s["rmax"] for s in top500_systems(edition)]
        )
        assert systems["power_kw"].notna().sum() == 166


def test_xml_of_another_list_or_shape_is_an_error():
    content = top500_xml("2018-11")
    with pytest.raises(SourceChangedError, match="is the list 2018-11, not 2018-06"):
        lists.read_list(content, "2018-06")
    # November 1995 was published in December
    systems = lists.read_list(top500_xml("1995-11", date="1995/12/01"), "1995-11")
    assert len(systems) == 500
    with pytest.raises(ArchiveError, match="is damaged or truncated"):
        lists.read_list(content[:-1000], "2018-11")
    with pytest.raises(SourceChangedError, match="no element 'r-max'"):
        lists.read_list(content.replace(b"r-max", b"rmax"), "2018-11")
    with pytest.raises(SourceChangedError, match="has no element 'site'"):
        lists.read_list(content.replace(b"xml/top500/1.0", b"xml/top500/2.0"), "2018-11")
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]>' + content
    with pytest.raises(ArchiveError, match="defines entities, which no list does"):
        lists.read_list(bomb, "2018-11")


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("unit", ["GFlop/s", "TFlop/s", "PFlop/s"])
def test_list_pages_are_read_by_header_and_unit(unit, newer):
    systems = lists.read_pages(top500_pages("2024-11", unit, newer), "2024-11")
    workbook = lists.read_list(top500_workbook("2024-11"), "2024-11")
    for column in ("rank", "iso3", "power_kw", "cores"):
        assert systems[column].equals(workbook[column]), column
    assert systems["rmax_tflops"].tolist() == pytest.approx(workbook["rmax_tflops"].tolist())


def test_list_pages_of_two_units_are_read_each_in_its_own():
    pages = [*top500_pages("2024-11", "PFlop/s")[:1], *top500_pages("2024-11", "TFlop/s")[1:]]
    assert lists.read_pages(pages, "2024-11")["rmax_tflops"][499] == pytest.approx(3484)


def test_list_pages_that_changed_are_an_error():
    pages = top500_pages("2024-11")
    with pytest.raises(SourceChangedError, match="400 systems with 400 different ranks"):
        lists.read_pages(pages[:4], "2024-11")
    with pytest.raises(SourceChangedError, match="page 1: is a login page"):
        lists.read_pages([LOGIN, *pages[1:]], "2024-11")
    without_unit = [page.replace(b"Rmax (TFlop/s)", b"Rmax") for page in pages]
    with pytest.raises(SourceChangedError, match=r"columns are Rank, Site, System.*units of"):
        lists.read_pages(without_unit, "2024-11")
    renamed = [page.replace(b"Rmax (", b"Maximal (") for page in pages]
    with pytest.raises(SourceChangedError, match=r"no table .* Rpeak .but Rank, Site, System"):
        lists.read_pages(renamed, "2024-11")


def test_addresses():
    assert lists.addresses("2019-11") == [
        "https://www.top500.org/lists/top500/2019/11/download/TOP500_201911.xls"
    ]
    assert lists.addresses("2020-06")[0].endswith("/2020/06/download/TOP500_202006.xlsx")
    assert lists.addresses("2018-11", "xml")[0].endswith("/TOP500_201811_all.xml")
    assert lists.addresses("2024-11", "pages", "http://a") == [
        f"http://a/lists/top500/list/2024/11/?page={page}" for page in range(1, 6)
    ]
    with pytest.raises(UsageError, match="no form 'pdf' of a list; there are excel, xml and pages"):
        lists.addresses("2024-11", "pdf")


@pytest.mark.parametrize("edition", ["latest", "2024-12", "1992-11", "202411"])
def test_an_unknown_edition_says_how_lists_are_named(edition):
    with pytest.raises(YearError, match=rf"no Top500 list '{edition}'.*1993-06 to 2025-06"):
        lists.addresses(edition)


def test_lists_have_numbers():
    assert [lists.number_of(e) for e in ("1993-06", "1993-11", "2024-11")] == [1, 2, 64]
    assert [lists.edition_of(n) for n in (1, 2, 64)] == ["1993-06", "1993-11", "2024-11"]


def test_sums_per_country_have_the_embedded_form():
    systems = lists.read_list(top500_workbook("2024-11"), "2024-11")
    table = lists.by_country(systems)
    assert list(table.columns) == list(ca.load_top500("2024-11").columns)
    assert table["systems"].tolist() == [100] * 5
    assert table["rmax_tflops"].sum() == pytest.approx(systems["rmax_tflops"].sum())
    assert table["rmax_tflops"].is_monotonic_decreasing


def test_every_embedded_list_is_what_it_is_guarded_by():
    known = lists.first_systems()
    totals = ca.load_top500().groupby("edition")[["rmax_tflops", "rpeak_tflops"]].sum()
    assert list(known.index) == list(totals.index)
    for column in totals:
        assert totals[column].tolist() == pytest.approx(known[column].tolist(), rel=2e-4), column


def test_every_reviewed_spelling_is_a_country_of_the_lists():
    table = registry.read_csv("reference/top500_countries.csv")
    assert table["spelling"].is_unique
    assert set(table["iso3"]) == set(ca.load_top500()["iso3"])


def test_files_are_parsed_once_and_then_read_from_the_cache(tmp_path, monkeypatch):
    folder = tmp_path / "lists"
    folder.mkdir()
    for edition in ("2017-06", "2024-11"):
        name = lists.file_name(edition)
        (folder / name).write_bytes(top500_workbook(edition))
    (folder / "TOP500_201706_all.xml").write_bytes(b"the workbook wins")
    (folder / "notes.txt").write_text("not a list")
    first = ca.load_top500_systems(folder=folder)
    assert first["edition"].unique().tolist() == ["2017-06", "2024-11"]
    monkeypatch.setattr(lists, "read_list", lambda *_: pytest.fail("parsed again"))
    again = ca.load_top500_systems(folder=folder)
    assert again.equals(first)
    assert again.dtypes.equals(first.dtypes)


def test_a_changed_file_or_a_damaged_copy_is_parsed_again(tmp_path):
    path = tmp_path / "TOP500_202411.xlsx"
    path.write_bytes(top500_workbook("2024-11"))
    first = ca.load_top500_systems(["2024-11"], tmp_path)
    [copy] = lists.downloads_dir().glob("parsed/*.csv")
    copy.write_text("edition,rank\n2024-11,1\n")
    assert ca.load_top500_systems(["2024-11"], tmp_path).equals(first)
    systems = top500_systems("2024-11")
    systems[0]["country"] = "Kenya"
    path.write_bytes(top500_workbook("2024-11", systems=systems))
    assert ca.load_top500_systems(["2024-11"], tmp_path)["iso3"][0] == "KEN"


def test_a_list_that_is_not_there_says_which_are(tmp_path):
    (tmp_path / "TOP500_202411.xlsx").write_bytes(top500_workbook("2024-11"))
    with pytest.raises(YearError, match=r"no file of the Top500 list 2024-06; there are 2024-11"):
        ca.load_top500_systems(["2024-06"], tmp_path)
    with pytest.raises(YearError, match=r"list .any.; there are none. Fetch one with: caraml data"):
        ca.load_top500_systems()
