"""Draws random bytes ahead of their use, with the radio on, in a run of their own.

The radio takes 36 KB of ESP-IDF's heap, and keeps most of it until the chip restarts. Once a
computer has used the token much, MicroPython's heap has taken that memory. So when a key is
needed the token restarts: the next run draws before anything is loaded, and restarts again; the
run after that finds the bytes, and the computer repeats its request. The bytes are in the RTC
memory only between two starts, and no key is made of them alone.
"""

from micropython import const

from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault

ASKED, DRAWN = b"D", b"E"  # marks in front of the record of faults: see faults.Record.front
_HANGS = const(3000)  # ms: a computer waits 8 seconds, of which the two starts take a part


def ask(memory, reset):
    """Restart the chip, so that the next run draws; `memory(data)` sets the RTC memory."""
    on_demand.once("tokenfw.system.faults").Record(memory).end(ASKED)
    reset()


def begin(make_board, record):
    """Return the bytes that were drawn ahead of this run, b"" if none; None: restart now.

    In a run that is to draw, it draws, and returns None. `record` is a faults.Record. A hang or
    crash meanwhile counts as a fault, and drawing is not tried again.
    """
    found = record.front
    record.leave(b"")
    if found[:1] == DRAWN:
        return found[1:]
    if found == ASKED:
        board = make_board()
        board.watchdog(_HANGS)
        record.end(DRAWN + _draw(board.entropy()))
        return None
    return b""


def _draw(entropy):
    try:
        key = entropy.keys(1)[0]
    except EntropyFault:
        return b""  # drawing the key itself will fail too
    return key if entropy.strong else b""
