"""esp32, as far as the firmware uses it.

The partitions of the simulated flash, the wake-up sources, and the free memory of ESP-IDF.
"""

import _hashing
from _partition import Partition, find_content  # noqa: F401
from _pin import number_of
from _simulator import call
from _strict import integer, module, not_simulated

_NAMES = (
    "HEAP_DATA HEAP_EXEC NVS Partition RMT ULP WAKEUP_ALL_LOW WAKEUP_ANY_HIGH gpio_deep_sleep_hold"
    " idf_heap_info raw_temperature wake_on_ext0 wake_on_ext1 wake_on_touch wake_on_ulp"
)
HEAP_DATA, HEAP_EXEC = 4, 1
WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True
_EXT0, _EXT1, _GPIO = 0, 1, 2
_taken = []  # ext0, when it watches a pin


def wake_on_ext0(pin=None, level=None):
    """Let a pin wake the chip, or None; raise ValueError if it cannot."""
    if isinstance(pin, (tuple, list)):
        raise ValueError("invalid pin")
    _wake(_EXT0, () if pin is None else (pin,), level)
    _taken[:] = () if pin is None else (pin,)


def wake_on_ext1(pins=None, level=None):
    """Let pins wake the chip: on an ESP32 if all are low, on others if one is."""
    if pins is not None and not isinstance(pins, (tuple, list)):
        raise TypeError("object '%s' isn't a tuple or list" % type(pins).__name__)
    _wake(_EXT1, pins or (), level)


def wake_on_gpio(pins=None, level=None):
    """Let pins wake a C3 if one has that level; from MicroPython 1.27 on.

    Accepts any pin: if one cannot wake the chip machine.deepsleep() raises ValueError.
    """
    _wake(_GPIO, pins or (), level)


def wake_on_touch(on):
    """Refuse if ext0 is in use."""
    if _taken:
        raise ValueError("no resources")
    return not_simulated()


def idf_heap_info(capabilities):
    """Return [(total, free, largest free block, least free ever)] of ESP-IDF's memory."""
    integer(capabilities)
    data = call(b"I")
    free, largest = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:], "little")
    return [(free, free, largest, free)]


def _wake(source, pins, level):
    try:
        call(b"k", bytes([source, bool(level)]) + b"".join([number_of(pin) for pin in pins]))
    except OSError:
        raise ValueError("invalid pin") from None


def of_this_board():
    """Return the stand-in of the board that answers, once requests can be sent."""
    find_content()
    _, by_gpio, hash_time = call(b"s")
    _hashing.take(hash_time)
    return module(_NAMES + (" wake_on_gpio" if by_gpio else ""), globals())
