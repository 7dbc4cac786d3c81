# heap: 3M
"""Memory is short at each operation on flash of a restore: as in test_restore_memory.py, all.

Runs on MicroPython.
"""

import test_restore_memory


class MoreMemoryTest(test_restore_memory.MemoryTest):
    FIRST = (("merge", 0), ("replace", 0))
    STEPS = ((0, 1), (5, 3), (12, 7))
