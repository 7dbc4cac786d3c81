# heap: 4M
"""Bits and bytes of a vault changed: one anywhere, two in the headers.

All is there, or it is said. Of each stretch of the flash in which nothing is written one bit is
tried, another one each time: the others would be the same case; and of two bits each pair of
places in a header is tried in one of the sectors.
"""

import unittest

from judging import SAID, WHOLE, chosen, judge, look, tally
from norflash import NorFlash, PowerCut
from restores import backup_of, interrupted
from scenarios import OTHER, PIN, about_to_compact, advance, image, several
from vaults import hotp, power_up, run, totp

SECTOR = NorFlash.SECTOR
SECTORS = 6
_EVERY = 97  # of the pairs of bits in two blocks, which are a million
_STRETCH = 16  # bytes
_HALF = 19  # of the 38 operations of a change of the PIN


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


def pair(number, places):
    """Return two places: a different pair for each number below places * (places - 1) / 2."""
    distance, one = number // places + 1, number % places
    return one, (one + distance) % places


class BitTest(unittest.TestCase):
    def attack(self, name, memory, pins, count, change, opens=False, sealed=False):
        """Apply changes and judge what is left: change(n) of `count` is one.

        It is ((address, mask of bits to flip), …). With `opens` the vault must open; with `sealed`
        settings may be lost unsaid.
        """
        memory = bytearray(memory)
        before, _, said = look(NorFlash(len(memory) // SECTOR, memory), pins)
        self.assertFalse(said)
        counts = {WHOLE: 0, SAID: 0}
        for number in chosen(count):
            flips = change(number)
            for address, mask in flips:
                memory[address] ^= mask
            try:
                counts[judge(memory, before, pins, sealed, (), opens)] += 1
            except Exception as error:
                raise AssertionError("%s: %r" % ([(hex(a), hex(m)) for a, m in flips], error))
            for address, mask in flips:
                memory[address] ^= mask
        tally(name, counts, count)
        return counts

    def one_bit(self, name, memory, pins, bits, sealed=False):
        def change(number):
            return ((bits[number] // 8, 1 << bits[number] % 8),)

        self.attack(name, memory, pins, len(bits), change, True, sealed)

    def test_one_bit(self):
        memory = image(several, sectors=SECTORS)
        self.one_bit("one bit", memory, (), bits_of(memory))

    def test_one_bit_of_the_key_sectors_with_a_pin(self):
        memory = image(several, PIN, sectors=SECTORS)
        bits = bits_of(memory, 2 * SECTOR)
        self.one_bit("one bit of the key sectors, PIN", memory, (PIN,), bits)

    def test_one_bit_while_a_restore_is_committed(self):
        """The settings, which are not sealed, are written by the restore itself."""
        parts = backup_of(totp(1), hotp(6, 50), totp(90), totp(91))
        for purpose in ("merge", "replace"):
            memory = bytes(interrupted(image(several, PIN), PIN, parts, purpose).memory)
            bits = bits_of(memory)
            self.one_bit("one bit of a restore, " + purpose, memory, (PIN,), bits, True)

    def test_one_bit_while_the_pin_is_changed(self):
        """About half of the records are sealed under the new key."""
        flash = NorFlash(SECTORS, image(several, PIN, sectors=SECTORS))
        vault = power_up(flash, PIN)
        flash.cut_after(_HALF, False)
        with self.assertRaises(PowerCut):
            run(vault.set_pin(OTHER))
        flash.power_on()
        memory = bytes(flash.memory)
        self.one_bit("one bit, the PIN changes", memory, (OTHER, PIN), bits_of(memory), True)

    def test_one_written_byte(self):
        masks = (0xFF, 0x0F, 0xF0, 0x55, 0xAA, 0x81)
        for pin in (None, PIN):
            memory = image(several, pin, sectors=SECTORS)
            written = [at for at in range(len(memory)) if memory[at] not in (0, 0xFF)]

            def change(number, written=written):
                return ((written[number // len(masks)], masks[number % len(masks)]),)

            name = "one byte" + (", PIN" if pin else "")
            self.attack(name, memory, (PIN,), len(masks) * len(written), change)

    def two_header_bits(self, name, memory, source=None):
        sectors = headers(memory, source)
        self.assertTrue(sectors)
        places = len(sectors[0])

        def change(number):
            bits = sectors[number % len(sectors)]
            return tuple([(bits[n] // 8, 1 << bits[n] % 8) for n in pair(number, places)])

        self.attack(name, memory, (), places * (places - 1) // 2, change)

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

        def change(number):
            one, other = _EVERY * number // bits, _EVERY * number % bits
            return (
                (start + one // 8, 1 << one % 8),
                (start + 1024 + other // 8, 1 << other % 8),
            )

        counts = self.attack(
            "a bit in each block of keys", memory, (PIN,), bits * bits // _EVERY, change
        )
        self.assertEqual(counts[SAID], 0)  # docs/vault-format.md: one wrong bit each is set right
