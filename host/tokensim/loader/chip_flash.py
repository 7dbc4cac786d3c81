"""The flash of the whole chip: the vault's partition, and around it what a computer writes.

The vault is the board's own flash, so that a copy of all 4 MB is a copy of the accounts, too.
The rest exists once something was written to it; until then it is blank.
"""

from collections.abc import Iterator
from pathlib import Path

from tokenctl.flashing.layout import FLASH_MIN, SECTOR, VAULT
from tokensim.flash import Flash

JEDEC_ID = 0x16_40_EF  # as RDID returns it: Winbond, W25Q, 2 to the power of 0x16 bytes


class ChipFlash:
    """A flash of `size` bytes. `path` is the file of what is outside the vault, or None.

    All addresses and lengths beyond `size` raise ValueError; PowerCut comes from the vault's.
    """

    size = FLASH_MIN

    def __init__(self, path: Path | None, vault: Flash) -> None:
        self._path, self._vault = path, vault
        self._rest: Flash | None = None

    @property
    def was_written(self) -> bool:
        """Whether a computer has ever written to it, other than to the vault."""
        return self._rest is not None or (self._path is not None and self._path.exists())

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes."""
        return b"".join(
            flash.read(at, count) if flash else b"\xff" * count
            for flash, at, count in self._pieces(address, length, self._opened())
        )

    def program(self, address: int, data: bytes) -> None:
        """AND data into the contents, as the chip does."""
        done = 0
        for flash, at, count in self._pieces(address, len(data), self._made()):
            if flash:
                flash.program(at, data[done : done + count])
            done += count

    def erase(self, address: int, length: int) -> None:
        """Set all sectors that these bytes are in to 0xFF."""
        first, end = address // SECTOR, -(-(address + length) // SECTOR)
        whole = self._pieces(first * SECTOR, (end - first) * SECTOR, self._made())
        for flash, at, count in whole:
            for sector in range(at // SECTOR, (at + count) // SECTOR):
                if flash:
                    flash.erase(sector)

    def _opened(self) -> Flash | None:
        """Return what is outside the vault, None if it is still blank."""
        return self._made() if self.was_written else None

    def _made(self) -> Flash:
        if self._rest is None:
            self._rest = Flash(self._path, self.size)
        return self._rest

    def _pieces(
        self, address: int, length: int, rest: Flash | None
    ) -> Iterator[tuple[Flash | None, int, int]]:
        """Yield the flash of each piece, the address in it, and the length."""
        if address < 0 or length < 0 or address + length > self.size:
            raise ValueError(f"{length} bytes at {address:#x} are outside the flash")
        end = address + length
        while address < end:
            if VAULT.offset <= address < VAULT.end:
                count = min(end, VAULT.end) - address
                yield self._vault, address - VAULT.offset, count
            else:
                count = (min(end, VAULT.offset) if address < VAULT.offset else end) - address
                yield rest, address, count
            address += count
