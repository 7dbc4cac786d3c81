# heap: 6M
"""The power goes in every flash operation of a restore, and of one that is given up.

After it the vault has the accounts before or after the whole restore, and goes on (which a third of
the cuts try). Runs on MicroPython. Torn in more ways, and with the power-ups after it cut, too:
`make torture`.
"""

import unittest

import scenarios


class RestoreCutTest(unittest.TestCase):
    def test_every_operation(self):
        for scenario in scenarios.restores()[:3]:
            self.assertGreater(scenario.run(nested=0, used=3), 20, scenario.name)
