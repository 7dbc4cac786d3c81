"""What is on the board now, beside what its definition names: for a computer that examines it.

Made anew for each look, and forgotten: nothing at rest is of this module. It reads, and
changes nothing: not a register, not a pin.
"""

import esp32
import machine
from micropython import const

_FIRST, _LAST = const(0x08), const(0x77)  # the others are reserved (NXP UM10204, section 3.1.12)
_ETIMEDOUT = const(116)  # a line is held low; nobody there is ENODEV


class Inspection:
    """Looks at the board of `definition`, over its bus `i2c`, which runs at `frequency` Hz.

    `chip` is a new driver for the clock chip that the firmware takes, `found` the name of the one
    that the bus answers as, None for none; `pressed` are functions that read the buttons.
    """

    def __init__(self, definition, i2c, frequency, chip, found, pressed):
        self._definition = definition
        self._i2c = i2c
        self._frequency = frequency
        self._chip = chip
        self._found = found
        self._pressed = pressed
        self._down = self.held()
        self._addresses = []
        self._stuck = False

    def held(self):
        """Return the numbers of the buttons that are down now, from 0."""
        return [number for number, each in enumerate(self._pressed) if each()]

    def look_at_bus(self):
        """Find who answers on the bus; yields between addresses."""
        for address in range(_FIRST, _LAST + 1):
            try:
                self._i2c.writeto(address, b"")
                self._addresses.append(address)
            except OSError as error:
                if error.args and error.args[0] == _ETIMEDOUT:  # so would all others
                    self._stuck = True
                    return
            yield

    def report(self):
        """Return what was seen as JSON types; a button is stuck that is down still."""
        panel = self._definition["panel"]
        held = self.held()
        return {
            "chip": self._definition["chip"],
            "bus": {
                "frequency": self._frequency,
                "addresses": self._addresses,
                "stuck": self._stuck,
            },
            "panel": {
                "driver": panel["driver"],
                "address": panel["address"],
                "width": panel["width"],
                "height": panel["height"],
            },
            "clock": {
                "named": self._definition.get("rtc", {}).get("driver"),
                "used": self._chip.NAME,
                "found": self._found,
                "stopped": self._stopped(),
            },
            "buttons": len(self._pressed),
            "held": [each for each in self._down if each in held],
            "usb_power": self._usb_power(),
            "battery": "battery" in self._definition,
        }

    def _stopped(self):
        """Return the chip's word on whether its time is worth nothing; None without an answer."""
        try:
            return self._chip.read()[-1]
        except ValueError:
            return True  # not even a date
        except OSError:
            return None

    def _usb_power(self):
        sense = self._definition.get("usb_power")
        return None if sense is None else bool(machine.Pin(sense["pin"], machine.Pin.IN).value())


def free_of_idf():
    """Return how many bytes ESP-IDF has free, and the largest block of them."""
    blocks = esp32.idf_heap_info(esp32.HEAP_DATA)
    return sum([each[1] for each in blocks]), max([each[2] for each in blocks])
