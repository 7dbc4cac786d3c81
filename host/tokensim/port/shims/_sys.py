"""sys as on the board: its version and platform, 32 bits, and the serial port's streams."""

import sys
from collections import namedtuple

from _serial import TextIOWrapper, cooked, stdin, stdout
from _simulator import output

_NAMES = "argv byteorder exit modules ps1 ps2 stderr"
_Implementation = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))


def print_exception(exception, file=sys.stdout):
    """Write an exception with its traceback."""
    output()
    sys.print_exception(exception, cooked if isinstance(file, TextIOWrapper) else file)


class module:  # noqa: N801 (its name is part of what an AttributeError says)
    """The stand-in for sys. Its `path` is the real one, and can be set."""

    path = property(lambda self: sys.path)

    def __init__(self, values):
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name, value):
        if name not in ("path", "ps1", "ps2"):
            raise AttributeError("'module' object has no attribute '%s'" % name)
        setattr(sys, name, value)


def make():
    """Return the stand-in; output and errors go to the port."""
    values = {each: getattr(sys, each) for each in _NAMES.split()}
    implementation = _Implementation(
        "micropython", (1, 24, 0, ""), "Generic ESP32 module with ESP32", sys.implementation._mpy
    )
    values.update(
        argv=[],
        implementation=implementation,
        maxsize=0x7FFFFFFF,
        platform="esp32",
        print_exception=print_exception,
        stderr=sys.stdout,
        stdin=stdin,
        stdout=stdout,
        version="3.4.0; MicroPython v1.24.0",
        version_info=(3, 4, 0),
    )
    return module(values)
