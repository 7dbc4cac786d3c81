"""The stock MicroPython image, split: boot loader and program are used, its partition table is not.

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
from tokenctl.language import _

OLDEST = (1, 24)
_MAGIC = b"\xe9"
_BANNER = re.compile(rb"MicroPython v(\d+)\.(\d+)(\.\d+)?([\w.+-]*) on \d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class MicroPythonImage:
    """MicroPython for a chip: two intact images, and where they go in the flash."""

    version: str
    bootloader_offset: int
    bootloader: bytes
    program: bytes


def split(data: bytes, chip: Chip) -> MicroPythonImage:
    """Return the parts of the image that are flashed; raise BadPayload."""
    if data[:4] == b"PK\3\4" or data[:2] == b"\x1f\x8b":
        raise BadPayload(_("this is an archive; first unpack the MicroPython image from it"))
    bootloader = data[: TABLE_OFFSET - chip.bootloader]
    program = data[FACTORY.offset - chip.bootloader :]
    if bootloader[:1] != _MAGIC or program[:1] != _MAGIC:
        raise BadPayload(
            _(
                "this is not a MicroPython image for a whole board with the {title} (the "
                ".bin file of {board}), or it is cut short"
            ).format(board=chip.board, title=chip.title)
        )
    bootloader = _whole(bootloader, chip, _("boot loader"))
    program = _whole(program, chip, _("program"))
    if len(program) > FACTORY.size:
        raise BadPayload(
            _("MicroPython's program has {count} bytes, but only {size} fit").format(
                count=len(program), size=FACTORY.size
            )
        )
    return MicroPythonImage(_version(program), chip.bootloader, bootloader, program)


def _whole(data: bytes, chip: Chip, what: str) -> bytes:
    """Return the image at the beginning of `data`, without what follows it."""
    try:
        image = LoadFirmwareImage(chip.name, data)
    except Exception:  # FatalError, struct.error, and what else esptool meets in garbage
        raise BadPayload(
            _("the {what} of the MicroPython image is damaged or cut short").format(what=what)
        ) from None
    if not isinstance(image, ESP32FirmwareImage):
        raise BadPayload(
            _("the {what} is not of the kind that the {title} uses").format(
                title=chip.title, what=what
            )
        )
    if image.chip_id != chip.image_id:
        made_for = [each.title for each in CHIPS if each.image_id == image.chip_id]
        other = made_for[0] if made_for else _("another chip")
        raise BadPayload(
            _("the MicroPython image is for the {other}, but the board has {title}").format(
                other=other, title=chip.title
            )
        )
    if image.checksum != image.calculate_checksum():
        raise BadPayload(
            _("the MicroPython image is damaged: the checksum of its {what} is wrong").format(
                what=what
            )
        )
    length = image.data_length
    if not image.append_digest or length is None:
        raise BadPayload(
            _("the {what} of the MicroPython image has no validation hash").format(what=what)
        )
    if image.stored_digest != image.calc_digest:
        raise BadPayload(
            _("the MicroPython image is damaged: the hash of its {what} is wrong").format(what=what)
        )
    return data[: length + 32]


def _version(program: bytes) -> str:
    banner = _BANNER.search(program)
    if banner is None:
        raise BadPayload(_("the image is intact, but does not identify itself as MicroPython"))
    major, minor, patch, rest = banner.groups()
    version = b"".join((b"v", major, b".", minor, patch or b"", rest)).decode()
    if (int(major), int(minor)) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BadPayload(
            _("MicroPython {version} is too old; the token needs {oldest} or later").format(
                oldest=oldest, version=version
            )
        )
    return version
