"""Random bytes for keys: pooled through SHA-256, and checked before they are used.

The chip's generator is truly random only while its radio is on, so the radio is
switched on for a draw, or was in a run before it: see boot_entropy.py. Other values that
differ between boards and times go into the pool too, which can only help. The raw
bytes must pass the two health tests of NIST SP 800-90B, section 4.4, which detect a
generator that is stuck.
"""

import os
import time
from hashlib import sha256

from micropython import const

from tokenfw.system import on_demand

_SAMPLE = const(512)  # bytes that are checked: each is a sample
# The cutoffs C of 4.4.1 and 4.4.2, for 8 bits per sample and one false alarm in 2**40.
_REPEATS = const(6)  # equal values in a row
_PROPORTION = const(19)  # occurrences of the first value among 512


class EntropyFault(Exception):
    """The generator's output is not random."""


class Entropy:
    """Draws random bytes.

    `radio()` returns a context manager that has the radio on, and returns on entry whether that
    works; `noise()` returns further bytes; `source(n)` returns `n` bytes of the generator.
    `ahead` is bytes that were drawn with the radio on, or b"". `memory(data)` sets the RTC
    memory, which survives `reset()`; both are None if there is no restart.
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
        on_demand.once("tokenfw.system.boot_entropy").ask(self._memory, self._reset)

    def keys(self, count, radio=True, more=b""):
        """Return a list of `count` independent keys of 32 bytes; raise EntropyFault.

        `more` (bytes) is mixed in. The radio is not switched on if bytes were drawn ahead, nor
        with `radio` False, which is for values that need not be secret. `strong` then says
        whether the radio was on.
        """
        if self.ahead:
            self.strong = True
            seed = self._seed(more + self.ahead)
            self.ahead = sha256(seed + b"ahead").digest()  # as random, and independent of the keys
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
