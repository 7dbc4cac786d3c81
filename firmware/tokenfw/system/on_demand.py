"""Modules that are in memory only while they are needed: code takes up most of the heap.

A forgotten module stays in memory as long as an object of it does. Whatever needs it next
loads it again from flash, which takes some milliseconds a kilobyte.
"""

import sys


class Damaged(ImportError):
    """What the token is made of is not whole: a release finds that when it loads something."""


def load(name):
    """Return the module with this dotted name."""
    __import__(name)
    return sys.modules[name]


def forget(name):
    """Let go of the module or package with this dotted name, if it was loaded."""
    for each in list(sys.modules):
        if each == name or each.startswith(name + "."):
            sys.modules.pop(each)
    package, _, leaf = name.rpartition(".")
    package = sys.modules.get(package)
    if hasattr(package, leaf):
        delattr(package, leaf)


def tidy():
    """Let go of all that was loaded for a while: a release has such, see units.py."""


def once(name):
    """Return the module with this dotted name, which nobody but the caller keeps."""
    module = load(name)
    forget(name)
    return module
