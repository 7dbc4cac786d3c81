"""Stands in for `gc` in what is imported after: collects less often, as the heap is larger.

The firmware says after how many bytes the heap of a board is collected. Here a heap is up to
thirty times as large, and so is what each collection goes through. In a LARGE one a collection
that is asked for waits until _OFTEN bytes were allocated, or somebody asks how much is free.
"""

import gc
import sys

_BOARD = 100 * 1024  # bytes: the factor is 4 where words are twice as wide, as in tokensim
_SIZE = gc.mem_alloc() + gc.mem_free()
LARGE = _SIZE > 1024 * 1024  # larger than any test of memory asks for: it holds flash in RAM
_OFTEN = 1024 * 1024  # bytes: what stays then lies together, and leaves room for flash


class _Collector:
    """Has what the firmware and its tests use of `gc`."""

    def __init__(self):
        self._bytes = -1
        if not LARGE:
            self.collect, self.mem_alloc, self.mem_free = gc.collect, gc.mem_alloc, gc.mem_free

    def collect(self):
        pass

    def mem_alloc(self):
        gc.collect()
        return gc.mem_alloc()

    def mem_free(self):
        gc.collect()
        return gc.mem_free()

    def threshold(self, *number):
        """Set it, or return it."""
        if not number:
            return self._bytes
        self._bytes = number[0]
        if not LARGE:
            factor = max(1, _SIZE // _BOARD)
            gc.threshold(self._bytes if self._bytes < 0 else factor * self._bytes)
        return None


if LARGE:
    gc.threshold(_OFTEN)
sys.modules["gc"] = _Collector()
