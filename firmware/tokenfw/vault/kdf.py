# ruff: noqa: F821  (ptr32 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false, reportIndexIssue=false
"""PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2) with one block of output, in slices.

A slice is short, so that the loop goes on; how many iterations the board does in
a given time is measured, and stored with what they protect. The rounds run in
machine code around the native SHA-256: the XOR costs next to nothing there.
"""

import asyncio
import time
from hashlib import sha256

import micropython
from micropython import const

from otpcore.mac import hmac

ITERATIONS_MIN, ITERATIONS_MAX = 1000, 20000
_SLICE = const(24)  # iterations: about 10 ms on an ESP32 at 240 MHz
_SAMPLE = const(192)  # iterations for a measurement


async def derive(password, salt, iterations):
    """Return 32 bytes from `password` and `salt` (bytes); lets other tasks run meanwhile."""
    key = sha256(password).digest() if len(password) > 64 else password
    key = int.from_bytes(key, "little")
    inner = (key ^ int.from_bytes(b"\x36" * 64, "little")).to_bytes(64, "little")
    outer = (key ^ int.from_bytes(b"\x5c" * 64, "little")).to_bytes(64, "little")
    last = hmac("SHA256", password, salt + b"\0\0\0\1")
    result = bytearray(last)
    left = iterations - 1
    while left > 0:
        count = min(left, _SLICE)
        last = _rounds(inner, outer, last, result, count)
        left -= count
        await asyncio.sleep_ms(0)
    return bytes(result)


def calibrate(duration_ms):
    """Return how many iterations take about `duration_ms` here, within the limits."""
    started = time.ticks_ms()
    _rounds(bytes(64), bytes(64), bytes(32), bytearray(32), _SAMPLE)
    elapsed = time.ticks_diff(time.ticks_ms(), started)
    if elapsed <= 0:
        return ITERATIONS_MAX
    return min(max(ITERATIONS_MIN, _SAMPLE * duration_ms // elapsed), ITERATIONS_MAX)


@micropython.viper
def _rounds(inner, outer, last, result, count: int):
    """Do `count` iterations from `last`, XOR each into `result` (bytearray), return the last."""
    new = sha256
    words = ptr32(result)
    for _ in range(count):
        last = new(outer + new(inner + last).digest()).digest()
        other = ptr32(last)
        for i in range(8):
            words[i] = words[i] ^ other[i]
    return last
