"""The health of the vault's flash: how its sectors are used, worn, and whether free ones are blank.

It reads all that is free, some two seconds of a vault of half a megabyte, and writes nothing.
"""

import asyncio

from tokenfw.vault.nor import PIECE, is_blank
from tokenfw.vault.sectors import FREE


async def flash_health(flash, sectors):
    """Return a dict of JSON types about the Sectors of the log on `flash`.

    `unclean` are free sectors that are not blank: remains of an erase that the power ended,
    which the start erases, or a sector that erases no more. `damaged` are sectors that hold
    records and have lost their headers. `begun` counts the sectors that were ever begun: each
    was erased before or after, and they are begun in turn.
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
