"""From the flash of a board that was flashed: the firmware in it runs, the accounts are there."""

import dataclasses
import random

import littlefs
import pytest
from deploying.standin import StandIn
from flashing import images
from flashing.mockboard import MockBoard

from otpcore.account import Account
from tokenctl import cli
from tokenctl.flashing import app_image
from tokenctl.token import Token
from tokensim.token import SimulatedToken

VFS, VAULT = slice(0x200000, 0x280000), slice(0x280000, 0x300000)
ACCOUNTS = [
    Account("Example", "alice@example.com", b"12345678901234567890"),
    Account("", "bob", b"another secret of 32 bytes, or so"),
]


def unpack(image, folder):
    """Write the files of a littlefs image to a folder."""
    system = littlefs.LittleFS(block_size=4096, block_count=len(image) // 4096, mount=False)
    system.context.buffer[:] = image
    system.mount()
    for place, _, names in system.walk("/"):
        (folder / place.strip("/")).mkdir(parents=True, exist_ok=True)
        for name in names:
            with system.open(f"{place.rstrip('/')}/{name}", "rb") as file:
                (folder / place.strip("/") / name).write_bytes(file.read())


def accounts(token):
    with Token(token.transport(), lambda notice: token.press(0.1, 0.7)) as opened:
        return opened.accounts()


@pytest.fixture
def flash(tmp_path, monkeypatch):
    """Return what flashes a board with a MicroPython of this version, for this computer."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    build = app_image.build

    def for_this_computer(firmware, chip, board=None):
        return build(firmware, dataclasses.replace(chip, arch="x64"), board)

    monkeypatch.setattr(app_image, "build", for_this_computer)

    def run(board, version, *options):
        path = tmp_path / f"{version}.bin"
        filling = random.Random(version).randbytes(50_000)
        path.write_bytes(images.micropython(version, filling=filling))
        command = ["flash", "--port", board.url, "--micropython", str(path), *options]
        assert cli.run(command) == 0

    return run


def test_the_flashed_firmware_runs_and_an_update_keeps_the_accounts(flash, tmp_path):
    state, firmware, later = tmp_path / "state", tmp_path / "firmware", tmp_path / "later"
    with MockBoard() as board:
        flash(board, "v1.27.0")
        unpack(board.data[VFS], firmware)
        state.mkdir()
        (state / "flash.bin").write_bytes(board.data[VAULT])
        with SimulatedToken(state, firmware=firmware) as token:
            assert accounts(token) == []
            with Token(token.transport(), lambda notice: token.press(0.1, 0.7)) as opened:
                for account in ACCOUNTS:
                    opened.add(account)
                stored = opened.accounts()
        assert len(stored) == 2
        board.data[VAULT] = (state / "flash.bin").read_bytes()
        board.data[0x212345] ^= 0xFF
        flash(board, "v1.28.0")
        unpack(board.data[VFS], later)
        (state / "flash.bin").write_bytes(board.data[VAULT])
        with SimulatedToken(state, firmware=later) as token:
            assert accounts(token) == stored
    assert (later / "tokenfw" / "app.mpy").exists()
    assert not list(later.rglob("app.py"))


def test_a_flashed_development_build_runs_from_its_sources(flash, tmp_path):
    folder = tmp_path / "board"
    with MockBoard() as board:
        flash(board, "v1.27.0", "--development")
        unpack(board.data[VFS], folder)
    assert (folder / "tokenfw" / "app.py").exists() and not list(folder.rglob("*.mpy"))
    with StandIn(folder, tmp_path) as standin, Token.open(standin.port) as token:
        assert token.identity.development
