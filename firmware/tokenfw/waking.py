"""Sets up a board's buttons to wake the chip from deep sleep.

Loaded on demand: no object that lives longer may be of this module, but for what it returns.
"""

import esp32
import machine
from micropython import const

from tokenfw.chip import HoldingSleep, pulled_up

BUTTONS = ("button", "second_button")  # in a board's definition
_WAKES_BY_GPIO = ("esp32c3",)
_GPIO_WAKES_BELOW = const(6)  # these are in a C3's RTC domain
LOSES_PULLS = ("esp32s2", "esp32s3")  # in deep sleep, unless the pad is held


def sleep_of(definition):
    """Set up a board's buttons to wake the chip; return a function that enters deep sleep.

    None if no button can wake it. The first button uses ext0, whose power domain also keeps the
    pull-ups of both buttons on (on an S2 or S3 only if their pads are held). The second button
    uses ext1 by itself, because an ESP32's ext1 wakes only when all its pins are low. A C3 has
    neither, but wake_on_gpio from MicroPython 1.27 on: that accepts any pin, and then the sleep
    itself fails if a pin cannot wake.
    """
    if not definition.get("sleep", True):
        return None
    chip = definition["chip"]
    buttons = [definition[each] for each in BUTTONS if each in definition]
    let_go = False if chip in LOSES_PULLS else None  # a sleep may have left the pads held
    pins = [pulled_up(each["pin"], let_go) for each in buttons]
    try:
        if chip in _WAKES_BY_GPIO:
            able = [each["pin"] < _GPIO_WAKES_BELOW for each in buttons]
            if not able[0]:
                return None
            esp32.wake_on_gpio(pins if able[-1] else pins[:1], esp32.WAKEUP_ALL_LOW)
            return machine.deepsleep
        esp32.wake_on_ext0(pins[0], esp32.WAKEUP_ALL_LOW)
    except (AttributeError, ValueError):
        return None  # this MicroPython or this pin cannot wake the chip
    try:
        esp32.wake_on_ext1(pins[1:], esp32.WAKEUP_ALL_LOW)
    except ValueError:
        pass  # the first button still wakes it
    if chip in LOSES_PULLS:
        return HoldingSleep([each["pin"] for each in buttons])
    return machine.deepsleep
