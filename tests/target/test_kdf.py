"""How many rounds a PIN is worth is measured on the board, whatever else the board does then."""

import asyncio
import time
import unittest

from tokenfw.system import on_demand
from tokenfw.vault import kdf


async def busy():
    """A computer that asks without end: each turn of the loop takes long."""
    while True:
        time.sleep_ms(80)
        await asyncio.sleep_ms(0)


class SlowKey:
    """A chip's key whose HMACs take 10 us each."""

    slice = 400

    def answer(self, message):
        return b"r" * 32

    def chain(self, message, count):
        time.sleep_us(10 * count)
        return b"r" * 32


class Keys:
    def open(self, block):
        return SlowKey()


async def rounds():
    return await kdf.calibrate(100)


async def hmacs():
    binding = on_demand.once("tokenfw.vault.binding")
    bound = binding.Bound(Keys(), binding.pack(1, 2, b"r" * 64))
    await bound.calibrate(10000)
    return bound.count


async def beside(measure):
    task = asyncio.create_task(busy())
    found = await measure()
    task.cancel()
    return found


class CalibrationTest(unittest.TestCase):
    def test_a_busy_token_finds_as_many_rounds(self):
        alone, busily = asyncio.run(rounds()), asyncio.run(beside(rounds))
        self.assertGreater(alone, kdf.ITERATIONS_MIN)
        self.assertGreater(3 * busily, alone)

    def test_a_busy_token_finds_as_long_a_chain(self):
        self.assertGreater(3 * asyncio.run(beside(hmacs)), asyncio.run(hmacs()))
