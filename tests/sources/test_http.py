"""The polite client against a real server: what passes is tried again, what does not is said."""

from __future__ import annotations

import email.utils
import gzip
import hashlib
import json
import threading

import pytest

from caraml_analysis.errors import (
    CacheError,
    DownloadError,
    HttpStatusError,
    SourceChangedError,
)
from caraml_analysis.sources import http
from tests.loopback import Answer, LoopbackServer

NOON = 1_900_000_000.0


class Time:
    """A clock that only sleeping moves, and what was slept."""

    def __init__(self):
        self.now = NOON
        self.slept = []
        self.lock = threading.Lock()

    def clock(self):
        return self.now

    def sleep(self, seconds):
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def moments():
    return Time()


@pytest.fixture
def client(tmp_path, moments):
    return http.Client(tmp_path / "cache", clock=moments.clock, sleep=moments.sleep, delay_s=0)


def fetched(client, url, kinds=http.JSON, **options):
    """Fetch and keep; return the content."""
    with client.get(url, kinds, **options) as download:
        download.keep()
        return download.content


def left_over(client):
    incoming = client.cache / "incoming"
    return list(incoming.iterdir()) if incoming.is_dir() else []


def test_a_download_is_kept_with_address_time_and_checksum(server, client):
    server.script("/a.json", Answer.of_json([1, 2]))
    with client.get(server.url + "/a.json", http.JSON) as download:
        download.keep()
    assert download.input == http.Input(
        server.url + "/a.json", "2030-03-17T17:46:40Z", hashlib.sha256(b"[1, 2]").hexdigest(), 6
    )
    again = client.get(server.url + "/a.json", http.JSON)
    assert again.cached
    assert again.input == download.input
    assert len(server.received) == 1


def test_requests_say_who_sends_them(server, client):
    server.script("/a", Answer.of_json({}))
    fetched(client, server.url + "/a")
    assert server.received[0].headers["user-agent"].startswith("caraml-analysis/")


def test_what_is_not_kept_leaves_the_earlier_download(server, tmp_path, client):
    server.script("/a", Answer.of_json("old"), Answer.of_json("new"))
    fetched(client, server.url + "/a")
    newer = http.Client(tmp_path / "cache", delay_s=0, not_before="9999")
    with newer.get(server.url + "/a", http.JSON) as download:
        assert download.content == b'"new"'
    assert client.cached(server.url + "/a").content == b'"old"'
    assert left_over(client) == []


def test_offline_uses_the_cache_only(server, tmp_path, client):
    server.script("/a", Answer.of_json("here"))
    fetched(client, server.url + "/a")
    offline = http.Client(tmp_path / "cache", offline=True)
    assert fetched(offline, server.url + "/a") == b'"here"'
    with pytest.raises(DownloadError, match=r"/b: is not in the cache .*no request may be"):
        offline.get(server.url + "/b", http.JSON)
    assert len(server.received) == 1


def test_an_older_download_is_fetched_again_once(server, tmp_path, client, moments):
    server.script("/a", Answer.of_json(1), Answer.of_json(2))
    fetched(client, server.url + "/a")
    moments.now += 60
    later = "2030-03-17T17:47:00Z"
    again = http.Client(
        tmp_path / "cache", clock=moments.clock, sleep=moments.sleep, not_before=later
    )
    assert [fetched(again, server.url + "/a") for _ in range(2)] == [b"2", b"2"]
    assert len(server.received) == 2


def test_a_damaged_cache_is_fetched_again(server, client):
    server.script("/a", Answer.of_json("whole"))
    with client.get(server.url + "/a", http.JSON) as download:
        download.keep()
    for damage in (b'"w', b'"whose"'):
        download.path.write_bytes(damage)
        assert fetched(client, server.url + "/a") == b'"whole"'
    for card in (client.cache / "cards").rglob("*.json"):
        card.write_text("{")
    assert fetched(client, server.url + "/a") == b'"whole"'


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "status 404 Not Found.*There is no such page"),
        (403, "status 403 Forbidden.*does not want this request"),
        (401, "status 401 Unauthorized.*login"),
        (418, "status 418"),
    ],
)
def test_a_refusal_is_not_repeated(server, client, status, message):
    server.script("/a", Answer(status))
    with pytest.raises(HttpStatusError, match=message) as refused:
        client.get(server.url + "/a", http.JSON)
    assert refused.value.status == status
    assert len(server.received) == 1


def test_too_many_requests_waits_as_long_as_asked(server, client, moments):
    server.script("/a", Answer(429, headers={"Retry-After": "17"}), Answer.of_json("fine"))
    assert fetched(client, server.url + "/a") == b'"fine"'
    assert moments.slept == [17.0]


def test_retry_after_may_be_a_date(server, client, moments):
    date = email.utils.formatdate(NOON + 30, usegmt=True)
    server.script("/a", Answer(503, headers={"Retry-After": date}), Answer.of_json("fine"))
    assert fetched(client, server.url + "/a") == b'"fine"'
    assert moments.slept == [30.0]


def test_a_server_that_wants_a_long_pause_is_left_alone(server, client, moments):
    server.script("/a", Answer(429, headers={"Retry-After": "7200"}))
    with pytest.raises(HttpStatusError, match=r"asks to wait 7,200 s .*Try again then"):
        client.get(server.url + "/a", http.JSON)
    assert moments.slept == []


def test_an_unreadable_retry_after_is_as_none(server, client, moments):
    server.script("/a", Answer(429, headers={"Retry-After": "soon"}), Answer.of_json("fine"))
    assert fetched(client, server.url + "/a") == b'"fine"'
    assert 1 <= moments.slept[0] <= 1.25


def test_a_server_in_trouble_is_asked_again_with_growing_pauses(server, client, moments):
    server.script("/a", Answer(500), Answer(502), Answer.of_json("fine"))
    assert fetched(client, server.url + "/a") == b'"fine"'
    assert len(moments.slept) == 2
    assert 1 <= moments.slept[0] <= 1.25
    assert 2 <= moments.slept[1] <= 2.5


def test_it_gives_up_after_four_requests(server, client):
    server.script("/a", Answer(500))
    with pytest.raises(
        HttpStatusError, match=r"no whole answer after 4 .*status 500.*Try again later"
    ):
        client.get(server.url + "/a", http.JSON)
    assert len(server.received) == 4


def test_redirects_are_followed_but_not_forever(server, client):
    server.script("/old", Answer(301, headers={"Location": "/new"}))
    server.script("/new", Answer.of_json("moved"))
    server.script("/loop", Answer(302, headers={"Location": "/loop"}))
    assert fetched(client, server.url + "/old") == b'"moved"'
    with pytest.raises(DownloadError, match="redirected more than 5 times"):
        client.get(server.url + "/loop", http.JSON)


def test_a_slow_server_is_asked_again(server, tmp_path, moments):
    server.script("/a", Answer.of_json("late", delay_s=5), Answer.of_json("fine"))
    hasty = http.Client(
        tmp_path, timeout_s=(2, 0.2), delay_s=0, clock=moments.clock, sleep=moments.sleep
    )
    assert fetched(hasty, server.url + "/a") == b'"fine"'


def test_a_server_that_drips_has_a_deadline(server, tmp_path, moments):
    server.script("/a", Answer.of_json("x" * 1000, drip_s=0.02))
    hasty = http.Client(
        tmp_path, deadline_s=0.3, attempts=2, delay_s=0, clock=moments.clock, sleep=moments.sleep
    )
    with pytest.raises(DownloadError, match=r"2 requests .*not whole within 0.3 s"):
        hasty.get(server.url + "/a", http.JSON)
    assert left_over(hasty) == []


@pytest.mark.parametrize("fault", [{"cut_after": 5}, {"hang_up": True}])
def test_a_connection_that_breaks_is_opened_again(server, client, fault):
    server.script("/a", Answer.of_json("x" * 100, **fault), Answer.of_json("whole"))
    assert fetched(client, server.url + "/a") == b'"whole"'
    assert left_over(client) == []


def test_a_connection_that_always_breaks_is_an_error(server, client):
    server.script("/a", Answer.of_json("x" * 100, cut_after=50))
    with pytest.raises(DownloadError, match=r"after 4 requests .*broke off in the middle"):
        client.get(server.url + "/a", http.JSON)
    assert client.cached(server.url + "/a") is None


def test_nobody_there_is_an_error(server, client):
    with LoopbackServer() as gone:
        url = gone.url
    with pytest.raises(DownloadError, match="no connection"):
        client.get(url + "/a", http.JSON)


def test_that_a_second_run_goes_on_is_said_only_where_something_is_in_the_cache(server, client):
    server.script("/a", Answer.of_json(1))
    server.script("/b", Answer(404))
    with pytest.raises(DownloadError, match=r"404 .*\. Nothing was replaced\. There is no"):
        client.get(server.url + "/b", http.JSON)
    fetched(client, server.url + "/a")
    for again in (client, http.Client(client.cache, delay_s=0.0)):
        assert fetched(again, server.url + "/a") == b"1"
        with pytest.raises(DownloadError, match="in the cache, run again to go on"):
            again.get(server.url + "/b", http.JSON)
    once = http.Client(client.cache, delay_s=0.0, resumes=False)
    fetched(once, server.url + "/a")
    with pytest.raises(DownloadError, match=r"404 .*\. Nothing was replaced\. There is no"):
        once.get(server.url + "/b", http.JSON)


def test_another_content_type_is_refused(server, client):
    server.script("/a", Answer(200, b"\x89PNG", {"Content-Type": "image/png"}))
    with pytest.raises(DownloadError, match="sent 'image/png' instead of 'application/json'"):
        client.get(server.url + "/a", http.JSON)


def test_a_web_page_where_data_were_expected_is_a_changed_source(server, client):
    server.script("/a", Answer(200, "<html>Sign in", {"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(SourceChangedError, match=r"sent 'text/html'.*has it moved"):
        client.get(server.url + "/a", http.JSON)


def test_compressed_answers_are_read(server, client):
    body = gzip.compress(json.dumps(["text"] * 50_000).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    server.script("/a", Answer(200, body, headers))
    assert json.loads(fetched(client, server.url + "/a")) == ["text"] * 50_000


def test_the_size_is_bounded_after_decompression(server, tmp_path):
    body = gzip.compress(b" " * 5_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    server.script("/a", Answer(200, body, headers))
    small = http.Client(tmp_path, most_bytes=1_000_000)
    with pytest.raises(DownloadError, match="is larger than 1,000,000 bytes"):
        small.get(server.url + "/a", http.JSON)
    assert left_over(small) == []
    assert len(server.received) == 1


def test_requests_keep_their_distance(server, tmp_path, moments):
    server.script("/a", Answer.of_json(1))
    server.script("/b", Answer.of_json(1))
    slow = http.Client(tmp_path, delay_s=1.5, clock=moments.clock, sleep=moments.sleep)
    fetched(slow, server.url + "/a")
    fetched(slow, server.url + "/b")
    fetched(slow, server.url + "/a")  # from the cache: no pause
    assert moments.slept == [1.5]


def test_robots_txt_is_respected(server, client):
    server.script("/robots.txt", Answer(200, "User-agent: *\nDisallow: /private\nCrawl-delay: 3"))
    server.script("/open", Answer.of_json(1))
    fetched(client, server.url + "/open", robots=True)
    with pytest.raises(DownloadError, match=r"/private/a: the server's robots.txt asks"):
        client.get(server.url + "/private/a", http.JSON, robots=True)
    assert [request.path for request in server.received] == ["/robots.txt", "/open"]
    assert client.delay_s == 3


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (Answer(404), True),
        (Answer(403), False),
        (Answer(200, "<html>Not found", {"Content-Type": "text/html"}), True),
    ],
)
def test_without_rules_everything_is_allowed_and_forbidden_rules_forbid(
    server, client, answer, allowed
):
    server.script("/robots.txt", answer)
    server.script("/a", Answer.of_json(1))
    if allowed:
        assert fetched(client, server.url + "/a", robots=True) == b"1"
    else:
        with pytest.raises(DownloadError, match=r"robots.txt"):
            client.get(server.url + "/a", http.JSON, robots=True)


def test_only_the_part_that_may_be_kept_reaches_the_cache(server, client):
    server.script("/search", Answer.of_json({"secret": "~Ada_Sample1"}))
    body = {"ids": ["~Ada_Sample1"]}
    with client.get(
        server.url + "/search", http.JSON, body=body, private=True, headers={"X-Token": "t0p"}
    ) as download:
        download.keep(b"[]")
    assert server.received[0].method == "POST"
    assert server.received[0].headers["x-token"] == "t0p"
    assert json.loads(server.received[0].body) == body
    assert client.get(server.url + "/search", http.JSON, body=body).content == b"[]"
    everything = b"".join(path.read_bytes() for path in client.cache.rglob("*") if path.is_file())
    assert b"Ada" not in everything
    assert b"t0p" not in everything


def test_logins_of_the_users_netrc_are_not_sent(server, client, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.script("/a", Answer.of_json(1))
    fetched(client, server.url + "/a", headers={"Authorization": "Bearer ours"})
    assert server.received[0].headers["authorization"] == "Bearer ours"


def test_a_cache_that_cannot_be_written_is_said(server, tmp_path):
    server.script("/a", Answer.of_json(1))
    (tmp_path / "file").write_text("in the way")
    blocked = http.Client(tmp_path / "file")
    with pytest.raises(CacheError, match=r"cannot be written.*CARAML_CACHE"):
        blocked.get(server.url + "/a", http.JSON)


def test_items_are_worked_on_a_few_at_once_and_in_order(client):
    running, most, lock = [0], [0], threading.Lock()
    barrier = threading.Barrier(3, timeout=5)

    def work(item):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        barrier.wait()
        with lock:
            running[0] -= 1
        return item * 10

    assert list(client.each(work, list(range(6)), 3)) == [0, 10, 20, 30, 40, 50]
    assert most[0] == 3


def test_the_first_error_stops_the_rest(client):
    done = []

    def work(item):
        if item == 2:
            raise DownloadError("stop")
        done.append(item)

    with pytest.raises(DownloadError, match="stop"):
        list(client.each(work, list(range(1000)), 1))
    assert len(done) < 1000


def test_the_sum_of_many_pages_does_not_depend_on_their_order():
    pages = [http.Input(f"u{i}", f"2030-01-0{i}", str(i) * 64, i) for i in (1, 2, 3)]
    total = http.summed("u", pages)
    assert total == http.summed("u", pages[::-1])
    assert (total.url, total.retrieved, total.bytes) == ("u (3 pages)", "2030-01-03", 6)
