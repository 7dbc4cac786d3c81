"""The header of a chip's image, as esptool reads it."""

from typing import Any

import pytest
from esptool.bin_image import LoadFirmwareImage
from support.flashing import images

from tokenctl.flashing import image_header
from tokenctl.flashing.chips import CHIPS
from tokenctl.flashing.image_header import Revisions

MEGABYTE = 1024 * 1024
every_chip = pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)


@every_chip
@pytest.mark.parametrize("image_has", [4, 8, 16, 32])
@pytest.mark.parametrize("board_has", [4, 8, 16])
def test_an_image_is_for_no_more_flash_than_there_is(chip, image_has, board_has):
    image = images.application(b"a boot loader", chip.name, megabytes=image_has)
    fitted = image_header.fitted(image, board_has * MEGABYTE)
    read: Any = LoadFirmwareImage(chip.name, fitted)
    assert 1 << (read.flash_size_freq >> 4) == min(image_has, board_has)
    assert read.stored_digest == read.calc_digest
    assert fitted[:3] == image[:3] and fitted[4:-32] == image[4:-32]
    assert (fitted == image) == (image_has <= board_has)


def test_the_speed_of_the_flash_stays():
    image = bytearray(images.application(b"a boot loader", "esp32s3", megabytes=8))
    image[3] |= 0x0F  # 80 MHz
    assert image_header.fitted(bytes(image), 4 * MEGABYTE)[3] == 0x2F


@pytest.mark.parametrize(
    ("revisions", "runs", "others"),
    [
        ((0, 0xFFFF), (0, 3, 301), ()),
        ((0, 0), (0, 3, 301), ()),
        ((3, 199), (3, 4, 101, 199), (0, 2, 200)),
        ((300, 0xFFFF), (300, 301), (100, 299)),
    ],
)
def test_the_revisions_that_it_runs_on(revisions, runs, others):
    image = images.application(b"a program", "esp32c3", revisions=revisions)
    read: Any = LoadFirmwareImage("esp32c3", image)
    assert (read.min_rev_full, read.max_rev_full) == revisions
    found = image_header.revisions(image)
    assert isinstance(found, Revisions)
    assert all(found.has(each) for each in runs)
    assert not any(found.has(each) for each in others)
