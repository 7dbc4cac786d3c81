"""esp32, as far as the firmware uses it: the vault's partition on the simulated flash, and
which pins wake the chip from deep sleep.
"""

from _simulator import call
from machine import number_of

_SECTOR = 4096
_INVALID_ARG = -258, "ESP_ERR_INVALID_ARG"

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True


def wake_on_ext0(pin, level):
    """Have a pin wake the chip; ValueError for one that cannot."""
    _wake(0, (pin,), level)


def wake_on_ext1(pins, level):
    """Have pins wake the chip: when all are low on an ESP32, when one is on the others."""
    _wake(1, pins, level)


def wake_on_gpio(pins, level):
    """Have pins wake the chip when one has that level: a C3's."""
    _wake(2, pins, level)


def _wake(source, pins, level):
    try:
        call(b"k", bytes([source, level]) + b"".join(number_of(pin) for pin in pins))
    except OSError:
        raise ValueError("invalid pin") from None


class Partition:
    """One partition, as a block device and as NOR flash."""

    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, label, size):
        self._label, self._size = label, size

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, label=None):
        """Return the list of partitions of this type and label: of data there is only the vault."""
        size = int.from_bytes(call(b"z"), "little")
        found = type == Partition.TYPE_DATA and subtype in (0xFF, 0x40) and size
        return [Partition("vault", size)] if found and label in (None, "vault") else []

    def info(self):
        """Return (type, subtype, address, size, label, encrypted)."""
        return (1, 0x40, 0x110000, self._size, self._label, False)

    def readblocks(self, block, buffer, offset=0):
        """Read into `buffer`; as ESP-IDF, not into a bytearray of no bytes."""
        if isinstance(buffer, bytearray) and not buffer:
            raise OSError(*_INVALID_ARG)
        where = (block * _SECTOR + offset).to_bytes(4, "little")
        buffer[:] = call(b"r", where + len(buffer).to_bytes(4, "little"))

    def writeblocks(self, block, buffer, offset=None):
        """Program; without an offset the blocks are erased first, as on the board."""
        if isinstance(buffer, bytearray) and not buffer:
            raise OSError(*_INVALID_ARG)
        if offset is None:
            for each in range(len(buffer) // _SECTOR):
                self.ioctl(6, block + each)
        call(b"g", (block * _SECTOR + (offset or 0)).to_bytes(4, "little") + bytes(buffer))

    def ioctl(self, command, argument):
        """4: the number of blocks; 5: their size; 6: erase one."""
        if command == 4:
            return self._size // _SECTOR
        if command == 5:
            return _SECTOR
        if command == 6:
            call(b"e", argument.to_bytes(4, "little"))
        return 0
