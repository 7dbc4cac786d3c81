"""What the firmware uses of the chip: flash, radio, processor, pins."""

import esp32
import machine
from micropython import const

_USUAL_HZ = const(160000000)  # MicroPython's frequency after a start
_RADIO_TAKES = const(36864)  # bytes of ESP-IDF's heap


def pressed(pin):
    """Return a function that returns whether a button pulls `pin` (machine.Pin) low."""
    return lambda: not pin.value()


def driven(pin):
    """Return a function that returns whether `pin` is driven high; False for None."""
    return lambda: pin is not None and bool(pin.value())


def pulled_up(number, hold=None):
    """Return a pin as an input with its pull-up on.

    With `hold` True its pad keeps its state, in sleep too, until a call with `hold` False. None
    leaves the hold alone.
    """
    mode, pull = machine.Pin.IN, machine.Pin.PULL_UP
    if hold is None:
        return machine.Pin(number, mode, pull)
    return machine.Pin(number, mode, pull, hold=hold)  # pyright: ignore[reportCallIssue]


class HoldingSleep:
    """A function that enters deep sleep with the pull-ups of these pins (numbers) held on."""

    def __init__(self, numbers):
        self._numbers = numbers

    def __call__(self):
        for number in self._numbers:
            pulled_up(number, hold=True)
        machine.deepsleep()


class Radio:
    """A context manager that has the radio on; entering it returns whether it is.

    It connects to no network. With less free memory than the radio takes it is not tried, since
    ESP-IDF may then crash instead of returning an error. Measured on an ESP32: 36 KB, the
    largest piece 34 KB.
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
    """A function that returns a context manager for the processor's `frequency` (Hz).

    None changes nothing. On exit the frequency becomes 160 MHz, as MicroPython sets it at its
    start (main.py raises it after that).
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
    """An esp32.Partition as NOR flash: addresses in bytes from its start, sectors of 4096 bytes.

    Reads and writes of 0 bytes, some of which ESP-IDF refuses (ESP_ERR_INVALID_ARG), do nothing.
    Errors are OSError.
    """

    SECTOR = 4096

    def __init__(self, partition):
        self._partition = partition
        self.sectors = partition.info()[3] // self.SECTOR

    def read(self, address, length):
        """Return `length` bytes from `address` on."""
        data = bytearray(length)
        self.readinto(address, data)
        return bytes(data)

    def readinto(self, address, data):
        """Fill `data` (bytearray) from `address` on."""
        if data:
            self._partition.readblocks(address // self.SECTOR, data, address % self.SECTOR)

    def program(self, address, data):
        """Clear in flash, from `address` on, the bits that are 0 in `data`; nothing is erased."""
        if data:
            self._partition.writeblocks(address // self.SECTOR, data, address % self.SECTOR)

    def erase(self, sector):
        """Set all bits of a sector (its number)."""
        self._partition.ioctl(6, sector)
