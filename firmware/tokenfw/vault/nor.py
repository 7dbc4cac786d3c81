# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""What the whole vault needs of NOR flash: pieces, blank stretches, checksums.

A flash has `sectors`, `read(address, size)`, `readinto(address, buffer)`, `program(address,
data)`, which clears bits, and `erase(sector)`, which sets them: see chip.PartitionFlash.
"""

import binascii

import micropython

SECTOR = 4096  # bytes that are erased at once
PIECE = 512  # bytes: more are not read, programmed or held together
BLANK = 0xFFFF  # a word of what is erased


def checksum(data):
    """Return the CRC-32 of data, 4 bytes."""
    return binascii.crc32(data).to_bytes(4, "big")


def whole(data):
    """Return data (bytes) that end with the right CRC-32, else None."""
    return data if checksum(data[:-4]) == data[-4:] else None


def repaired(data):
    """Return data that end with a CRC-32, the one bit set right that may be wrong, else None."""
    mended = bytearray(data)
    if whole(mended):
        return data
    for bit in range(8 * len(mended)):
        mended[bit >> 3] ^= 1 << (bit & 7)
        if whole(mended):
            return bytes(mended)
        mended[bit >> 3] ^= 1 << (bit & 7)
    return None


def is_blank(flash, sector, window):
    """Tell whether a sector is erased; `window` (bytearray of PIECE bytes) is used for it."""
    for address in range(sector * SECTOR, (sector + 1) * SECTOR, PIECE):
        flash.readinto(address, window)
        if skip(window, 0, PIECE, BLANK) < PIECE:
            return False
    return True


def pieces(flash, address, length):
    """Yield what so many bytes of flash hold, in pieces."""
    end = address + length
    while address < end:
        piece = flash.read(address, min(PIECE, end - address))
        yield piece
        address += len(piece)


@micropython.viper
def skip(data, start: int, end: int, word: int) -> int:
    """Return where from `start` to `end` of a buffer something else begins than words of 16 bits.

    All are even numbers of bytes.
    """
    words = ptr16(data)
    while start < end and words[start >> 1] == word:
        start += 2
    return start
