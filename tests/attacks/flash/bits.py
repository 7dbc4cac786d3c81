# heap: 4M
"""Flipped bits of a vault: one anywhere, two in the headers. All is there, or it is said."""

import os
import random
import unittest

from judging import SAID, WHOLE, judge, look, tally
from norflash import NorFlash
from scenarios import PIN, advance, image, several

SECTOR = NorFlash.SECTOR
SECTORS = 6
SAMPLE = int(os.getenv("ATTACKS") or 250)  # cases of each attack; 0 stands for all


def headers(memory):
    """Return the numbers of the bits of all headers of sectors in use, sector by sector."""
    found = []
    for sector in range(2, SECTORS):
        start = sector * SECTOR
        if memory[start] != 0xFF:
            places = list(range(start, start + 32)) + list(range(start + SECTOR - 16, start + SECTOR))
            found.append([8 * place + bit for place in places for bit in range(8)])
    return found


def sample(cases, count):
    """Yield so many of `count` cases, or all; cases(number) gives one."""
    if not SAMPLE or SAMPLE >= count:
        for number in range(count):
            yield cases(number)
    else:
        random.seed(count)
        for _ in range(SAMPLE):
            yield cases(random.randrange(count))


class BitTest(unittest.TestCase):
    def attack(self, name, memory, pins, flips):
        """Flip the bits of each case, and judge what is left."""
        memory = bytearray(memory)
        before, _, said = look(NorFlash(SECTORS, memory), pins)
        self.assertFalse(said)
        counts = {WHOLE: 0, SAID: 0}
        for bits in flips:
            for bit in bits:
                memory[bit // 8] ^= 1 << bit % 8
            try:
                counts[judge(memory, before, pins)] += 1
            except Exception as error:
                raise AssertionError("bits %s: %r" % ([(hex(b // 8), b % 8) for b in bits], error))
            for bit in bits:
                memory[bit // 8] ^= 1 << bit % 8
        tally(name, counts)

    def test_one_bit(self):
        for name, pin, pins in (("one bit", None, ()), ("one bit, PIN", PIN, (PIN,))):
            memory = image(several, pin, sectors=SECTORS)
            self.attack(name, memory, pins, sample(lambda bit: (bit,), 8 * len(memory)))

    def test_one_written_bit(self):
        memory = image(several, sectors=SECTORS)
        written = [at for at in range(len(memory)) if memory[at : at + 1] != b"\xff"]
        flips = sample(lambda n: (8 * written[n // 8] + n % 8,), 8 * len(written))
        self.attack("one written bit", memory, (), flips)

    def test_two_bits_of_the_headers_of_a_sector(self):
        memory = image(several, sectors=SECTORS)
        for number, bits in enumerate(headers(memory)):
            pairs = sample(lambda n, b=bits: (b[n // len(b)], b[n % len(b)]), len(bits) ** 2)
            flips = (pair for pair in pairs if pair[0] < pair[1])
            self.attack("two header bits %d" % (number + 1), memory, (), flips)
