"""How many rounds a PIN is worth is measured on the board, whatever else the board does then.

Time here is a clock of ours: it goes on while a token would compute, and in no other way.
"""

import asyncio
import time
import unittest

from tokenfw.system import on_demand
from tokenfw.vault.keys import kdf

ROUND_US = 100
HMAC_US = 10
HELD_US = 80000  # by another task, in each of its turns


class Clock:
    """In the place of the module `time`; `slow` are measurements that something else slows down.

    What is measured calls work(); `each` is how many units of it one measurement has.
    """

    ticks_diff = staticmethod(time.ticks_diff)

    def __init__(self, each, slow=()):
        self._now = self._done = 0
        self._each = each
        self._slow = slow

    def ticks_us(self):
        return self._now

    def work(self, count, unit_us):
        slow = self._done // self._each in self._slow
        self._now += count * unit_us * (3 if slow else 1)
        self._done += count

    def hold(self):
        self._now += HELD_US


class Key:
    """A chip's key whose HMACs take HMAC_US each."""

    slice = 400

    def __init__(self, clock):
        self._clock = clock

    def open(self, block):
        return self

    def answer(self, message):
        return b"r" * 32

    def chain(self, message, count):
        self._clock.work(count, HMAC_US)
        return b"r" * 32


async def beside(measure, clock, busy):
    """Return what is measured while a computer asks without end, if `busy`."""

    async def ask():
        while True:
            clock.hold()
            await asyncio.sleep_ms(0)

    task = asyncio.create_task(ask()) if busy else None
    found = await measure
    if task is not None:
        task.cancel()
    return found


def rounds(busy=False, slow=()):
    """Return the rounds that are found for 200 ms."""
    clock = Clock(1600, slow)
    kept = kdf.time, kdf._rounds
    kdf.time = clock
    kdf._rounds = lambda inner, outer, result, count: clock.work(count, ROUND_US)
    try:
        return asyncio.run(beside(kdf.calibrate(200), clock, busy))
    finally:
        kdf.time, kdf._rounds = kept


def hmacs(busy=False, slow=()):
    """Return the length of the chain that is found for 1 s."""
    binding = on_demand.once("tokenfw.vault.keys.binding")
    binding.time = clock = Clock(binding.SAMPLE, slow)
    bound = binding.Bound(Key(clock), binding.pack(1, 2, b"r" * 64))
    asyncio.run(beside(bound.calibrate(1000), clock, busy))
    return bound.count


class CalibrationTest(unittest.TestCase):
    def near(self, found, right):
        self.assertTrue(abs(found - right) <= right // 100, found)

    def test_as_many_rounds_as_take_the_time(self):
        self.near(rounds(), 200000 // ROUND_US)

    def test_as_long_a_chain_as_takes_the_time(self):
        self.near(hmacs(), 1000000 // HMAC_US)

    def test_a_busy_token_finds_as_many_rounds(self):
        self.assertEqual(rounds(busy=True), rounds())

    def test_a_busy_token_finds_as_long_a_chain(self):
        self.near(hmacs(busy=True), hmacs())

    def test_one_undisturbed_measurement_is_enough(self):
        for left in range(3):
            slow = [each for each in range(3) if each != left]
            self.near(rounds(slow=slow), rounds())
            self.near(hmacs(slow=slow), hmacs())

    def test_the_real_rounds_are_timed_as_well(self):
        self.assertGreater(asyncio.run(kdf.calibrate(100)), kdf.ITERATIONS_MIN)
