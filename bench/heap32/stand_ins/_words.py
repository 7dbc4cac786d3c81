"""Views of buffers as words, like viper's pointers."""

import uctypes

_MOST = 4096  # words that a view has


def ptr8(buffer):
    """Return a view of a buffer's bytes."""
    return _view(buffer, uctypes.UINT8)


def ptr16(buffer):
    """Return a view of a buffer's 16-bit words."""
    return _view(buffer, uctypes.UINT16)


def ptr32(buffer):
    """Return a view of a buffer's 32-bit words."""
    return _view(buffer, uctypes.UINT32)


def _view(buffer, word):
    fields = {"words": (uctypes.ARRAY | 0, _MOST | word)}
    return uctypes.struct(uctypes.addressof(buffer), fields).words
