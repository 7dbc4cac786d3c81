"""The pins of a chip: their numbers, their abilities, and how a program has set them.

From the chips' data sheets, "Pin Overview" and "IO MUX", which also give the processor's
frequencies and the I2C controllers.
"""

from dataclasses import dataclass

OUT, OPEN_DRAIN = 3, 7  # modes, as machine.Pin has them
PULL_DOWN, PULL_UP = 1, 2
_MHZ = 1_000_000


@dataclass(frozen=True)
class _Chip:
    pins: frozenset[int]
    input_only: frozenset[int]
    measure: frozenset[int]
    mhz: frozenset[int]
    i2c_buses: int


def _some(*ranges: range) -> frozenset[int]:
    return frozenset(number for each in ranges for number in each)


_TO_240 = frozenset((20, 40, 80, 160, 240))
_CHIPS = {
    "esp32": _Chip(
        _some(range(24), range(25, 28), range(32, 40)),
        _some(range(34, 40)),
        _some(range(1), range(2, 3), range(4, 5), range(12, 16), range(25, 28), range(32, 40)),
        _TO_240,
        2,
    ),
    "esp32s2": _Chip(
        _some(range(22), range(26, 47)), _some(range(46, 47)), _some(range(1, 21)), _TO_240, 2
    ),
    "esp32s3": _Chip(_some(range(22), range(26, 49)), _some(), _some(range(1, 21)), _TO_240, 2),
    "esp32c3": _Chip(_some(range(22)), _some(), _some(range(6)), _TO_240 - {240}, 1),
}


class CannotDo(Exception):
    """The chip has no such pin or frequency, or the pin cannot do that."""


@dataclass
class _State:
    mode: int = 1
    pull: int = 0
    output: int = 0


_UNTOUCHED = _State()


class Pins:
    """The pins of a chip (such as "esp32"): inputs without a pull until they are set."""

    def __init__(self, chip: str) -> None:
        self._chip = _CHIPS[chip]
        self.i2c_buses = self._chip.i2c_buses
        self._states: dict[int, _State] = {}

    def reset(self) -> None:
        """Set all pins to their state after a reset of the chip."""
        self._states.clear()

    def check(self, pin: int, output: bool = False) -> None:
        """Raise CannotDo if there is no such pin, or with `output` if it cannot be an output."""
        if pin not in self._chip.pins or (output and pin in self._chip.input_only):
            raise CannotDo

    def check_measures(self, pin: int) -> None:
        """Raise CannotDo for a pin without an analogue-to-digital converter."""
        if pin not in self._chip.measure:
            raise CannotDo

    def check_frequency(self, hertz: int) -> None:
        """Raise CannotDo for a frequency that the processor does not have, rounded down to MHz."""
        if hertz // _MHZ not in self._chip.mhz:
            raise CannotDo

    def set(self, pin: int, mode: int | None, pull: int | None) -> None:
        """Set a pin's mode and pull; None leaves either unchanged. Raises CannotDo."""
        self.check(pin, mode in (OUT, OPEN_DRAIN))
        state = self._states.setdefault(pin, _State())
        state.mode = state.mode if mode is None else mode
        state.pull = state.pull if pull is None else pull

    def put(self, pin: int, level: int) -> None:
        """Set the level that a pin has while it is an output. Raises CannotDo."""
        self.check(pin)
        self._states.setdefault(pin, _State()).output = level

    def level(self, pin: int) -> int:
        """Return the level of a pin that nothing outside drives."""
        state = self._states.get(pin, _UNTOUCHED)
        if state.mode == OUT or (state.mode == OPEN_DRAIN and not state.output):
            return state.output
        return 0 if state.pull == PULL_DOWN else 1
