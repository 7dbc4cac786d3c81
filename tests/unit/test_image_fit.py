"""Which images of MicroPython start on which boards."""

from dataclasses import dataclass

import pytest
from support.flashing import images

from tokenctl.errors import BadPayload
from tokenctl.flashing import micropython_image
from tokenctl.flashing.chips import CHIPS, Chip
from tokenctl.flashing.image_fit import for_board

ESP32, S3 = CHIPS[0], CHIPS[2]


@dataclass(frozen=True)
class Board:
    """A board, as the loader describes it."""

    chip: Chip
    revision: int = 300
    has_one_core: bool = False
    has_octal_flash: bool = False
    flash_size: int = 4 * 1024 * 1024


def test_a_board_of_another_revision_is_refused_for_either_part():
    chip = CHIPS[3]
    both = images.micropython("v1.27.0", chip.name, revisions=(3, 199))
    parts = micropython_image.split(both, chip)
    assert for_board(parts, Board(chip, 3)) == parts
    with pytest.raises(BadPayload, match=r"v0\.3 or later of the ESP32-C3, but .* has v0\.2"):
        for_board(parts, Board(chip, 2))
    with pytest.raises(BadPayload, match=r"up to revision v1\.99, but .* has v2\.0"):
        for_board(parts, Board(chip, 200))
    old = micropython_image.split(images.micropython("v1.27.0", chip.name), chip)
    for mixed in (
        micropython_image.MicroPythonImage("v1.27.0", 0, old.bootloader, parts.program),
        micropython_image.MicroPythonImage("v1.27.0", 0, parts.bootloader, old.program),
    ):
        with pytest.raises(BadPayload):
            for_board(mixed, Board(chip, 2))


# What MicroPython's images call the machine: ports/esp32/boards, ESP32_GENERIC and _S3.
@pytest.mark.parametrize(
    ("machine", "filling", "starts"),
    [
        ("Generic ESP32 module with ESP32", b"", False),
        ("Generic ESP32 module with SPIRAM", b"", False),
        ("Generic ESP32 module with ESP32-UNICORE", b"", True),
        ("Somebody's board with ESP32", b"", True),
        (
            "Somebody's board with ESP32",
            b"Running on single core chip, but application is built with dual core support.",
            False,
        ),
    ],
)
def test_a_chip_with_one_core_needs_an_image_for_one(machine, filling, starts):
    data = images.micropython("v1.27.0", machine=machine, filling=filling)
    parts = micropython_image.split(data, ESP32)
    assert for_board(parts, Board(ESP32)) == parts
    one = Board(ESP32, has_one_core=True)
    if starts:
        assert for_board(parts, one) == parts
        return
    with pytest.raises(BadPayload, match=r"one core, .* v1\.27\.0 needs two: .*-UNICORE"):
        for_board(parts, one)


@pytest.mark.parametrize(
    ("machine", "starts"),
    [
        ("Generic ESP32S3 module with ESP32S3", False),
        ("Generic ESP32S3 module with Octal-SPIRAM", False),
        ("Somebody's N32R8V with ESP32S3", True),
    ],
)
def test_octal_flash_needs_an_image_that_was_built_for_it(machine, starts):
    data = images.micropython("v1.27.0", "esp32s3", machine=machine)
    parts = micropython_image.split(data, S3)
    assert for_board(parts, Board(S3)) == parts
    octal = Board(S3, has_octal_flash=True)
    if starts:
        assert for_board(parts, octal) == parts
        return
    with pytest.raises(BadPayload, match="octal flash.*--micropython"):
        for_board(parts, octal)
