"""Compares what is on the board with its definition, for `tokenctl` to report.

Loaded on demand, and made anew for each inspection. It only reads: it changes no register and
no pin.
"""

import esp32
import machine
from micropython import const

_FIRST, _LAST = const(0x08), const(0x77)  # the others are reserved (NXP UM10204, section 3.1.12)
_ETIMEDOUT = const(116)  # a line is held low; an address without a chip gives ENODEV


class Inspection:
    """Inspects the board of `definition` over its bus `i2c`, which runs at `frequency` Hz.

    `chip` is a new driver of the clock chip that the firmware uses, `found` the name of the chip
    that was recognised on the bus, or None; `pressed` is a list of functions that read a button.
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
        """Return the numbers, from 0, of the buttons that are pressed now."""
        return [number for number, each in enumerate(self._pressed) if each()]

    def look_at_bus(self):
        """Find the addresses that answer on the bus; yields after each."""
        for address in range(_FIRST, _LAST + 1):
            try:
                self._i2c.writeto(address, b"")
                self._addresses.append(address)
            except OSError as error:
                if error.args and error.args[0] == _ETIMEDOUT:  # all others would time out too
                    self._stuck = True
                    return
            yield

    def report(self):
        """Return a dict of JSON types: docs/protocol.md has its fields.

        A button is reported as held if it was pressed at the start and still is.
        """
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
        """Return whether the clock chip's time is invalid; None if it does not answer."""
        try:
            return self._chip.read()[-1]
        except ValueError:
            return True  # the registers hold no date
        except OSError:
            return None

    def _usb_power(self):
        sense = self._definition.get("usb_power")
        return None if sense is None else bool(machine.Pin(sense["pin"], machine.Pin.IN).value())


def free_of_idf():
    """Return (free bytes of ESP-IDF's heap, size of the largest free block)."""
    blocks = esp32.idf_heap_info(esp32.HEAP_DATA)
    return sum([each[1] for each in blocks]), max([each[2] for each in blocks])
