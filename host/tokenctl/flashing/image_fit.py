"""Whether a MicroPython image starts on a board: its chip's revision and cores, and its flash.

MicroPython's images for "Generic" boards say in their machine's name what they were built for. An
ESP32 with one core (ESP32-S0WD, early U4WDH) starts no image for two: ESP-IDF stops with "Running
on single core chip, but application is built with dual core support"; MicroPython has an image of
its own for it, UNICORE. An S3 with octal flash (WROOM-2: N16R8V, N32R8V) starts only what was built
with CONFIG_ESPTOOLPY_OCT_FLASH; none of MicroPython's generic ones was: OCT is the PSRAM there.
"""

import re
from dataclasses import replace
from typing import Protocol

from tokenctl.errors import BadPayload
from tokenctl.flashing import image_header
from tokenctl.flashing.chips import Chip
from tokenctl.flashing.image_header import named
from tokenctl.flashing.micropython_image import MicroPythonImage
from tokenctl.language import _

_TWO_CORES = b"application is built with dual core support"
_GENERIC = re.compile(rb"Generic ESP32(?:S3)? module with ([\w-]+)")
_ONE_CORE = b"ESP32-UNICORE"


class Board(Protocol):
    """What is asked of a board: see loader.Loader."""

    @property
    def chip(self) -> Chip:
        """The chip."""
        ...

    @property
    def revision(self) -> int:
        """The chip's revision (major * 100 + minor)."""
        ...

    @property
    def flash_size(self) -> int:
        """The size of the flash (bytes)."""
        ...

    @property
    def has_one_core(self) -> bool:
        """Whether the second core of an ESP32 is missing."""
        ...

    @property
    def has_octal_flash(self) -> bool:
        """Whether the flash has eight data lines."""
        ...


def for_board(image: MicroPythonImage, board: Board) -> MicroPythonImage:
    """Return the image as a board starts it.

    Its boot loader may say that there is more flash than that, as the one for an S3 does: ESP-IDF
    would not start. Raises BadPayload if it does not start there.
    """
    for part in (image.bootloader, image.program):
        found = image_header.revisions(part)
        if not found.has(board.revision):
            raise BadPayload(_other_revision(found, board.chip, board.revision, image.version))
    machine = _GENERIC.search(image.program)
    if board.has_one_core and (
        _TWO_CORES in image.program or machine is not None and machine[1] != _ONE_CORE
    ):
        raise BadPayload(
            _(
                "the {title} of this board has one core, and this image of MicroPython {version} "
                "needs two: give the file of {board}-UNICORE with --micropython"
            ).format(board=board.chip.board, title=board.chip.title, version=image.version)
        )
    if board.has_octal_flash and machine is not None:
        raise BadPayload(
            _(
                "this board has octal flash, on which no image of {board} starts: give one that "
                "was built for octal flash with --micropython, or use another board"
            ).format(board=board.chip.board)
        )
    return replace(image, bootloader=image_header.fitted(image.bootloader, board.flash_size))


def _other_revision(found: image_header.Revisions, chip: Chip, revision: int, version: str) -> str:
    if revision < found.oldest:
        sentence = _(
            "MicroPython {version} needs revision {needed} or later of the {title}, but the board "
            "has {revision}: choose another version with --micropython, or another board"
        )
        needed = found.oldest
    else:
        sentence = _(
            "MicroPython {version} supports the {title} up to revision {needed}, but the board "
            "has {revision}: choose a later version with --micropython"
        )
        needed = found.newest or 0
    return sentence.format(
        needed=named(needed), revision=named(revision), title=chip.title, version=version
    )
