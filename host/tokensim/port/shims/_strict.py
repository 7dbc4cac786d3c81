"""Checks arguments as functions written in C do, for the stand-ins in Python.

Messages and limits are those of MicroPython 1.24 on a board: a machine word has 32 bits.
"""

import uctypes

_WORD = 1 << 31


def integer(value):
    """Return an argument if it fits a machine word; raise TypeError or OverflowError."""
    if type(value) is not int:
        if type(value) is not bool:
            raise TypeError("can't convert %s to int" % type(value).__name__)
        return int(value)
    if not -_WORD <= value < _WORD:
        raise OverflowError("overflow converting long int to machine word")
    return value


def readable(value):
    """Return an argument's bytes; raise TypeError if it has no buffer."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return value
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError("object with buffer protocol required") from None


def fill(buffer, data):
    """Write `data` to the beginning of a buffer; raise TypeError if it is not writable."""
    writable(buffer)[: len(data)] = data


def writable(buffer):
    """Return a view of a buffer's bytes; raise TypeError if it is not writable."""
    if isinstance(buffer, (bytearray, memoryview)):
        return buffer
    if not isinstance(buffer, (bytes, str)):
        try:
            return _bytes_of(buffer)
        except TypeError:
            pass
    raise TypeError("object with buffer protocol required")


def _bytes_of(array):
    view = memoryview(array)
    size = len(bytes(view))
    return view if len(view) == size else uctypes.bytearray_at(uctypes.addressof(array), size)


def positional(least, most=None):
    """Decorate a function to take `least` to `most` arguments, with self, and no keywords."""

    def strict(function):
        def checked(*arguments, **keywords):
            if keywords:
                raise TypeError("function doesn't take keyword arguments")
            count = len(arguments)
            if not least <= count <= (most or least):
                raise TypeError(_refusal(count, least, most))
            return function(*arguments)

        return checked

    return strict


def _refusal(count, least, most):
    if most is None:
        return "function takes %d positional arguments but %d were given" % (least, count)
    if count < least:
        return "function missing %d required positional arguments" % (least - count)
    return "function expected at most %d arguments, got %d" % (most, count)


def not_simulated(*_, **__):
    """Refuse: the board has this, but it is not simulated, as the firmware does not use it."""
    raise NotImplementedError("tokensim does not simulate this")


_filling = []


class module:  # noqa: N801 (its name is part of what an AttributeError says)
    """A stand-in for a built-in module, with these names only, which cannot be set."""

    def __init__(self, names, values):
        _filling.append(self)
        for each in names.split():
            setattr(self, each, values.get(each, not_simulated))
        _filling.pop()

    def __setattr__(self, name, value):
        if not _filling:
            raise AttributeError("'module' object has no attribute '%s'" % name)
        object.__setattr__(self, name, value)


def stand_in(real, instead, names=None):
    """Return a stand-in for a module, with its names, or `names`, some of them from `instead`."""
    values = {each: getattr(real, each) for each in dir(real) if each[0] != "_"}
    values.update(instead)
    return module(names or " ".join(values), values)
