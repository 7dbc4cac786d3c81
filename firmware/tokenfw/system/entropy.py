"""Random bytes for keys: pooled through SHA-256, and checked before they are used.

The chip's generator is truly random only while its radio is on, so that the radio
is switched on for a draw, or was for one ahead of it: see ahead.py. What else differs
between boards and moments goes into the pool as well, and can only help. The raw bytes
must pass the two health tests of NIST SP 800-90B, section 4.4, so that a generator that
is stuck is noticed.
"""

import os
import time
from hashlib import sha256

from micropython import const

from tokenfw.system import on_demand

_SAMPLE = const(512)  # bytes that are checked: each is a sample
# C of 4.4.1 and 4.4.2, for 8 bits a sample and one false alarm in 2**40.
_REPEATS = const(6)  # of one value in a row
_PROPORTION = const(19)  # of the first value among 512


class EntropyFault(Exception):
    """The generator gives what no random one gives."""


class Entropy:
    """Draws random bytes.

    `radio` is a context manager that has the radio on while it lasts (it enters as
    True if that works), `noise()` gives further bytes, `source(n)` the generator's.
    `ahead` are bytes that were drawn with the radio on, or none. `memory(data)` sets the bytes
    that outlive `reset()`, None where there is no such.
    """

    def __init__(self, radio, noise, source=os.urandom, ahead=b"", memory=None, reset=None):
        self._radio = radio
        self._noise = noise
        self._source = source
        self.ahead = ahead
        self._memory = memory
        self._reset = reset
        self.strong = None  # whether the radio was on for the last draw

    def can_restart(self):
        """Return whether restart() is possible."""
        return self._reset is not None

    def restart(self):
        """Restart the chip, and have it draw with the radio on; does not return."""
        on_demand.once("tokenfw.system.ahead").ask(self._memory, self._reset)

    def keys(self, count, radio=True, more=b""):
        """Return `count` independent keys of 32 bytes; raise EntropyFault.

        `more` goes into them as well. Without `radio` it is not switched on: for keys that
        protect nothing. Nor is it when there are bytes that were drawn ahead.
        """
        if self.ahead:
            self.strong = True
            seed = self._seed(more + self.ahead)
            self.ahead = sha256(seed + b"ahead").digest()  # as good, and tells nothing of these
        elif radio:
            with self._radio() as self.strong:
                seed = self._seed(more)
        else:
            seed = self._seed(more)
        return [sha256(seed + bytes([number])).digest() for number in range(count)]

    def _seed(self, more):
        raw = self._source(_SAMPLE)
        check(raw)
        pool = sha256(raw)
        pool.update(more)
        pool.update(self._noise())
        for _ in range(16):
            pool.update(b"%d" % time.ticks_us())
            pool.update(self._source(16))
        return pool.digest()


def check(samples):
    """Raise EntropyFault if bytes fail the repetition count or the adaptive proportion test."""
    row = 1
    for place in range(1, len(samples)):
        row = row + 1 if samples[place] == samples[place - 1] else 1
        if row >= _REPEATS:
            raise EntropyFault
    if samples.count(samples[:1]) >= _PROPORTION:
        raise EntropyFault
