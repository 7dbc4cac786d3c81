"""Raw NOR flash in RAM, like a board's partition, with counts and power cuts.

Programming clears bits, erasing a sector of 4096 bytes sets them. A torn program
leaves some of its bits programmed, or its beginning; a torn erase leaves the sector
undefined: partly unchanged, or random. Like a board with a full heap, it reads and
writes at most 512 bytes at once, and like ESP-IDF at least one.
"""

import hashlib
import random


class PowerCut(Exception):
    """The power failed."""


PIECE = 512  # bytes


class NorFlash:
    SECTOR = 4096

    def __init__(self, sectors, image=None):
        self.sectors = sectors
        self.memory = bytearray(image if image else b"\xff" * (sectors * self.SECTOR))
        self._view = memoryview(self.memory)
        self.programs = self.erases = self.reads = 0
        self.journal = None  # or a list, to which operations are added: see repeat()
        self._left = None
        self._torn = False

    def cut_after(self, operations, torn=False):
        """Cut the power at the n-th program or erase from now on (1 is the next)."""
        self._left = operations
        self._torn = torn

    def power_on(self):
        """Switch the power on again."""
        self._left = None

    def read(self, address, length):
        self._check(address, length)
        check_piece(length)
        self.reads += 1
        return bytes(self._view[address : address + length])

    def readinto(self, address, data):
        data[:] = self.read(address, len(data))

    def program(self, address, data):
        self._check(address, len(data))
        check_piece(len(data))
        cut = self._cut()
        if cut and self._torn:
            data = self._tear(data)
        if not cut or self._torn:
            place = self._view[address : address + len(data)]
            both = int.from_bytes(place, "big") & int.from_bytes(data, "big")
            self.memory[address : address + len(data)] = both.to_bytes(len(data), "big")
        if cut:
            raise PowerCut
        self.programs += 1
        if self.journal is not None:
            self.journal.append((address, bytes(data)))

    def erase(self, sector):
        start = sector * self.SECTOR
        self._check(start, self.SECTOR)
        cut = self._cut()
        if cut and self._torn:
            self._tear_sector(start)
        if not cut:
            self.memory[start : start + self.SECTOR] = b"\xff" * self.SECTOR
        if cut:
            raise PowerCut
        self.erases += 1
        if self.journal is not None:
            self.journal.append((sector, None))

    def repeat(self, operation):
        """Do an operation of a journal: (address, data programmed) or (sector erased, None)."""
        place, data = operation
        if data is None:
            self.erase(place)
        else:
            self.program(place, data)

    def _tear(self, data):
        if random.getrandbits(1):
            return bytes(byte | random.getrandbits(8) for byte in data)
        place = random.randrange(len(data))
        rest = b"\xff" * (len(data) - place - 1)
        return data[:place] + bytes([data[place] | random.getrandbits(8)]) + rest

    def _tear_sector(self, start):
        how = random.getrandbits(2)
        place = random.randrange(self.SECTOR)
        if how == 0:  # the beginning is erased, or the end
            self.memory[start : start + place] = b"\xff" * place
        elif how == 1:
            self.memory[start + place : start + self.SECTOR] = b"\xff" * (self.SECTOR - place)
        else:  # bits were set, or it is random
            for address in range(start, start + self.SECTOR):
                noise = random.getrandbits(8)
                if how == 2:
                    self.memory[address] |= noise
                elif noise & 1:
                    self.memory[address] = random.getrandbits(8)

    def _cut(self):
        if self._left is None:
            return False
        self._left -= 1
        if self._left < 0:
            raise PowerCut
        return self._left == 0

    def _check(self, address, length):
        if self._left is not None and self._left <= 0:
            raise PowerCut
        assert address >= 0 and address + length <= len(self.memory)


def check_piece(length):
    """Raise an error for a piece of 0 bytes, or larger than a board with a full heap allows."""
    if not 0 < length <= PIECE:
        raise ValueError("%d bytes of flash at once" % length)


def digest(image):
    """Return what tells an image from others, in little memory."""
    return hashlib.sha256(image).digest()


def cut_in(flash, journal, number, torn):
    """Return the image after the operations of a journal up to `number`, in which the power goes.

    `flash` is as it was before all of them.
    """
    for operation in journal[: number - 1]:
        flash.repeat(operation)
    flash.cut_after(1, torn)
    try:
        flash.repeat(journal[number - 1])
    except PowerCut:
        return bytes(flash.memory)
