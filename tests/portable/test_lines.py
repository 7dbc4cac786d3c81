"""Lines of the link: every length, the CRC, and finding them in whatever stands around them."""

import binascii
import unittest

from otpcore import lines
from otpcore.lines import KINDS, LINE_MAX, PAYLOAD_MAX, LineReader, decode, encode

# As laid down: message 0x1234, part 5, kind E, payload, CRC-32 of all between colon and itself.
KNOWN = b':123405E{"id":1}566116d9\n'
GOOD = encode(1, 0, "p", b"good")


def read(data):
    return LineReader().feed(data)


def payloads(data):
    return [line.payload for line in read(data)]


class EncodeTest(unittest.TestCase):
    def test_known_line(self):
        self.assertEqual(encode(0x1234, 5, "E", b'{"id":1}'), KNOWN)
        # The check value of the CRC-32 of IEEE 802.3.
        self.assertEqual(binascii.crc32(b"123456789"), 0xCBF43926)

    def test_every_length_up_to_the_limit(self):
        for size in range(PAYLOAD_MAX + 1):
            payload = bytes(33 + n % 90 for n in range(size))
            line = encode(0xFFFF, 0xFF, "P", payload)
            self.assertTrue(len(line) <= LINE_MAX)
            found = read(line)
            self.assertEqual(len(found), 1)
            self.assertEqual(found[0].payload, payload)
            self.assertEqual((found[0].message, found[0].part), (0xFFFF, 0xFF))
        self.assertEqual(len(line), LINE_MAX)

    def test_one_past_the_limit_is_refused(self):
        with self.assertRaises(ValueError):
            encode(0, 0, "P", bytes(PAYLOAD_MAX + 1))

    def test_one_past_the_limit_is_not_read(self):
        body = b"000000P" + b"x" * (PAYLOAD_MAX + 1)
        line = b":%s%08x\n" % (body, binascii.crc32(body))
        self.assertEqual(len(line), LINE_MAX + 1)
        self.assertEqual(read(line), [])
        self.assertEqual(decode(line[1:-1]), None)
        self.assertEqual(payloads(line + GOOD), [b"good"])

    def test_any_payload_byte_but_newline(self):
        for value in range(256):
            payload = bytes([value]) * 3
            if value == 10:
                with self.assertRaises(ValueError):
                    encode(0, 0, "P", payload)
            else:
                self.assertEqual(payloads(encode(0, 0, "P", payload)), [payload])

    def test_every_kind(self):
        for kind in KINDS:
            self.assertEqual(read(encode(0, 0, kind))[0].kind, kind)

    def test_the_kinds_of_the_two_directions_differ(self):
        ours = lines.REQUEST_PART + lines.REQUEST_END + lines.REQUEST_ACK
        theirs = lines.REPLY_PART + lines.REPLY_END + lines.REPLY_ACK
        self.assertEqual(len(set(ours + theirs)), 6)
        self.assertEqual(ours.lower(), theirs)


class DamageTest(unittest.TestCase):
    def test_every_single_changed_byte(self):
        for place in range(len(KNOWN) - 1):
            for change in (1, 2, 0x20, 0x80):
                data = bytearray(KNOWN)
                data[place] ^= change
                self.assertEqual(payloads(bytes(data)), [])

    def test_every_single_lost_or_doubled_byte(self):
        for place in range(len(KNOWN)):
            lost = KNOWN[:place] + KNOWN[place + 1 :]
            newline = place == len(KNOWN) - 1
            self.assertEqual(payloads(lost), [])
            self.assertEqual(payloads(lost + b"\n"), [b'{"id":1}'] if newline else [])
            doubled = KNOWN[: place + 1] + KNOWN[place:]
            self.assertEqual(payloads(doubled), [b'{"id":1}'] if newline or not place else [])

    def test_unknown_kind_and_number_that_is_none(self):
        for body in (b"000000Xabc", b"zz0000Pabc", b"0000-zPabc", b""):
            self.assertEqual(read(b":%s%08x\n" % (body, binascii.crc32(body))), [])

    def test_no_newline_no_line(self):
        reader = LineReader()
        self.assertEqual(reader.feed(GOOD[:-1]), [])
        self.assertEqual(len(reader.feed(b"\n")), 1)
        self.assertEqual(reader.feed(b"\n"), [])


class FindTest(unittest.TestCase):
    def test_colons_in_the_payload(self):
        for payload in (b":", b'{"a":{"b":[1,2]}}', b":::::", b":000000P", KNOWN[:-1]):
            self.assertEqual(payloads(encode(7, 1, "P", payload)), [payload])

    def test_garbage_in_front(self):
        for garbage in (
            b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET)\r\nentry 0x400805ac",
            b"AT+GCAP\r",
            b"::::",
            b"\xff\x00\x80",
            b"a" * 1000,
            b":" * 300,
        ):
            self.assertEqual(payloads(garbage + GOOD), [b"good"])
            self.assertEqual(payloads(garbage + b"\n" + GOOD), [b"good"])

    def test_a_line_cut_short_and_a_good_one_behind_it(self):
        for cut in range(len(KNOWN)):
            self.assertEqual(payloads(KNOWN[:cut] + GOOD), [b"good"])

    def test_the_longest_line_behind_a_cut_one(self):
        longest = encode(2, 0, "P", b":" * PAYLOAD_MAX)
        for cut in range(0, LINE_MAX, 9):
            self.assertEqual(payloads(longest[:cut] + longest), [b":" * PAYLOAD_MAX])

    def test_garbage_between_body_and_newline_spoils_a_line(self):
        self.assertEqual(payloads(GOOD[:-1] + b"x\n" + GOOD), [b"good"])

    def test_carriage_returns(self):
        longest = encode(2, 0, "P", b"x" * PAYLOAD_MAX)
        for line in (GOOD, longest):
            with_return = line[:-1] + b"\r\n"
            self.assertEqual(len(read(with_return + with_return)), 2)
            reader, found = LineReader(), []
            for value in with_return:  # one by one, as they come from a port
                found += reader.feed(bytes([value]))
            self.assertEqual(len(found), 1)

    def test_in_pieces_of_any_size(self):
        stream = b"boot:\r\n" + GOOD + b"AT\r\n::" + KNOWN + GOOD
        for size in range(1, 40):
            reader, found = LineReader(), []
            for start in range(0, len(stream), size):
                found += reader.feed(stream[start : start + size])
            self.assertEqual([line.payload for line in found], [b"good", b'{"id":1}', b"good"])

    def test_a_minute_of_noise_leaves_no_trace(self):
        reader = LineReader()
        state = 1
        for _ in range(300):  # 300 times 2304 bytes: a minute at 115200 baud
            noise = bytearray()
            for _ in range(16):  # Marsaglia's xorshift32
                state ^= state << 13 & 0xFFFFFFFF
                state ^= state >> 17
                state ^= state << 5 & 0xFFFFFFFF
                noise += state.to_bytes(4, "big") + b":"
            self.assertEqual(reader.feed(bytes(noise) * 28 + noise[:64]), [])
        self.assertEqual([line.payload for line in reader.feed(GOOD)], [b"good"])
