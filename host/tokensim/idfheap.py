"""What MicroPython's heap leaves to ESP-IDF of an ESP32's memory, and what the radio takes of that.

Measured on the chip, with the stock image v1.24.0: see tests/data/conformance. With too little
left the radio cannot be made, and the token is to do without.
"""

BARE = 138_284, 110_592  # bytes free, and the largest block of them, at the bare prompt
AT_REST = 7_400, 7_400  # with this firmware at rest
_RADIO = 33_924, 8_192  # what making it takes of each, and then switching it on
_ON = 2_144, 4_096
_OFF = -1_804, 0
_I2C = 376, 0  # a bus


class IdfHeap:
    """ESP-IDF's memory; `leave()` says how much there is, AT_REST if nothing does."""

    def __init__(self) -> None:
        self.leave(AT_REST)

    def leave(self, memory: tuple[int, int]) -> None:
        """Set the bytes that are free, and the largest block of them, before the radio."""
        self._left = memory
        self.reset()

    def reset(self) -> None:
        """As after a reset of the chip: the radio is not made."""
        self.free, self.largest = self._left
        self._on = self._has_bus = False

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

    def switch_radio(self, on: bool) -> None:
        """Take what it needs while it is on, or give that back."""
        if on != self._on:
            self._take(_ON if on else _OFF)
        self._on = on

    def _take(self, memory: tuple[int, int]) -> None:
        self.free -= memory[0]
        self.largest = min(self.largest - memory[1], self.free)
