"""The health of the vault's sectors: their use, their wear, and whether the free ones are blank.

It writes nothing, and reads all free sectors: some two seconds for a vault of 512 KB.
"""

import asyncio

from tokenfw.vault.flash.nor import PIECE, is_blank
from tokenfw.vault.flash.sectors import FREE


async def flash_health(flash, sectors):
    """Return a dict of JSON types about the Sectors of the log on `flash`.

    `unclean` counts free sectors that are not blank: from an erase that was interrupted, which
    the next start repeats, or worn out. `damaged` counts sectors that hold records but have lost
    their headers. `begun` counts all begins of a sector so far, about the number of erases; they
    are begun in turn.
    """
    window = bytearray(PIECE)
    unclean = 0
    for sector in list(sectors.all()):
        if sectors.sequences[sector] == FREE and not is_blank(flash, sector, window):
            unclean += 1
        await asyncio.sleep_ms(0)
    return {
        "sectors": sectors.count,
        "free": sectors.free(),
        "unclean": unclean,
        "damaged": sectors.count - len(sectors.all()),
        "begun": max(sectors.sequences),
    }
