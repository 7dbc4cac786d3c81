# heap: 6M
"""The power goes in every flash operation of what makes, locks, unlocks and wipes a vault.

After it the vault opens with the PIN before or after the change, never with both or
none. Runs on MicroPython.
"""

import unittest

import scenarios


class PowerCutTest(unittest.TestCase):
    def test_pins(self):
        for scenario in scenarios.pins():
            self.assertGreater(scenario.run(), 1, scenario.name)
