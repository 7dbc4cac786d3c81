"""esp32.Partition: the partition table, and the vault's contents on the simulated flash.

Arguments are refused as by ESP-IDF's esp_partition_read and related functions.
"""

from _simulator import call, call_into, flash_file, may_look
from _strict import integer, not_simulated, positional, readable, writable

_SECTOR = 4096
_INVALID_ARG = -258, "ESP_ERR_INVALID_ARG"
_INVALID_SIZE = -260, "ESP_ERR_INVALID_SIZE"
_ANY = 0xFF
_ROW = 26  # bytes: type, subtype, offset, size, label
_MISSING = object()
_VAULT = "vault"  # the only partition whose contents are simulated


_flash = None  # the file with the vault's contents, if it is read without requests


def find_content():
    """Ask for the vault's contents, before they are read for the first time."""
    global _flash
    _flash = flash_file()


class Partition:
    """One partition, as a block device and as NOR flash."""

    TYPE_APP, TYPE_DATA, BOOT, RUNNING = 0, 1, 0, 1
    get_next_update = mark_app_valid_cancel_rollback = set_boot = not_simulated

    def __init__(self, which, block_size=_SECTOR):
        running = isinstance(which, int)  # BOOT or RUNNING: the one application
        for row in _rows():
            if row[0] == Partition.TYPE_APP if running else row[4] == which:
                self._row, self._block = row, block_size
                return
        raise OSError(2)

    @staticmethod
    def find(type=TYPE_APP, subtype=_ANY, label=None, block_size=_SECTOR):
        """Return a list of the partitions of a type, and of a subtype and label if given."""
        label = None if label is None else str(readable(label), "utf-8")
        return [
            Partition(row[4], block_size)
            for row in _rows()
            if row[0] == type and subtype in (_ANY, row[1]) and label in (None, row[4])
        ]

    @positional(1)
    def info(self):
        """Return (type, subtype, address, size, label, encrypted)."""
        return self._row + (False,)

    def readblocks(self, block, buffer=_MISSING, offset=0):
        """Read from a block, at an offset in bytes, into a buffer."""
        whole = writable(_given(buffer))
        address = self._address(block, offset)
        self._check(address, len(whole))
        if not len(whole) and not isinstance(buffer, memoryview):
            raise OSError(*_INVALID_ARG)  # it has no address
        self._check_content()
        if _flash is not None and may_look():
            _flash.seek(address)
            _flash.readinto(whole)
            return
        size = len(whole).to_bytes(4, "little")
        call_into(b"r", address.to_bytes(4, "little") + size, whole)

    def writeblocks(self, block, buffer=_MISSING, offset=_MISSING):
        """Program a buffer; without an offset it must be whole blocks, which are erased first."""
        data = readable(_given(buffer))
        address = self._address(block, 0 if offset is _MISSING else offset)
        self._check(address, len(data))
        if offset is _MISSING:
            if len(data) % _SECTOR:
                raise OSError(*_INVALID_SIZE)
            for each in range(address // _SECTOR, (address + len(data)) // _SECTOR):
                self._erase(each)
        if not len(data) and not isinstance(buffer, (bytes, str, memoryview)):
            raise OSError(*_INVALID_ARG)  # it has no address
        self._check_content()
        call(b"g", address.to_bytes(4, "little"), data)

    @positional(3)
    def ioctl(self, command, argument):
        """4: the number of blocks; 5: their size; 6: erase one."""
        command = integer(command)
        if command == 4:
            return self._row[3] // self._block
        if command == 5:
            return self._block
        if command == 6:
            address = self._address(argument, 0)
            self._check(address, self._block)
            self._erase(address // _SECTOR)
        return 0 if 0 < command < 7 else None

    def _address(self, block, offset):
        return (integer(block) * self._block + integer(offset)) & 0xFFFFFFFF

    def _check(self, address, size):
        if address > self._row[3]:
            raise OSError(*_INVALID_ARG)
        if address + size > self._row[3]:
            raise OSError(*_INVALID_SIZE)

    def _erase(self, sector):
        self._check_content()
        call(b"e", sector.to_bytes(4, "little"))

    def _check_content(self):
        if self._row[4] != _VAULT:
            not_simulated()


def _given(buffer):
    if buffer is _MISSING:
        raise TypeError("function missing 1 required positional arguments")
    return buffer


def _rows():
    """Return a list of the partition table's rows: (type, subtype, offset, size, label)."""
    table = call(b"z")
    return [
        (
            table[at],
            table[at + 1],
            int.from_bytes(table[at + 2 : at + 6], "little"),
            int.from_bytes(table[at + 6 : at + 10], "little"),
            str(table[at + 10 : at + _ROW].rstrip(b"\0"), "utf-8"),
        )
        for at in range(0, len(table), _ROW)
    ]
