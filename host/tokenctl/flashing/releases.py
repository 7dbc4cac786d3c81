"""The MicroPython images that are known: releases.json, which is this package's manifest.

An entry has board, version, URL, flash offset, and, for an image whose bytes somebody
has looked at, its size and SHA-256 (a pin); else both are null. To add one, add it
there: the test suite says when a field is missing or an offset is not the chip's.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tokenctl.errors import BadPayload
from tokenctl.flashing.chips import Chip

_MANIFEST = Path(__file__).parent / "releases.json"


@dataclass(frozen=True)
class Release:
    """An image of MicroPython; `size` and `sha256` are None where they are not known."""

    board: str
    version: str
    url: str
    offset: int
    size: int | None
    sha256: str | None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


@cache
def releases() -> tuple[Release, ...]:
    """Return all of the manifest, the preferred one of each board first."""
    return tuple(Release(**entry) for entry in json.loads(_MANIFEST.read_text("utf-8")))


def preferred(chip: Chip) -> Release:
    """Return the release that a board with this chip gets."""
    return next(each for each in releases() if each.board == chip.board)


def sha256(data: bytes) -> str:
    """Return the digest that a pin has, in hex."""
    return hashlib.sha256(data).hexdigest()


def check_pin(data: bytes, chip: Chip, version: str) -> Release | None:
    """Return the pinned release that this image is, None when there is no pin for it.

    Raises BadPayload when the image of this board and version is pinned and is not this one.
    """
    digest = sha256(data)
    for each in releases():
        if each.sha256 and (each.board, each.version) == (chip.board, version):
            if each.sha256 == digest:
                return each
            raise BadPayload(
                f"this is not the MicroPython {version} that was released for {chip.board}: its "
                f"SHA-256 is {digest}, not {each.sha256}; --unpinned takes it nevertheless"
            )
    return None
