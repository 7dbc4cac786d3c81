"""A simulated token whose chip's loader tokenctl reaches at the same port: flash and harden."""

import functools
import io
from pathlib import Path

from e2e.commandline import HOLD, CommandLine, Result
from support.flashing import images
from support.flashing.wire import NAME, behind, to_token

from tokenctl.cli import main
from tokenctl.flashing import app_image, micropython_image, plan
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.token import SimulatedToken

BOARDS = Path(__file__).parents[2] / "hardware" / "boards"
C3 = BOARDS / "esp32c3-devkit.json"
NONE = "I have no backup\n"
build = functools.cache(app_image.build)


class Bench:
    """A simulated token in the folder `state`, and tokenctl at its port."""

    def __init__(self, state, monkeypatch, capfd, wiring=C3):
        self.token = SimulatedToken(state, parts=Parts(definition=read(wiring)))
        self._monkeypatch, self._capfd = monkeypatch, capfd
        self.wiring, self.state = wiring, state
        self.image = state.parent / "micropython.bin"
        self.chip = self.token.board.wiring.chip()
        self.image.write_bytes(images.micropython("v1.26.0", self.chip))
        monkeypatch.setattr(app_image, "build", build)
        monkeypatch.setenv("XDG_DATA_HOME", str(state.parent / "data"))

    def __enter__(self):
        self.token.__enter__()
        self.line = CommandLine(self.token, self._monkeypatch, self._capfd)
        return self

    def __exit__(self, *_):
        self.token.close()

    @property
    def serial(self):
        return self.token.board.serial.hex().upper()

    @property
    def efuses(self):
        return self.token.board.efuses

    @property
    def status(self):
        return self.line("status", "--json").json

    def __call__(self, *arguments, typed="", answer=HOLD):
        """Run tokenctl at the wire, where the token is, too."""
        self.line._answer = answer
        self.line.asked.clear()
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        self._capfd.readouterr()
        with behind(self._monkeypatch, to_token(self.token)):
            code = main.run(["--port", NAME, *arguments])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    @property
    def files(self):
        return ("--micropython", str(self.image), "--board", str(self.wiring))

    def flash(self, *more, typed=""):
        return self("flash", *self.files, *more, typed=typed)

    def lay(self):
        """Have the flash hold what flash() writes, at once."""
        chip = next(each for each in CHIPS if each.name == self.chip)
        image = micropython_image.split(self.image.read_bytes(), chip)
        app = build(firmware_folder(), chip, self.wiring.read_bytes())
        for region in plan.regions(image, app):
            self.token.chip.boot_rom.flash.program(region.offset, region.data)

    def harden(self, *arguments, typed="", answer=HOLD):
        return self("harden", *arguments, typed=typed, answer=answer)

    def burn(self, typed=None, answer=HOLD, more=()):
        """Burn the chip key; there is no backup, and it is confirmed, unless `typed` differs."""
        typed = f"{NONE}burn chip-key {self.serial}\n" if typed is None else typed
        options = ("--burn", "chip-key", *self.files, *more)
        return self.harden(*options, typed=typed, answer=answer)

    def restart(self):
        self.token.power_off()
        self.token.power_on()
        self.token.wait_until_ready()
