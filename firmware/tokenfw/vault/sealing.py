"""Sealing: AES-256-CBC, then HMAC-SHA-256 over everything and over where it lies.

Encrypt-then-MAC with keys of their own, all expanded from one. The IV is an HMAC
of context and plaintext, so that a generator that is stuck repeats none. The
context binds a sealed text to its place: moved elsewhere, it does not open.
Long texts go in pieces, each but the last of a multiple of 16 bytes, at most 512.
"""

from cryptolib import aes
from micropython import const

from otpcore.mac import hmac
from tokenfw.vault.sectors import PIECE

KEY = 32  # bytes
_IV = const(16)
_TAG = const(32)
_BLOCK = const(16)
_CBC, _ECB = 2, 1


class BadSeal(ValueError):
    """The sealed text was changed or moved, or the key is another."""


def sealed_size(size):
    """Return how many bytes `size` bytes have when they are sealed: a multiple of 16."""
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
        """Yield IV, ciphertext and tag in pieces; `plaintext()` gives its own, each time anew."""
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
        """Yield the plaintext in pieces; BadSeal comes before the first, if at all.

        `read(start, size)` gives bytes of the sealed text, which has `size`.
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
        """Return 16 bits of `name` (bytes) that say nothing without the key."""
        return int.from_bytes(hmac("SHA256", self._names, name)[:2], "big")

    def element(self, block):
        """Make a pseudo-random block of `block` (bytearray of 16), in place: see fingerprint.py."""
        self._set.encrypt(block, block)


def _read(read, start, end):
    while start < end:
        yield read(start, min(PIECE, end - start))
        start += PIECE


def same(one, other):
    """Return whether two byte strings are equal, in a time that does not say where they differ."""
    if len(one) != len(other):
        return False
    different = 0
    for x, y in zip(one, other):  # noqa: B905 (MicroPython's has no strict)
        different |= x ^ y
    return different == 0
