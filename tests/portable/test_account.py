"""The account: its limits, its two stable forms, its key check value."""

import binascii
import json
import struct
import unittest

from otpcore import account as module
from otpcore.account import Account, AccountError, from_record, from_wire

SECRET = b"12345678901234567890"
FIELDS = ("issuer", "name", "secret", "type", "algorithm", "digits", "period", "t0", "counter")
MOST = (1 << 64) - 1

ACCOUNTS = (
    Account("ACME", "alice", SECRET),
    Account("ACME", "", SECRET, "totp", "SHA256", 10, 0xFFFFFFFF, MOST),
    Account("", "alice@example.org", b"\x00", "totp", "SHA512", 4, 1),
    Account("i" * 64, "a" * 64, b"\xff" * 128, "hotp", "SHA512", 8, counter=MOST),
    Account("M\u00fcller \u4e2d\u6587 \U0001f511", "", SECRET, "hotp", counter=1 << 31),
    Account('Quo"te \\ {}', "a:b", SECRET, "totp", period=60, t0=1 << 32),
    Account("Steam", "gordon", SECRET, "steam", digits=5),
    Account("Mail", "alice", b"abcd efgh ijkl mnop", "static"),
    Account("", "a", ("~ Caf\u00e9" + "\u0171" * 58).encode(), "static"),
)

# As laid down: version, type, algorithm, digits, period, T0, counter, three lengths; then texts.
RECORD = (
    "01 01 02 08 0000001e 0000000000000000 0102030405060708 04 05 14"
    "41434d45 616c696365 3132333435363738393031323334353637383930"
)


def fields(account):
    return [getattr(account, field) for field in FIELDS]


class LimitTest(unittest.TestCase):
    def refused(self, field, *arguments, **named):
        with self.assertRaises(AccountError) as raised:
            Account(*arguments, **named)
        self.assertTrue(isinstance(raised.exception, ValueError))
        self.assertEqual(raised.exception.field, field)
        self.assertTrue(str(raised.exception))

    def test_names(self):
        for text in ("n" * 64, "\u00e9" * 32, "\U0001f511" * 16, "n\u00a0n"):
            self.assertEqual(Account(text, "", SECRET).issuer, text)
            self.assertEqual(Account("", text, SECRET).name, text)
        for text in ("n" * 65, "\u00e9" * 32 + "n", b"n", None, 5, "a\nb", "\x7f", "\x85", "\x00"):
            self.refused("issuer", text, "a", SECRET)
            self.refused("name", "i", text, SECRET)

    def test_half_a_surrogate_pair_is_no_text(self):
        """It has no UTF-8; Python makes such text of a command line's stray bytes."""
        for text in ("a" + chr(0xD800), chr(0xDCFF), chr(0xDFFF) + "a"):
            self.refused("issuer", text, "a", SECRET)

    def test_one_name_is_needed(self):
        self.refused("name", "", "", SECRET)

    def test_secret(self):
        for length in (1, 128):
            self.assertEqual(len(Account("", "a", bytes(length)).secret), length)
        for secret in (b"", bytes(129), "text", None, bytearray(5)):
            self.refused("secret", "", "a", secret)

    def test_numbers(self):
        for field, least, most in (
            ("digits", 4, 10),
            ("period", 1, 0xFFFFFFFF),
            ("t0", 0, MOST),
            ("counter", 0, MOST),
        ):
            kind = "hotp" if field == "counter" else "totp"
            for number in (least, most):
                account = Account("", "a", SECRET, kind, **{field: number})
                self.assertEqual(getattr(account, field), number)
            for number in (least - 1, most + 1, "6", None, 6.0, True):
                self.refused(field, "", "a", SECRET, **{field: number})

    def test_fields_of_another_type_are_refused(self):
        self.refused("counter", "", "a", SECRET, "totp", counter=1)
        self.refused("period", "", "a", SECRET, "hotp", period=60)
        self.refused("period", "", "a", SECRET, "hotp", t0=1)

    def test_choices(self):
        for field in ("type", "algorithm"):
            for value in ("MD5", "TOTP", "sha1", "", None, 0, ["totp"]):
                self.refused(field, "", "a", SECRET, **{field: value})

    def test_steam_is_as_it_is(self):
        Account("", "a", SECRET, "steam", digits=5)
        for named in (
            {},
            {"digits": 6},
            {"digits": 5, "algorithm": "SHA256"},
            {"digits": 5, "period": 60},
            {"digits": 5, "t0": 1},
        ):
            self.refused("type", "", "a", SECRET, "steam", **named)

    def test_a_static_text_has_nothing_of_a_code(self):
        for named in (
            {"algorithm": "SHA256"},
            {"digits": 8},
            {"period": 60},
            {"t0": 1},
        ):
            self.refused("type", "", "a", b"text", "static", **named)
        self.refused("counter", "", "a", b"text", "static", counter=1)

    def test_a_static_text_can_be_shown(self):
        for text in (" ", "~" * 64, "\u00e9" * 64, "\u20ac" * 42, "\u0163\u021b"):
            account = Account("", "a", text.encode(), "static")
            self.assertEqual(account.text(), text)
        for text in ("", "~" * 65, "\u20ac" * 43):
            self.refused("secret", "", "a", text.encode(), "static")
        for odd in "\n\t\x00\x1b\x7f\x85\xa0\xad\u0301\u200b\u2028\u4e2d\U0001f511":
            for text in (odd, "abc" + odd, odd + "abc"):
                self.refused("secret", "", "a", text.encode(), "static")
        for data in (b"\xff", b"abc\xc3", b"\x80abc"):
            self.refused("secret", "", "a", data, "static")

    def test_what_a_static_text_may_not_have_is_said_by_its_place(self):
        with self.assertRaises(AccountError) as raised:
            Account("", "a", "hunter2\u4e2d".encode(), "static")
        self.assertTrue("character 8" in str(raised.exception))
        self.assertFalse("hunter" in str(raised.exception))
        self.assertFalse("\u4e2d" in str(raised.exception))

    def test_no_message_holds_the_secret(self):
        for secret in (SECRET * 7, "PLAINSECRET"):
            with self.assertRaises(AccountError) as raised:
                Account("", "a", secret)
            self.assertFalse("1234567890" in str(raised.exception))
            self.assertFalse("PLAIN" in str(raised.exception))


class WireTest(unittest.TestCase):
    def test_round_trip_through_json(self):
        for account in ACCOUNTS:
            wire = json.loads(json.dumps(account.to_wire()))
            self.assertEqual(fields(from_wire(wire)), fields(account))

    def test_form(self):
        wire = {
            "type": "totp",
            "issuer": "ACME",
            "name": "alice",
            "algorithm": "SHA1",
            "digits": 6,
            "period": 30,
            "secret": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
        }
        self.assertEqual(ACCOUNTS[0].to_wire(), wire)
        self.assertEqual(fields(from_wire(wire)), fields(ACCOUNTS[0]))

    def test_the_description_has_no_secret(self):
        for account in ACCOUNTS:
            wire = account.to_wire()
            del wire["secret"]
            self.assertEqual(account.describe(), wire)

    def test_every_field_is_needed(self):
        for account in (ACCOUNTS[0], ACCOUNTS[3], ACCOUNTS[6], ACCOUNTS[7]):
            for field in account.to_wire():
                wire = account.to_wire()
                del wire[field]
                self.refused(wire, field)

    def test_fields_of_the_future_and_of_other_types(self):
        self.refused(dict(ACCOUNTS[0].to_wire(), colour="red"), "colour")
        self.refused(dict(ACCOUNTS[0].to_wire(), counter=1), "counter")
        self.refused(dict(ACCOUNTS[3].to_wire(), period=30), "period")
        for field, value in (("digits", 6), ("period", 30), ("t0", 0), ("algorithm", "SHA1")):
            self.refused(dict(ACCOUNTS[7].to_wire(), **{field: value}), field)

    def test_form_of_a_static_text(self):
        wire = {
            "type": "static",
            "issuer": "Mail",
            "name": "alice",
            "secret": "YWJjZCBlZmdoIGlqa2wgbW5vcA==",
        }
        self.assertEqual(ACCOUNTS[7].to_wire(), wire)

    def test_no_account(self):
        for wire in (None, [], "account", 5, {}):
            self.refused(wire, None)

    def test_values_of_a_wrong_type(self):
        for field, value in (
            ("secret", 5),
            ("secret", None),
            ("secret", ["A"]),
            ("secret", ""),
            ("secret", "A"),
            ("digits", "6"),
            ("period", 30.5),
            ("issuer", 5),
            ("type", 5),
            ("type", []),
            ("algorithm", {}),
        ):
            self.refused(dict(ACCOUNTS[0].to_wire(), **{field: value}), field)

    def refused(self, wire, field):
        with self.assertRaises(AccountError) as raised:
            from_wire(wire)
        if field:
            self.assertEqual(raised.exception.field, field)


class RecordTest(unittest.TestCase):
    def test_round_trip(self):
        for account in ACCOUNTS:
            record = account.to_record()
            self.assertTrue(isinstance(record, bytes))
            self.assertEqual(fields(from_record(record)), fields(account))
            self.assertEqual(fields(from_record(memoryview(record))), fields(account))

    def test_form(self):
        record = binascii.unhexlify(RECORD.replace(" ", ""))
        account = Account("ACME", "alice", SECRET, "hotp", "SHA512", 8, counter=0x0102030405060708)
        self.assertEqual(account.to_record(), record)
        self.assertEqual(fields(from_record(record)), fields(account))

    def test_form_of_a_static_text(self):
        record = binascii.unhexlify(
            "0103000600 00001e 0000000000000000 0000000000000000 04 05 02".replace(" ", "")
        )
        account = Account("Mail", "alice", b"hi", "static")
        self.assertEqual(account.to_record(), record + b"Mailalicehi")

    def test_longest(self):
        self.assertEqual(len(ACCOUNTS[3].to_record()), 27 + 64 + 64 + 128)

    def test_damaged(self):
        record = ACCOUNTS[0].to_record()
        for length in (0, 1, 26, 27, len(record) - 1):
            self.refused(record[:length])
        self.refused(record + b"\x00")
        for place, byte in ((0, 0), (0, 2), (1, 4), (2, 3), (3, 3), (3, 11), (24, 65), (26, 0)):
            self.refused(record[:place] + bytes([byte]) + record[place + 1 :])
        # A name that is no UTF-8, and a period of nothing.
        self.refused(record.replace(b"ACME", b"\xff\xfe\xfd\xfc"))
        self.refused(record[:4] + struct.pack(">I", 0) + record[8:])

    def refused(self, record):
        with self.assertRaises(ValueError):
            from_record(record)


class KeyCheckValueTest(unittest.TestCase):
    def test_values(self):
        """By `printf 'key check' | openssl dgst -sha256 -mac HMAC -macopt hexkey:...`."""
        for secret, value in (
            (SECRET, "a1a77fd8"),
            (b"\xff" * 128, "0dc79bc7"),
            (b"\0", "b5751da8"),
        ):
            for kind in ({}, {"type": "hotp"}, {"type": "steam", "digits": 5}):
                self.assertEqual(Account("", "a", secret, **kind).key_check_value(), value)

    def test_a_static_text_has_none(self):
        self.assertIsNone(Account("", "a", SECRET, "static").key_check_value())

    def test_hexadecimal(self):
        self.assertEqual(module.hexadecimal(b"\x00\x0f\xff"), "000fff")
