"""The simulated token whose firmware runs in the wasm port, and what lives in its memory.

Board, flash, buttons and time are tokensim's, and the host is tokenctl: only the interpreter
is another. All of it runs in simulated time.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from bench.heap32 import names, plain
from tokenctl.errors import BadPayload
from tokenctl.release.build import build
from tokensim.interpreter import Interpreter
from tokensim.token import SimulatedToken

HERE = Path(__file__).parent
PORT = HERE.parents[1] / ".venv/heap32/node_modules/@micropython/micropython-webassembly-pyscript"
BARE = 1328  # bytes used at a bare board's prompt
_MEASURE = 254  # in an error's place, as pipe.mjs has it
_POOL_HEAD, _POOL_NAME = 24, 7  # bytes of a pool of names, and for each name it has room for
_BLOCK = 16


class Memory(NamedTuple):
    """Bytes of the heap that live, as the chip counts them, and those of it that are large.

    `names` are those that the stock image lacks. `pieces` are (bytes, what it is) of those
    over 1 KB that live, `allocated` the bytes of all such that there ever were.
    """

    bytes: int
    names: int
    frames: int
    pieces: list[tuple[int, str]]
    allocated: list[Any]


class Node(Interpreter):
    """The wasm port under node, behind the simulator's pipes."""

    plain_firmware: Path | None = None  # what is laid out in the firmware's place

    def _lay(self, firmware: Path, target: Path, main: str) -> None:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="heap32-") as folder:
            copy = Path(folder, "firmware")
            plain.write(firmware, copy)
            for name, data in build(copy, "xtensawin").files.items():
                (target / name).write_bytes(data)

    def _command(self, modules: Path, heap: str) -> list[str]:
        stand_ins = modules / "stand_ins"
        shutil.copytree(HERE / "stand_ins", stand_ins)
        (stand_ins / "_names.mpy").write_bytes(names.module())
        node = shutil.which("node")
        if node is None or not PORT.exists():
            raise BadPayload("node is missing, or the wasm port: make .venv/heap32")
        return [node, str(HERE / "run.mjs"), str(PORT), str(modules)]

    def measure(self, wish: str = "all") -> dict[str, Any]:
        """Return what run.mjs counts; while the firmware waits for a reply."""
        payload = wish.encode()
        head = bytes([_MEASURE]) + len(payload).to_bytes(4, "little") + bytes(10)
        os.write(self._replies, head + payload)
        request = self.receive()
        if request is None:
            raise EOFError("the wasm port has ended")
        return json.loads(request.payload)


def token(state: Path | None = None, **options: Any) -> SimulatedToken:
    """Return a token, to be entered, that can be measured."""
    return SimulatedToken(state, interpreter=Node, **options)


def measure(board: SimulatedToken, wish: str = "all") -> Memory:
    """Return what lives in a token's memory at this moment."""
    interpreter = board.simulator._interpreter  # pyright: ignore[reportPrivateUsage]
    assert isinstance(interpreter, Node)
    found = interpreter.measure(wish)
    base = found["base"]
    live = found["live"] - found["apart"] - base["live"]
    return Memory(
        BARE + live, found["names"], found["frames"], found["pieces"], found.get("allocated", [])
    )
