"""The board: makes the drivers that the board definition names. The only module that knows pins.

It is unloaded once they are made: no object that lives longer may be of this module.
"""

import binascii
import json

import esp32
import machine
from micropython import const

from tokenfw.chip import FullSpeed, PartitionFlash, Radio, driven, pressed, pulled_up
from tokenfw.chip_keys import ChipKeys
from tokenfw.drivers.button import Button
from tokenfw.system import on_demand
from tokenfw.system.entropy import Entropy

DEFINITION = "board.json"
VAULT_LABEL = "vault"
_WATCHDOG_MS = const(8000)

# Made by make hardware from tokenctl.boards' devices.json; do not edit.
# Module, class, and of a clock chip what it is made with: name, address, fastest bus
# (Hz), accuracy and step of its aging offset (parts per billion).
_CLOCK_CHIPS = {
    "ds3231": ("tokenfw.drivers.ds3231", "DS3231", ("DS3231", 0x68, 400000, 2000, 100)),
    "ds3231m": ("tokenfw.drivers.ds3231", "DS3231", ("DS3231M", 0x68, 400000, 5000, 120)),
    "pcf8563": ("tokenfw.drivers.pcf8563", "PCF8563", ("PCF8563", 0x51, 400000, 35000, 0)),
    "ds1307": ("tokenfw.drivers.ds1307", "DS1307", ("DS1307", 0x68, 100000, 35000, 0)),
    "ds1338": ("tokenfw.drivers.ds1307", "DS1307", ("DS1338", 0x68, 400000, 35000, 0)),
}
_FOUND = (  # when none is named: the best first
    ("tokenfw.drivers.ds3231", "DS3231", ("DS3231", 0x68, 400000, 5000, 100)),
    ("tokenfw.drivers.pcf8563", "PCF8563", ("PCF8563", 0x51, 400000, 35000, 0)),
    ("tokenfw.drivers.ds1307", "DS1307", ("DS1307", 0x68, 100000, 35000, 0)),
)
_PANELS = {
    "ssd1306": ("tokenfw.drivers.ssd1306", "SSD1306"),
    "sh1106": ("tokenfw.drivers.sh1106", "SH1106"),
}
# Here ends what is made.
_ADDRESS, _FASTEST = const(1), const(2)  # indexes in the last tuple of such a row
_PROBING_HZ = const(100000)  # a frequency that all clock chips support

_BUTTONS = ("button", "second_button")
_LOSES_PULLS = ("esp32s2", "esp32s3")  # in deep sleep, unless the pad is held


class NoVaultPartition(Exception):
    """The flash was partitioned without a vault."""


class UnknownPanel(Exception):
    """The board definition names a panel that has no driver."""


class UnknownClockChip(Exception):
    """The board definition names a clock chip that has no driver."""


class Board:
    """One board, by its definition. Hardware is not touched before a method is called."""

    def __init__(self):
        try:
            with open(DEFINITION) as file:
                text = file.read()
            self._definition = json.loads(text)
            self.name = self._definition["name"]
            if text.count("{") != text.count("}"):  # MicroPython 1.24 parses a truncated file
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            raise on_demand.Damaged
        # Whether the button is on a pin that a computer can pull low.
        self.has_boot_button = self._definition.get("presence_on_boot_button", False)
        self._bus = None
        self.ahead = b""  # random bytes for Entropy: see system/boot_entropy.py
        self._frequency = 0  # of the bus, in Hz

    def serial_number(self):
        """Return the chip's unique number: twelve hex digits."""
        return binascii.hexlify(machine.unique_id()).decode().upper()

    def panel(self):
        """Return the driver of the OLED; raise UnknownPanel."""
        panel = self._definition["panel"]
        row = _PANELS.get(panel["driver"])
        if row is None:
            raise UnknownPanel(panel["driver"])
        return _driver(row)(self._i2c(), panel["address"], panel["width"], panel["height"])

    def rtc(self):
        """Return the driver of the clock chip that the definition names, or else that is found.

        Call it before panel(): a chip that is slower than the definition's frequency slows the
        bus. A DS1338 that is not named is treated as a DS1307, whose limit is 100 kHz. Raises
        UnknownClockChip; if no chip is found every method of the driver raises OSError.
        """
        name = self._definition.get("rtc", {}).get("driver")
        if name is None:
            row = _look_for(self._open_bus(_PROBING_HZ))
        else:
            row = _CLOCK_CHIPS.get(name)
            if row is None:
                raise UnknownClockChip(name)
        frequency = self._definition["i2c"]["frequency"]
        if row is None:
            self._open_bus(frequency)
            return on_demand.load("tokenfw.drivers.no_rtc").NoRTC()
        about = row[-1]
        frequency = min(frequency, about[_FASTEST])
        return _driver(row)(self._open_bus(frequency), about, frequency)

    def inspection(self):
        """Return an Inspection of the present board.

        It uses the drivers' bus, which is left as rtc() sets it up.
        """
        found = _look_for(self._open_bus(_PROBING_HZ))
        chip = self.rtc()
        pins = [self._pulled_up(self._definition[each]) for each in self._button_names()]
        return on_demand.once("tokenfw.inspection").Inspection(
            self._definition,
            self._bus,
            self._frequency,
            chip,
            None if found is None else found[-1][0],
            [pressed(each) for each in pins],
        )

    def buttons(self):
        """Return a list of one or two debounced Buttons."""
        return [self._button(self._definition[each]) for each in self._button_names()]

    def _button_names(self):
        return [each for each in _BUTTONS if each in self._definition]

    def _button(self, definition):
        return Button(pressed(self._pulled_up(definition)))

    def _pulled_up(self, definition):
        """Return a button's pin with its pull-up on; releases a pad that a sleep left held."""
        let_go = False if self._definition["chip"] in _LOSES_PULLS else None
        return pulled_up(definition["pin"], let_go)

    def sleep(self):
        """Set the buttons up to wake the chip; return a function that starts its deep sleep.

        None if no button can wake it.
        """
        return on_demand.once("tokenfw.waking").sleep_of(self._definition)

    def on_usb(self):
        """Return a function that returns whether USB power is sensed."""
        sense = self._definition.get("usb_power")
        return driven(None if sense is None else machine.Pin(sense["pin"], machine.Pin.IN))

    def battery(self):
        """Return the Battery, or None if the board has no divider to measure it."""
        definition = self._definition.get("battery")
        if definition is None:
            return None
        adc = machine.ADC(machine.Pin(definition["pin"]), atten=machine.ADC.ATTN_11DB)
        return on_demand.load("tokenfw.power.battery").Battery(adc.read_uv, definition)

    def flash(self):
        """Return the vault's PartitionFlash; raise NoVaultPartition."""
        found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label=VAULT_LABEL)
        if not found:
            raise NoVaultPartition
        return PartitionFlash(found[0])

    def watchdog(self, timeout=_WATCHDOG_MS):
        """Start the watchdog with a timeout (ms); return the function that feeds it."""
        return machine.WDT(timeout=timeout).feed

    def entropy(self):
        """Return the source of keys: the chip's generator, with its radio on."""
        memory = machine.RTC().memory
        return Entropy(
            Radio, machine.unique_id, ahead=self.ahead, memory=memory, reset=machine.reset
        )

    def full_speed(self):
        """Return a function that returns a context manager for the processor's full speed."""
        return FullSpeed(self._definition.get("full_speed"))

    def chip_keys(self):
        """Return the chip's own keys, to which a vault may be bound."""
        return ChipKeys(self._definition["chip"])

    def _i2c(self):
        return self._bus or self._open_bus(self._definition["i2c"]["frequency"])

    def _open_bus(self, frequency):
        """Open the bus, or open it again at another frequency (Hz)."""
        i2c = self._definition["i2c"]
        scl, sda = machine.Pin(i2c["scl"]), machine.Pin(i2c["sda"])
        self._bus = machine.I2C(i2c["id"], scl=scl, sda=sda, freq=frequency)
        self._frequency = frequency
        return self._bus


def _driver(row):
    """Return the class that a row names; only that driver's module is loaded."""
    return getattr(on_demand.load(row[0]), row[1])


def _look_for(i2c):
    """Return the row of _FOUND whose chip answers, or None."""
    for row in _FOUND:
        try:
            if _driver(row).found(i2c, row[-1][_ADDRESS]):
                return row
        except OSError:
            pass  # no chip at its address
        on_demand.forget(row[0])
    return None
