"""PINs: which are easily guessed, and what an offline search costs."""

import unittest

from otpcore import pins


class PinsTest(unittest.TestCase):
    def test_weak(self):
        for pin in ("1234", "00000", "111111", "121212", "123123", "012345", "987654", "890123"):
            self.assertTrue(pins.weakness(pin), pin)

    def test_good(self):
        for pin in ("190287", "8402716", "31415926", "1234567891", "112233"):
            self.assertEqual(pins.weakness(pin), "", pin)

    def test_a_digit_more_takes_ten_times_as_long(self):
        self.assertEqual(pins.search_seconds(10, 9000), 10**4)
        self.assertEqual(pins.search_seconds(11, 9000), 10**5)
        self.assertEqual(pins.search_seconds(4, 1000), 0)
        self.assertEqual(pins.search_seconds(32, 9000), 10**26)


if __name__ == "__main__":
    unittest.main()
