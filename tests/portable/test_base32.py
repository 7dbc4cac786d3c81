"""Base32: the vectors of RFC 4648, secrets as people type them, and what is refused where."""

import unittest

from otpcore import base32

# RFC 4648, section 10.
VECTORS = (
    (b"", ""),
    (b"f", "MY======"),
    (b"fo", "MZXQ===="),
    (b"foo", "MZXW6==="),
    (b"foob", "MZXW6YQ="),
    (b"fooba", "MZXW6YTB"),
    (b"foobar", "MZXW6YTBOI======"),
)
SECRET = b"12345678901234567890"  # of RFC 4226, appendix D
TYPED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class VectorTest(unittest.TestCase):
    def test_encode(self):
        for data, text in VECTORS:
            self.assertEqual(base32.encode(data, padding=True), text)
            self.assertEqual(base32.encode(data), text.rstrip("="))

    def test_decode(self):
        for data, text in VECTORS:
            self.assertEqual(base32.decode(text), data)
            self.assertEqual(base32.decode(text.rstrip("=")), data)
            self.assertEqual(base32.decode(text.lower()), data)

    def test_every_byte(self):
        data = bytes(range(256))
        text = base32.encode(data)
        self.assertEqual(text[:16], "AAAQEAYEAUDAOCAJ")
        self.assertEqual(base32.decode(text), data)

    def test_alphabet_in_order(self):
        """The five-bit numbers 0 to 31 in a row (RFC 4648, table 3)."""
        data = bytes.fromhex("00443214c74254b635cf84653a56d7c675be77df")
        self.assertEqual(base32.encode(data), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        self.assertEqual(base32.decode("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), data)


class TypedTest(unittest.TestCase):
    def test_groups(self):
        for blank in (" ", "-", "\t", "\r\n", "\u00a0", "\u2009", "\u202f"):
            text = blank.join([TYPED[i : i + 4] for i in range(0, 32, 4)])
            self.assertEqual(base32.decode(text), SECRET, repr(blank))
            self.assertEqual(base32.decode(blank + text.lower() + blank), SECRET, repr(blank))

    def test_mixed_case(self):
        self.assertEqual(base32.decode("gEzDgNbV" + TYPED[8:]), SECRET)

    def test_blanks_around_and_in_the_padding(self):
        self.assertEqual(base32.decode(" MZXW6 === \n"), b"foo")
        self.assertEqual(base32.decode("MZXW6= = ="), b"foo")

    def test_padding_missing_in_part(self):
        self.assertEqual(base32.decode("MZXW6="), b"foo")

    def test_bits_left_over_are_dropped(self):
        self.assertEqual(base32.decode("MZ"), b"f")
        self.assertEqual(base32.decode("M7"), base32.decode("M4"))
        # Ten letters hold 50 bits: six bytes and two bits.
        self.assertEqual(len(base32.decode("GEZDGNBVGY")), 6)


class RefusedTest(unittest.TestCase):
    def refused(self, text):
        with self.assertRaises(base32.Base32Error) as raised:
            base32.decode(text)
        self.assertTrue(isinstance(raised.exception, ValueError))
        return raised.exception

    def test_position_counts_what_was_typed(self):
        for text, position in (
            ("0EZDGNBV", 1),
            ("GEZD GNB1", 9),
            ("  8", 3),
            ("GEZD-9", 6),
            ("GE\u00a0Z!", 5),
            ("MZXW\u00e4", 5),
        ):
            error = self.refused(text)
            self.assertEqual(error.position, position, text)
            self.assertIn(str(position), str(error))

    def test_hint_for_look_alikes(self):
        for character, hint in (("0", "O"), ("1", "I or L"), ("8", "B"), ("9", "G")):
            self.assertIn("perhaps it is " + hint, str(self.refused("ME" + character)))

    def test_other_characters(self):
        for character in "!@#+/_.,:;'\"*?&%$":
            self.assertEqual(self.refused("MZ" + character + "XQ").position, 3, character)

    def test_letters_of_other_alphabets(self):
        """Also those whose upper case is a Latin letter: dotless i, long s, the st ligature."""
        for character in ("\u0131", "\u017f", "\ufb06", "\ufb05", "\u0410", "\uff21", "\u00df"):
            self.assertEqual(self.refused("MZ" + character + "XQ").position, 3, repr(character))

    def test_a_character_behind_the_padding(self):
        self.assertEqual(self.refused("MZXW6===MZ").position, 9)

    def test_a_length_that_no_base32_has(self):
        for count in (1, 3, 6, 9, 11, 14):
            self.assertIsNone(self.refused("A" * count).position)
        for count in (0, 2, 4, 5, 7, 8, 10):
            self.assertEqual(base32.decode("A" * count), bytes(count * 5 // 8))

    def test_the_message_holds_no_more_of_the_secret(self):
        self.assertFalse("GEZD" in str(self.refused("GEZDGNBV1")))
