"""What a board has in its flash if it is not a token: somebody's firmware, which is overwritten.

A board with our partition table, or a vault in its place, is a token, or was interrupted while it
became one; so is one with a token's firmware, which the caller knows. The name of other firmware is
that of its application description (ESP-IDF, "App Image Format"): behind the headers of an image a
magic number, twelve bytes, version and project name.
"""

from dataclasses import dataclass

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
from tokenctl.flashing.plan import OURS, Flash

_APP = 0  # the type of a partition with a program
_APPS_MAX = 4
_DESCRIPTION_AT, _MAGIC = 0x20, b"\x32\x54\xcd\xab"
_VERSION, _NAME = slice(16, 48), slice(48, 80)  # in the description
_DESCRIPTION = 80  # bytes
_PLACES = (  # all that is written, and what lies between, but for the table
    (0, TABLE_OFFSET),
    (TABLE_OFFSET + SECTOR, VAULT.offset),
    (VFS.offset, VFS.end),
)


@dataclass(frozen=True)
class Occupant:
    """Firmware that is not a token's; `name` is what it calls itself, with its version, or ""."""

    name: str


def occupant(flash: Flash, vault: str) -> Occupant | None:
    """Return what is overwritten on a board; None if it is blank, or a token.

    `vault` is what plan.vault_place() says of it.
    """
    if vault == OURS or _is_blank(flash):
        return None
    programs = [row for row in _rows(flash) if row.type == _APP] or [FACTORY]
    names = (_name(flash, row) for row in programs[:_APPS_MAX])
    return Occupant(next((name for name in names if name), ""))


def _is_blank(flash: Flash) -> bool:
    """Return whether there is nothing, or nothing but a part of our table: the cable came out."""
    found = flash.read(TABLE_OFFSET, SECTOR)
    ours = table().ljust(SECTOR, b"\xff")
    if any(byte not in (0xFF, wanted) for byte, wanted in zip(found, ours, strict=True)):
        return False
    return all(flash.holds(start, b"\xff" * (end - start)) for start, end in _PLACES)


def _rows(flash: Flash) -> tuple[Row, ...]:
    try:
        return parse(flash.read(TABLE_OFFSET, TABLE_SIZE))
    except NoTable:
        return ()


def _name(flash: Flash, program: Row) -> str:
    """Return name and version of the program in a partition, "" if it does not say."""
    if program.offset >= VFS.end:  # there need not be any flash
        return ""
    found = flash.read(program.offset + _DESCRIPTION_AT, _DESCRIPTION)
    if found[:4] != _MAGIC:
        return ""
    texts = [found[place].partition(b"\0")[0] for place in (_NAME, _VERSION)]
    return " ".join(text.decode("ascii", "replace") for text in texts if text)
