"""The chip's interrupts, and a limit on how long the firmware may switch them off.

With interrupts off the UART is not emptied, whose hardware holds 128 bytes (Espressif's technical
reference manuals, "UART Controller"): 11 ms at 115200 baud. Longer than that is treated as a
fault of the firmware, because a board that receives data would lose bytes.
"""

HOLDS_NS = 128 * 10 * 1_000_000_000 // 115_200


class TooLong(Exception):
    """Interrupts were off for so long that bytes would be lost. The message is a sentence."""


class Interrupts:
    """The state of the interrupts. `longest` is the longest time (ns) that they were off.

    `is_limited` is False in real time, which goes on while this computer is busy with others.
    """

    def __init__(self) -> None:
        self.longest = 0
        self.is_limited = True
        self._off_since: int | None = None

    def reset(self) -> None:
        """Switch them on, as a start of the chip does."""
        self._off_since = None

    def switch(self, on: bool, now: int) -> None:
        """Switch them on or off at a time (ns); raise TooLong."""
        if not on:
            if self._off_since is None:
                self._off_since = now
            return
        if self._off_since is not None:
            off, self._off_since = now - self._off_since, None
            self.longest = max(self.longest, off)
            if self.is_limited and off > HOLDS_NS:
                raise TooLong(f"interrupts were off for {off / 1e6:.0f} ms, and bytes were lost")
