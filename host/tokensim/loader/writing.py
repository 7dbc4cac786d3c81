"""A computer writes to the flash: sectors are erased, then programmed, piece by piece.

As in esptool's loader a sector is erased when the first byte of it is written, so that an
interrupted writing leaves what lies behind as it was.
"""

import zlib

from tokenctl.flashing.layout import SECTOR
from tokensim.loader.chip_flash import ChipFlash


class Writing:
    """Writes from `address` on, `size` bytes, which come compressed if `deflated`.

    Otherwise `most` bytes may come: the last piece is filled up with 0xFF.
    """

    def __init__(
        self, flash: ChipFlash, address: int, size: int, most: int, deflated: bool
    ) -> None:
        if address + size > flash.size:
            raise ValueError("that is beyond the end of the flash")
        self._flash = flash
        self._next, self._end = address, address + size
        self._most = self._end if deflated else address + most
        self._erased = address - address % SECTOR  # up to here
        self._inflater = zlib.decompressobj() if deflated else None

    def erase_all(self) -> None:
        """Erase at once what will be written, as the ROM does."""
        self._erase(self._end)

    def take(self, data: bytes) -> None:
        """Write the next piece. Raises ValueError beyond the end, zlib.error if it is damaged."""
        if self._inflater is not None:
            data = self._inflater.decompress(data, self._most - self._next + 1)  # a byte too many
        end = self._next + len(data)
        if end > self._most:
            raise ValueError("that is more than was to be written")
        self._erase(min(end, self._end))
        self._flash.program(self._next, data)
        self._next = end

    def _erase(self, end: int) -> None:
        if end > self._erased:
            end = -(-end // SECTOR) * SECTOR
            self._flash.erase(self._erased, end - self._erased)
            self._erased = end
