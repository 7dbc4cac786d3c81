"""The simulated token whose firmware runs in the wasm port, and what lives in its memory.

Board, flash, buttons and time are tokensim's, the host is tokenctl, and the files are the
release's as it is built: only the interpreter is another. All runs in simulated time.
"""

import functools
import json
import os
import random
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Self
from unittest import mock

from bench.heap32 import names, plain
from bench.heap32.allocator import Event
from tokenctl.device import link
from tokenctl.release.build import MAIN, Release, build
from tokensim import compiled
from tokensim.board import FLASH_SIZE
from tokensim.interpreter import Interpreter
from tokensim.token import SimulatedToken

HERE = Path(__file__).parent
PORT = HERE.parents[1] / ".venv/heap32/node_modules/@micropython/micropython-webassembly-pyscript"
MISSING = "there is no node or no wasm port here: make .venv/heap32/made"
BARE = 1328  # bytes used at a bare board's prompt
# What the stock image's asyncio takes once it is imported. The wasm port's own, as much of it
# as is alike, takes 3,760 bytes; the queue of streams and the class of streams are computed.
_ASYNCIO = 4640
_MEASURE = 254  # in an error's place, as pipe.mjs has it


class Memory(NamedTuple):
    """Bytes of the heap that live, as the chip counts them, and those of it that are large.

    `names` are those that the stock image lacks. `pieces` are (bytes, what it is) of all over
    1 KB that live; `largest` are the bytes of the largest one there was since the start.
    `erasing` is the most that lived when a sector was erased since then, 0 where none was.
    """

    bytes: int
    names: int
    pieces: list[tuple[int, str]]
    largest: int
    erasing: int


class Missing(Exception):
    """There is no node here, or no wasm port."""


class Node(Interpreter):
    """The wasm port under node, behind the simulator's pipes. `port` is the folder of its files."""

    port = PORT

    development = False

    def _lay(self, firmware: Path, target: Path, main: str) -> None:
        release, self._beside = _built(firmware, self.development)
        self.names = release.names
        target.mkdir(parents=True, exist_ok=True)
        for name, data in release.files.items():
            (target / (main if name == MAIN else name)).write_bytes(data)

    def _command(self, modules: Path, heap: str) -> list[str]:
        node = shutil.which("node")
        if node is None or not self.port.exists():
            raise Missing(MISSING)
        stand_ins = modules / "stand_ins"
        shutil.copytree(HERE / "stand_ins", stand_ins)
        (stand_ins / "_names.mpy").write_bytes(names.module())
        for name, source in self._beside.items():
            (stand_ins / f"{name}.py").write_text(source)
        beside = "\n".join(f"import {name}" for name in self._beside)
        (stand_ins / "_beside.py").write_text(beside)
        return [node, str(HERE / "run.mjs"), str(self.port), str(modules)]

    def measure(self, wish: str) -> Any:
        """Return what run.mjs counts; while the firmware waits for a reply."""
        payload = wish.encode()
        head = bytes([_MEASURE]) + len(payload).to_bytes(4, "little") + bytes(11)
        os.write(self._replies, head + payload)
        request = self.receive()
        if request is None:
            raise EOFError("the wasm port has ended")
        return json.loads(request.payload)


class Development(Node):
    """One that runs a development build."""

    development = True


class MeasuredToken(SimulatedToken):
    """One that can be measured: tokenctl draws the same numbers in each run, as the port does.

    So the same release takes the same bytes each time.
    """

    def __enter__(self) -> Self:
        drawn = random.Random(0)  # noqa: S311 (not a secret)
        numbers = SimpleNamespace(randbelow=drawn.randrange, token_bytes=drawn.randbytes)
        self._same = mock.patch.object(link, "secrets", numbers)
        self._same.start()
        return super().__enter__()

    def close(self) -> None:
        self._same.stop()
        super().close()

    def restart_with(self, memory: bytes) -> None:
        """Reset the chip, whose RTC memory then holds this."""
        self.simulator.processor.rtc_memory = memory
        self.simulator.reset()


class Recorder(Node):
    """One that writes down what the firmware allocates: see recording.mjs."""

    def _command(self, modules: Path, heap: str) -> list[str]:
        return [*super()._command(modules, heap), "recorded"]


@functools.cache
def _built(firmware: Path, development: bool) -> tuple[Release, dict[str, str]]:
    """Return the build without machine code, and the sources of what stands for that."""
    with tempfile.TemporaryDirectory(prefix="heap32-") as folder:
        copy = Path(folder, "firmware")
        beside = plain.write(firmware, copy)
        for name, source in compiled.replacements(firmware).items():
            (copy / name).write_bytes(source)
        return build(copy, "xtensawin", development=development), beside


def is_here() -> bool:
    """Return whether there is what a measurement needs."""
    return shutil.which("node") is not None and PORT.exists()


def token(
    state: Path | None = None,
    node: type[Node] = Node,
    firmware: Path | None = None,
    flash_size: int = FLASH_SIZE,
) -> MeasuredToken:
    """Return a token, to be entered, that can be measured; Missing when it is entered.

    Its radio can be switched on: whether there is room for that is another question.
    """
    return MeasuredToken(
        state,
        firmware=firmware,
        development=node is Development,
        interpreter=node,
        radio=True,
        flash_size=flash_size,
    )


def events(board: SimulatedToken, moment: str) -> list[Event]:
    """Return what happened in the memory of a token with a Recorder since it was last asked.

    The last event is that of this moment, by its name.
    """
    interpreter = board.simulator.interpreter
    assert isinstance(interpreter, Recorder)
    found: list[Event] = []
    piece = interpreter.measure(f"moment {moment}")
    while piece:
        found += [tuple(each) for each in piece]
        piece = interpreter.measure("more")
    return found


def measure(board: SimulatedToken) -> Memory:
    """Return what lives in a token's memory at this moment."""
    interpreter = board.simulator.interpreter
    assert isinstance(interpreter, Node)
    found = interpreter.measure("all")
    live = found["live"] - found["apart"] - found["base"]["live"]
    pieces = [(size, _named(path, interpreter.names)) for size, path in found["pieces"]]
    kept = found["names"] - found["base"]["names"]
    erasing = _on_the_chip(found["erasing"])
    return Memory(_on_the_chip(live), kept, pieces, found["largest"], erasing)


def _on_the_chip(live: int) -> int:
    """Return the bytes that the chip has in use when so many of the firmware's live; 0 for 0."""
    return BARE + _ASYNCIO + live if live else 0


def _named(path: str, names: dict[str, str]) -> str:
    """Return a piece's path with our names as the sources have them."""
    words = path.replace("(", "( ").replace(")", " )").split(" ")
    return " ".join(names.get(each, each) for each in words).replace("( ", "(").replace(" )", ")")
