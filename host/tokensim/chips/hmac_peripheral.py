"""The HMAC peripheral of the ESP32-S2, -S3 and -C3 at register level, and its eFuse blocks.

From Espressif's technical reference manuals ("HMAC Accelerator", "eFuse Controller",
"System Registers"). What the manuals leave open is a parameter: how a module without its
clock reads, what the SHA engine reveals of an HMAC, and which value of RESULT_FINISH ends one.
Not modelled: the use of a key for digital signatures and JTAG.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

BASE, SIZE = 0x6003E000, 0x1000
SHA_H = range(0x6003B040, 0x6003B060)  # the hash in the SHA engine
KEYS = 6
UP = 8  # the purpose "HMAC upstream": software may read the results
SHA, DS, HMAC = 1 << 2, 1 << 4, 1 << 5  # in the clock and the reset register

WR_DIS, RD_DIS, PURPOSES, BLOCKS = 0x2C, 0x30, 0x34, 0x9C  # from the eFuses' base

_START, _PURPOSE, _KEY, _PARAMETERS = 0x40, 0x44, 0x48, 0x4C
_ONE, _FINISH, _ERROR, _BUSY = 0x50, 0x5C, 0x68, 0x6C
_MESSAGE, _RESULT, _ONE_BLOCK = 0x80, 0xC0, 0xF4


@dataclass(frozen=True)
class Places:
    """The addresses of a chip's clock and reset registers and eFuses, and the reset's value."""

    clocks: int
    resets: int
    efuses: int
    resets_at_first: int


CHIPS = {
    "esp32c3": Places(0x600C0014, 0x600C001C, 0x60008800, 0x1FE),
    "esp32s3": Places(0x600C001C, 0x600C0024, 0x60007000, 0x1FE),
    "esp32s2": Places(0x3F4C0044, 0x3F4C004C, 0x3F41A000, 0x7E),
}


@dataclass
class Efuses:
    """The eFuses of the keys. They only change from 0 to 1, and survive everything.

    `on_burn` is called whenever one was burnt. `registers` has the others, as the loader's
    controller reads them; empty if it never burnt any.
    """

    keys: list[bytes] = field(default_factory=lambda: [bytes(32)] * KEYS)
    purposes: list[int] = field(default_factory=lambda: [0] * KEYS)
    read_protected: int = 0  # a bit a block
    write_protected: int = 0
    registers: bytes = b""
    on_burn: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Self:
        """Return the Efuses of a dump(); KeyError, TypeError or ValueError if it is invalid."""
        keys = [bytes.fromhex(each) for each in saved["keys"]]
        purposes = [int(each) for each in saved["purposes"]]
        if len(keys) != KEYS or len(purposes) != KEYS or any(len(each) != 32 for each in keys):
            raise ValueError("the eFuses have six keys of 32 bytes")
        protected = (int(saved["read_protected"]), int(saved["write_protected"]))
        return cls(keys, purposes, *protected, bytes.fromhex(saved.get("registers", "")))

    def dump(self) -> dict[str, Any]:
        """Return the fuses as JSON types."""
        keys = [each.hex() for each in self.keys]
        return {"keys": keys, "purposes": self.purposes} | {
            "read_protected": self.read_protected,
            "write_protected": self.write_protected,
            "registers": self.registers.hex(),
        }

    def burn(self, block: int, key: bytes, purpose: int = UP, protect: bool = True) -> None:
        """Burn a key as `espefuse burn-key` does; a block that has one is left unchanged."""
        if self.write_protected >> block & 1 or self.purposes[block]:
            raise ValueError("the block is taken")
        self.keys[block] = bytes(a | b for a, b in zip(self.keys[block], key, strict=True))
        self.purposes[block] |= purpose
        self.write_protected |= 1 << block
        if protect:
            self.read_protected |= 1 << block
        self.on_burn()

    def word(self, offset: int) -> int:
        """Return the word that software reads at an offset from the eFuses' base."""
        if offset == RD_DIS:
            return self.read_protected
        if offset == WR_DIS:
            return self.write_protected << 23  # bits 23 to 28: KEY0 to KEY5
        packed = sum(purpose << 4 * number for number, purpose in enumerate(self.purposes))
        if offset == PURPOSES:
            return packed << 24 & 0xFFFFFFFF
        if offset == PURPOSES + 4:
            return packed >> 8
        block, at = divmod(offset - BLOCKS, 32)
        if 0 <= block < KEYS and not self.read_protected >> block & 1:
            return struct.unpack_from("<I", self.keys[block], at)[0]
        return 0


class HmacPeripheral:
    """The peripheral of one chip. `gated` is how it reads without clock or in reset.

    That is "zeros" or "busy". `fault`, if any, is called with each result (32 bytes) and returns
    what is read instead, as by a defective or disturbed module. With `hangs` it is busy forever;
    `busy_looks` is how often BUSY reads as 1 after each step.
    """

    def __init__(self, chip: str, efuses: Efuses, gated: str = "zeros") -> None:
        self.places = CHIPS[chip]
        self.efuses = efuses
        self.gated = gated
        self.fault: Callable[[bytes], bytes] = lambda result: result
        self.hangs = False
        self.busy_looks = 2
        self.shown = bytes(32)  # how the SHA engine's hash reads
        self.finishes = (1, 2)  # values of RESULT_FINISH that end an HMAC
        self.made = 0  # HMACs so far
        self.accesses = 0
        self.reset()

    def reset(self) -> None:
        """Reset the registers, as machine.reset() does; the fuses stay."""
        self._clocks, self._resets = 0, self.places.resets_at_first
        self._begin()

    def hash_elsewhere(self) -> None:
        """Leave the SHA engine as ESP-IDF does after a hash: without clock, and in reset.

        During an HMAC this changes the engine's message, and so the result.
        """
        self._clocks, self._resets = 0x270, 0x18E
        self._disturbed = self._state != "idle"

    @property
    def is_on(self) -> bool:
        """Whether module and SHA engine have their clocks, and none of the three is in reset."""
        clocked = self._clocks & (SHA | HMAC) == SHA | HMAC
        return clocked and not self._resets & (SHA | DS | HMAC)

    def has(self, address: int) -> bool:
        """Return whether the register at an address is modelled."""
        places = self.places
        return (
            address in (places.clocks, places.resets)
            or BASE <= address < BASE + 0x100
            or places.efuses <= address < places.efuses + 0x200
            or address in SHA_H
        )

    def __getitem__(self, address: int) -> int:
        self.accesses += 1
        places = self.places
        if address == places.clocks:
            return self._clocks
        if address == places.resets:
            return self._resets
        if places.efuses <= address < places.efuses + 0x200:
            return self.efuses.word(address - places.efuses)
        if address in SHA_H:
            return struct.unpack_from("<I", self.shown, address - SHA_H.start)[0]
        return self._read(address - BASE)

    def __setitem__(self, address: int, value: int) -> None:
        self.accesses += 1
        value &= 0xFFFFFFFF
        if address == self.places.clocks:
            self._clocks = value
        elif address == self.places.resets:
            self._resets = value
            if value & HMAC:
                self._begin()
        else:
            self._write(address - BASE, value)

    # the module

    def _begin(self) -> None:
        self._state, self._disturbed = "idle", False
        self._purpose = self._key = self._error = self._looks = 0
        self._message = bytearray(64)
        self._result = bytes(32)

    def _read(self, offset: int) -> int:
        if not self.is_on:
            return 1 if self.gated == "busy" and offset == _BUSY else 0
        if offset == _BUSY:
            busy = bool(self._looks) or self.hangs
            self._looks = max(self._looks - 1, 0)
            return int(busy)
        if offset == _ERROR:
            return self._error
        if _RESULT <= offset < _RESULT + 32 and self._state == "done":
            return struct.unpack_from("<I", self._result, offset - _RESULT)[0]
        return 0

    def _write(self, offset: int, value: int) -> None:
        if not self.is_on or self._looks:  # writes to a busy module are lost
            return
        if _MESSAGE <= offset < _MESSAGE + 64:
            struct.pack_into("<I", self._message, offset - _MESSAGE, value)
        elif offset == _START and value & 1 and self._state != "done":
            self._begin()
            self._state = "parameters"
        elif self._state == "parameters":
            self._set(offset, value)
        elif self._state == "message" and offset == _ONE and value & 1:
            self._state, self._looks = "taken", self.busy_looks
        elif self._state == "taken" and offset == _ONE_BLOCK and value & 1:
            self._finish()
        elif self._state == "done" and offset == _FINISH and value in self.finishes:
            self._state = "idle"

    def _set(self, offset: int, value: int) -> None:
        if offset == _PURPOSE:
            self._purpose = value & 15
        elif offset == _KEY:
            self._key = value & 7
        elif offset == _PARAMETERS and value & 1:
            self._looks = self.busy_looks
            known = self._key < KEYS and self.efuses.purposes[self._key] == self._purpose
            self._error = 0 if known and self._purpose == UP else 1
            self._state = "idle" if self._error else "message"

    def burst(self, block: bytes, key: int, count: int, patience: int) -> tuple[bytes, int]:
        """Return the block after up to `count` chained HMACs, and how many were made.

        This is what drivers/hmac_burst.py does by the registers: each result replaces the first
        32 bytes of the block. It ends once BUSY was set at `patience` polls of one HMAC.
        """
        for done in range(count):
            if not self.is_on:
                if self.gated == "busy":
                    return block, done
                block = bytes(32) + block[32:]
                continue
            self._begin()
            self._state = "parameters"
            self._purpose, self._key = UP, key & 7
            self._set(_PARAMETERS, 1)
            if self.hangs or self._error or 3 * self.busy_looks >= patience:
                return block, done
            if block == _padded(block[:32]):
                return self._chain(block, count - done), count
            self._message[:] = block
            self._finish()
            block = self._result + block[32:]
            self._state, self._looks = "idle", 0
        return block, count

    def _chain(self, block: bytes, count: int) -> bytes:
        """Return the block after `count` HMACs of 32 bytes each, as _finish() makes them.

        The hashes of the padded key (FIPS 198-1, section 4) are made once for all.
        """
        key, result = self.efuses.keys[self._key] + bytes(32), block[:32]
        inner, outer = (hashlib.sha256(bytes(each ^ pad for each in key)) for pad in (0x36, 0x5C))
        for _ in range(count):
            first, second = inner.copy(), outer.copy()
            first.update(result)
            second.update(first.digest())
            result = self.fault(second.digest())
        self._result, self._state, self._looks = result, "idle", 0
        self.made += count
        return result + block[32:]

    def _finish(self) -> None:
        """Set the result to the HMAC of the block, which software has padded."""
        self._looks = self.busy_looks
        key, block = self.efuses.keys[self._key] + bytes(32), bytes(self._message)
        message = block[: max(int.from_bytes(block[-8:], "big") // 8 - 64, 0)]
        right = len(message) < 56 and block == _padded(message)
        result = hmac.digest(key, message, "sha256") if right else _other(key + block)
        self._result = self.fault(_other(result) if self._disturbed else result)
        self._state = "done"
        self.made += 1


def _padded(message: bytes) -> bytes:
    """Return a message padded by FIPS 180-4, section 5.1.1, as it follows a block of 64 bytes."""
    zeros = -(len(message) + 9) % 64
    return message + b"\x80" + bytes(zeros) + (8 * (64 + len(message))).to_bytes(8, "big")


def _other(data: bytes) -> bytes:
    """Return 32 wrong bytes that depend on the data."""
    return hashlib.sha256(b"other" + data).digest()
