"""The stock image, split: what is taken, and what is refused."""

import json
from pathlib import Path

import pytest
from support.flashing import images

from tokenctl.errors import BadPayload
from tokenctl.flashing import micropython_image, releases
from tokenctl.flashing.chips import CHIPS

ESP32, S2, S3, C3 = CHIPS


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_boot_loader_and_program_are_taken(chip):
    data = images.micropython("v1.24.0", chip.name, b"more" * 1000)
    image = micropython_image.split(data, chip)
    assert image.version == "v1.24.0"
    assert image.bootloader_offset == images.BOOTLOADERS[chip.name]
    assert image.bootloader == images.application(b"a boot loader " * 30, chip.name)
    assert image.program == data[0x10000 - images.BOOTLOADERS[chip.name] :]


def test_what_follows_the_program_is_left_away():
    data = images.micropython()
    assert micropython_image.split(data + b"\xff" * 5000, ESP32) == micropython_image.split(
        data, ESP32
    )


@pytest.mark.parametrize("version", ["v1.24.0", "v1.25.0-preview.12.gabcdef", "v1.30.1", "v2.0.0"])
def test_versions(version):
    assert micropython_image.split(images.micropython(version), ESP32).version == version


@pytest.mark.parametrize("version", ["v1.23.0", "v1.9.4", "v0.30.0"])
def test_what_is_too_old_is_refused(version):
    with pytest.raises(BadPayload, match=f"{version} is too old"):
        micropython_image.split(images.micropython(version), ESP32)


@pytest.mark.parametrize("image, board", [("esp32s3", ESP32), ("esp32", C3), ("esp32c3", S3)])
def test_the_image_of_another_chip_is_refused(image, board):
    with pytest.raises(BadPayload):
        micropython_image.split(images.micropython(chip=image), board)


def test_the_chip_is_named():
    with pytest.raises(BadPayload, match="for the ESP32-C3, but the board has ESP32-S3"):
        micropython_image.split(images.micropython(chip="esp32c3"), S3)


def test_every_flipped_bit_of_what_is_flashed_is_seen():
    data = images.micropython()
    image = micropython_image.split(data, ESP32)
    start = len(data) - len(image.program)
    places = [*range(len(image.bootloader)), *range(start, len(data))]
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(BadPayload):
            micropython_image.split(bytes(damaged), ESP32)


@pytest.mark.parametrize("length", [0, 1, 23, 24, 500, 0x7000, 0xF000, 0xF001, 0xF018, 0xF040])
def test_what_is_cut_short_is_refused(length):
    data = images.micropython()
    assert len(data) > 0xF040
    with pytest.raises(BadPayload):
        micropython_image.split(data[:length], ESP32)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\3\4" + bytes(100),
        b"\x1f\x8b" + bytes(100),
        b"<!DOCTYPE html>" * 10_000,
        bytes(0x20000),
        b"\xff" * 0x20000,
        b"\xe9" * 0x20000,
        images.application(images.banner("v1.27.0"), "esp32"),
        images.application(images.banner("v1.27.0") + bytes(0x20000), "esp32"),
    ],
)
def test_something_else_is_refused(data):
    with pytest.raises(BadPayload):
        micropython_image.split(data, ESP32)


def test_another_program_is_refused():
    data = images.micropython().replace(b"MicroPython", b"Micropython")
    other = data[:0xF000] + images.application(b"hello, world", "esp32")
    with pytest.raises(BadPayload, match="does not identify itself as MicroPython"):
        micropython_image.split(other, ESP32)


def test_a_program_that_does_not_fit_is_refused():
    with pytest.raises(BadPayload, match="fit"):
        micropython_image.split(images.micropython(filling=bytes(0x270000)), ESP32)


def test_the_manifest():
    entries = json.loads(Path(releases.__file__).with_suffix(".json").read_text())
    boards = {chip.board: chip for chip in CHIPS}
    for entry in entries:
        chip = boards[entry["board"]]
        assert entry["url"].startswith("https://")
        name = entry["url"].rpartition("/")[2]
        assert name.startswith(entry["board"] + "-") and name.endswith(f"-{entry['version']}.bin")
        assert entry["offset"] == chip.bootloader
        assert (entry["size"] is None) == (entry["sha256"] is None)
        assert entry["sha256"] is None or len(bytes.fromhex(entry["sha256"])) == 32
        assert tuple(map(int, entry["version"][1:].split(".")[:2])) >= (1, 24)
    assert {entry["board"] for entry in entries} == set(boards)
    for chip in CHIPS:
        assert releases.find(chip, releases.releases()).board == chip.board


def test_a_pinned_version_must_be_that_image():
    with pytest.raises(BadPayload, match="SHA-256"):
        releases.check_pin(images.micropython("v1.24.0"), ESP32, "v1.24.0")
    assert releases.check_pin(images.micropython("v1.27.0"), ESP32, "v1.27.0") is None
    assert releases.check_pin(images.micropython("v1.24.0", "esp32s3"), S3, "v1.24.0") is None
