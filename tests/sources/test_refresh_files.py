"""caraml data refresh --from: files that are not what they should be, or not whole."""

from __future__ import annotations

import gzip
import json
import os

import pytest

from caraml_analysis import countries, registry
from caraml_analysis.errors import (
    CaramlError,
    DownloadError,
    SourceChangedError,
    YearError,
)
from caraml_analysis.sources import editions, refreshing, world_bank_api
from caraml_analysis.sources.http import Client
from tests.loopback import Answer, LoopbackServer
from tests.upstreams import (
    LOGIN,
    oghist,
    population_answer,
    top500_pages,
    top500_rows,
    top500_workbook,
    top500_xml,
    xlsx,
)

EDITIONS = {
    "top500": "2024-11",
    "income_groups": None,
    "grid_intensity": "2026-11",
    "electricity_access": "2026-11",
    "population": None,
}
CHARTS = {
    "grid_intensity": ("reference/grid_intensity.csv", "Carbon intensity of electricity"),
    "electricity_access": ("reference/electricity_access.csv", "Access to electricity (% of all)"),
}


pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def read(tmp_path):
    """Refresh a source from a file with this content."""

    def run(name, content, file="my file.csv", edition="2026-11"):
        path = tmp_path / file
        path.write_bytes(content)
        return refreshing.refresh(name, refreshing.Request(edition, (path,)))

    return run


def chart(name, change=lambda code, year, value: value):
    """Return a chart file as the publisher writes it: by country and year, no last line feed.

    A row for which `change` gives None is left out.
    """
    file, column = CHARTS[name]
    rows = [
        (countries.name(code), code, year, change(code, year, value))
        for code, year, value in registry.read_csv(file).itertuples(index=False)
    ]
    lines = [
        f'"{entity}",{code},{year},{value:.10g}'.replace('"', '"' if "," in entity else "")
        for entity, code, year, value in sorted(rows, key=lambda row: row[:3])
        if value is not None
    ]
    return "\n".join([f"Entity,Code,Year,{column}", *lines]).encode()


# --- any file in place of the right one -----------------------------------------------------------

NEW = top500_workbook("2024-11")
OGHIST = oghist(last_year=2023)
WRONG = {
    "empty.csv": b"",
    "blank.xlsx": b" \n\n",
    "login.html": LOGIN,
    "login.xlsx": LOGIN,
    "login.csv": b"<!-- 1 -->\n" + LOGIN,
    "cut_list.xlsx": NEW[: len(NEW) // 2],
    "cut_classes.xlsx": OGHIST[:-300],
    "sheet.xlsx": xlsx([["a", "b"], [1, 2]], "Other"),
    "small.xlsx": xlsx([["a", "b"], [1, 2]], "Country Analytical History"),
    "no_cells.xlsx": xlsx([], "Country Analytical History"),
    "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(300),
    "report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "packed.csv.gz": gzip.compress(b"Entity,Code,Year,Carbon intensity\n"),
    "utf16.csv": "Entity,Code,Year,Carbon intensity\n".encode("utf-16"),
    "noughts.csv": bytes(1000),
    "semicolons.csv": b"Entity;Code;Year;Carbon intensity;access\nKenya;KEN;2023;1;2\n",
    "ours.csv": b"iso3,year,population\nKEN,2023,55339003\n",
    "object.json": b'{"a": 1}',
    "list.json": b"[]",
    "nothing.json": b"null",
    "deep.json": b"[" * 100_000,
    "feed.xml": b'<?xml version="1.0"?><rss><a/></rss>',
    "cut.xml": top500_xml("2024-11")[:-2000],
}
RIGHT = {
    "list.xlsx": ("top500", NEW),
    "list.xml": ("top500", top500_xml("2024-11")),
    "classes.xlsx": ("income_groups", OGHIST),
    "grid.csv": ("grid_intensity", chart("grid_intensity")),
    "access.csv": ("electricity_access", chart("electricity_access")),
    "population.json": ("population", json.dumps(population_answer()).encode()),
}


@pytest.mark.parametrize("name", EDITIONS)
def test_any_other_file_is_refused_by_its_full_path_and_nothing_is_touched(name, run_cli, tmp_path):
    before = {file: registry.read_bytes(file) for file in registry.cards()}
    others = {file: content for file, (of, content) in RIGHT.items() if of != name}
    for file, content in (WRONG | others).items():
        path = tmp_path / file
        path.write_bytes(content)
        edition = ["--edition", EDITIONS[name]] if EDITIONS[name] else []
        code, out, err = run_cli(
            *("data", "refresh", name, "--no-figures", "--yes", *edition, "--from", path)
        )
        assert (code, out) == (1, ""), file
        assert err.startswith(f"caraml: {path}"), file  # one paragraph, and no traceback
        assert err.count("\n") == 1, file
        assert len(err) < 700, file
        assert "nothing was changed" in err.lower(), file
        assert f"The file of {name} is at https://" in err, file
        assert "he publisher renamed a column:" not in err.replace("or the publisher", ""), file
    assert {file: registry.read_bytes(file) for file in registry.cards()} == before
    assert editions.fetched(name) == []


def test_the_right_files_are_read(read):
    for file, (name, content) in RIGHT.items():
        assert read(name, content, file, EDITIONS[name]).name == name


def test_irena_is_read_from_its_server_only(run_cli, tmp_path):
    code, _, err = run_cli("data", "refresh", "irena", "--from", tmp_path)
    assert code == 2
    assert "irena is read from several tables of its server; --from is not possible" in err


@pytest.mark.parametrize("name", EDITIONS)
def test_a_folder_or_a_pipe_is_no_file(name, tmp_path):
    request = refreshing.Request(EDITIONS[name], (tmp_path,))
    with pytest.raises(DownloadError, match=rf"{tmp_path}: is a folder\. Nothing was changed\."):
        refreshing.refresh(name, request)
    os.mkfifo(tmp_path / "pipe")
    request = refreshing.Request(EDITIONS[name], (tmp_path / "pipe",))
    with pytest.raises(DownloadError, match=r"pipe: is no regular file\. Nothing was changed"):
        refreshing.refresh(name, request)


def test_a_file_of_an_impossible_size_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(refreshing, "_MOST_BYTES", 1000)
    (tmp_path / "large.csv").write_bytes(bytes(1001))
    with pytest.raises(DownloadError, match=r"large\.csv: is larger than 1,000 bytes"):
        refreshing.refresh(
            "grid_intensity", refreshing.Request("2026-11", (tmp_path / "large.csv",))
        )


def test_a_relative_path_is_told_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.csv").write_bytes(b"a,b\n1,2\n")
    path = refreshing.Path("wrong.csv")
    with pytest.raises(SourceChangedError, match=str(tmp_path / "wrong.csv")):
        refreshing.refresh("grid_intensity", refreshing.Request("2026-11", (path,)))


@pytest.mark.parametrize(
    ("name", "value"), [("grid_intensity", "carbon intensity"), ("electricity_access", "access")]
)
def test_the_columns_that_were_expected_and_found_are_told(read, name, value):
    with pytest.raises(SourceChangedError) as caught:
        read(name, b"country,iso,year,kwh,note\nKenya,KEN,2023,1,2\n")
    told = str(caught.value)
    assert "its columns are country, iso, year, kwh, note; expected Entity, Code, Year" in told
    assert f"and a value like '{value}'. Nothing was changed. It is another file, or a" in told


def test_what_was_expected_of_a_population_and_what_was_found_is_told(read):
    with pytest.raises(SourceChangedError) as caught:
        read("population", b"iso3,year,population\nKEN,2023,1\n", edition=None)
    told = str(caught.value)
    assert "is no JSON (it begins b'iso3,year,population'), expected JSON of the indicator" in told
    assert "records of indicator, countryiso3code, date and value" in told
    assert world_bank_api.address() in told
    with pytest.raises(SourceChangedError, match="It is a list of objects with iso3, year"):
        read("population", b'[{"iso3": "KEN", "year": 2023}]', edition=None)


def test_files_that_are_no_pages_are_named_one_by_one(tmp_path):
    pages = []
    for number, page in enumerate([*top500_pages("2024-11")[:4], NEW]):
        pages.append(tmp_path / f"{number}.html")
        pages[-1].write_bytes(page)
    with pytest.raises(SourceChangedError, match=r"4\.html: is no HTML page .it is a zip.*5 pages"):
        refreshing.refresh("top500", refreshing.Request("2024-11", tuple(pages)))
    with pytest.raises(SourceChangedError, match=r"0\.html and 3 more: 400 systems with 400"):
        refreshing.refresh("top500", refreshing.Request("2024-11", tuple(pages[:4])))


# --- editions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("grid_intensity", "latest", "by the month of the download, .*--edition 2026-11"),
        ("grid_intensity", "2026-13", "by the month of the download, .*--edition 2026-11"),
        ("grid_intensity", "2026-4", "by the month of the download, .*--edition 2026-11"),
        ("electricity_access", "26-04", "by the month of the download, .*--edition 2026-11"),
        ("electricity_access", "2026-04 ", "by the month of the download"),
        ("population", "2026", "by the month in which .*--edition 2026-11"),
        ("income_groups", "2026", "by fiscal year, for example --edition FY27"),
        ("income_groups", "fy26", "by fiscal year, for example --edition FY27"),
        ("top500", "2024-10", "YYYY-06 and YYYY-11"),
        ("irena", "2024", "like '2024 H2'"),
    ],
)
def test_a_wrong_name_of_an_edition_is_told_with_a_right_one(name, wrong, message, tmp_path):
    path = tmp_path / "not there.csv"  # the name is looked at first
    files = () if name == "irena" else (path,)
    with pytest.raises(YearError, match=message):
        refreshing.refresh(name, refreshing.Request(wrong, files))


@pytest.mark.parametrize("name", ["grid_intensity", "population", "electricity_access"])
def test_a_wrong_name_is_told_before_anything_is_asked(name):
    with LoopbackServer() as server:
        with pytest.raises(YearError, match=f"no edition 'newest' of {name}"):
            refreshing.refresh(name, refreshing.Request("newest", server=server.url))
        assert server.received == []


def test_every_embedded_edition_and_every_example_is_named_in_the_right_way():
    for name, source in refreshing.SOURCES.items():
        for edition in [*editions.embedded(name), *filter(None, [source.example])]:
            assert refreshing.re.fullmatch(source.pattern, edition), (name, edition)


def test_an_answer_of_another_edition_is_told_by_its_file(read):
    content = json.dumps(population_answer()).encode()
    with pytest.raises(YearError, match=r"my file\.csv: is the edition 2026-10, not 2020-01"):
        read("population", content, edition="2020-01")
    content = json.dumps(population_answer(updated="yesterday")).encode()
    with pytest.raises(SourceChangedError, match=r"updated 'yesterday', expected a day like 2026"):
        read("population", content, edition=None)


# --- files that broke off, or are not whole -------------------------------------------------------


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_that_is_whole_is_read_with_and_without_a_last_line_feed(name, read):
    for end in (b"", b"\n", b"\r\n"):
        table = read(name, chart(name) + end).tables[CHARTS[name][0]]
        assert len(table) == len(registry.read_csv(CHARTS[name][0]))


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_that_broke_off_anywhere_in_its_last_lines_is_refused(name, read):
    content = chart(name)
    for missing in range(1, 90):
        with pytest.raises(SourceChangedError, match=r"Nothing was changed\..*download it again"):
            read(name, content[:-missing])


def test_the_reason_why_a_chart_is_not_whole_is_told(read):
    content = chart("grid_intensity")
    assert content.endswith(b"Zimbabwe,ZWE,2024,384.02")
    lines = content.count(b"\n") + 1
    before = content.split(b"Zambia,")[0]
    for cut, message in (
        (content[:-7], rf"line {lines} has 3 fields instead of 4"),
        (content[:-6], "ends with Zimbabwe 2023, the embedded edition goes on to 2024"),
        (content[:-1], "ends within a number: Zimbabwe 2024 has 384.0, the embedded .* 384.02"),
        (before, "ends with Yemen, without ZMB, ZWE that come after it"),
        (content[: len(content) // 2], "line|has .* countries, the embedded edition has 214"),
        (content.replace(b"Kenya,KEN", b'"Kenya,KEN', 1), "is a closing quote missing"),
        (content[:-9] + b"\xc3", "is no CSV in UTF-8"),
    ):
        with pytest.raises(SourceChangedError, match=message):
            read("grid_intensity", cut)


def test_a_newer_or_older_edition_is_whole(read):
    newer = chart("grid_intensity") + b"\nZimbabwe,ZWE,2025,3"  # a year that is not embedded
    assert len(read("grid_intensity", newer).tables["reference/grid_intensity.csv"]) == 5718
    revised = chart("grid_intensity", lambda code, year, value: round(value * 1.3, 2))
    assert read("grid_intensity", revised)
    older = chart("grid_intensity", lambda code, year, value: value if year < 2023 else None)
    assert read("grid_intensity", older)
    partly = chart(  # half of the countries have no value of its newest year yet, as Zimbabwe
        "grid_intensity",
        lambda code, year, value: value if year < 2024 or (year == 2024 and code < "M") else None,
    )
    assert read("grid_intensity", partly)
    recent = chart("grid_intensity", lambda code, year, value: value if year >= 2000 else None)
    assert read("grid_intensity", recent)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda code, year, value: value if code < "D" else None, "countries, the embedded"),
        (lambda code, year, value: value if year == 2023 else None, "values from 2023 to 2023"),
        (
            lambda code, year, value: value if code > "M" or year in (2000, 2024) else None,
            "values from 1990 to 2025, the embedded edition has 5,717 of these years",
        ),
        (lambda code, year, value: None, "and no row of a country"),
    ],
)
def test_far_fewer_countries_or_rows_are_refused(read, change, message):
    with pytest.raises(SourceChangedError, match=message):
        read("grid_intensity", chart("grid_intensity", change))


def test_a_chart_that_broke_off_on_the_way_is_refused():
    content = chart("grid_intensity")
    with LoopbackServer() as server:
        answer = Answer(200, content, {"Content-Type": "text/csv"}, cut_after=len(content) - 3)
        server.script("/carbon-intensity-electricity.csv", answer)
        with pytest.raises(DownloadError, match="broke off"):
            refreshing.refresh(
                "grid_intensity",
                refreshing.Request(server=server.url),
                Client(delay_s=0.0, attempts=1),
            )
    assert editions.fetched("grid_intensity") == []


def test_a_population_that_is_not_whole_is_refused(read, tmp_path):
    head, records = population_answer()
    content = json.dumps([head, records]).encode()
    one_year = [record for record in records if record["date"] == "2023"]
    strange = [{**records[0], "value": float("nan")}, *records[1:]]
    for wrong, message in (
        (content[:-1], r"my file\.csv: is damaged or broke off"),
        (content[: len(content) // 2], "is damaged or broke off"),
        (json.dumps([head, records[:-100]]).encode(), "7,954 records of 8,054 in all pages"),
        (json.dumps([head, one_year]).encode(), "values from 2023 to 2023, expected at least"),
        (json.dumps([head, [*records, records[0]]]).encode(), "stands there twice"),
        (json.dumps([head, strange]).encode(), "ABW 1990 has nan people"),
        (json.dumps([head, [{**records[0], "value": "many"}]]).encode(), "has another shape"),
        (json.dumps([head, [{**records[0], "value": -5}]]).encode(), "ABW 1990 has -5 people"),
    ):
        with pytest.raises(SourceChangedError, match=message):
            read("population", wrong, edition=None)
    pages = [tmp_path / "1.json", tmp_path / "2.json"]
    for path, updated in zip(pages, ("2026-10-13", "2026-11-13"), strict=True):
        path.write_text(json.dumps([{**head, "lastupdated": updated}, records]))
    with pytest.raises(SourceChangedError, match=r"different editions .2026-10, 2026-11"):
        refreshing.refresh("population", refreshing.Request(files=tuple(pages)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("Rank", 1.5, "Rank is '1.5', which is no whole number"),
        ("Rank", "inf", "Rank is 'inf', which is no whole number"),
        ("Total Cores", 10.25, "cores is '10.25', which is no whole number"),
        ("Total Cores", 1e300, "cores is '1e.300', which is no whole number"),
        ("Year", "NaN", "Year is 'NaN', which is no whole number"),
        ("Rmax [TFlop/s]", "inf", "Rmax is 'inf', which is no number"),
    ],
)
def test_a_cell_of_a_list_that_cannot_be_is_told(read, field, value, message):
    rows = top500_rows("2024-11")
    rows[7][rows[0].index(field)] = value
    with pytest.raises(SourceChangedError, match=rf"my file\.xlsx: {message}"):
        read("top500", xlsx(rows, "64"), "my file.xlsx", "2024-11")


def test_a_system_without_a_rank_is_told(read):
    content = top500_xml("2024-11").replace(b"<top500:rank>7<", b"<top500:rank><", 1)
    with pytest.raises(SourceChangedError, match="1 systems have no rank"):
        read("top500", content, "my.xml", "2024-11")


def test_numbers_beyond_all_bounds_in_an_answer_are_told(read):
    head, records = population_answer()
    for wrong, message in (
        ([{**head, "pages": float("inf")}, records], "is not an answer of the indicator API"),
        ([head, [{**records[0], "date": float("inf")}]], "a record has another shape"),
        ([head, [{**records[0], "value": 10**400}]], "a record has another shape"),
        ([head, [{**records[0], "countryiso3code": {}}]], "0 countries, expected at least 210"),
    ):
        with pytest.raises(SourceChangedError, match=message):
            read("population", json.dumps(wrong).encode(), edition=None)


def test_every_cut_of_a_workbook_or_an_xml_is_an_error_of_ours(read):
    for name, content in (("income_groups", OGHIST), ("top500", NEW)):
        for part in (1, 3, 5, 20, 300, len(content) // 3, len(content) - 25, len(content) - 1):
            with pytest.raises(CaramlError, match="my file"):
                read(name, content[:part], "my file.xlsx", EDITIONS[name])
