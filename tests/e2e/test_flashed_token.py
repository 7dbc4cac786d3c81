"""From the flash of a board that was flashed: the firmware in it runs, the accounts are there."""

import base64
import dataclasses
import random
import zlib
from contextlib import contextmanager

import littlefs
import pyotp
import pyotp.contrib
import pytest
from e2e.commandline import CommandLine
from e2e.small_text import shows
from e2e.typist import Typist
from support.deploying.standin import StandIn
from support.flashing import images
from support.flashing.mockboard import MockBoard

from otpcore.account import Account
from tokenctl.cli import main
from tokenctl.device.token import Token
from tokenctl.flashing import app_image
from tokensim.port import compiled
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

VFS, VAULT = slice(0x300000, 0x3C0000), slice(0x280000, 0x300000)
PIN = "102010"
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

    def for_this_computer(build):
        def building(firmware, chip, board=None):
            return build(firmware, dataclasses.replace(chip, arch=compiled.ARCH), board)

        return building

    for name in ("build", "build_development"):
        monkeypatch.setattr(app_image, name, for_this_computer(getattr(app_image, name)))

    def run(board, version, *options):
        path = tmp_path / f"{version}.bin"
        filling = random.Random(version).randbytes(50_000)
        path.write_bytes(images.micropython(version, filling=filling))
        command = ["flash", "--port", board.url, "--micropython", str(path), *options]
        assert main.run(command) == 0

    return run


class Cycle:
    """A board that is flashed, and its flash in a simulated board: there and back."""

    def __init__(self, board, flash, folder, monkeypatch, capfd):
        self.board, self._flash, self._folder = board, flash, folder
        self._patch, self._capfd = monkeypatch, capfd
        self._starts = 0

    def flash(self, version):
        """Flash the board as a user does."""
        self._flash(self.board, version)

    @contextmanager
    def running(self):
        """Start what the board's flash holds; yield the commands on it, and keep its flash."""
        self._starts += 1
        state, firmware = (self._folder / f"{name}{self._starts}" for name in ("state", "firmware"))
        unpack(self.board.data[VFS], firmware)
        state.mkdir()
        (state / "flash.bin").write_bytes(self.board.data[VAULT])
        with (
            SimulatedToken(state, runtime=Runtime(firmware)) as token,
            self._patch.context() as patch,
        ):
            yield CommandLine(token, patch, self._capfd)
        self.board.data[VAULT] = (state / "flash.bin").read_bytes()
        assert (firmware / "app.bin").exists()
        assert not list(firmware.rglob("app.py"))


@pytest.fixture
def cycle(flash, tmp_path, monkeypatch, capfd):
    with MockBoard() as board:
        yield Cycle(board, flash, tmp_path, monkeypatch, capfd)


def test_the_flashed_firmware_runs_and_an_update_keeps_the_accounts(flash, tmp_path):
    state, firmware, later = tmp_path / "state", tmp_path / "firmware", tmp_path / "later"
    with MockBoard() as board:
        flash(board, "v1.27.0")
        unpack(board.data[VFS], firmware)
        state.mkdir()
        (state / "flash.bin").write_bytes(board.data[VAULT])
        with SimulatedToken(state, runtime=Runtime(firmware)) as token:
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
        with SimulatedToken(state, runtime=Runtime(later)) as token:
            assert accounts(token) == stored
    assert (later / "app.bin").exists()
    assert not list(later.rglob("app.py"))


def test_a_vault_behind_a_pin_outlives_an_update(cycle):
    cycle.flash("v1.27.0")
    with cycle.running() as run:
        assert run("sync").code == 0
        stored = run.put(*ACCOUNTS)
        enter = lambda notice: Typist(run.token).enter(PIN).enter(PIN)  # noqa: E731
        assert run("pin", "set", answer=enter).code == 0
    sealed = bytes(cycle.board.data[VAULT])
    for account in ACCOUNTS:
        assert account.secret not in sealed and account.name.encode() not in sealed
    cycle.board.data[0x212345] ^= 0xFF
    cycle.flash("v1.28.0")
    assert cycle.board.data[VAULT] == sealed
    with cycle.running() as run:
        assert run("status", "--json").json["vault"] == "locked"
        listed = run("list", "--json", answer=lambda notice: Typist(run.token).enter(PIN))
        assert [each["account_id"] for each in listed.json] == [each.account_id for each in stored]
        assert run("sync").code == 0
        secret = base64.b32encode(ACCOUNTS[1].secret).decode()
        code = run("code", "bob", "--json").json["code"]
        unix = run.token.time.now() // 10**9
        assert code in (pyotp.TOTP(secret).at(unix), pyotp.TOTP(secret).at(unix - 2))


def of_a_newer_firmware(vault):
    """Return a vault whose keys say version 4: magic, version, CRC-32 of these, as keyslots.py."""
    head = b"OTK\4"
    newer = bytearray(vault)
    for sector in (0, 4096):
        for block in (sector, sector + 1024):
            if newer[block : block + 3] == b"OTK":
                newer[block : block + 8] = head + zlib.crc32(head).to_bytes(4, "big")
    assert newer != vault
    return bytes(newer)


def test_a_vault_that_the_firmware_cannot_read_is_left_alone_and_it_says_why(cycle):
    cycle.flash("v1.27.0")
    with cycle.running() as run:
        assert run("sync").code == 0
        stored = run.put(*ACCOUNTS)
    ours = bytes(cycle.board.data[VAULT])
    newer = of_a_newer_firmware(ours)
    cycle.board.data[VAULT] = newer
    cycle.flash("v1.28.0")
    assert cycle.board.data[VAULT] == newer
    with cycle.running() as run:
        run("sync").refused(6, "newer firmware")  # the guard could not count it
        status = run("status")
        assert status.code == 0 and "newer firmware" in status.out and "update" in status.out
        assert run("status", "--json").json["vault"] == "newer"
        run("list").refused(6, "newer firmware", "update")
        uri = "otpauth://totp/Example:carol?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        run("provision", "-", stdin=uri).refused(6, "newer firmware", "update")
        run.token.wait(31)
        run.token.press()
        run.token.wait(1)
        for text in ("Newer vault", "Update the", "firmware"):
            assert shows(run.token.board.panel.pixels(), text), run.token.screen()
    assert cycle.board.data[VAULT] == newer
    # With the firmware that wrote it everything is there again.
    cycle.board.data[VAULT] = ours
    with cycle.running() as run:
        assert run.stored() == stored


def test_a_flashed_development_build_runs(flash, tmp_path):
    folder = tmp_path / "board"
    with MockBoard() as board:
        flash(board, "v1.27.0", "--development")
        unpack(board.data[VFS], folder)
    assert "kbd_intr" not in (folder / "main.py").read_text()
    with StandIn(folder, tmp_path) as standin, Token.open(standin.port) as token:
        assert token.identity.development
