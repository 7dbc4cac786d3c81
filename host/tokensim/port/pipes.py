"""The pipes between the simulator and the process that runs the firmware.

A request of the firmware comes on one, its reply goes back on another; standard input and output
are the board's serial port. What is asked is in board/requests.py; shims/_simulator.py asks it.
"""

import contextlib
import fcntl
import os
import select
import struct
import termios
from typing import NamedTuple

_HEAD = 8  # bytes: the operation, three of the length of what follows, four of microseconds
_REQUEST_MAX = 65536


class Request(NamedTuple):
    """A request of the firmware. `spent` is the time (us) that it computed since the last one.

    Only computing that the shims know to take a chip long, and reads of the time, are counted.
    """

    operation: bytes
    payload: bytes
    spent: int


class Ends(NamedTuple):
    """The ends of the pipes on one side, as file descriptors."""

    requests: int
    replies: int
    input: int
    output: int


class Pipes:
    """The simulator's ends; `theirs` are the process's, until that has them."""

    def __init__(self) -> None:
        self.requests, requests = os.pipe()
        replies, self.replies = os.pipe()
        stdin, self._input = os.pipe()
        self._output, stdout = os.pipe()
        self.theirs = Ends(requests, replies, stdin, stdout)
        os.set_blocking(self._output, False)
        self._waits = False  # for a reply, so that it reads nothing
        self._unread: int | None = None  # bytes, where that is known
        self._poll = select.poll()
        self._poll.register(self.requests, select.POLLIN)

    def give_away(self) -> None:
        """Close the process's ends here, once it has been started with them."""
        for end in self.theirs:
            os.close(end)

    def close(self) -> None:
        """Close the simulator's ends, once the process has ended."""
        for end in (self.requests, self.replies, self._input, self._output):
            os.close(end)

    def wait(self, seconds: float) -> bool:
        """Wait for a request or the end of the process; return whether either came."""
        return bool(self._poll.poll(seconds * 1000))

    def receive(self) -> Request | None:
        """Return the next request, None if the process has ended."""
        data = b""
        while len(data) < _HEAD or len(data) < _HEAD + int.from_bytes(data[1:4], "little"):
            chunk = os.read(self.requests, _REQUEST_MAX)  # there is never more than one
            if not chunk:
                return None
            data += chunk
        self._waits, self._unread = True, None
        return Request(data[:1], data[_HEAD:], int.from_bytes(data[4:_HEAD], "little"))

    def reply(
        self, payload: bytes, error: int, now_us: int, looks: int, levels: int, quiet_us: int
    ) -> None:
        """Answer the pending request, `now_us` after the start, with the levels of pins.

        The firmware may read time and pins `looks` times before its next request, and wait
        without one for less than `quiet_us` in all.
        """
        head = bytes([error]) + len(payload).to_bytes(4, "little")
        head += bytes([looks, min(self.unread(), 255)])
        data = head + now_us.to_bytes(8, "little") + bytes([levels])
        data += quiet_us.to_bytes(4, "little") + payload
        self._waits, self._unread = False, None
        try:
            while data:
                data = data[os.write(self.replies, data) :]
        except BrokenPipeError:
            pass  # it has ended: the next receive() returns None

    def unread(self) -> int:
        """Return how many bytes of input the firmware has not read yet."""
        if self._unread is None:
            buffer = fcntl.ioctl(self._input, termios.FIONREAD, b"\0\0\0\0")
            (unread,) = struct.unpack("i", buffer)
            if not self._waits:
                return unread
            self._unread = unread
        return self._unread

    def feed(self, data: bytes) -> None:
        """Put bytes into the firmware's input buffer."""
        self._unread = None
        with contextlib.suppress(BrokenPipeError):
            os.write(self._input, data)

    def read_output(self) -> bytes:
        """Return what the firmware has written since the last time."""
        data = b""
        try:
            while chunk := os.read(self._output, 65536):
                data += chunk
        except BlockingIOError:
            pass
        return data
