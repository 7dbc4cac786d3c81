"""The stock MicroPython image, split: boot loader and program are taken, its table is not.

MicroPython's file for a board is its flash from the boot loader on: boot loader,
partition table at 0x8000, program at 0x10000. Both images must be whole (esptool's
checksum and validation hash) and for the chip. The version is what MicroPython says
of itself at its prompt.
"""

import re
from dataclasses import dataclass

from esptool.bin_image import ESP32FirmwareImage, LoadFirmwareImage

from tokenctl.errors import BadPayload
from tokenctl.flashing.chips import CHIPS, Chip
from tokenctl.flashing.layout import FACTORY, TABLE_OFFSET

OLDEST = (1, 24)
_MAGIC = b"\xe9"
_BANNER = re.compile(rb"MicroPython v(\d+)\.(\d+)(\.\d+)?([\w.+-]*) on \d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class MicroPythonImage:
    """MicroPython for a chip: two images that are whole, and where they go in the flash."""

    version: str
    bootloader_offset: int
    bootloader: bytes
    program: bytes


def split(data: bytes, chip: Chip) -> MicroPythonImage:
    """Return the parts of the image that are flashed; raise BadPayload."""
    if data[:4] == b"PK\3\4" or data[:2] == b"\x1f\x8b":
        raise BadPayload("this is an archive; unpack the MicroPython image from it first")
    bootloader = data[: TABLE_OFFSET - chip.bootloader]
    program = data[FACTORY.offset - chip.bootloader :]
    if bootloader[:1] != _MAGIC or program[:1] != _MAGIC:
        raise BadPayload(
            f"this is no MicroPython image for a whole board with the {chip.title} "
            f"(the .bin file of {chip.board}), or it is cut short"
        )
    bootloader = _whole(bootloader, chip, "boot loader")
    program = _whole(program, chip, "program")
    if len(program) > FACTORY.size:
        raise BadPayload(f"MicroPython's program has {len(program)} bytes, {FACTORY.size} fit")
    return MicroPythonImage(_version(program), chip.bootloader, bootloader, program)


def _whole(data: bytes, chip: Chip, what: str) -> bytes:
    """Return the image that is at the beginning of `data`, without what follows it."""
    try:
        image = LoadFirmwareImage(chip.name, data)
    except Exception:  # FatalError, struct.error, and what else esptool meets in garbage
        raise BadPayload(f"the {what} of the MicroPython image is damaged or cut short") from None
    if not isinstance(image, ESP32FirmwareImage):
        raise BadPayload(f"the {what} is of another kind than the {chip.title} takes")
    if image.chip_id != chip.image_id:
        made_for = [each.title for each in CHIPS if each.image_id == image.chip_id]
        other = made_for[0] if made_for else "another chip"
        raise BadPayload(
            f"the MicroPython image is for the {other}, but the board has {chip.title}"
        )
    if image.checksum != image.calculate_checksum():
        raise BadPayload(f"the MicroPython image is damaged: the checksum of its {what} is wrong")
    length = image.data_length
    if not image.append_digest or length is None:
        raise BadPayload(f"the {what} of the MicroPython image has no validation hash")
    if image.stored_digest != image.calc_digest:
        raise BadPayload(f"the MicroPython image is damaged: the hash of its {what} is wrong")
    return data[: length + 32]


def _version(program: bytes) -> str:
    banner = _BANNER.search(program)
    if banner is None:
        raise BadPayload("the image is whole, but does not say that it is MicroPython")
    major, minor, patch, rest = banner.groups()
    version = b"".join((b"v", major, b".", minor, patch or b"", rest)).decode()
    if (int(major), int(minor)) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BadPayload(f"MicroPython {version} is too old; the token needs {oldest} or later")
    return version
