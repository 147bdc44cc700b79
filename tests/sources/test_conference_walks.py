"""Sources of many requests: none twice, resumable at any, namesakes apart, robots heeded."""

from __future__ import annotations

import json
import random
import threading

import pytest

from caraml_analysis.errors import (
    DownloadError,
    HttpStatusError,
    SourceChangedError,
    UsageError,
    YearError,
)
from caraml_analysis.sources import html_tree
from caraml_analysis.sources.conference_years import openreview, proceedings, schedule_pages
from caraml_analysis.sources.conference_years.model import Unreadable
from tests.loopback import Answer, LoopbackServer
from tests.sources.conference_samples import (
    as_json,
    as_page,
    chosen,
    constructed,
    counted,
    quick_client,
    recorded,
)

SCHEDULE = "/Conferences/2021/Schedule"
#: Papers with the numbers of their authors; 1 and 5 have the same name.
PROGRAMME = {10: [1, 2], 11: [2, 3, 4], 12: [5]}
PEOPLE = {
    1: ("Ada Sample", "University of Examples"),
    2: ("Bo Tester", "Fixture Institute"),
    3: ("Cleo Proband", "None"),
    4: ("Dov Muster", ""),
    5: ("Ada Sample", "Mockford Labs"),
}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def paper_page(number, authors):
    buttons = "".join(
        f"<button onclick=\"showSpeaker('{a}-7');\">{PEOPLE[a][0]} »</button>" for a in authors
    )
    return (
        f'<div><div class="maincard poster" id="maincard_{number}">'
        f'<div class="maincardBody">Paper {number}</div></div>{buttons}</div>'
    )


def author_page(number):
    name, affiliation = PEOPLE[number]
    return f"<div><div class='maincard'></div><h3>{name}</h3><h4>{affiliation}</h4></div>"


def serve_schedule(server):
    cards = "".join(f'<div class="maincard poster" id="maincard_{n}"></div>' for n in PROGRAMME)
    server.script(SCHEDULE, as_page(cards))
    for number, authors in PROGRAMME.items():
        server.script(f"{SCHEDULE}?showEvent={number}", as_page(paper_page(number, authors)))
    for number in PEOPLE:
        server.script(f"{SCHEDULE}?showSpeaker={number}-7", as_page(author_page(number)))


def walk(server, cache, said=None, **options):
    return schedule_pages.read(
        "ICML", 2021, client=options.pop("client", None) or quick_client(cache),
        base=server.url, announce=(said.append if said is not None else lambda text: None),
        **options,
    )  # fmt: skip


def pages_asked(server):
    return [
        (request.path, *sorted(request.query.items()))
        for request in server.received
        if request.path != "/robots.txt"
    ]


# --- the schedule -----------------------------------------------------------------------------


def test_a_schedule_is_walked_with_each_page_once(server, cache):
    serve_schedule(server)
    year = walk(server, cache)
    assert chosen(year, "papers", "entries", "empty", "speakers") == (3, 6, 2, 5)
    asked = pages_asked(server)
    assert len(asked) == len(set(asked)) == 1 + 3 + 5
    assert year.inputs[0].url == f"{server.url}{SCHEDULE} (9 pages)"
    assert year.kind == "conference_site"


def test_persons_of_the_same_name_keep_their_own_affiliation(server, cache):
    serve_schedule(server)
    year = walk(server, cache, keep_authors=True)
    namesakes = year.entries[year.entries["author"] == "Ada Sample"]
    assert set(namesakes["affiliation"]) == {"University of Examples", "Mockford Labs"}


def test_the_number_of_requests_is_said_before_they_are_sent(server, cache):
    serve_schedule(server)
    said = []
    seen = []

    def announce(text):
        said.append(text)
        seen.append(len(pages_asked(server)))

    client = quick_client(cache)
    client.delay_s = 0.0
    schedule_pages.read("ICML", 2021, client=client, base=server.url, announce=announce)
    assert "3 papers, 3 of their pages to be fetched, then about 10 pages of authors" in said[0]
    assert "About 13 requests" in said[0]
    assert "5 authors, 5 of their pages to be fetched" in said[1]
    assert seen == [1, 4]


def test_the_estimate_of_time_follows_the_pause():
    assert schedule_pages._duration(90) == "90 s"
    assert schedule_pages._duration(600) == "10 minutes"
    assert schedule_pages._duration(10_000) == "2.8 hours"


def test_a_second_walk_sends_nothing(server, cache):
    serve_schedule(server)
    first = walk(server, cache)
    sent = len(server.received)
    again = walk(server, cache, client=quick_client(cache, offline=True))
    assert len(server.received) == sent
    assert again.edition == first.edition
    assert again.entries.equals(first.entries)


@pytest.mark.parametrize("stop_at", range(1, 10))
def test_a_walk_that_stops_at_any_request_goes_on_from_there(server, cache, stop_at):
    serve_schedule(server)
    whole = walk(server, cache.with_name("whole"))
    before = len(server.received)
    answers, lock = [0], threading.Lock()

    class Stops(type(quick_client(cache))):
        def _request(self, wanted):
            with lock:
                answers[0] += not wanted.url.endswith("robots.txt")
                if answers[0] >= stop_at:
                    raise DownloadError("the network is gone")
            return super()._request(wanted)

    with pytest.raises(DownloadError, match="the network is gone"):
        walk(server, cache, client=Stops(cache, delay_s=0, attempts=1))
    resumed = walk(server, cache)
    asked = pages_asked(server)[before - 1 :]
    assert len(asked) == len(set(asked)) == 9
    assert resumed.entries.equals(whole.entries)


def test_few_requests_are_under_way_at_a_time(server, cache):
    serve_schedule(server)
    running, most, lock = [0], [0], threading.Lock()

    def counting(number):
        def answer(request):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            threading.Event().wait(0.02)
            with lock:
                running[0] -= 1
            return as_page(author_page(number))

        return answer

    for number in PEOPLE:
        server.script(f"{SCHEDULE}?showSpeaker={number}-7", counting(number))
    walk(server, cache, at_once=2)
    assert most[0] == 2
    with pytest.raises(UsageError, match="1 to 5 requests at a time"):
        walk(server, cache, at_once=500)


def test_robots_txt_stops_the_walk_before_it_begins(server, cache):
    serve_schedule(server)
    server.script("/robots.txt", Answer(200, "User-agent: *\nDisallow: /Conferences/"))
    with pytest.raises(DownloadError, match=r"robots.txt asks programs not to read"):
        walk(server, cache)
    assert pages_asked(server) == []


def test_an_author_without_a_page_has_no_affiliation_and_is_named(server, cache):
    serve_schedule(server)
    page = as_page("<div><h3>Eda Stubbs</h3><h4>Fixture Institute</h4></div>")
    for number in range(100, 200):
        server.script(f"{SCHEDULE}?showSpeaker={number}-7", page)
    many = "".join(
        f"<button onclick=\"showSpeaker('{a}-7')\">Eda Stubbs »</button>" for a in range(100, 200)
    )
    page = paper_page(12, [5]).replace("</button></div>", f"</button>{many}</div>")
    server.script(f"{SCHEDULE}?showEvent=12", as_page(page))
    server.script(f"{SCHEDULE}?showSpeaker=5-7", Answer(404))
    year = walk(server, cache)
    assert chosen(year, "speakers", "speakers_unread") == (105, 1)
    assert "Could not be read and is left out: showSpeaker=5-7: status 404." in year.notes


def test_a_schedule_that_is_gone_is_said(server, cache):
    with pytest.raises(YearError, match="Schedule does not exist"):
        walk(server, cache)


def test_a_server_in_trouble_stops_the_walk_and_keeps_what_was_read(server, cache):
    serve_schedule(server)
    server.script(f"{SCHEDULE}?showSpeaker=5-7", Answer(500))
    with pytest.raises(HttpStatusError, match=r"status 500.*run again to go on"):
        walk(server, cache)
    server.script(f"{SCHEDULE}?showSpeaker=5-7", as_page(author_page(5)))
    before = len(pages_asked(server))
    assert walk(server, cache).counts["papers"] == 3
    assert len(pages_asked(server)) - before <= 3  # those that were cancelled, and this one


@pytest.mark.parametrize(
    ("page", "old", "new", "named"),
    [
        ("schedule_list", "poster", "paper", ".maincard.poster"),
        ("schedule_list", 'id="maincard_', 'id="card_', "id"),
        ("schedule_paper", "maincardBody", "maincardTitle", ".maincardBody"),
        ("schedule_paper", "<button", "<a", "button"),
        ("schedule_paper", "showSpeaker", "openSpeaker", "button"),
        ("schedule_author", "h3>", "h2>", "h3"),
        ("schedule_author", "h4>", "h5>", "h4"),
    ],
)
def test_an_altered_selector_of_the_schedule_is_named(page, old, new, named):
    text = constructed(f"{page}.html")
    parse = {
        "schedule_list": schedule_pages.parse_list,
        "schedule_paper": schedule_pages.parse_paper,
        "schedule_author": schedule_pages.parse_speaker,
    }[page]
    parse(html_tree.parse(text))
    text = text.replace(old.capitalize(), new) if page == "schedule_list" else text
    with pytest.raises(Unreadable) as reason:
        parse(html_tree.parse(text.replace(old, new)))
    assert reason.value.field == named
    assert named.split(".")[-1] in str(reason.value)


@pytest.mark.parametrize(
    ("kind", "old", "named"),
    [
        ("", "poster", r"'\.maincard\.poster'"),
        ("?showEvent=10", "maincardBody", r"'\.maincardBody'"),
        ("?showEvent=10", "showSpeaker", "'button'"),
        ("?showSpeaker=1-7", "h3", "'h3'"),
        ("?showSpeaker=1-7", "h4", "'h4'"),
    ],
)
def test_a_changed_page_ends_the_walk_and_what_was_saved_stays(server, cache, kind, old, named):
    serve_schedule(server)
    first = walk(server, cache)
    page = {"": as_page('<div class="maincard poster" id="maincard_10"></div>')}.get(kind)
    page = page or as_page(paper_page(10, [1, 2]) if "showEvent" in kind else author_page(1))
    server.script(SCHEDULE + kind, as_page(page.body.replace(old, "changed")))
    with pytest.raises(SourceChangedError, match=rf"{named}.*Nothing was changed"):
        walk(server, cache, client=quick_client(cache, not_before="9999"))
    kept = walk(server, cache, client=quick_client(cache, offline=True))
    assert kept.entries.equals(first.entries)


def test_the_constructed_pages_are_read():
    def tree(name):
        return html_tree.parse(constructed(name))

    assert schedule_pages.parse_list(tree("schedule_list.html")) == ["9543", "9544"]
    assert schedule_pages.parse_paper(tree("schedule_paper.html")) == (
        "Counting Clouds with Care",
        [("68092-14000", "Ada Sample"), ("68093-14001", "Bo Tester")],
    )
    affiliation = schedule_pages.parse_speaker(tree("schedule_author.html"))
    assert affiliation == "Université de l'Exemple & DeepMind"


def test_a_tree_survives_any_page():
    source = random.Random(4)
    pieces = [
        "<p>",
        "</p>",
        "<div class='a'>",
        "</div>",
        "<br>",
        "text",
        "<b",
        "&amp;",
        "</x>",
        "<!--",
    ]
    for _ in range(200):
        page = "".join(source.choices(pieces, k=40))
        assert isinstance(html_tree.parse(page).text, str)
    deep = html_tree.parse("<div>" * 50_000 + "deep" + "</div>" * 50_000)
    assert deep.text == "deep"


# --- proceedings ------------------------------------------------------------------------------


def serve_proceedings(server):
    server.script("/paper/2019", as_page(constructed("proceedings_list.html")))
    records = json.loads(recorded("proceedings.json"))["2019"]
    for record in records[:2]:
        address = f"/paper/2019/file/{record['hash']}-Metadata.json"
        server.script(address, as_json(json.dumps(record)))
    return records


def test_proceedings_are_walked_with_each_file_once(server, cache):
    serve_proceedings(server)
    year = proceedings.read("NeurIPS", 2019, client=quick_client(cache), base=server.url)
    assert chosen(year, "papers", "entries") == (2, 9)
    assert counted(year)["UC Berkeley & covariant.ai"] == 1
    assert len(pages_asked(server)) == 3
    offline = quick_client(cache, offline=True)
    again = proceedings.read("NeurIPS", 2019, client=offline, base=server.url)
    assert again.edition == year.edition


@pytest.mark.parametrize("altered", ["title", "authors", "institution", "family_name"])
def test_an_altered_field_of_the_proceedings_is_named_and_nothing_is_lost(server, cache, altered):
    records = serve_proceedings(server)
    year = proceedings.read("NeurIPS", 2019, client=quick_client(cache), base=server.url)
    for record in records[:2]:
        address = f"/paper/2019/file/{record['hash']}-Metadata.json"
        bad = json.dumps(record).replace(f'"{altered}":', f'"new_{altered}":')
        server.script(address, as_json(bad))
    with pytest.raises(SourceChangedError, match=f"'{altered}'.*Nothing was changed"):
        proceedings.read(
            "NeurIPS", 2019, client=quick_client(cache, not_before="9999"), base=server.url
        )
    offline = quick_client(cache, offline=True)
    kept = proceedings.read("NeurIPS", 2019, client=offline, base=server.url)
    assert kept.edition == year.edition


def test_a_list_of_proceedings_without_links_is_a_changed_source(server, cache):
    server.script("/paper/2019", as_page(constructed("proceedings_list.html").replace("hash", "h")))
    with pytest.raises(SourceChangedError, match="no link 'a' to"):
        proceedings.read("NeurIPS", 2019, client=quick_client(cache), base=server.url)


def test_links_of_newer_years_are_followed_to_their_file():
    page = f'<a href="/paper_files/paper/2022/hash/{"0" * 32}-Abstract-Conference.html">A</a>'
    assert proceedings.parse_list(page, "https://papers.nips.cc/paper/2022") == [
        f"https://papers.nips.cc/paper_files/paper/2022/file/{'0' * 32}-Metadata-Conference.json"
    ]


# --- OpenReview -------------------------------------------------------------------------------


def profiles_asked(server):
    return [json.loads(r.body)["ids"] for r in server.received if r.path == "/profiles/search"]


def serve_openreview(server, notes="openreview_notes_v2.json"):
    server.script("/notes", as_json(constructed(notes)))
    server.script("/profiles/search", as_json(constructed("openreview_profiles.json")))


def ask(server, cache, **options):
    return openreview.read(
        "NeurIPS", 2025, client=options.pop("client", None) or quick_client(cache),
        base=server.url, **options,
    )  # fmt: skip


def test_openreview_gives_the_affiliation_at_the_time(server, cache):
    serve_openreview(server)
    year = ask(server, cache)
    assert chosen(year, "records", "papers", "entries", "empty") == (3, 2, 5, 2)
    # the intern of that year has two, and nothing says which one counts
    assert counted(year) == {
        "University of Examples": 1,
        "Mockford Labs / Fixture Institute": 2,
        "": 2,
    }
    assert chosen(year, "authors", "without_profile", "without_history", "several") == (4, 1, 1, 1)
    assert year.kind == "openreview"
    assert "Records left out, because they were not accepted: 1." in year.notes
    assert "Authors listed by e-mail address, without a profile: 1." in year.notes


def test_an_earlier_year_takes_the_earlier_affiliation():
    profiles = constructed("openreview_profiles.json").encode()
    wanted = {"~Ada_Sample1"}
    hashed = openreview.hashed("~Ada_Sample1")
    assert openreview.read_profiles(profiles, wanted, 2020) == {hashed: ["College of Earlier Days"]}
    assert openreview.read_profiles(profiles, wanted, 2001) == {hashed: []}


def test_only_the_matched_affiliation_of_a_profile_is_kept(server, cache):
    serve_openreview(server)
    first = ask(server, cache)
    kept = {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    for secret in (b"College of Earlier", b"PhD student", b"****@sample", b"Not to be kept"):
        assert not any(secret in content for content in kept.values()), secret
    matched = next(content for content in kept.values() if b"matched" in content)
    assert b"University of Examples" in matched
    assert b"Ada" not in matched
    again = ask(server, cache, client=quick_client(cache, offline=True))
    assert again.edition == first.edition
    assert again.entries.equals(first.entries)


def test_another_year_does_not_take_what_was_matched_for_this_one(server, cache):
    serve_openreview(server)
    ask(server, cache)
    server.script(
        "/notes", as_json(constructed("openreview_notes_v2.json").replace("2025", "2023"))
    )
    other = openreview.read("NeurIPS", 2023, client=quick_client(cache), base=server.url)
    assert counted(other)["College of Earlier Days"] == 1
    assert len(profiles_asked(server)) == 2


def test_mail_addresses_are_not_looked_up(server, cache):
    serve_openreview(server)
    ask(server, cache)
    assert profiles_asked(server) == [["~Ada_Sample1", "~Bo_Tester1", "~Dov_Muster2"]]


def test_notes_come_in_pages(server, cache, monkeypatch):
    monkeypatch.setattr(openreview, "NOTES_PER_PAGE", 2)
    monkeypatch.setattr(openreview, "PROFILES_PER_REQUEST", 1)
    notes = json.loads(constructed("openreview_notes_v2.json"))["notes"]

    def page(request):
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        return Answer.of_json({"notes": notes[offset : offset + limit], "count": 3})

    serve_openreview(server)
    server.script("/notes", page)
    year = ask(server, cache)
    assert year.counts["papers"] == 2
    assert server.queries("offset")[:2] == ["0", "2"]
    assert server.queries("content.venueid")[0] == "NeurIPS.cc/2025/Conference"
    assert len(profiles_asked(server)) == 3


def test_a_page_that_is_missing_is_noticed(server, cache):
    notes = json.loads(constructed("openreview_notes_v2.json"))
    server.script(
        "/notes", as_json(json.dumps(notes | {"count": 9})), as_json('{"notes": [], "count": 9}')
    )
    with pytest.raises(SourceChangedError, match="'count' says 9"):
        ask(server, cache)


def test_the_old_api_tells_acceptance_by_decisions(server, cache):
    serve_openreview(server, "openreview_notes_v1.json")
    year = openreview.read("ICLR", 2021, client=quick_client(cache), base=server.url)
    assert chosen(year, "records", "papers", "entries") == (2, 1, 2)
    assert server.received[0].query["invitation"] == "ICLR.cc/2021/Conference/-/Blind_Submission"
    assert counted(year) == {"College of Earlier Days": 1, "Fixture Institute": 1}
    assert not any(b"Not to be kept" in p.read_bytes() for p in cache.rglob("*") if p.is_file())


def test_a_token_is_sent_and_never_kept(server, cache, monkeypatch):
    monkeypatch.delenv("OPENREVIEW_TOKEN", raising=False)
    serve_openreview(server)
    ask(server, cache, token="t0ps3cret")
    assert {r.headers["authorization"] for r in server.received} == {"Bearer t0ps3cret"}
    assert not any(b"t0ps3cret" in p.read_bytes() for p in cache.rglob("*") if p.is_file())
    ask(server, cache.with_name("other"))
    assert "authorization" not in server.received[-1].headers


def test_a_wanted_login_is_said(server, cache):
    serve_openreview(server)
    server.script("/profiles/search", Answer(403))
    with pytest.raises(HttpStatusError, match=r"status 403.*OPENREVIEW_TOKEN"):
        ask(server, cache)


def test_a_venue_without_notes_is_said(server, cache):
    server.script("/notes", as_json('{"notes": [], "count": 0}'))
    with pytest.raises(YearError, match=r"NeurIPS.cc/2025/Conference has no accepted papers"):
        ask(server, cache)


@pytest.mark.parametrize(
    ("file", "altered"),
    [
        *[("notes_v2", name) for name in
          ("notes", "content", "title", "authors", "authorids", "venueid", "value")],
        *[("notes_v1", name) for name in ("directReplies", "title", "authorids")],
        *[("profiles", name) for name in ("profiles", "history", "institution", "content")],
    ],
)  # fmt: skip
def test_an_altered_field_of_openreview_is_named_and_nothing_is_lost(server, cache, file, altered):
    venue = ("ICLR", 2021) if file == "notes_v1" else ("NeurIPS", 2025)
    notes = "openreview_notes_v1.json" if file == "notes_v1" else "openreview_notes_v2.json"
    serve_openreview(server, notes)
    before = openreview.read(*venue, client=quick_client(cache), base=server.url)
    bad = constructed(f"openreview_{file}.json").replace(f'"{altered}":', f'"new_{altered}":')
    server.script("/profiles/search" if file == "profiles" else "/notes", as_json(bad))
    with pytest.raises(SourceChangedError, match=f"'(content.|details.)?{altered}'"):
        openreview.read(*venue, client=quick_client(cache, not_before="9999"), base=server.url)
    offline = quick_client(cache, offline=True)
    assert openreview.read(*venue, client=offline, base=server.url).entries.equals(before.entries)


@pytest.mark.parametrize(
    ("start", "end", "covers"),
    [(2025, 2025, True), (2026, None, False), (None, 2024, False), (None, None, True),
     ("2024", "", True)],
)  # fmt: skip
def test_years_of_a_history_may_be_open(start, end, covers):
    entry = {"start": start, "end": end, "institution": {"name": "MIT"}}
    assert openreview.at_the_time({"content": {"history": [entry]}}, 2025) == ["MIT"] * covers


def test_a_year_of_a_history_that_is_none_is_unreadable():
    entry = {"start": "long ago", "end": None, "institution": {"name": "MIT"}}
    with pytest.raises(Unreadable, match="'start' is 'long ago', not a year"):
        openreview.at_the_time({"content": {"history": [entry]}}, 2025)
