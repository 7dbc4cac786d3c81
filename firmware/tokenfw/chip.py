"""What the firmware uses of the chip: flash, radio, processor, pins."""

import esp32
import machine
from micropython import const

_USUAL_HZ = const(160000000)
_RADIO_TAKES = const(36864)  # bytes of ESP-IDF's memory
BUTTONS = ("button", "second_button")  # in a board's definition
_WAKES_BY_GPIO = ("esp32c3",)
_GPIO_WAKES_BELOW = const(6)  # these are in a C3's RTC domain
_LOSES_PULLS = ("esp32s2", "esp32s3")  # in deep sleep, unless the pad is held


def pressed(pin):
    """Return a function that tells whether a button pulls `pin` (machine.Pin) down."""
    return lambda: not pin.value()


def driven(pin):
    """Return a function that tells whether something drives `pin` high; None is never driven."""
    return lambda: pin is not None and bool(pin.value())


def pulled_up(number, hold=None):
    """Return a pin as an input with its pull-up on.

    With `hold` true its pad stays as it is, asleep too, until it is let go by a false one.
    """
    mode, pull = machine.Pin.IN, machine.Pin.PULL_UP
    if hold is None:
        return machine.Pin(number, mode, pull)
    return machine.Pin(number, mode, pull, hold=hold)  # pyright: ignore[reportCallIssue]


def let_go(definition):
    """Return what pulled_up() takes for a button of this board: a sleep may have left it held."""
    return False if definition["chip"] in _LOSES_PULLS else None


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
    pins = [pulled_up(each["pin"], let_go(definition)) for each in buttons]
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
    if chip in _LOSES_PULLS:
        return HoldingSleep([each["pin"] for each in buttons])
    return machine.deepsleep


class HoldingSleep:
    """Called, the chip's deep sleep with the pull-ups of these pins on."""

    def __init__(self, numbers):
        self._numbers = numbers

    def __call__(self):
        for number in self._numbers:
            pulled_up(number, hold=True)
        machine.deepsleep()


class Radio:
    """The radio, on while it is entered, which gives whether it is; no network is looked for.

    It is not tried with less memory than it takes, measured on an ESP32: 36 KB, the largest
    piece of 34 KB. With little left ESP-IDF may end in a crash, not in an error.
    """

    def __enter__(self):
        self._station = None
        try:
            blocks = esp32.idf_heap_info(esp32.HEAP_DATA)
            if max([each[2] for each in blocks]) < _RADIO_TAKES:
                return False
            import network

            self._station = network.WLAN(network.STA_IF)
            self._station.active(True)
            return self._station.active()
        except (ImportError, OSError, RuntimeError, MemoryError):
            return False

    def __exit__(self, *_):
        try:
            if self._station is not None:
                self._station.active(False)
        except (OSError, RuntimeError):
            pass  # it was never on


class FullSpeed:
    """Called, a context manager: the processor's frequency (Hz) meanwhile; None changes nothing.

    Afterwards it is what MicroPython begins with: main.py has raised it for the start.
    """

    def __init__(self, frequency):
        self._frequency = frequency

    def __call__(self):
        return self

    def __enter__(self):
        if self._frequency:
            machine.freq(self._frequency)

    def __exit__(self, *_):
        if self._frequency:
            machine.freq(_USUAL_HZ)


class PartitionFlash:
    """A partition as NOR flash: addresses in bytes from its beginning, sectors of 4096 bytes.

    ESP-IDF refuses some reads and writes of no bytes (ESP_ERR_INVALID_ARG): they never reach it.
    """

    SECTOR = 4096

    def __init__(self, partition):
        self._partition = partition
        self.sectors = partition.info()[3] // self.SECTOR

    def read(self, address, length):
        """Return `length` bytes."""
        data = bytearray(length)
        self.readinto(address, data)
        return bytes(data)

    def readinto(self, address, data):
        """Fill `data` (bytearray)."""
        if data:
            self._partition.readblocks(address // self.SECTOR, data, address % self.SECTOR)

    def program(self, address, data):
        """Clear the bits that are 0 in `data`; erases nothing."""
        if data:
            self._partition.writeblocks(address // self.SECTOR, data, address % self.SECTOR)

    def erase(self, sector):
        """Set all bits of a sector."""
        self._partition.ioctl(6, sector)
