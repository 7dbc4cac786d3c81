"""Messages of the link: JSON cut into lines and put together again; errors on their way."""

import unittest

from otpcore import errors, lines
from otpcore.lines import Line, LineReader
from otpcore.messages import ATTEMPTS, MESSAGE_MAX, Assembler, cut, dump, load

PART, END = lines.REQUEST_PART, lines.REQUEST_END
PAYLOADS = [size for size, _ in ATTEMPTS]


def parts(number, data, size=lines.PAYLOAD_MAX):
    """Return the Lines of a message as they arrive."""
    return LineReader().feed(b"".join(cut(number, data, PART, END, size)))


def feed(assembler, arriving):
    """Return (acknowledge, message) for each line."""
    return [assembler.take(line) for line in arriving]


class JsonTest(unittest.TestCase):
    def same(self, message):
        data = dump(message)
        self.assertEqual(load(data), message)
        return data

    def test_compact(self):
        self.assertEqual(dump({"id": [1, None, True]}), b'{"id":[1,null,true]}')

    def test_utf8_and_nothing_escaped(self):
        for text in ("\u00fc", "\u4e2d\u6587", "\U0001f511", "\U0010ffff"):
            data = self.same({"issuer": text})
            self.assertTrue(text.encode() in data)
            self.assertFalse(b"\\u" in data)

    def test_quotes_and_control_characters(self):
        data = self.same({"a": 'q"b\\s/\n\r\t\x00\x1f\x7f:'})
        self.assertFalse(b"\n" in data)

    def test_numbers_of_64_bits(self):
        for number in (0, -1, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 64) - 1, -(1 << 63)):
            self.same({"n": number})

    def test_blanks_around_an_object(self):
        self.assertEqual(load(b' {"id": "A" } \r\n'), {"id": "A"})

    def test_what_is_no_object(self):
        for data in (
            b"",
            b" ",
            b"1",
            b"null",
            b'"id"',
            b"[]",
            b"{",
            b'{"id":1',
            b'{"id":1}}',
            b"\xff",
            b'{"a":"\xc3"}',
            b'{"a":"\xed\xa0"}',
            b"[" * MESSAGE_MAX,
            b'{"a":' * 400,
            b"{" * MESSAGE_MAX,
        ):
            self.assertEqual(load(data), None)


class CutTest(unittest.TestCase):
    def test_every_length_about_the_ends_of_lines(self):
        for size in PAYLOADS:
            lengths = [0, 1, MESSAGE_MAX - 1, MESSAGE_MAX]
            for n in (1, 2, 3):
                lengths += [n * size - 1, n * size, n * size + 1]
            for length in lengths:
                data = bytes(32 + n % 95 for n in range(length))
                arriving = parts(9, data, size)
                self.assertEqual([line.part for line in arriving], list(range(len(arriving))))
                taken = feed(Assembler(PART, END), arriving)
                self.assertEqual(taken[-1], (True, data))
                self.assertEqual(taken[:-1], [(True, None)] * (len(taken) - 1))

    def test_one_past_the_limit(self):
        with self.assertRaises(ValueError):
            cut(0, bytes(MESSAGE_MAX + 1), PART, END)

    def test_the_shortest_lines_number_the_longest_message(self):
        self.assertTrue(len(parts(0, b"x" * MESSAGE_MAX, min(PAYLOADS))) <= 256)

    def test_a_character_cut_in_two(self):
        data = dump({"a": "\U0001f511" * 100})
        whole = feed(Assembler(PART, END), parts(1, data))[-1][1]
        self.assertEqual(load(whole), {"a": "\U0001f511" * 100})


class AssemblerTest(unittest.TestCase):
    def setUp(self):
        self.assembler = Assembler(PART, END)
        self.first = parts(1, b"a" * 250)  # three lines
        self.second = parts(2, b"b" * 250)

    def take(self, *arriving):
        return feed(self.assembler, arriving)

    def test_duplicates_are_acknowledged_and_dropped(self):
        a, b, c = self.first
        yes = (True, None)
        self.assertEqual(self.take(a, a, b, a, b, b), [yes] * 6)
        self.assertEqual(self.take(c), [(True, b"a" * 250)])
        self.assertEqual(self.take(c, a, b, c), [yes] * 4)

    def test_a_gap_is_not_acknowledged(self):
        a, b, c = self.first
        self.assertEqual(self.take(b, c), [(False, None)] * 2)
        self.assertEqual(self.take(a, c), [(True, None), (False, None)])
        self.assertEqual(self.take(b, c), [(True, None), (True, b"a" * 250)])

    def test_begun_again_with_another_number(self):
        self.take(*self.first[:2])
        self.assertEqual(self.take(*self.second)[-1], (True, b"b" * 250))
        self.assertEqual(self.take(self.first[2]), [(False, None)])

    def test_begun_again_with_shorter_lines(self):
        self.take(*self.first[:2])
        again = parts(5, b"a" * 250, min(PAYLOADS))
        self.assertEqual(feed(self.assembler, again)[-1], (True, b"a" * 250))

    def test_two_senders_at_once(self):
        a, b = self.first, self.second
        taken = self.take(a[0], b[0], a[1], b[1], a[2], b[2])
        self.assertEqual([ok for ok, _ in taken], [True, True, False, True, False, True])
        self.assertEqual(taken[-1][1], b"b" * 250)
        self.assertEqual(self.take(*a)[-1], (True, b"a" * 250))

    def test_one_after_the_other(self):
        for number in (1, 2, 0xFFFF, 0, 1):
            self.assertEqual(self.take(*parts(number, b"x"))[-1], (True, b"x"))

    def test_too_long_ends_as_no_message_and_the_next_is_whole(self):
        line = b"x" * lines.PAYLOAD_MAX
        count = MESSAGE_MAX // len(line)
        for part in range(count + 1):
            self.assertEqual(self.take(Line(1, part, PART, line)), [(True, None)])
        self.assertEqual(self.take(Line(1, count + 1, END, b"x")), [(True, b"")])
        self.assertEqual(load(b""), None)
        self.assertEqual(self.take(*self.second)[-1], (True, b"b" * 250))

    def test_at_the_limit_and_one_past(self):
        data = b"x" * MESSAGE_MAX
        self.assertEqual(self.take(*parts(1, data))[-1], (True, data))
        over = parts(2, data)
        over[-1].payload += b"x"
        self.assertEqual(self.take(*over)[-1], (True, b""))

    def test_empty_lines_without_end(self):
        self.assertEqual(self.take(Line(1, 0, PART)), [(True, None)])
        for part in range(1, 256):
            self.assertEqual(self.take(Line(1, part, PART)), [(True, None)])
        self.assertEqual(self.take(*self.second)[-1], (True, b"b" * 250))

    def test_other_kinds_are_none_of_its_business(self):
        for kind in "Apea":
            self.assertEqual(self.take(Line(1, 0, kind)), [(False, None)])


class ErrorTest(unittest.TestCase):
    def test_what_crosses_the_link(self):
        self.assertEqual(errors.to_wire(errors.Busy()), {"code": "busy"})
        self.assertEqual(
            errors.to_wire(errors.Locked("wiped")), {"code": "locked", "reason": "wiped"}
        )
        self.assertEqual(
            errors.to_wire(errors.VaultFull("accounts", 1000)),
            {"code": "vault_full", "reason": "accounts", "value": 1000},
        )

    def test_the_reason(self):
        self.assertEqual(errors.reason(errors.TimeUnknown("went_back")), "went_back")
        self.assertEqual(errors.reason(errors.Busy()), "")

    def test_every_class_has_a_code_of_its_own(self):
        found = []
        for name in dir(errors):
            kind = getattr(errors, name)
            if isinstance(kind, type) and issubclass(kind, errors.WireError):
                self.assertTrue(kind in errors.CLASSES, name)
                found.append(kind.code)
        self.assertEqual(len(set(found)), len(errors.CLASSES))
