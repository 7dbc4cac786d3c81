"""The board: makes the drivers that the board definition names. The only module that knows pins.

It is forgotten when they are made: nothing that is needed later may be of this module.
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
_ADDRESS, _FASTEST = const(1), const(2)  # in what a clock chip is made with
_PROBING_HZ = const(100000)  # all of them take that

_BUTTONS = ("button", "second_button")
_LOSES_PULLS = ("esp32s2", "esp32s3")  # in deep sleep, unless the pad is held


class NoVaultPartition(Exception):
    """The flash was partitioned without a vault."""


class UnknownPanel(Exception):
    """The board definition names a panel that has no driver."""


class UnknownClockChip(Exception):
    """The board definition names a clock chip that has no driver."""


class Board:
    """One board, as its definition says. Hardware is touched when a method is called."""

    def __init__(self):
        try:
            with open(DEFINITION) as file:
                text = file.read()
            self._definition = json.loads(text)
            self.name = self._definition["name"]
            if text.count("{") != text.count("}"):  # MicroPython 1.24 reads what was cut short
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            raise on_demand.Damaged
        # Its button is on a pin that a computer can pull low.
        self.has_boot_button = self._definition.get("presence_on_boot_button", False)
        self._bus = None
        self.ahead = b""  # random bytes that were drawn ahead
        self._frequency = 0  # of it, in Hz

    def serial_number(self):
        """Return the chip's own number: twelve hex digits."""
        return binascii.hexlify(machine.unique_id()).decode().upper()

    def panel(self):
        """Return the driver of the OLED; UnknownPanel when there is none of that name."""
        panel = self._definition["panel"]
        row = _PANELS.get(panel["driver"])
        if row is None:
            raise UnknownPanel(panel["driver"])
        return _driver(row)(self._i2c(), panel["address"], panel["width"], panel["height"])

    def rtc(self):
        """Return the driver of the clock chip: of the one that is named, or else is found.

        Call it first: a chip that is slower than the definition's frequency slows the bus.
        A DS1338 that is not named is taken for a DS1307, which at 400 kHz is out of its
        specification. Raises UnknownClockChip; with no chip every use of the driver is OSError.
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
        """Return an Inspection of what is on the board now.

        The bus is the one that the drivers use: it is left as rtc() sets it up.
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
        """Return the buttons, debounced: the first, and the second where the board has one."""
        return [self._button(self._definition[each]) for each in self._button_names()]

    def _button_names(self):
        return [each for each in _BUTTONS if each in self._definition]

    def _button(self, definition):
        return Button(pressed(self._pulled_up(definition)))

    def _pulled_up(self, definition):
        """Return a button's pin; a sleep may have left its pad held."""
        let_go = False if self._definition["chip"] in _LOSES_PULLS else None
        return pulled_up(definition["pin"], let_go)

    def sleep(self):
        """Have the buttons wake the chip; return its deep sleep, None if nothing would end that."""
        return on_demand.once("tokenfw.waking").sleep_of(self._definition)

    def on_usb(self):
        """Return a function that tells whether USB power is sensed."""
        sense = self._definition.get("usb_power")
        return driven(None if sense is None else machine.Pin(sense["pin"], machine.Pin.IN))

    def battery(self):
        """Return the Battery, None where the board has no divider to measure it by."""
        definition = self._definition.get("battery")
        if definition is None:
            return None
        adc = machine.ADC(machine.Pin(definition["pin"]), atten=machine.ADC.ATTN_11DB)
        return on_demand.load("tokenfw.power.battery").Battery(adc.read_uv, definition)

    def flash(self):
        """Return the vault's partition; NoVaultPartition when the partition table has none."""
        found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label=VAULT_LABEL)
        if not found:
            raise NoVaultPartition
        return PartitionFlash(found[0])

    def watchdog(self, timeout=_WATCHDOG_MS):
        """Start the watchdog, which waits so long (ms); return the function that feeds it."""
        return machine.WDT(timeout=timeout).feed

    def entropy(self):
        """Return the source of keys: the chip's generator, with its radio on."""
        memory = machine.RTC().memory
        return Entropy(
            Radio, machine.unique_id, ahead=self.ahead, memory=memory, reset=machine.reset
        )

    def full_speed(self):
        """Return a function that gives a context manager for the processor's full speed."""
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
    """Return the driver's class; only the one that is needed stays in memory."""
    return getattr(on_demand.load(row[0]), row[1])


def _look_for(i2c):
    """Return the row of the clock chip that answers; None when none does."""
    for row in _FOUND:
        try:
            if _driver(row).found(i2c, row[-1][_ADDRESS]):
                return row
        except OSError:
            pass  # nobody has its address
        on_demand.forget(row[0])
    return None
