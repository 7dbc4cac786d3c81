"""The HMAC peripheral of the ESP32-S2, -S3 and -C3, and the key in an eFuse block behind it.

Software can have HMAC-SHA-256 under that key, and never the key: a result binds what it
protects to this chip. From Espressif's technical reference manuals, "HMAC Accelerator" and
"eFuse Controller". Much of what can be wrong with the module says nothing, and gives a result
all the same: chip_key_checks.py has what is asked of it before a key is relied on.

The registers are handed in (machine.mem32, or what stands for it), and so is the burst, which
is machine code (hmac_burst.py), and None on a chip without the module. Nothing may hash between
switching the module on and the end of a burst: ESP-IDF's hash puts the SHA engine into reset
when it is done. So each burst begins with switching on, and interrupts are off meanwhile: keep
bursts under 3 ms. Little is allocated then: the collector would take longer.
"""

from micropython import const

REGISTERS = {  # chip: clocks, eFuses; the resets are two words behind the clocks
    "esp32c3": (0x600C0014, 0x60008800),
    "esp32s3": (0x600C001C, 0x60007000),
    "esp32s2": (0x3F4C0044, 0x3F41A000),
}
_SHA, _DS, _MODULE = const(1 << 2), const(1 << 4), const(1 << 5)  # bits of clocks and resets

_PATIENCE = const(2000)  # looks at BUSY in one HMAC: 0.1 ms at the least, where one takes 6 us
_SLICE = const(400)  # HMACs with interrupts off: some 2.3 ms (92 instructions each)
_ANSWER_MAX = const(55)  # bytes of a message that is one block with its padding


class ChipKey:
    """`registers` are read and written by their addresses, read as signed words: machine.mem32.

    `burst(address, block, key, count, patience)` is hmac_burst.burst. `chip` is its name in
    lower case ("esp32c3"); `efuses` is 0 of one without the module. `disable_irq` and
    `enable_irq` are machine's. `clocks` and `resets` are the addresses of those. `key` is the
    number of the eFuse block, 0 to 5. `slice` is how many HMACs may be made at once.
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
        """Return the last (32 bytes) of `count` HMACs, up to `slice`: each is of the one before.

        The first is of `message`: 32 bytes, or up to 55 for one alone. Raises OSError when the
        module does not answer, or not as one that works.
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
        if missing or not any(result):  # a module without its clock says zeros
            raise OSError
        return result

    def switch_on(self):
        """Give the module and the SHA engine their clocks, and take them out of reset.

        The digital signature module, while in reset, holds the SHA engine in it, too.
        Raises OSError when they are not on after that.
        """
        clocks, resets, registers = self.clocks, self.resets, self.registers
        registers[clocks] |= _SHA | _MODULE
        registers[resets] |= _MODULE  # whatever it was in the midst of
        registers[resets] &= ~(_SHA | _DS | _MODULE)  # no mask of 32 bits: that takes memory
        on = registers[clocks] & (_SHA | _MODULE) == _SHA | _MODULE
        if not on or registers[resets] & (_SHA | _DS | _MODULE):
            raise OSError


def _padded(message):
    """Return the one block (bytearray, 64 bytes) of a message: FIPS 180-4, section 5.1.1.

    The length counts the block of the key that the module puts in front.
    """
    if len(message) > _ANSWER_MAX:
        raise ValueError
    block = bytearray(64)
    block[: len(message)] = message
    block[len(message)] = 0x80
    bits = (64 + len(message)) * 8
    block[62], block[63] = bits >> 8, bits & 255
    return block
