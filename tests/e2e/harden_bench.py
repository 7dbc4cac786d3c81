"""A board with virtual eFuses behind a mock loader, and tokenctl harden for it."""

import functools
import io
import json

import pytest
from e2e.commandline import Result
from support.flashing import images, virtualefuses
from support.flashing.mockboard import MockBoard

from tokenctl.cli import main
from tokenctl.flashing import app_image, micropython_image, plan
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder

build = functools.cache(app_image.build)

REVISIONS = {"esp32": 300, "esp32s2": 0, "esp32s3": 1, "esp32c3": 3}


class Bench:
    """A board with virtual eFuses, and tokenctl for it."""

    def __init__(self, name, tmp_path, capfd, monkeypatch, revision=None, secure=False):
        self.name = name
        self.chip = virtualefuses.virtual_chip(
            name, REVISIONS[name] if revision is None else revision
        )
        virtualefuses.use(monkeypatch, self.chip, secure)
        monkeypatch.delenv("TOKENCTL_PORT", raising=False)
        monkeypatch.setattr(app_image, "build", build)
        self.image = tmp_path / "micropython.bin"
        self.image.write_bytes(images.micropython("v1.26.0", name))
        ours = json.loads((firmware_folder() / "board.json").read_text())
        self.wiring = tmp_path / "board.json"
        self.wiring.write_text(json.dumps(ours | {"chip": name}))
        self._capfd, self._monkeypatch = capfd, monkeypatch
        self.board = MockBoard(name)
        self.port = self.board.url

    def __call__(self, *arguments, stdin=""):
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capfd.readouterr()
        code = main.run([arguments[0], "--port", self.port, *arguments[1:]])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    @property
    def files(self):
        return ["--micropython", str(self.image), "--board", str(self.wiring)]

    def flash(self, build=build):
        """Have the flash hold a release, or another build, as tokenctl flash leaves it."""
        chip = next(each for each in CHIPS if each.name == self.name)
        image = micropython_image.split(self.image.read_bytes(), chip)
        app = build(firmware_folder(), chip, self.wiring.read_bytes())
        for region in plan.regions(image, app):
            self.board.data[region.offset : region.offset + len(region.data)] = region.data

    def burn(self, *names, stdin=None):
        """Burn, with the confirmation typed unless `stdin` is another."""
        options = [each for name in names for each in ("--burn", name)]
        typed = f"burn {' '.join(names)} {self.serial}\n" if stdin is None else stdin
        return self("harden", *options, *self.files, stdin=typed)

    def states(self):
        answer = json.loads(self("harden", "--json").out)
        return {each["name"]: each["state"] for each in answer["measures"]}

    @property
    def serial(self):
        return json.loads(self("harden", "--json").out)["serial"]

    def words(self):
        """Return all of the virtual chip's eFuses, block by block."""
        blocks = range(len(self.chip.Blocks.BLOCKS))
        return [
            self.chip.read_efuse(word, block)
            for block in blocks
            for word in range(self.chip.Blocks.get(self.chip.Blocks.BLOCKS[block]).len)
        ]


@pytest.fixture
def bench(tmp_path, capfd, monkeypatch):
    """Return what makes a Bench, with its board running."""
    boards = []

    def make(name, **options):
        bench = Bench(name, tmp_path, capfd, monkeypatch, **options)
        boards.append(bench.board.__enter__())
        return bench

    yield make
    for board in boards:
        board.__exit__()
