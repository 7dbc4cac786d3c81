"""Keys from the random generator: the health tests of NIST SP 800-90B, section 4.4, and the pool.

Runs on MicroPython.
"""

import os
import random
import unittest

from tokenfw.system.entropy import Entropy, EntropyFault, check

WINDOW = 512  # samples of 8 bits, of which one may be alike by chance 1 in 256 times
ALPHA = 40  # a false alarm once in 2**40


def cutoff():
    """Return C of section 4.4.2: 1 + the critical value of Binomial(512, 1/256) at 1 - 2**-40."""
    total, term, count = 0, 255**WINDOW, 0
    while (256**WINDOW - total - term) << ALPHA > 256**WINDOW:
        total += term
        count += 1
        term = term * (WINDOW - count + 1) // (255 * count)
    return 1 + count


def varied(length):
    """Return bytes in which none is often, and none twice in a row."""
    return bytes(n * 7 % 251 + n // 251 for n in range(length))


class HealthTest(unittest.TestCase):
    def test_repetition_count(self):
        repeats = 1 + ALPHA // 8  # C of section 4.4.1
        for place in (0, 1, 300, WINDOW - repeats):
            for count in range(1, 9):
                samples = bytearray(varied(WINDOW))
                samples[place : place + count] = bytes([samples[place]]) * count
                samples = bytes(samples[:WINDOW])
                if count < repeats:
                    check(samples)
                else:
                    with self.assertRaises(EntropyFault):
                        check(samples)

    def test_adaptive_proportion(self):
        for count, fails in ((cutoff() - 1, False), (cutoff(), True)):
            samples = bytearray(b if b != 9 else 10 for b in varied(WINDOW))
            for n in range(count):
                samples[n * 20] = 9
            if fails:
                with self.assertRaises(EntropyFault):
                    check(bytes(samples))
            else:
                check(bytes(samples))

    def test_what_is_random_passes(self):
        for _ in range(200):
            check(bytes(random.getrandbits(8) for _ in range(WINDOW)))

    def test_what_is_stuck_fails(self):
        for stuck in (bytes(WINDOW), b"\xff" * WINDOW, b"\0\1" * (WINDOW // 2), b"abcd" * 128):
            with self.assertRaises(EntropyFault):
                check(stuck)


class EntropyTest(unittest.TestCase):
    def setUp(self):
        self.log = []
        self.works = True

    def __enter__(self):
        self.log.append("on")
        return self.works

    def __exit__(self, *error):
        self.log.append("off")

    def draw(self, length):
        self.log.append(length)
        return os.urandom(length)

    def entropy(self, source):
        return Entropy(lambda: self, lambda: b"noise", source)

    def test_the_radio_is_on_for_all_that_is_drawn(self):
        entropy = self.entropy(self.draw)
        keys = entropy.keys(3)
        self.assertEqual((self.log[0], self.log[-1], self.log.count("on")), ("on", "off", 1))
        self.assertGreaterEqual(self.log[1], WINDOW)
        self.assertEqual(([len(key) for key in keys], len(set(keys))), ([32] * 3, 3))
        self.assertTrue(entropy.strong)

    def test_whether_the_radio_worked_is_known(self):
        self.works = False
        entropy = self.entropy(self.draw)
        entropy.keys(1)
        self.assertFalse(entropy.strong)

    def test_without_the_radio(self):
        self.assertEqual(len(self.entropy(self.draw).keys(1, radio=False)), 1)
        self.assertNotIn("on", self.log)

    def test_a_stuck_generator_gives_no_key_and_the_radio_goes_off(self):
        with self.assertRaises(EntropyFault):
            self.entropy(lambda length: bytes(length)).keys(1)
        self.assertEqual(self.log, ["on", "off"])

    def test_a_generator_that_repeats_itself_gives_other_keys(self):
        """What else differs between two moments is in the pool."""
        entropy = self.entropy(varied)
        keys = {entropy.keys(1)[0] for _ in range(20)}
        self.assertEqual(len(keys), 20)
