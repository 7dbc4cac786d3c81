"""Creates an empty vault, on blank flash or after a wipe.

Loaded on demand: needed about once in a token's life.
"""

import asyncio

from tokenfw.system.entropy import EntropyFault
from tokenfw.vault.flash.nor import PIECE, is_blank
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.keyslots import SECTORS
from tokenfw.vault.keys.slot import SALT
from tokenfw.vault.states import FOREIGN, NO_ENTROPY


async def begin(flash, slots, entropy):
    """Write the key slot of an empty vault; return None, or FOREIGN or NO_ENTROPY if it cannot.

    Nothing is lost: if any sector but the key sectors holds data, nothing is written.
    """
    window = bytearray(PIECE)
    for sector in range(len(SECTORS), flash.sectors):
        if not is_blank(flash, sector, window):
            return FOREIGN
        await asyncio.sleep_ms(0)
    try:
        key, salt = entropy.keys(2, radio=False)  # without a PIN nothing depends on it
    except EntropyFault:
        return NO_ENTROPY
    salt = salt[:SALT]
    slots.write(await kdf.derive(b"", salt, 1), 0, 1, salt, key)
    return None


async def erase(flash, slots):
    """Erase the records, then the key sectors."""
    window = bytearray(PIECE)
    for sector in range(len(SECTORS), flash.sectors):
        if not is_blank(flash, sector, window):
            flash.erase(sector)
        await asyncio.sleep_ms(0)
    slots.end_wipe()
