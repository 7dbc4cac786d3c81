# heap: 400K
"""A new code costs 400 bytes on the bus at most: each letter after each other one.

Some of them: test_screens.py. Runs on MicroPython.
"""

import test_screens


class _All:
    def pairs(self, letters):
        return [(old, new) for old in letters for new in letters]


class AllNewCodesTest(_All, test_screens.NewCodeTest):
    pass


class LowAllNewCodesTest(_All, test_screens.LowNewCodeTest):
    pass


class OtherAllNewCodesTest(_All, test_screens.OtherNewCodeTest):
    pass
