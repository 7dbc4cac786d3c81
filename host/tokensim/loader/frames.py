"""SLIP (RFC 1055): a packet between two bytes 0xC0, which inside it are escaped."""

END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD
_LONGEST = 0x8000  # bytes of a packet; esptool's longest have 16 KB and a head


def encode(packet: bytes) -> bytes:
    """Return the packet as it goes over the wire."""
    inside = packet.replace(bytes([ESC]), bytes([ESC, ESC_ESC]))
    inside = inside.replace(bytes([END]), bytes([ESC, ESC_END]))
    return bytes([END]) + inside + bytes([END])


class Decoder:
    """Collects the bytes of a wire into packets; what lies between packets is dropped."""

    def __init__(self) -> None:
        self._held = bytearray()  # of a packet that has begun, with its 0xC0

    def take(self, data: bytes) -> list[bytes]:
        """Take further bytes; return the packets that they complete, without empty ones."""
        self._held += data
        *whole, rest = bytes(self._held).split(bytes([END]))
        self._held = bytearray(rest if len(rest) <= _LONGEST else b"")
        return [_unescaped(each) for each in whole if each]


def _unescaped(data: bytes) -> bytes:
    data = data.replace(bytes([ESC, ESC_END]), bytes([END]))
    return data.replace(bytes([ESC, ESC_ESC]), bytes([ESC]))
