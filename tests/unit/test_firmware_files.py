"""The firmware's files in a littlefs, and its version; what is damaged has none."""

import random

import pytest

from tokenctl.flashing import app_image
from tokenctl.flashing.firmware_files import files, is_older, version

FILES = {
    "main.py": b"import machine\n",
    "otpcore/version.py": b'VERSION = "1.2.3"\n',
    "otpcore/large.bin": random.Random(1).randbytes(20_000),
}
IMAGE = app_image.pack(FILES)


def reader(image, sizes=None):
    def read(address, length):
        if sizes is not None:
            sizes.append(length)
        return image[address : address + length]

    return read


@pytest.mark.parametrize(
    "one, other",
    [
        ("0.1.0", "0.1.1"),
        ("0.9.0", "0.10.0"),
        ("0.2.0", "0.10.0"),
        ("1.9.9", "2.0.0"),
        ("9.0.0", "10.0.0"),
        ("0.99.99", "1.0.0"),
    ],
)
def test_which_version_is_older(one, other):
    assert is_older(one, other)
    assert not is_older(other, one)
    assert not is_older(one, one)


def test_all_files():
    assert files(IMAGE) == FILES


def test_the_version_is_read_without_the_rest():
    sizes: list[int] = []
    assert version(reader(IMAGE, sizes)) == "1.2.3"
    assert sum(sizes) < 8192, "a board's ROM gives 64 bytes at a time"


def test_a_board_that_goes_away_is_no_blank_board():
    def read(address, length):
        if address > 0x1000:
            raise ConnectionError("the cable is out")
        return IMAGE[address : address + length]

    with pytest.raises(ConnectionError):
        version(read)


def test_ctrl_c_comes_through():
    def read(address, length):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        version(read)


def test_damage_is_survived():
    """Whatever bits are wrong, there is an answer."""
    chance = random.Random(5)
    for _ in range(60):
        damaged = bytearray(IMAGE)
        for _ in range(chance.choice([1, 4, 30])):
            damaged[chance.randrange(0x4000)] ^= 1 << chance.randrange(8)
        found = version(reader(bytes(damaged)))
        assert found is None or found.count(".") == 2
        assert len(files(bytes(damaged)) or {}) <= len(FILES)
