# heap: 6M
"""The power goes when one bit of a header is missing, or removed: test_vault_cuts_headers.py, more.

Each header is torn in several ways, at more scenarios. Runs on MicroPython.
"""

import scenarios
import test_vault_cuts_headers


class MoreHeaderTest(test_vault_cuts_headers.HeaderTest):
    def test_accounts_and_settings(self):
        self.cut(scenarios.accounts(), 4, nested=1, used=1)

    def test_compaction(self):
        self.cut(scenarios.compactions(), 2, nested=1, used=1)

    def test_restore(self):
        self.cut(scenarios.restores(), 1, nested=1, used=1)
