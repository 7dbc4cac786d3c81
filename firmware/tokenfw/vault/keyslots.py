"""The two key sectors, used in turn: the wrapped vault key, and the count of PIN attempts.

A key sector, byte by byte:

       0  512  the block of slot.py
     512  104  while records are sealed anew, the vault key before: its epoch, the key sealed
               under the present one, bound to "old key", and a CRC-32; zeros once it is not needed
     640  368  the anchor, see anchor.py
    1024  512  the block again
    1536  104  the old key again
    1664  368  the anchor again
    2032   16  "wipe this vault!" while that is being done
    2048 2048  the attempts, see attempts.py

The slot with the highest generation counts; of two, that whose anchor says more.
"""

import struct

from micropython import const

from tokenfw.vault import anchor
from tokenfw.vault.attempts import Attempts
from tokenfw.vault.nor import PIECE, SECTOR, checksum, is_blank, whole
from tokenfw.vault.sealing import BadSeal, Seal
from tokenfw.vault.slot import SIZE, VERSION, WRAPPED_AT, Slot, hidden, parse
from tokenfw.vault.states import FlashFault, OtherVersion

SECTORS = (0, 1)

_BLOCKS = (0, 1024)
_OLDS = (512, 1536)
_OLD_SIZE = const(104)
_WIPE = const(2032)
_WIPE_MARK = b"wipe this vault!"


class KeySlots:
    """The key sectors of `flash`."""

    def __init__(self, flash):
        self._flash = flash
        self._sector = -1
        self._whole = False  # whether both blocks are
        self._stuck = False  # whether a key sector did not take what was programmed
        self.slot = None
        self.anchor = anchor.Anchor(flash)
        self.attempts = Attempts(flash)

    def open(self):
        """Find the newest slot; return whether there is one. Raises OtherVersion.

        An older version is left alone, and not told of where there is a slot of this one: its
        migration has ended.
        """
        self._sector, self.slot = -1, None
        newest, older = (), None
        for sector in SECTORS:
            try:
                slot = self._read(sector)
            except OtherVersion as other:
                if other.args[0] > VERSION:
                    raise
                older, slot = other, None
            if slot:
                age = (slot.generation, self.anchor.open(sector * SECTOR) or 0)
                if age > newest:
                    self.slot, self._sector, newest = slot, sector, age
        if self.slot is None:
            if older:
                raise older
            return False
        self._use(self._sector)
        one, other = self._blocks(self._sector)
        self._whole = one == other
        return True

    def _use(self, sector):
        self._sector = sector
        self.anchor.open(sector * SECTOR)
        self.attempts.start = sector * SECTOR

    def tidy(self):
        """Erase the key sector that is not used, if there is anything in it."""
        other = SECTORS[1 - self._sector]
        if not is_blank(self._flash, other, bytearray(PIECE)):
            self._flash.erase(other)

    def write(self, pin_key, pin_length, iterations, salt, vault_key, old_key=None, chip=b""):
        """Wrap `vault_key` under `pin_key` in the other sector. The count of attempts begins anew.

        `chip` is how `pin_key` is bound to the chip. With `old_key` the vault key changes: the
        old one is kept beside it, sealed under the new one, until drop_old(). With an error
        (FlashFault is one) the slot is still the one before; either way tidy() erases the sector
        that is not used then.
        """
        old = self.slot
        generation = 1 if old is None else old.generation + 1
        changes = old is None or old_key is not None
        epoch = generation if changes else old.epoch
        pin = hidden(pin_length, vault_key, salt)
        slot = Slot(generation, epoch, pin, salt, iterations, chip)
        slot.wrap(pin_key, vault_key)
        programs = anchor.new(self.anchor.least or 0 if old else 0)
        if old_key is not None:
            kept = struct.pack(">I", old.epoch) + Seal(vault_key).wrap(b"old key", old_key)
            kept += checksum(kept)
            programs += [(offset, kept) for offset in _OLDS]
        self._put(slot, programs)

    def note(self, sequence):
        """Have the anchor say that the log has come to a sequence; the vault is unlocked.

        A FlashFault, or an old key that is still needed, leaves it where it was.
        """
        if not self.anchor.raise_to(sequence) and not self._stuck:
            self.move(sequence)

    def move(self, sequence):
        """Write the slot to the other sector, with an anchor at a sequence.

        The count of attempts begins anew: the vault is unlocked. While an old key is needed
        nothing is moved.
        """
        if not any(whole(self._old(offset)) for offset in _OLDS):
            self._put(self.slot, anchor.new(sequence))
            self.tidy()

    def _old(self, offset):
        return self._flash.read(self._sector * SECTOR + offset, _OLD_SIZE)

    def _put(self, slot, programs):
        """Write a slot to the other sector, behind all else that goes there."""
        block = slot.block()
        programs += [(offset, block) for offset in _BLOCKS]
        sector = SECTORS[0] if self._sector < 0 else SECTORS[1 - self._sector]
        self._flash.erase(sector)
        for offset, data in programs:
            self._flash.program(sector * SECTOR + offset, data)
        self._stuck = self._read(sector) is None
        if self._stuck:
            raise FlashFault
        self.slot, self._whole = slot, True
        self._use(sector)

    def old_key(self, vault_key):
        """Return (epoch, key) of the vault key before this one while records need it, or None."""
        for offset in _OLDS:
            kept = self._old(offset)
            if whole(kept):
                epoch = struct.unpack(">I", kept[:4])[0]
                try:
                    return epoch, Seal(vault_key).unwrap(b"old key", kept[4:-4])
                except BadSeal:
                    pass
        return None

    def drop_old(self):
        """Program the vault key before this one to zeros."""
        for offset in _OLDS:
            self._flash.program(self._sector * SECTOR + offset, bytes(_OLD_SIZE))

    def worn(self):
        """Return whether the slot wants a new sector: its bits run out, or it is damaged."""
        return self.attempts.worn() or self.anchor.worn() or not self._whole

    # wiping

    def is_wiping(self, sector=None):
        """Return whether a wipe was begun, by the key sector in use, or another one."""
        sector = self._sector if sector is None else sector
        return self._flash.read(sector * SECTOR + _WIPE, len(_WIPE_MARK)) == _WIPE_MARK

    def begin_wipe(self):
        """Mark the vault as being wiped, and destroy all keys in it.

        Of what no slot of ours says how to open the key sectors are erased at once: what a
        power cut leaves then is nobody's, and opens for nobody.
        """
        if self.slot is None:
            self.end_wipe()
            return
        start = self._sector * SECTOR
        self._flash.program(start + _WIPE, _WIPE_MARK)
        for offset in _BLOCKS:
            # The head stays: a restart must know that this is ours, and go on.
            self._flash.program(start + offset + WRAPPED_AT, bytes(SIZE - WRAPPED_AT))
        self.drop_old()
        self.tidy()

    def end_wipe(self):
        """Erase the key sectors themselves, the one that says so last."""
        last = SECTORS[0] if self._sector < 0 else self._sector
        self._flash.erase(SECTORS[1 - last])
        self._flash.erase(last)
        self._sector, self.slot = -1, None

    def _blocks(self, sector):
        return [self._flash.read(sector * SECTOR + offset, SIZE) for offset in _BLOCKS]

    def _read(self, sector):
        """Return a sector's Slot, or None. Raises OtherVersion."""
        wiping, blocks = self.is_wiping(sector), self._blocks(sector)
        for damaged in (False, True):
            for block in blocks:
                slot = parse(block, wiping, damaged) if block[0] != 0xFF else None
                if slot:
                    return slot
        return None
