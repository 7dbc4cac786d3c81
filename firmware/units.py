"""The units of a release: what is loaded as one, from the archive that the build made.

The archive is a file system with one file in it, which is whatever unit is wanted next: so
MicroPython loads it straight from flash, and no name or path of it stays in memory. Each
unit's checksum is looked at before it is loaded. Format: host/tokenctl/release/archive.py.
"""

import sys

# Nothing of ours lies elsewhere, and to look there takes milliseconds for each import.
sys.path[:] = [each for each in sys.path if each not in ("", "/lib")]

import binascii  # noqa: E402
import os  # noqa: E402
import struct  # noqa: E402

_MOUNTED = "/u"
_NAME, _PATH = "unit", "/unit.mpy"  # of every unit, while it is loaded
_PIECE = 512  # bytes that are read together
_METHODS = 510  # those of methods: 85 of them

_loaded = {}  # number: module
_passing = set()  # numbers of those that need not stay
_lent = []  # classes, and the names of methods that they have for a while


class Damaged(ImportError):
    """The archive is not the one that belongs to this release, or not whole."""


class _Archive:
    """The file system: `find` says which unit its file is."""

    def __init__(self):
        self._path = ""
        self._count = self._at = self._length = 0

    def begin(self, path, identity):
        """Take the archive at `path`; Damaged, OSError, ValueError when it is another."""
        self._path = path
        with self.open(None, None) as file:
            magic, version, self._count, found = struct.unpack(">4sBxH8s", file.read(16))
        if magic != b"OTKU" or version != 1 or found != identity:
            raise Damaged

    def home(self, name):
        """Return the number of the unit that has a method ("Class.method"), or None; Damaged."""
        key = struct.pack(">I", binascii.crc32(name.encode()))
        try:
            self.find(self._count - 1)
            with self.open(None, None) as file:
                for _ in range(0, self._length, _METHODS):
                    data = file.read(_METHODS)
                    at = data.find(key)
                    while at > 0 and at % 6:
                        at = data.find(key, at + 1)
                    if at >= 0:
                        return data[at + 4] << 8 | data[at + 5]
        except (OSError, ValueError):
            raise Damaged

    def find(self, number):
        """Have the file be a unit; return whether that has to stay in memory.

        Raises Damaged, OSError, ValueError when it is not whole.
        """
        if not 0 <= number < self._count:
            raise Damaged
        self._at = 16 + 12 * number
        buffer = memoryview(bytearray(_PIECE))
        with self.open(None, None) as file:
            start, length, checksum = struct.unpack(">III", file.read(12))
            self._length = left = length & 0x7FFFFFFF
            file.seek(start)
            found = 0
            while left:
                count = file.readinto(buffer[: min(left, _PIECE)])
                if not count:
                    raise Damaged
                found = binascii.crc32(buffer[:count], found)
                left -= count
        if found != checksum:
            raise Damaged
        self._at = start
        return length >> 31

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
        file = open(self._path, "rb")  # noqa: SIM115 (who loads it closes it)
        file.seek(self._at)
        return file


_archive = _Archive()


def begin(path, identity):
    """Load from the archive at `path`; Damaged when that has not this `identity` (bytes)."""
    try:
        _archive.begin(path, identity)
    except (OSError, ValueError):
        raise Damaged
    os.mount(_archive, _MOUNTED)
    sys.path.insert(0, _MOUNTED)


def load(number):
    """Return the module that a unit is, from the archive if need be; Damaged, MemoryError."""
    module = _loaded.get(number)
    if module is None:
        try:
            stays = _archive.find(number)
        except (OSError, ValueError):
            raise Damaged
        sys.modules.pop(_NAME, None)  # that of the unit that wants this one
        try:
            module = __import__(_NAME)
        finally:
            sys.modules.pop(_NAME, None)
        _loaded[number] = module
        if not stays:
            _passing.add(number)
    return module


def forget(*numbers):
    """Let go of units."""
    for number in numbers:
        _loaded.pop(number, None)
        _passing.discard(number)


def once(number):
    """Return the module that a unit is, which nobody but the caller keeps."""
    module = load(number)
    forget(number)
    return module


def tidy():
    """Let go of all that was loaded for a while."""
    while _lent:
        owner, name = _lent.pop()
        setattr(owner, name, None)  # what is deleted stays in MicroPython's table
        delattr(owner, name)
    forget(*list(_passing))


def method(self, name):
    """Return what `self.name` is, of a class whose seldom used methods lie in other units.

    The class has a method from then on, until tidy(): each call of a function between would
    take C stack, of which there is little.
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
    setattr(owner, name, found)
    _lent.append((owner, name))
    return getattr(self, name)
