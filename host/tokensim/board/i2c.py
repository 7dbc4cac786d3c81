"""An I2C bus with chip models on it (NXP UM10204), and the duration of transfers.

A chip has `ADDRESS`, `start()`, `write(data)` and `read(n)`. Nothing here takes
simulated time: the caller advances its clock by duration_ns().
"""

import errno
from operator import and_
from typing import Protocol

BITS_PER_BYTE = 9  # eight, and the acknowledge
STANDARD, FAST, FAST_PLUS = 100_000, 400_000, 1_000_000


class Device(Protocol):
    """What the bus needs of a chip model; `write` gets the bytes after the address."""

    @property
    def ADDRESS(self) -> int: ...  # noqa: N802 (a constant of the chip)

    def start(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def read(self, n: int) -> bytes: ...


class Stuck(OSError):
    """A line is held low, so a transfer does not end; `errno` is ETIMEDOUT, 116 on the ESP32."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "a line of the I2C bus is held low")


class NoAck(OSError):
    """No chip acknowledged the address; `errno` is ENODEV, as the ESP32's driver reports it."""

    def __init__(self, address: int):
        super().__init__(errno.ENODEV, f"no I2C device acknowledges address {address:#04x}")
        self.address = address


class Bus:
    """A bus with a clock of `frequency` Hz.

    With `broken` no address is acknowledged, with `stuck` no transfer ends. The counters
    `bytes_written` and `bytes_read` include the address byte at the start of their part of the
    transfer; `transactions` counts START to STOP, including failed ones.
    """

    def __init__(self, frequency: int = FAST):
        if frequency <= 0:
            raise ValueError("the bus frequency must be positive")
        self.frequency = frequency
        self.broken = self.stuck = False
        self.bytes_written = self.bytes_read = self.transactions = 0
        self._chips: dict[int, list[Device]] = {}

    def attach(self, chip: Device, beside: bool = False) -> None:
        """Put a chip on the bus; raise ValueError if its address is taken.

        With `beside` it may be taken: then both chips receive writes, and a bit that either
        sends as 0 reads as 0, because each can pull the line low (section 3.1.1).
        """
        if chip.ADDRESS in self._chips and not beside:
            raise ValueError(f"two chips at I2C address {chip.ADDRESS:#04x}")
        self._chips.setdefault(chip.ADDRESS, []).append(chip)

    def detach(self, address: int) -> None:
        """Take the chip at `address` off the bus; raise KeyError if there is none."""
        del self._chips[address]

    def scan(self) -> list[int]:
        """Return the addresses that would acknowledge, in order, without using the wire."""
        return [] if self.broken else sorted(self._chips)

    def transfer(self, address: int, writes: bytes, read_length: int) -> bytes:
        """Write, then after a repeated START read; return the bytes read.

        Either part may be empty; with both empty the address alone is probed.
        Raises NoAck if no chip is there, Stuck if a line is held low.
        """
        writing = bool(writes) or not read_length
        self.transactions += 1
        if self.stuck:
            raise Stuck
        chips = [] if self.broken else self._chips.get(address, [])
        if not chips:
            if writing:
                self.bytes_written += 1
            else:
                self.bytes_read += 1
            raise NoAck(address)
        if writing:
            self.bytes_written += 1 + len(writes)
            for chip in chips:
                chip.start()
                chip.write(writes)
        if not read_length:
            return b""
        self.bytes_read += 1 + read_length
        line = bytes([0xFF]) * read_length
        for chip in chips:
            chip.start()
            line = bytes(map(and_, line, chip.read(read_length)))
        return line

    def duration_ns(self, writes: int, reads: int) -> int:
        """Return the time in ns, rounded up, of a transfer of so many data bytes each way.

        Nine clocks a byte, one for each START and one for the STOP; no clock stretching.
        """
        clocks = 1  # STOP
        if writes or not reads:
            clocks += 1 + BITS_PER_BYTE * (1 + writes)
        if reads:
            clocks += 1 + BITS_PER_BYTE * (1 + reads)
        return -(-clocks * 1_000_000_000 // self.frequency)
