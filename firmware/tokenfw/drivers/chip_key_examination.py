"""Examines, on a chip with a known key, what the manuals leave open about the HMAC peripheral.

Nothing that is read leaves this module, only whether it is as expected. The registers are those
of chip_key.py; the SHA engine's hash is from "SHA Accelerator" in Espressif's technical
reference manuals of the ESP32-S2, -S3 and -C3.
"""

import time

from micropython import const

_SHA_H = const(0x6003B040)  # eight words, at this address on all three chips
_START, _PURPOSE, _KEY, _PARAMETERS = const(0x40), const(0x44), const(0x48), const(0x4C)
_ONE, _FINISH, _ERROR, _BUSY = const(0x50), const(0x5C), const(0x68), const(0x6C)
_MESSAGE, _RESULT, _ONE_BLOCK = const(0x80), const(0xC0), const(0xF4)
_UP = const(8)
_PATIENCE = const(50)  # polls of BUSY, at least 0.1 ms each; interrupts are off
_BURSTS = const(20)  # by which the speed is measured

ZEROS, BUSY, OTHER = "zeros", "busy", "other"


class Examination:
    """The examination of a ChipKey. `blocks` in its methods are padded messages of 64 bytes."""

    def __init__(self, chip_key):
        self._chip_key = chip_key
        self._registers = chip_key.registers
        self._seen = set()  # states of the SHA engine that could be read meanwhile

    def shows(self, states):
        """Return whether one of `states` (32 bytes each) was readable in the SHA engine."""
        return any([each in self._seen or _swapped(each) in self._seen for each in states])

    def two_in_a_row(self, blocks, finish):
        """Return a list of the HMACs of `blocks`, without a reset in between.

        Each is ended by writing `finish` to RESULT_FINISH. An HMAC is None if the module did
        not answer.
        """
        state = self._chip_key.disable_irq()
        try:
            self._chip_key.switch_on()
            return [self._hmac(each, finish) for each in blocks]
        finally:
            self._chip_key.enable_irq(state)

    def per_second(self):
        """Return how many HMACs per second the machine code makes."""
        count, key = self._chip_key.slice, self._chip_key
        message = key.chain(bytes(32), count)
        started = time.ticks_us()
        for _ in range(_BURSTS):
            message = key.chain(message, count)
        elapsed = max(time.ticks_diff(time.ticks_us(), started), 1)
        return _BURSTS * count * 1000000 // elapsed

    def without_clock(self):
        """Return how the module reads without its clock: ZEROS, BUSY or OTHER."""
        return self._gated(self._chip_key.clocks, False)

    def in_reset(self):
        """Return how the module reads while it is in reset: ZEROS, BUSY or OTHER."""
        return self._gated(self._chip_key.resets, True)

    def _gated(self, register, on):
        registers, bit = self._registers, self._chip_key.module
        state = self._chip_key.disable_irq()
        try:
            self._chip_key.switch_on()
            before = registers[register]
            registers[register] = before | bit if on else before & ~bit
            base = self._chip_key.base
            busy = registers[base + _BUSY]
            words = [registers[base + _RESULT + 4 * each] for each in range(8)]
            registers[register] = before
        finally:
            self._chip_key.enable_irq(state)
        if busy:
            return BUSY
        return OTHER if any(words) else ZEROS

    def _hmac(self, block, finish):
        registers, base = self._registers, self._chip_key.base
        registers[base + _START] = 1
        registers[base + _PURPOSE] = _UP
        registers[base + _KEY] = self._chip_key.key
        registers[base + _PARAMETERS] = 1
        if not self._wait() or registers[base + _ERROR]:
            return None
        for each in range(16):
            word = int.from_bytes(block[4 * each : 4 * each + 4], "little")
            registers[base + _MESSAGE + 4 * each] = word
        registers[base + _ONE] = 1
        if not self._wait():
            return None
        registers[base + _ONE_BLOCK] = 1
        if not self._wait():
            return None
        result = self._words(base + _RESULT)
        registers[base + _FINISH] = finish
        self._look()
        return result

    def _wait(self):
        """Return whether the module is done in time; note the SHA engine's states meanwhile."""
        for _ in range(_PATIENCE):
            self._look()
            if not self._registers[self._chip_key.base + _BUSY]:
                self._look()
                return True
        return False

    def _look(self):
        self._seen.add(self._words(_SHA_H))

    def _words(self, address):
        """Return the bytes of eight registers, which may read as signed words."""
        words = [self._registers[address + 4 * each] & 0xFFFFFFFF for each in range(8)]
        return b"".join([each.to_bytes(4, "little") for each in words])


def _swapped(state):
    """Return eight words with the bytes of each reversed."""
    return b"".join([bytes(reversed(state[at : at + 4])) for at in range(0, 32, 4)])
