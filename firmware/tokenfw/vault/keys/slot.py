"""A key slot: the vault key, wrapped under a key that is derived from the PIN.

A block, byte by byte (big-endian; version 1). A key sector holds it twice:

       0   3  magic "OTK"
       3   1  version
       4   4  CRC-32 of bytes 0 to 3: by these bytes every version recognises a newer one
       8   4  generation: that of the previous slot plus 1
      12   4  epoch of the vault key: the generation of the slot that introduced it
      16   1  0 without a PIN, else 1 + (digits - 4 + pad) % 29: see length()
      17   1  kind of derivation
      18   2  size of the kind's parameters, at most 372
      20  16  salt
      36   4  CRC-32 of bytes 0 to 35: with them the head, which a wipe erases last
      40   n  parameters of the kind
    40+n  96  the vault key, sealed under the derived key: IV, ciphertext, tag (sealing.py)
   136+n   4  CRC-32 of all bytes before

The seal is bound to "vault key", bytes 0 to 3 and 8 to 35, and the parameters: none can be
changed without the PIN. A slot with an unknown kind, or size of its parameters, is of a newer
firmware, and left alone.

Kind 1, PBKDF2: the derived key is PBKDF2-HMAC-SHA-256 of the PIN's digits (none without a PIN)
with the salt. Its parameters:

       0   4  rounds: 1 without a PIN; if out of range, the block counts as damaged

Kind 2, bound to the chip: PBKDF2 as in kind 1, whose result then goes through the chip's key, see
binding.py. Its parameters are those of kind 1 and the 69 bytes that binding.py describes.
"""

import struct

from micropython import const

from otpcore import pins
from tokenfw.system import on_demand
from tokenfw.vault.flash.faults import UNKNOWN, OtherVersion
from tokenfw.vault.flash.nor import checksum, repaired, whole
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.sealing import BadSeal, Seal

VERSION = 1
SALT = 16  # bytes
PBKDF2, BOUND = 1, 2  # the kinds: append-only

WRAPPED_AT = 40  # offset from which a wipe programs zeros
SIZE = 512  # bytes reserved for a block
_BEGIN = b"OTK\1"
_HEAD_BOUND = const(32)  # bytes of the head that the seal is bound to: all but its checksums
_PREFIX_SIZE = const(8)
_FIELDS = ">IIBBH16s"  # generation, epoch, PIN, kind, size of the parameters, salt
_ROUNDS_SIZE = const(4)
_CHIP_SIZE = const(69)  # bytes that a chip's key adds to the parameters
_BLOCK_SIZE = const(144)  # bytes, with the parameters of kind 1
_LENGTHS = pins.MAX - pins.MIN + 1


class Slot:
    """The fields of a block. `pin` is its byte 16; `wrapped` the sealed vault key.

    `chip` has the parameters of the chip's key (binding.py), b"" if it is not bound.
    """

    def __init__(self, generation, epoch, pin, salt, iterations, chip=b"", wrapped=b""):
        self.generation = generation
        self.epoch = epoch
        self.pin = pin
        self.salt = salt
        self.iterations = iterations
        self.chip = chip
        self.wrapped = wrapped

    def block(self):
        """Return the bytes of the block."""
        bound = self._bound()
        head = bound[:4] + checksum(bound[:4]) + bound[4:_HEAD_BOUND]
        block = head + checksum(head) + bound[_HEAD_BOUND:] + self.wrapped
        return block + checksum(block)

    def length(self, vault_key):
        """Return how many digits the PIN has, 0 without one: only the vault key reveals it."""
        if not self.pin:
            return 0
        return (self.pin - 1 - _pad(vault_key, self.salt)) % _LENGTHS + pins.MIN

    def wrap(self, pin_key, vault_key):
        """Set `wrapped` to `vault_key`, sealed under `pin_key` (both 32 bytes)."""
        self.wrapped = Seal(pin_key).wrap(b"vault key" + self._bound(), vault_key)

    def unwrap(self, pin_key):
        """Return the vault key; raise BadSeal if `pin_key` is wrong."""
        return Seal(pin_key).unwrap(b"vault key" + self._bound(), self.wrapped)

    def opens(self, pin_key):
        """Return whether `pin_key` is the right one."""
        try:
            self.unwrap(pin_key)
        except BadSeal:
            return False
        return True

    def _bound(self):
        """Return the bytes to which the seal is bound."""
        kind, size = BOUND if self.chip else PBKDF2, _ROUNDS_SIZE + len(self.chip)
        generation, epoch = self.generation, self.epoch
        fields = struct.pack(_FIELDS, generation, epoch, self.pin, kind, size, self.salt)
        return _BEGIN + fields + self.iterations.to_bytes(_ROUNDS_SIZE, "big") + self.chip


def parse(data, wiping, damaged):
    """Return the Slot of the block at the start of `data`, or None. Raises OtherVersion.

    With `wiping` the head suffices, and the Slot cannot be opened. With `damaged` the head and
    the rest may each have one wrong bit, which is corrected.
    """
    mend = repaired if damaged else whole
    start = whole(data[:_PREFIX_SIZE])
    if start and start[:3] == _BEGIN[:3] and start[3] != VERSION:
        raise OtherVersion(start[3])
    head = mend(data[:WRAPPED_AT])
    if head is None or head[:4] != _BEGIN:
        return None
    generation, epoch, pin, kind, size, salt = struct.unpack(_FIELDS, head[_PREFIX_SIZE:-4])
    more = _CHIP_SIZE if kind == BOUND else 0
    if kind not in (PBKDF2, BOUND) or size != _ROUNDS_SIZE + more:
        raise OtherVersion(UNKNOWN)
    if wiping:
        return Slot(generation, epoch, pin, salt, 1)
    block = mend(head + data[WRAPPED_AT : _BLOCK_SIZE + more])
    if block is None:
        return None
    rounds = int.from_bytes(block[WRAPPED_AT : WRAPPED_AT + _ROUNDS_SIZE], "big")
    if not 1 <= rounds <= kdf.ITERATIONS_MAX:
        return None
    chip = block[WRAPPED_AT + _ROUNDS_SIZE : WRAPPED_AT + size]
    if chip and not on_demand.once("tokenfw.vault.keys.binding").in_range(pin, rounds, chip):
        return None
    return Slot(generation, epoch, pin, salt, rounds, chip, block[WRAPPED_AT + size : -4])


def hidden(length, vault_key, salt):
    """Return byte 16 of a block for a PIN's length: 0 without a PIN."""
    return 1 + (length - pins.MIN + _pad(vault_key, salt)) % _LENGTHS if length else 0


def _pad(vault_key, salt):
    return Seal(vault_key).mark(b"pin length" + salt)
