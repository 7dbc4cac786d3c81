"""hashlib's SHA-1, cryptolib's AES and os.urandom, which the wasm port lacks."""

import hashlib

import _bridge
from uctypes import addressof


class sha1:  # noqa: N801 (its name on the board)
    """SHA-1."""

    def __init__(self, data=b""):
        data = bytes(data)
        self._number = _bridge.hash(addressof(data), len(data))

    def update(self, data):
        """Add bytes."""
        data = bytes(data)
        _bridge.update(self._number, addressof(data), len(data))

    def digest(self):
        """Return the 20 bytes, once."""
        if self._number is None:
            raise ValueError("hash is final")
        digest = bytearray(20)
        _bridge.digest(self._number, addressof(digest))
        self._number = None
        return bytes(digest)


class aes:  # noqa: N801
    """AES; `mode` is 1 (ECB) or 2 (CBC)."""

    def __init__(self, key, mode, first=None):
        if len(key) not in (16, 32):
            raise ValueError("key")
        if mode not in (1, 2):
            raise ValueError("mode")
        self._key, self._mode = bytes(key), mode
        self._first = bytes(first) if mode == 2 else bytes(16)

    def encrypt(self, data, target=None):
        """Encrypt whole blocks."""
        return self._do(data, target, True)

    def decrypt(self, data, target=None):
        """Decrypt them."""
        return self._do(data, target, False)

    def _do(self, data, target, encrypts):
        data = bytes(data)
        if len(data) % 16:
            raise ValueError("blksize % 16")
        result = bytearray(len(data)) if target is None else target
        _bridge.aes(
            addressof(self._key), len(self._key), self._mode, encrypts, addressof(self._first),
            addressof(data), len(data), addressof(result),
        )  # fmt: skip
        if self._mode == 2:
            self._first = bytes(result[-16:] if encrypts else data[-16:])
        return bytes(result) if target is None else result


def urandom(count):
    """Return so many random bytes."""
    data = bytearray(count)
    _bridge.random(addressof(data), count)
    return bytes(data)


sha256 = hashlib.sha256
