"""Stands in for `gc` in what is imported after: collects less often, as the heap is larger.

The firmware says after how many bytes the heap of a board is collected. Here a heap is up to
thirty times as large, and so is what each collection goes through.
"""

import gc
import sys

_BOARD = 100 * 1024  # bytes: the factor is 4 where words are twice as wide, as in tokensim


class _Collector:
    """Has what the firmware and its tests use of `gc`."""

    def __init__(self):
        self.collect, self.mem_alloc, self.mem_free = gc.collect, gc.mem_alloc, gc.mem_free
        self._bytes = -1
        self._factor = max(1, (gc.mem_alloc() + gc.mem_free()) // _BOARD)

    def threshold(self, *number):
        """Set it, or return it."""
        if not number:
            return self._bytes
        self._bytes = number[0]
        gc.threshold(self._bytes if self._bytes < 0 else self._factor * self._bytes)
        return None


sys.modules["gc"] = _Collector()
