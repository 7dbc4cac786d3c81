# ruff: noqa: F821  (ptr32 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false, reportIndexIssue=false
"""PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2) with one block of output, in slices.

A slice is short, so that other tasks run between two. How many iterations the board
does in a given time is measured, and stored with the key slot. The iterations are
machine code around the native SHA-256, and allocate only what that does: two hash
objects and two digests each, 384 bytes on an ESP32. That costs garbage collections
and the search for free memory; see _Heap.
"""

import asyncio
import gc
import time
from hashlib import sha256

import micropython
from micropython import const

from otpcore.mac import hmac

ITERATIONS_MIN, ITERATIONS_MAX = 1000, 100000
_SLICE = const(80)  # iterations: 8 ms on an ESP32 at 240 MHz, and as much for a collection
_SAMPLE = const(1600)  # iterations for a measurement: they fill the heap several times
SAMPLES = 3  # measurements, of which the fastest counts
_ROW = const(64)  # so many adjacent blocks in a row mean that all holes before are filled
_HOLES = const(4096)  # the most that are filled
_FULL = const(1 << 20)  # bytes without a collection: only when it is full; units.py has it too


async def derive(password, salt, iterations):
    """Return the 32-byte key of `password` and `salt` (bytes); lets other tasks run meanwhile."""
    key = sha256(password).digest() if len(password) > 64 else password
    key = int.from_bytes(key, "little")
    inner = bytearray((key ^ int.from_bytes(b"\x36" * 64, "little")).to_bytes(96, "little"))
    outer = bytearray((key ^ int.from_bytes(b"\x5c" * 64, "little")).to_bytes(96, "little"))
    last = hmac("SHA256", password, salt + b"\0\0\0\1")
    inner[64:] = last
    result = bytearray(last)
    await _work(inner, outer, result, iterations - 1)
    return bytes(result)


async def calibrate(duration_ms):
    """Return how many iterations take about `duration_ms` here and now.

    The result lies between ITERATIONS_MIN and ITERATIONS_MAX. The time of other tasks between two
    slices does not count, and of some measurements the fastest one does: or a computer that keeps
    the token busy meanwhile could weaken the PIN's key.
    """
    inner, outer, result, fastest = bytearray(96), bytearray(96), bytearray(32), None
    with _Heap():
        for _ in range(SAMPLES):
            elapsed = 1
            for _ in range(0, _SAMPLE, _SLICE):
                started = time.ticks_us()
                _rounds(inner, outer, result, _SLICE)
                elapsed += time.ticks_diff(time.ticks_us(), started)
                await asyncio.sleep_ms(0)
            fastest = min(elapsed, fastest or elapsed)
    return min(max(ITERATIONS_MIN, _SAMPLE * duration_ms * 1000 // fastest), ITERATIONS_MAX)


async def _work(inner, outer, result, left):
    if left > 0:
        with _Heap():
            while left > 0:
                _rounds(inner, outer, result, min(left, _SLICE))
                left -= _SLICE
                await asyncio.sleep_ms(0)


class _Heap:
    """A context manager that prepares the heap for many short-lived objects.

    The collector runs only when the heap is full: with a threshold it would run too often.
    And holes of single blocks are filled: MicroPython starts each search for several blocks at
    the first free block, and would scan the whole heap for each hash.
    """

    def __enter__(self):
        self._threshold = gc.threshold()
        gc.threshold(_FULL)
        gc.collect()
        self._filled = None
        try:
            self._filled = _fill()
        except MemoryError:
            pass

    def __exit__(self, *_):
        gc.threshold(self._threshold)


def _fill():
    """Return a chain of blocks that fills the heap's small holes."""
    chain, last, step, row = None, 0, 0, 0
    for _ in range(_HOLES):
        chain = (chain,)
        address = id(chain)
        row = row + 1 if address - last == step else 0
        if row == _ROW:
            break
        last, step = address, address - last
    return chain


@micropython.viper
def _rounds(inner, outer, result, count: int):
    """Do `count` iterations, and XOR each digest into `result` (bytearray of 32).

    `inner` and `outer` are bytearrays of 96: the padded key, then a digest. The last iteration's
    is in `inner`.
    """
    new = sha256
    words = ptr32(result)
    to_inner = ptr32(inner)
    to_outer = ptr32(outer)
    for _ in range(count):
        digest = ptr32(new(inner).digest())
        for i in range(8):
            to_outer[16 + i] = digest[i]
        digest = ptr32(new(outer).digest())
        for i in range(8):
            to_inner[16 + i] = digest[i]
            words[i] = words[i] ^ digest[i]
