"""How much heap the running firmware holds, in the simulator's interpreter.

The firmware is the real one with one method added to its link, which collects
the garbage and counts. Words are twice as wide as on the board: see
tokensim.interpreter.HEAP.
"""

import tempfile
from pathlib import Path

from bench.figure import Figure
from tokenctl.link import Link
from tokenctl.payload import firmware_folder
from tokensim.interpreter import HEAP
from tokensim.token import SimulatedToken

_METHOD = "bench_heap"
_PROBE = f"""\
import gc
from tokenfw import commands

async def _heap(token, request):
    gc.collect()
    return {{"used": gc.mem_alloc(), "free": gc.mem_free()}}

_others = commands.Service._handler
commands.Service._handler = lambda self, name: _heap if name == "{_METHOD}" else _others(self, name)
commands._METHODS["{_METHOD}"] = ""

"""


def measure(state: Path | None = None) -> tuple[int, int]:
    """Return (used, free) bytes of heap of a token that was just started on `state`."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        firmware = Path(folder)
        for each in firmware_folder().iterdir():
            (firmware / each.name).symlink_to(each)
        main = firmware / "main.py"
        main.unlink()
        main.write_text(_PROBE + (firmware_folder() / "main.py").read_text())
        with SimulatedToken(state, firmware=firmware) as board:
            answer = Link(board.transport(), lambda notice: None).request(_METHOD)
    return answer["used"], answer["free"]


def figures(empty: tuple[int, int], full: tuple[int, int], accounts: int) -> list[Figure]:
    """Return what an empty token and one with so many accounts hold."""
    group = "Heap of the running firmware (64-bit words)"
    return [
        Figure(group, f"used, of {HEAP}, without an account", empty[0] / 1024, "KB"),
        Figure(group, f"used, of {HEAP}, with {accounts} accounts", full[0] / 1024, "KB"),
        Figure(group, "for an account", (full[0] - empty[0]) / accounts, "bytes"),
    ]
