"""Methods by which a computer examines the token. They change nothing.

A locked token answers them too: they are not about accounts.
"""

import asyncio
import gc
import os
import struct
import sys

from micropython import const

from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.system import entropy, on_demand

_AT_ONCE = const(8)  # addresses of the bus: under 5 ms at 100 kHz
_SAMPLE = const(512)  # bytes, the sample size of the health tests
_BLOCKS = (4096, 2048, 1024, 512)  # bytes; larger ones are never allocated after the start
_PRESS_MS = const(15000)


async def _board(token, request):
    """Return what is on the board: addresses on the bus, the clock chip, the buttons."""
    inspection = token.make_board().inspection()
    for number, _ in enumerate(inspection.look_at_bus()):
        if number % _AT_ONCE == 0:
            await asyncio.sleep_ms(0)
    await asyncio.sleep_ms(1000)  # a button that the user pressed is likely to be released by then
    report = inspection.report()
    report["machine"] = sys.implementation._machine
    report["random"] = _is_random()
    return report


def _is_random():
    """Return whether the generator passes the health tests; the radio is left as it is."""
    try:
        entropy.check(os.urandom(_SAMPLE))
    except entropy.EntropyFault:
        return False
    return True


async def _flash(token, request):
    """Return the state of the sectors of the vault's log, see vault/flash/health.py."""
    return await token.vault.flash_health()


async def _memory(token, request):
    """Return how much of Python's heap is free and in use, and of ESP-IDF's free, in bytes.

    A `word` of 4 bytes is the chip's; with longer ones everything on the heap is larger.
    """
    free_of_idf = on_demand.once("tokenfw.inspection").free_of_idf
    idf_free, idf_block = free_of_idf()
    gc.collect()
    return {
        "free": gc.mem_free(),
        "used": gc.mem_alloc(),
        "block": _largest(),
        "idf_free": idf_free,
        "idf_block": idf_block,
        "word": struct.calcsize("P"),
    }


def _largest():
    """Return the largest size in _BLOCKS that can be allocated, or 0."""
    for size in _BLOCKS:
        try:
            bytearray(size)
            return size
        except MemoryError:
            pass
    return 0


async def _panel(token, request):
    """Show test patterns on the panel; a press ends them."""
    module = on_demand.once("tokenfw.ui.self_test")
    async with token.dialogs.turn(request):
        duration_ms = module.EACH_S * module.PATTERNS * 1000
        await token.dialogs.show(module.Pattern(), request, duration_ms)
    return {}


async def _button(token, request):
    """Ask for a press of the button `number`; return the number of the one pressed, or null."""
    number = request.number("number", 0, 1)
    title, *lines = token.words.rows("try_second" if number else "try_button")
    screen = on_demand.once("tokenfw.ui.self_test").Press(title, lines)
    async with token.dialogs.turn(request):
        await token.dialogs.show(screen, request, _PRESS_MS)
    return {"pressed": screen.pressed}


COMMANDS = {
    "board": (_board, WHILE_LOCKED),
    "flash": (_flash, WHILE_LOCKED),
    "memory": (_memory, WHILE_LOCKED),
    "panel": (_panel, WHILE_LOCKED),
    "button": (_button, WHILE_LOCKED),
}
