"""One TOTP code: otpcore's, a naive one, and only the two hash calls that it needs."""

import hashlib

from bench.on_micropython import rounds
from otpcore import otp

SECRET = b"12345678901234567890"
TIME = 1790000000
ROUNDS, TIMES = 60, 100

KEY_BLOCK = bytes(64)
INNER = KEY_BLOCK + bytes(8)  # as long as the inputs of an HMAC's hashes: key block and counter
OUTER_SHA1 = KEY_BLOCK + bytes(20)  # key block and digest
OUTER_SHA256 = KEY_BLOCK + bytes(32)


def ours_sha1():
    return otp.totp(SECRET, TIME, 6, 30, "SHA1", 0)


def ours_sha256():
    return otp.totp(SECRET, TIME, 6, 30, "SHA256", 0)


def bare_sha1():
    hashlib.sha1(INNER).digest()
    hashlib.sha1(OUTER_SHA1).digest()


def bare_sha256():
    hashlib.sha256(INNER).digest()
    hashlib.sha256(OUTER_SHA256).digest()


def naive_sha1():
    return naive(hashlib.sha1)


def naive_sha256():
    return naive(hashlib.sha256)


def naive(new):
    """Return the code, computed with an HMAC that XORs byte by byte; `new` makes a hash."""
    counter = (TIME // 30).to_bytes(8, "big")
    key = SECRET + bytes(64 - len(SECRET))
    inner = new(bytes([byte ^ 0x36 for byte in key]) + counter).digest()
    digest = new(bytes([byte ^ 0x5C for byte in key]) + inner).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1000000:06}"


assert naive_sha1() == ours_sha1() and naive_sha256() == ours_sha256()
rounds.report(
    {
        algorithm: rounds.race(ROUNDS, ours=(ours, TIMES), bare=(bare, TIMES), naive=(naive, TIMES))
        for algorithm, ours, bare, naive in (
            ("SHA1", ours_sha1, bare_sha1, naive_sha1),
            ("SHA256", ours_sha256, bare_sha256, naive_sha256),
        )
    }
)
