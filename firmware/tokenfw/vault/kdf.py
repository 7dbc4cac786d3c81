# ruff: noqa: F821  (ptr32 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false, reportIndexIssue=false
"""PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2) with one block of output, in slices.

A slice is short, so that the loop goes on; how many iterations the board does in
a given time is measured, and stored with what they protect. The rounds run in
machine code around the native SHA-256, and take only the memory that it takes by
itself: two hash objects and two digests each, 384 bytes on an ESP32. What that costs
is the collector's time and the search for free memory; see _Heap.
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
_SAMPLE = const(1600)  # iterations for a measurement: they fill the heap some times
_ROW = const(64)  # one after the other, so many pieces of memory come from where it is free
_HOLES = const(4096)  # no more are filled


async def derive(password, salt, iterations):
    """Return 32 bytes from `password` and `salt` (bytes); lets other tasks run meanwhile."""
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
    """Return how many iterations take about `duration_ms` here and now, within the limits.

    What others do between two slices counts as a quarter of these at most: a computer that
    keeps the token busy would make the PIN weaker for good.
    """
    inner, outer, result, elapsed = bytearray(96), bytearray(96), bytearray(32), 0
    with _Heap():
        for _ in range(0, _SAMPLE, _SLICE):
            started = time.ticks_us()
            _rounds(inner, outer, result, _SLICE)
            own = time.ticks_diff(time.ticks_us(), started)
            await asyncio.sleep_ms(0)
            elapsed += min(time.ticks_diff(time.ticks_us(), started), own * 5 // 4)
    elapsed = max(elapsed, 1)
    return min(max(ITERATIONS_MIN, _SAMPLE * duration_ms * 1000 // elapsed), ITERATIONS_MAX)


async def _work(inner, outer, result, left):
    if left > 0:
        with _Heap():
            while left > 0:
                _rounds(inner, outer, result, min(left, _SLICE))
                left -= _SLICE
                await asyncio.sleep_ms(0)


class _Heap:
    """While it is entered, the heap suits much that is short-lived.

    The collector runs only when the heap is full: early, it does nothing else. And holes
    that one block fits are filled: MicroPython begins each search behind the first free
    block, and would look through all that lives for each hash.
    """

    def __enter__(self):
        self._threshold = gc.threshold()
        gc.threshold(-1)
        gc.collect()
        self._filled = None
        try:
            self._filled = _fill()
        except MemoryError:
            pass

    def __exit__(self, *_):
        gc.threshold(self._threshold)


def _fill():
    """Return what fills the heap's small holes: a chain of blocks, to where many lie in a row."""
    chain, last, step, row = None, 0, 0, 0
    for _ in range(_HOLES):
        chain = (chain,)
        place = id(chain)
        row = row + 1 if place - last == step else 0
        if row == _ROW:
            break
        last, step = place, place - last
    return chain


@micropython.viper
def _rounds(inner, outer, result, count: int):
    """Do `count` iterations, and XOR each into `result`.

    `inner` and `outer` are padded keys with room for a digest; the last one lies in `inner`.
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
