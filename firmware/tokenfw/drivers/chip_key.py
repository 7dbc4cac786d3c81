"""The HMAC peripheral of the ESP32-S2, -S3 and -C3, and the key in an eFuse block behind it.

Software can compute HMAC-SHA-256 under that key, but never read the key: a result binds what it
protects to this chip. From Espressif's technical reference manuals, "HMAC Accelerator" and
"eFuse Controller". Most failures of the module raise no error but give a wrong result:
chip_key_checks.py has the checks that are made before a key is relied on.

The registers (machine.mem32, or a stand-in) are an argument, and so is the burst, machine code of
hmac_burst.py, which is None on a chip without the module. Nothing may hash between switching the
module on and the end of a burst, because ESP-IDF resets the SHA engine after each hash. So each
burst begins with switching on, with interrupts off: keep bursts under 3 ms. Little is allocated
meanwhile: a garbage collection would take longer.
"""

from micropython import const

REGISTERS = {  # chip: clocks, eFuses; the resets are two words after the clocks
    "esp32c3": (0x600C0014, 0x60008800),
    "esp32s3": (0x600C001C, 0x60007000),
    "esp32s2": (0x3F4C0044, 0x3F41A000),
}
_SHA, _DS, _MODULE = const(1 << 2), const(1 << 4), const(1 << 5)  # bits of clocks and resets

_PATIENCE = const(2000)  # polls of BUSY per HMAC: at least 0.1 ms, and an HMAC takes 6 us
_SLICE = const(400)  # HMACs with interrupts off: some 2.3 ms (92 instructions each)
_ANSWER_MAX = const(55)  # bytes of a message that is one block with its padding


class ChipKey:
    """The HMAC module of a `chip` (its name in lower case, "esp32c3") with the key in one block.

    `registers` is machine.mem32: words by address, which may read as signed. `burst(address,
    block, key, count, patience)` is hmac_burst.burst; `disable_irq` and `enable_irq` are
    machine's. `key` is the number of the eFuse block, 0 to 5. `slice` is the largest count of
    HMACs in one chain(). `clocks`, `resets` and `efuses` are register addresses; `efuses` is 0 on
    a chip without the module, and then the others mean nothing.
    """

    def __init__(self, registers, burst, chip, disable_irq, enable_irq, key=0):
        self.registers = registers
        self.base = 0x6003E000  # of the module, in all three
        self.slice = _SLICE
        self._burst = burst
        self.module = _MODULE  # its bit in both
        self.clocks, self.efuses = REGISTERS.get(chip, (0, 0))
        self.resets = self.clocks + 8
        self.disable_irq = disable_irq
        self.enable_irq = enable_irq
        self.key = key

    def answer(self, message):
        """Return the HMAC (32 bytes) of up to 55 bytes; raise OSError."""
        return self.chain(message, 1)

    def chain(self, message, count):
        """Return the last (32 bytes) of `count` HMACs, each of the result of the one before.

        The first is of `message`: 32 bytes, or up to 55 if `count` is 1. `count` is 1 to
        `slice`. Raises OSError if the module does not answer, or not as a working one does.
        """
        if not 1 <= count <= _SLICE or count > 1 and len(message) != 32 or not self.efuses:
            raise OSError
        block = _padded(message)
        state = self.disable_irq()
        try:
            self.switch_on()
            missing = self._burst(self.base, block, self.key, count, _PATIENCE)
        finally:
            self.enable_irq(state)
        result = bytes(block[:32])
        if missing or not any(result):  # a module without its clock reads as zeros
            raise OSError
        return result

    def switch_on(self):
        """Give the module and the SHA engine their clocks, and take them out of reset.

        The digital signature module, while in reset, holds the SHA engine in reset, too.
        Raises OSError if they are not on afterwards.
        """
        clocks, resets, registers = self.clocks, self.resets, self.registers
        registers[clocks] |= _SHA | _MODULE
        registers[resets] |= _MODULE  # ends whatever it was doing
        registers[resets] &= ~(_SHA | _DS | _MODULE)  # a 32-bit mask would be allocated
        on = registers[clocks] & (_SHA | _MODULE) == _SHA | _MODULE
        if not on or registers[resets] & (_SHA | _DS | _MODULE):
            raise OSError


def _padded(message):
    """Return the one block (bytearray, 64 bytes) of a message: FIPS 180-4, section 5.1.1.

    The length includes the block of the key, which the module hashes first.
    """
    if len(message) > _ANSWER_MAX:
        raise ValueError
    block = bytearray(64)
    block[: len(message)] = message
    block[len(message)] = 0x80
    bits = (64 + len(message)) * 8
    block[62], block[63] = bits >> 8, bits & 255
    return block
