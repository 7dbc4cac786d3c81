"""tokenctl flash, run with the real esptool, on a board that is a mock of the ROM's loader."""

import functools
import io
import json
import random

import pytest
from e2e.commandline import Result
from esp_idf_defs import PartitionTable
from support.flashing import images
from support.flashing.mockboard import MockBoard

from tokenctl.cli import main
from tokenctl.device import ports
from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder

VAULT = slice(0x280000, 0x300000)
VFS = slice(0x300000, 0x3C0000)
FILLING = random.Random(1).randbytes(150_000)  # ten blocks, as it does not compress
build = functools.cache(app_image.build)  # compiling takes seconds, and the loader's time is short


@pytest.fixture
def board():
    with MockBoard() as board:
        yield board


@pytest.fixture(scope="session")
def micropython(tmp_path_factory):
    path = tmp_path_factory.mktemp("micropython") / "v1.27.0.bin"
    path.write_bytes(images.micropython("v1.27.0", filling=FILLING))
    return path


@pytest.fixture
def tokenctl(board, monkeypatch, capfd, micropython):
    """Return what runs tokenctl flash on the board; `image` None leaves --micropython away.

    So does `port` None --port: the board is the only one there.
    """
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setattr(app_image, "build", build)
    monkeypatch.setattr(ports, "serial_ports", lambda: [ports.Port(board.url, "CP2102", 0x10C4)])

    def run(*arguments, image=micropython, stdin="", port=board.url):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        named = ["--port", port] if port else []
        file = ["--micropython", str(image)] if image else []
        capfd.readouterr()
        code = main.run(["flash", *named, *file, *arguments])
        out, err = capfd.readouterr()
        return Result(code, str(out), str(err))

    return run


def a_vault():
    """Return a vault's partition: sectors as the firmware leaves them, and noise."""
    noise = random.Random(2)
    vault = bytearray(b"\xff" * 0x80000)
    vault[0:0x400] = b"OTK\1" + noise.randbytes(0x3FC)
    for sector in range(2, 128, 3):
        vault[sector * 4096 : sector * 4096 + 3000] = b"OTR\1" + noise.randbytes(2996)
    return bytes(vault)


def flashed(board, data=None):
    """Assert that the board has everything, whatever is in its vault."""
    data = images.micropython("v1.27.0", filling=FILLING) if data is None else data
    table = PartitionTable.from_binary(bytes(board.data[0x8000:0x8C00]))
    table.verify()
    assert {row.name: row.offset for row in table} == {
        "nvs": 0x9000,
        "phy_init": 0xF000,
        "factory": 0x10000,
        "vfs": 0x300000,
        "vault": 0x280000,
    }
    chip = CHIPS[0]
    offset = images.BOOTLOADERS[chip.name]
    bootloader = images.application(b"a boot loader " * 30, chip.name)
    assert board.data[offset : offset + len(bootloader)] == bootloader
    program = data[0x10000 - offset :]
    assert board.data[0x10000 : 0x10000 + len(program)] == program
    assert board.data[VFS] == build(firmware_folder(), chip, None)
    return True


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


def ends(result, code, *words):
    """Assert that a command ended with this code, and what its last sentence says."""
    assert result.code == code and result.out == "", result
    last = result.err.splitlines()[-1]
    assert all(each in last for each in words), last
