"""HOTP and TOTP: the tables of RFC 4226 and RFC 6238; Steam; and what has no code."""

import unittest

from otpcore import otp
from otpcore.account import Account

SECRET = b"12345678901234567890"  # of both RFCs
# RFC 6238, appendix B, as its reference program has them: as long as the hash.
SECRETS = {"SHA1": SECRET, "SHA256": (SECRET * 2)[:32], "SHA512": (SECRET * 4)[:64]}

# RFC 4226, appendix D: the truncated values of the counters 0 to 9.
TRUNCATED = (
    1284755224,
    1094287082,
    137359152,
    1726969429,
    1640338314,
    868254676,
    1918287922,
    82162583,
    673399871,
    645520489,
)

# RFC 6238, appendix B: time, time step, SHA-1, SHA-256, SHA-512; eight digits.
TIMES = (
    (59, 0x1, "94287082", "46119246", "90693936"),
    (1111111109, 0x23523EC, "07081804", "68084774", "25091201"),
    (1111111111, 0x23523ED, "14050471", "67062674", "99943326"),
    (1234567890, 0x273EF07, "89005924", "91819424", "93441116"),
    (2000000000, 0x3F940AA, "69279037", "90698825", "38618901"),
    (20000000000, 0x27BC86AA, "65353130", "77737706", "47863826"),
)

# Truncated values of SHA-1, SHA-256 and SHA-512 at the edges of the words, by CPython's hmac.
WIDE = (
    (0x7FFFFFFF, "0627223505", "1671750576", "0384296085"),
    (0x80000000, "0404197202", "1537597482", "0875577151"),
    (0xFFFFFFFF, "0257117190", "2140114512", "2069006271"),
    (0x100000000, "0255999456", "1466351443", "0782894678"),
    (0x8000000000000000, "0817959616", "1273107488", "1833958812"),
    (0xFFFFFFFFFFFFFFFF, "1663094451", "0340635627", "1344226760"),
)

# Steam's letters under SECRET, by a program of a few lines over CPython's hmac.
STEAM = (
    (0, "GG5F5"),
    (29, "GG5F5"),
    (30, "PV9M4"),
    (59, "PV9M4"),
    (1111111109, "PY4YB"),
    (1234567890, "VHHQY"),
    (20000000000, "R5DMB"),
)


class HotpTest(unittest.TestCase):
    def test_rfc_4226(self):
        codes = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
        for counter, code in enumerate(codes.split()):
            self.assertEqual(otp.hotp(SECRET, counter), code)

    def test_four_to_ten_digits(self):
        for counter, value in enumerate(TRUNCATED):
            text = "%010d" % value
            for digits in range(4, 11):
                self.assertEqual(otp.hotp(SECRET, counter, digits), text[10 - digits :])

    def test_other_digits_are_refused(self):
        for digits in (-1, 0, 3, 11):
            with self.assertRaises(ValueError):
                otp.hotp(SECRET, 0, digits)

    def test_wide_counters(self):
        for counter, sha1, sha256, sha512 in WIDE:
            self.assertEqual(otp.hotp(SECRETS["SHA1"], counter, 10), sha1)
            self.assertEqual(otp.hotp(SECRETS["SHA256"], counter, 10, "SHA256"), sha256)
            self.assertEqual(otp.hotp(SECRETS["SHA512"], counter, 10, "SHA512"), sha512)

    def test_counters_past_64_bits_are_refused(self):
        for counter in (-1, 1 << 64):
            with self.assertRaises(ValueError):
                otp.hotp(SECRET, counter)


class TotpTest(unittest.TestCase):
    def test_rfc_6238(self):
        for time, step, sha1, sha256, sha512 in TIMES:
            self.assertEqual(otp.time_step(time), step)
            for algorithm, code in (("SHA1", sha1), ("SHA256", sha256), ("SHA512", sha512)):
                secret = SECRETS[algorithm]
                self.assertEqual(otp.totp(secret, time, 8, algorithm=algorithm), code)
                self.assertEqual(otp.totp(secret, time, algorithm=algorithm), code[2:])

    def test_a_step_begins_on_its_second(self):
        for time, step in ((0, 0), (29, 0), (30, 1), (59, 1), (60, 2)):
            self.assertEqual(otp.time_step(time), step)
        for time, step in ((100, 0), (159, 0), (160, 1)):
            self.assertEqual(otp.time_step(time, 60, 100), step)
        self.assertEqual(otp.time_step(7, 1), 7)

    def test_period_and_t0(self):
        """oathtool --totp -d 8 -s 60s -S '2001-09-09 01:46:40' -N '2005-03-18 01:58:29'."""
        self.assertEqual(otp.totp(SECRET, 1111111109, 8, 60, "SHA1", 1000000000), "19457399")

    def test_before_t0_there_is_no_code(self):
        self.assertEqual(otp.totp(SECRET, 1000, t0=1000), "755224")
        for function in (otp.totp, otp.steam):
            with self.assertRaises(ValueError):
                function(SECRET, -1)
        with self.assertRaises(ValueError):
            otp.totp(SECRET, 999, t0=1000)
        with self.assertRaises(ValueError):
            otp.time_step(999, 30, 1000)

    def test_a_period_of_nothing_is_refused(self):
        for period in (0, -30):
            with self.assertRaises(ValueError):
                otp.time_step(59, period)

    def test_seconds_left(self):
        for time, left in ((0, 30), (1, 29), (29, 1), (30, 30), (59, 1)):
            self.assertEqual(otp.seconds_left(time), left)
        self.assertEqual(otp.seconds_left(159, 60, 100), 1)
        self.assertEqual(otp.seconds_left(160, 60, 100), 60)


class SteamTest(unittest.TestCase):
    def test_letters(self):
        for time, letters in STEAM:
            self.assertEqual(otp.steam(SECRET, time), letters)


class CodeTest(unittest.TestCase):
    """The code of an account is that of its type, and all its fields count."""

    def test_totp(self):
        account = Account("", "a", SECRETS["SHA512"], "totp", "SHA512", 8)
        self.assertEqual(otp.code(account, 20000000000), "47863826")
        account = Account("", "a", SECRET, "totp", "SHA1", 8, 60, 1000000000)
        self.assertEqual(otp.code(account, 1111111109), "19457399")

    def test_hotp(self):
        account = Account("", "a", SECRETS["SHA256"], "hotp", "SHA256", 10, counter=0x80000000)
        for time in (0, 59, None):
            self.assertEqual(otp.code(account, time), "1537597482")

    def test_steam(self):
        account = Account("", "a", SECRET, "steam", digits=5)
        self.assertEqual(otp.code(account, 1111111109), "PY4YB")

    def test_a_static_text_has_none(self):
        with self.assertRaises(ValueError):
            otp.code(Account("", "a", SECRET, "static"), 1111111109)
