"""Deep sleep: when the token may enter it, and what it must remember when it wakes.

A press wakes it: the chip starts anew then, with nothing in memory but a note. It stays
awake, dark, while a computer may want it: for some minutes after the last request and after
the power came, and as long as it is on USB power, where that is sensed. So it does while
something would be lost with the memory: a delay after a wrong PIN, a time that only the
processor counts, one to which the clock is being set, and the accounts of a vault whose chip
fails.
"""

import time

from micropython import const

from tokenfw.vault.states import LOCKED, READY

_REACHABLE_MS = const(300000)
# In the memory: the mark, two bytes of the account's id, how often the screen was lit, and
# what else there was.
_MARK = b"S"
_NOTE = const(4)


class Sleep:
    """Of the board that `make_board()` makes, whose sleep() is asked for when it is first wanted.

    `memory(data)` sets and `memory()` gives the bytes that outlive it; `on_usb()` tells
    whether USB power is there. `woken` says that this run began by a press in a sleep.
    """

    def __init__(self, make_board, memory, on_usb, woken):
        self._make_board = make_board
        self._enter = None
        self._memory = memory
        self.on_usb = on_usb
        self._heard = None if woken else time.ticks_ms()

    def heard(self):
        """A computer has sent a request."""
        self._heard = time.ticks_ms()

    def is_due(self, vault, clock, at_once=False):
        """Return whether a dark token may go to sleep; `at_once` whatever a computer wants."""
        if vault.state not in (READY, LOCKED):
            return False
        if self._heard is not None and not at_once:
            if time.ticks_diff(time.ticks_ms(), self._heard) < _REACHABLE_MS:
                return False
            self._heard = None  # ticks wrap: it was long ago
        if clock.setting or clock.without_chip or vault.stranded:
            return False
        return not (vault.seconds_to_wait() or self.on_usb()) and self._can()

    def _can(self):
        """Have the buttons wake the chip; tell whether any can, which does not change."""
        if self._enter is None and self._make_board is not None:
            self._enter = self._make_board().sleep()
            if self._enter is None:
                self._make_board = None
        return self._enter is not None

    def begin(self, selected, wake_count):
        """Sleep. `selected` is the id of the account to show after it, or None.

        `wake_count` is how often the screen was lit.
        """
        note = _MARK + (selected or 0).to_bytes(2, "big") + bytes([wake_count & 0xFF])
        if self._can():
            self._memory(note + self._memory())
            self._enter()  # pyright: ignore[reportOptionalCall]


def recall(memory):
    """Return what begin() was given, (0, 0) where the memory holds no note of that; undo the note.

    An id of 0 is that of no account.
    """
    data = memory()
    if data[:1] != _MARK or len(data) < _NOTE:
        return 0, 0
    memory(data[_NOTE:])
    return int.from_bytes(data[1:3], "big"), data[3]
