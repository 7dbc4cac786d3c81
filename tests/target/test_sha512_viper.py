"""The viper core of SHA-512: the vectors, and the portable core as its measure."""

import binascii
import random
import time
import unittest

from portable.test_sha512 import Vectors

from otpcore import sha512 as module


class ViperTest(Vectors, unittest.TestCase):
    def new(self, data=b""):
        return module.sha512(data, module.compress_viper)

    def test_it_is_there(self):
        self.assertIsNotNone(module.compress_viper)

    def test_it_is_fast(self):
        """Measured: 50 times; under 20 it has fallen back to objects. Best of some short runs."""
        best = []
        for core, count in ((module.compress_portable, 2), (module.compress_viper, 20)):
            state, block = bytearray(64), bytearray(128)
            times = []
            for _ in range(8):
                start = time.ticks_us()
                for _ in range(count):
                    core(state, block, module.CONSTANTS)
                times.append(time.ticks_diff(time.ticks_us(), start) / count)
            best.append(min(times))
        self.assertGreater(best[0] / best[1], 20)

    def test_cores_agree_on_extremes(self):
        """Words at which a sum carries or a sign bit shows, also in the constants."""
        words = [
            binascii.unhexlify(text)
            for text in (
                "0000000000000000",
                "ffffffffffffffff",
                "ffffffff00000000",
                "00000000ffffffff",
                "8000000080000000",
                "7fffffff7fffffff",
                "0100000000000080",
            )
        ]
        for first in words:
            for second in words:
                self.agree((first + second) * 4, (second + first) * 8, second * 80)
                self.agree(first * 8, second * 16, module.CONSTANTS)

    def test_cores_agree_on_random_words(self):
        random.seed(180)
        for _ in range(200):
            self.agree(scattered(64), scattered(128), scattered(640))

    def agree(self, state, block, constants):
        states = []
        for core in (module.compress_portable, module.compress_viper):
            states.append(bytearray(state))
            core(states[-1], bytearray(block), constants)
        self.assertEqual(states[0], states[1])


def scattered(length):
    return bytes([random.getrandbits(8) for _ in range(length)])
