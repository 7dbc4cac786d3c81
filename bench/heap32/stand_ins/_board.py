"""Turns the interpreter into a board's, then runs the firmware's main file on it.

Everything is allocated here before memory is measured for the first time.
"""

import gc
import sys
from array import array

import _bridge
from _simulator import call as _call

_OF_C = "binascii", "framebuf", "json", "struct"
_STAY = "asyncio", "_words", "_plain_"
_KEPT = "_board", "__main__"
_SIZE = 165264  # bytes free at a board's bare prompt
_STAND_FOR_NONE = "I2C", "Pin", "RTC", "WDT"  # static objects in the stock port, not in the heap
_print_exception = sys.print_exception


class _Stack:
    """The C stack, which is not limited here."""

    @staticmethod
    def use():
        """Return how many bytes of the stack are in use."""
        return 0


def prepare():
    """Install the stand-ins, and load the names that the stock image has."""
    __import__("_names")
    sys.modules.pop("_names")
    import hashlib
    import io
    import select
    import time

    import _crypto
    import _hashing
    import _micropython
    import _os
    import _sys
    import esp32
    import machine
    import network
    from _strict import module, not_simulated, stand_in

    hashes = {"sha1": _crypto.sha1, "sha256": hashlib.sha256}
    hashes = {name: _hashing.slow(each) for name, each in hashes.items()}
    hashes["md5"] = not_simulated
    modules = {
        "cryptolib": module("aes", {"aes": _crypto.aes}),
        "esp32": esp32.of_this_board(),
        "gc": stand_in(
            gc,
            {
                "collect": _bridge.collect,
                "mem_free": _free,
                "mem_alloc": _bridge.used,
                "threshold": _threshold,
            },
        ),
        "hashlib": stand_in(hashlib, hashes, "md5 sha1 sha256"),
        "io": stand_in(io, {"BufferedWriter": not_simulated}),
        "machine": machine.MODULE,
        "micropython": _micropython.make(_Stack),
        "network": network.MODULE,
        "os": stand_in(_os.MODULE, {"urandom": _crypto.urandom}, _os._NAMES),
        "select": select.MODULE,
        "sys": _sys.make(),
        "time": time.MODULE,
    }
    path, sys.path[:] = list(sys.path), []
    for each in _OF_C:  # for some of these the port has modules in Python
        sys.modules.pop(each, None)
        modules[each] = __import__(each)
    sys.path[:] = path
    sys.modules.update(modules)
    import _loop

    _loop.install()
    __import__("_beside")  # the functions that are machine code on a board
    for each in _STAND_FOR_NONE:
        _bridge.stands_in(id(getattr(sys.modules["machine"], each, 0)))
    of_c = bytes, bytearray, memoryview, array, int, str, dict, list, tuple, type
    for each in of_c + (type(prepare), type(_numbers), type(sys), hashlib.sha256):
        _bridge.type(id(each), each.__name__)
    for name in list(sys.modules):
        if (
            name not in modules
            and name not in _KEPT
            and not any(name.startswith(each) for each in _STAY)
        ):
            del sys.modules[name]


def _numbers():
    yield 0


def run(main):
    """Run the board's main file in the folder of its files."""
    for name in list(sys.modules):
        if name in _KEPT:
            del sys.modules[name]
    sys.path[:] = ["", ".frozen", "/lib"]
    with open("/" + main) as file:
        text = file.read()
    _call(b"b", b"\3")  # each script starts with Ctrl-C armed
    _bridge.begin()
    try:
        exec(text, {"__name__": "__main__"})
    except SystemExit:
        _call(b"X")
    except BaseException as error:
        _print_exception(error, sys.stdout)


_after = [-1]


def _threshold(count=None):
    """Set gc.threshold() of the model of the heap, or return it."""
    if count is not None:
        _after[0] = count
        _bridge.threshold(count)
    return _after[0] if count is None else None


def _free():
    return _SIZE - _bridge.used()
