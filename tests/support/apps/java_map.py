"""A java.util.HashMap of strings as ObjectOutputStream writes it.

Java Object Serialization Specification, section 6.4, and HashMap.writeObject: the default
fields loadFactor and threshold, then a block with capacity and size, then keys and values.
"""

import struct
from collections.abc import Mapping

MAGIC = b"\xac\xed\x00\x05"
OBJECT, CLASS, STRING, LONG_STRING, BLOCK, END, NULL = b"srt|wxp"
SERIAL_VERSION = 0x0507DAC1C31660D1


def hash_map(texts: Mapping[str, str]) -> bytes:
    """Return the stream, in the order in which Java iterates over the map."""
    capacity = 16
    while len(texts) > capacity * 3 // 4:
        capacity *= 2
    keys = sorted(texts, key=lambda key: _bucket(key, capacity))
    fields = struct.pack(">fi", 0.75, capacity * 3 // 4)
    body = b"".join(_string(key) + _string(texts[key]) for key in keys)
    sizes = bytes((BLOCK, 8)) + struct.pack(">ii", capacity, len(texts))
    return MAGIC + bytes((OBJECT,)) + _class() + fields + sizes + body + bytes((END,))


def _class() -> bytes:
    """Return the description: name, version, flags (serializable, with writeObject), fields."""
    head = bytes((CLASS,)) + _utf("java.util.HashMap") + struct.pack(">QB", SERIAL_VERSION, 3)
    fields = struct.pack(">H", 2) + b"F" + _utf("loadFactor") + b"I" + _utf("threshold")
    return head + fields + bytes((END, NULL))


def _string(text: str) -> bytes:
    data = modified_utf8(text)
    if len(data) > 0xFFFF:
        return bytes((LONG_STRING,)) + struct.pack(">Q", len(data)) + data
    return bytes((STRING,)) + struct.pack(">H", len(data)) + data


def _utf(text: str) -> bytes:
    data = modified_utf8(text)
    return struct.pack(">H", len(data)) + data


def modified_utf8(text: str) -> bytes:
    """Return Java's modified UTF-8: NUL in two bytes, code points beyond 16 bits as surrogates."""
    units = text.encode("utf-16-be", "surrogatepass")
    characters = (chr(unit) for (unit,) in struct.iter_unpack(">H", units))
    return b"".join(
        b"\xc0\x80" if character == "\0" else character.encode("utf-8", "surrogatepass")
        for character in characters
    )


def _bucket(key: str, capacity: int) -> int:
    """Return the bucket of HashMap: String.hashCode, its halves mixed."""
    hash = 0
    units = key.encode("utf-16-be", "surrogatepass")
    for (unit,) in struct.iter_unpack(">H", units):
        hash = (hash * 31 + unit) & 0xFFFFFFFF
    return (hash ^ hash >> 16) & (capacity - 1)
