"""sys.stdin and sys.stdout of the ESP32 port: the serial port, as bytes and as text.

Reading waits until all requested data has arrived; there is no end of file, and no flush. Line
ends are converted both ways in text, but not in bytes.
"""

import builtins
import io
import sys

from _simulator import output, take
from _strict import fill, readable, writable

_out = sys.stdout.buffer
_EVER = 1 << 30


class _Port:
    def readinto(self, buffer, size=_EVER):
        """Fill a buffer, or its first `size` bytes; return how many were read."""
        count = min(size, len(writable(buffer)))
        fill(buffer, take(count))
        return count

    def readline(self, size=_EVER):
        """Return a line, including its end."""
        line = self.read(1)
        while len(line) < size and line[-1:] not in ("\n", b"\n"):
            line += self.read(1)
        return line

    def readlines(self):
        """Return all lines until the end of file, which never comes."""
        lines = []
        while True:
            lines.append(self.readline())

    def close(self):
        """Do nothing: the port cannot be closed."""


class FileIO(_Port):
    """The serial port as bytes."""

    @property
    def buffer(self):
        return self

    def read(self, size=_EVER):
        """Return so many bytes."""
        return take(_EVER if size is None or size < 0 else size)

    def write(self, data, *limits):
        """Send bytes, optionally (size) or (offset, size) of them; return how many were sent."""
        output()
        return _out.write(_part(data, limits))


class TextIOWrapper(_Port):
    """The serial port as text in UTF-8."""

    def __init__(self, buffer):
        self.buffer = buffer

    def read(self, size=_EVER):
        """Return so many characters."""
        text = b""
        for _ in range(_EVER if size is None or size < 0 else size):
            first = take(1)
            text += b"\n" if first == b"\r" else first + take(_more(first[0]))
        return text.decode()

    def write(self, data, *limits):
        """Send text; return its size in bytes."""
        data = bytes(_part(data, limits))
        output()
        _out.write(data.replace(b"\n", b"\r\n"))
        return len(data)


def _more(first):
    """Return how many bytes follow the first byte of a UTF-8 character."""
    return (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)


def _part(data, limits):
    data = readable(data)
    if not limits:
        return data
    start = limits[0] if len(limits) == 2 else 0
    return data[start : start + limits[-1]]


class _Cooked(io.IOBase):
    """What MicroPython itself writes text to: line ends are converted there, too."""

    def write(self, data):
        _out.write(bytes(data).replace(b"\n", b"\r\n"))
        return len(data)


def printing():
    """Return a print() whose output the simulator is told of, as of what these classes write."""
    real = builtins.print

    def tell(*values, **settings):
        output()
        settings.setdefault("file", cooked)
        real(*values, **settings)

    return tell


cooked = _Cooked()
stdin, stdout = TextIOWrapper(FileIO()), TextIOWrapper(FileIO())
