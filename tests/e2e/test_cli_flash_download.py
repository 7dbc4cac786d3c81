"""tokenctl flash without a file: MicroPython from a server, from the cache, or from neither."""

import functools
import hashlib
import json
import random
import signal
import socket
import subprocess
import sys

import pytest
from e2e.commandline import Result
from e2e.processes import Terminal, finish, start
from support.flashing import images
from support.flashing.imageserver import ImageServer, certificate
from support.flashing.mockboard import MockBoard, MockSerialBoard

from tokenctl.cli import main
from tokenctl.flashing import app_image

IMAGE = images.micropython("v1.27.0", filling=random.Random(1).randbytes(150_000))
DIGEST = hashlib.sha256(IMAGE).hexdigest()

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
build = functools.cache(app_image.build)


@pytest.fixture
def board():
    with MockBoard() as board:
        yield board


@pytest.fixture
def server():
    with ImageServer(IMAGE) as server:
        yield server


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setenv("TOKENCTL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def manifest(server, tmp_path, cache):
    """Return the path of a manifest with the server's image; `manifest.write` changes it."""
    path = tmp_path / "mirror.json"
    entry = {
        "board": "ESP32_GENERIC",
        "version": "v1.27.0",
        "url": f"{server.url}/ESP32_GENERIC-v1.27.0.bin",
        "offset": 4096,
        "size": None,
        "sha256": None,
    }

    def write(**changes):
        path.write_text(json.dumps([entry | changes]))
        return str(path)

    write()
    return write


@pytest.fixture
def flash(board, manifest, monkeypatch, capfd):
    """Return what runs tokenctl flash on the board, with the manifest."""
    monkeypatch.setattr(app_image, "build", build)
    path = manifest()

    def run(*arguments):
        capfd.readouterr()
        code = main.run(["flash", "--port", board.url, "--releases", path, *arguments])
        out, err = capfd.readouterr()
        return Result(code, str(out), str(err))

    return run


def events(result):
    found = [json.loads(line) for line in result.out.splitlines()]
    return [each for each in found if each["event"] != "progress"]


def written(board):
    """Tell whether the board has MicroPython: what the file has from its boot loader on."""
    return board.data[0x10000 : 0x1000 + len(IMAGE)] == IMAGE[0xF000:]


def blank(board):
    return set(board.data) == {0xFF}


def files(cache):
    return sorted(path.suffix for path in cache.iterdir() if path.suffix != ".lock")


def test_from_the_server_then_from_the_cache_then_offline(flash, board, server, cache):
    result = flash()
    assert result.code == 0, result
    assert written(board)
    for words in (
        f"Downloading {server.url}/ESP32_GENERIC-v1.27.0.bin",
        "MicroPython v1.27.0 downloaded, intact according to its own hash; nothing vouches",
        DIGEST,
        str(cache),
    ):
        assert words in result.err
    server.close()
    board.data[:] = b"\xff" * len(board.data)
    result = flash()
    assert result.code == 0, result
    assert written(board)
    assert "v1.27.0 from the cache" in result.err and DIGEST in result.err
    assert "Download" not in result.err


def test_a_pinned_image(flash, board, manifest):
    manifest(sha256=DIGEST, size=len(IMAGE))
    result = flash()
    assert result.code == 0, result
    assert written(board)
    assert "MicroPython v1.27.0 downloaded, the pinned release." in result.err


def test_only_tls_vouches_and_nobody_for_what_was_kept(
    flash, board, manifest, monkeypatch, tmp_path
):
    context, root = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(root))
    with ImageServer(IMAGE, context) as secure:
        manifest(url=f"{secure.url}/ESP32_GENERIC-v1.27.0.bin")
        nobody = "nothing vouches for its origin"
        for source, vouched in (
            ("downloaded", "only TLS vouches for its origin"),
            ("from the cache", nobody),  # who put it there is not known any more
        ):
            result = flash("--dry-run")
            assert result.code == 0, result
            words = f"MicroPython v1.27.0 {source}, intact according to its own hash; {vouched}."
            assert f"{words} SHA-256 {DIGEST}" in result.err
        assert len(secure.asked) == 1
        micropython = events(flash("--dry-run", "--json"))[2]
    assert (micropython["vouched"], micropython["pinned"]) == ("nobody", False)


def test_events(flash, server, manifest):
    result = flash("--json")
    assert result.code == 0, result
    board, download, downloaded, micropython, *_ = events(result)
    assert board["event"] == "board"
    url = f"{server.url}/ESP32_GENERIC-v1.27.0.bin"
    assert download == {"event": "download", "url": url, "size": None}
    assert downloaded["event"] == "downloaded" and downloaded["sha256"] == DIGEST
    assert micropython == {
        "event": "micropython",
        "version": "v1.27.0",
        "sha256": DIGEST,
        "pinned": False,
        "source": "download",
        "vouched": "nobody",
    }
    assert '{"event": "progress", "name": "download", "percent": 100}' in result.out
    manifest(sha256=DIGEST)
    _, cached, micropython, *_ = events(flash("--json"))
    assert cached == downloaded | {"event": "cached"}
    assert (micropython["source"], micropython["pinned"]) == ("cache", True)


def test_a_file_says_that_it_is_one(flash, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(IMAGE)
    result = flash("--micropython", str(path), "--dry-run", "--json")
    micropython = events(result)[1]
    assert (micropython["source"], micropython["vouched"]) == ("file", "nobody")
    assert "v1.27.0 from the file" in flash("--micropython", str(path), "--dry-run").err


def test_dry_run_downloads_and_writes_nothing(flash, board, server):
    result = flash("--dry-run")
    assert result.code == 0, result
    assert "Would write: MicroPython" in result.err
    assert blank(board)
    server.close()
    assert flash().code == 0
    assert written(board)


def test_a_version(flash, board):
    assert flash("--micropython", "1.27.0").code == 0
    assert written(board)
    result = flash("--micropython", "v1.99.0")
    assert result.code == 11
    assert "'v1.99.0'" in result.err and "known versions: v1.27.0" in result.err


def test_without_another_manifest_it_is_micropythons_own_server(board, cache, monkeypatch, capfd):
    asked, look_up = [], socket.getaddrinfo

    def offline(host, *arguments, **options):
        if host == "127.0.0.1":  # the board
            return look_up(host, *arguments, **options)
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", offline)
    assert main.run(["flash", "--port", board.url]) == 13
    err = capfd.readouterr().err
    assert "ESP32_GENERIC-20241025-v1.24.0.bin" in err
    assert "micropython.org cannot be resolved" in err and "--micropython" in err
    assert asked == ["micropython.org"]
    assert blank(board)


@pytest.mark.parametrize("status", [404, 410, 500])
def test_gone(flash, board, server, cache, status):
    server.status = status
    result = flash()
    assert result.code == 13
    assert str(status) in result.err and "--micropython" in result.err
    assert blank(board)
    server.status = 200
    assert flash().code == 0


def test_broken_off_and_resumed(flash, board, server, cache):
    server.cut = len(IMAGE) // 2
    result = flash()
    assert result.code == 13
    assert "to resume at 49 %" in result.err or "to resume at 50 %" in result.err
    assert result.out == ""
    assert blank(board)
    assert flash().code == 0
    assert written(board)
    assert server.ranges_asked() == [None, f"bytes={len(IMAGE) // 2}-"]
    assert files(cache) == [".bin"]


def test_tampered_with_a_pin(flash, board, server, manifest, cache):
    manifest(sha256=DIGEST)
    server.body = images.micropython("v1.27.0", filling=b"evil")
    result = flash()
    assert result.code == 11
    assert DIGEST in result.err and hashlib.sha256(server.body).hexdigest() in result.err
    assert blank(board)
    assert files(cache) == []
    server.body = IMAGE
    assert flash().code == 0


def test_a_web_page(flash, board, server):
    server.body, server.headers = b"<html>Please log in", {"Content-Type": "text/html"}
    result = flash()
    assert result.code == 13
    assert "web page" in result.err
    server.headers = {}
    result = flash()
    assert result.code == 11
    assert server.url in result.err and "not a MicroPython image" in result.err
    assert blank(board)


def test_plain_http_without_a_pin(flash, board, manifest):
    manifest(url="http://mirror.example/ESP32_GENERIC-v1.27.0.bin")
    result = flash()
    assert result.code == 13
    assert "plain http" in result.err and "sha256" in result.err
    assert blank(board)


def test_a_bad_manifest(flash, board, manifest):
    manifest(offset=0)
    result = flash()
    assert result.code == 11
    assert "Entry 1" in result.err and "offset" in result.err
    assert blank(board)


def test_a_damaged_cache(flash, board, cache):
    assert flash("--dry-run").code == 0
    (path,) = [each for each in cache.iterdir() if each.suffix == ".bin"]
    path.write_bytes(IMAGE[:-1])
    result = flash()
    assert result.code == 0, result
    assert "The cached image is damaged" in result.err and "Downloading" in result.err
    assert written(board)


def test_a_cache_that_cannot_be(flash, board, cache):
    cache.write_text("a file in its place")
    result = flash()
    assert result.code == 13
    assert str(cache) in result.err and "TOKENCTL_CACHE" in result.err
    assert blank(board)


def test_a_board_that_was_lost_during_a_long_download_is_found_again(flash, board, server):
    """A network port hangs up meanwhile: the download is done, and the board is connected anew."""
    server.headers = {}
    server.gate = _HangUp(board)
    result = flash()
    assert result.code == 0, result
    assert written(board)
    assert board.connections == 2


class _HangUp:
    """What the server waits for in the midst of the body: that the board is gone."""

    def __init__(self, board):
        self.board = board

    def wait(self, timeout):
        self.board.hang_up()


def test_ctrl_c_and_again(board, server, manifest, cache):
    server.stall = len(IMAGE) // 2
    command = ["flash", "--port", board.url, "--releases", manifest(), "--dry-run", "--json"]
    process = start("tokenctl", *command)
    assert process.stdout is not None
    for line in process.stdout:
        if '"percent": 49' in line or '"percent": 50' in line:
            break
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130
    assert json.loads(err)["name"] == "interrupted"
    assert blank(board)
    server.stall = None
    code, out, err = finish(start("tokenctl", *command))
    assert code == 0, err
    assert server.ranges_asked() == [None, f"bytes={len(IMAGE) // 2}-"]
    assert '"source": "download"' in out


def test_a_bar_on_a_terminal(board, server, manifest):
    server.stall = len(IMAGE) // 2
    command = ["flash", "--port", board.url, "--releases", manifest(), "--dry-run"]
    with Terminal(*command, terminal="xterm") as terminal:
        terminal.until("Downloading http")
        terminal.until("download")
        terminal.until("%")
        terminal.interrupt()
        assert terminal.finish()[0] == 130


def test_what_was_not_written_to_runs_on(manifest, server, monkeypatch, capfd):
    """A token whose update fails before the first byte is started again."""
    from tokenctl.flashing import loader

    resets = []
    monkeypatch.setattr(loader, "reset_chip", lambda esp, mode: resets.append(mode))
    server.status = 404
    with MockSerialBoard() as board:
        assert main.run(["flash", "--port", board.port, "--releases", manifest()]) == 13
        assert resets == ["hard-reset"]


def test_other_commands_load_none_of_it():
    """Neither esptool nor requests, which take their time."""
    program = (
        "import sys, tokenctl.cli.main; tokenctl.cli.main.run(['list', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('requests', 'esptool', 'filelock')))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0
