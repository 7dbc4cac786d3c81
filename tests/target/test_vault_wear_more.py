# heap: 2M
"""How the flash wears over a long time: as in test_vault_wear.py. Runs on MicroPython."""

import test_vault_wear


class LongWearTest(test_vault_wear.WearTest):
    WEARING, LEAST, SPREAD = 8000, 16, 3
