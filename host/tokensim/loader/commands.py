"""The protocol of the ROM's loader, and of the one that esptool loads into the chip's RAM.

From esptool's documentation, "Serial Protocol". A request is 0, the command, the length of its
data (2 bytes), a checksum (4), the data; an answer 1, the command, a length, a value (4), the data
and a status: 4 bytes from the ROM, 2 from esptool's loader. What is loaded into the RAM is not
run: it is taken for esptool's loader.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable

from tokensim.loader import frames
from tokensim.loader.chip_flash import ChipFlash
from tokensim.loader.registers import Registers
from tokensim.loader.writing import Writing

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
SPI_SET_PARAMS, SPI_ATTACH, READ_FLASH_SLOW = 0x0B, 0x0D, 0x0E
CHANGE_BAUDRATE, DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x0F, 0x10, 0x11, 0x12
FLASH_MD5, GET_SECURITY_INFO = 0x13, 0x14
ERASE_FLASH, ERASE_REGION, READ_FLASH, RUN_USER_CODE = 0xD0, 0xD1, 0xD2, 0xD3

_STUB_ONLY = (ERASE_FLASH, ERASE_REGION, READ_FLASH, RUN_USER_CODE)
_ROM_ONLY = (READ_FLASH_SLOW,)
_WITH_CHECKSUM = (FLASH_DATA, MEM_DATA, DEFL_DATA)
# What is left in the secure mode: nothing that reads.
_SECURE = (SYNC, FLASH_BEGIN, FLASH_DATA, FLASH_END, DEFL_BEGIN, DEFL_DATA, DEFL_END) + (
    SPI_SET_PARAMS, SPI_ATTACH, CHANGE_BAUDRATE, GET_SECURITY_INFO,
)  # fmt: skip

_INVALID, _FAILED, _BAD_CHECKSUM, _BAD_DEFLATE = 5, 6, 7, 11  # second byte of a status
_SECURE_FLAG = 4  # SECURE_DOWNLOAD_ENABLE
_SYNCED = 0x2012_0707  # the value by which the ROM answers; the other loader's is 0
_SYNC_ANSWERS = 8
_OHAI = b"OHAI"  # says that esptool's loader runs
_ROM_PIECE = 64  # bytes
_IMAGE_IDS = {"esp32s3": 9, "esp32c3": 5}  # the S2 does not give its own, an ESP32 answers nothing
_WORDS = 16  # bytes of the four words that begin a piece of data

Answer = tuple[int, bytes]  # value, data


class _Refused(Exception):
    """The command fails; the argument is the second byte of the status."""


class RomLoader:
    """The loader of a chip ("esp32c3"): take() gets what arrives, and returns what it sends.

    With `secure` it is in its secure mode. `restarts` says that it was told to start what is in
    the flash. PowerCut comes from the flash.
    """

    def __init__(self, chip: str, registers: Registers, flash: ChipFlash, secure: bool) -> None:
        self._chip, self._registers, self._flash = chip, registers, flash
        self._secure = secure
        self._decoder = frames.Decoder()
        self._in_ram = False  # whether esptool's loader runs
        self._writing: Writing | None = None
        self._reading: _Reading | None = None
        self.restarts = False
        self._commands: dict[int, Callable[[bytes], Answer]] = {
            FLASH_BEGIN: lambda data: self._begin(data, False),
            FLASH_DATA: self._write,
            FLASH_END: self._end,
            MEM_BEGIN: lambda data: (0, b""),
            MEM_DATA: lambda data: (0, b""),
            READ_REG: lambda data: (self._registers.read(*struct.unpack("<I", data)), b""),
            WRITE_REG: self._write_registers,
            SPI_SET_PARAMS: lambda data: (0, b""),
            SPI_ATTACH: lambda data: (0, b""),
            READ_FLASH_SLOW: self._read_slowly,
            CHANGE_BAUDRATE: lambda data: (0, b""),  # a simulated wire has none
            DEFL_BEGIN: lambda data: self._begin(data, True),
            DEFL_DATA: self._write,
            DEFL_END: self._end,
            FLASH_MD5: self._md5,
            GET_SECURITY_INFO: self._security,
            ERASE_FLASH: lambda data: self._erase(0, self._flash.size),
            ERASE_REGION: lambda data: self._erase(*struct.unpack("<II", data)),
        }

    def take(self, data: bytes) -> bytes:
        """Take bytes of the computer; return the answers to the requests that they complete."""
        return b"".join(self._answer(each) for each in self._decoder.take(data))

    def _answer(self, packet: bytes) -> bytes:
        if self._reading is not None and len(packet) == 4:
            return self._go_on_reading(int.from_bytes(packet, "little"))
        if len(packet) < 8 or packet[0] != 0:
            return b""
        _, command, length, checksum = struct.unpack_from("<BBHI", packet)
        data = packet[8:]
        if length != len(data):
            return b""
        self._reading = None
        if command == SYNC:
            return self._packed(SYNC, 0 if self._in_ram else _SYNCED, b"") * _SYNC_ANSWERS
        if command == MEM_END and not self._secure:
            return self._leave_ram(data)
        if command == READ_FLASH and self._in_ram:
            return self._begin_reading(data)
        if command == RUN_USER_CODE and self._in_ram:
            self.restarts = True
            return b""
        try:
            value, found = self._carry_out(command, data, checksum)
        except _Refused as error:
            return self._packed(command, 0, b"", error.args[0])
        return self._packed(command, value, found)

    def _carry_out(self, command: int, data: bytes, checksum: int) -> Answer:
        other = _ROM_ONLY if self._in_ram else _STUB_ONLY
        known = command in self._commands and command not in other
        if not known or (self._secure and command not in _SECURE):
            raise _Refused(_INVALID)
        if command in _WITH_CHECKSUM and checksum & 0xFF != _checksum(data[_WORDS:]):
            raise _Refused(_BAD_CHECKSUM)
        try:
            return self._commands[command](data)
        except struct.error:
            raise _Refused(_INVALID) from None
        except zlib.error:
            raise _Refused(_BAD_DEFLATE) from None
        except ValueError:
            raise _Refused(_FAILED) from None

    def _packed(self, command: int, value: int, data: bytes, error: int = 0) -> bytes:
        status = bytes([error != 0, error]) + (b"" if self._in_ram else bytes(2))
        head = struct.pack("<BBHI", 1, command, len(data) + len(status), value)
        return frames.encode(head + data + status)

    # registers and RAM

    def _write_registers(self, data: bytes) -> Answer:
        """Write words, each with its address, mask, and a delay that is not waited for."""
        for address, value, mask, _ in struct.iter_unpack("<IIII", data):
            self._registers.write(address, value, mask)
        return 0, b""

    def _leave_ram(self, data: bytes) -> bytes:
        """Answer MEM_END, which jumps to the address in it unless that is 0."""
        if len(data) < 8:
            return self._packed(MEM_END, 0, b"", _INVALID)
        answer = self._packed(MEM_END, 0, b"")
        if not int.from_bytes(data[4:8], "little"):
            return answer
        self._in_ram = True
        return answer + frames.encode(_OHAI)

    def _security(self, _: bytes) -> Answer:
        if self._chip == "esp32":
            raise _Refused(_INVALID)
        info = struct.pack("<IB7x", _SECURE_FLAG if self._secure else 0, 0)
        if self._chip in _IMAGE_IDS:
            info += struct.pack("<II", _IMAGE_IDS[self._chip], 0)
        return 0, info

    # the flash

    def _begin(self, data: bytes, deflated: bool) -> Answer:
        size, pieces, piece, address = struct.unpack_from("<IIII", data)
        self._writing = Writing(self._flash, address, size, pieces * piece, deflated)
        if not self._in_ram:
            self._writing.erase_all()
        return 0, b""

    def _write(self, data: bytes) -> Answer:
        length, *_ = struct.unpack_from("<IIII", data)
        if self._writing is None or length != len(data) - _WORDS:
            raise _Refused(_INVALID)
        self._writing.take(data[_WORDS:])
        return 0, b""

    def _end(self, data: bytes) -> Answer:
        (stays,) = struct.unpack_from("<I", data)
        self._writing = None
        self.restarts = not stays
        return 0, b""

    def _erase(self, address: int, size: int) -> Answer:
        self._flash.erase(address, size)
        return 0, b""

    def _md5(self, data: bytes) -> Answer:
        address, size, *_ = struct.unpack_from("<IIII", data)
        digest = hashlib.md5(self._flash.read(address, size))
        return 0, digest.digest() if self._in_ram else digest.hexdigest().encode()

    def _read_slowly(self, data: bytes) -> Answer:
        address, length = struct.unpack_from("<II", data)
        return 0, self._flash.read(address, min(length, _ROM_PIECE)).ljust(_ROM_PIECE, b"\0")

    def _begin_reading(self, data: bytes) -> bytes:
        try:
            address, length, packet, ahead = struct.unpack_from("<IIII", data)
            self._reading = _Reading(self._flash.read(address, length), packet, ahead)
        except (struct.error, ValueError):
            return self._packed(READ_FLASH, 0, b"", _FAILED)
        return self._packed(READ_FLASH, 0, b"") + self._go_on_reading(0)

    def _go_on_reading(self, received: int) -> bytes:
        assert self._reading is not None  # noqa: S101 (for the type checker)
        sent, done = self._reading.after(received)
        if done:
            self._reading = None
        return b"".join(map(frames.encode, sent))


class _Reading:
    """A region that the computer reads, in packets of which it has not confirmed a few."""

    def __init__(self, data: bytes, packet: int, ahead: int) -> None:
        if not packet or not ahead:
            raise ValueError("that would never end")
        self._data, self._packet, self._ahead = data, packet, packet * ahead
        self._sent = 0

    def after(self, received: int) -> tuple[list[bytes], bool]:
        """Return what is sent when so many bytes have arrived, and whether that is the end."""
        packets: list[bytes] = []
        while self._sent < len(self._data) and self._sent - received < self._ahead:
            packets.append(self._data[self._sent : self._sent + self._packet])
            self._sent += len(packets[-1])
        done = received >= len(self._data)
        if done:
            packets.append(hashlib.md5(self._data).digest())
        return packets, done


def _checksum(data: bytes) -> int:
    result = 0xEF
    for byte in data:
        result ^= byte
    return result
