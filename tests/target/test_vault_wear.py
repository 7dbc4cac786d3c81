# heap: 400K
"""How the flash wears over a long time: as in test_vault_thousand.py. Runs on MicroPython."""

import test_vault_thousand


class WearTest(test_vault_thousand.ThousandTest):
    WEARING, LEAST, SPREAD = 8000, 16, 3
