"""What MicroPython's heap leaves of an ESP32's memory to ESP-IDF, and what the radio takes of that.

Measured on the chip with the stock image v1.24.0: see tests/data/conformance. The heap starts with
an area of its own; when that is full it takes another from ESP-IDF, as large as all before it. It
gives none back, since some long-lived object always lies in it. So what is left depends on the
largest use since the start: SWITCHED_ON_ON_A_BOARD bytes with the firmware at rest after a start,
and in addition what the simulator counts after each loading, divided by 1.4 for its wider words
(see interpreter.HEAP). A test compares the result with that of bench/heap32/allocator.py, which
models each allocation. If too little is left the radio cannot be initialised, and the token has to
do without, or to restart.
"""

from tokensim.port.interpreter import SWITCHED_ON_ON_A_BOARD

BARE = 138_284, 110_592  # bytes free, and the largest block of them, at the bare prompt
HALF = 70_576, 55_296  # once the heap has taken a second area
SPENT = 7_400, 7_400  # and a third
_ROOM = 56_000, 109_800  # bytes that fit one area, and two
_RADIO = 33_924, 8_192  # by which initialising the radio lowers both, and then switching it on
_ON = 2_144, 4_096
_OFF = -1_804, 0
_I2C = 376, 0  # a bus
_NOTHING_MATTERS = (1 << 30) - 1  # bytes: more than there are


def left_by(in_use: int) -> tuple[int, int]:
    """Return (bytes free, largest block) that a heap with so many bytes in use leaves."""
    if in_use <= _ROOM[0]:
        return BARE
    return HALF if in_use <= _ROOM[1] else SPENT


AT_REST = left_by(SWITCHED_ON_ON_A_BOARD)


class IdfHeap:
    """ESP-IDF's memory. It depends on the heap, unless leave() sets it.

    `at_rest` is how many of the simulator's bytes were live once the firmware was loaded.
    """

    def __init__(self) -> None:
        self._set: tuple[int, int] | None = None
        self.reset()

    def leave(self, memory: tuple[int, int]) -> None:
        """Set the bytes that are free, and the largest block of them, before the radio."""
        self._set = memory
        self.reset()

    def reset(self) -> None:
        """Set the state after a reset of the chip: no radio, and the heap of a token at rest."""
        self._left = AT_REST if self._set is None else self._set
        self._taken = [0, 0]
        self._on = self._has_bus = False
        self.at_rest: int | None = None  # live bytes of the simulator once all is loaded

    @property
    def free(self) -> int:
        """The number of free bytes."""
        return max(0, self._left[0] - self._taken[0])

    @property
    def largest(self) -> int:
        """The size of the largest free block."""
        return max(0, min(self._left[1] - self._taken[1], self.free))

    def collected(self, live: int) -> None:
        """Note a garbage collection, which left `live` bytes of the simulator.

        The first one comes when the firmware has loaded everything that it has at rest.
        """
        if self.at_rest is None:
            self.at_rest = live
        if self._set is None:
            beyond = max(0, live - self.at_rest) * 5 // 7
            self._left = min(self._left, left_by(SWITCHED_ON_ON_A_BOARD + beyond))

    @property
    def matters(self) -> int:
        """The most bytes that may be live in the simulator without any effect here."""
        if self._set is None and self.at_rest is not None:
            for room, left in zip(_ROOM, (BARE, HALF), strict=True):
                if self._left == left:
                    return self.at_rest + max(0, room - SWITCHED_ON_ON_A_BOARD) * 7 // 5
        return _NOTHING_MATTERS

    def make_bus(self) -> None:
        """Take the memory of an I2C bus, once."""
        if not self._has_bus:
            self._take(_I2C)
        self._has_bus = True

    def make_radio(self) -> bool:
        """Take the radio's memory; return False, and take none, if there is too little."""
        if self.largest < _RADIO[0]:
            return False
        self._take(_RADIO)
        return True

    @property
    def heap_loses(self) -> int:
        """How many bytes less the heap can grow to than without the radio."""
        return max(0, HALF[0] - self.free)

    def switch_radio(self, on: bool) -> None:
        """Take the memory that the radio needs while it is on, or give it back."""
        if on != self._on:
            self._take(_ON if on else _OFF)
        self._on = on

    def _take(self, memory: tuple[int, int]) -> None:
        self._taken[0] += memory[0]
        self._taken[1] += memory[1]
