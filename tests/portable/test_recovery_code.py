"""The recovery code: its strength, and which slips of a hand are caught."""

import hashlib
import unittest

from otpcore import recovery_code
from otpcore.recovery_code import DIGITS, GROUPS, WrongGroup


def code(seed=b""):
    """Return a code from bytes that look random and are the same each time."""
    return recovery_code.draw(hashlib.sha256(seed + b"1").digest() + hashlib.sha256(seed).digest())


def groups(text):
    return [text[at : at + DIGITS] for at in range(0, len(text), DIGITS)]


class RecoveryCodeTest(unittest.TestCase):
    def test_it_is_ten_groups_of_five_digits(self):
        text = code()
        self.assertEqual(len(text), 50)
        self.assertTrue(all(each in "0123456789" for each in text))
        self.assertEqual(len(groups(text)), GROUPS)

    def test_it_holds_128_bits(self):
        self.assertTrue(10**40 > 1 << 128)

    def test_each_byte_is_as_likely_to_give_each_digit(self):
        counts = [0] * 10
        for byte in range(256):
            if byte < 250:
                counts[byte % 10] += 1
        self.assertEqual(set(counts), {25})
        drawn = recovery_code.draw(bytes(range(40)) + b"\xff" * 24)
        self.assertEqual("".join(group[:4] for group in groups(drawn)), "0123456789" * 4)
        skipped = recovery_code.draw(b"\xfa\xff" + bytes(range(40)))
        self.assertEqual(skipped, drawn)

    def test_too_few_bytes_are_refused(self):
        with self.assertRaises(ValueError):
            recovery_code.draw(bytes(39))
        with self.assertRaises(ValueError):
            recovery_code.draw(b"\xff" * 100)

    def test_damm_s_own_example(self):
        self.assertEqual(recovery_code.check_digit(0, "572"), "4")

    def test_every_wrong_digit_is_caught(self):
        for number, group in enumerate(groups(code())):
            recovery_code.check_group(number, group)
            for place in range(DIGITS):
                for digit in "0123456789":
                    if digit != group[place]:
                        wrong = group[:place] + digit + group[place + 1 :]
                        with self.assertRaises(WrongGroup):
                            recovery_code.check_group(number, wrong)

    def test_every_exchange_of_neighbours_is_caught(self):
        for first in range(10):
            for second in range(10):
                if first == second:
                    continue
                for place in range(3):
                    drawn = list("7777")
                    drawn[place : place + 2] = [str(first), str(second)]
                    group = "".join(drawn)
                    group += recovery_code.check_digit(6, group)
                    wrong = group[:place] + group[place + 1] + group[place] + group[place + 2 :]
                    with self.assertRaises(WrongGroup):
                        recovery_code.check_group(6, wrong)

    def test_every_group_in_another_one_s_place_is_caught(self):
        for number, group in enumerate(groups(code())):
            for other in range(GROUPS):
                if other != number:
                    with self.assertRaises(WrongGroup):
                        recovery_code.check_group(other, group)

    def test_a_group_of_another_length_is_wrong(self):
        for group in ("", "1234", "123456"):
            with self.assertRaises(WrongGroup):
                recovery_code.check_group(0, group)

    def test_what_somebody_types_is_read(self):
        text = code()
        for between in ("", " ", "-", " - ", "\n"):
            self.assertEqual(recovery_code.read(between.join(groups(text))), text)
        for wrong in (text[:-1], text + "0", "x" + text[1:], "", "\u0661" + text[1:]):
            with self.assertRaises(ValueError):
                recovery_code.read(wrong)
        wrong = text[:12] + str(9 - int(text[12])) + text[13:]
        try:
            recovery_code.read(wrong)
            self.fail("it was read")
        except WrongGroup as error:
            self.assertEqual(error.args[0], 2)

    def test_the_key_is_an_hmac(self):
        text = "01234" * 10
        key = b"otptoken recovery code 1" + bytes(40)  # RFC 2104, with SHA-256's blocks of 64
        inner = hashlib.sha256(bytes([each ^ 0x36 for each in key]) + text.encode()).digest()
        outer = hashlib.sha256(bytes([each ^ 0x5C for each in key]) + inner).digest()
        self.assertEqual(recovery_code.key(text), outer)


if __name__ == "__main__":
    unittest.main()
