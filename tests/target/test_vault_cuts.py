# heap: 6M
"""The power goes in every flash operation of the changes to accounts and settings.

After it the vault has the content before or after the change, and goes on (which a third of the
cuts try). Runs on MicroPython. The same cuts, torn in more ways and with all of them cut again:
`make torture`.
"""

import unittest

import scenarios


class PowerCutTest(unittest.TestCase):
    def cut(self, group, least):
        cuts = 0
        for scenario in group:
            count = scenario.run(used=3)
            self.assertGreater(count, 1, scenario.name)
            cuts += count
        self.assertGreaterEqual(cuts, least)

    def test_accounts_and_settings(self):
        self.cut(scenarios.accounts(), 35)

    def test_compaction(self):
        self.cut(scenarios.compactions(), 25)
