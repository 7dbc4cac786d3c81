"""Hashes that take as long as on the chip.

Measured there: 10,475 iterations of PBKDF2 a second at 240 MHz, each of two hashes of two blocks,
including MicroPython's overhead. Only the data that a hash is created with counts, not later
updates: an HMAC's message is seldom longer than the room that its key leaves in the blocks.
Tests can have a chip on which each takes several times as long, so that fewer are needed to fill
the two seconds which a PIN's key takes.
"""

from _simulator import spend
from micropython import const

_CYCLES = const(240_000_000 // (10_475 * 4))  # of the processor, per block
_BLOCK = const(64)  # bytes
_END = const(9)  # bytes that end a message: a bit, and its length
_STARTS_AT = const(160)  # MHz

_times = 1
_megahertz = _STARTS_AT


def take(times):
    """Have hashes take so many times as long as on an ESP32."""
    global _times
    _times = times


def run_at(hertz):
    """Set the processor's frequency, which determines the duration."""
    global _megahertz
    _megahertz = hertz // 1_000_000


def charge(size):
    """Let the time pass that hashing so many bytes takes."""
    spend((size + _END + _BLOCK - 1) // _BLOCK * (_times * _CYCLES) // _megahertz)


def slow(hash_type):
    """Return a stand-in for a hash type, whose creation takes time."""

    def new(cls, _data=b"", *more, **keywords):  # no keyword of anybody's is called so
        if more or keywords:
            return hash_type(_data, *more, **keywords)  # which refuses them
        made = hash_type(_data)
        charge(len(_data))
        return made

    return type(hash_type.__name__, (), {"__new__": new})
