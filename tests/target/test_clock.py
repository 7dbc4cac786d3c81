"""The token's clock over a time so long that the ticks wrap."""

import time
import unittest

from tokenfw import clock as module

DAY = 86400


class Time:
    """The module time, as far as it is used, at a moment that is set; ticks as on the ESP32."""

    def __init__(self):
        self.now = 0  # ms

    def ticks_ms(self):
        return self.now % (1 << 30)

    def ticks_diff(self, later, earlier):
        return (later - earlier + (1 << 29)) % (1 << 30) - (1 << 29)


class Chip:
    """A clock chip that shows a date of 2026 and the second that is set."""

    second = 0

    def read(self):
        return 2026, 7, 1, 12, 0, self.second, False


class NextSecondTest(unittest.TestCase):
    def setUp(self):
        module.time = Time()
        self.chip = Chip()
        self.clock = module.Clock(self.chip, None)
        self.clock.now()
        self.chip.second = 1
        self.clock.now()  # here the second began

    def tearDown(self):
        module.time = time

    def test_a_second_just_begun(self):
        self.assertEqual(self.clock.until_next_second(), 990)
        module.time.now += 600
        self.assertEqual(self.clock.until_next_second(), 390)

    def test_after_days(self):
        for days in (1, 6, 7, 10, 12, 13, 20, 40):
            self.setUp()
            module.time.now = days * DAY * 1000 + 321
            self.assertLess(self.clock.until_next_second(), 1001)


if __name__ == "__main__":
    import sys

    sys.exit(not unittest.main().wasSuccessful())
