"""The two key sectors, used in turn: the wrapped vault key, and the count of PIN attempts.

A block, written twice, has a generation, the parameters of the PIN's key, and the
vault key wrapped under that; it does not tell the PIN's length without the vault key. While
records are sealed anew, the vault key before it lies beside it, sealed under the present one.
Behind them are two fields of bits that are programmed one after the other: one for each
attempt that was made, one for each that was forgiven because it was right. What an attempt may
have told is not known before its bit is in flash. A mark of its own says that the vault is
being wiped.
"""

import binascii
import struct

from micropython import const

from otpcore import pins
from tokenfw.vault.sealing import KEY, BadSeal, Seal, sealed_size
from tokenfw.vault.sectors import PIECE, SECTOR, NewerVault, is_blank, pieces

SECTORS = (0, 1)
VERSION = 3
_IN_CLEAR = const(2)  # the version that has the length of the PIN as it is
SALT = 16  # bytes

_MAGIC = b"OTK"
_LENGTHS = pins.MAX - pins.MIN + 1
_PREFIX = ">3sB"  # magic, version; then their CRC-32, so that every version knows a newer one
_PREFIX_SIZE = const(8)
_FIELDS = ">IIIB3x16s"  # generation, epoch, iterations, hidden length of the PIN, salt
_FIELDS_SIZE = const(32)
_HEAD_SIZE = _PREFIX_SIZE + _FIELDS_SIZE + 4  # with the CRC-32 of the parameters
_WRAPPED = sealed_size(KEY)
_BLOCK_SIZE = _HEAD_SIZE + _WRAPPED + 4
_OLD_SIZE = 4 + _WRAPPED + 4  # epoch, the old key sealed, CRC-32

_BLOCKS = (0, 1024)
_OLDS = (512, 1536)
_WIPE = const(2032)
_WIPE_MARK = b"wipe this vault!"
_TRIED = const(2048)
_FORGIVEN = const(3072)
_FIELD = const(1024)  # bytes of either field of bits
_STUCK = const(8)  # bits in a row that cannot be programmed: then the flash takes nothing at all

ATTEMPTS = 10  # failures in a row, then the vault is wiped


class FlashFault(Exception):
    """The flash did not take what was programmed."""


class Slot:
    """What a block says. `pin` is 0 without one, see length(); `wrapped` the vault key, sealed."""

    def __init__(self, generation, epoch, iterations, pin, salt, wrapped=b"", version=VERSION):
        self.generation = generation
        self.epoch = epoch
        self.iterations = iterations
        self.pin = pin
        self.salt = salt
        self.wrapped = wrapped
        self.version = version

    def fields(self):
        """Return the bytes of the parameters, to which the wrapped key is bound."""
        return struct.pack(
            _FIELDS, self.generation, self.epoch, self.iterations, self.pin, self.salt
        )

    def length(self, vault_key):
        """Return how many digits the PIN has, 0 without one."""
        if not self.pin or self.version <= _IN_CLEAR:
            return self.pin
        return (self.pin - 1 - _pad(vault_key, self.salt)) % _LENGTHS + pins.MIN

    def unwrap(self, pin_key):
        """Return the vault key; raise BadSeal when `pin_key` (32 bytes) is not the PIN's."""
        return Seal(pin_key).unwrap(b"vault key" + self.fields(), self.wrapped)


class KeySlots:
    """The key sectors of `flash`."""

    def __init__(self, flash):
        self._flash = flash
        self._sector = -1
        self._whole = False  # whether both blocks are
        self.slot = None

    def open(self):
        """Find the newest slot; return whether there is one. Raises NewerVault."""
        self._sector, self.slot = -1, None
        for sector in SECTORS:
            slot = self._read(sector)
            if slot and (self.slot is None or slot.generation > self.slot.generation):
                self.slot, self._sector = slot, sector
        if self.slot is not None:
            self._whole = self._blocks_are_alike()
        return self.slot is not None

    def tidy(self):
        """Erase the key sector that is not used, if there is anything in it."""
        other = SECTORS[1 - self._sector]
        if not is_blank(self._flash, other, bytearray(PIECE)):
            self._flash.erase(other)

    def write(self, pin_key, pin_length, iterations, salt, vault_key, old_key=None):
        """Wrap `vault_key` under `pin_key` in the other sector. The count of attempts begins anew.

        With `old_key` the vault key changes: the old one is kept beside it, sealed
        under the new one, until drop_old(). With an error (FlashFault is one) the slot is
        still the one before; either way tidy() erases the sector that is not used then.
        """
        old = self.slot
        generation = 1 if old is None else old.generation + 1
        changes = old is None or old_key is not None
        epoch = generation if changes else old.epoch
        pin = _hidden(pin_length, vault_key, salt)
        slot = Slot(generation, epoch, iterations, pin, salt)
        slot.wrapped = Seal(pin_key).wrap(b"vault key" + slot.fields(), vault_key)
        programs = []
        if old_key is not None:
            kept = struct.pack(">I", old.epoch) + Seal(vault_key).wrap(b"old key", old_key)
            programs = [(place, kept + _checksum(kept)) for place in _OLDS]
        block = struct.pack(_PREFIX, _MAGIC, VERSION)
        block += _checksum(block) + slot.fields()
        block += _checksum(block) + slot.wrapped
        block += _checksum(block)
        programs += [(place, block) for place in _BLOCKS]
        sector = SECTORS[0] if self._sector < 0 else SECTORS[1 - self._sector]
        self._flash.erase(sector)
        for place, data in programs:
            self._flash.program(sector * SECTOR + place, data)
        if self._read(sector) is None:
            raise FlashFault
        self.slot, self._sector, self._whole = slot, sector, True

    def old_key(self, vault_key):
        """Return (epoch, key) of the vault key before this one while records need it, or None."""
        for place in _OLDS:
            kept = self._flash.read(self._sector * SECTOR + place, _OLD_SIZE)
            if _checks(kept):
                epoch = struct.unpack(">I", kept[:4])[0]
                try:
                    return epoch, Seal(vault_key).unwrap(b"old key", kept[4:-4])
                except BadSeal:
                    pass
        return None

    def drop_old(self):
        """Program the vault key before this one to zeros."""
        for place in _OLDS:
            self._flash.program(self._sector * SECTOR + place, bytes(_OLD_SIZE))

    # attempts

    def failures(self):
        """Return how many attempts were not forgiven."""
        used = (self._tried() + 7) // 8
        forgiven = self._field(_FORGIVEN, used)
        count = 0
        for tried in self._field(_TRIED, used):
            for one, other in zip(tried, next(forgiven)):  # noqa: B905 (MicroPython's has no strict)
                count += bin(~one & other & 0xFF).count("1")
        return count

    def attempt(self):
        """Count an attempt, before its PIN is looked at. Raises FlashFault when that fails."""
        first = self._tried()
        for place in range(first, min(first + _STUCK, 8 * _FIELD)):  # renewed before; see worn()
            address = self._sector * SECTOR + _TRIED + place // 8
            self._flash.program(address, bytes([0xFF >> place % 8 >> 1]))
            if self._tried() > place:
                return
        raise FlashFault

    def forgive(self):
        """Forgive all attempts that were made: the last one was right."""
        place = self._sector * SECTOR + _FORGIVEN
        for tried in self._field(_TRIED, (self._tried() + 7) // 8):
            self._flash.program(place, tried)
            place += len(tried)

    def worn(self):
        """Tell whether the slot wants a new sector: few bits left, or a block damaged or older."""
        older = self.slot.pin and self.slot.version < VERSION  # it tells the PIN's length
        return older or not self._whole or self._tried() > 8 * _FIELD - 64

    def _tried(self):
        """Return the place behind the last attempt: a bit that was skipped counts as made."""
        behind = start = 0
        for data in self._field(_TRIED, _FIELD):
            used = data.rstrip(b"\xff")
            if used:
                behind = start + 8 * len(used)
                last = used[-1]
                while last & 1:
                    last >>= 1
                    behind -= 1
            start += 8 * len(data)
        return behind

    def _field(self, place, size):
        """Yield so many bytes of a field in pieces."""
        return pieces(self._flash, self._sector * SECTOR + place, size)

    # wiping

    def is_wiping(self):
        """Tell whether a wipe was begun."""
        place = self._sector * SECTOR + _WIPE
        return self._flash.read(place, len(_WIPE_MARK)) == _WIPE_MARK

    def begin_wipe(self):
        """Mark the vault as being wiped, and destroy all keys in it."""
        start = self._sector * SECTOR
        self._flash.program(start + _WIPE, _WIPE_MARK)
        for place in _BLOCKS:
            # The head stays: a restart must know that this is ours, and go on.
            self._flash.program(start + place + _HEAD_SIZE, bytes(_WRAPPED + 4))
        self.drop_old()
        self.tidy()

    def end_wipe(self):
        """Erase the key sectors themselves, the one that says so last."""
        last = SECTORS[0] if self._sector < 0 else self._sector
        self._flash.erase(SECTORS[1 - last])
        self._flash.erase(last)
        self._sector, self.slot = -1, None

    def _blocks_are_alike(self):
        one, other = (
            self._flash.read(self._sector * SECTOR + place, _BLOCK_SIZE) for place in _BLOCKS
        )
        return one == other

    def _read(self, sector):
        """Return a sector's Slot, or None; raise NewerVault."""
        start = sector * SECTOR
        wiping = self._flash.read(start + _WIPE, len(_WIPE_MARK)) == _WIPE_MARK
        for place in _BLOCKS:
            block = self._flash.read(start + place, _BLOCK_SIZE)
            magic, version = struct.unpack(_PREFIX, block[:4])
            if magic != _MAGIC or not _checks(block[:_PREFIX_SIZE]):
                continue
            if version > VERSION:
                raise NewerVault
            if _checks(block[:_HEAD_SIZE]) and (wiping or _checks(block)):
                fields = block[_PREFIX_SIZE : _PREFIX_SIZE + _FIELDS_SIZE]
                wrapped = block[_HEAD_SIZE:-4]
                return Slot(*struct.unpack(_FIELDS, fields), wrapped=wrapped, version=version)
        return None


def _hidden(length, vault_key, salt):
    """Return 0 without a PIN, else one of as many numbers as there are lengths."""
    return 1 + (length - pins.MIN + _pad(vault_key, salt)) % _LENGTHS if length else 0


def _pad(vault_key, salt):
    return Seal(vault_key).mark(b"pin length" + salt)


def _checksum(data):
    return binascii.crc32(data).to_bytes(4, "big")


def _checks(data):
    """Tell whether the last four bytes are the CRC-32 of the others."""
    return _checksum(data[:-4]) == data[-4:]
