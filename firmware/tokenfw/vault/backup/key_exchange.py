"""The key exchange of two tokens through a computer that may be hostile, for cloning.

X25519 with a commitment, authenticated by a code of 8 digits that both screens show. The giver,
whose accounts are copied, commits to its public key before it sees the taker's: so a man in the
middle must choose keys before knowing the code that they lead to, and has a chance of one in a
hundred million per attempt. The key is bound to both serial numbers and to the direction.
docs/protocol.md has the bytes.
"""

import asyncio
import time
from hashlib import sha256

from micropython import const

from otpcore import errors
from otpcore.mac import hmac
from tokenfw.system import on_demand
from tokenfw.vault.keys.sealing import same

_IDLE_MS = const(120000)  # it is over after so long without progress
_CODES = const(10000)  # values of each half of the code
_SIZE = const(32)  # bytes of a key and of the shared secret


class Exchange:
    """One side of an exchange: the giver if `gives`, else the taker.

    `serial` is this token's serial number, `other` the other's according to the computer (both
    text), `private` 32 random bytes, `commitment` the giver's, for a taker. The giver calls
    begin(), commitment() and meet(), and only then may `public` leave the token; the taker calls
    begin(), sends `public`, and calls meet(). Both screens then show `code`; once the user has
    confirmed that they are equal the caller sets `compared`, and key() returns the key. Out of
    turn, after idling, or once the vault was locked, meet() and key() raise BackupOver.
    """

    makes = None  # neither True nor False: it holds the place of the Transfer that follows

    def __init__(self, vault, gives, serial, other, private, commitment=None):
        self.gives = gives
        self.other = other
        self.public = None
        self.code = None
        self.compared = False
        self._vault = vault
        self._era = vault.era
        self._serials = (serial, other) if gives else (other, serial)
        self._private = private
        self._commitment = commitment
        self._key = None
        self._used = time.ticks_ms()

    async def begin(self):
        """Compute the public key."""
        self.public = await _product(self._private)
        self.touch()

    def commitment(self):
        """Return the commitment (32 bytes) to the public key."""
        return _commitment(self.public)

    async def meet(self, public):
        """Take the other's public key (bytes), once, and compute `code`. Raises BadBackup."""
        self._require()
        private, self._private = self._private, None
        if private is None:
            raise errors.BackupOver
        if len(public) != _SIZE or public == self.public:
            raise errors.BadBackup("key")
        if self._commitment is not None and not same(_commitment(public), self._commitment):
            raise errors.BadBackup("commitment")
        shared = await _product(private, public)
        if same(shared, bytes(_SIZE)):
            raise errors.BadBackup("key")
        digest = self._digest(public)
        self._key = hmac("SHA256", shared, b"otptoken clone key", (digest,))
        number = hmac("SHA256", digest, b"code")
        self.code = "%04d %04d" % (_half(number[:16]), _half(number[16:]))
        self.touch()

    def key(self):
        """Return the shared key (32 bytes); raise BackupOver before the codes were compared."""
        self._require()
        if not self.compared:
            raise errors.BackupOver
        return self._key

    def require_code(self):
        """Raise BackupOver unless there is a code that was not compared yet."""
        self._require()
        if self.code is None or self.compared:
            raise errors.BackupOver

    def touch(self):
        """Restart the time until it is over."""
        self._used = time.ticks_ms()

    def _require(self):
        idle = time.ticks_diff(time.ticks_ms(), self._used)
        if self._era != self._vault.era or not 0 <= idle <= _IDLE_MS:  # ticks wrap
            raise errors.BackupOver

    def _digest(self, public):
        """Return the SHA-256 of both public keys and serial numbers, the giver's first."""
        keys = (self.public, public) if self.gives else (public, self.public)
        whole = sha256(b"otptoken clone 1")
        for key, serial in zip(keys, self._serials):  # noqa: B905
            serial = serial.encode()
            whole.update(key)
            whole.update(bytes([len(serial)]) + serial)
        return whole.digest()


def _commitment(public):
    return sha256(b"otptoken clone commitment" + public).digest()


def _half(number):
    return int.from_bytes(number, "big") % _CODES


async def _product(scalar, point=None):
    """Return X25519 (RFC 7748) of a scalar and a point, by default the base point (32 bytes)."""
    x25519 = on_demand.once("otpcore.x25519")
    product = None
    for step in x25519.multiply(scalar, point or x25519.BASE):
        product = step  # the last one is it
        await asyncio.sleep_ms(0)  # a step takes some ms
    return product
