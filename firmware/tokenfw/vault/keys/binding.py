"""Binds a PIN's key to the chip: the result of PBKDF2 also goes through the chip's eFuse key.

The parameters of a key slot of kind 2, after the rounds of PBKDF2 (big-endian):

       0   4  N, the length of the chain: 1 without a PIN
       4   1  the eFuse block of the chip's key, 0 to 5
       5  64  the answers of that key to QUESTIONS: HMAC-SHA-256 of each, 32 bytes

With H(key, text) for HMAC-SHA-256, C(text) for that under the chip's key, and P for the result
of PBKDF2 for the PIN, the key that wraps the vault key is

       H(H(P, C(C(… C(H(P, "otptoken chain 1"))))), "otptoken bound key 1")

with C applied N times: each guess at the PIN takes N HMACs of this chip, one after the other.
P enters at both ends, so that a peripheral that always returns the same value does not open the
vault for any PIN. The questions differ in length from the messages of the chain, and both labels
contain the version.

The answers are compared before and after a chain. If they differ it is the wrong chip, or its
peripheral is disturbed: a wrong PIN cannot be the cause.
"""

import asyncio
import gc
import time

from micropython import const

from otpcore.mac import hmac
from tokenfw.vault.keys.faults import ChipKeySilent
from tokenfw.vault.keys.sealing import same

QUESTIONS = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
# A slot outside these ranges counts as damaged. Without a PIN both are 1: nothing can be guessed.
ROUNDS_MIN = 4800  # of PBKDF2: the only protection left if the chip's key is extracted
CHAIN_MIN, CHAIN_MAX = 50000, 4000000  # HMACs

_BEGIN, _WRAP = b"otptoken chain 1", b"otptoken bound key 1"
_ANSWERS_AT, _SIZE = const(5), const(69)
_FIRST = const(50)  # HMACs of the first burst, before the speed is known
_BURST_US = const(2000)  # aimed at: interrupts are off, for at most 3 ms, and estimates may be off
_FULL = const(1 << 20)  # as in kdf.py
_TURN_US = const(8000)  # after so long, and the rest of a burst, other tasks run
SAMPLE = 4000  # HMACs of a measurement
SAMPLES = 3  # measurements, of which the fastest counts


def in_range(pin, rounds, chip):
    """Return whether a slot's rounds and `chip` (bytes) have values that are ever written.

    `pin` is true if the slot has a PIN.
    """
    count = int.from_bytes(chip[:4], "big")
    if chip[4] > 5:
        return False
    if not pin:
        return rounds == count == 1
    return rounds >= ROUNDS_MIN and CHAIN_MIN <= count <= CHAIN_MAX


def pack(count, block, answers):
    """Return the `chip` bytes of a slot, as laid out above."""
    return count.to_bytes(4, "big") + bytes([block]) + answers


def ask(key):
    """Return the answers (64 bytes) of a chip's key to QUESTIONS; OSError if it fails."""
    return b"".join([key.answer(each) for each in QUESTIONS])


class Bound:
    """The chip's key that a slot's `chip` (bytes) names; `keys` (tokenfw.chip_keys) opens it.

    Raises ChipKeySilent if it does not give the stored answers.
    """

    def __init__(self, keys, chip):
        self.count = int.from_bytes(chip[:4], "big")
        self.block = chip[4]
        self._answers = chip[_ANSWERS_AT:_SIZE]
        if keys is None:
            raise ChipKeySilent
        self._key = keys.open(self.block)
        self._burst = _FIRST
        self._spent = 0  # us in bursts
        self._derived = self._made = None  # input and result of the last finish()
        self.rounds_min = ROUNDS_MIN
        self._check()

    def _check(self):
        try:
            right = same(ask(self._key), self._answers)
        except OSError:
            right = False
        if not right:
            raise ChipKeySilent

    async def finish(self, derived):
        """Return the wrapping key (32 bytes) for the result of PBKDF2 (32 bytes).

        Raises ChipKeySilent, also if the peripheral gives wrong answers after the chain.
        """
        end = await self._chain(hmac("SHA256", derived, _BEGIN), self.count)
        self._check()
        self._derived, self._made = derived, hmac("SHA256", hmac("SHA256", derived, end), _WRAP)
        return self._made

    async def repeat(self):
        """Derive the last wrapping key again; raise ChipKeySilent if the result differs.

        This detects a disturbance during the chain only: before anything is sealed under the
        key, and before an attempt counts as a wrong PIN.
        """
        made = self._made
        if not same(made, await self.finish(self._derived)):
            raise ChipKeySilent

    async def calibrate(self, duration_ms):
        """Set `count` so that the chain takes about `duration_ms` here and now.

        It stays between CHAIN_MIN and CHAIN_MAX. As in kdf.calibrate(), the time of other tasks
        does not count, and the fastest measurement does: a computer that keeps the token busy
        cannot shorten it.
        """
        await self._chain(bytes(32), _FIRST)
        fastest = None
        for _ in range(SAMPLES):
            self._spent = 1
            await self._chain(bytes(32), SAMPLE)
            fastest = min(self._spent, fastest or self._spent)
        self.count = min(max(CHAIN_MIN, SAMPLE * duration_ms * 1000 // fastest), CHAIN_MAX)

    def parameters(self):
        """Return the `chip` bytes for a slot."""
        return pack(self.count, self.block, self._answers)

    async def _chain(self, message, left):
        """Return the last of `left` chained HMACs of `message`; other tasks run between bursts.

        The collector runs only when the heap is full: a collection takes as long as five bursts.
        """
        key, threshold = self._key, gc.threshold()
        gc.threshold(_FULL)
        turn = started = time.ticks_us()
        try:
            while left:
                count = min(left, self._burst)
                message = key.chain(message, count)
                now = time.ticks_us()
                elapsed = max(time.ticks_diff(now, started), 1)
                self._burst = min(max(1, count * _BURST_US // elapsed), 2 * self._burst, key.slice)
                self._spent += elapsed
                left -= count
                if time.ticks_diff(now, turn) >= _TURN_US:
                    await asyncio.sleep_ms(0)
                    turn = now = time.ticks_us()
                started = now
        except OSError:
            raise ChipKeySilent
        finally:
            gc.threshold(threshold)
        return message
