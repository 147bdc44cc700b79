"""Sources that come in one request: parsed as recorded, and a changed one is named."""

from __future__ import annotations

import json
import re
import tracemalloc
from time import process_time

import pytest

from caraml_analysis import tables
from caraml_analysis.errors import (
    DownloadError,
    SourceChangedError,
    TableError,
    UsageError,
    YearError,
)
from caraml_analysis.sources.conference_years import (
    SOURCES,
    accepted_papers,
    available,
    model,
    paperlists,
    papers_csv,
    proceedings,
    source_named,
    virtual_site,
)
from tests.loopback import Answer, LoopbackServer
from tests.sources.conference_samples import (
    RECORDED,
    as_csv,
    as_json,
    as_page,
    chosen,
    counted,
    quick_client,
    recorded,
)

VIRTUAL = "/static/virtual/data/neurips-2025-orals-posters.json"
TABLE = "/martenlienen/icml-nips-iclr-dataset/0123abc/papers.csv"
PAPERS = """Conference,Year,Title,Author,Affiliation
NIPS,2018,Counting Clouds,Ada Sample,MIT
NIPS,2018,Counting Clouds,Bo Tester,None
NIPS,2018,Sorting Clouds,Cleo Proband,[ERROR]
Conference,Year,Title,Author,Affiliation
ICML,2018,Folding Clouds,Dov Muster,ETH Zurich
"""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def event(number, **changes):
    """Return a record of the virtual site."""
    record = json.loads(recorded("virtual_site.json"))["results"][0]
    return record | {
        "id": number,
        "name": f"Paper {number}",
        "paper_url": f"https://openreview.net/forum?id=Invented{number}",
        "virtualsite_url": f"/virtual/2025/poster/{number}",
        **changes,
    }


def listing(results, **changes):
    return json.dumps({"count": len(results), "next": None, "results": results} | changes)


def virtual(tmp_path, text):
    """Read a virtual site's JSON from a file."""
    path = tmp_path / "list.json"
    path.write_text(text, encoding="utf-8")
    return virtual_site.read("NeurIPS", 2025, path=path)


# --- the virtual site -------------------------------------------------------------------------


def test_a_virtual_site_takes_one_request(server, cache):
    server.script(VIRTUAL, as_json(recorded("virtual_site.json")))
    client = quick_client(cache)
    year = virtual_site.read("nips", 2025, client=client, base=server.url)
    tables.AUTHORSHIPS.check(year.entries)
    assert len(server.received) == 1
    assert chosen(year, "papers", "entries", "empty", "site_count", "duplicates") == (3, 9, 0, 3, 0)
    assert counted(year)["Texas A&M University"] == 2
    assert set(year.entries["track"]) == {"main"}
    assert year.kind == "conference_site"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d sha256:[0-9a-f]{12}", year.edition)
    assert year.inputs[0].url == server.url + VIRTUAL


def test_a_year_is_rebuilt_without_the_network(server, cache):
    server.script(VIRTUAL, as_json(recorded("virtual_site.json")))
    first = virtual_site.read("NeurIPS", 2025, client=quick_client(cache), base=server.url)
    offline = quick_client(cache, offline=True)
    again = virtual_site.read("NeurIPS", 2025, client=offline, base=server.url)
    assert again.edition == first.edition
    assert again.inputs == first.inputs
    assert again.entries.equals(first.entries)


@pytest.mark.parametrize(
    "altered",
    ["results", "count", "name", "authors", "fullname", "institution", "eventtype", "decision",
     "paper_url", "virtualsite_url"],
)  # fmt: skip
def test_an_altered_field_of_a_virtual_site_is_named_and_nothing_is_lost(server, cache, altered):
    good = recorded("virtual_site.json")
    bad = good.replace(f'"{altered}":', f'"new_{altered}":')
    server.script(VIRTUAL, as_json(good), as_json(bad))
    before = virtual_site.read("NeurIPS", 2025, client=quick_client(cache), base=server.url)
    with pytest.raises(SourceChangedError, match=f"'{altered}'.*Nothing was changed"):
        virtual_site.read(
            "NeurIPS", 2025, client=quick_client(cache, not_before="9999"), base=server.url
        )
    after = virtual_site.read(
        "NeurIPS", 2025, client=quick_client(cache, offline=True), base=server.url
    )
    assert after.edition == before.edition


def test_one_broken_record_among_thousands_is_named_and_the_rest_is_kept(tmp_path):
    records = [event(number) for number in range(2_000)]
    records[1_234]["authors"] = None
    year = virtual(tmp_path, listing(records))
    assert chosen(year, "records", "papers", "unreadable") == (2_000, 1_999, 1)
    assert (
        "Could not be read and is left out: record 1,235 (id 1234): 'authors' is None, not a list."
        in year.notes
    )


def test_many_broken_records_are_a_changed_source(tmp_path):
    records = [event(number, authors=None if number % 50 == 0 else event(1)["authors"])
               for number in range(500)]  # fmt: skip
    with pytest.raises(SourceChangedError, match=r"10 of 500 records .*the field 'authors'"):
        virtual(tmp_path, listing(records))


def test_a_list_whose_count_is_wrong_is_a_changed_source(tmp_path):
    with pytest.raises(SourceChangedError, match="'count' says 3 records, the list has 2"):
        virtual(tmp_path, listing([event(1), event(2)], count=3))


def test_an_oral_that_repeats_a_poster_counts_once(tmp_path):
    poster, other = event(1), event(2)
    oral = event(3, name="paper  1", eventtype="Oral", paper_url="")
    by_forum = event(4, name="Another Title", eventtype="Oral", paper_url=other["paper_url"])
    year = virtual(tmp_path, listing([oral, poster, other, by_forum]))
    assert chosen(year, "papers", "duplicates") == (2, 2)
    assert "Records that repeat another paper, joined with it: 2." in year.notes


def test_the_listing_with_more_affiliations_is_kept(tmp_path):
    authors = [dict(author, institution="") for author in event(1)["authors"]]
    year = virtual(tmp_path, listing([event(1, authors=authors), event(2, name="Paper 1")]))
    assert chosen(year, "papers", "empty") == (1, 0)


def test_two_listings_that_a_third_connects_are_one_paper():
    papers = [
        model.Paper("One", [("", "MIT")], identity="a"),
        model.Paper("Two", [("", "MIT")], identity="b"),
        model.Paper("One", [("", "MIT")], identity="b"),
        model.Paper("two!", [("", "")]),
        model.Paper("Three", [("", "")]),
    ]
    kept, dropped = model.without_repeats(papers)
    assert (len(kept), dropped) == (2, 3)


def test_missing_institutions_are_empty(tmp_path):
    authors = [dict(author, institution=text) for author, text in
               zip(event(1)["authors"], [None, "", "None", "MIT"], strict=True)]  # fmt: skip
    year = virtual(tmp_path, listing([event(1, authors=authors)]))
    assert counted(year) == {"": 3, "MIT": 1}
    assert "75% of the entries have no affiliation." in year.notes


def test_what_was_not_accepted_or_is_no_paper_is_left_out(tmp_path):
    records = [
        event(1),
        event(2, decision="Reject"),
        event(3, eventtype="Invited Talk"),
        event(4, visible=False),
        event(5, decision=None),
    ]
    year = virtual(tmp_path, listing(records))
    assert year.counts["papers"] == 2
    assert "Records left out, because their 'decision' is no acceptance: 1." in year.notes


def test_tracks_are_told_from_the_openreview_group(tmp_path):
    group = "https://openreview.net/group?id=NeurIPS.cc/2025/Datasets_and_Benchmarks_Track"
    records = [event(1), event(2, sourceurl=group), event(3, sourceurl=None, paper_url=None)]
    year = virtual(tmp_path, listing(records))
    assert set(year.entries["track"]) == {
        "main",
        "datasets_and_benchmarks_track",
        "unseparated",
    }
    assert any("Records without an OpenReview forum: 1." in note for note in year.notes)


def test_further_pages_are_followed_on_the_same_server_only(server, cache):
    first = listing([event(1)], count=2, next=f"{server.url}{VIRTUAL}?page=2")
    server.script(VIRTUAL, as_json(first))
    server.script(VIRTUAL + "?page=2", as_json(listing([event(2)], count=2)))
    year = virtual_site.read("NeurIPS", 2025, client=quick_client(cache), base=server.url)
    assert (year.counts["papers"], len(year.inputs)) == (2, 2)
    elsewhere = listing([event(1)], count=2, next="http://elsewhere.example/list.json")
    server.script(VIRTUAL, as_json(elsewhere))
    with pytest.raises(SourceChangedError, match="'next' names another server"):
        virtual_site.read(
            "NeurIPS", 2025, client=quick_client(cache, not_before="9999"), base=server.url
        )


def test_a_year_that_is_not_there_yet_is_said(server, cache, tmp_path):
    with pytest.raises(YearError, match="NeurIPS 2025 is not published there"):
        virtual_site.read("NeurIPS", 2025, client=quick_client(cache), base=server.url)
    with pytest.raises(YearError, match="lists no papers: NeurIPS 2025 is not published yet"):
        virtual(tmp_path, listing([]))


def test_half_characters_do_no_harm(tmp_path):
    text = listing([event(1, name="Clouds 1"), event(2)])
    text = text.replace("Clouds 1", r"Clouds \ud83d").replace("Northeastern", r"\udc00astern")
    year = virtual(tmp_path, text)
    assert year.counts["papers"] == 2
    assert year.entries.to_csv().encode()


def test_another_year_in_the_list_is_noticed(tmp_path):
    with pytest.raises(
        SourceChangedError, match=r"'virtualsite_url' says 2024, not 2025 \(is it the list of"
    ):
        virtual(tmp_path, listing([event(1, virtualsite_url="/virtual/2024/poster/1")]))


def test_another_conference_in_the_list_is_noticed(tmp_path):
    group = "https://openreview.net/group?id=ICLR.cc/2025/Conference"
    with pytest.raises(SourceChangedError, match="'sourceurl' says ICLR, not NeurIPS"):
        virtual(tmp_path, listing([event(1, sourceurl=group)]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>Sign in</html>", "is no JSON object"),
        ('{"count": 1, "results": [{"id": 1', "is no JSON object"),
        ('{"count": 1, "results": 7}', "7, not an object"),
        ("[]", "is no JSON object"),
        ('{"count": 0, "results": []} trailing', "something follows"),
        ('{"count": 2, "results": ["a", null]}', "2 of 2 records"),
    ],
)
def test_something_else_than_the_list_is_a_changed_source(tmp_path, text, message):
    with pytest.raises(SourceChangedError, match=message):
        virtual(tmp_path, text)


def test_bytes_that_are_no_text_are_a_changed_source(tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(b'{"count": 1, "results": ["\xff"]}')
    with pytest.raises(SourceChangedError, match="is not UTF-8"):
        virtual_site.read("NeurIPS", 2025, path=path)


def test_a_modern_year_is_read_in_well_under_two_seconds(tmp_path):
    authors = event(1)["authors"]
    records = [
        event(number, authors=[dict(one, institution=f"Institute {number}") for one in authors])
        for number in range(2_750)
    ]
    path = tmp_path / "list.json"
    path.write_text(listing(records), encoding="utf-8")
    began = process_time()
    year = virtual_site.read("NeurIPS", 2025, path=path)
    assert process_time() - began < 2
    assert chosen(year, "papers", "entries") == (2_750, 11_000)


def test_a_large_list_takes_little_memory(tmp_path):
    path = tmp_path / "large.json"
    padding = "abstract " * 1_000
    with open(path, "w", encoding="utf-8") as stream:
        stream.write('{"count": 2000, "next": null, "results": [')
        for number in range(2_000):
            stream.write("," * bool(number) + json.dumps(event(number, abstract=padding)))
        stream.write("]}")
    tracemalloc.start()
    try:
        year = virtual_site.read("NeurIPS", 2025, path=path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert year.counts["papers"] == 2_000
    assert path.stat().st_size > 18_000_000
    assert peak < 15_000_000


# --- the table of the paper -------------------------------------------------------------------


def test_the_papers_table_is_read_at_a_commit(server, cache):
    server.script(TABLE, as_csv(PAPERS))
    year = papers_csv.read(
        "NeurIPS", 2018, client=quick_client(cache), commit="0123abc", base=server.url
    )
    assert counted(year) == {"MIT": 1, "": 2}
    assert chosen(year, "papers", "entries", "repeated_headers") == (2, 3, 1)
    assert year.edition.startswith("0123abc sha256:")
    assert "Affiliations that are '[ERROR]' in the table, empty here: 1." in year.notes


def test_a_year_that_the_table_lacks_is_said_with_those_it_has(server, cache):
    server.script(TABLE, as_csv(PAPERS))
    with pytest.raises(YearError, match="no ICML 2019; it has ICML 2018; NeurIPS 2018"):
        papers_csv.read("ICML", 2019, client=quick_client(cache), commit="0123abc", base=server.url)


def test_another_table_than_its_checksum_says_is_refused(server, cache):
    server.script(TABLE, as_csv(PAPERS))
    client = quick_client(cache)
    with pytest.raises(DownloadError, match=r"not the file it should be .*Nothing was replaced"):
        papers_csv.read(
            "ICML", 2018, client=client, commit="0123abc", sha256="0" * 64, base=server.url
        )
    assert client.cached(server.url + TABLE) is None


@pytest.mark.parametrize("column", ["Conference", "Year", "Title", "Author", "Affiliation"])
def test_a_missing_column_of_the_papers_table_is_named(server, cache, column):
    bad = PAPERS.replace(column, column[::-1], 1)
    server.script(TABLE, as_csv(PAPERS), as_csv(bad))
    papers_csv.read("ICML", 2018, client=quick_client(cache), commit="0123abc", base=server.url)
    with pytest.raises(SourceChangedError, match=f"no column '{column}'"):
        papers_csv.read(
            "ICML", 2018, commit="0123abc", base=server.url,
            client=quick_client(cache, not_before="9999"),
        )  # fmt: skip
    offline = quick_client(cache, offline=True)
    assert papers_csv.read("ICML", 2018, client=offline, commit="0123abc", base=server.url)


@pytest.mark.parametrize("source", [papers_csv, paperlists])
def test_a_branch_is_no_edition(source):
    with pytest.raises(UsageError, match="'main' is no commit"):
        source.read("ICML", 2018, commit="main")


def test_a_commit_that_does_not_have_the_year_is_said_before_anything_is_fetched():
    with pytest.raises(YearError, match=r"papers_csv @9752e17: has no ICML 2021"):
        papers_csv.read("ICML", 2021, commit="9752e17")


# --- accepted papers --------------------------------------------------------------------------


def test_the_page_of_accepted_papers_is_read(server, cache):
    address = "/Conferences/2019/AcceptedPapersInitial"
    server.script(address, as_page(f"<html><body><div>{recorded('accepted_papers.html')}</div>"))
    year = accepted_papers.read(
        "NeurIPS", 2019, client=quick_client(cache), base=server.url, keep_authors=True
    )
    entries = year.entries
    assert chosen(year, "papers", "entries", "unreadable") == (14, 65, 0)
    authors = dict(zip(entries["author"], entries["affiliation"], strict=True))
    assert authors["Ivo Exemplar"] == "Georgia Tech / Facebook AI Research (FAIR)"
    assert authors["Sol (Nick) Placeholder"] == "IBM Research"
    assert authors["Zeno Placeholder"] == ""
    assert authors["Pia Placeholder"] == "Xi'an Jiaotong University"  # behind a broken separator
    assert authors["Tove Exemplar"] == "Karlsruhe Institute of Technology (KIT), Germany"


UNCHECKED = "The page does not say which year it lists: that it is 2019 could not be checked."


@pytest.mark.parametrize(
    ("head", "notes"),
    [
        ("", [UNCHECKED]),
        ("<title>Accepted papers</title><a href='/Conferences/List'>", [UNCHECKED]),
        ("<title>NeurIPS 2019 | Papers</title>", []),
        ("<a href='/Conferences/2019/Schedule'><a href='/Conferences/2021/'>", []),
    ],
)
def test_a_page_without_its_year_gets_a_note(tmp_path, head, notes):
    page = tmp_path / "page.html"
    titled = recorded("accepted_papers.html").replace("<b>", "<b>NeurIPS 2018 ", 1)
    page.write_text(head + titled, encoding="utf-8")
    year = accepted_papers.read("NeurIPS", 2019, path=page)
    assert [note for note in year.notes if "which year" in note] == notes


def test_a_page_of_another_year_is_refused(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<h1>NIPS 2018</h1>" + recorded("accepted_papers.html"), encoding="utf-8")
    with pytest.raises(YearError, match=r"page\.html names 2018, not 2019\. Nothing was changed"):
        accepted_papers.read("NeurIPS", 2019, path=page)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Sample (MIT)", ("Ada Sample", "MIT")),
        ("Ada Sample ()", ("Ada Sample", "")),
        (
            "Ada (Nick) Sample (State University (SU))",
            ("Ada (Nick) Sample", "State University (SU)"),
        ),
        ("Ada Sample (University of (X)", ("Ada Sample", "University of (X")),
        ("Ada Sample (X))", ("Ada Sample", "X)")),
        ("(MIT)", ("", "MIT")),
    ],
)
def test_brackets_nest_in_names_and_affiliations(text, expected):
    assert accepted_papers.split_author(text) == expected


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("<b>", "<strong>", "'p > b'"),
        ("<p>", "<div>", "'p > b'"),
        ("<i>", "<em>", "'i'"),
        ("<br>", "<hr>", "'br'"),
        (" (", " [", r"'\(\)'"),
    ],
)
def test_an_altered_element_of_the_accepted_papers_is_named(server, cache, old, new, named):
    address = "/Conferences/2019/AcceptedPapersInitial"
    good = recorded("accepted_papers.html")
    server.script(address, as_page(good), as_page(good.replace(old, new)))
    accepted_papers.read("NeurIPS", 2019, client=quick_client(cache), base=server.url)
    with pytest.raises(SourceChangedError, match=named):
        accepted_papers.read(
            "NeurIPS", 2019, client=quick_client(cache, not_before="9999"), base=server.url
        )
    kept = quick_client(cache, offline=True)
    assert (
        accepted_papers.read("NeurIPS", 2019, client=kept, base=server.url).counts["papers"] == 14
    )


def test_cards_instead_of_the_list_point_to_the_schedule():
    with pytest.raises(SourceChangedError, match="cards: use the source schedule_pages"):
        accepted_papers.parse('<div class="maincard narrower poster"></div>')


# --- proceedings from a file, paper lists -----------------------------------------------------


def test_metadata_of_the_proceedings_are_read_from_a_file():
    path = RECORDED / "proceedings.json"
    year = proceedings.read("NeurIPS", 2019, path=path)
    assert chosen(year, "records", "papers", "empty") == (4, 3, 1)
    assert "Records left out, because they list no authors: 1." in year.notes
    assert proceedings.read("NeurIPS", 2020, path=path).counts["empty"] == 1
    with pytest.raises(YearError, match="has no 2018; it has 2019, 2020"):
        proceedings.read("NeurIPS", 2018, path=path)


def test_null_institutions_of_a_year_are_said(tmp_path):
    record = {
        "title": "Counting Clouds",
        "authors": [{"given_name": ["Ada", "B."], "family_name": "Sample", "institution": None}],
    }
    path = tmp_path / "year.json"
    path.write_text(json.dumps([record]))
    year = proceedings.read("NeurIPS", 1999, path=path, keep_authors=True)
    assert list(year.entries["author"]) == ["Ada B. Sample"]
    assert any("Institutions are null for every author of 1999" in note for note in year.notes)


def test_paper_lists_mark_what_is_not_aligned():
    year = paperlists.read("NeurIPS", 2021, path=RECORDED / "paperlists.json")
    assert chosen(year, "records", "papers", "unaligned_papers") == (19, 15, 8)
    assert year.counts["empty"] == year.counts["unaligned_entries"] == 28
    assert year.kind == "openreview"
    assert any("counts as entries" in note or "count as entries" in note for note in year.notes)
    assert set(year.entries["track"]) == {"main", "datasets_and_benchmarks"}


def test_listed_affiliations_count_but_belong_to_nobody():
    path = RECORDED / "paperlists.json"
    strict = paperlists.read("NeurIPS", 2021, path=path)
    year = paperlists.read("NeurIPS", 2021, path=path, unaligned="listed", keep_authors=True)
    assert year.counts["entries"] == strict.counts["entries"]
    assert (strict.counts["empty"], year.counts["empty"]) == (28, 9)
    lund = year.entries[year.entries["affiliation"] == "Lund University"]
    assert set(lund["author"]) == {""}


def test_several_affiliations_of_one_author_are_joined(tmp_path):
    record = {"title": "A", "status": "Poster", "author": "Ada; Bo", "aff": "MIT+ETH Zurich;, UCL"}
    path = tmp_path / "icml2019.json"
    path.write_text(json.dumps([record]))
    year = paperlists.read("ICML", 2019, path=path)
    assert counted(year) == {"MIT / ETH Zurich": 1, "UCL": 1}
    assert year.kind == "proceedings"


@pytest.mark.parametrize("altered", ["title", "status", "author", "aff"])
def test_an_altered_field_of_a_paper_list_is_named_and_nothing_is_lost(server, cache, altered):
    address = "/papercopilot/paperlists/94cf96f/nips/nips2021.json"
    good = recorded("paperlists.json")
    bad = good.replace(f'"{altered}":', f'"new_{altered}":')
    server.script(address, as_csv(good), as_csv(bad))  # a server of raw files says text/plain
    paperlists.read("NeurIPS", 2021, client=quick_client(cache), base=server.url)
    with pytest.raises(SourceChangedError, match=f"'{altered}'"):
        paperlists.read(
            "NeurIPS", 2021, client=quick_client(cache, not_before="9999"), base=server.url
        )
    kept = quick_client(cache, offline=True)
    assert paperlists.read("NeurIPS", 2021, client=kept, base=server.url).counts["papers"] == 15


# --- all of them ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["virtual_site", "papers_csv", "accepted_papers", "paperlists"])
@pytest.mark.parametrize(
    ("status", "error"), [(404, YearError), (403, DownloadError), (500, DownloadError)]
)
def test_a_server_that_does_not_give_the_list_is_an_error(server, cache, name, status, error):
    paths = {
        "virtual_site": VIRTUAL.replace("2025", "2020"),
        "papers_csv": TABLE.replace("0123abc", "87d3ac7"),
        "accepted_papers": "/Conferences/2020/AcceptedPapersInitial",
        "paperlists": "/papercopilot/paperlists/94cf96f/nips/nips2020.json",
    }
    server.script(paths[name], Answer(status))
    with pytest.raises(error, match=r"Nothing was (changed|replaced)"):
        SOURCES[name].read("NeurIPS", 2020, client=quick_client(cache), base=server.url)


def test_every_source_says_what_it_covers_and_that_it_was_never_verified():
    assert next(iter(SOURCES)) == "csv"
    for name, source in SOURCES.items():
        assert source.name == name
        never = "never verified live" in source.describe()
        assert never == (name != "csv")  # of which there is nothing to verify
        assert source.kind in {"user", "conference_site", "proceedings", "openreview"}


def test_a_table_of_ones_own_is_a_local_file():
    assert SOURCES["csv"].describe().endswith("kind    user; local file")


def test_the_sources_of_a_year_are_listed():
    assert available("NIPS", 2019) == [
        "papers_csv", "schedule_pages", "accepted_papers", "proceedings", "paperlists"
    ]  # fmt: skip
    assert available("icml", 2031) == ["virtual_site", "openreview", "paperlists"]


def test_a_wrong_conference_year_or_source_says_which_there_are():
    with pytest.raises(UsageError, match=r"no source has a conference 'KDD'; there are ICML"):
        available("KDD", 2025)
    with pytest.raises(YearError, match=r"no source has ICML 1990; there are virtual_site 2020"):
        available("ICML", 1990)
    with pytest.raises(UsageError, match="no source 'site'; there are csv, virtual_site"):
        source_named("site")
    with pytest.raises(TableError, match="virtual_site: has no conference 'KDD'"):
        virtual_site.read("KDD", 2025)
    with pytest.raises(YearError, match="virtual_site: has no ICML 2010; it has ICML 2020 and"):
        virtual_site.read("ICML", 2010)
