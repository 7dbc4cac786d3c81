"""What wakes a chip from its deep sleep: the buttons that a board's definition names.

In memory only while it is said: nothing that is needed later may be of this module.
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
    """Have a board's buttons wake the chip; return its deep sleep, None if nothing would end that.

    The first button's pin is ext0, whose power domain keeps the pull-ups of both, an S2's
    or S3's when their pads are held; the second one's is ext1 alone, because an ESP32's ext1
    waits for all its pins to be low.
    A C3 has neither: there MicroPython wakes from 1.27 on, and takes any pin, but one that
    cannot wake makes the sleep itself fail.
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
        return None  # this MicroPython cannot, or this pin
    try:
        esp32.wake_on_ext1(pins[1:], esp32.WAKEUP_ALL_LOW)
    except ValueError:
        pass  # the first one wakes it
    if chip in LOSES_PULLS:
        return HoldingSleep([each["pin"] for each in buttons])
    return machine.deepsleep
