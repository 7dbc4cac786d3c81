"""esptool, its socket and the mock of the ROM's loader, without what takes them long.

Imported for that.

Both take each byte of a packet alone, the mock all of a packet again for each piece that arrives;
they pause between commands, pyserial after it has closed a socket, and they format each packet for
a trace that nobody reads. What goes over the wire, and what it means, stays as it is.
"""

import re
import struct
import time
import zlib

import esptool.cmds
import esptool.loader
from esp32_mock_bootloader import protocol, server
from esptool.util import FatalError
from serial.urlhandler import protocol_socket

_END, _ESC = b"\xc0", b"\xdb"
_ESCAPE = re.compile(rb"\xdb(.)", re.DOTALL)
_MEANT = {b"\xdc": _END, b"\xdd": _ESC}


class _Hasty:
    """Replaces the module `time`: a mock needs no pauses between commands or connections."""

    def __getattr__(self, name):
        return getattr(time, name)

    def sleep(self, seconds):
        time.sleep(min(seconds, 0.001))


def _escaped(data):
    """Return a packet as it goes over the wire."""
    inside = bytes(data).replace(_ESC, b"\xdb\xdd").replace(_END, b"\xdb\xdc")
    return _END + inside + _END


def _packet(data):
    """Return a packet without its escapes; any other byte after an escape is itself."""
    return _ESCAPE.sub(lambda found: _MEANT.get(found[1], found[1]), data) if _ESC in data else data


def _packets(raw):
    """Return the whole packets in what has arrived at the board."""
    return [_packet(each) for each in raw.split(_END)[1:-1] if each]


def _reader(port, trace):
    """Yield the packets that arrive at the computer, as esptool.loader.slip_reader does."""
    held, begun = b"", False
    while True:
        data = port.read(max(port.inWaiting(), 1))
        if not data:
            raise FatalError(
                "Packet content transfer stopped"
                if held
                else "Serial data stream stopped: Possible serial noise or corruption."
                if begun
                else "No serial data received."
            )
        held += data
        while held:
            if held[:1] != _END:
                raise FatalError("Invalid head of packet: Possible serial noise or corruption.")
            end = held.find(_END, 1)
            if end < 0:
                break
            whole, held, begun = held[1:end], held[end + 1 :], True
            yield _packet(whole)


def _checksum(data, state=esptool.loader.ESPLoader.ESP_CHECKSUM_MAGIC):
    """Return all bytes XORed: halves of the data, until one byte is left."""
    total, size = int.from_bytes(data, "big"), len(data)
    while size > 1:
        size = (size + 1) // 2
        total = (total >> 8 * size) ^ (total & ((1 << 8 * size) - 1))
    return state ^ total


def _put(data, offset, block):
    """Write a block to a memory; what is beyond its end is lost."""
    block = block[: max(len(data) - offset, 0)]
    data[offset : offset + len(block)] = block


class Flash(server.FlashImage):
    """The mock's flash, written a block at a time."""

    def write_defl_block(self, payload):
        if len(payload) < 16 or self._decompressor is None:
            return
        try:
            block = self._decompressor.decompress(_data(payload))
        except zlib.error:
            return
        _put(self.data, self._defl_offset, block)
        self._defl_offset += len(block)

    def write_plain_block(self, payload):
        if len(payload) >= 16:
            _put(self.data, self._plain_offset, block := _data(payload))
            self._plain_offset += len(block)


class _Ram:
    """The mock's RAM, of which nothing is ever read: esptool's own loader goes there."""

    def begin(self, payload):
        pass

    def write_block(self, payload):
        pass


def _data(payload):
    """Return the data of a packet that writes, behind their length and three other words."""
    return payload[16 : 16 + struct.unpack_from("<I", payload)[0]]


# Formatting takes longer than sending.
esptool.loader.HexFormatter = lambda data, auto_split=True: "…"
esptool.loader.time = esptool.cmds.time = protocol_socket.time = _Hasty()
esptool.loader.slip_reader = _reader
esptool.loader.ESPLoader.checksum = staticmethod(_checksum)
protocol.data_checksum = _checksum
server.slip_encode, server.slip_decode_frames = _escaped, _packets
server.RamImage = _Ram
