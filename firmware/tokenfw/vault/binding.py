"""A PIN's key that is bound to the chip: what PBKDF2 gives goes through the chip's key as well.

What a key slot of kind 2 has besides the rounds of PBKDF2 (big-endian):

       0   4  N, the length of the chain: 1 without a PIN
       4   1  the eFuse block of the chip's key, 0 to 5
       5  64  what that key answers to QUESTIONS: HMAC-SHA-256 of each, 32 bytes

With H(key, text) for HMAC-SHA-256, C(text) for that under the chip's key, and P for what PBKDF2
gives for the PIN, the key that wraps the vault key is

       H(H(P, C(C(… C(H(P, "otptoken chain 1"))))), "otptoken bound key 1")

with N times C: a guess at the PIN takes N HMACs, one after the other, of this chip. P goes in
at both ends, so that a peripheral that repeats itself never opens for any PIN. The questions
have another length than what the chain hashes, and both labels name the version.

The answers are looked at before and after. What they prove is that the chip is the one, and its
peripheral does what it did: it is never a wrong PIN that makes them differ.
"""

import asyncio
import gc
import time

from micropython import const

from otpcore.mac import hmac
from tokenfw.vault.sealing import same
from tokenfw.vault.states import ChipKeySilent

QUESTIONS = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
# Out of these ranges a slot counts as damaged. Without a PIN both are 1: nothing is guessed.
ROUNDS_MIN = 4800  # of PBKDF2: all that is left if the chip's key is found out
CHAIN_MIN, CHAIN_MAX = 50000, 4000000

_BEGIN, _WRAP = b"otptoken chain 1", b"otptoken bound key 1"
_ANSWERS_AT, _SIZE = const(5), const(69)
_FIRST = const(50)  # HMACs, by which the speed is measured
_BURST_US = const(2000)  # with interrupts off: at most 3 ms, and the first guess may be wrong
_TURN_US = const(8000)  # until the loop has its turn, and a burst more
_OTHERS_US = const(2000)  # what that counts as at most where the speed is measured
SAMPLE = 8000  # HMACs for a measurement


def in_range(pin, rounds, chip):
    """Tell whether a slot's rounds, and its `chip` (bytes), are such as are ever written."""
    count = int.from_bytes(chip[:4], "big")
    if chip[4] > 5:
        return False
    if not pin:
        return rounds == count == 1
    return rounds >= ROUNDS_MIN and CHAIN_MIN <= count <= CHAIN_MAX


def pack(count, block, answers):
    """Return how a slot is bound: see above."""
    return count.to_bytes(4, "big") + bytes([block]) + answers


def ask(key):
    """Return what a chip's key answers to the questions; OSError when it does not."""
    return b"".join([key.answer(each) for each in QUESTIONS])


class Bound:
    """The chip's key, as `chip` names it (bytes of the slot); `keys` opens it: tokenfw.chip_keys.

    Raises ChipKeySilent when it does not answer as it did.
    """

    def __init__(self, keys, chip):
        self.count = int.from_bytes(chip[:4], "big")
        self.block = chip[4]
        self._answers = chip[_ANSWERS_AT:_SIZE]
        if keys is None:
            raise ChipKeySilent
        self._key = keys.open(self.block)
        self._burst = _FIRST
        self._spent = 0  # us in bursts, and what others did between them, up to a quarter
        self._derived = self._made = None  # what the last wrapping key was made of, and that key
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
        """Return the wrapping key (32 bytes) of what PBKDF2 gave; ChipKeySilent.

        What a peripheral gave that did not answer right afterwards is thrown away.
        """
        end = await self._chain(hmac("SHA256", derived, _BEGIN), self.count)
        self._check()
        self._derived, self._made = derived, hmac("SHA256", hmac("SHA256", derived, end), _WRAP)
        return self._made

    async def repeat(self):
        """Make the last wrapping key again; ChipKeySilent when it is another one.

        So what was disturbed in one chain, and not before or after it, is found: before
        anything is sealed under it, and before it counts as that of a wrong PIN.
        """
        made = self._made
        if not same(made, await self.finish(self._derived)):
            raise ChipKeySilent

    async def calibrate(self, duration_ms):
        """Have the chain take about `duration_ms` here and now, within the limits.

        As in kdf.calibrate() a computer that keeps the token busy makes it hardly shorter.
        """
        await self._chain(bytes(32), _FIRST)
        self._spent = 0
        await self._chain(bytes(32), SAMPLE)
        elapsed = max(self._spent, 1)
        self.count = min(max(CHAIN_MIN, SAMPLE * duration_ms * 1000 // elapsed), CHAIN_MAX)

    def parameters(self):
        """Return how the slot is bound (bytes)."""
        return pack(self.count, self.block, self._answers)

    async def _chain(self, message, left):
        """Return the last of so many HMACs; others have their turn between its bursts.

        The collector runs only when the heap is full: it takes as long as five bursts.
        """
        key, threshold = self._key, gc.threshold()
        gc.threshold(-1)
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
                    turn = time.ticks_us()
                    self._spent += min(time.ticks_diff(turn, now), _OTHERS_US)
                    now = turn
                started = now
        except OSError:
            raise ChipKeySilent
        finally:
            gc.threshold(threshold)
        return message
