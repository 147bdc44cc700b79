"""The online tier, against a real HTTP server on loopback: what it asks, keeps and believes."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis import geocode, paths, resolve
from caraml_analysis.errors import CacheError, GeocodeError, UsageError
from caraml_analysis.geocoding import nominatim
from caraml_analysis.geocoding.nominatim import CONFIDENCE, Nominatim
from caraml_analysis.geocoding.osm_places import MOST_CHARACTERS, judge, questions
from tests.loopback import Answer, LoopbackServer

AGENT = "caraml-tests/1.0 (tests@caraml-tests.edu)"
NOW = 1_800_000_000.0
KIBABII = "Kibabii University, Bungoma"


def place(
    name="Kibabii University",
    country_code="ke",
    kind=("amenity", "university"),
    where="Bungoma, Western, Kenya",
    **address,
):
    """Return one place in the documented shape of ``format=json&addressdetails=1``."""
    return {
        "place_id": 100149,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "osm_type": "way",
        "osm_id": 107775,
        "lat": "0.6199",
        "lon": "34.5237",
        "class": kind[0],
        "type": kind[1],
        "importance": 0.3,
        "name": name,
        "display_name": f"{name}, {where}",
        "boundingbox": ["0.61", "0.63", "34.51", "34.53"],
        "address": {kind[1]: name, "country_code": country_code} | address,
        "namedetails": {"name": name},
    }


def says(*places):
    return Answer.of_json(list(places))


class Quick(Nominatim):
    """The tier with a clock of its own: waiting takes no time, and is noted."""

    def __init__(self, server, **options):
        options = {"user_agent": AGENT, "domain": server.host, "scheme": "http"} | options
        super().__init__(**options)
        self.now = NOW
        self.waits: list[float] = []

    def _clock(self):
        return self.now

    def _sleep(self, seconds):
        self.waits.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture(autouse=True)
def _cache_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(nominatim, "_credited", False)


@pytest.fixture
def server():
    with LoopbackServer() as running:
        yield running


# -- what an answer means ------------------------------------------------------------------------


def test_an_answer_of_the_documented_shape_is_resolved(server):
    server.script("/search", says(place()))
    found = Quick(server).resolve(KIBABII)
    assert (found.country, found.countries, found.status) == ("KEN", ("KEN",), "resolved")
    assert (found.method, found.confidence) == ("nominatim", CONFIDENCE)
    assert found.evidence == (
        '"Kibabii University, Bungoma" -> OpenStreetMap amenity university Kibabii University '
        "(KEN), 2027-01-15"
    )


def test_the_request_is_the_documented_one(server):
    server.script("/search", says(place()))
    Quick(server).resolve(KIBABII)
    (request,) = server.received
    assert (request.method, request.path) == ("GET", "/search")
    assert request.headers["user-agent"] == AGENT
    assert request.query == {
        "q": KIBABII,
        "format": "json",
        "limit": "10",
        "addressdetails": "1",
        "namedetails": "1",
        "accept-language": "en",
    }


def test_nothing_found_is_not_found_and_says_so(server):
    server.script("/search", says())
    found = Quick(server).resolve(KIBABII)
    assert (found.country, found.status, found.method) == (None, "not_found", "nominatim")
    assert found.considered == (f'"{KIBABII}": OpenStreetMap has nothing, 2027-01-15',)


@pytest.mark.parametrize(
    ("code", "address", "country"),
    [
        ("cn", {"ISO3166-2-lvl3": "CN-HK"}, "HKG"),
        ("cn", {"ISO3166-2-lvl3": "CN-MO"}, "MAC"),
        ("us", {"ISO3166-2-lvl4": "US-PR"}, "PRI"),
        ("us", {"ISO3166-2-lvl4": "US-GU"}, "GUM"),
        ("cn", {"ISO3166-2-lvl4": "CN-GD"}, "CHN"),
        ("tw", {"ISO3166-2-lvl4": "TW-TPE"}, "TWN"),
        ("na", {}, "NAM"),
        ("xk", {}, "XKX"),
    ],
)
def test_territories_keep_their_own_codes(server, code, address, country):
    server.script("/search", says(place(country_code=code, **address)))
    assert Quick(server).resolve(KIBABII).country == country


def test_one_name_in_several_countries_is_ambiguous(server):
    server.script("/search", says(place(), place(country_code="ug", where="Bungoma, Uganda")))
    found = Quick(server).resolve(KIBABII)
    assert (found.country, found.countries, found.status) == (None, (), "ambiguous")
    assert "(KEN)" in found.evidence
    assert "(UGA)" in found.evidence


def test_the_address_in_the_text_chooses_between_countries(server):
    server.script("/search", says(place(country_code="ug", where="Kampala, Uganda"), place()))
    found = Quick(server).resolve(KIBABII)
    assert found.country == "KEN"
    assert found.considered == (
        "amenity university Kibabii University (UG): its address does not have bungoma",
    )


def test_several_institutions_are_asked_one_by_one(server):
    server.script("/search?q=", says())
    server.script(
        "/search",
        lambda request: says(
            place() if "Kibabii" in request.query["q"] else place("Yanbu College", "sa")
        ),
    )
    found = Quick(server).resolve("Yanbu College; Kibabii University")
    assert found.countries == ("SAU", "KEN")
    assert server.queries("q") == ["Yanbu College", "Kibabii University"]


OTHER_NAME = "its name is not the one that was asked"
NO_ORGANISATION = "not a place of an organisation"
NO_COUNTRY = "no country that we know"
FOREST = ("boundary", "protected_area")
REGION = ("boundary", "administrative")
REFUSED = {
    "another name": ("Yanshan University", place("Yanshan", "cn", REGION), OTHER_NAME),
    "another order": ("Kibabii University", place("University of Kibabii"), OTHER_NAME),
    "a longer name": ("Kibabii University", place("Kibabii University Qatar"), OTHER_NAME),
    "a bus stop": ("Kibabii University", place(kind=("highway", "bus_stop")), NO_ORGANISATION),
    "a forest": ("Amazon University", place("Amazônia", "br", FOREST), NO_ORGANISATION),
    "a state": ("Amazon University", place("Amazon", "br", REGION), OTHER_NAME),
    "a region": ("Meta College", place("Meta", "co", REGION), OTHER_NAME),
    "a village": ("Apple Institute", place("Apple", "us", ("place", "village")), OTHER_NAME),
    "elsewhere": (KIBABII, place(where="Kampala"), "its address does not have bungoma"),
    "no country": ("Kibabii University", place(country_code=""), NO_COUNTRY),
    "an unknown country": ("Kibabii University", place(country_code="zz"), NO_COUNTRY),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_about_something_else_does_not_count(case):
    text, answer, reason = REFUSED[case]
    (question,), _ = questions(text)
    accepted, (line,) = judge(question, [answer])
    assert accepted == []
    assert line.endswith(f": {reason}")


def test_what_was_refused_is_considered(server):
    server.script("/search", says(place("Yanshan", "cn", REGION)))
    found = Quick(server).resolve("Yanshan Medical University, Guilin District")
    assert (found.country, found.status) == (None, "not_found")
    assert found.considered == (f"boundary administrative Yanshan (CN): {OTHER_NAME}",)


ACCEPTED = {
    "a campus": ("Kibabii University", place("Kibabii University Main Campus")),
    "an acronym behind it": ("Kibabii University", place("Kibabii University (KIBU)")),
    "abbreviated": ("Kibabii Univ.", place()),
    "capitals": ("KIBABII UNIVERSITY", place()),
    "an office": ("Kibabii Institute", place("Kibabii Institute", kind=("office", "research"))),
    "a building": ("Kibabii University", place(kind=("building", "university"))),
    "a quarter of that name": ("Kibabii University", place(kind=("place", "neighbourhood"))),
    "a department": ("School of Computing, Kibabii University, P.O. Box 1699, Bungoma", place()),
    "another script": ("燕山大学", place("燕山大学", "cn")),
    "an address": (
        "Plot 7, Mkapa Street, Mikocheni, 14111",
        place("Mikocheni", "tz", ("place", "suburb"), "Plot, Mkapa Street, Dar es Salaam"),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_an_answer_with_the_very_name_counts(server, case):
    text, answer = ACCEPTED[case]
    server.script("/search", says(answer))
    assert Quick(server).resolve(text).status == "resolved"


def test_a_name_in_another_language_counts(server):
    answer = place("Университет Кибабии", "ke")
    answer["namedetails"]["name:en"] = "Kibabii University"
    server.script("/search", says(answer))
    assert Quick(server).resolve(KIBABII).country == "KEN"


@pytest.mark.parametrize(
    "odd",
    [{}, {"class": 3, "address": []}, {"class": "amenity", "namedetails": 1, "display_name": None}],
)
def test_places_with_odd_fields_are_refused_not_fatal(odd):
    (question,), _ = questions(KIBABII)
    accepted, refused = judge(question, [odd, place(), "no place"])
    assert [found.country for found in accepted] == ["KEN"]
    assert len(refused) == 2


# -- what is asked -------------------------------------------------------------------------------

NOT_ASKED = {
    "Amazon": "a company",
    "Apple": "a company",
    "Meta": "a company",
    "Google Research": "a company",
    "Kibabii Technologies Pvt Ltd, Kisumu": "a company",
    "MIT": "a bare acronym",
    "HKBU / RIKEN": "a bare acronym",
    "ZQX": "a bare acronym",
    "Guo": "neither an institution nor an address; it may be a company",
    "Preferred Networks": "neither an institution nor an address; it may be a company",
    "University of Science and Technology": "the name of no particular institution",
    "Institute of Physics": "the name of no particular institution",
    "123 456": "no letters",
    "name@kibu.ac.ke": "no letters",
    "Independent Researcher": "no organisation",
    "Kibabii University " * 20: f"longer than {MOST_CHARACTERS} characters",
    "x" * 1_000_000: f"longer than {MOST_CHARACTERS} characters",
}


@pytest.mark.parametrize("text", NOT_ASKED, ids=lambda text: text[:30])
def test_what_may_be_no_place_is_not_asked(server, text):
    found = Quick(server).resolve(text)
    assert (found.status, found.method) == ("not_found", "nominatim")
    assert found.considered == (f"not asked: {NOT_ASKED[text]}",)
    assert server.received == []


@pytest.mark.parametrize("text", [None, float("nan"), "", " ", "N/A", "-"])
def test_what_is_empty_stays_empty(server, text):
    assert Quick(server).resolve(text).status == "empty"
    assert server.received == []


@pytest.mark.parametrize("value", [3, b"MIT", ["MIT"]])
def test_what_is_no_text_is_a_type_error(server, value):
    with pytest.raises(TypeError, match="an affiliation is a text or missing"):
        Quick(server).resolve(value)


@pytest.mark.parametrize(
    "mail", ["{anna.b, carl}@kibu.ac.ke", "anna.b@kibu.ac.ke", "(anna.b|carl)@kibu.ac.ke", "anna@x"]
)
def test_nothing_of_an_e_mail_address_is_sent(server, mail):
    server.script("/search", says())
    Quick(server).resolve(f"Kibabii University, Bungoma, {mail}")
    assert server.queries("q") == [KIBABII]


def test_a_lone_surrogate_is_not_sent(server):
    server.script("/search", says())
    Quick(server).resolve("\ud800Kibabii University")
    assert server.queries("q") == ["Kibabii University"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=MOST_CHARACTERS))
def test_any_text_gives_questions_that_can_be_sent(text):
    asked, reason = questions(f"{text} University of Kibabii, {text}")
    assert bool(asked) != bool(reason)
    for question in asked:
        assert question.text.encode()
        assert "@" not in question.text


# -- what is kept --------------------------------------------------------------------------------


def test_a_cached_answer_sends_no_request(server):
    server.script("/search", says(place()))
    first = Quick(server).resolve(KIBABII)
    second = Quick(server, cap=0)
    assert second.resolve(KIBABII) == first
    assert second.resolve(f"* {KIBABII}") == first  # the same question from another text
    assert len(server.received) == 1


def test_nothing_found_is_cached_too(server):
    server.script("/search", says())
    tier = Quick(server)
    assert tier.resolve(KIBABII) == tier.resolve(KIBABII)
    assert len(server.received) == 1


def test_the_cache_keeps_the_raw_response_and_the_date(server, tmp_path):
    answer = place("Université Kibabii")
    server.script("/search", says(answer))
    Quick(server, cache=str(tmp_path / "own.sqlite")).resolve(KIBABII)
    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        rows = connection.execute("SELECT host, query, response, answered_at FROM answers")
        ((host, query, response, date),) = rows.fetchall()
    connection.close()
    assert (host, query, date) == (server.host, KIBABII, "2027-01-15T08:00:00+00:00")
    assert json.loads(response) == [answer]


def test_another_server_is_another_cache(server):
    server.script("/search", says(place()))
    Quick(server).resolve(KIBABII)
    with LoopbackServer() as other:
        other.script("/search", says())
        assert Quick(other).resolve(KIBABII).status == "not_found"
        assert len(other.received) == 1


def test_a_server_may_have_a_path(server):
    server.script("/own/search", says(place()))
    assert Quick(server, domain=f"{server.host}/own/").resolve(KIBABII).country == "KEN"


@pytest.mark.parametrize("content", [b"not a database at all, but long enough", b"\0" * 4096])
def test_a_corrupt_cache_is_an_error_that_says_what_to_do(server, tmp_path, content):
    file = tmp_path / "broken.sqlite"
    file.write_bytes(content if content.strip(b"\0") else b"SQLite format 3\0" + b"\xff" * 4096)
    before = file.read_bytes()
    with pytest.raises(CacheError, match=r"broken\.sqlite: not a readable cache.*Move it away"):
        Quick(server, cache=file).resolve(KIBABII)
    assert file.read_bytes() == before
    assert server.received == []


def test_a_database_of_another_program_is_not_touched(server, tmp_path):
    file = tmp_path / "other.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE answers (mine TEXT)")
    connection.close()
    with pytest.raises(CacheError, match="not a readable cache"):
        Quick(server, cache=file).resolve(KIBABII)
    assert server.received == []


def test_a_damaged_answer_in_the_cache_is_an_error(server, tmp_path):
    server.script("/search", says(place()))
    tier = Quick(server, cache=tmp_path / "own.sqlite")
    tier.resolve(KIBABII)
    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        connection.execute("UPDATE answers SET response = '[{'")
    connection.close()
    with pytest.raises(CacheError, match=r"is damaged.*Delete the file and run again"):
        tier.resolve(KIBABII)


def test_a_cache_folder_that_is_a_file_is_an_error(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "file"))
    with pytest.raises(CacheError, match=r"cannot be used as a cache folder.*CARAML_CACHE"):
        Quick(server).resolve(KIBABII)


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    assert paths.cache_dir() == tmp_path / "cache"
    monkeypatch.delenv("CARAML_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert paths.cache_dir() == tmp_path / "caraml_analysis"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert paths.cache_dir() == tmp_path / "home" / ".cache" / "caraml_analysis"


def test_openstreetmap_is_credited_once(server, capsys):
    server.script("/search", says(place()))
    Quick(server).resolve("MIT")
    assert capsys.readouterr().err == ""
    Quick(server).resolve(KIBABII)
    Quick(server).resolve(KIBABII)
    assert capsys.readouterr().err.count("(c) OpenStreetMap contributors, ODbL") == 1


# -- failures ------------------------------------------------------------------------------------


def cached(server):
    """Return how many answers are in the cache: found with no request, so with no failure."""
    with sqlite3.connect(paths.cache_dir() / "nominatim.sqlite") as connection:
        (number,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    connection.close()
    return number


def test_a_server_that_recovers_is_asked_again(server):
    server.script("/search", Answer(500), says(place()))
    tier = Quick(server)
    assert tier.resolve(KIBABII).country == "KEN"
    assert tier.waits == [2.0]
    assert (len(server.received), tier.sent) == (2, 2)


@pytest.mark.parametrize("header", ["7", formatdate(NOW + 7, usegmt=True)])
def test_too_many_requests_waits_as_long_as_the_server_says(server, monkeypatch, header):
    monkeypatch.setattr("geopy.adapters.time.time", lambda: NOW)  # dates count from now
    server.script("/search", Answer(429, headers={"Retry-After": header}), says(place()))
    tier = Quick(server)
    assert tier.resolve(KIBABII).country == "KEN"
    assert tier.waits == [7.0]


def test_a_wait_is_kept_for_the_next_run(server):
    server.script("/search", Answer(429, headers={"Retry-After": "7000"}), says(place()))
    with pytest.raises(GeocodeError, match=r"asked us to wait 7000 s more.*Nothing was cached"):
        Quick(server).resolve(KIBABII)
    with pytest.raises(GeocodeError, match="asked us to wait 7000 s more"):
        Quick(server).resolve(KIBABII)
    assert len(server.received) == 1
    later = Quick(server)
    later.now += 6990
    assert later.resolve(KIBABII).country == "KEN"
    assert later.waits == [10.0]


FAULTS = {
    "always 429": (Answer(429), "HTTP 429"),
    "always 503": (Answer(503, headers={"Retry-After": "1"}), "HTTP 503"),
    "slow": (Answer.of_json([], delay_s=5), "no answer within 0.05 s"),
    "a byte now and then": (Answer.of_json([place()], drip_s=0.02), "no answer within 0.05 s"),
    "cut off": (Answer.of_json([place()], cut_after=40), "cut off after 40 of"),
    "cut off, length not told": (
        Answer.of_json([place()], cut_after=40, headers={"Transfer-Encoding": "identity"}),
        "not JSON",
    ),
    "hangs up": (Answer(hang_up=True), "closed connection without response"),
    "not JSON": (Answer(body="pong"), "the answer is not JSON: pong"),
    "an HTML page": (Answer(body="<html>\n<h1>Sorry</h1>"), "not JSON: <html> <h1>Sorry"),
    "nothing at all": (Answer(204), "not JSON"),
    "not a list": (Answer.of_json({}), "not a list of places"),
    "null": (Answer.of_json(None), "not a list of places"),
    "a list of something else": (Answer.of_json([1]), "not a list of places"),
    "no position": (says(place() | {"lat": "north"}), "a place without a position"),
    "very deep": (Answer(body="[" * 100_000), "not JSON"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_failure_is_an_error_and_never_cached(server, case):
    answer, what = FAULTS[case]
    server.script("/search", *[answer] * 4, says(place()))
    tier = Quick(server, timeout_s=0.05 if "0.05 s" in what else 5.0)
    with pytest.raises(GeocodeError, match=f"after 4 requests.*{what}.*Nothing was cached for it"):
        tier.resolve(KIBABII)
    assert len(server.received) == 4  # no hidden repetitions, no endless ones
    assert cached(server) == 0
    assert Quick(server).resolve(KIBABII).country == "KEN"


FINAL = {
    "bad request": (Answer(400), "HTTP 400"),
    "not a Nominatim server": (Answer(404), "HTTP 404.*Check domain="),
    "moved": (Answer(301, headers={"Location": "/elsewhere"}), "HTTP 301.*Check domain="),
    "an error with status 200": (
        Answer.of_json({"error": "Unable to geocode"}),
        "the server reports an error: Unable to geocode",
    ),
}


@pytest.mark.parametrize("case", FINAL)
def test_a_wrong_request_is_not_repeated(server, case):
    answer, what = FINAL[case]
    server.script("/search", answer)
    with pytest.raises(GeocodeError, match=f"{what}.*Nothing was cached for it"):
        Quick(server).resolve(KIBABII)
    assert len(server.received) == 1
    assert cached(server) == 0


def test_a_refusal_stops_the_tier_at_once(server):
    server.script("/search", says(place()), Answer(403), says())
    tier = Quick(server)
    tier.resolve(KIBABII)
    for text in ("Yanbu College", "Maseno Institute"):
        with pytest.raises(GeocodeError, match=r"refuses.*HTTP 403.*the 1 answers so far are in"):
            tier.resolve(text)
    assert len(server.received) == 2
    assert tier.resolve(KIBABII).country == "KEN"  # what is cached is still there


def test_a_server_that_is_not_there_is_an_error():
    with LoopbackServer() as gone:
        pass
    with pytest.raises(GeocodeError, match=r"after 4 requests.*refused"):
        Quick(gone).resolve(KIBABII)


def test_the_cap_ends_a_run_and_the_next_one_goes_on(server):
    server.script("/search", says())
    names = ["Kibabii University", "Yanbu College", "Maseno Institute"]
    tier = Quick(server, cap=2)
    with pytest.raises(GeocodeError, match=r"cap of 2 requests.*cap=.*the 2 answers so far are in"):
        [tier.resolve(text) for text in names]
    again = Quick(server, cap=2)
    assert [again.resolve(text).status for text in names] == ["not_found"] * 3
    assert server.queries("q") == names


# -- who may ask, and how often ------------------------------------------------------------------


NOBODY = [
    *("", "   ", "geopy/2.5.0", "my-application", "my_app/1", "my_user_agent/1.0", "x/1", None),
    *("specify_your_app_name_here", "python-requests/2.32", "Mozilla/5.0 (X11)", "caraml/0.1"),
    *("aff-study\r\nX-Evil: 1", "étude-des-affiliations", "my-study (me@uni.example)"),
]


@pytest.mark.parametrize("user_agent", NOBODY)
def test_a_name_that_identifies_nobody_is_refused(user_agent):
    with pytest.raises(UsageError, match=r"user_agent=.*Nothing was sent.*Name your study"):
        Nominatim(user_agent)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_delay_s": 0.5}, "the public server allows one request a second"),
        ({"min_delay_s": 0.5, "domain": "NOMINATIM.openstreetmap.org.:443"}, "public server"),
        ({"min_delay_s": float("nan")}, "min_delay_s=nan"),
        ({"cap": -1}, "cap=-1"),
        ({"cap": True}, "cap=True"),
        ({"timeout_s": 0}, "timeout_s=0"),
        ({"scheme": "ftp"}, "scheme='ftp'"),
        ({"domain": "https://localhost"}, "without 'https://'"),
        ({"domain": "localhost:port"}, "give a server such as"),
        ({"domain": ""}, "give a server such as"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        Nominatim(AGENT, **options)


def test_requests_are_a_second_apart(server):
    server.script("/search", says())
    tier = Quick(server)
    for text in ("Kibabii University", "Yanbu College", "Maseno Institute"):
        tier.resolve(text)
        tier.now += 0.25
    assert tier.waits == [0.75, 0.75]


def test_a_clock_that_was_set_back_makes_nobody_wait_long(server):
    server.script("/search", says())
    Quick(server).resolve("Kibabii University")
    tier = Quick(server)
    tier.now -= 1_000_000
    tier.resolve("Yanbu College")
    assert tier.waits == [1.0]


RUN = """
import sys
from caraml_analysis.geocoding.nominatim import Nominatim
tier = Nominatim(sys.argv[2], domain=sys.argv[1], scheme="http", min_delay_s=float(sys.argv[3]))
for text in sys.argv[4:]:
    print(tier.resolve(text).status, flush=True)
"""


def start(server, delay_s, *texts):
    """Start a process that resolves `texts` and prints a line after each."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, server.host, AGENT, str(delay_s), *texts],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def gaps(server):
    times = [request.at for request in server.received]
    return [later - sooner for sooner, later in pairwise(times)]


def test_processes_wait_for_each_other(server):
    server.script("/search", says())
    other = start(server, 0.2, "Kibabii University", "Yanbu University")
    server.wait_for(1)
    tier = Nominatim(AGENT, domain=server.host, scheme="http", min_delay_s=0.2)
    for text in ("Kibabii College", "Yanbu College"):
        tier.resolve(text)
    assert other.communicate(timeout=20)[0].split() == ["not_found"] * 2
    assert len(server.received) == 4
    assert min(gaps(server)) > 0.19


def test_threads_wait_for_each_other_and_repeat_nothing(server):
    server.script("/search", says())
    tier = Nominatim(AGENT, domain=server.host, scheme="http", min_delay_s=0.1)
    texts = ["Kibabii University", "Yanbu College", "Kibabii University", "Maseno Institute"]
    threads = [threading.Thread(target=tier.resolve, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.queries("q")) == sorted(set(texts))
    assert min(gaps(server)) > 0.09


@pytest.mark.parametrize("moment", ["between two requests", "during a request"])
def test_a_killed_run_goes_on_with_no_request_repeated(server, moment):
    names = [f"{name} University" for name in ("Kibabii", "Yanbu", "Maseno")]
    between = moment == "between two requests"
    server.script("/search", says(), says(), says() if between else Answer(delay_s=30), says())
    process = start(server, 60 if between else 0, *names)
    if between:
        process.stdout.readline()
    else:
        server.wait_for(3)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL
    answered = 1 if between else 2
    assert cached(server) == answered

    again = Nominatim(AGENT, domain=server.host, scheme="http", min_delay_s=0)
    assert [again.resolve(name).status for name in names] == ["not_found"] * 3
    asked_again = [] if between else names[2:]  # it had no answer yet
    assert server.queries("q") == names + asked_again


# -- a whole column or file ----------------------------------------------------------------------

UNIVERSITIES = ["Wabuyele University", "Nasimiyu Teachers College", "Yanwabu University"]
TEXTS = ["MIT", *UNIVERSITIES, "KAIST"]


def named(request):
    """Answer with the very university that was asked for."""
    return says(place(request.query["q"]))


def test_a_column_keeps_what_is_known_when_the_cap_is_reached(server):
    server.script("/search", named)
    table = geocode(TEXTS, tiers=("embedded", Quick(server, cap=2)))
    assert table["status"].tolist() == [*["resolved"] * 3, "error", "resolved"]
    row = table.loc[3]
    assert (row["method"], row["confidence"], row["countries"]) == ("nominatim", 0, "")
    assert "the cap of 2 requests is reached" in row["evidence"]
    with pytest.raises(GeocodeError, match="cap of 0"):
        resolve(TEXTS[3], tiers=("embedded", Quick(server, cap=0)))
    again = geocode(TEXTS, tiers=("embedded", Quick(server, cap=2)))
    assert again["status"].eq("resolved").all()
    assert len(server.received) == 3  # nothing was asked twice, nothing cached for the failure


def test_a_cap_of_zero_uses_all_that_is_cached(server):
    server.script("/search", named)
    Quick(server).resolve(UNIVERSITIES[2])
    table = geocode(TEXTS, tiers=("embedded", Quick(server, cap=0)))
    assert table["status"].tolist() == ["resolved", "error", "error", "resolved", "resolved"]
    assert len(server.received) == 1


def test_a_server_that_is_down_is_waited_for_once(server):
    server.script("/search", Answer(503, b""))
    tier = Quick(server)
    table = geocode(TEXTS, tiers=("embedded", tier))
    assert table["status"].tolist() == ["resolved", *["error"] * 3, "resolved"]
    assert len(server.received) == 4
    assert table["evidence"][2].startswith("not asked after: 127.0.0.1")
    server.script("/search", named)
    assert geocode(TEXTS, tiers=("embedded", tier))["status"].eq("resolved").all()


def test_the_command_writes_the_file_and_says_how_to_go_on(server, tmp_path, run_cli):
    server.script("/search", named)
    (tmp_path / "in.csv").write_text("n,where\n" + "".join(f'1,"{text}"\n' for text in TEXTS))
    command = ["geocode", tmp_path / "in.csv", "--column", "where"]
    command += ["--output", tmp_path / "out.csv", "--nominatim-server", server.url]
    command += ["--nominatim-user-agent", AGENT]
    code, _, err = run_cli(*command, "--nominatim-cap", 1)
    assert code == 1
    assert "2 rows got no answer: 127.0.0.1" in err
    assert "the cap of 1 requests is reached" in err
    assert "--nominatim-cap" in err
    assert "Run again to ask about the rest" in err
    assert " not_found             0" in err
    written = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert written["status"].tolist() == ["resolved"] * 2 + ["error"] * 2 + ["resolved"]
    code, _, err = run_cli(*command)
    assert code == 0
    assert "got no answer" not in err
    assert len(server.received) == 3
    code, _, err = run_cli(*command[:4], "--nominatim-cap", 1)
    assert code == 2
    assert "must say who asks" in err
