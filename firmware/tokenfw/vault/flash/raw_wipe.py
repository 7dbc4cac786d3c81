"""Wipes a vault without opening it, sector by sector, whatever the sectors contain.

First both key sectors are marked as being wiped, then the keys in them are destroyed. So after
a power cut at any instant the next start that can open a vault finds it unchanged, or continues
the wipe, or finds none. The offsets are those of vault/keyslots.py.
"""

import asyncio

_KEY_SECTORS = 2
_MARK_AT, _MARK = 2032, b"wipe this vault!"
_KEYS = ((40, 1024), (1064, 2032))  # offsets: all but the heads, which identify the vault
_PIECE = 512  # bytes read or programmed at once


async def wipe(flash):
    """Erase all of `flash` (a PartitionFlash of chip.py); raise OSError if that fails."""
    size = flash.SECTOR
    for sector in range(_KEY_SECTORS):
        flash.program(sector * size + _MARK_AT, _MARK)
    for sector in range(_KEY_SECTORS):
        for start, end in _KEYS:
            for offset in range(start, end, _PIECE):
                flash.program(sector * size + offset, bytes(min(_PIECE, end - offset)))
    piece, blank = bytearray(_PIECE), b"\xff" * _PIECE
    for sector in list(range(_KEY_SECTORS, flash.sectors)) + list(range(_KEY_SECTORS)):
        for offset in range(sector * size, (sector + 1) * size, _PIECE):
            flash.readinto(offset, piece)
            if piece != blank:
                flash.erase(sector)
                break
        await asyncio.sleep_ms(0)
