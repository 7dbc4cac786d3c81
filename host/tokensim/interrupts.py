"""The chip's interrupts, switched off and on by the firmware: what waits for them meanwhile.

With interrupts off nobody empties the UART, whose hardware holds 128 bytes (Espressif's technical
reference manuals, "UART Controller"): 11 ms at 115200 baud. Longer than that is a fault of the
firmware here, as it loses bytes on a board that is spoken to.
"""

HOLDS_NS = 128 * 10 * 1_000_000_000 // 115_200


class TooLong(Exception):
    """They were off for so long that bytes would be lost. The message is a sentence."""


class Interrupts:
    """`longest` is for how long (ns) they were off at most."""

    def __init__(self) -> None:
        self.longest = 0
        self._off_since: int | None = None

    def reset(self) -> None:
        """The chip starts: they are on."""
        self._off_since = None

    def switch(self, on: bool, now: int) -> None:
        """Switch them at a time (ns); raise TooLong."""
        if not on:
            if self._off_since is None:
                self._off_since = now
            return
        if self._off_since is not None:
            off, self._off_since = now - self._off_since, None
            self.longest = max(self.longest, off)
            if off > HOLDS_NS:
                raise TooLong(f"interrupts were off for {off / 1e6:.0f} ms, and bytes were lost")
