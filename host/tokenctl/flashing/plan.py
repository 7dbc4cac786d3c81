"""What is written where, and whether the vault partition may stay as it is.

The table goes first: from then on whatever runs on the board knows where the vault
lies, and that it is not its own.
"""

from dataclasses import dataclass
from typing import Protocol

from tokenctl.flashing.layout import (
    FACTORY,
    SECTOR,
    TABLE_OFFSET,
    TABLE_SIZE,
    VAULT,
    VFS,
    NoTable,
    Row,
    parse,
    table,
)
from tokenctl.flashing.micropython_image import MicroPythonImage
from tokenctl.language import _, marked

# What the vault's place can be.
OURS, BLANK, FOREIGN = "ours", "blank", "foreign"

# How sectors of a vault begin. Keys are in the first two only, and say it twice.
_KEYS, _KEYS_AT = b"OTK", (0, 1024)
_RECORDS = b"OTR"


@dataclass(frozen=True)
class Region:
    """The data for one place in the flash."""

    name: str
    offset: int
    data: bytes


class Flash(Protocol):
    """What is asked of a board's flash."""

    def read(self, offset: int, length: int) -> bytes:
        """Return a piece of the flash."""
        ...

    def holds(self, offset: int, data: bytes) -> bool:
        """Return whether the flash has this data at this offset."""
        ...


def regions(micropython: MicroPythonImage, app: bytes) -> tuple[Region, ...]:
    """Return what is written, in this order."""
    return (
        Region(_("partition table"), TABLE_OFFSET, table()),
        Region(_("boot loader"), micropython.bootloader_offset, micropython.bootloader),
        Region("MicroPython", FACTORY.offset, micropython.program),
        Region(marked("firmware"), VFS.offset, app),
    )


def vault_place(flash: Flash) -> str:
    """Return what the board has in the vault's place: OURS, BLANK or FOREIGN.

    With our table whatever is there is the vault's. Without it, a vault is known by
    its magic numbers: the board may have been interrupted when it got its table.
    """
    if flash.read(TABLE_OFFSET, TABLE_SIZE) == table():
        return OURS
    if vaults_elsewhere(flash):
        return FOREIGN
    if flash.holds(VAULT.offset, b"\xff" * VAULT.size):
        return BLANK
    return OURS if _is_vault(flash) else FOREIGN


def vaults_elsewhere(flash: Flash) -> tuple[Row, ...]:
    """Return the vaults that the board's table has at another place or of another size than ours.

    Whatever made them, what is written from here would run over them, or leave them unused.
    """
    try:
        rows = parse(flash.read(TABLE_OFFSET, TABLE_SIZE))
    except NoTable:
        return ()
    ours = (VAULT.offset, VAULT.size)
    return tuple(row for row in rows if row.label == VAULT.label and (row.offset, row.size) != ours)


def _is_vault(flash: Flash) -> bool:
    """Return whether any sector is one of ours: a power cut may have left no more than one."""
    for sector in range(VAULT.size // SECTOR):
        magic, offsets = (_KEYS, _KEYS_AT) if sector < 2 else (_RECORDS, (0,))
        for offset in offsets:
            if flash.read(VAULT.offset + sector * SECTOR + offset, len(magic)) == magic:
                return True
    return False
