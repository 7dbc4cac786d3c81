"""Limits the C stack to that of an ESP32's MicroPython task: the unix port's is five times as deep.

The limit that the interpreter checks at each call is in its state, near the table of modules; it
is changed there, or left alone if it is not found. An import takes 4 KB of C stack for a path
here, and far less on the chip: so the limit is raised by that during an import.
"""

import builtins
import sys

import micropython
import uctypes

_WORD = 8 if sys.maxsize >> 32 else 4  # bytes
_UNIX = 10_000 * _WORD  # bytes, as the unix port sets it
# An ESP32 has 15.5 KB, for smaller frames: 51 awaits, 47 calls or 42 methods. These values give 51
# awaits here, too, and fewer calls and methods.
_BYTES = 17200 if _WORD == 8 else 15000
_IMPORT = 4900
_AROUND = 4096  # bytes of the state to search
_import = builtins.__import__


class Stack:
    """The limit of the stack, from where this is made; not limited if the limit is not found."""

    def __init__(self):
        self._limit = _find()
        self._base = micropython.stack_use()
        self._set(self._base + _BYTES)

    def use(self):
        """Return how many bytes of the stack are in use."""
        return micropython.stack_use() - self._base

    def import_from(self, modules, loaded):
        """Make imports return these modules (a dict) by name.

        `loaded()` is called after an import of any other that had to be loaded for it.
        """

        def load(name, *more):
            found = modules.get(name)
            if found is not None:
                return found
            if more[3:] == (1,) and more[0] is None:
                # An older MicroPython does not say where this relative import stands: in asyncio.
                name, more = f"asyncio.{name}" if name else "asyncio", more[:3]
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
        self._limit[:] = size.to_bytes(_WORD, "little")


def _find():
    """Return the bytes of the limit (bytearray), which follow the pointer to the stack's top.

    If they are not found it is a bytearray without effect.
    """
    here = id(sys.modules) & sys.maxsize  # 32-bit ports lose its highest bit
    for back in range(_WORD, _AROUND, _WORD):
        place = here - back
        if _word(place) == _UNIX and _word(place - _WORD) >> 4 * _WORD:
            return uctypes.bytearray_at(place, _WORD)
    return bytearray(_WORD)


def _word(place):
    return int.from_bytes(uctypes.bytearray_at(place, _WORD), "little")
