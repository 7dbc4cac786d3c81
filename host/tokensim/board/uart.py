"""The board's serial port: 115200 baud both ways, and an input buffer that overflows silently.

The ESP32 port of MicroPython keeps received bytes in a ring of 260, of which
259 are usable, and drops bytes that arrive while it is full.
"""

import random
from collections import deque
from collections.abc import Callable

BAUD = 115200
BYTE_NS = 10 * 1_000_000_000 // BAUD
RING = 259  # bytes
FIFO = 128  # bytes that the firmware can send without waiting
_ADAPTER = 12  # sent bytes, at most, that the USB adapter collects for the computer
# Received bytes that the port collects before it passes them on, and the silence, in bytes, after
# which it passes on fewer: RXFIFO_FULL_THR and RXFIFO_RX_TIMEOUT in MicroPython's ports/esp32.
BURST, SILENCE = 120, 10


class Uart:
    """Bytes in transit. Times are in ns; `unread()` returns how many wait for the firmware."""

    def __init__(self, unread: Callable[[], int], byte_ns: int = BYTE_NS) -> None:
        self._unread = unread
        self._byte_ns = byte_ns
        self._incoming: deque[tuple[int, int]] = deque()
        self._outgoing: deque[tuple[int, int]] = deque()
        self._incoming_end = 0
        self._outgoing_end = 0
        self.noise = 0.0  # the part of all bytes, both ways, that get one wrong bit
        self._random = random.Random(1)  # noqa: S311 (reproducible noise)
        self.dropped = 0
        self.received = 0
        self.sent = 0

    def from_computer(self, data: bytes, now: int) -> None:
        """Take bytes that the computer sends; each arrives after its time on the wire."""
        for byte in data:
            self._incoming_end = max(self._incoming_end, now) + self._byte_ns
            self._incoming.append((self._incoming_end, byte))

    def next_incoming(self) -> int | None:
        """Return when the firmware can see the next bytes, or None."""
        queue = self._incoming
        if len(queue) >= BURST:
            return queue[BURST - 1][0]
        return queue[-1][0] + SILENCE * self._byte_ns if queue else None

    def arrived(self, now: int) -> bytes:
        """Return, once, the arrived bytes that fit the input buffer; the others are lost."""
        due = self.next_incoming()
        if due is None or due > now:  # most of the time
            return b""
        data = self._spoiled(_due(self._incoming, now))
        room = max(0, RING - self._unread()) if data else 0
        self.dropped += max(0, len(data) - room)
        self.received += len(data)
        return data[:room]

    def from_board(self, data: bytes, now: int) -> None:
        """Take bytes that the firmware sends."""
        self.sent += len(data)
        for byte in data:
            self._outgoing_end = max(self._outgoing_end, now) + self._byte_ns
            self._outgoing.append((self._outgoing_end, byte))

    def next_outgoing(self) -> int | None:
        """Return when the next bytes reach the computer, or None."""
        queue = self._outgoing
        return queue[min(len(queue), _ADAPTER) - 1][0] if queue else None

    def to_computer(self, now: int) -> bytes:
        """Return, once, the bytes that have reached the computer."""
        return self._spoiled(_due(self._outgoing, now))

    def _spoiled(self, data: bytes) -> bytes:
        if not self.noise:
            return data
        chance, bit = self._random.random, self._random.randrange
        return bytes(each ^ 1 << bit(8) if chance() < self.noise else each for each in data)

    def writable_at(self) -> int:
        """Return when the output sent so far fits the FIFO, so that the firmware can go on."""
        return self._outgoing_end - FIFO * self._byte_ns

    def reset(self) -> None:
        """Drop what the chip has not sent yet; bytes on their way to it still arrive."""
        self._outgoing.clear()
        self._outgoing_end = 0

    def power_off(self) -> None:
        """Drop everything in transit from or to the board."""
        self._incoming.clear()
        self._outgoing.clear()
        self._outgoing_end = self._incoming_end = 0


def _due(queue: deque[tuple[int, int]], now: int) -> bytes:
    if not queue or queue[0][0] > now:  # most of the time
        return b""
    data = bytearray()
    while queue and queue[0][0] <= now:
        data.append(queue.popleft()[1])
    return bytes(data)
