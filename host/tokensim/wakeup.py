"""What wakes a chip from deep sleep: the pins of its RTC domain that it was told to watch.

After ESP-IDF's programming guide, "Sleep Modes", and the chips' data sheets, "RTC IO MUX":
ext0 watches one pin, ext1 several; an ESP32's ext1 that waits for low waits for all of its
pins. A C3 has neither, and watches pins 0 to 5: MicroPython takes any there, and its deep sleep
then fails. An S2 and an S3 have other pull-ups for the
RTC domain than for the GPIO matrix: those that a program has switched on for a GPIO are gone
in deep sleep, and the pin reads low, unless its pad is held.
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
    """The chip has no such source, or the pin is not one of its RTC domain."""


class Wakeup:
    """The wake-up sources of a chip ("esp32"), all off; a reset switches them off again."""

    def __init__(self, chip: str) -> None:
        self._chip = chip
        self.by_gpio = chip in _BY_GPIO
        self._watched: dict[int, tuple[bool, tuple[int, ...]]] = {}
        self._held: set[int] = set()

    def reset(self) -> None:
        """Watch nothing."""
        self._watched.clear()

    def hold(self, pin: int, on: bool) -> None:
        """Hold a pin's pad as it is, or let it go; a reset does not."""
        (self._held.add if on else self._held.discard)(pin)

    def watch(self, source: int, level: bool, pins: Iterable[int]) -> None:
        """Have a source watch pins for a level, in the place of what it watched. CannotWake."""
        pins = tuple(pins)
        fits = source == GPIO or {*pins} <= _PINS[self._chip]
        if (source == GPIO) != self.by_gpio or not fits:
            raise CannotWake
        self._watched[source] = level, pins

    def lets_sleep(self) -> bool:
        """Return whether a sleep can begin: not if a C3 watches a pin that cannot wake it."""
        return all({*pins} <= _PINS[self._chip] for _, pins in self._watched.values())

    def wakes(self, level_of: Callable[[int], int]) -> bool:
        """Return whether the levels of the pins end a sleep."""
        return self.waker(level_of) is not None

    def waker(self, level_of: Callable[[int], int]) -> int | None:
        """Return which source ends a sleep at these levels of the pins, None if none does."""
        for source, (level, pins) in self._watched.items():
            found = [bool(level_of(pin) and self._is_pulled(pin)) == level for pin in pins]
            waits_for_all = source == EXT1 and self._chip == "esp32" and not level
            if found and (all(found) if waits_for_all else any(found)):
                return source
        return None

    def _is_pulled(self, pin: int) -> bool:
        return self._chip not in _OWN_PULLS or pin in self._held
