"""Loads the units of a release, each a group of code, from the archive that the build made.

The archive is mounted as a file system with one file, which is always the unit to load next: so
MicroPython loads it straight from flash, and no name or path of it stays in memory. Each unit's
checksum is verified before it is loaded. Format: host/tokenctl/release/archive.py.
"""

import sys

# Nothing of ours is elsewhere, and searching there takes milliseconds for each import.
sys.path[:] = [each for each in sys.path if each not in ("", "/lib")]

import binascii  # noqa: E402
import os  # noqa: E402
import struct  # noqa: E402

_MOUNTED = "/u"
_NAME, _PATH = "unit", "/unit.mpy"  # of every unit, while it is loaded
_PIECE = 512  # bytes that are read at once
_METHODS = 510  # bytes of the table of methods that are read at once: 85 entries
_LIST = 32  # entries of a list, for a longer one needs much memory in one piece

_loaded = {}  # number: module
# What tidy() lets go of, as it came: numbers of units; a class and the name of a method that it has
# until then; and None for mark(). Lists of all kinds take the least memory.
_passing = [[]]


class Damaged(ImportError):
    """The archive is damaged, or belongs to another release."""


class _Archive:
    """The file system: find() determines which unit its only file is."""

    def __init__(self):
        self._path = ""
        self._count = self._at = self._stays = 0

    def begin(self, path, identity):
        """Use the archive at `path`; raise Damaged, OSError or ValueError if it is a wrong one."""
        self._path = path
        with self.open(None, None) as file:
            magic, version, self._count, found = struct.unpack(">4sBxH8s", file.read(16))
        if magic != b"OTKU" or version != 1 or found != identity:
            raise Damaged

    def home(self, name):
        """Return the number of the unit with a method ("Class.method"), or None. Raises Damaged."""
        key, number = struct.pack(">I", binascii.crc32(name.encode())), None
        try:
            for data in self._pieces(self._count - 1, _METHODS):
                at = data.find(key)
                while at > 0 and at % 6:
                    at = data.find(key, at + 1)
                if at >= 0:
                    number = data[at + 4] << 8 | data[at + 5]
        except (OSError, ValueError):
            raise Damaged
        return number

    def find(self, number):
        """Make the file the unit `number`; return whether that has to stay in memory.

        Raises Damaged, OSError or ValueError if the unit is damaged.
        """
        if not 0 <= number < self._count:
            raise Damaged
        for _ in self._pieces(number, _PIECE):
            pass
        return self._stays

    def _pieces(self, number, size):
        """Yield a unit in pieces of `size` bytes; raise Damaged after the last one if it is.

        Whoever reads it to its end has made it the file.
        """
        self._at = 16 + 12 * number
        with self.open(None, None) as file:
            start, length, checksum = struct.unpack(">III", file.read(12))
            file.seek(start)
            found, left = 0, length & 0x7FFFFFFF
            while left:
                data = file.read(min(left, size))
                if not data:
                    raise Damaged
                found = binascii.crc32(data, found)
                left -= len(data)
                yield data
        if found != checksum:
            raise Damaged
        self._at, self._stays = start, length >> 31

    # what the interpreter calls

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def stat(self, path):
        if path != _PATH:
            raise OSError(2)
        return (0x8000,) + (0,) * 9

    def open(self, path, mode):
        file = open(self._path, "rb")  # noqa: SIM115 (the loader closes it)
        file.seek(self._at)
        return file


_archive = _Archive()


def begin(path, identity):
    """Use the archive at `path`; raise Damaged unless it has this `identity` (8 bytes)."""
    try:
        _archive.begin(path, identity)
    except (OSError, ValueError):
        raise Damaged
    os.mount(_archive, _MOUNTED)
    sys.path.insert(0, _MOUNTED)


def load(number):
    """Return a unit's module, loading it if necessary. Raises Damaged, MemoryError."""
    module = _loaded.get(number)
    if module is None:
        import gc

        if gc.threshold() == 1 << 20:  # a key is being derived: see tokenfw/vault/keys/kdf.py
            gc.collect()  # or it lies in the midst of garbage, and divides what will be free
        try:
            stays = _archive.find(number)
        except (OSError, ValueError):
            raise Damaged
        sys.modules.pop(_NAME, None)  # the unit that is just loading this one
        try:
            module = __import__(_NAME)
        finally:
            sys.modules.pop(_NAME, None)
        _loaded[number] = module
        if not stays:
            _room().append(number)
    return module


def _room():
    """Return the list to which the next entries belong."""
    if len(_passing[-1]) >= _LIST:
        _passing.append([])
    return _passing[-1]


def forget(*numbers):
    """Unload units: they stay in memory only while an object of them does."""
    for number in numbers:
        _loaded.pop(number, None)
        for each in _passing:
            if number in each:
                each.remove(number)


def once(number):
    """Return a unit's module; only the caller's reference keeps it in memory."""
    module = load(number)
    forget(number)
    return module


def mark():
    """Have what is loaded now stay at each tidy(True), until tidy(), unless there is a mark."""
    for each in _passing:
        if None in each:
            return
    _room().append(None)


def tidy(to_mark=False):
    """Unload all units that need not stay, and the methods that method() has added.

    With `to_mark` only those since mark(); all if there is no mark.
    """
    while _passing[-1] or len(_passing) > 1:
        last = _passing[-1]
        if not last:
            _passing.pop()
            continue
        each = last.pop()
        if each is None:
            if to_mark:
                mark()
                return
        elif type(each) is str:
            owner = last.pop()
            setattr(owner, each, None)  # a deleted value stays in MicroPython's table
            delattr(owner, each)
        else:
            _loaded.pop(each, None)


def method(self, name):
    """Return the attribute `name` of `self`, whose class has rarely used methods in other units.

    The method is added to the class until tidy(), because a function in between would take C
    stack, of which there is little.
    """
    owner = type(self)
    while True:
        if owner is object:
            raise AttributeError(name)
        number = _archive.home("%s.%s" % (owner.__name__, name))
        if number is not None:
            break
        owner = owner.__bases__[0]
    found = getattr(getattr(load(number), owner.__name__), name)
    if type(found) is tuple:  # a property
        return found[0](self)
    room = _room()
    room.append(owner)
    room.append(name)
    setattr(owner, name, found)
    return getattr(self, name)
