# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""Primitives on NOR flash that the whole vault uses: pieces, blank areas, checksums.

A flash has `sectors` (their number), `read(address, size)`, `readinto(address, buffer)`,
`program(address, data)`, which clears bits, and `erase(sector)`, which sets them: see
chip.PartitionFlash.
"""

import binascii

import micropython

SECTOR = 4096  # bytes: the unit of an erase
PIECE = 512  # bytes: the most that is read, programmed or held at once
BLANK = 0xFFFF  # 16 bits of erased flash


def checksum(data):
    """Return the CRC-32 of data, 4 bytes."""
    return binascii.crc32(data).to_bytes(4, "big")


def whole(data):
    """Return `data` (bytes) if its last 4 bytes are the CRC-32 of the others, else None."""
    return data if checksum(data[:-4]) == data[-4:] else None


def repaired(data):
    """Return `data`, which ends with its CRC-32, with up to one wrong bit corrected, else None."""
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
    """Return whether a sector is erased; `window` is a scratch bytearray of PIECE bytes."""
    for address in range(sector * SECTOR, (sector + 1) * SECTOR, PIECE):
        flash.readinto(address, window)
        if skip(window, 0, PIECE, BLANK) < PIECE:
            return False
    return True


def pieces(flash, address, length):
    """Yield `length` bytes of flash from `address` on, at most PIECE bytes at a time."""
    end = address + length
    while address < end:
        piece = flash.read(address, min(PIECE, end - address))
        yield piece
        address += len(piece)


@micropython.viper
def skip(data, start: int, end: int, word: int) -> int:
    """Return the offset of the first 16-bit word other than `word`, or `end`.

    Looks at `data` from `start` to `end`: byte offsets, both even.
    """
    words = ptr16(data)
    while start < end and words[start >> 1] == word:
        start += 2
    return start
