"""Buffers as words, as viper's pointers have them."""

import uctypes

_MOST = 4096  # words that are in sight


def ptr8(buffer):
    """Return a buffer's bytes."""
    return _view(buffer, uctypes.UINT8)


def ptr16(buffer):
    """Return its words of 16 bits."""
    return _view(buffer, uctypes.UINT16)


def ptr32(buffer):
    """Return its words of 32 bits."""
    return _view(buffer, uctypes.UINT32)


def _view(buffer, word):
    fields = {"words": (uctypes.ARRAY | 0, _MOST | word)}
    return uctypes.struct(uctypes.addressof(buffer), fields).words
