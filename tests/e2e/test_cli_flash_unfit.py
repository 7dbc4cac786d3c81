"""tokenctl flash with images, and on boards, that do not fit each other."""

from typing import Any

import pytest
from e2e.flash_command import a_vault, board, ends, micropython, tokenctl
from e2e.harden_bench import Bench
from esptool.bin_image import LoadFirmwareImage
from support.flashing import images
from support.flashing.mockboard import MockBoard, set_flash_size

from tokenctl.cli import main

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize(("megabytes", "then"), [(4, 4), (8, 8), (16, 8)])
def test_an_image_for_more_flash_than_the_board_has_starts_all_the_same(
    monkeypatch, capfd, tmp_path, megabytes, then
):
    """MicroPython's for the S3 is for 8 MB, with which ESP-IDF does not start on less."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    set_flash_size(monkeypatch, megabytes)
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.26.0", "esp32s3", megabytes=8))
    with MockBoard("esp32s3") as board:
        options = ["--port", board.url, "--micropython", str(path)]
        assert main.run(["flash", *options]) == 0
        read: Any = LoadFirmwareImage("esp32s3", bytes(board.data[:0x8000]))
        assert main.run(["verify", *options]) == 0
    assert 1 << (read.flash_size_freq >> 4) == then
    assert read.stored_digest == read.calc_digest


def test_an_image_for_later_chips_is_refused_before_anything_is_written(tokenctl, board, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.27.0", revisions=(398, 399)))
    board.data[0x280000:0x300000] = a_vault()
    before = bytes(board.data)
    ends(tokenctl(image=path), 11, "v1.27.0 needs revision v3.98", "--micropython")
    assert bytes(board.data) == before


# The eFuses of the technical reference manuals: from the base, a word, and its bit.
ONE_CORE = ("esp32", 0x0C, 1 << 0, "Generic ESP32 module with ESP32")
OCTAL = ("esp32s3", 0x3C, 1 << 9, "Generic ESP32S3 module with ESP32S3")


@pytest.mark.parametrize(
    ("name", "place", "bit", "machine", "says"),
    [(*ONE_CORE, "ESP32_GENERIC-UNICORE"), (*OCTAL, "octal flash")],
)
def test_a_board_that_does_not_start_stock_images_is_refused_before_anything_is_written(
    tmp_path, capfd, monkeypatch, name, place, bit, machine, says
):
    bench = Bench(name, tmp_path, capfd, monkeypatch)
    base, options = bench.chip.REGS.DR_REG_EFUSE_BASE, ["--micropython", str(bench.image)]
    bench.image.write_bytes(images.micropython("v1.25.0", name, machine=machine))
    with bench.board:
        assert bench("flash", *options).code == 0
        bench.board.data[:] = b"\xff" * len(bench.board.data)
        word = bench.chip.read_reg(base + place)
        bench.chip.update_reg(base + place, 0xFFFFFFFF, word | bit)
        ends(bench("flash", *options), 11, says, "--micropython")
        assert set(bench.board.data) == {0xFF}
        own = machine.replace("Generic", "My").replace("with ESP32", "with ESP32-UNICORE")
        bench.image.write_bytes(images.micropython("v1.25.0", name, machine=own))
        assert bench("flash", *options).code == 0
