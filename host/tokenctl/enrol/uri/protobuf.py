"""The few forms of protobuf that a Google Authenticator export has, read strictly.

A field that comes twice, a number written longer than it needs, bytes that are
left over: each is refused, where a tolerant reader would take something for granted.
(protobuf.dev, Encoding.)
"""

from dataclasses import dataclass, field

from tokenctl.language import _

VARINT, BYTES = 0, 2  # wire types
_VARINT_MAX = 10  # bytes: 64 bits in groups of seven


@dataclass
class Message:
    """The values of a message by field number; numbers unsigned, as on the wire."""

    numbers: dict[int, int] = field(default_factory=dict)
    chunks: dict[int, list[bytes]] = field(default_factory=dict)

    def number(self, field: int, bits: int) -> int:
        """Return the value of an int32 or int64 field (or an enum), 0 when it is not there."""
        value = self.numbers.get(field, 0)
        number = value - (1 << 64) if value >> 63 else value
        if not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise ProtobufError(_("it contains a number that is too large"))
        return number

    def chunk(self, field: int) -> bytes:
        """Return the value of a bytes, string or message field, empty when it is not there."""
        return self.chunks.get(field, [b""])[0]


class ProtobufError(Exception):
    """The bytes are no message of this kind; the clause says why, and quotes nothing."""


def read_message(data: bytes, kinds: dict[int, int], repeated: int = 0) -> Message:
    """Return the values of a message; raise ProtobufError.

    `kinds` gives the wire type of each field there may be; only the field
    `repeated` may come more than once.
    """
    message = Message()
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if number not in kinds:
            raise ProtobufError(_("it has an unknown field ({number})").format(number=number))
        if kind != kinds[number]:
            raise ProtobufError(
                _("its field {number} is of an unexpected kind").format(number=number)
            )
        if (number in message.numbers or number in message.chunks) and number != repeated:
            raise ProtobufError(_("its field {number} appears twice").format(number=number))
        value, place = _varint(data, place)
        if kind == BYTES:
            if value > len(data) - place:
                raise ProtobufError(_("it is cut short"))
            message.chunks.setdefault(number, []).append(data[place : place + value])
            place += value
        else:
            message.numbers[number] = value
    return message


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    for byte in data[place : place + _VARINT_MAX]:
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if value >> 64:
                raise ProtobufError(_("it contains a number that is too large"))
            if not byte and shift > 7:
                raise ProtobufError(_("a number in it has needless extra bytes"))
            return value, place
    raise ProtobufError(
        _("it is cut short") if place >= len(data) else _("it contains a number that is too large")
    )
