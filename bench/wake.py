"""From the press that ends a sleep to the code on the screen, step by step.

The chip's own start is a constant of the simulator; the durations of its loader and MicroPython
were measured by others. The bus is the simulator's, at the frequency of the board definition.
The processor's time is that of the MicroPython unix port, in units of an HMAC: about 0.3 ms on an
ESP32 at 160 MHz, and two thirds of that at 240 MHz, at which the firmware starts. The figure for
loading is the least accurate: a board loads the release, from littlefs.
"""

import tempfile
from pathlib import Path

from bench import runtime
from bench.figure import Figure
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.port import compiled
from tokensim.running.chip import BOOT_NS
from tokensim.token import SimulatedToken

_GROUP = "From a press in deep sleep to the code"


def figures() -> list[Figure]:
    """Return the figures of the steps, in their order."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        compiled.copy(firmware_folder(), Path(folder), "main.py")
        steps = runtime.run("wake", heap="2M", firmware=Path(folder))
    boot = BOOT_NS / 1e6
    return [
        Figure(_GROUP, "1. the chip's start (the simulator's constant)", boot, "ms"),
        Figure(_GROUP, "2. loading, as modules and not as a release, in HMACs", steps["first"], ""),
        Figure(_GROUP, "3. opening the vault, 40 accounts, in HMACs", steps["opened"], ""),
        Figure(_GROUP, "   … with all that a start without a sleep looks at", steps["whole"], ""),
        Figure(_GROUP, "4. clock, code and picture, in HMACs", steps["picture"], ""),
        Figure(_GROUP, "5. the bus: clock chip and first picture", _bus() - boot, "ms"),
        Figure(_GROUP, "after it: loading what only a computer wants, in HMACs", steps["rest"], ""),
    ]


def _bus() -> float:
    """Return the ms from the press to the lit panel, without the processor's time."""
    with SimulatedToken() as board:
        with Token(board.transport(), lambda notice: board.press()) as token:
            token.sync()
        while not board.chip.asleep:
            board.wait(10)
        pressed = board.time.now()
        board.press()
        while not board.board.panel.lit:
            board.wait(0.0005)
        return (board.time.now() - pressed) / 1e6
