"""sys.stdin and sys.stdout of the ESP32 port: the serial port, as bytes and as text.

Reading waits until everything is there that was asked for; there is no end, and no flush.
Text has its line ends changed both ways, which the bytes have not.
"""

import sys

from _simulator import take
from _strict import fill, readable, writable

_out = sys.stdout.buffer
_EVER = 1 << 30


class _Port:
    def readinto(self, buffer, size=_EVER):
        """Fill a buffer, or its first bytes; return how many they are."""
        count = min(size, len(writable(buffer)))
        fill(buffer, take(count))
        return count

    def readline(self, size=_EVER):
        """Return a line with its end."""
        line = self.read(1)
        while len(line) < size and line[-1:] not in ("\n", b"\n"):
            line += self.read(1)
        return line

    def readlines(self):
        """Return the lines until the end, which never comes."""
        lines = []
        while True:
            lines.append(self.readline())

    def close(self):
        """Nothing to close."""


class FileIO(_Port):
    """The bytes."""

    @property
    def buffer(self):
        return self

    def read(self, size=_EVER):
        """Return so many bytes."""
        return take(_EVER if size is None or size < 0 else size)

    def write(self, data, *limits):
        """Send bytes, the first so many, or so many from a place on; return how many."""
        return _out.write(_part(data, limits))


class TextIOWrapper(_Port):
    """Text in UTF-8."""

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
        """Send text; return how many bytes it has."""
        data = bytes(_part(data, limits))
        _out.write(data.replace(b"\n", b"\r\n"))
        return len(data)


def _more(first):
    """Return how many bytes of a character follow its first."""
    return (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)


def _part(data, limits):
    data = readable(data)
    if not limits:
        return data
    start = limits[0] if len(limits) == 2 else 0
    return data[start : start + limits[-1]]


stdin, stdout = TextIOWrapper(FileIO()), TextIOWrapper(FileIO())
