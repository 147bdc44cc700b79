"""caraml data refresh: every source on loopback, what it reports, what it keeps, and faults."""

from __future__ import annotations

import datetime
import hashlib
import io
import re

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis import paths, registry
from caraml_analysis.errors import (
    ArchiveError,
    DataFileError,
    DownloadError,
    HttpStatusError,
    SourceChangedError,
    UsageError,
    WebPageError,
    YearError,
)
from caraml_analysis.reproduce.saving import input_cards
from caraml_analysis.sources import editions, http, refreshing, top500_lists
from caraml_analysis.sources.http import Client
from tests.loopback import Answer, LoopbackServer
from tests.sources.test_oghist import owid_file
from tests.sources.test_pxweb import ALL_YEARS, all_countries, tables_of_2026
from tests.upstreams import (
    LOGIN,
    XLSX,
    oghist,
    oghist_rows,
    owid_csv,
    population_answer,
    serve_pxweb,
    top500_pages,
    top500_systems,
    top500_workbook,
    top500_xml,
    xlsx,
)

NEW_LIST = top500_workbook("2025-11", systems=top500_systems("2025-11", first=2_000_000.0))
OGHIST_PATH = "/resources/DR0095334/download"
GRID = "/carbon-intensity-electricity.csv"
ACCESS = "/share-of-the-population-with-access-to-electricity.csv"
POPULATION = "/v2/country/all/indicator/SP.POP.TOTL"
CSV = {"Content-Type": "text/csv; charset=utf-8"}
SHEET = {"Content-Type": XLSX}


pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def server():
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def refresh(run_cli, server):
    """Run ``caraml data refresh`` against the loopback server, without comparing figures."""

    def run(name, *arguments):
        return run_cli("data", "refresh", name, "--server", server.url, "--no-figures", *arguments)

    return run


def embedded_bytes():
    return {file: registry.read_bytes(file) for file in registry.cards()}


def list_path(edition):
    return top500_lists.addresses(edition, server="")[0]


# --- every source -------------------------------------------------------------------------------


def test_a_new_top500_list_is_kept_beside_the_embedded_ones(server, refresh, run_cli):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    before = embedded_bytes()
    code, out, err = refresh("top500", "--edition", "2025-11", "--yes")
    assert (code, err) == (0, "")
    assert f"sha256 {hashlib.sha256(NEW_LIST).hexdigest()}" in out
    assert "list 2025-11 against 2025-06: 41 rows embedded, 5 fetched; 1 new, 37 gone" in out
    assert "used only where the edition '2025-11' is named" in out
    assert "caraml figure NAME --edition top500=2025-11" in out
    top = ca.load_top500("2025-11")
    assert top["systems"].sum() == 500
    assert set(ca.load_top500()["edition"]) == set(editions.embedded("top500"))
    assert ca.load_top500_systems()["edition"].unique().tolist() == ["2025-11"]
    assert embedded_bytes() == before
    listed = run_cli("data", "list")[1]
    assert "top500; used only where the edition '2025-11' is named" in listed


def test_the_user_agent_says_who_asks(server, refresh):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    refresh("top500", "--edition", "2025-11", "--yes")
    assert server.received[0].headers["user-agent"].startswith("caraml-analysis/")


def test_a_list_in_xml_and_in_pages(server, refresh):
    server.script(
        "/lists/top500/2018/11/download/TOP500_201811_all.xml",
        Answer(200, top500_xml("2018-11"), {"Content-Type": "application/xml"}),
    )
    code, out, _ = refresh("top500", "--edition", "2018-11", "--via", "xml", "--yes")
    assert code == 0
    assert "The edition 2018-11 is embedded and stays as it is." in out
    assert (top500_lists.downloads_dir() / "TOP500_201811_all.xml").is_file()
    for number, page in enumerate(top500_pages("2024-11"), start=1):
        server.script(
            f"/lists/top500/list/2024/11/?page={number}",
            Answer(200, page, {"Content-Type": "text/html"}),
        )
    request = refreshing.Request("2024-11", via="pages", server=server.url)
    fetched = refreshing.refresh("top500", request, Client(delay_s=0.0))
    assert len(fetched.sources) == 5
    assert fetched.originals == {}


def test_irena(server, run_cli):
    folder = serve_pxweb(server, tables_of_2026(all_countries(), ALL_YEARS))
    arguments = ("data", "refresh", "irena", "--server", folder, "--no-figures", "--yes")
    fast = refreshing.SOURCES["irena"]
    assert fast.delay_s > 1  # at most 10 calls in 10 s
    client = Client(delay_s=0.0, attempts=1)
    request = refreshing.Request(edition="2026 H2", server=folder)
    fetched = refreshing.refresh("irena", request, client)
    fetched.keep()
    regions = ca.load_irena_regions(edition="2026 H2")
    assert regions["year"].max() == 2024
    assert ca.load_irena_regions()["year"].max() == 2023
    shares = ca.load_renewable_shares(edition="2026 H2").set_index("region")
    assert shares.loc["Africa", ["renewable", "renewable_pct"]].tolist() == [105, 44]
    assert len(ca.load_irena_countries(edition="2026 H2")) == len(all_countries())
    code, _, err = run_cli(*arguments)
    assert code == 2
    assert "name the edition of irena with --edition, for example --edition '2025 H2'" in err
    code, _, err = run_cli(*arguments, "--edition", "newest")
    assert code == 1
    assert "no IRENA edition 'newest'; they are named like '2024 H2'" in err


def test_an_edition_of_irena_with_three_countries_is_refused(server):
    folder = serve_pxweb(server, tables_of_2026())
    client = Client(delay_s=0.0, attempts=1)
    with pytest.raises(SourceChangedError, match=r"IRENASTAT 2026 H2: .*Nothing was changed\."):
        refreshing.refresh("irena", refreshing.Request("2026 H2", server=folder), client)
    folder = serve_pxweb(server, tables_of_2026(years=ALL_YEARS), "/all-years/")
    with pytest.raises(SourceChangedError, match=r"3 areas of capacity for irena_countries\.csv"):
        refreshing.refresh("irena", refreshing.Request("2026 H2", server=folder), client)
    assert editions.fetched("irena") == []


def test_income_groups_of_a_new_fiscal_year(server, refresh):
    server.script(OGHIST_PATH, Answer(200, oghist(shift=1), SHEET))
    code, out, _ = refresh("income_groups", "--edition", "FY27", "--yes")
    assert code == 0
    assert "223 new, 223 gone" in out
    assert ca.load_income_groups("FY27")["data_year"].max() == 2025
    assert ca.income_class("KEN", 2025, edition="FY27").carried_forward is False
    assert ca.income_class("KEN", 2025, edition="FY26").carried_forward is True


def test_a_country_missing_from_the_income_table_is_named(server):
    rows = [row for row in oghist_rows() if row[:1] != ["KEN"]]
    server.script(OGHIST_PATH, Answer(200, xlsx(rows, "Country Analytical History"), SHEET))
    with pytest.raises(SourceChangedError, match=r"has no class of KEN\. Nothing was changed"):
        refreshing.refresh("income_groups", refreshing.Request(server=server.url))


def test_income_groups_from_a_file_of_our_world_in_data(tmp_path, run_cli):
    path = tmp_path / "world-bank-income-groups.csv"
    arguments = ("data", "refresh", "income_groups", "--no-figures", "--yes", "--from", path)
    path.write_bytes(owid_file())
    code, out, _ = run_cli(*arguments)
    assert code == 0
    assert "8,474 fetched; 0 new, 0 gone, 1 of 8,474 shared values changed." in out
    assert "ETH 2024: income_group low -> (none)" in out
    assert "The edition FY26 is embedded and stays as it is." in out
    year = re.compile(rb",(\d{4}),")
    path.write_bytes(year.sub(lambda found: b",%d," % (int(found[1]) + 1), owid_file()))
    code, _, err = run_cli(*arguments, "--edition", "FY26")
    assert code == 1
    assert "is the edition FY27, not FY26" in err
    assert run_cli(*arguments)[0] == 0
    assert ca.income_class("KEN", 2025, edition="FY27").carried_forward is False
    card = (editions.folder("income_groups", "FY27") / "registry.toml").read_text()
    assert "World Bank, through Our World in Data" in card
    assert "https://ourworldindata.org/grapher/world-bank-income-groups" in card
    assert (paths.cache_dir() / "income_groups/world-bank-income-groups_FY27.csv").is_file()
    path.write_bytes(owid_file().split(b"x,V")[0])
    code, _, err = run_cli(*arguments)
    assert code == 1
    assert f"{path}: has no class of VCT, VGB, VIR, VNM, VUT, WSM, YEM, ZAF, ZMB, ZWE." in err


def test_income_groups_at_the_older_address(server, refresh):
    server.script(
        "/ddh-published/0037712/DR0090754/OGHIST.xlsx", Answer(200, oghist(last_year=2023), SHEET)
    )
    code, out, _ = refresh("income_groups", "--yes")
    assert code == 0
    assert "income_groups FY25: fetched and checked" in out
    assert "8,251 fetched; 0 new, 223 gone, 0 of 8,251 shared values changed" in out
    assert "The edition FY25 is embedded and stays as it is." in out


def test_grid_intensity_that_was_revised(server, refresh):
    content = owid_csv("reference/grid_intensity.csv", "Carbon intensity of electricity", 1.1)
    server.script(GRID, Answer(200, content, CSV))
    code, out, _ = refresh("grid_intensity", "--yes")
    assert code == 0
    assert "changed by more than 5%" in out
    [edition] = editions.fetched("grid_intensity")
    assert edition == pd.Timestamp.now("UTC").strftime("%Y-%m")
    assert ca.grid_intensity("DNK", 2023, edition) == pytest.approx(151.96 * 1.1)
    assert ca.grid_intensity("DNK", 2023) == 151.96


def test_access_to_electricity(server, refresh):
    content = owid_csv("reference/electricity_access.csv", "Access to electricity (% of people)")
    server.script(ACCESS, Answer(200, content, CSV))
    code, _, _ = refresh("electricity_access", "--yes")
    assert code == 0
    [edition] = editions.fetched("electricity_access")
    table = ca.load_electricity_access(edition)
    assert len(table) == len(ca.load_electricity_access())


def test_population_keeps_the_codes_of_the_united_nations(server, refresh):
    server.script(POPULATION, Answer.of_json(population_answer(1.01)))
    code, out, _ = refresh("population", "--yes")
    assert code == 0
    assert "population 2026-10: fetched and checked" in out
    new, old = (
        t.set_index(["iso3", "year"])["population"]
        for t in (ca.load_population("2026-10"), ca.load_population())
    )
    assert new["KEN", 2022] == round(old["KEN", 2022] * 1.01)
    assert new["TWN", 2022] == old["TWN", 2022]
    assert set(new.index) == set(old.index)  # no aggregates, no years before 1990


def test_population_in_several_pages(server, refresh):
    head, records = population_answer()
    half = len(records) // 2
    for number, part in ((1, records[:half]), (2, records[half:])):
        path = f"{POPULATION}?format=json&per_page=20000&page={number}"
        server.script(path, Answer.of_json([{**head, "pages": 2}, part]))
    code, out, _ = refresh("population", "--yes")
    assert code == 0
    assert "reference/population.csv: the same as the embedded edition" in out


# --- asking, keeping, naming --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kept"), [("y", True), ("YES", True), ("", False), ("n", False)]
)
def test_it_asks_before_anything_is_used(server, refresh, monkeypatch, answer, kept):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    monkeypatch.setattr("builtins.input", lambda _: answer)
    code, out, _ = refresh("top500", "--edition", "2025-11")
    assert code == 0
    assert ("Nothing was kept." in out) is not kept
    assert editions.fetched("top500") == (["2025-11"] if kept else [])


def test_without_a_terminal_nothing_is_kept(server, refresh, monkeypatch):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    out = refresh("top500", "--edition", "2025-11")[1]
    assert "scripts say --yes" in out
    assert editions.fetched("top500") == []


def test_files_that_were_downloaded_are_read_without_the_network(tmp_path, run_cli):
    path = tmp_path / "download.xlsx"
    path.write_bytes(NEW_LIST)
    arguments = ("data", "refresh", "top500", "--edition", "2025-11", "--no-figures", "--yes")
    assert run_cli(*arguments, "--from", path)[0] == 0
    assert ca.load_top500("2025-11")["systems"].sum() == 500
    pages = []
    for number, page in enumerate(top500_pages("2024-11")):
        pages.append(tmp_path / f"{number}.html")
        pages[-1].write_bytes(page)
    arguments = ("data", "refresh", "top500", "--edition", "2024-11", "--no-figures", "--yes")
    assert run_cli(*arguments, "--from", *pages)[0] == 0
    code, _, err = run_cli(*arguments, "--from", tmp_path / "nothing.xlsx")
    assert code == 1
    assert "nothing.xlsx: cannot be read (no such file). Nothing was changed." in err


def test_a_file_of_our_world_in_data_needs_its_month(tmp_path):
    path = tmp_path / "c.csv"
    path.write_bytes(owid_csv("reference/grid_intensity.csv", "Carbon intensity"))
    with pytest.raises(UsageError, match="name the edition of grid_intensity with --edition"):
        refreshing.refresh("grid_intensity", refreshing.Request(files=(path,)))
    request = refreshing.Request("2026-06", (path,))
    assert refreshing.refresh("grid_intensity", request).edition == "2026-06"
    with pytest.raises(UsageError, match="grid_intensity is one file; 2 are named"):
        refreshing.refresh("grid_intensity", refreshing.Request("2026-06", (path, path)))


def test_an_edition_that_only_the_past_had_is_an_error(server):
    content = owid_csv("reference/grid_intensity.csv", "Carbon intensity")
    server.script(GRID, Answer(200, content, CSV))
    with pytest.raises(YearError, match=r"no edition '2020-01' of grid_intensity can be fetched"):
        refreshing.refresh("grid_intensity", refreshing.Request("2020-01", server=server.url))
    server.script(POPULATION, Answer.of_json(population_answer()))
    with pytest.raises(YearError, match="has the edition 2026-10, not 2020-01"):
        refreshing.refresh("population", refreshing.Request("2020-01", server=server.url))
    server.script(OGHIST_PATH, Answer(200, oghist(), SHEET))
    with pytest.raises(YearError, match="is the edition FY26, not FY30"):
        refreshing.refresh("income_groups", refreshing.Request("FY30", server=server.url))


def test_an_unknown_edition_says_which_exist(server, refresh):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    refresh("top500", "--edition", "2025-11", "--yes")
    with pytest.raises(YearError, match=r"1993-06 to 2025-06 .embedded. and 2025-11 .fetched."):
        ca.load_top500("2026-06")
    with pytest.raises(YearError, match=r"no edition 'latest' of grid_intensity; there are"):
        ca.load_grid_intensity("latest")
    with pytest.raises(YearError, match=r"no edition 'FY24' of income_groups; .* FY25, FY26"):
        ca.income_group("KEN", 2020, edition="FY24")
    for name in ("../../etc", "", "a/b"):
        with pytest.raises(UsageError, match="is no name of an edition"):
            editions.folder("top500", name)


def test_the_file_of_the_publisher_is_kept_and_can_be_read_again(server, refresh, run_cli):
    content = oghist(shift=1)
    server.script(OGHIST_PATH, Answer(200, content, SHEET))
    refresh("income_groups", "--yes")
    kept = paths.cache_dir() / "income_groups/OGHIST_FY27.xlsx"
    assert kept.read_bytes() == content
    code, out, _ = run_cli(
        "data", "refresh", "income_groups", "--from", kept, "--no-figures", "--yes"
    )
    assert code == 0
    assert "income_groups FY27: fetched and checked" in out


def test_a_form_is_for_top500_only(run_cli):
    code, _, err = run_cli("data", "refresh", "population", "--via", "xml")
    assert code == 2
    assert "population has one form only; --via is for top500" in err


def test_an_unknown_source_is_wrong_use(run_cli):
    code, _, err = run_cli("data", "refresh", "weather")
    assert code == 2
    assert "invalid choice: 'weather'" in err
    with pytest.raises(UsageError, match="no source 'weather' to refresh; there are top500, irena"):
        refreshing.refresh("weather", refreshing.Request())
    assert tuple(refreshing.SOURCES) == editions.NAMES


def test_a_figure_names_the_fetched_edition_among_its_inputs(server, refresh):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    refresh("top500", "--edition", "2025-11", "--yes")
    ca.load_top500("2025-11")
    cards = [c for c in input_cards() if c["edition"].startswith("2025-11 (fetched")]
    assert [card["file"] for card in cards] == ["reference/top500.csv"]


def test_an_altered_edition_is_refused_and_can_be_fetched_again(server, refresh):
    server.script(list_path("2025-11"), Answer(200, NEW_LIST, SHEET))
    refresh("top500", "--edition", "2025-11", "--yes")
    path = editions.folder("top500", "2025-11") / "reference/top500.csv"
    path.write_text(path.read_text().replace("USA", "CAN"))
    with pytest.raises(DataFileError, match=r"altered or truncated.*caraml data refresh"):
        ca.load_top500("2025-11")
    refresh("top500", "--edition", "2025-11", "--yes")
    assert "USA" in set(ca.load_top500("2025-11")["iso3"])


def test_an_embedded_edition_is_never_replaced():
    with pytest.raises(UsageError, match="2026-04 of grid_intensity is embedded and stays as it"):
        editions.store("grid_intensity", "2026-04", {}, {})
    assert editions.fetched("grid_intensity") == []


# --- faults -------------------------------------------------------------------------------------

THERE_ARE = "The editions that you have are 1993-06 to 2025-06 .embedded.\\."
FAULTS = {
    "login page": (
        Answer(200, LOGIN, {"Content-Type": "text/html"}),
        WebPageError,
        rf"sent 'text/html' instead of.*{THERE_ARE}.*with a browser from .*--from\.$",
    ),
    "login page that says it is a workbook": (
        Answer(200, LOGIN, SHEET),
        WebPageError,
        rf"is a login page .'Login \| TOP500'.*{THERE_ARE}.*--from\.$",
    ),
    "refused": (Answer(403, "no"), HttpStatusError, r"status 403.*with a browser.*--from"),
    "login needed": (Answer(401, "no"), HttpStatusError, r"status 401.*with a browser"),
    "not published": (
        Answer(404, "no"),
        HttpStatusError,
        rf"status 404.*is the year published.*{THERE_ARE}.*--from\.$",
    ),
    "truncated": (Answer(200, NEW_LIST[:-500], SHEET), ArchiveError, "damaged or trunc"),
    "cut off": (
        Answer(200, NEW_LIST, SHEET, cut_after=500),
        DownloadError,
        rf"broke off.*Nothing was replaced\. Try again later\. {THERE_ARE}.*--from\.$",
    ),
    "hung up": (
        Answer(hang_up=True),
        DownloadError,
        rf"no connection.*Nothing was replaced\. Try again later\. {THERE_ARE}.*--from\.$",
    ),
    "another list": (
        Answer(200, top500_workbook("2025-06"), SHEET),
        SourceChangedError,
        "is the list 2025-06",
    ),
}


@pytest.mark.parametrize(("answer", "error", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_leaves_everything_as_it_was(server, answer, error, message):
    server.script(list_path("2025-11"), answer)
    before = embedded_bytes()
    client = Client(delay_s=0.0, attempts=1)
    with pytest.raises(error, match=message):
        refreshing.refresh("top500", refreshing.Request("2025-11", server=server.url), client)
    assert embedded_bytes() == before
    assert editions.fetched("top500") == []
    assert not top500_lists.downloads_dir().exists()


def test_a_fault_of_a_source_that_is_no_file_does_not_name_one(server):
    client = Client(delay_s=0.0, attempts=1)
    for answer in (Answer(403, "no"), Answer(404, "no"), Answer(hang_up=True)):
        server.script("/px/", answer)
        with pytest.raises(DownloadError, match=r"2024 H2 .embedded.\. It is read .* --server\.$"):
            refreshing.refresh(
                "irena", refreshing.Request("2026 H2", server=server.url + "/px/"), client
            )


def test_no_message_promises_that_a_second_run_goes_on(server):
    folder = serve_pxweb(server, tables_of_2026())
    server.script("/px/RE-SHARE_2026_H2_PX.px", Answer(404, "gone"))  # after the list of tables
    with pytest.raises(HttpStatusError, match=r"status 404 .*Nothing was replaced\. There is no"):
        refreshing.refresh("irena", refreshing.Request("2026 H2", server=folder))


@pytest.mark.parametrize(
    ("name", "edition", "day", "newest"),
    [
        ("top500", "2031-11", (2026, 11, 25), "2026-11"),
        ("top500", "2026-11", (2026, 10, 31), "2026-06"),
        ("top500", "2026-06", (2026, 4, 30), "2025-11"),
        ("irena", "2027 H1", (2026, 11, 25), "2026 H2"),
        ("irena", "2026 H2", (2026, 5, 31), "2026 H1"),
        ("grid_intensity", "2026-12", (2026, 11, 30), "2026-11"),
        ("electricity_access", "2031-01", (2026, 11, 30), "2026-11"),
    ],
)
def test_an_edition_of_the_future_is_refused_before_anything_is_asked(
    server, name, edition, day, newest
):
    request = refreshing.Request(edition, server=server.url)
    with pytest.raises(YearError, match=rf"'{edition}' of {name} can exist yet: .* be {newest}\."):
        refreshing.refresh(name, request, today=datetime.date(*day))
    assert server.received == []


def test_a_list_of_june_may_come_out_in_may(server):
    content = top500_workbook("2026-06", systems=top500_systems("2026-06", first=2_000_000.0))
    server.script(list_path("2026-06"), Answer(200, content, SHEET))
    request = refreshing.Request("2026-06", server=server.url)
    fetched = refreshing.refresh("top500", request, today=datetime.date(2026, 5, 13))
    assert fetched.edition == "2026-06"


def test_a_fault_is_told_in_one_line_by_the_command(server, refresh):
    server.script(list_path("2025-11"), Answer(403, "no"))
    code, _, err = refresh("top500", "--edition", "2025-11", "--yes")
    assert code == 1
    assert err.startswith("caraml: ")
    assert "Traceback" not in err


def test_the_population_server_may_answer_with_a_message(server):
    said = [
        {
            "message": [
                {"id": "175", "key": "Invalid format", "value": "The indicator was not found"}
            ]
        }
    ]
    for answer, message in (
        (said, "the server says 'The indicator was not found'"),
        ({"a": 1}, "is not an answer of the indicator API"),
        ([{"pages": 1, "lastupdated": "2026-10-13"}, None], "is not an answer of the indicator"),
        (
            [population_answer()[0], population_answer()[1][:900]],
            "countries, expected at least 210",
        ),
    ):
        server.script(POPULATION, Answer.of_json(answer))
        with pytest.raises(SourceChangedError, match=message):
            refreshing.refresh(
                "population",
                refreshing.Request(server=server.url),
                Client(delay_s=0.0, attempts=1, not_before="9"),
            )


def test_a_chart_whose_unit_changed_is_an_error(server):
    content = owid_csv("reference/grid_intensity.csv", "Carbon intensity (kg)", 1000)
    server.script(GRID, Answer(200, content, CSV))
    with pytest.raises(SourceChangedError, match=r"expected a number from 0 to 2000.*Has the unit"):
        refreshing.refresh("grid_intensity", refreshing.Request(server=server.url))


def test_a_failed_secure_connection_says_what_to_do(server, tmp_path):
    # a server that does not speak TLS at all: the handshake fails for real
    url = server.url.replace("http://", "https://")
    client = Client(tmp_path / "http", delay_s=0.0)
    with pytest.raises(DownloadError, match=r"no secure connection .*certifi.*REQUESTS_CA_BUNDLE"):
        refreshing.refresh("grid_intensity", refreshing.Request(server=url), client)
    assert client.requests == 1  # not tried again


def test_the_reason_of_a_bad_certificate_is_found_in_the_message_of_openssl():
    error = OSError(
        "HTTPSConnectionPool(host='pxweb.irena.org', port=443): Max retries exceeded (Caused by "
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
        "failed: unable to get local issuer certificate (_ssl.c:1000)')))"
    )
    assert http._certificate_problem(error) == "unable to get local issuer certificate"


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch, run_cli):
    path = tmp_path / "download.xlsx"
    path.write_bytes(NEW_LIST)
    (tmp_path / "blocked").write_text("a file where a folder should be")
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "blocked"))
    code, _, err = run_cli(
        *("data", "refresh", "top500", "--edition", "2025-11", "--no-figures", "--yes"),
        *("--from", path),
    )
    assert code == 1
    assert "cannot be written" in err
    assert paths.cache_dir().is_file()
