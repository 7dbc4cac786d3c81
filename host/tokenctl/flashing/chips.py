"""What differs between the chips that MicroPython runs a token on."""

from dataclasses import dataclass

from tokenctl.errors import WrongBoard
from tokenctl.language import _


@dataclass(frozen=True)
class Chip:
    """A chip, by its name in esptool's API and in board definitions.

    `arch` is mpy-cross's name for its machine code, `bootloader` where its ROM looks
    for the boot loader, `image_id` its number in the header of its images.
    """

    name: str
    title: str
    board: str  # MicroPython's name of the generic board
    arch: str
    bootloader: int
    image_id: int


CHIPS = (
    Chip("esp32", "ESP32", "ESP32_GENERIC", "xtensawin", 0x1000, 0),
    Chip("esp32s2", "ESP32-S2", "ESP32_GENERIC_S2", "xtensawin", 0x1000, 2),
    Chip("esp32s3", "ESP32-S3", "ESP32_GENERIC_S3", "xtensawin", 0x0, 9),
    Chip("esp32c3", "ESP32-C3", "ESP32_GENERIC_C3", "rv32imc", 0x0, 5),
)


def chip_named(title: str) -> Chip:
    """Return the chip by esptool's title for it ("ESP32-S3"); raise WrongBoard."""
    for chip in CHIPS:
        if chip.title == title:
            return chip
    known = ", ".join(chip.title for chip in CHIPS)
    raise WrongBoard(
        _("the board has the chip {title}; a token needs one of {known}").format(
            known=known, title=title
        )
    )
