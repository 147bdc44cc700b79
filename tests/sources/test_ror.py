"""Fetching a release of ROR: the right file or an error, and zips that cannot do harm."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from caraml_analysis import paths
from caraml_analysis.errors import (
    ArchiveError,
    CacheError,
    DownloadError,
    SourceChangedError,
    UsageError,
)
from caraml_analysis.geocoding.ror import RorTier
from caraml_analysis.geocoding.ror_index import index_path
from caraml_analysis.sources import ror

DATA = Path(__file__).resolve().parent.parent / "data"
SAMPLE = (DATA / "recorded/ror_v2_sample.json").read_bytes()
TRAPS = (DATA / "constructed/ror_v2.json").read_bytes()
MEMBER = "v9.1-2030-01-01-ror-data.json"
SCHEMA_1 = json.dumps(
    [{"id": "https://ror.org/042nb2s44", "name": "MIT", "country": {"country_code": "US"}}]
).encode()


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def zip_file(tmp_path):
    """Write a zip and return its path."""

    def write(content, name="v9.1-2030-01-01-ror-data.zip"):
        target = tmp_path / name
        target.write_bytes(content)
        return target

    return write


class Server(ThreadingHTTPServer):
    """Answers by path: ``pages[path]`` is (status, headers, content)."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}
        self.asked = []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers["User-Agent"]))
        status, headers, content = self.server.pages.get(self.path, (404, {}, b"no such page"))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def in_cache():
    return sorted(p.name for p in paths.cache_dir().rglob("*") if p.is_file())


# --- downloading --------------------------------------------------------------------------------

ZIP = "/files/v9.1-2030-01-01-ror-data.zip"


def test_a_release_is_fetched_checked_and_kept(server):
    content = zip_of({MEMBER: SAMPLE})
    server.pages[ZIP] = (200, {}, content)
    release = ror.fetch(url=server.url(ZIP), sha256=sha256(content).upper())
    assert (release.edition, release.sha256) == ("v9.1", sha256(content))
    assert release.path == paths.cache_dir() / "ror" / "v9.1-2030-01-01-ror-data.zip"
    assert release.path.read_bytes() == content
    assert in_cache() == ["v9.1-2030-01-01-ror-data.zip"]
    ((_, agent),) = server.asked
    assert agent.startswith("caraml-analysis/")


def test_what_is_there_already_is_not_fetched_again(server):
    content = zip_of({MEMBER: SAMPLE})
    server.pages[ZIP] = (200, {}, content)
    for _ in range(2):
        ror.fetch(url=server.url(ZIP), sha256=sha256(content))
    assert len(server.asked) == 1


def test_a_redirection_is_followed(server):
    content = zip_of({MEMBER: SAMPLE})
    server.pages["/elsewhere"] = (200, {}, content)
    server.pages[ZIP] = (302, {"Location": "/elsewhere"}, b"")
    assert ror.fetch(url=server.url(ZIP), sha256=sha256(content)).edition == "v9.1"


WHOLE = zip_of({MEMBER: SAMPLE})
FAULTS = {
    "not there": ((404, {}, b"gone"), "status 404 .*Nothing was replaced.*--from"),
    "refused": ((403, {}, b"no"), "status 403 "),
    "broken": ((503, {}, b"later"), "status 503 "),
    "too many requests": (
        (429, {"Retry-After": "60"}, b"slow down"),
        "too many requests. Nothing was replaced. Try again in 60 seconds",
    ),
    "a web page instead": (
        (200, {"Content-Type": "text/html"}, b"\n<!DOCTYPE html><html>login</html>"),
        "sent a web page instead of a zip",
    ),
    "another file": ((200, {}, zip_of({MEMBER: TRAPS})), "is not the file it should be .sha256"),
    "cut off": (
        (200, {"Content-Length": str(len(WHOLE))}, WHOLE[: len(WHOLE) // 2]),
        "(cannot be fetched|broke off).*Nothing was replaced",
    ),
    "nothing": ((200, {}, b""), "is not the file it should be"),
}


@pytest.mark.parametrize(("answer", "message"), FAULTS.values(), ids=FAULTS)
def test_a_failed_fetch_leaves_nothing(server, answer, message):
    server.pages[ZIP] = answer
    with pytest.raises(DownloadError, match=message):
        ror.fetch(url=server.url(ZIP), sha256=sha256(WHOLE))
    assert in_cache() == []


def test_a_server_that_is_not_there_is_a_download_error(server):
    url = server.url(ZIP)
    server.server_close()
    with pytest.raises(DownloadError, match=r"cannot be fetched .ConnectionError.*--from"):
        ror.fetch(url=url, sha256=sha256(WHOLE))


def test_a_download_without_end_is_stopped(server, monkeypatch):
    monkeypatch.setattr(ror, "MOST_ZIP_BYTES", 1000)
    server.pages[ZIP] = (200, {}, WHOLE)
    with pytest.raises(DownloadError, match=r"larger than 1,000 bytes.*nothing was replaced"):
        ror.fetch(url=server.url(ZIP), sha256=sha256(WHOLE))
    assert in_cache() == []


def test_a_cache_that_cannot_be_written_is_a_cache_error(server, monkeypatch, tmp_path):
    (tmp_path / "blocked").write_text("a file where a folder should be")
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "blocked"))
    server.pages[ZIP] = (200, {}, WHOLE)
    with pytest.raises(CacheError, match=r"cannot be written.*CARAML_CACHE"):
        ror.fetch(url=server.url(ZIP), sha256=sha256(WHOLE))


def zenodo(server, *files):
    """Return the answer of Zenodo's API for a record with these files."""
    return {
        "id": 7,
        "files": [
            {
                "key": key,
                "checksum": f"md5:{hashlib.md5(content).hexdigest()}",
                "links": {"self": server.url(f"/api/records/7/files/{key}/content")},
            }
            for key, content in files
        ],
    }


@pytest.mark.parametrize("address", ["/api/records/7", "/records/7"])
def test_a_zenodo_record_says_where_the_zip_is_and_its_checksum(server, address):
    # old records hold several zips
    record = zenodo(
        server, ("v9.0-2029-12-01-ror-data.zip", b"old"), ("v9.1-2030-01-01-ror-data.zip", WHOLE)
    )
    server.pages["/api/records/7"] = (200, {}, json.dumps(record).encode())
    path = "/api/records/7/files/v9.1-2030-01-01-ror-data.zip/content"
    server.pages[path] = (200, {}, WHOLE)
    release = ror.fetch("9.1", url=server.url(address))
    assert release.checked == f"md5 {hashlib.md5(WHOLE).hexdigest()}"
    server.pages[path] = (200, {}, zip_of({MEMBER: TRAPS}))
    release.path.unlink()
    with pytest.raises(DownloadError, match=r"md5 .* instead of"):
        ror.fetch("v9.1", url=server.url(address))


def test_a_record_without_the_edition_is_named_with_what_it_holds(server):
    record = zenodo(server, ("v9.0-2029-12-01-ror-data.zip", b"old"))
    server.pages["/api/records/7"] = (200, {}, json.dumps(record).encode())
    with pytest.raises(DownloadError, match=r"holds no zip of ROR v9.1 .but v9.0-2029-12-01"):
        ror.fetch("v9.1", url=server.url("/api/records/7"))


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"files": [{"key": "a.zip"}]}'])
def test_a_record_of_another_shape_is_named(server, content):
    server.pages["/api/records/7"] = (200, {}, content)
    with pytest.raises(SourceChangedError, match="is not a Zenodo record as it was"):
        ror.fetch("v9.1", url=server.url("/api/records/7"))


def test_nothing_is_fetched_without_something_to_check_it_with(server):
    with pytest.raises(UsageError, match=r"nothing says which file is the right one.*--sha256"):
        ror.fetch(url=server.url(ZIP))
    with pytest.raises(UsageError, match=r"no ROR edition 'v9.1' is known here .v2.12.*--url"):
        ror.fetch("v9.1")
    with pytest.raises(UsageError, match="is not an http or https address"):
        ror.fetch(url="file:///etc/passwd", sha256=sha256(WHOLE))
    with pytest.raises(UsageError, match=r"is no sha256: it has 64 digits"):
        ror.fetch(sha256="abc")
    assert server.asked == []


def test_the_pinned_checksum_holds_for_other_addresses_too(server):
    server.pages["/mirror.zip"] = (200, {}, WHOLE)
    with pytest.raises(DownloadError, match="instead of 5779c7baf717"):
        ror.fetch("v2.12", url=server.url("/mirror.zip"))


@pytest.mark.parametrize("edition", ror.EDITIONS.values(), ids=ror.EDITIONS)
def test_every_known_edition_has_an_address_and_a_checksum(edition):
    assert edition.sha256 or edition.md5
    assert len(edition.sha256) in (0, 64)
    assert len(edition.md5) in (0, 32)
    assert edition.file.startswith(f"{edition.name}-")
    assert edition.url == (
        f"https://zenodo.org/api/records/{edition.record}/files/{edition.file}/content"
    )
    assert ror.DEFAULT_EDITION in ror.EDITIONS


# --- a zip on this machine ----------------------------------------------------------------------


def test_a_local_zip_needs_no_checksum_and_says_so(zip_file):
    path = zip_file(WHOLE, "renamed.zip")
    release = ror.local(path)
    assert release == (path, "v9.1", sha256(WHOLE), release.checked)
    assert release.checked == "nothing: no checksum of this edition is known"
    assert ror.local(path, sha256=sha256(WHOLE)).checked == f"sha256 {sha256(WHOLE)}"


def test_a_local_zip_that_is_not_what_it_should_be_is_refused(zip_file):
    with pytest.raises(DownloadError, match=r"instead of 0000.*left as it is.*index is unchanged"):
        ror.local(zip_file(WHOLE), sha256="0" * 64)
    pinned = zip_file(zip_of({"v2.12-2026-08-25-ror-data.json": SAMPLE}))
    with pytest.raises(DownloadError, match="instead of 5779c7baf717"):
        ror.local(pinned)
    with pytest.raises(UsageError, match=r"holds ROR v9.1, not v9.0.*--edition v9.1"):
        ror.local(zip_file(WHOLE), "v9.0")
    with pytest.raises(UsageError, match="neither its name nor its content says which release"):
        ror.local(zip_file(zip_of({"ror-data.json": SAMPLE}), "a.zip"))
    with pytest.raises(DownloadError, match=r"no-such.zip: cannot be read"):
        ror.local(Path("no-such.zip"))


# --- reading ------------------------------------------------------------------------------------


def test_records_become_organisations(zip_file):
    counts = ror.Counts()
    found = {o.ror_id: o for o in ror.organisations(zip_file(WHOLE), counts)}
    assert (counts.read, counts.kept, counts.inactive, counts.withdrawn) == (30, 29, 1, 1)
    assert "000q0mx12" not in found  # withdrawn
    mit = found["042nb2s44"]
    assert ("Massachusetts Institute of Technology", "name") in mit.names
    assert ("MIT", "acronym") in mit.names
    assert mit.places == (("USA", "Cambridge", "Massachusetts"),)
    assert mit.domains == ("mit.edu",)
    assert found["02yg1pf55"].status == "inactive"
    assert [code for code, _, _ in found["050yr0479"].places] == ["USA", "CAN"]
    assert found["00q4vv597"].places[0][0] == "HKG"
    assert found["03gg1ey66"].places[0][0] == "NAM"  # its code is NA


def test_records_without_a_country_are_counted(zip_file):
    counts = ror.Counts()
    found = list(ror.organisations(zip_file(zip_of({MEMBER: TRAPS})), counts))
    assert counts.without_country == 1
    assert "Nowhere Wandering Society" not in {o.names[0][0] for o in found}
    assert "XKX" in {o.places[0][0] for o in found}


def test_half_characters_do_no_harm(run_cli, zip_file):
    content = json.dumps(json.loads(TRAPS)).replace("Draal Epsilon", "Draal\\ud800 Epsilon")
    path = zip_file(zip_of({MEMBER: content}))
    assert run_cli("data", "fetch", "ror", "--from", path)[0] == 0
    assert RorTier().resolve("Draal\ud800 Epsilon Observatory").country == "CHL"


def test_schema_2_is_chosen_by_name(zip_file):
    members = {
        "v1.74-2025-11-24-ror-data.json": SCHEMA_1,
        "v1.74-2025-11-24-ror-data.csv": "id\n",
        "v1.74-2025-11-24-ror-data_schema_v2.json": SAMPLE,
        "v1.74-2025-11-24-ror-data_schema_v2.csv": "id\n",
        "__MACOSX/._v1.74-2025-11-24-ror-data_schema_v2.json": b"rubbish",
    }
    assert len(list(ror.records(zip_file(zip_of(members))))) == 30
    folder = {f"release/{name}": content for name, content in members.items()}
    assert len(list(ror.records(zip_file(zip_of(folder))))) == 30


def test_schema_1_is_named_with_what_to_fetch(zip_file):
    path = zip_file(zip_of({"v1.20-2023-02-28-ror-data.json": SCHEMA_1}))
    with pytest.raises(SourceChangedError, match=r"schema 1.*Fetch an edition with schema 2"):
        list(ror.organisations(path))


BROKEN_RECORDS = {
    "no object": b'["MIT"]',
    "no names": b'[{"id": "https://ror.org/1"}]',
    "no status": b'[{"id": "https://ror.org/1", "names": [], "locations": []}]',
    "a place without details": (
        b'[{"id": "https://ror.org/1", "status": "active", "names": [], "locations": [{}]}]'
    ),
    "a name that is no text": (
        b'[{"id": "1", "status": "active", "names": [{"value": 5, "types": []}], "locations": []}]'
    ),
    "a name that is no object": (
        b'[{"id": "https://ror.org/1", "status": "active", "names": ["MIT"], "locations": []}]'
    ),
}


@pytest.mark.parametrize("content", BROKEN_RECORDS.values(), ids=BROKEN_RECORDS)
def test_records_of_another_shape_are_named(zip_file, content):
    with pytest.raises(SourceChangedError, match=r"(record|element) 1 .*index is unchanged"):
        list(ror.organisations(zip_file(zip_of({MEMBER: content}))))


BROKEN_JSON = {
    "empty": (b"", "not valid after record 0"),
    "an object": (b'{"items": []}', "where one of \\[ should be"),
    "an empty array": (b" [ ] ", "holds no records"),
    "cut off": (SAMPLE[: len(SAMPLE) // 2], "not valid after record"),
    "without its end": (SAMPLE.rstrip()[:-1], "the end where one of ,] should be"),
    "with more behind it": (SAMPLE + b"[]", "something follows the array"),
    "not UTF-8": (SAMPLE.decode().encode("utf-16"), "not UTF-8"),
    "nested without end": (b"[" * 200_000, "nested too deeply"),
    "a comma too many": (b"[,]", "not valid after record 0"),
    "words": (b"[MIT]", "not valid after record 0"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN_JSON.values(), ids=BROKEN_JSON)
def test_json_that_is_not_valid_is_an_archive_error(zip_file, content, message):
    with pytest.raises(ArchiveError, match=message):
        list(ror.records(zip_file(zip_of({MEMBER: content}))))


def test_a_byte_order_mark_and_spaces_do_no_harm(zip_file):
    content = b"\xef\xbb\xbf\n\t" + SAMPLE + b"\n\n"
    assert len(list(ror.records(zip_file(zip_of({MEMBER: content}))))) == 30


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_records_are_whole_wherever_the_text_is_cut(zip_file, monkeypatch, size):
    sample = json.dumps(json.loads(SAMPLE)[:3], ensure_ascii=False).encode()
    monkeypatch.setattr(ror, "_BLOCK", size)
    assert list(ror.records(zip_file(zip_of({MEMBER: sample})))) == json.loads(sample)


def test_a_record_that_does_not_end_is_stopped(zip_file, monkeypatch):
    monkeypatch.setattr(ror.json_stream, "MOST_CHARACTERS", 2000)
    monkeypatch.setattr(ror, "_BLOCK", 500)
    with pytest.raises(ArchiveError, match="a record does not end"):
        list(ror.records(zip_file(zip_of({MEMBER: b'["' + b"a" * 50_000 + b'"]'}))))


# --- hostile zips -------------------------------------------------------------------------------


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = {
    "out of its folder": ("../../evil.json", "a path out of its folder"),
    "in the middle": ("a/../../evil.json", "a path out of its folder"),
    "absolute": ("/etc/evil.json", "an absolute path"),
    "of another system": ("C:\\evil.json", "an absolute path"),
    "with backslashes": ("..\\evil.json", "read differently on other systems"),
    "a link": (link("evil.json"), "a link"),
}


@pytest.mark.parametrize(("name", "message"), HOSTILE.values(), ids=HOSTILE)
def test_zips_with_unsafe_names_are_refused_and_nothing_is_unpacked(
    zip_file, tmp_path, monkeypatch, name, message
):
    monkeypatch.chdir(tmp_path)
    path = zip_file(zip_of({MEMBER: SAMPLE, name: b"/etc/passwd"}))
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ArchiveError, match=f"{message}.*nothing was unpacked"):
        list(ror.records(path))
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_the_json_itself_may_not_be_a_link(zip_file):
    path = zip_file(zip_of({link(MEMBER): b"/etc/passwd"}))
    with pytest.raises(ArchiveError, match="a link"):
        list(ror.records(path))


def test_a_zip_bomb_is_not_read(zip_file):
    path = zip_file(zip_of({MEMBER: b"[" + b" " * 20_000_000 + b"]"}))
    assert path.stat().st_size < 50_000
    with pytest.raises(ArchiveError, match=r"would grow to 20,000,002 bytes.*was not read"):
        list(ror.records(path))


def test_a_zip_that_says_it_is_too_large_is_not_read(zip_file, monkeypatch):
    monkeypatch.setattr(ror, "MOST_JSON_BYTES", 10_000)
    with pytest.raises(ArchiveError, match="would grow to"):
        list(ror.records(zip_file(WHOLE)))


def with_declared_size(content, size):
    """Return a zip of one member that lies about its size."""
    content = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(mark) + at
        content[start : start + 4] = size.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_zip_that_lies_about_its_size_is_refused(zip_file, size):
    with pytest.raises(ArchiveError, match="index is unchanged"):
        list(ror.records(zip_file(with_declared_size(WHOLE, size))))


def test_what_really_comes_is_counted(monkeypatch):
    monkeypatch.setattr(ror, "MOST_JSON_BYTES", 10_000)
    monkeypatch.setattr(ror, "_BLOCK", 1000)
    stream = io.BytesIO(b" " * 1_000_000)
    with pytest.raises(ArchiveError, match="grows beyond 10,000 bytes"):
        list(ror._text(stream, Path("a.zip")))
    assert stream.tell() <= 11_000


DAMAGED = {
    "cut off": WHOLE[: len(WHOLE) // 2],
    "no zip": b"PK but no zip",
    "empty": b"",
    "a flipped byte": WHOLE[:3000] + bytes([WHOLE[3000] ^ 0xFF]) + WHOLE[3001:],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_zip_is_an_archive_error(zip_file, content):
    with pytest.raises(ArchiveError, match="index is unchanged"):
        list(ror.records(zip_file(content)))


def test_other_zips_are_named_with_what_they_hold(zip_file):
    with pytest.raises(ArchiveError, match=r"holds no ...-ror-data.json .but readme.txt"):
        list(ror.records(zip_file(zip_of({"readme.txt": b"hello"}))))
    many = zip_of({f"{n}.txt": b"" for n in range(1001)})
    with pytest.raises(ArchiveError, match="holds 1,001 files"):
        list(ror.records(zip_file(many)))
    odd = zip_of({MEMBER: SAMPLE}, method=zipfile.ZIP_LZMA)
    with pytest.raises(ArchiveError, match="compressed in a way that ROR does not use"):
        list(ror.records(zip_file(odd)))


# --- the command --------------------------------------------------------------------------------


def test_the_command_builds_the_index_and_lists_it(run_cli, zip_file):
    code, out, err = run_cli("data", "fetch", "ror", "--from", zip_file(WHOLE))
    assert (code, err) == (0, "")
    assert "30 records: 29 kept, 1 of them inactive; 1 withdrawn, 0 without a country" in out
    assert f"sha256 {sha256(WHOLE)}" in out
    assert "compared with nothing" in out
    tier = RorTier()
    assert (tier.edition, tier.sha256) == ("v9.1", sha256(WHOLE))
    assert tier.resolve("New York University Abu Dhabi").country == "ARE"
    code, out, _ = run_cli("data", "list")
    assert code == 0
    assert f"fetched: {index_path()}" in out
    assert f"edition v9.1\n    https://ror.org\n    licence: {ror.LICENCE}" in out


def test_the_command_fetches_from_a_server(run_cli, server):
    server.pages[ZIP] = (200, {}, WHOLE)
    arguments = ("--url", server.url(ZIP), "--sha256", sha256(WHOLE))
    code, out, _ = run_cli("data", "fetch", "ror", *arguments)
    assert code == 0
    assert f"compared with sha256 {sha256(WHOLE)}" in out
    assert RorTier().edition == "v9.1"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({MEMBER: SAMPLE[:-100]}, "not valid"),
        ({MEMBER: SCHEMA_1}, "schema 1"),
        ({MEMBER: SAMPLE, "../evil": b""}, "nothing was unpacked"),
    ],
)
def test_a_failed_command_leaves_the_former_index(run_cli, zip_file, members, message):
    run_cli("data", "fetch", "ror", "--from", zip_file(WHOLE))
    before = index_path().read_bytes()
    code, out, err = run_cli("data", "fetch", "ror", "--from", zip_file(zip_of(members)))
    assert (code, out) == (1, "")
    assert err.startswith("caraml: ")
    assert message in err
    assert index_path().read_bytes() == before
    assert in_cache() == ["index.sqlite"]


def test_the_command_refuses_what_contradicts_itself(run_cli, zip_file):
    code, _, err = run_cli(
        "data", "fetch", "ror", "--from", zip_file(WHOLE), "--url", "https://example.org/a.zip"
    )
    assert code == 2
    assert "--from and --url exclude each other" in err
    assert run_cli("data", "fetch")[0] == 2


def test_a_broken_index_is_listed_as_such(run_cli):
    index_path().parent.mkdir(parents=True)
    index_path().write_bytes(b"no database at all")
    code, out, _ = run_cli("data", "list")
    assert code == 0
    assert "fetched, cannot be used: " in out


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    assert paths.cache_dir() == tmp_path / "cache"
    monkeypatch.delenv("CARAML_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert paths.cache_dir() == tmp_path / "xdg" / "caraml_analysis"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.cache_dir() == tmp_path / ".cache" / "caraml_analysis"
