"""The flash of the whole chip: the vault's partition, and around it what a computer writes.

The vault is the board's own flash, so that a copy of all 4 MB is a copy of the accounts, too.
The rest exists once something was written to it; until then it is blank.
"""

from itertools import pairwise
from pathlib import Path

from tokenctl.flashing.layout import FLASH_MIN, SECTOR, VAULT
from tokensim.board.flash import Flash

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
            self._flash(in_vault).read(at, count)
            if in_vault or self.was_written
            else b"\xff" * count
            for in_vault, at, count in self._pieces(address, length)
        )

    def program(self, address: int, data: bytes) -> None:
        """AND data into the contents, as the chip does."""
        done = 0
        for in_vault, at, count in self._pieces(address, len(data)):
            self._flash(in_vault).program(at, data[done : done + count])
            done += count

    def erase(self, address: int, length: int) -> None:
        """Set all sectors that these bytes are in to 0xFF."""
        first, end = address // SECTOR, -(-(address + length) // SECTOR)
        for in_vault, at, count in self._pieces(first * SECTOR, (end - first) * SECTOR):
            for sector in range(at // SECTOR, (at + count) // SECTOR):
                self._flash(in_vault).erase(sector)

    def _flash(self, in_vault: bool) -> Flash:
        """Return the vault's flash, or that around it, which is made if it is missing."""
        if in_vault:
            return self._vault
        if self._rest is None:
            self._rest = Flash(self._path, self.size)
        return self._rest

    def _pieces(self, address: int, length: int) -> list[tuple[bool, int, int]]:
        """Return of each piece whether it is in the vault, its address there, and its length."""
        if address < 0 or length < 0 or address + length > self.size:
            raise ValueError(f"{length} bytes at {address:#x} are outside the flash")
        end = address + length
        cuts = [address, *(at for at in (VAULT.offset, VAULT.end) if address < at < end), end]
        pieces: list[tuple[bool, int, int]] = []
        for start, after in pairwise(cuts):
            in_vault = VAULT.offset <= start < VAULT.end
            pieces.append((in_vault, start - VAULT.offset * in_vault, after - start))
        return pieces
