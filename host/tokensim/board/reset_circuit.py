"""The two transistors between the port's DTR and RTS and the chip's EN and BOOT.

As on Espressif's development boards: RTS alone pulls EN down, DTR alone BOOT; both together
neither. When EN is released, BOOT decides what starts. A computer that sets one line after the
other passes through "both" on its way from EN to BOOT, which a capacitor at EN bridges; over
RFC 2217, where each change is confirmed, that takes longer than a board's capacitor would.
"""

from collections.abc import Callable

BRIDGED_NS = 500_000_000  # pyserial waits 50 ms or more for each confirmation


class ResetCircuit:
    """The circuit. `hold()` stops the chip; `start(boot)` starts it, with BOOT down or not.

    `due` is when (physical ns) the chip starts although no line changes any more, or None.
    """

    def __init__(self, hold: Callable[[], None], start: Callable[[bool], None]) -> None:
        self._hold, self._start = hold, start
        self._held = False
        self.due: int | None = None

    def set(self, dtr: bool, rts: bool, now: int) -> None:
        """Set both lines, as they are from now on."""
        if rts and not dtr:
            self.due = None
            if not self._held:
                self._held = True
                self._hold()
        elif self._held and rts:
            self.due = now + BRIDGED_NS
        elif self._held:
            self._release(boot=dtr)

    def pass_time(self, now: int) -> None:
        """Start the chip if that is due."""
        if self.due is not None and now >= self.due:
            self._release(boot=False)

    def _release(self, boot: bool) -> None:
        self._held, self.due = False, None
        self._start(boot)
