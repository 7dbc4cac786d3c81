"""A file from a server that is right, truncated, changed, slow or gone, in RFC 9110's words."""

import random
import socket

import pytest
from support.flashing.imageserver import ImageServer, certificate

from tokenctl.errors import BadPayload, DownloadFailed
from tokenctl.flashing import download
from tokenctl.flashing.download import Limits
from tokenctl.flashing.partial_file import PartialFile

BODY = random.Random(3).randbytes(300_000)
OTHER = random.Random(4).randbytes(300_000)
SOON = Limits(connect=30, stall=3)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server():
    with ImageServer(BODY) as server:
        yield server


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "image.part"


@pytest.fixture
def get(server, partial):
    def get(url=None, **options):
        options.setdefault("progress", lambda done, total: None)
        part = PartialFile(partial, url or f"{server.url}/image.bin")
        return download.download(part, **options)

    return get


def fails(get, *words, **options):
    with pytest.raises(DownloadFailed) as error:
        get(**options)
    assert error.value.exit_code == 13
    for word in words:
        assert word in error.value.sentence, error.value.sentence
    return error.value.sentence


def test_a_file(get, server, partial):
    steps = []
    assert get(progress=lambda done, total: steps.append((done, total))) is False
    assert partial.read_bytes() == BODY
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1] == (len(BODY), len(BODY))
    path, headers = server.asked[0]
    assert path == "/image.bin"
    assert headers["User-Agent"].startswith("tokenctl/")
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("count", [1, 1000, 150_000, 299_999])
def test_what_broke_off_goes_on(get, server, partial, count):
    server.cut = count
    fails(get, "was lost", "run the same command again", f"at {100 * count // 300_000} %")
    assert partial.read_bytes() == BODY[:count]
    assert get() is True
    assert partial.read_bytes() == BODY
    assert server.ranges_asked() == [None, f"bytes={count}-"]
    assert server.asked[1][1]["If-Range"] == '"1"'


def test_what_breaks_off_again_and_again_goes_on_each_time(get, server, partial):
    for count in (50_000, 100_000, 20_000):
        server.cut = count
        fails(get, "was lost")
    assert get() is True
    assert partial.read_bytes() == BODY
    assert server.ranges_asked() == [None, "bytes=50000-", "bytes=150000-", "bytes=170000-"]


def test_nothing_came(get, server, partial):
    server.cut = 0
    sentence = fails(get, "was lost", "and give the file with --micropython")
    assert f"fetch {server.url}" in sentence, "what somebody without a network needs"
    assert "%" not in sentence
    assert get() is False
    assert partial.read_bytes() == BODY


def test_what_is_complete_is_not_asked_for_again(get, server, partial):
    get()
    assert get() is True
    assert len(server.asked) == 1
    assert partial.read_bytes() == BODY


def test_a_server_without_ranges_sends_all_of_it_again(get, server, partial):
    server.ranges = False
    server.cut = 100_000
    fails(get)
    assert get() is False
    assert partial.read_bytes() == BODY


@pytest.mark.parametrize("modified", [None, "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_what_has_changed_meanwhile_is_not_spliced(get, server, partial, modified):
    if modified:
        server.etag, server.modified = None, modified
    server.cut = 100_000
    fails(get)
    server.body = OTHER
    server.etag, server.modified = (
        (None, "Wed, 21 Oct 2015 07:28:01 GMT")
        if modified
        else (
            '"2"',
            None,
        )
    )
    assert get() is False
    assert partial.read_bytes() == OTHER
    assert server.asked[1][1]["If-Range"] == (modified or '"1"')


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_without_a_validator_for_bytes_it_begins_anew(get, server, partial, etag):
    server.etag = etag
    server.cut = 100_000
    fails(get, "run the same command again, or fetch")
    assert get() is False
    assert partial.read_bytes() == BODY
    assert server.ranges_asked() == [None, None]


def test_a_file_that_has_become_shorter(get, server, partial):
    server.cut = 200_000
    fails(get)
    server.body, server.heeds_if_range = BODY[:150_000], False  # so that it says 416
    assert get() is False
    assert partial.read_bytes() == BODY[:150_000]
    assert server.ranges_asked() == [None, "bytes=200000-", None]


def test_another_part_than_was_asked_for(get, server, partial):
    server.cut = 100_000
    fails(get)
    start = server._start
    server._start = lambda headers: (99_999, 206) if start(headers)[1] == 206 else start(headers)
    assert get() is False
    assert partial.read_bytes() == BODY


@pytest.mark.parametrize("lost", ["note", "partial", "garbage", "header", "other url"])
def test_a_part_without_its_note_is_worth_nothing(get, server, partial, lost):
    server.cut = 100_000
    fails(get)
    note = partial.with_name(partial.name + ".json")
    url = f"{server.url}/image.bin"
    if lost == "note":
        note.unlink()
    elif lost == "partial":
        partial.unlink()
    elif lost == "garbage":
        note.write_bytes(b"\xff{")
    elif lost == "header":
        note.write_text(note.read_text().replace('\\"1', "one\\nline, and another "))
    else:
        url = f"{server.url}/other.bin"
    assert get(url) is False
    assert partial.read_bytes() == BODY
    assert server.ranges_asked() == [None, None]


@pytest.mark.slow
def test_a_server_that_stops_sending(get, server, partial):
    server.stall = 120_000
    fails(get, "127.0.0.1 has stopped sending", "at 40 %", limits=SOON)
    server.stall = None
    assert get() is True
    assert partial.read_bytes() == BODY


def test_ctrl_c_loses_nothing(get, server, partial):
    def interrupt(done, total):
        if done >= 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(progress=interrupt)
    have = partial.stat().st_size
    assert have >= 100_000
    assert get() is True
    assert partial.read_bytes() == BODY
    assert server.ranges_asked() == [None, f"bytes={have}-"]


@pytest.mark.parametrize(
    "status, words",
    [
        (404, "no longer has image.bin"),
        (410, "no longer has image.bin"),
        (403, "refused"),
        (500, "cannot answer at the moment"),
        (503, "cannot answer at the moment"),
        (204, "204"),
        (206, "206"),
    ],
)
def test_a_file_that_is_gone(get, server, partial, status, words):
    server.status = status
    fails(get, words, str(status), "--micropython")
    assert not partial.exists()


def test_an_error_does_not_lose_the_part(get, server, partial):
    server.cut = 150_000
    fails(get)
    server.status = 503
    fails(get, "503", "at 50 %")
    server.status = 200
    assert get() is True
    assert partial.read_bytes() == BODY


def test_nobody_is_there(get, server):
    server.close()
    fails(get, "127.0.0.1 cannot be reached", "--micropython")


def test_nobody_answers(get, server, monkeypatch):
    def silent(*_, **__):
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", silent)
    fails(get, "127.0.0.1 does not answer")


def test_a_name_that_nobody_knows(get, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fails(
        get, "micropython.invalid cannot be resolved", url="https://micropython.invalid/image.bin"
    )


def test_a_web_page_is_no_image(get, server, partial):
    server.cut = 150_000
    fails(get)
    server.body, server.headers = b"<html>Please log in</html>", {"Content-Type": "Text/HTML"}
    server.etag = '"login"'
    fails(get, "web page", "login")
    assert partial.read_bytes() == BODY[:150_000]


def test_a_body_without_an_end(get, server, partial):
    server.endless = True
    with pytest.raises(BadPayload, match="at most 200000 bytes"):
        get(limits=Limits(size=200_000))
    assert not partial.exists()


@pytest.mark.parametrize("size", [299_999, 300_001])
@pytest.mark.parametrize("lengths", [True, False])
def test_another_size_than_is_known(get, server, partial, size, lengths):
    server.lengths = lengths
    if not lengths and size > len(BODY):
        fails(get, "was lost", size=size)  # nobody says that this was the end
        return
    with pytest.raises(BadPayload, match=str(size)):
        get(size=size)
    assert not partial.exists()


def test_without_a_length(get, server, partial):
    server.lengths = False
    assert get() is False
    assert partial.read_bytes() == BODY


def test_what_is_packed_is_refused(get, server):
    server.headers = {"Content-Encoding": "gzip"}
    fails(get, "compressed")


def test_a_redirect_is_followed(get, server, partial):
    with ImageServer(b"") as first:
        first.redirect = f"{server.url}/there/image.bin"
        get(f"{first.url}/image.bin")
    assert partial.read_bytes() == BODY
    assert [path for path, _ in server.asked] == ["/there/image.bin"]


def test_redirects_have_an_end(get, server):
    server.redirect = "/image.bin"
    fails(get, "redirects endlessly")


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com/image.bin",
        "ftp://127.0.0.1/image.bin",
        "file:///etc/passwd",
        "https://",
        "http://[/",
    ],
)
def test_a_redirect_elsewhere_is_refused(get, server, target):
    server.redirect = target
    fails(get, "redirects", "not downloaded")


@pytest.mark.parametrize("url", ["http://example.com/image.bin", "http://10.0.0.1/image.bin"])
def test_plain_http_is_refused(get, url):
    fails(get, "plain http", "sha256", url=url)


def test_a_proxy_is_not_asked_for_this_computer(get, server, partial, monkeypatch):
    with ImageServer(OTHER) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        get()
        assert partial.read_bytes() == BODY
        assert proxy.asked == []


def test_plain_http_will_do_for_a_pin_and_through_a_proxy(get, partial, monkeypatch):
    with ImageServer(BODY) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        get("http://mirror.example/image.bin", pinned=True)
        assert partial.read_bytes() == BODY
        assert [path for path, _ in proxy.asked] == ["http://mirror.example/image.bin"]


@pytest.fixture
def secure(tmp_path, monkeypatch):
    context, root = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(root))
    with ImageServer(BODY, context) as secure:
        yield secure


def test_https(get, secure, partial):
    get(f"{secure.url}/image.bin")
    assert partial.read_bytes() == BODY


def test_https_is_verified(get, secure, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    fails(
        get,
        "identity of 127.0.0.1 could not be verified",
        "REQUESTS_CA_BUNDLE",
        url=f"{secure.url}/image.bin",
    )
    assert secure.asked == []


def test_from_https_to_http_there_is_no_way(get, secure, server, partial):
    secure.redirect = f"{server.url}/image.bin?signature=hunter2"
    sentence = fails(get, "redirects", "not downloaded", url=f"{secure.url}/a", pinned=True)
    assert "hunter2" not in sentence
    assert server.asked == []
    assert not partial.exists()
