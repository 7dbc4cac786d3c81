"""What MicroPython's heap leaves to ESP-IDF of an ESP32's memory, and what the radio takes of that.

Measured on the chip, with the stock image v1.24.0: see tests/data/conformance. The heap begins
with an area of its own, and when what is in use no longer fits it takes another from ESP-IDF, as
large as all before it; it gives none back, since something small of what was made last lives on
in it. So what is left follows from the most that was in use since the start. That are
SWITCHED_ON_ON_A_BOARD bytes with the firmware at rest after a start, and what it takes beyond
that as the simulator counts it whenever something was loaded, whose wider words make 1.4 bytes of
one (see interpreter.HEAP). bench/heap32/allocator.py, the model that has each piece in its place,
says the same of what is left: a test compares. With too little the radio cannot be made, and the
token is to do without, or to restart.
"""

from tokensim.interpreter import SWITCHED_ON_ON_A_BOARD

BARE = 138_284, 110_592  # bytes free, and the largest block of them, at the bare prompt
HALF = 70_576, 55_296  # when the heap has taken a second area
SPENT = 7_400, 7_400  # and a third
_ROOM = 56_000, 109_800  # bytes that one area holds, and two
_RADIO = 33_924, 8_192  # what making it takes of each, and then switching it on
_ON = 2_144, 4_096
_OFF = -1_804, 0
_I2C = 376, 0  # a bus


def left_by(in_use: int) -> tuple[int, int]:
    """Return what a heap with so many bytes in use leaves: free, and the largest block."""
    if in_use <= _ROOM[0]:
        return BARE
    return HALF if in_use <= _ROOM[1] else SPENT


AT_REST = left_by(SWITCHED_ON_ON_A_BOARD)


class IdfHeap:
    """ESP-IDF's memory. It follows from the heap, unless `leave()` says how much there is.

    `at_rest` is how many of the simulator's bytes lived when the firmware had loaded all.
    """

    def __init__(self) -> None:
        self._set: tuple[int, int] | None = None
        self.reset()

    def leave(self, memory: tuple[int, int]) -> None:
        """Set the bytes that are free, and the largest block of them, before the radio."""
        self._set = memory
        self.reset()

    def reset(self) -> None:
        """As after a reset of the chip: the radio is not made, and the heap is small again."""
        self._left = AT_REST if self._set is None else self._set
        self._taken = [0, 0]
        self._on = self._has_bus = False
        self.at_rest: int | None = None  # bytes of the simulator that live once all is loaded

    @property
    def free(self) -> int:
        """The bytes that are free."""
        return max(0, self._left[0] - self._taken[0])

    @property
    def largest(self) -> int:
        """The largest block of them."""
        return max(0, min(self._left[1] - self._taken[1], self.free))

    def collected(self, live: int) -> None:
        """Garbage was collected: first when all is loaded that the firmware has at rest.

        `live` are the simulator's bytes that live.
        """
        if self.at_rest is None:
            self.at_rest = live
        if self._set is None:
            beyond = max(0, live - self.at_rest) * 5 // 7
            self._left = min(self._left, left_by(SWITCHED_ON_ON_A_BOARD + beyond))

    def make_bus(self) -> None:
        """Take what an I2C bus needs, once."""
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
        """How many bytes fewer the heap can still have than on a board without the radio."""
        return max(0, HALF[0] - self.free)

    def switch_radio(self, on: bool) -> None:
        """Take what it needs while it is on, or give that back."""
        if on != self._on:
            self._take(_ON if on else _OFF)
        self._on = on

    def _take(self, memory: tuple[int, int]) -> None:
        self._taken[0] += memory[0]
        self._taken[1] += memory[1]
