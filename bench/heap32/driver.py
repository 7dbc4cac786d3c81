"""A simulated token whose firmware runs in MicroPython's wasm port, and its live memory.

Board, flash, buttons and time are tokensim's, the host is tokenctl, and the files are those of
the release: only the interpreter differs. Everything runs in simulated time.
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
from tokenctl.payload import firmware_folder
from tokenctl.release.build import Release, build
from tokenctl.release.sources import DEVELOPMENT_MAIN, MAIN
from tokensim.board.board import FLASH_SIZE, Parts
from tokensim.port import compiled
from tokensim.port.interpreter import Interpreter
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

HERE = Path(__file__).parent
PORT = HERE.parents[1] / ".venv/heap32/node_modules/@micropython/micropython-webassembly-pyscript"
MISSING = "there is no node or no wasm port here: make .venv/heap32/made"
BARE = 1328  # bytes used at a bare board's prompt
# Bytes of the stock image's asyncio once it is imported. The part that the wasm port's has in
# common takes 3,760 bytes; the queue of streams and the class of streams are computed.
_ASYNCIO = 4640
_MEASURE = 254  # in place of an errno: see pipe.mjs


class Memory(NamedTuple):
    """Live bytes of the heap, as the chip counts them, and large objects in it.

    `names` are those that the stock image lacks. `pieces` are (bytes, description) of all live
    ones over 1 KB; `largest` is the size of the largest one since the start. `erasing` is the
    most live bytes at an erase of a sector since then, 0 if there was none.
    """

    bytes: int
    names: int
    pieces: list[tuple[int, str]]
    largest: int
    erasing: int


class Missing(Exception):
    """node or the wasm port is not installed."""


class Node(Interpreter):
    """An Interpreter that is the wasm port under node; `port` is the folder of its files."""

    port = PORT

    development = False
    is_copied = False

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
        """Return what run.mjs measures; to be called while the firmware waits for a reply."""
        payload = wish.encode()
        head = bytes([_MEASURE]) + len(payload).to_bytes(4, "little") + bytes(15)
        os.write(self.pipes.replies, head + payload)
        request = self.pipes.receive()
        if request is None:
            raise EOFError("the wasm port has ended")
        return json.loads(request.payload)


class Development(Node):
    """A Node that runs a development build."""

    development = True


class MeasuredToken(SimulatedToken):
    """A token that can be measured: tokenctl and the port draw the same numbers in each run.

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
        """Reset the chip with these contents of its RTC memory."""
        self.chip.processor.rtc_memory = memory
        self.chip.reset()


class Recorder(Node):
    """A Node that records what the firmware allocates: see recording.mjs."""

    def _command(self, modules: Path, heap: str) -> list[str]:
        return [*super()._command(modules, heap), "recorded"]


@functools.cache
def _built(firmware: Path, development: bool) -> tuple[Release, dict[str, str]]:
    """Return the build without machine code, and the sources of the modules that replace it."""
    with tempfile.TemporaryDirectory(prefix="heap32-") as folder:
        copy = Path(folder, "firmware")
        beside = plain.write(firmware, copy)
        for name, source in compiled.replacements(firmware).items():
            (copy / name).write_bytes(source)
        return build(copy, "xtensawin", development=development), beside


def is_here() -> bool:
    """Return whether node and the wasm port are installed."""
    return shutil.which("node") is not None and PORT.exists()


def token(
    state: Path | None = None,
    node: type[Node] = Node,
    firmware: Path | None = None,
    flash_size: int = FLASH_SIZE,
) -> MeasuredToken:
    """Return a token (a context manager) that can be measured; entering it may raise Missing.

    Its radio can always be switched on, whatever memory is left.
    """
    return MeasuredToken(
        state,
        runtime=Runtime(
            firmware or firmware_folder(),
            DEVELOPMENT_MAIN if node is Development else MAIN,
            interpreter=node,
        ),
        radio=True,
        parts=Parts(flash_size=flash_size),
    )


def events(board: SimulatedToken, moment: str) -> list[Event]:
    """Return what happened in the memory of a token with a Recorder since the last call.

    The last event marks the present moment, by its name.
    """
    interpreter = board.chip.execution.interpreter
    assert isinstance(interpreter, Recorder)
    found: list[Event] = []
    piece = interpreter.measure(f"moment {moment}")
    while piece:
        found += [tuple(each) for each in piece]
        piece = interpreter.measure("more")
    return found


def measure(board: SimulatedToken) -> Memory:
    """Return a token's live memory at present."""
    interpreter = board.chip.execution.interpreter
    assert isinstance(interpreter, Node)
    found = interpreter.measure("all")
    live = found["live"] - found["apart"] - found["base"]["live"]
    pieces = [(size, _named(path, interpreter.names)) for size, path in found["pieces"]]
    kept = found["names"] - found["base"]["names"]
    erasing = _on_the_chip(found["erasing"])
    return Memory(_on_the_chip(live), kept, pieces, found["largest"], erasing)


def _on_the_chip(live: int) -> int:
    """Return the bytes in use on the chip if so many of the firmware's are live; 0 for 0."""
    return BARE + _ASYNCIO + live if live else 0


def _named(path: str, names: dict[str, str]) -> str:
    """Return the path of an object with the names that the sources have."""
    words = path.replace("(", "( ").replace(")", " )").split(" ")
    return " ".join(names.get(each, each) for each in words).replace("( ", "(").replace(" )", ")")
