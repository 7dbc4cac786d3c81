"""Wiping a vault without opening it: sector by sector, whatever they contain.

First the key sectors get the mark of a vault that is being wiped, then the keys in them are
destroyed. So at whatever instant the power goes, the next start that can open a vault
finds it as it was, or goes on wiping it, or finds none. The places are those of
vault/keyslots.py.
"""

import asyncio

_KEY_SECTORS = 2
_MARK_AT, _MARK = 2032, b"wipe this vault!"
_KEYS = ((40, 1024), (1064, 2032))  # from, to: behind the heads, which say that this is ours
_PIECE = 512  # bytes that are read or programmed at once


async def wipe(flash):
    """Erase all of `flash` (see chip.py); OSError when it does not let itself be."""
    size = flash.SECTOR
    for sector in range(_KEY_SECTORS):
        flash.program(sector * size + _MARK_AT, _MARK)
    for sector in range(_KEY_SECTORS):
        for start, end in _KEYS:
            for place in range(start, end, _PIECE):
                flash.program(sector * size + place, bytes(min(_PIECE, end - place)))
    piece, blank = bytearray(_PIECE), b"\xff" * _PIECE
    for sector in list(range(_KEY_SECTORS, flash.sectors)) + list(range(_KEY_SECTORS)):
        for place in range(sector * size, (sector + 1) * size, _PIECE):
            flash.readinto(place, piece)
            if piece != blank:
                flash.erase(sector)
                break
        await asyncio.sleep_ms(0)
