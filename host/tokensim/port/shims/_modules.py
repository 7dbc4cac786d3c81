"""Replaces the built-in modules by stand-ins, for all imports that follow."""

import _json
import builtins
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
import _serial
import _sys
import _tasks
import esp32
import machine
import network
from _simulator import call, is_quiet
from _strict import module, not_simulated, stand_in

_ABSENT = "bluetooth dht esp espnow neopixel ntptime onewire upysh"  # never used by the firmware
_absent = module("", {})
_WIDE = sys.maxsize >> 32  # words of 64 bits


class _Collector:
    """Reports to the simulator how much memory is live: after collections, and after loading.

    The simulator answers how much has to be live for that to change anything. While less is in
    use a collection waits until somebody looks at how much memory is free, or more is in use.
    """

    def __init__(self):
        self._rests = False
        self._matters = 0  # bytes
        self._owes = False

    def collect(self):
        """Collect garbage; returns None, as on the board."""
        self._rests = True
        if _WIDE and is_quiet() and gc.mem_alloc() - _heap.lessened <= self._matters:
            self._owes = True
        else:
            self._collect()

    def loaded(self):
        """Report live memory after something was loaded, if it may be more than ever before."""
        if not self._rests:
            return
        if not _WIDE or gc.mem_alloc() - _heap.lessened > self._matters:  # which takes long
            self._collect()

    def mem_alloc(self):
        """Return the bytes in use."""
        self._settle()
        return gc.mem_alloc()

    def mem_free(self):
        """Return the bytes that are free."""
        self._settle()
        return gc.mem_free()

    def _settle(self):
        if self._owes:
            self._owes = False
            gc.collect()

    def _collect(self):
        self._owes = False
        gc.collect()
        answer = call(b"G", (gc.mem_alloc() - _heap.lessened).to_bytes(4, "little"))
        self._matters = int.from_bytes(answer, "little")


def _hashes():
    return {name: _hashing.slow(getattr(hashlib, name)) for name in ("sha1", "sha256")}


def _collecting(collector):
    """Return what stands in for functions of gc."""
    return {
        "collect": collector.collect,
        "mem_alloc": collector.mem_alloc,
        "mem_free": collector.mem_free,
        "threshold": _Threshold().set,
    }


class _Threshold:
    """gc.threshold() in bytes of a board, as the firmware sets it; a larger value is used here.

    With wide words and what the stand-ins allocate, half of the time would be spent on garbage
    collections with the board's value. Without any, long-lived objects would come to lie all over
    the heap. With narrow words a run is for where pieces lie, and that depends on how much garbage
    there is between two collections. There the stand-ins allocate up to 1.0 bytes for each of the
    firmware's: as many again are allowed for.
    """

    def __init__(self):
        self._bytes = -1

    def set(self, *number):
        """Set the threshold, or return it."""
        if not number:
            return self._bytes
        self._bytes = number[0]
        gc.threshold(self._bytes if self._bytes < 0 else (8 if _WIDE else 2) * self._bytes)
        return None


def install(stack):
    """Install the stand-ins, once, with the Stack in use.

    They are not in sys.modules, which is empty on the board too: built-in modules are not in it.
    Return what adds those that depend on the board, to be called once requests can be sent.
    """
    collector = _Collector()
    modules = {
        "_asyncio": _tasks,  # instead of the built-in one, which reads the computer's clock
        "errno": _errno.MODULE,
        "framebuf": _framebuf.MODULE,
        "gc": stand_in(gc, _collecting(collector)),
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
    builtins.print = _serial.printing()
    stack.import_from(modules, collector.loaded)
    __import__("_scheduler")  # which imports them
    for name in list(sys.modules):
        if name.split(".")[0] != "asyncio":
            del sys.modules[name]

    def find_board():
        modules["esp32"] = esp32.of_this_board()

    return find_board
