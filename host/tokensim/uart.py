"""The board's serial port: 115200 baud both ways, and 259 bytes of input that overflow silently.

The ESP32 port of MicroPython keeps received bytes in a ring of 260, of which
259 are usable, and drops what comes when it is full.
"""

import random
from collections import deque
from collections.abc import Callable

BAUD = 115200
BYTE_NS = 10 * 1_000_000_000 // BAUD
RING = 259  # bytes
FIFO = 128  # bytes that the firmware can hand over without waiting
BURST = 12  # bytes that the port gathers before it hands them over, if no pause comes first


class Uart:
    """Bytes on their way. Times in nanoseconds; `unread()` says how many wait for the firmware."""

    def __init__(self, unread: Callable[[], int], byte_ns: int = BYTE_NS) -> None:
        self._unread = unread
        self._byte_ns = byte_ns
        self._incoming: deque[tuple[int, int]] = deque()
        self._outgoing: deque[tuple[int, int]] = deque()
        self._incoming_end = 0
        self._outgoing_end = 0
        self.noise = 0.0  # of all bytes, both ways, so many have a bit that is wrong
        self._random = random.Random(1)  # noqa: S311 (noise that comes again)
        self.dropped = 0
        self.received = 0
        self.sent = 0

    def from_computer(self, data: bytes, now: int) -> None:
        """The computer sends `data`: each byte arrives when it has crossed the wire."""
        for byte in data:
            self._incoming_end = max(self._incoming_end, now) + self._byte_ns
            self._incoming.append((self._incoming_end, byte))

    def next_incoming(self) -> int | None:
        """Return when the next bytes are handed to the board."""
        return _next_burst(self._incoming)

    def arrived(self, now: int) -> bytes:
        """Take the bytes that have arrived and fit the input buffer; the others are lost."""
        data = self._spoiled(_due(self._incoming, now))
        room = max(0, RING - self._unread()) if data else 0
        self.dropped += max(0, len(data) - room)
        self.received += len(data)
        return data[:room]

    def from_board(self, data: bytes, now: int) -> None:
        """The firmware sends `data`."""
        self.sent += len(data)
        for byte in data:
            self._outgoing_end = max(self._outgoing_end, now) + self._byte_ns
            self._outgoing.append((self._outgoing_end, byte))

    def next_outgoing(self) -> int | None:
        """Return when the next bytes are handed to the computer."""
        return _next_burst(self._outgoing)

    def to_computer(self, now: int) -> bytes:
        """Take the bytes that have arrived at the computer."""
        return self._spoiled(_due(self._outgoing, now))

    def _spoiled(self, data: bytes) -> bytes:
        if not self.noise:
            return data
        chance, bit = self._random.random, self._random.randrange
        return bytes(each ^ 1 << bit(8) if chance() < self.noise else each for each in data)

    def writable_at(self) -> int:
        """Return when the firmware can go on after what it has sent: its buffer is short."""
        return self._outgoing_end - FIFO * self._byte_ns

    def reset(self) -> None:
        """What the chip had not sent yet is lost; what is on its way to it still comes."""
        self._outgoing.clear()
        self._outgoing_end = 0

    def power_off(self) -> None:
        """Everything on its way from or to the board is lost."""
        self._incoming.clear()
        self._outgoing.clear()
        self._outgoing_end = self._incoming_end = 0


def _next_burst(queue: deque[tuple[int, int]]) -> int | None:
    return queue[min(len(queue), BURST) - 1][0] if queue else None


def _due(queue: deque[tuple[int, int]], now: int) -> bytes:
    if not queue or queue[0][0] > now:  # most of the time
        return b""
    data = bytearray()
    while queue and queue[0][0] <= now:
        data.append(queue.popleft()[1])
    return bytes(data)
