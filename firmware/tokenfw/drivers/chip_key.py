"""The HMAC peripheral of the ESP32-S2, -S3 and -C3, and the key in an eFuse block behind it.

Software can have HMAC-SHA-256 under that key, and never the key: a result binds what it
protects to this chip. From Espressif's technical reference manuals, "HMAC Accelerator" and
"eFuse Controller". What is asked of the module before it is believed is in usable(): much of
what can be wrong with it says nothing, and gives a result all the same.

The registers are handed in (machine.mem32, or what stands for it), and so is the burst, which
is machine code (hmac_burst.py). Nothing may hash between switching the module on and the end
of a burst: ESP-IDF's hash puts the SHA engine into reset when it is done. So each burst begins
with switching on, and interrupts are off meanwhile, for at most 3 ms.
"""

from micropython import const

_HMAC = 0x6003E000  # in all three
_REGISTERS = {  # chip: clocks, resets, eFuses
    "esp32c3": (0x600C0014, 0x600C001C, 0x60008800),
    "esp32s3": (0x600C001C, 0x600C0024, 0x60007000),
    "esp32s2": (0x3F4C0044, 0x3F4C004C, 0x3F41A000),
}
_SHA, _DS, _MODULE = const(1 << 2), const(1 << 4), const(1 << 5)  # bits of clocks and resets

# From the eFuses' base: the read protection, the purposes, the blocks of the keys.
_RD_DIS, _PURPOSES, _BLOCKS = const(0x30), const(0x34), const(0x9C)
_KEYS = const(6)
_UP = const(8)  # the purpose of a key whose results software may read
_DOWN = const(7)  # another one, which the module must refuse for that key

# From the module's base.
_START, _PURPOSE, _KEY, _PARAMETERS = const(0x40), const(0x44), const(0x48), const(0x4C)
_ERROR, _BUSY = const(0x68), const(0x6C)

_PATIENCE = const(2000)  # looks at BUSY in one HMAC: 0.1 ms at the least, where one takes 6 us
SLICE = const(400)  # HMACs with interrupts off: some 2.3 ms (92 instructions each)
ANSWER_MAX = const(55)  # bytes of a message that is one block with its padding

# What usable() asks for, and what a block of zeros and the published test key answer.
_PROBES = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
_KNOWN = (
    # HMAC-SHA-256 of the first probe under 32 zeros, and under TEST_KEY
    b"\xd8\xdf\xfc\x49\xdd\x01\x80\xda\x85\xda\x61\x01\x74\xb9\xf5\xa9"
    b"\x17\x98\x86\x7b\xcf\x19\x0b\x1b\x46\xa5\x66\x4b\x0b\x57\xcb\x51",
    b"\x57\x76\x3d\x64\xc9\x2c\x8b\x8c\xba\x63\x41\xfb\xa6\xee\x4a\xcf"
    b"\xe7\x75\x30\x5c\x76\xcf\xcd\x0a\xdc\x5f\x43\x92\x48\x0e\xde\x6b",
)
TEST_KEY = bytes(range(0xE0, 0x100))  # published: what an examined board holds, and no other

# Why a chip's key is not used.
ABSENT, NO_KEY, READABLE = "absent", "no key", "readable"
NO_ANSWER, NO_SECRET, NO_FUNCTION = "no answer", "no secret", "no function"


class ChipKeyFault(Exception):
    """The module did not answer, or not as one that works."""


class ChipKey:
    """`registers` are read and written by their addresses, as unsigned words.

    `burst(address, block, key, count, patience)` is hmac_burst.burst. `chip` is its name in
    lower case ("esp32c3"); `disable_irq` and `enable_irq` are machine's.
    """

    def __init__(self, registers, burst, chip, disable_irq, enable_irq):
        self._registers = registers
        self._burst = burst
        self._clocks, self._resets, self._efuses = _REGISTERS.get(chip, (0, 0, 0))
        self._disable_irq = disable_irq
        self._enable_irq = enable_irq
        self._key = None

    def usable(self):
        """Return None, or why this chip has no key that may be relied on (ABSENT, …)."""
        if not self._efuses:
            return ABSENT
        key = self._find()
        if key is None:
            return NO_KEY
        if not self._is_hidden(key):
            return READABLE
        self._key = key
        try:
            answers = [self.answer(each) for each in _PROBES]
        except ChipKeyFault:
            return NO_ANSWER
        if not self._refuses_another_purpose():
            return NO_ANSWER
        if answers[0] == answers[1]:
            return NO_FUNCTION
        return NO_SECRET if answers[0] in _KNOWN else None

    def answer(self, message):
        """Return the HMAC (32 bytes) of up to ANSWER_MAX bytes; raise ChipKeyFault.

        usable() has returned None before.
        """
        block = _padded(message)
        self._run(block, 1)
        return bytes(block[:32])

    def chain(self, message, count):
        """Have HMAC follow on HMAC, `count` in all, in slices: a generator.

        `message` are 32 bytes. The last one yielded is the result (32 bytes), all before are
        None, and others have their turn meanwhile. Raises ChipKeyFault.
        """
        block = _padded(message)
        while count > SLICE:
            self._run(block, SLICE)
            count -= SLICE
            yield None
        self._run(block, count)
        yield bytes(block[:32])

    def _run(self, block, count):
        """Replace the first 32 bytes of a block by the last of so many HMACs."""
        state = self._disable_irq()
        try:
            self._switch_on()
            made = self._burst(_HMAC, block, self._key, count, _PATIENCE)
        finally:
            self._enable_irq(state)
        if made != count or not any(block[:32]):  # a module without its clock says zeros
            raise ChipKeyFault

    def _switch_on(self):
        """Give the module and the SHA engine their clocks, and take them out of reset.

        The digital signature module, while in reset, holds the SHA engine in it, too.
        """
        clocks, resets = self._clocks, self._resets
        registers = self._registers
        registers[clocks] |= _SHA | _MODULE
        registers[resets] &= 0xFFFFFFFF ^ (_SHA | _DS | _MODULE)
        on = registers[clocks] & (_SHA | _MODULE) == _SHA | _MODULE
        if not on or registers[resets] & (_SHA | _DS | _MODULE):
            raise ChipKeyFault

    def _find(self):
        """Return the number of the first block that is burnt for this purpose, or None."""
        at = self._efuses + _PURPOSES
        purposes = self._registers[at] >> 24 | self._registers[at + 4] << 8
        for key in range(_KEYS):
            if purposes >> 4 * key & 15 == _UP:
                return key
        return None

    def _is_hidden(self, key):
        """Return whether software cannot read a block: the protection is burnt, and it is so."""
        at = self._efuses
        if not self._registers[at + _RD_DIS] >> key & 1:
            return False
        block = at + _BLOCKS + 32 * key
        return not any([self._registers[block + 4 * each] for each in range(8)])

    def _refuses_another_purpose(self):
        """Return whether the module refuses this key for what it was not burnt for: it answers."""
        state = self._disable_irq()
        try:
            self._switch_on()
            registers = self._registers
            registers[_HMAC + _START] = 1
            registers[_HMAC + _PURPOSE] = _DOWN
            registers[_HMAC + _KEY] = self._key
            registers[_HMAC + _PARAMETERS] = 1
            for _ in range(_PATIENCE):
                if not registers[_HMAC + _BUSY]:
                    return registers[_HMAC + _ERROR] == 1
            return False
        except ChipKeyFault:
            return False
        finally:
            self._enable_irq(state)


def _padded(message):
    """Return the one block (bytearray, 64 bytes) of a message: FIPS 180-4, section 5.1.1.

    The length counts the block of the key that the module puts in front.
    """
    if len(message) > ANSWER_MAX:
        raise ValueError
    block = bytearray(64)
    block[: len(message)] = message
    block[len(message)] = 0x80
    bits = (64 + len(message)) * 8
    block[62], block[63] = bits >> 8, bits & 255
    return block
