# heap: 6M
"""The power goes in every flash operation of a clone, at the token that gives and at the other one.

After it the taker has the accounts before or after the whole clone, the giver has its own, and
each goes on (which a third of the cuts try). Runs on MicroPython. Torn in more ways, and with the
power-ups after it cut, too: `make torture`.
"""

import unittest

import scenarios
from norflash import PowerCut
from restores import give
from vaults import power_up, run


class CloneCutTest(unittest.TestCase):
    def test_every_operation(self):
        for scenario in scenarios.clones():
            least = 1 if "given" in scenario.name else 10
            self.assertGreaterEqual(scenario.run(nested=0, used=3), least, scenario.name)

    def test_a_giver_knows_of_it_once_anything_has_left(self):
        for scenario in scenarios.clones()[:2]:
            number, over = 0, False
            while not over:
                number += 1
                flash, left = scenario.flash(), []
                vault = scenario.power_up(flash)
                flash.cut_after(number, False)
                try:
                    run(give(vault, left=left))
                    over = True
                except PowerCut:
                    pass
                vault = power_up(type(flash)(flash.sectors, flash.memory), *scenario.pins)
                self.assertTrue(vault.unseen or not left, scenario.name)
                if over:
                    self.assertTrue(left and vault.unseen and vault.backups().state.clone)
            self.assertGreater(number, 1)
