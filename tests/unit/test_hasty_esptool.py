"""What the tests put in the place of esptool's and the mock's own packets: the same, sooner."""

import importlib.util
import random
import sys
from types import ModuleType

import pytest
from esptool.util import FatalError
from support.flashing import hasty


def original(name: str) -> ModuleType:
    """Return a module as its package has it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert sys.modules[name] is not module
    return module


loader, server = original("esptool.loader"), original("esp32_mock_bootloader.server")
PIECES = b"\xc0", b"\xdb", b"\xdb\xdc", b"\xdc\xdd", b"a", b"", bytes(9)


def drawn(number: int) -> list[bytes]:
    """Return packets, none of them empty, rich in what has to be escaped."""
    dice = random.Random(number)
    return [b"x" + b"".join(dice.choices(PIECES, k=7)) for _ in range(3)]


class Wire:
    """A port where `pieces` arrive, one at each reading, then nothing."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def inWaiting(self) -> int:  # noqa: N802 (pyserial's)
        return len(self._pieces[0]) if self._pieces else 0

    def read(self, size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def read_by(reader, pieces: list[bytes]) -> list[bytes]:
    """Return the packets that a reader yields before it finds a fault."""
    found = []
    with pytest.raises(FatalError):
        for packet in reader(Wire(list(pieces)), lambda _: None):
            found.append(packet)  # noqa: PERF402 (extend() would keep none)
    return found


@pytest.mark.parametrize("number", range(4))
def test_packets_are_what_they_were(number):
    packets = drawn(number)
    wire = b"".join(map(server.slip_encode, packets))
    assert b"".join(map(hasty._escaped, packets)) == wire
    for end in range(len(wire)):
        assert hasty._packets(wire[:end]) == server.slip_decode_frames(wire[:end])


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("after", [b"", b"\xc0cut short", b"noise"])
def test_the_computer_reads_what_it_read(size, after):
    wire = b"".join(map(server.slip_encode, drawn(size))) + after
    pieces = [wire[place : place + size] for place in range(0, len(wire), size)]
    assert read_by(hasty._reader, pieces) == read_by(loader.slip_reader, pieces) == drawn(size)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 16_384])
def test_the_checksum_is_the_same(size):
    data = random.Random(size).randbytes(size)
    assert hasty._checksum(data) == loader.ESPLoader.checksum(data)
    assert hasty._checksum(data, 7) == loader.ESPLoader.checksum(data, 7)


def test_the_flash_holds_what_the_mock_s_own_holds():
    flash, own = hasty.Flash(), server.FlashImage()
    for each in flash, own:
        for offset in (0, 5000, len(each.data) - 3):
            head = (4).to_bytes(4, "little") + bytes(12)
            each.begin_plain(bytes(12) + offset.to_bytes(4, "little"))
            each.write_plain_block(head + b"1234 and more")
            each.write_plain_block(head + b"5678")
    assert flash.data == own.data
    assert flash.data[5000:5008] == b"12345678"
