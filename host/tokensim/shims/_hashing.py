"""Hashes that take the time that they take on the chip.

Measured there: 10,475 rounds of PBKDF2 a second at 240 MHz, each of two hashes of two blocks;
what MicroPython does around them is in it. Only what a hash is made of counts, not what it is
fed later: an HMAC's message is seldom longer than what the block of its key leaves.
"""

from _simulator import spend

_CYCLES = 240_000_000 // (10_475 * 4)  # of the processor, for a block
_BLOCK = 64  # bytes
_END = 9  # bytes that end a message: a bit, and its length
_STARTS_AT = 160  # MHz

_megahertz = [_STARTS_AT]


def run_at(hertz):
    """The processor has this frequency from now on."""
    _megahertz[0] = hertz // 1_000_000


def charge(size):
    """Let the time pass that it takes to hash so many bytes."""
    spend((size + _END + _BLOCK - 1) // _BLOCK * _CYCLES // _megahertz[0])


def slow(hash_type):
    """Return what stands for a type of hash: making one takes time."""

    def new(cls, *data, **keywords):
        made = hash_type(*data, **keywords)  # or it refuses, in its own words
        charge(len(data[0]) if data else 0)
        return made

    return type(hash_type.__name__, (), {"__new__": new})
