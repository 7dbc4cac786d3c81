"""Whether a board's flash matches the release: its bytes are read back and compared.

All bytes come over the line: a digest that the board says of itself would be the word of
whoever answers. Nothing is written. What was not released with the firmware is not
looked at: the vault, MicroPython's own settings, and what lies behind the regions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenctl.errors import NotAsReleased
from tokenctl.flashing import firmware_files
from tokenctl.flashing.layout import VFS
from tokenctl.flashing.plan import Region
from tokenctl.language import _

PIECE = 0x10000  # bytes that are read together

Report = Callable[[dict[str, Any]], None]
Read = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Differences:
    """The names of firmware files that differ from the release, each list sorted."""

    changed: list[str]
    missing: list[str]
    added: list[str]


def verify(read: Read, regions: Sequence[Region], report: Report) -> None:
    """Read all regions back, and report each; raise NotAsReleased if one differs."""
    others = [region.name for region in regions if not _as_released(read, region, report)]
    report({"event": "result", "as_released": not others})
    if others:
        raise NotAsReleased(
            _(
                "the flash does not match the release: {joined}; tokenctl flash rewrites "
                "it and keeps the accounts"
            ).format(joined=", ".join(map(_, others)))
        )


def _as_released(read: Read, region: Region, report: Report) -> bool:
    data = _read(read, region, report)
    place = first_difference(region.data, data)
    told = {"name": region.name, "offset": region.offset, "size": len(region.data)}
    event: dict[str, Any] = {"event": "compared"} | told
    event["differs_from"] = None if place is None else region.offset + place
    if place is not None and region.offset == VFS.offset:
        found = differences(region.data, data)
        event["files"] = None if found is None else vars(found)
    report(event)
    return place is None


def _read(read: Read, region: Region, report: Report) -> bytes:
    size = len(region.data)
    data = bytearray()
    while len(data) < size:
        data += read(region.offset + len(data), min(PIECE, size - len(data)))
        percent = 100 * len(data) // size
        report({"event": "progress", "name": region.name, "percent": percent})
    return bytes(data)


def first_difference(one: bytes, other: bytes) -> int | None:
    """Return the index of the first byte that differs, None if none does."""
    if one == other:
        return None
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def differences(released: bytes, found: bytes) -> Differences | None:
    """Return which files of two images differ, None if the second has no files at all."""
    ours, theirs = firmware_files.files(released), firmware_files.files(found)
    if ours is None or theirs is None:
        return None
    return Differences(
        changed=sorted(name for name in ours if name in theirs and ours[name] != theirs[name]),
        missing=sorted(ours.keys() - theirs.keys()),
        added=sorted(theirs.keys() - ours.keys()),
    )
