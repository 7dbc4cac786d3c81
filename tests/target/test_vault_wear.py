# heap: 2M
"""How the flash wears: the sectors share the erases. Runs on MicroPython."""

import unittest

from norflash import NorFlash
from vaults import clock, closed, hotp, long, power_up, request, run

SECTORS = 12
PIN = "271828"


class CountedFlash(NorFlash):
    """A flash whose `wear` is a list of the erases of each sector."""

    def __init__(self, sectors):
        super().__init__(sectors)
        self.wear = [0] * sectors

    def erase(self, sector):
        super().erase(sector)
        self.wear[sector] += 1


class WearTest(unittest.TestCase):
    # So many advances, after which each sector was erased at least so often, and the one that was
    # erased most not so many times as often as any. More: test_vault_wear_more.py.
    WEARING, LEAST, SPREAD = 4000, 8, 4

    def setUp(self):
        self.flash = CountedFlash(SECTORS)

    def test_wear_is_spread(self):
        """Counters that advance and accounts that never change share the sectors' erases."""
        vault = power_up(self.flash)
        vault.add(request(1), hotp(1))
        for number in range(2, 40):
            vault.add(request(number), long(number))
        for _ in range(self.WEARING):
            vault.advance(1)
        wear = self.flash.wear[2:]
        self.assertGreaterEqual(min(wear), self.LEAST)
        self.assertLess(max(wear), self.SPREAD * min(wear))
        vault = power_up(self.flash)
        self.assertEqual((vault.get(1).counter, vault.count()), (self.WEARING, 39))
        self.assertEqual((vault.damaged(), vault.changed()), (0, False))

    def test_a_locked_vault_spreads_wear_too(self):
        vault = power_up(self.flash)
        for number in range(1, 30):
            vault.add(request(number), long(number))
        run(vault.set_pin(PIN))
        vault = closed(self.flash)
        run(vault.start())
        before = list(self.flash.wear)
        for mark in range(2500):
            vault.set_setting("mark", mark)
        wear = [now - then for now, then in zip(self.flash.wear, before)]
        self.assertLess(max(wear), 30)  # of 100,000; the sealed sectors stay where they are
        clock.now += 1800000
        vault = power_up(self.flash, PIN)
        self.assertEqual((vault.count(), vault.setting("mark")), (29, 2499))
