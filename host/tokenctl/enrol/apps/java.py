"""One thing that Java serialises: a HashMap of texts (Java Object Serialization, protocol 5).

Read strictly: the class is java.util.HashMap and no other, each key a string, each value
a string, or a boxed number or truth value, which is passed over. Nothing is made of a
class that the file names. Everything else is Unreadable.
"""

from tokenctl.enrol.apps.faults import CUT, TooCostly, Unreadable
from tokenctl.language import _

MAGIC = b"\xac\xed\x00\x05"
PAIRS_MAX = 50_000

_NULL, _REFERENCE, _CLASS, _OBJECT, _STRING = 0x70, 0x71, 0x72, 0x73, 0x74
_BLOCK, _END, _LONG_STRING = 0x77, 0x78, 0x7C
_HANDLE_FIRST = 0x7E0000
_HASH_MAP = ("java.util.HashMap", 0x0507DAC1C31660D1)
_OWN_WRITER_AND_SERIAL, _SERIAL = 0x03, 0x02
_NUMBER = "java.lang.Number"
_SIZES = {"B": 1, "Z": 1, "I": 4, "F": 4, "J": 8, "D": 8}
_BOXES = {f"java.lang.{name}" for name in ("Boolean", "Integer", "Long", "Float", "Double")}


class _Class:
    """A class that was described: its name, and the size of its own and inherited fields."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._handles: list[object] = []

    def take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise Unreadable(_(CUT))
        self._at += size
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def at_end(self) -> bool:
        return self._at == len(self._data)

    def described(self) -> _Class | None:
        """Return the class that is described here, before or not at all."""
        mark = self.number(1)
        if mark == _NULL:
            return None
        if mark == _REFERENCE:
            found = self._referred()
            if not isinstance(found, _Class):
                raise Unreadable(_("it refers to a class that is not one"))
            return found
        if mark != _CLASS:
            raise Unreadable(_("it contains something that no backup has"))
        name, serial = self._utf(2), self.number(8)
        if (name, serial) != _HASH_MAP and name not in _BOXES and name != _NUMBER:
            raise Unreadable(_("it contains a class that no backup has"))
        made = _Class(name, 0)
        self._handles.append(made)
        flags, count = self.number(1), self.number(2)
        if flags != (_OWN_WRITER_AND_SERIAL if name == _HASH_MAP[0] else _SERIAL) or count > 2:
            raise Unreadable(_("it contains a class not written by Java"))
        for _field in range(count):
            code = chr(self.number(1))
            self._utf(2)
            if code not in _SIZES:
                raise Unreadable(_("it contains a class not written by Java"))
            made.size += _SIZES[code]
        if self.number(1) != _END:
            raise Unreadable(_("it contains a class not written by Java"))
        above = self.described()
        if above is not None and (above.name != _NUMBER or name not in _BOXES):
            raise Unreadable(_("it contains a class not written by Java"))
        return made

    def begin_object(self) -> _Class:
        found = self.described()
        if found is None:
            raise Unreadable(_("it contains an object without a class"))
        self._handles.append(None)
        return found

    def value(self) -> str | None:
        """Return a text; None for a value of another kind that preferences may have."""
        mark = self.number(1)
        if mark in (_STRING, _LONG_STRING):
            text = self._utf(2 if mark == _STRING else 8)
            self._handles.append(text)
            return text
        if mark == _REFERENCE:
            found = self._referred()
            return found if isinstance(found, str) else None
        if mark == _OBJECT:
            found = self.begin_object()
            if found.name not in _BOXES:
                raise Unreadable(_("it contains something that no backup has"))
            self.take(found.size)
            return None
        if mark != _NULL:
            raise Unreadable(_("it contains something that no backup has"))
        return None

    def _referred(self) -> object:
        place = self.number(4) - _HANDLE_FIRST
        if not 0 <= place < len(self._handles):
            raise Unreadable(_("it refers to something that is not in it"))
        return self._handles[place]

    def _utf(self, size: int) -> str:
        """Return a text in Java's UTF-8, which writes what is beyond 16 bits as surrogates."""
        piece = self.take(self.number(size)).replace(b"\xc0\x80", b"\0")
        try:
            text = piece.decode("utf-8", "surrogatepass")
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeError:
            raise Unreadable(_("it contains text that is not UTF-8")) from None


def hash_map(data: bytes) -> dict[str, str]:
    """Return the texts of a serialised HashMap, in its order; raise Unreadable, TooCostly."""
    reader = _Reader(data)
    if reader.take(len(MAGIC)) != MAGIC or reader.number(1) != _OBJECT:
        raise Unreadable(_("it is not an object written by Java"))
    described = reader.begin_object()
    if described.name != _HASH_MAP[0]:
        raise Unreadable(_("it is not a HashMap"))
    reader.take(described.size)
    if reader.number(1) != _BLOCK or reader.number(1) != 8:
        raise Unreadable(_("its HashMap was not written by Java"))
    reader.take(4)  # buckets
    pairs = reader.number(4)
    if pairs > PAIRS_MAX:
        raise TooCostly(
            _("it has {pairs:,} entries; the limit is {limit:,}").format(
                limit=PAIRS_MAX, pairs=pairs
            )
        )
    found: dict[str, str] = {}
    for _pair in range(pairs):
        name, text = reader.value(), reader.value()
        if name is None:
            raise Unreadable(_("a name in it is not text"))
        if text is not None:
            found[name] = text
    if reader.number(1) != _END or not reader.at_end():
        raise Unreadable(_("it has data after its end"))
    return found
