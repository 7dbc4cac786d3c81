"""Flashing, against the usual way: MicroPython with esptool, then the sources with mpremote.

Bytes on the line, both ways, are counted at a mock of the ESP32's loader, and for
mpremote at a mock of a board in raw-paste mode, by MicroPython's documentation ("The
MicroPython Interactive Interpreter Mode"), with the ESP32's window of 128 bytes.
Seconds are the time of these bytes on the line: at 460800 baud with esptool, as on
MicroPython's installation page, and at mpremote's 115200. MicroPython is a stand-in
with the size of v1.24.0 and the same compressibility, to two thirds.
"""

import dataclasses
import random
import shutil
import sys
import tempfile
from pathlib import Path

import littlefs
import serial
from esptool.cmds import attach_flash, detect_chip, run_stub, write_flash
from mpremote.transport_serial import SerialTransport

from bench.figure import Figure
from tokenctl.device.transport import BAUD
from tokenctl.flashing import app_image, flasher, micropython_image, plan
from tokenctl.flashing.chips import CHIPS
from tokenctl.flashing.layout import SECTOR, VFS
from tokenctl.flashing.loader import FAST, Board
from tokenctl.payload import firmware_folder

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from support.flashing import images  # noqa: E402
from support.flashing.mockboard import MockBoard  # noqa: E402

CHIP = CHIPS[0]
MICROPYTHON_SIZE = 1_691_408  # bytes, of v1.24.0 for the ESP32
_LINE = 10  # bits a byte
_WINDOW = 128  # bytes
_GROUP = "Flashing, against esptool for MicroPython and mpremote for the sources"


@dataclasses.dataclass(frozen=True)
class Traffic:
    """Bytes on the line, both ways, and their time on it in seconds."""

    bytes: int
    seconds: float

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(self.bytes + other.bytes, self.seconds + other.seconds)


class RawRepl:
    """A board's serial port at its raw REPL: accepts what mpremote sends, and counts bytes."""

    def __init__(self) -> None:
        self.count = 0
        self._answers = bytearray(b">")
        self._unread = -1  # bytes of the program since the last window; -1: no program

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self.count += len(data)
        if self._unread < 0:
            if data == b"\x05A\x01":
                self._answer(b"R\x01" + _WINDOW.to_bytes(2, "little"))
                self._unread = 0
        elif data == b"\x04":
            self._answer(b"\x04" + b"\x04\x04>")  # the end is acknowledged; no output, no error
            self._unread = -1
        else:
            self._unread += len(data)
            while self._unread >= _WINDOW:
                self._unread -= _WINDOW
                self._answer(b"\x01")

    def read(self, size: int = 1) -> bytes:
        """Return bytes of the answer."""
        data = bytes(self._answers[:size])
        del self._answers[:size]
        return data

    def inWaiting(self) -> int:  # noqa: N802 (pyserial's)
        """Return how many bytes can be read."""
        return len(self._answers)

    def _answer(self, data: bytes) -> None:
        self.count += len(data)
        self._answers += data


def sources() -> dict[str, bytes]:
    """Return the firmware's sources, by their paths."""
    folder = firmware_folder()
    paths = [*folder.rglob("*.py"), folder / app_image.BOARD]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def by_mpremote(files: dict[str, bytes]) -> Traffic:
    """Copy files with mpremote's own code, as `mpremote cp -r` sends them."""
    mpremote = SerialTransport.__new__(SerialTransport)  # its constructor opens a port
    mpremote.serial = board = RawRepl()  # pyrefly: ignore[bad-assignment]
    mpremote.use_raw_paste, mpremote.is_pty = True, False
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    for name in sorted(folders):
        mpremote.fs_mkdir(name)
    for name, content in files.items():
        mpremote.fs_writefile(name, content)
    return Traffic(board.count, board.count * _LINE / BAUD)


def micropython(size: int) -> bytes:
    """Return a stand-in for MicroPython's file."""
    noise = random.Random(1).randbytes(size)  # noqa: S311
    pieces = [noise[start : start + 64] + bytes(32) for start in range(0, size * 2 // 3, 64)]
    return images.micropython(filling=b"".join(pieces)[: size - 0xF100])


def by_esptool(data: bytes) -> Traffic:
    """Write MicroPython's file as `esptool write-flash` does."""
    with MockBoard() as board:
        port = serial.serial_for_url(board.url)
        found = detect_chip(port, connect_mode="no-reset")  # pyrefly: ignore[bad-argument-type]
        with run_stub(found) as loader:
            attach_flash(loader)
            write_flash(loader, [(CHIP.bootloader, data)], flash_size="keep")
        return _traffic(board)


def by_tokenctl(data: bytes, app: bytes, newer: bytes) -> tuple[Traffic, Traffic]:
    """Flash a blank board, then update its firmware; return the Traffic of both."""
    image = micropython_image.split(data, CHIP)
    with MockBoard() as board:
        _flash(board, plan.regions(image, app))
        first = _traffic(board)
        board.received = board.sent = 0
        _flash(board, plan.regions(image, newer))
        return first, _traffic(board)


def _flash(board: MockBoard, regions: tuple[plan.Region, ...]) -> None:
    with Board(board.url) as found:
        plan.vault_place(found)
        found.fast()
        flasher.write(found, regions, False, lambda event: None)


def _traffic(board: MockBoard) -> Traffic:
    count = board.received + board.sent
    return Traffic(count, count * _LINE / FAST)


def traffic(size: int = MICROPYTHON_SIZE) -> list[Figure]:
    """Return the figures of the traffic, for a MicroPython of this size (bytes)."""
    data = micropython(size)
    app = app_image.build(firmware_folder(), CHIP)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        changed = Path(folder) / "firmware"
        shutil.copytree(firmware_folder(), changed)
        version = changed / "otpcore" / "version.py"
        version.write_text(version.read_text().replace('"0.', '"1.'))
        newer = app_image.build(changed, CHIP)
    first, update = by_tokenctl(data, app, newer)
    copied = by_mpremote(sources())
    usual = by_esptool(data) + copied
    return [
        Figure(_GROUP, "first flash: bytes over the line", first.bytes / 1024, "KB"),
        Figure(_GROUP, "  against esptool and mpremote", first.bytes / usual.bytes, "x"),
        Figure(_GROUP, "  seconds of the line", first.seconds, "s"),
        Figure(_GROUP, "  against esptool and mpremote", first.seconds / usual.seconds, "x"),
        Figure(_GROUP, "a firmware update: bytes over the line", update.bytes / 1024, "KB"),
        Figure(_GROUP, "  against mpremote", update.bytes / copied.bytes, "x"),
        Figure(_GROUP, "  seconds of the line", update.seconds, "s"),
        Figure(_GROUP, "  against mpremote", update.seconds / copied.seconds, "x"),
    ]


def used(image: bytes) -> int:
    """Return the bytes of an image's blocks that are in use."""
    system = littlefs.LittleFS(block_size=SECTOR, block_count=len(image) // SECTOR, mount=False)
    system.context.buffer[:] = image
    system.mount()
    return system.used_block_count * SECTOR


def sizes() -> list[Figure]:
    """Return how large the firmware is on the board."""
    compiled, written = app_image.compiled(firmware_folder(), CHIP), sources()
    ours, theirs = used(app_image.pack(compiled)), used(app_image.pack(written, 2 * VFS.size))
    of_ours, of_theirs = (sum(map(len, files.values())) for files in (compiled, written))
    return [
        Figure(_GROUP, "the firmware's blocks on the board", ours / 1024, "KB"),
        Figure(_GROUP, "  against those of its sources", ours / theirs, "x"),
        Figure(_GROUP, "its files, against its sources", of_ours / of_theirs, "x"),
    ]
