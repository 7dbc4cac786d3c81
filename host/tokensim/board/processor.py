"""The processor, as programs see it: reset cause, watchdog, RTC memory."""

from collections.abc import Callable
from errno import EINVAL

from tokensim.board.requests import MS, Reply

# As machine.reset_cause() returns them.
POWER_ON, HARD_RESET, WATCHDOG, DEEP_SLEEP, SOFT_RESET = 1, 2, 3, 4, 5
NOT_WOKEN = 0  # as machine.wake_reason() returns it


class Processor:
    """The processor. `cause` is the cause of the last start.

    `ctrl_c` is the character that interrupts the program, or b"". `bites_at` is the physical time
    (ns) at which the watchdog resets the chip, None if it is off. `rtc_memory` survives a reset,
    but not a loss of power.
    """

    def __init__(self) -> None:
        self.cause = POWER_ON
        self.woken_by = NOT_WOKEN
        self.bites_at: int | None = None
        self.ctrl_c = b""
        self.rtc_memory = b""
        self._handlers: dict[bytes, Callable[[bytes, int], Reply]] = {
            b"t": lambda payload, now: Reply(),  # each reply has the time
            b"d": self._feed,
            b"c": lambda payload, now: Reply(bytes([self.cause, self.woken_by])),
            b"b": self._arm,
            b"S": lambda payload, now: Reply(error=EINVAL),  # a sleep that would never end
            b"W": lambda payload, now: Reply(after=int.from_bytes(payload, "little") * 1000),
            b"m": lambda payload, now: Reply(self.rtc_memory),
            b"M": self._remember,
        }

    def stop(self) -> None:
        """End the program, and what it had switched on."""
        self.bites_at = None
        self.ctrl_c = b""

    def answer(self, operation: bytes, payload: bytes, now: int) -> Reply | None:
        """Return the reply to a request, or None if it is not about the processor."""
        handler = self._handlers.get(operation)
        return None if handler is None else handler(payload, now)

    def _feed(self, payload: bytes, now: int) -> Reply:
        self.bites_at = now + int.from_bytes(payload, "little") * MS
        return Reply()

    def _arm(self, payload: bytes, now: int) -> Reply:
        self.ctrl_c = payload
        return Reply()

    def _remember(self, payload: bytes, now: int) -> Reply:
        self.rtc_memory = payload
        return Reply()
