"""A USB serial adapter between computer and board, in simulated time.

What the computer writes waits for a USB frame, and for whatever the system does besides.
What the board sends is gathered: it reaches the computer when a packet is full, or when the
latency timer ends, which is 16 ms on FTDI's chips and 1 ms on others, and then as late again
as the system likes.
"""

import random
from collections import deque

MS = 1_000_000  # nanoseconds
PACKET = 62  # bytes: what one USB packet holds besides FTDI's two of status


class Adapter:
    """An adapter. Times in nanoseconds; `seed` makes its moods come again.

    `latency_ms` is its timer; each way takes up to `jitter_ms` more, differing each time.
    """

    def __init__(self, seed: int, latency_ms: float = 16, jitter_ms: float = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 (moods, not secrets)
        self._latency = round(latency_ms * MS)
        self._jitter = round(jitter_ms * MS)
        self._phase = self._random.randrange(max(1, self._latency))
        self._gathered = bytearray()
        self._due = 0  # when what is gathered goes, full or not
        self._packets: deque[tuple[int, bytes]] = deque()
        self._last_out = self._last_in = 0

    def leaves_at(self, now: int) -> int:
        """Return when bytes that the computer writes now are sent on to the board."""
        frame = now + MS - now % MS
        self._last_out = max(self._last_out, frame + self._mood())
        return self._last_out

    def from_board(self, data: bytes, now: int) -> None:
        """The board's bytes come in."""
        self._close(now)
        for byte in data:
            if not self._gathered:
                ticks = (now - self._phase) // self._latency + 1
                self._due = self._phase + ticks * self._latency
            self._gathered.append(byte)
            if len(self._gathered) == PACKET:
                self._pack(now)

    def next_arrival(self) -> int | None:
        """Return when the computer gets its next bytes, None if there are none on their way."""
        if self._packets:
            return self._packets[0][0]
        return self._due if self._gathered else None

    def arrived(self, now: int) -> bytes:
        """Take the bytes that the computer has got."""
        self._close(now)
        data = bytearray()
        while self._packets and self._packets[0][0] <= now:
            data += self._packets.popleft()[1]
        return bytes(data)

    def _close(self, now: int) -> None:
        """End the packet whose timer has run out."""
        if self._gathered and now >= self._due:
            self._pack(self._due)

    def _pack(self, at: int) -> None:
        self._last_in = max(self._last_in, at + self._mood())
        self._packets.append((self._last_in, bytes(self._gathered)))
        self._gathered.clear()

    def _mood(self) -> int:
        return self._random.randrange(self._jitter + 1)
