# heap: 4M
"""Bits and bytes of a vault changed: one anywhere, two in the headers.

All is there, or it is said. Of each stretch of the flash in which nothing is written one bit is
tried, another one each time: the others would be the same case; and of two bits each pair of
places in a header is tried in one of the sectors.
"""

import unittest

from judging import SAID, WHOLE, chosen, judge, look, tally
from norflash import NorFlash
from scenarios import PIN, about_to_compact, advance, image, several
from vaults import power_up

SECTOR = NorFlash.SECTOR
SECTORS = 6
_EVERY = 97  # of the pairs of bits in two blocks, which are a million
_STRETCH = 16  # bytes


def bits_of(memory, end=None):
    """Return the numbers of the bits to flip: see above; those before byte `end`."""
    found = []
    for start in range(0, end or len(memory), _STRETCH):
        first = 8 * start
        if memory[start : start + _STRETCH] == b"\xff" * _STRETCH:
            found.append(first + start // _STRETCH * 37 % (8 * _STRETCH))
        else:
            found += range(first, first + 8 * _STRETCH)
    return found


def headers(memory, source=None):
    """Return the numbers of the bits of all headers of sectors in use, sector by sector.

    With `source`, of those only that took over another sector.
    """
    found = []
    for sector in range(2, len(memory) // SECTOR):
        start = sector * SECTOR
        taken = memory[start + 12 : start + 16] != bytes(4)
        if memory[start] != 0xFF and (taken or not source):
            places = list(range(start, start + 28)) + list(
                range(start + SECTOR - 16, start + SECTOR)
            )
            found.append([8 * place + bit for place in places for bit in range(8)])
    return found


class BitTest(unittest.TestCase):
    def attack(self, name, memory, pins, changes):
        """Apply each of `changes`, ((address, mask of bits to flip), …), and judge what is left."""
        memory = bytearray(memory)
        before, _, said = look(NorFlash(len(memory) // SECTOR, memory), pins)
        self.assertFalse(said)
        counts = {WHOLE: 0, SAID: 0}
        for change in changes:
            for address, mask in change:
                memory[address] ^= mask
            try:
                counts[judge(memory, before, pins)] += 1
            except Exception as error:
                raise AssertionError("%s: %r" % ([(hex(a), hex(m)) for a, m in change], error))
            for address, mask in change:
                memory[address] ^= mask
        tally(name, counts)
        return counts

    def test_one_bit(self):
        memory = image(several, sectors=SECTORS)
        self.attack("one bit", memory, (), self.flips(bits_of(memory)))

    def test_one_bit_of_the_key_sectors_with_a_pin(self):
        memory = image(several, PIN, sectors=SECTORS)
        changes = self.flips(bits_of(memory, 2 * SECTOR))
        self.attack("one bit of the key sectors, PIN", memory, (PIN,), changes)

    def flips(self, bits):
        """Yield the changes of one of these bits each."""
        for number in chosen(len(bits)):
            yield ((bits[number] // 8, 1 << bits[number] % 8),)

    def test_one_written_byte(self):
        for pin in (None, PIN):
            memory = image(several, pin, sectors=SECTORS)
            written = [at for at in range(len(memory)) if memory[at] not in (0, 0xFF)]
            masks = (0xFF, 0x0F, 0xF0, 0x55, 0xAA, 0x81)
            changes = (
                ((written[n // len(masks)], masks[n % len(masks)]),)
                for n in chosen(len(masks) * len(written))
            )
            self.attack("one byte" + (", PIN" if pin else ""), memory, (PIN,), changes)

    def two_header_bits(self, name, memory, source=None):
        sectors = headers(memory, source)
        self.assertTrue(sectors)
        places = len(sectors[0])
        pairs = [(one, other) for one in range(places) for other in range(one)]

        def changes():
            for number in chosen(len(pairs)):
                bits = sectors[number % len(sectors)]
                yield tuple([(bits[n] // 8, 1 << bits[n] % 8) for n in pairs[number]])

        self.attack(name, memory, (), changes())

    def test_two_bits_of_the_headers_of_a_sector(self):
        self.two_header_bits("two bits of headers", image(several, sectors=SECTORS))

    def test_two_bits_of_the_headers_after_a_takeover(self):
        flash = NorFlash(8, about_to_compact(advance))
        advance(power_up(flash))
        self.two_header_bits("two bits of headers, taken over", bytes(flash.memory), True)

    def test_a_bit_in_each_block_of_keys(self):
        memory = image(several, PIN, sectors=SECTORS)
        start = 0 if memory[0] != 0xFF else SECTOR
        bits = 8 * 144
        changes = (
            (
                (start + n // bits // 8, 1 << n // bits % 8),
                (start + 1024 + n % bits // 8, 1 << n % 8),
            )
            for n in (_EVERY * each for each in chosen(bits * bits // _EVERY))
        )
        counts = self.attack("a bit in each block of keys", memory, (PIN,), changes)
        self.assertEqual(counts[SAID], 0)  # docs/vault-format.md: one wrong bit each is set right
