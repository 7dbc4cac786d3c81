"""Sealing: AES-256-CBC, then HMAC-SHA-256 over the ciphertext, the IV and a context.

Encrypt-then-MAC with separate keys, all expanded from one. The IV is an HMAC of
context and plaintext, so that a random generator that is stuck cannot repeat one.
The context binds a sealed text to its place: moved elsewhere, it does not open.
Long texts go in pieces of at most 512 bytes, each but the last a multiple of 16.
"""

from cryptolib import aes
from micropython import const

from otpcore.mac import hmac
from tokenfw.vault.flash.nor import PIECE

KEY = 32  # bytes
_IV = const(16)
_TAG = const(32)
_BLOCK = const(16)
_CBC, _ECB = 2, 1


class BadSeal(ValueError):
    """The sealed text was changed or moved, or the key is wrong."""


def sealed_size(size):
    """Return how many bytes `size` bytes take when sealed: a multiple of 16."""
    return _IV + (size // _BLOCK + 1) * _BLOCK + _TAG


class Seal:
    """Seals and opens under one key (32 bytes)."""

    def __init__(self, key):
        self._encryption = hmac("SHA256", key, b"encryption")
        self._authentication = hmac("SHA256", key, b"authentication")
        self._iv = hmac("SHA256", key, b"iv")
        self._names = hmac("SHA256", key, b"names")
        self._set = aes(hmac("SHA256", key, b"set"), _ECB)

    def seal(self, context, plaintext):
        """Yield IV, ciphertext and tag in pieces.

        `plaintext()` returns an iterable of the same pieces at each of three calls.
        """
        iv = hmac("SHA256", self._iv, context, plaintext())[:_IV]
        yield iv
        yield from self._encrypt(iv, plaintext())
        text = self._encrypt(iv, plaintext())
        yield hmac("SHA256", self._authentication, context + iv, text)

    def _encrypt(self, iv, plaintext):
        cipher = aes(self._encryption, _CBC, iv)
        last = b""
        for piece in plaintext:
            if last:
                yield cipher.encrypt(last)
            last = piece
        pad = _BLOCK - len(last) % _BLOCK
        yield cipher.encrypt(last + bytes([pad]) * pad)

    def open(self, context, read, size):
        """Yield the plaintext in pieces; BadSeal is raised before the first, if at all.

        `read(start, size)` returns bytes of the sealed text, which is `size` bytes long.
        """
        end = size - _TAG
        if end < _IV + _BLOCK or end % _BLOCK:
            raise BadSeal("the seal is broken")
        right = hmac("SHA256", self._authentication, context, _read(read, 0, end))
        if not same(right, read(end, _TAG)):
            raise BadSeal("the seal is broken")
        cipher = aes(self._encryption, _CBC, read(0, _IV))
        last = b""
        for piece in _read(read, _IV, end):
            if last:
                yield last
            last = cipher.decrypt(piece)
        yield last[: -last[-1]]

    def wrap(self, context, plaintext):
        """Return a short plaintext (bytes) sealed."""
        return b"".join(self.seal(context, lambda: (plaintext,)))

    def unwrap(self, context, sealed):
        """Return what wrap() sealed; raise BadSeal."""
        read = lambda start, size: sealed[start : start + size]  # noqa: E731
        return b"".join(self.open(context, read, len(sealed)))

    def mark(self, name):
        """Return 16 bits that depend on `name` (bytes) and the key, for a lookup by name."""
        return int.from_bytes(hmac("SHA256", self._names, name)[:2], "big")

    def element(self, block):
        """Turn `block` (bytearray of 16) into a pseudo-random one in place: see fingerprint.py."""
        self._set.encrypt(block, block)


def _read(read, start, end):
    while start < end:
        yield read(start, min(PIECE, end - start))
        start += PIECE


def same(one, other):
    """Return whether two byte strings are equal, in a time that depends on their lengths only."""
    if len(one) != len(other):
        return False
    different = 0
    for x, y in zip(one, other):  # noqa: B905 (MicroPython's has no strict)
        different |= x ^ y
    return different == 0
