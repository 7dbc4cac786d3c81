"""Images that were downloaded: what gets into the cache, what stays, and who gets it."""

import errno
import hashlib
import json
import threading
from pathlib import Path

import pytest
from support.flashing import images
from support.flashing.imageserver import ImageServer

from tokenctl.errors import BadPayload, DownloadFailed
from tokenctl.flashing import image_cache, micropython_image, micropython_source, releases
from tokenctl.flashing.chips import CHIPS
from tokenctl.flashing.micropython_source import Choice

ESP32 = CHIPS[0]
IMAGE = images.micropython("v1.27.0", filling=bytes(range(256)) * 400)


@pytest.fixture
def server():
    with ImageServer(IMAGE) as server:
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache" / "of mine"
    monkeypatch.setenv("TOKENCTL_CACHE", str(folder))
    return folder


class Getting:
    """Obtains the image of a manifest with one entry; `events` and `place` are of the last time."""

    def __init__(self, server):
        self._server = server
        self.events = []
        self.place = Path()

    def __call__(self, report=None, **changes):
        release = releases.Release(**(entry(self._server) | changes))
        self.events = events = []
        self.place = image_cache.place(release)

        def tell(event):
            events.append(event)
            if report:
                report(event)

        return micropython_source._released(release, self._check, tell)

    def _check(self, data):
        return micropython_image.split(data, ESP32), False


def entry(server, version="v1.27.0", **changes):
    """Return what a manifest has for an image of the server's."""
    return {
        "board": "ESP32_GENERIC",
        "version": version,
        "url": f"{server.url}/{version}.bin",
        "offset": 0x1000,
        "size": None,
        "sha256": None,
    } | changes


@pytest.fixture
def get(server):
    return Getting(server)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def kept(cache):
    """Return what is in the cache besides locks."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def names(events):
    return [each["event"] for each in events if each["event"] != "progress"]


def test_downloaded_once_then_from_the_cache(get, server, cache):
    obtained = get()
    assert (obtained.source, obtained.vouched) == ("download", "nobody")
    assert obtained.sha256 == sha256(IMAGE)
    assert obtained.image.version == "v1.27.0"
    assert names(get.events) == ["download", "downloaded"]
    assert get.events[0] == {
        "event": "download",
        "url": f"{server.url}/v1.27.0.bin",
        "size": None,
    }
    percents = [each["percent"] for each in get.events if each["event"] == "progress"]
    assert percents == sorted(percents) and percents[-1] == 100
    assert get.events[-1] == {
        "event": "downloaded",
        "path": str(get.place),
        "sha256": sha256(IMAGE),
    }
    assert get.place.read_bytes() == IMAGE
    assert kept(cache) == [get.place.name]
    server.close()  # offline
    obtained = get()
    assert (obtained.source, obtained.sha256) == ("cache", sha256(IMAGE))
    assert get.events == [{"event": "cached", "path": str(get.place), "sha256": sha256(IMAGE)}]


def test_a_pinned_image(get):
    assert get(sha256=sha256(IMAGE), size=len(IMAGE)).vouched == "pin"
    assert get(sha256=sha256(IMAGE)).source == "cache"


def test_a_cache_that_cannot_be_written_can_be_read(get, cache):
    get()
    (path,) = [each for each in cache.iterdir() if each.suffix == ".bin"]
    lock = path.with_name(path.name + ".lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()  # so that nobody gets the lock
    assert get().source == "cache"


@pytest.mark.parametrize("place", [0, 0x1000, 0xF100, len(IMAGE) - 1])
def test_a_tampered_image_with_a_pin(get, server, cache, place):
    tampered = bytearray(IMAGE)
    tampered[place] ^= 1
    server.body = bytes(tampered)
    with pytest.raises(BadPayload) as error:
        get(sha256=sha256(IMAGE))
    assert sha256(IMAGE) in str(error.value) and sha256(tampered) in str(error.value)
    assert "not kept" in str(error.value)
    assert error.value.exit_code == 11
    assert kept(cache) == []


@pytest.mark.parametrize("place", [0, 100, 0xF000, 0xF100, len(IMAGE) - 1])
def test_a_tampered_image_without_a_pin_fails_its_own_checks(get, server, cache, place):
    tampered = bytearray(IMAGE)
    tampered[place] ^= 1
    server.body = bytes(tampered)
    with pytest.raises(BadPayload, match="not kept"):
        get()
    assert kept(cache) == []


@pytest.mark.parametrize(
    "body, words",
    [
        (b"<!DOCTYPE html><title>Welcome</title>" * 99, "not a MicroPython image"),
        (images.micropython("v1.26.0"), "v1.26.0, not v1.27.0"),
        (images.micropython("v1.27.0", "esp32s3"), "not a MicroPython image"),
        (b"", "not a MicroPython image"),
        (IMAGE[:-100], "cut short"),
    ],
)
def test_something_else_than_the_release(get, server, cache, body, words):
    server.body = body
    with pytest.raises(BadPayload, match=words):
        get()
    assert kept(cache) == []


@pytest.mark.parametrize("sha", [None, sha256(IMAGE)])
def test_a_damaged_file_in_the_cache_is_downloaded_anew(get, server, sha):
    get(sha256=sha)
    for damaged in (IMAGE[:-1], IMAGE[:0x2000], b"", IMAGE[:200] + b"!" + IMAGE[201:]):
        get.place.write_bytes(damaged)
        assert get(sha256=sha).source == "download"
        assert names(get.events) == ["damaged", "download", "downloaded"]
        assert get.place.read_bytes() == IMAGE
    assert get(sha256=sha).source == "cache"


def test_damaged_and_offline(get, server):
    get()
    get.place.write_bytes(IMAGE[:-1])
    server.close()
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        get()


def test_what_broke_off_goes_on(get, server, cache):
    server.cut = 100_000
    with pytest.raises(DownloadFailed, match="to resume at"):
        get()
    assert not any(name.endswith(".bin") for name in kept(cache))
    assert get().source == "download"
    assert server.ranges_asked() == [None, "bytes=100000-"]
    assert kept(cache) == [get.place.name]


def test_two_halves_of_different_images_are_never_one(get, server, cache):
    """A server that hands out the rest of another file under the same ETag."""
    server.cut = 100_000
    with pytest.raises(DownloadFailed):
        get()
    other = images.micropython("v1.27.0", filling=bytes(range(255, -1, -1)) * 400)
    assert len(other) == len(IMAGE)
    server.body = other
    assert get().sha256 == sha256(other)
    assert server.ranges_asked() == [None, "bytes=100000-", None]


def test_interrupted_before_it_got_its_name(get, server, monkeypatch):
    replace = Path.replace

    def interrupt(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        get()
    monkeypatch.setattr(Path, "replace", replace)
    server.close()  # all of it is there already
    assert get().source == "download"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (errno.ENOSPC, "no space left on device"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EIO, "input/output error"),
    ],
)
def test_a_full_disk(get, cache, monkeypatch, fault, why):
    real = Path.open

    class Full:
        def __init__(self, file):
            self.file = file
            self.room = 70_000

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            self.file.write(data[: self.room])
            self.room -= len(data)
            if self.room < 0:
                raise OSError(fault, "as the system says it")

    def opened(self, mode="r", *arguments, **options):
        file = real(self, mode, *arguments, **options)
        return Full(file) if self.name.endswith(".part") and mode == "ab" else file

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(DownloadFailed) as error:
        get()
    assert str(cache) in error.value.sentence and why in error.value.sentence
    assert "TOKENCTL_CACHE" in error.value.sentence
    assert not any(name.endswith(".bin") for name in kept(cache))
    monkeypatch.setattr(Path, "open", real)
    assert get().source == "download"
    assert get.place.read_bytes() == IMAGE


def test_a_cache_folder_that_is_none(get, cache):
    cache.parent.write_text("a file")
    with pytest.raises(DownloadFailed, match="cache folder .*TOKENCTL_CACHE"):
        get()


def test_an_output_that_is_gone_is_not_the_caches_fault(get):
    def gone(event):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        get(gone)


def test_two_at_once_download_once(get, server, cache):
    server.gate = threading.Event()
    begun, results = threading.Event(), []

    def first():
        results.append(get(lambda event: event["event"] == "download" and begun.set()))

    def second():
        def release(event):
            if event["event"] == "waiting":
                server.gate.set()

        results.append(get(release))

    threads = [threading.Thread(target=each) for each in (first, second)]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join(60)
    assert sorted(each.source for each in results) == ["cache", "download"]
    assert {each.sha256 for each in results} == {sha256(IMAGE)}
    assert len(server.asked) == 1
    assert kept(cache) == [get.place.name]


def test_nobody_waits_for_ever(get, server, monkeypatch):
    server.gate = threading.Event()
    begun = threading.Event()
    thread = threading.Thread(
        target=get, args=[lambda event: event["event"] == "download" and begun.set()]
    )
    thread.start()
    assert begun.wait(60)
    release = releases.Release(**entry(server))
    with pytest.raises(DownloadFailed, match="another tokenctl"):
        image_cache.obtain(release, lambda data: None, lambda event: None, wait=0.01)
    server.gate.set()
    thread.join(60)


def test_the_same_name_elsewhere_is_another_file(get, server):
    get()
    assert get(url=f"{server.url}/other/v1.27.0.bin").source == "download"


@pytest.mark.parametrize("name", ["", ".", "..", "CON", "a" * 300, "%2e%2e%2f"])
def test_odd_names_stay_in_the_folder(get, server, cache, name):
    url = f"{server.url}/x/{name}"
    assert get(url=url).source == "download"
    assert get.place.parent == cache
    assert get(url=url).source == "cache"


def obtain(tmp_path, *entries, named=None, unpinned=False):
    manifest = tmp_path / "releases.json"
    manifest.write_text(json.dumps(entries))
    return micropython_source.obtain(ESP32, Choice(named, manifest, unpinned), lambda event: None)


def test_the_first_of_the_board_is_preferred(server, tmp_path):
    other = entry(server, "v1.28.0", board="ESP32_GENERIC_C3", offset=0)
    known = (other, entry(server), entry(server, "v1.26.0"))
    assert obtain(tmp_path, *known).image.version == "v1.27.0"
    server.body = images.micropython("v1.26.0")
    for named in ("v1.26.0", "1.26.0"):
        assert obtain(tmp_path, *known, named=named).image.version == "v1.26.0"
    with pytest.raises(BadPayload, match=r"'v1.28.0' .*ESP32; known versions: v1.27.0, v1.26.0;"):
        obtain(tmp_path, *known, named="v1.28.0")
    with pytest.raises(BadPayload, match="no MicroPython is known for the ESP32"):
        obtain(tmp_path, other)


def test_a_known_version_must_be_that_image_wherever_it_is_from(server, tmp_path):
    server.body = images.micropython("v1.24.0")  # which is not what was released
    with pytest.raises(BadPayload, match="SHA-256"):
        obtain(tmp_path, entry(server, "v1.24.0"))
    obtained = obtain(tmp_path, entry(server, "v1.24.0"), unpinned=True)
    assert obtained.vouched == "nobody"
    digest = sha256(server.body)
    assert obtain(tmp_path, entry(server, "v1.24.0", sha256=digest)).vouched == "pin"


def test_unpinned_is_no_way_around_a_pin_of_what_is_downloaded(server, tmp_path):
    with pytest.raises(BadPayload, match="SHA-256"):
        obtain(tmp_path, entry(server, sha256="0" * 64), unpinned=True)


BAD = [
    (b"", "not JSON"),
    (b"\xff", "not JSON"),
    (b"{}", "not a list"),
    (b"[1]", "entry 1 .*board, version"),
    (b'[{"board": "ESP32_GENERIC"}]', "entry 1 .*board, version"),
]


@pytest.mark.parametrize("content, words", BAD)
def test_a_manifest_that_is_none(tmp_path, content, words):
    path = tmp_path / "releases.json"
    path.write_bytes(content)
    with pytest.raises(BadPayload, match=words):
        releases.read(path)


@pytest.mark.parametrize(
    "change, word",
    [
        ({"more": 1}, "nothing else"),
        ({"board": None}, "board"),
        ({"version": 1.27}, "version"),
        ({"version": "latest"}, "version"),
        ({"url": "ftp://example.com/image.bin"}, "url"),
        ({"url": "https:///image.bin"}, "url"),
        ({"url": "https://example.com"}, "url"),
        ({"url": "https://[/image.bin"}, "url"),
        ({"url": "https://me:secret@example.com/image.bin"}, "netrc"),
        ({"url": "https://example.com/\x1b[2Jimage.bin"}, "url"),
        ({"offset": 0}, "offset"),
        ({"offset": "4096"}, "offset"),
        ({"offset": None}, "offset"),
        ({"size": -1}, "size"),
        ({"size": 5_000_000}, "size"),
        ({"size": "1"}, "size"),
        ({"size": True}, "size"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": 5}, "sha256"),
        ({"sha256": "A" * 64}, "sha256"),
    ],
)
def test_an_entry_that_is_wrong(server, tmp_path, change, word):
    with pytest.raises(BadPayload, match=f"entry 2 .*{word}") as error:
        obtain(tmp_path, entry(server, "v1.26.0"), entry(server) | change)
    assert "secret" not in str(error.value)


def test_an_entry_twice(server, tmp_path):
    with pytest.raises(BadPayload, match="entry 2 .*earlier entry"):
        obtain(tmp_path, entry(server), entry(server))


def test_a_board_that_this_tokenctl_does_not_know_is_no_fault(server, tmp_path):
    other = entry(server, board="ESP32_GENERIC_C6", offset=0)
    assert obtain(tmp_path, other, entry(server)).image.version == "v1.27.0"


def test_without_the_variable_it_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("TOKENCTL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert "tokenctl" in image_cache.folder().parts
