"""A USB serial adapter between computer and board, in simulated time.

What the computer writes is delayed until the next USB frame, and by the operating system. What
the board sends is collected into packets: one is sent when it is full, or when the latency
timer expires (16 ms on FTDI's chips, 1 ms on others), and is again delayed by the system.
"""

import random
from collections import deque

MS = 1_000_000  # nanoseconds
PACKET = 62  # bytes of data in one USB packet, next to FTDI's two of status


class Adapter:
    """An adapter. Times are in nanoseconds; the same `seed` gives the same delays.

    `latency_ms` is its timer; each way takes up to `jitter_ms` more, at random.
    """

    def __init__(self, seed: int, latency_ms: float = 16, jitter_ms: float = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 (delays, not secrets)
        self._latency = round(latency_ms * MS)
        self._jitter = round(jitter_ms * MS)
        self._phase = self._random.randrange(max(1, self._latency))
        self._gathered = bytearray()
        self._due = 0  # when the present packet is sent, full or not
        self._packets: deque[tuple[int, bytes]] = deque()
        self._last_out = self._last_in = 0

    def leaves_at(self, now: int) -> int:
        """Return when bytes that the computer writes now are sent on to the board."""
        frame = now + MS - now % MS
        self._last_out = max(self._last_out, frame + self._mood())
        return self._last_out

    def from_board(self, data: bytes, now: int) -> None:
        """Take bytes of the board."""
        self._close(now)
        for byte in data:
            if not self._gathered:
                ticks = (now - self._phase) // self._latency + 1
                self._due = self._phase + ticks * self._latency
            self._gathered.append(byte)
            if len(self._gathered) == PACKET:
                self._pack(now)

    def next_arrival(self) -> int | None:
        """Return when the computer gets its next bytes, None if none are on their way."""
        if self._packets:
            return self._packets[0][0]
        return self._due if self._gathered else None

    def arrived(self, now: int) -> bytes:
        """Return, once, the bytes that have reached the computer."""
        self._close(now)
        data = bytearray()
        while self._packets and self._packets[0][0] <= now:
            data += self._packets.popleft()[1]
        return bytes(data)

    def _close(self, now: int) -> None:
        """Send the present packet if its timer has expired."""
        if self._gathered and now >= self._due:
            self._pack(self._due)

    def _pack(self, at: int) -> None:
        self._last_in = max(self._last_in, at + self._mood())
        self._packets.append((self._last_in, bytes(self._gathered)))
        self._gathered.clear()

    def _mood(self) -> int:
        return self._random.randrange(self._jitter + 1)
