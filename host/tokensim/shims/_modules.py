"""Puts the stand-ins in the place of the built-in modules, for what is imported after."""

import _json
import gc
import hashlib
import io
import select
import sys
import time

import _errno
import _framebuf
import _hashing
import _heap
import _micropython
import _os
import _sys
import _tasks
import esp32
import machine
import network
from _simulator import call
from _strict import module, not_simulated, stand_in

_ABSENT = "bluetooth dht esp espnow neopixel ntptime onewire upysh"  # that the firmware never uses
_absent = module("", {})


class _Collector:
    """Says after each collection how much lives: of all that is loaded, once that is at rest."""

    def __init__(self):
        self._rests = False

    def collect(self):
        """Collect; of which the board returns nothing."""
        self._rests = True
        gc.collect()
        call(b"G", (gc.mem_alloc() - _heap.lessened).to_bytes(4, "little"))

    def loaded(self):
        """Something was loaded, and as much memory may never have been in use before."""
        if self._rests:
            self.collect()


def _hashes():
    return {name: _hashing.slow(getattr(hashlib, name)) for name in ("sha1", "sha256")}


class _Threshold:
    """After how many bytes the heap is collected, as the firmware has it, which counts a board's.

    Here words are twice as wide, and the stand-ins leave as much again: with the board's number
    more than half of all computing is collecting.
    """

    def __init__(self):
        self._bytes = -1

    def set(self, *number):
        """Set it, or return it."""
        if not number:
            return self._bytes
        self._bytes = number[0]
        gc.threshold(self._bytes if self._bytes < 0 else 4 * self._bytes)
        return None


def install(stack):
    """Do so, once, with the Stack that they are on.

    They are not in sys.modules, as built-in modules are not on the board: there it is empty.
    """
    collector = _Collector()
    modules = {
        "_asyncio": _tasks,  # in place of asyncio's own, which read the computer's clock
        "errno": _errno.MODULE,
        "esp32": esp32.MODULE,
        "framebuf": _framebuf.MODULE,
        "gc": stand_in(gc, {"collect": collector.collect, "threshold": _Threshold().set}),
        "hashlib": stand_in(hashlib, _hashes()),
        "io": stand_in(io, {"BufferedWriter": not_simulated}),
        "json": _json.MODULE,
        "machine": machine.MODULE,
        "micropython": _micropython.make(stack),
        "network": network.MODULE,
        "os": _os.MODULE,
        "select": select.MODULE,
        "sys": _sys.make(),
        "time": time.MODULE,
    }
    for name in _ABSENT.split():
        modules[name] = _absent
    network.heap = _heap
    stack.import_from(modules, collector.loaded)
    __import__("_scheduler")  # it needs them
    for name in list(sys.modules):
        if name.split(".")[0] != "asyncio":
            del sys.modules[name]
