"""Deep sleep: when the token may enter it, and what it remembers for when it wakes.

A press wakes it: the chip then restarts, with nothing but a note in the RTC memory. It stays
awake with a dark screen while a computer may need it: for five minutes after the last request
and after power-up, and on USB power, if that is sensed. It also stays awake while RAM holds
something that must not be lost: a delay after a wrong PIN, the time of a token without a clock
chip, a time that is being set, or the open accounts of a stranded vault.
"""

import time

from micropython import const

from tokenfw.vault.states import LOCKED, READY

_REACHABLE_MS = const(300000)
# The note in front of the other contents of the memory: the mark, the account's id (2 bytes),
# and how often the screen was lit (1 byte).
_MARK = b"S"
_NOTE = const(4)


class Sleep:
    """Deep sleep of the board that `make_board()` makes; its sleep() is called at first use.

    `memory(data)` sets and `memory()` returns the bytes that survive it; `on_usb()` returns
    whether USB power is there. `woken` is True if a press in deep sleep started this run.
    """

    def __init__(self, make_board, memory, on_usb, woken):
        self._make_board = make_board
        self._enter = None
        self._memory = memory
        self.on_usb = on_usb
        self._heard = None if woken else time.ticks_ms()

    def heard(self):
        """Note that a computer has sent a request."""
        self._heard = time.ticks_ms()

    def is_due(self, vault, clock, at_once=False):
        """Return whether a dark token may sleep; `at_once` does not wait for computers."""
        if vault.state not in (READY, LOCKED):
            return False
        if self._heard is not None and not at_once:
            if time.ticks_diff(time.ticks_ms(), self._heard) < _REACHABLE_MS:
                return False
            self._heard = None  # long ago; kept, it would seem recent once ticks wrap
        if clock.setting or clock.without_chip or vault.stranded:
            return False
        return not (vault.seconds_to_wait() or self.on_usb()) and self._can()

    def _can(self):
        """Set up the buttons to wake the chip; return whether one can, which does not change."""
        if self._enter is None and self._make_board is not None:
            self._enter = self._make_board().sleep()
            if self._enter is None:
                self._make_board = None
        return self._enter is not None

    def begin(self, selected, wake_count):
        """Sleep; does not return, unless no button can wake the chip.

        `selected` is the id of the account to show after waking, or None; `wake_count` is how
        often the screen was lit.
        """
        note = _MARK + (selected or 0).to_bytes(2, "big") + bytes([wake_count & 0xFF])
        if self._can():
            self._memory(note + self._memory())
            self._enter()  # pyright: ignore[reportOptionalCall]


def recall(memory):
    """Return (selected, wake_count) as given to begin(), and remove the note.

    `selected` is 0 for no account. Returns () if there is no note: it was another sleep, such as
    the one that ends repeated faults, and a delay after a wrong PIN may have been pending.
    """
    data = memory()
    if data[:1] != _MARK or len(data) < _NOTE:
        return ()
    memory(data[_NOTE:])
    return int.from_bytes(data[1:3], "big"), data[3]
