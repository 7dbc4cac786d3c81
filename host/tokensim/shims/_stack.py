"""The C stack of an ESP32's MicroPython task, for the unix port, whose own is five times as deep.

What the interpreter checks each call against lies in its state, near the table of modules; there
it is changed, and left alone where it lies elsewhere. An import takes 4 KB of C stack here, for
a path, and far less on the chip: it gets what it takes in addition.
"""

import builtins
import sys

import micropython
import uctypes

_UNIX = 80000  # bytes, as the unix port sets it
# An ESP32 has 15.5 KB, for smaller frames: 51 awaits, 47 calls or 42 methods. With this it is 51
# awaits here, too, and fewer of the others.
_BYTES = 17200
_IMPORT = 4900
_AROUND = 4096  # bytes of the state that are searched
_import = builtins.__import__


class Stack:
    """The stack from where it is made on. Its depth is the computer's where no limit is found."""

    def __init__(self):
        self._limit = _find()
        self._base = micropython.stack_use()
        self._set(self._base + _BYTES)

    def use(self):
        """Return how many bytes of it are in use."""
        return micropython.stack_use() - self._base

    def import_from(self, modules, loaded):
        """From now on an import gives these modules by name, others as ever.

        After one that was loaded for it follows `loaded()`.
        """

        def load(name, *more):
            found = modules.get(name)
            if found is not None:
                return found
            known = name in sys.modules
            before = int.from_bytes(self._limit, "little")
            self._set(before + _IMPORT)
            try:
                found = _import(name, *more)
            finally:
                self._set(before)
            if not known and hasattr(found, "__file__"):  # which a built-in module has not
                loaded()
            return found

        builtins.__import__ = load

    def _set(self, size):
        self._limit[:] = size.to_bytes(8, "little")


def _find():
    """Return the eight bytes that hold the limit; they follow the stack's top, a pointer."""
    here = id(sys.modules)
    for place in range(here - 8, here - _AROUND, -8):
        if _word(place) == _UNIX and _word(place - 8) >> 32:
            return uctypes.bytearray_at(place, 8)
    return bytearray(8)


def _word(place):
    return int.from_bytes(uctypes.bytearray_at(place, 8), "little")
