"""Two tokens agree on a key through a computer that may be hostile, and on a code that proves it.

The giver, whose accounts go, commits to its public key before it sees the taker's: who stands
between the two has to choose keys before knowing what code they lead to, and so has one chance
in a hundred million a try. All of it is bound to both serial numbers and to who gives.
docs/protocol.md has the bytes.
"""

import asyncio
import time
from hashlib import sha256

from micropython import const

from otpcore import errors
from otpcore.mac import hmac
from tokenfw.system import on_demand
from tokenfw.vault.sealing import same

_IDLE_MS = const(120000)  # it is over when nobody went on with it for so long
_CODES = const(10000)  # of each half of the code
_SIZE = const(32)  # bytes of a key and of what two keys come to


class Exchange:
    """One side of it: `gives` says which. `serial` is this token's serial number, `other` that of
    the other one as the computer has it, `private` 32 random bytes.

    A giver's begin(), commitment(), meet(), and then `public` may leave; a taker's begin(),
    `public`, check(), meet(). `code` is what both screens have to show alike; only then
    somebody sets `compared`, and key() is to be had.
    """

    makes = None  # it is no Transfer, in whose place it waits for one

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
        """Return the 32 bytes that say nothing of the public key, and fit no other."""
        return _commitment(self.public)

    async def meet(self, public):
        """Take the other's public key (bytes), once. BadBackup."""
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
        """Return the 32 bytes that both have, after somebody has compared the codes."""
        self._require()
        if not self.compared:
            raise errors.BackupOver
        return self._key

    def require_code(self):
        """Raise BackupOver unless there is a code to compare, and nobody has done so yet."""
        self._require()
        if self.code is None or self.compared:
            raise errors.BackupOver

    def touch(self):
        """Somebody goes on with it."""
        self._used = time.ticks_ms()

    def _require(self):
        idle = time.ticks_diff(time.ticks_ms(), self._used)
        if self._era != self._vault.era or not 0 <= idle <= _IDLE_MS:  # ticks wrap
            raise errors.BackupOver

    def _digest(self, public):
        """Return the SHA-256 of all that both sides have to see alike: the giver's part first."""
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
    """Return X25519 of both, as bytes; without a point, of the base point."""
    x25519 = on_demand.once("otpcore.x25519")
    product = None
    for step in x25519.multiply(scalar, point or x25519.BASE):
        product = step  # the last one is it
        await asyncio.sleep_ms(0)  # a step takes some ms
    return product
