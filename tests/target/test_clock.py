"""Where the chip's second begins, and what counts on by ticks: right over the wraps.

The ticks are the ESP32's, in integers of 30 bits; the oracle is the time that they stand for.
"""

import unittest

from tokenfw.clock import second as module
from tokenfw.clock.second import SecondEdge, Timeline

WRAP = 1 << 30
S = 1000000


class Time:
    """The module time, as far as it is used, at a moment that is set; ticks as on the ESP32."""

    def __init__(self):
        self.us = 0

    def ticks_us(self):
        return self.us % WRAP

    def ticks_add(self, ticks, delta):
        if not -WRAP // 2 < delta < WRAP // 2:
            raise OverflowError("ticks interval overflow")
        return (ticks + delta) % WRAP

    def ticks_diff(self, later, earlier):
        return (later - earlier + WRAP // 2) % WRAP - WRAP // 2


class TicksTest(unittest.TestCase):
    def setUp(self):
        self.real = module.time
        module.time = self.time = Time()

    def tearDown(self):
        module.time = self.real


class SecondEdgeTest(TicksTest):
    def read(self, edge, first, rate=0):
        """Read a chip whose second 0 began at `first` us, and which gains `rate` us a second."""
        before = self.time.us
        shown = (before - first) * (S + rate) // S // S
        self.time.us += 350
        edge.saw(shown, before % WRAP, self.time.us % WRAP)
        return shown

    def holds(self, edge, first, rate=0):
        """Tell whether the beginning of the edge's second lies where it says."""
        begin = first + edge.unix * S * S // (S + rate)
        after = self.time.ticks_diff(begin % WRAP, edge.ticks)
        return 0 <= after <= edge.width

    def test_every_reading_narrows_it_and_it_stays_true(self):
        for start in (0, WRAP - 3 * S, 7 * WRAP - 1):
            for rate in (0, -100, 100):
                edge = SecondEdge()
                self.time.us = start + 123456
                width = 2 * S
                for _ in range(300):
                    self.read(edge, start, rate)
                    self.assertTrue(self.holds(edge, start, rate))
                    width = min(width, edge.width)
                    self.time.us += 10000
                self.assertTrue(width < 11000)

    def test_a_reading_a_minute_for_a_day(self):
        edge = SecondEdge()
        self.time.us = 500
        for _ in range(1440):
            self.read(edge, 0, 30)
            self.assertTrue(self.holds(edge, 0, 30))
            self.time.us += 60 * S + 777

    def test_after_a_pause_of_any_length_it_is_true_or_wide(self):
        for pause in (100, 399, 401, 537, 1073, 1074, 1074 + 300, 86400, 40 * 86400):
            edge = SecondEdge()
            self.time.us = 0
            for _ in range(150):
                self.read(edge, 0)
                self.time.us += 10000
            self.time.us += pause * S + 321
            self.read(edge, 0)
            self.assertTrue(self.holds(edge, 0), pause)

    def test_a_chip_that_was_set_is_found_anew(self):
        for shift in (S // 3, -S // 3, 100 * S, -100 * S, 5 * S + 7):
            edge = SecondEdge()
            self.time.us = 200 * S
            for _ in range(150):
                self.read(edge, 0)
                self.time.us += 10000
            for _ in range(250):
                self.read(edge, shift)
                self.time.us += 10000
            self.assertTrue(self.holds(edge, shift), shift)

    def test_how_long_until_the_next_second(self):
        edge = SecondEdge()
        self.assertEqual(edge.until_next(), None)
        self.time.us = S - 100
        self.read(edge, 0)
        self.read(edge, 0)  # the second began in between
        left = edge.until_next()
        self.assertTrue(999000 < left <= S, left)
        self.time.us += 600000
        self.assertEqual(edge.until_next(), left - 600000)


class TimelineTest(TicksTest):
    def test_it_counts_on_over_the_wraps(self):
        for start in (0, 5 * S, WRAP - 1, WRAP // 2):
            self.time.us = start
            line = Timeline(1790000000, start % WRAP)
            for _ in range(100):
                self.time.us += 61 * S + 12345
                self.assertEqual(line.now(), 1790000000 + (self.time.us - start) // S)

    def test_a_second_to_come(self):
        self.time.us = 10 * S
        line = Timeline(1000, 10 * S + 400000)
        self.assertEqual(line.now(), 999)
        self.assertEqual(line.until_next(), 400000)
        self.time.us += 400000
        self.assertEqual(line.now(), 1000)

    def test_how_far_it_is_ahead(self):
        line = Timeline(1000, WRAP - S)
        # That second begins half a second after 1000 does there, and is 998: 1.5 + 1 ahead.
        self.assertEqual(line.ahead_of(998, (WRAP - S // 2) % WRAP), 2500000)
        self.assertEqual(line.ahead_of(1001, 0), 0)
        self.assertEqual(line.ahead_of(1002, S), 0)


if __name__ == "__main__":
    import sys

    sys.exit(not unittest.main().wasSuccessful())
