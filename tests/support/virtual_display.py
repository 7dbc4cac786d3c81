"""A virtual display (Xvfb), with pictures and a clipboard of other programs on it.

It is an X server with one monitor; pictures are written into the server's frame
buffer, which is in a file (X11's XWD format, version 7). xclip stands for any other
program that copies and pastes.
"""

import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

WIDTH, HEIGHT = 1280, 800
_TIMEOUT = 100  # seconds

needs_display = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xclip")), reason="Xvfb or xclip is not installed"
)


@dataclass(frozen=True)
class Display:
    """A running display; `folder` has the server's frame buffer."""

    name: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a program on this display."""
        others = {"WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "SSH_CONNECTION"}
        return {k: v for k, v in os.environ.items() if k not in others} | {"DISPLAY": self.name}

    def paint(self, picture: Image.Image, left: int = 0, top: int = 0) -> None:
        """Put a picture on the screen."""
        path = self.folder / "Xvfb_screen0"
        with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            header = struct.unpack(">25I", memory[:100])
            # header_size, ..., bytes_per_line at 12, ncolors at 19; a colour has 12 bytes.
            start, stride = header[0] + 12 * header[19], header[12]
            assert header[11] == 32, "bits a pixel"
            pixels = picture.convert("RGBX")
            for y in range(picture.height):
                row = pixels.crop((0, y, picture.width, y + 1)).tobytes("raw", "BGRX")
                place = start + (top + y) * stride + 4 * left
                memory[place : place + len(row)] = row

    def clear(self) -> None:
        """Clear the screen and the clipboard."""
        self.paint(Image.new("RGB", (WIDTH, HEIGHT), (40, 60, 90)))
        self.copy(b"")

    def copy(self, data: bytes, kind: str = "UTF8_STRING") -> None:
        """Copy data with another program, which holds it until the next copy.

        That program returns before the server has heard of it: wait until it has.
        """
        subprocess.run(
            ["xclip", "-selection", "clipboard", "-i", "-t", kind],
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            check=True,
            timeout=_TIMEOUT,
        )
        end = time.monotonic() + _TIMEOUT
        while self.pasted(kind) != data:
            assert time.monotonic() < end, "the display knows of no copy"

    def pasted(self, kind: str = "UTF8_STRING") -> bytes:
        """Return the text (bytes), or what else is asked for, that another program would paste."""
        command = ["xclip", "-selection", "clipboard", "-o", "-t", kind]
        done = subprocess.run(
            command, capture_output=True, env=self.environment, timeout=_TIMEOUT, check=False
        )
        return done.stdout


@contextmanager
def display() -> Iterator[Display]:
    """Run a virtual display."""
    with tempfile.TemporaryDirectory(prefix="display-") as folder:
        reading, writing = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
             "-nolisten", "tcp", "-noreset", "-fbdir", folder],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        try:
            yield Display(f":{number}", Path(folder))
        finally:
            server.terminate()
            server.wait(_TIMEOUT)
