"""A board, a server that MicroPython is downloaded from, and tokenctl flash with both: fixtures."""

import functools
import hashlib
import json
import random

import pytest
from e2e.commandline import Result
from support.flashing import images
from support.flashing.imageserver import ImageServer
from support.flashing.mockboard import MockBoard

from tokenctl.cli import main
from tokenctl.flashing import app_image

IMAGE = images.micropython("v1.27.0", filling=random.Random(1).randbytes(150_000))
DIGEST = hashlib.sha256(IMAGE).hexdigest()

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
