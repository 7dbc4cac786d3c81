"""The simulated I2C bus: who answers, what is counted, how long a transfer takes."""

import errno

import pytest

from tokensim.board.i2c import Bus, NoAck, Stuck


class Recorder:
    ADDRESS = 0x42

    def __init__(self):
        self.calls = []

    def start(self):
        self.calls.append("start")

    def write(self, data):
        self.calls.append(bytes(data))

    def read(self, n):
        self.calls.append(n)
        return bytes(range(n))


@pytest.fixture
def chip():
    return Recorder()


@pytest.fixture
def bus(chip):
    bus = Bus()
    bus.attach(chip)
    return bus


def test_write_then_read_with_a_repeated_start(bus, chip):
    assert bus.transfer(0x42, b"\x07", 3) == bytes([0, 1, 2])
    assert chip.calls == ["start", b"\x07", "start", 3]
    assert (bus.bytes_written, bus.bytes_read, bus.transactions) == (2, 4, 1)


def test_write_only_and_read_only(bus, chip):
    assert bus.transfer(0x42, b"\x01\x02", 0) == b""
    assert bus.transfer(0x42, b"", 2) == bytes([0, 1])
    assert chip.calls == ["start", b"\x01\x02", "start", 2]
    assert (bus.bytes_written, bus.bytes_read, bus.transactions) == (3, 3, 2)


def test_probing_an_address(bus):
    assert bus.transfer(0x42, b"", 0) == b""
    assert (bus.bytes_written, bus.bytes_read, bus.transactions) == (1, 0, 1)


def test_nobody_there(bus, chip):
    with pytest.raises(NoAck, match="0x43") as caught:
        bus.transfer(0x43, b"\x00\x01", 0)
    assert isinstance(caught.value, OSError)
    assert (caught.value.errno, caught.value.address) == (errno.ENODEV, 0x43)
    assert chip.calls == []
    assert (bus.bytes_written, bus.bytes_read, bus.transactions) == (1, 0, 1)


def test_broken_bus_and_back(bus, chip):
    bus.broken = True
    with pytest.raises(NoAck):
        bus.transfer(0x42, b"", 1)
    assert bus.scan() == []
    assert chip.calls == []
    bus.broken = False
    assert bus.transfer(0x42, b"", 1) == b"\x00"
    assert bus.scan() == [0x42]


def test_detached_chip_is_gone(bus):
    bus.detach(0x42)
    with pytest.raises(NoAck):
        bus.transfer(0x42, b"", 1)


def test_two_chips_cannot_share_an_address(bus):
    with pytest.raises(ValueError, match="0x42"):
        bus.attach(Recorder())


def test_two_chips_at_one_address_pull_the_same_line(bus, chip):
    """UM10204, section 3.1.1: the line is high only while nobody pulls it low."""

    class Other(Recorder):
        def read(self, n):
            super().read(n)
            return bytes([0xF1] * n)

    other = Other()
    bus.attach(other, beside=True)
    assert bus.scan() == [0x42]
    assert bus.transfer(0x42, b"\x07\x08", 3) == bytes([0 & 0xF1, 1 & 0xF1, 2 & 0xF1])
    assert chip.calls == other.calls == ["start", b"\x07\x08", "start", 3]
    assert (bus.bytes_written, bus.bytes_read, bus.transactions) == (3, 4, 1)
    bus.detach(0x42)
    assert bus.scan() == []


def test_frame_of_a_display_takes_23_ms():
    """1 address, 1 control and 1024 data bytes at 400 kHz, plus START and STOP."""
    assert Bus().duration_ns(1025, 0) == (1026 * 9 + 2) * 2500
    assert Bus(1_000_000).duration_ns(1025, 0) == (1026 * 9 + 2) * 1000


def test_duration_counts_the_second_address_byte():
    """Reading the time: S addr reg Sr addr 7 bytes P."""
    assert Bus(100_000).duration_ns(1, 7) == (10 * 9 + 3) * 10_000
    assert Bus(100_000).duration_ns(0, 7) == (8 * 9 + 2) * 10_000
    assert Bus(100_000).duration_ns(0, 0) == (9 + 2) * 10_000


def test_duration_is_rounded_up():
    assert Bus(300_000).duration_ns(0, 0) == 36_667


def test_frequency_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        Bus(0)


def test_a_bus_with_a_line_held_low_ends_no_transfer():
    bus = Bus()
    bus.stuck = True
    with pytest.raises(Stuck) as caught:
        bus.transfer(0x3C, b"", 0)
    assert caught.value.errno == errno.ETIMEDOUT
