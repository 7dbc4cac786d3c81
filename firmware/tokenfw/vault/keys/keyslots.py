"""The two key sectors, used in turn: the wrapped vault key, and the count of PIN attempts.

A key sector, byte by byte:

       0  512  the block of slot.py
     512  104  while records are re-encrypted, the old vault key: its epoch, the key sealed
               under the present one, bound to "old key", and a CRC-32; zeros once not needed
     640  368  the anchor, see anchor.py
    1024  512  the block again
    1536  104  the old key again
    1664  368  the anchor again
    2032   16  "wipe this vault!" during a wipe
    2048 2048  the attempts, see attempts.py

The slot with the highest generation counts; of two equal ones that with the higher anchor.
"""

import struct

from micropython import const

from tokenfw.vault.flash.faults import FlashFault, OtherVersion
from tokenfw.vault.flash.nor import PIECE, SECTOR, checksum, is_blank, whole
from tokenfw.vault.keys import anchor
from tokenfw.vault.keys.attempts import Attempts
from tokenfw.vault.keys.sealing import BadSeal, Seal
from tokenfw.vault.keys.slot import SIZE, VERSION, WRAPPED_AT, Slot, hidden, parse

SECTORS = (0, 1)

_BLOCKS = (0, 1024)
_OLDS = (512, 1536)
_OLD_SIZE = const(104)
_WIPE = const(2032)
_WIPE_MARK = b"wipe this vault!"


class KeySlots:
    """The key sectors of `flash`. `slot` is the Slot in use, None if there is no vault."""

    def __init__(self, flash):
        self._flash = flash
        self._sector = -1
        self._whole = False  # whether both blocks are intact
        self._stuck = False  # whether writing a key sector failed
        self.slot = None
        self.anchor = anchor.Anchor(flash)
        self.attempts = Attempts(flash)

    def open(self):
        """Find the newest slot; return whether there is one. Raises OtherVersion.

        An older version is ignored if there is a slot of this one: its migration is complete.
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
        self.anchor.open(sector * SECTOR)  # first: memory may be short
        self._sector = sector
        self.attempts.start = sector * SECTOR

    def tidy(self):
        """Erase the key sector that is not in use, unless it is blank."""
        other = SECTORS[1 - self._sector]
        if not is_blank(self._flash, other, bytearray(PIECE)):
            self._flash.erase(other)

    def write(self, pin_key, pin_length, iterations, salt, vault_key, old_key=None, chip=b""):
        """Write a slot with `vault_key`, wrapped under `pin_key`, to the other key sector.

        The count of attempts starts at 0. `chip` is how `pin_key` is bound to the chip. With
        `old_key` the vault key changes: the old one is kept in the sector, sealed under the new
        one, until drop_old(). After an error (FlashFault is one) the old slot is still in use, and
        alone; else tidy() erases it.
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
        """Raise the anchor to a sequence, moving the slot if it has no bit left.

        The vault must be unlocked: see move(). While an old key is needed the anchor may stay
        behind. Raises FlashFault.
        """
        if not self.anchor.raise_to(sequence) and not self._stuck:
            self.move(sequence)

    def move(self, sequence):
        """Write the slot to the other sector, with an anchor at a sequence. Raises FlashFault.

        The count of attempts starts at 0, so the vault must be unlocked. While an old key is
        needed nothing is done.
        """
        if not any(whole(self._old(offset)) for offset in _OLDS):
            self._put(self.slot, anchor.new(sequence))
            self._flash.erase(SECTORS[1 - self._sector])  # a restart could use it, and its attempts

    def _old(self, offset):
        return self._flash.read(self._sector * SECTOR + offset, _OLD_SIZE)

    def _put(self, slot, programs):
        """Write `programs`, [(offset, bytes)], and after them a slot to the other sector.

        Raises FlashFault unless a block is there as it was written: one with a wrong bit could
        still be read, but the next wrong bit would lose the vault. After any error that sector is
        erased again: a restart could use it, with its PIN, and without the attempts until then.
        """
        block = slot.block()
        programs += [(offset, block) for offset in _BLOCKS]
        sector = SECTORS[0] if self._sector < 0 else SECTORS[1 - self._sector]
        self._flash.erase(sector)
        try:
            for offset, data in programs:
                self._flash.program(sector * SECTOR + offset, data)
            self._stuck = block not in [each[: len(block)] for each in self._blocks(sector)]
            if self._stuck:
                raise FlashFault
            self._use(sector)
        except BaseException:
            self._flash.erase(sector)
            raise
        self.slot, self._whole = slot, True

    def old_key(self, vault_key):
        """Return (epoch, key) of the old vault key while records need it, else None."""
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
        """Program the old vault key to zeros."""
        for offset in _OLDS:
            self._flash.program(self._sector * SECTOR + offset, bytes(_OLD_SIZE))

    def worn(self):
        """Return whether the slot should move: its sector runs out of bits, or is damaged."""
        return self.attempts.worn() or self.anchor.worn() or not self._whole

    # wiping

    def is_wiping(self, sector=None):
        """Return whether a key sector, by default the one in use, is marked for a wipe."""
        sector = self._sector if sector is None else sector
        return self._flash.read(sector * SECTOR + _WIPE, len(_WIPE_MARK)) == _WIPE_MARK

    def begin_wipe(self):
        """Mark the vault as being wiped, and destroy all its keys.

        Without a slot both key sectors are erased at once: after a power cut then there is no
        mark, but no key either.
        """
        if self.slot is None:
            self.end_wipe()
            return
        start = self._sector * SECTOR
        self._flash.program(start + _WIPE, _WIPE_MARK)
        for offset in _BLOCKS:
            # The head stays: by it a restart recognises the vault, and continues the wipe.
            self._flash.program(start + offset + WRAPPED_AT, bytes(SIZE - WRAPPED_AT))
        self.drop_old()
        self.tidy()

    def end_wipe(self):
        """Erase both key sectors, the one with the mark last."""
        last = SECTORS[0] if self._sector < 0 else self._sector
        self._flash.erase(SECTORS[1 - last])
        self._flash.erase(last)
        self._sector, self.slot = -1, None

    def _blocks(self, sector):
        return [self._flash.read(sector * SECTOR + offset, SIZE) for offset in _BLOCKS]

    def _read(self, sector):
        """Return a sector's Slot, from its better block, or None. Raises OtherVersion."""
        wiping, blocks = self.is_wiping(sector), self._blocks(sector)
        for damaged in (False, True):
            for block in blocks:
                slot = parse(block, wiping, damaged) if block[0] != 0xFF else None
                if slot:
                    return slot
        return None
