"""The chip itself, as the firmware takes it: flash, radio, processor, a pin that is pressed."""

import esp32
import machine
from micropython import const

_USUAL_HZ = const(160000000)
_RADIO_TAKES = const(36864)  # bytes of ESP-IDF's memory


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
