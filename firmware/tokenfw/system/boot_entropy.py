"""Random bytes that are drawn ahead of their use, at a start of their own, with the radio on.

The radio takes 36 KB of ESP-IDF's memory, and keeps most of it until the chip's next start. In
a run in which a computer has done much the heap has taken that memory. So whoever needs a key
asks for a restart: the run after it draws before anything is loaded, and restarts once more;
the one after that finds the bytes, and what it was asked for is asked of it again. They lie in
the memory that outlives a reset only between two starts, and no key is made of them alone.
"""

from micropython import const

from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault

ASKED, DRAWN = b"D", b"E"  # in front of the record of faults: see there
_HANGS = const(3000)  # ms: a computer waits for 8 seconds, of which the starts take some


def ask(memory, reset):
    """End the run, so that the next one draws."""
    on_demand.once("tokenfw.system.faults").Record(memory).end(ASKED)
    reset()


def begin(make_board, record):
    """Return what was drawn ahead of this run (none if the radio failed); None: restart now.

    What hangs or crashes while it draws is counted as a fault, and not tried again.
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
        return b""  # who wants the key finds that, too
    return key if entropy.strong else b""
