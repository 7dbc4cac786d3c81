"""tokenctl flash without a file, when the download fails: nothing is written, or it is resumed."""

import hashlib
import json
import signal

import pytest
from e2e.flash_downloads import (
    DIGEST,
    IMAGE,
    blank,
    board,
    cache,
    files,
    flash,
    manifest,
    server,
    written,
)
from e2e.processes import BIN, finish, start
from support.flashing import images
from support.flashing.mockboard import MockSerialBoard

from tokenctl.cli import main

__all__ = ["board", "cache", "flash", "manifest", "server"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


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


def test_ctrl_c_and_again(board, server, manifest, cache, kept_builds):
    server.stall = len(IMAGE) // 2
    command = ["flash", "--port", board.url, "--releases", manifest(), "--dry-run", "--json"]
    tokenctl = *kept_builds, str(BIN / "tokenctl")
    process = start("python", *tokenctl, *command)
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
    code, out, err = finish(start("python", *tokenctl, *command))
    assert code == 0, err
    assert server.ranges_asked() == [None, f"bytes={len(IMAGE) // 2}-"]
    assert '"source": "download"' in out


def test_what_was_not_written_to_runs_on(manifest, server, monkeypatch, capfd):
    """A token whose update fails before the first byte is started again."""
    from tokenctl.flashing import loader

    resets = []
    monkeypatch.setattr(loader, "reset_chip", lambda esp, mode: resets.append(mode))
    server.status = 404
    with MockSerialBoard() as board:
        assert main.run(["flash", "--port", board.port, "--releases", manifest()]) == 13
        assert resets == ["hard-reset"]
