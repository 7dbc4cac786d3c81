"""The wake-up sources of a chip in deep sleep: pins of its RTC domain.

From ESP-IDF's programming guide, "Sleep Modes", and the chips' data sheets, "RTC IO MUX": ext0
watches one pin, ext1 several; an ESP32's ext1 that waits for low needs all its pins low. A C3 has
neither, but can watch pins 0 to 5: there MicroPython accepts any pin, and then deep sleep fails.
An S2 and an S3 have separate pull-ups in the RTC domain and in the GPIO matrix: one that a
program has switched on for a GPIO is off in deep sleep, and the pin reads low, unless its pad is
held.
"""

from collections.abc import Callable, Iterable

EXT0, EXT1, GPIO = 0, 1, 2
_PINS = {
    "esp32": {0, 2, 4, *range(12, 16), *range(25, 28), *range(32, 40)},
    "esp32s2": {*range(22)},
    "esp32s3": {*range(22)},
    "esp32c3": {*range(6)},
}
_BY_GPIO = ("esp32c3",)
_OWN_PULLS = ("esp32s2", "esp32s3")


class CannotWake(Exception):
    """The chip has no such source, or the pin is not in its RTC domain."""


class Wakeup:
    """The wake-up sources of a chip (such as "esp32"), initially off."""

    def __init__(self, chip: str) -> None:
        self._chip = chip
        self.by_gpio = chip in _BY_GPIO
        self._watched: dict[int, tuple[bool, tuple[int, ...]]] = {}
        self._held: set[int] = set()

    def reset(self) -> None:
        """Switch all sources off, as a reset of the chip does."""
        self._watched.clear()

    def hold(self, pin: int, on: bool) -> None:
        """Hold a pin's pad in its state, or release it; a reset does not release it."""
        (self._held.add if on else self._held.discard)(pin)

    def watch(self, source: int, level: bool, pins: Iterable[int]) -> None:
        """Make a source watch these pins only, for a level; raise CannotWake."""
        pins = tuple(pins)
        fits = source == GPIO or {*pins} <= _PINS[self._chip]
        if (source == GPIO) != self.by_gpio or not fits:
            raise CannotWake
        self._watched[source] = level, pins

    def lets_sleep(self) -> bool:
        """Return whether deep sleep can begin: not if a C3 watches a pin that cannot wake it."""
        return all({*pins} <= _PINS[self._chip] for _, pins in self._watched.values())

    def wakes(self, level_of: Callable[[int], int]) -> bool:
        """Return whether the levels of the pins, by level_of(pin), wake the chip."""
        return self.waker(level_of) is not None

    def waker(self, level_of: Callable[[int], int]) -> int | None:
        """Return the source that wakes the chip at these levels of the pins, or None."""
        for source, (level, pins) in self._watched.items():
            found = [bool(level_of(pin) and self._is_pulled(pin)) == level for pin in pins]
            waits_for_all = source == EXT1 and self._chip == "esp32" and not level
            if found and (all(found) if waits_for_all else any(found)):
                return source
        return None

    def _is_pulled(self, pin: int) -> bool:
        return self._chip not in _OWN_PULLS or pin in self._held
