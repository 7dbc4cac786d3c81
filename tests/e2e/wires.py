"""Wires between tokenctl and a token that do what wires and other programs do, and a bare host.

Each wire is a Transport on a Transport.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from otpcore import lines, messages
from tokenctl.device.transport import Transport

REQUEST_KINDS = lines.REQUEST_PART, lines.REQUEST_END
REPLY_KINDS = lines.REPLY_PART, lines.REPLY_END


class Wire:
    """Passes everything on; `before(data)` is called with what is about to be written."""

    def __init__(
        self, inner: Transport, before: Callable[[bytes], None] = lambda data: None
    ) -> None:
        self.inner = inner
        self.name = inner.name
        self.before = before
        self.time, self.monotonic, self.sleep = inner.time, inner.monotonic, inner.sleep
        self.written = bytearray()
        self.arrived = bytearray()

    def write(self, data: bytes) -> None:
        self.before(data)
        self.written += data
        self.inner.write(data)

    def read(self, timeout: float) -> bytes:
        data = self.inner.read(timeout)
        self.arrived += data
        return data

    def restarts(self) -> None:
        self.inner.restarts()

    def close(self) -> None:
        self.inner.close()


class FaultyWire(Wire):
    """Loses, flips and doubles bytes both ways, all three together at `rate`."""

    def __init__(self, inner: Transport, rate: float, seed: int) -> None:
        super().__init__(inner)
        self._rate = rate
        self._random = random.Random(seed)

    def write(self, data: bytes) -> None:
        super().write(self._spoil(data))

    def read(self, timeout: float) -> bytes:
        return self._spoil(super().read(timeout))

    def _spoil(self, data: bytes) -> bytes:
        spoiled = bytearray()
        for byte in data:
            fault = self._random.random() / self._rate * 3
            if fault < 1:  # lost
                continue
            if fault < 2:
                byte ^= 1 << self._random.randrange(8)
            spoiled.append(byte)
            if 2 <= fault < 3:
                spoiled.append(byte)
        return bytes(spoiled)


class Watcher(Wire):
    """Calls `act` once, within half a millisecond after `condition()` has become true."""

    def __init__(
        self, inner: Transport, condition: Callable[[], bool], act: Callable[[], None]
    ) -> None:
        super().__init__(inner)
        self._condition: Callable[[], bool] | None = condition
        self._act = act

    def read(self, timeout: float) -> bytes:
        end = self.monotonic() + timeout
        while True:
            data = super().read(min(0.0005, max(0.0, end - self.monotonic())))
            if self._condition is not None and self._condition():
                self._condition = None
                self._act()
            if data or self.monotonic() >= end:
                return data


class BareHost:
    """The protocol as design.md has it, and nothing else: sends what tokenctl never would."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reader = lines.LineReader()
        self._replies = messages.Assembler(*REPLY_KINDS)
        self._number = 0x4000
        self._acknowledged: set[tuple[int, int]] = set()
        self.messages: list[dict[str, Any]] = []

    def send(self, message: Any, parts: int | None = None) -> None:
        """Send a message (JSON, or bytes as they are), or its first `parts` lines only."""
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._number = (self._number + 1) & 0xFFFF
        size = lines.PAYLOAD_MAX
        count = max(1, -(-len(data) // size))
        for part in range(count)[:parts]:
            kind = lines.REQUEST_END if part == count - 1 else lines.REQUEST_PART
            self.send_line(part, kind, data[part * size : part * size + size])

    def send_line(self, part: int, kind: str, payload: bytes) -> None:
        """Send one line until it is acknowledged."""
        for _ in range(10):
            self._transport.write(lines.encode(self._number, part, kind, payload))
            end = self._transport.monotonic() + 0.5
            while self._transport.monotonic() < end:
                self.listen(end - self._transport.monotonic())
                if (self._number, part) in self._acknowledged:
                    return
        raise AssertionError("the token acknowledges no line")

    def listen(self, timeout: float) -> None:
        """Take what comes, and acknowledge it."""
        for line in self._reader.feed(self._transport.read(timeout)):
            if line.kind == lines.REPLY_ACK:
                self._acknowledged.add((line.message, line.part))
                continue
            acknowledge, data = self._replies.take(line)
            if acknowledge:
                self._transport.write(lines.encode(line.message, line.part, lines.REQUEST_ACK))
            if data is not None:
                self.messages.append(json.loads(data))

    def answers(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """Return the answers that have come, and that come within `seconds`; no notices."""
        end = self._transport.monotonic() + seconds
        while (left := end - self._transport.monotonic()) > 0:
            self.listen(left)
        found = [each for each in self.messages if "notice" not in each]
        self.messages.clear()
        return found

    def ask(self, message: Any, seconds: float = 0.3) -> dict[str, Any]:
        """Send a message and return its answer, of which there must be exactly one."""
        self.send(message)
        (answer,) = self.answers(seconds)
        return answer
