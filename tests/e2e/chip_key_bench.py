"""A token whose chip has espefuse's virtual eFuses, for tokenctl harden --burn chip-key."""

import functools
import io
import json
from pathlib import Path

import pytest
from e2e.commandline import HOLD, CommandLine, Result
from e2e.typist import Typist
from support.flashing import images, virtualefuses
from support.flashing.mockboard import MockSerialBoard

from otpcore.account import Account
from tokenctl.cli import main
from tokenctl.flashing import app_image, micropython_image, plan
from tokenctl.flashing.chips import CHIPS as CHIPS_OF_TOKENS
from tokenctl.payload import firmware_folder
from tokensim.board import Parts
from tokensim.token import SimulatedToken
from tokensim.wiring import read

BOARDS = Path(__file__).parents[2] / "hardware" / "boards"
ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
BOB = Account("Example", "bob@example.com", b"98765432109876543210")
PIN = "102010"
REVISIONS = {"esp32": 300, "esp32s2": 0, "esp32s3": 1, "esp32c3": 3}
NONE = "I have no backup\n"
build = functools.cache(app_image.build)


class Bench:
    """A simulated token, the loader of its board, and tokenctl for both."""

    def __init__(self, chip, tmp_path, capfd, monkeypatch):
        self.name, self._capfd, self._monkeypatch = chip, capfd, monkeypatch
        self.wiring = BOARDS / f"{chip}-devkit.json"
        self.token = SimulatedToken(tmp_path / "state", parts=Parts(definition=read(self.wiring)))
        self.chip = virtualefuses.virtual_chip(chip, REVISIONS[chip])
        if chip != "esp32":
            virtualefuses.share(self.chip, self.token.board.efuses)
        virtualefuses.use(monkeypatch, self.chip)
        self.board = MockSerialBoard(chip)
        self.image = tmp_path / "micropython.bin"
        self.image.write_bytes(images.micropython("v1.26.0", chip))
        monkeypatch.setattr(app_image, "build", build)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def __enter__(self):
        self.board.__enter__()
        self.line = CommandLine(self.token, self._monkeypatch, self._capfd)
        self.serial = json.loads(self.harden("--json").out)["serial"]
        self.token.board.serial = bytes.fromhex(self.serial)
        self.token.__enter__()
        self._flash()
        return self

    def __exit__(self, *_):
        self.board.__exit__()
        self.token.__exit__()

    def _flash(self):
        chip = next(each for each in CHIPS_OF_TOKENS if each.name == self.name)
        image = micropython_image.split(self.image.read_bytes(), chip)
        app = build(firmware_folder(), chip, self.wiring.read_bytes())
        for region in plan.regions(image, app):
            self.board.data[region.offset : region.offset + len(region.data)] = region.data

    def harden(self, *arguments, typed="", answer=HOLD):
        """Run tokenctl harden at the board's port; `answer` is for the token's dialogs."""
        self.line._answer = answer
        self.line.asked.clear()
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        self._capfd.readouterr()
        code = main.run(["harden", "--port", self.board.port, *arguments])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    def burn(self, typed=None, answer=HOLD, more=()):
        """Run it with --burn chip-key; there is no backup, and it is confirmed."""
        files = ["--micropython", str(self.image), "--board", str(self.wiring)]
        typed = f"{NONE}burn chip-key {self.serial}\n" if typed is None else typed
        return self.harden("--burn", "chip-key", *files, *more, typed=typed, answer=answer)

    @property
    def efuses(self):
        return self.token.board.efuses

    @property
    def status(self):
        return self.line("status", "--json").json

    def restart(self):
        self.token.power_off()
        self.token.power_on()
        self.token.wait_until_ready()


@pytest.fixture
def bench(tmp_path, capfd, monkeypatch):
    """Return what makes a Bench that runs."""
    benches = []

    def make(chip="esp32c3"):
        benches.append(Bench(chip, tmp_path, capfd, monkeypatch))
        return benches[-1].__enter__()

    yield make
    for each in benches:
        each.__exit__()


def entering(bench, *pins):
    """Return what somebody does who holds for the question, and enters these PINs then."""

    def answer(notice):
        if notice == "hold":
            bench.token.press(3.3, 0.7)
        else:
            typist = Typist(bench.token)
            for pin in pins:
                typist.enter(pin)

    return answer


def with_pin(bench):
    bench.line.put(ALICE)
    result = bench.line("pin", "set", answer=entering(bench, PIN, PIN))
    assert result.code == 0, result
    return bench
