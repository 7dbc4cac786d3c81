"""tokenctl flash without a file: MicroPython from a server, from the cache, or from neither."""

import socket
import subprocess
import sys

import pytest
from e2e.flash_downloads import (
    DIGEST,
    IMAGE,
    blank,
    board,
    cache,
    events,
    flash,
    manifest,
    server,
    written,
)
from e2e.processes import Terminal
from support.flashing.imageserver import ImageServer, certificate

from tokenctl.cli import main

__all__ = ["board", "cache", "flash", "manifest", "server"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


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


def test_a_bar_on_a_terminal(board, server, manifest):
    server.stall = len(IMAGE) // 2
    command = ["flash", "--port", board.url, "--releases", manifest(), "--dry-run"]
    with Terminal(*command, terminal="xterm") as terminal:
        terminal.until("Downloading http")
        terminal.until("download")
        terminal.until("%")
        terminal.interrupt()
        assert terminal.finish()[0] == 130


def test_other_commands_load_none_of_it():
    """Neither esptool nor requests, which take their time."""
    program = (
        "import sys, tokenctl.cli.main; tokenctl.cli.main.run(['list', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('requests', 'esptool', 'filelock')))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0
