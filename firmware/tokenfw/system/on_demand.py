"""Loads modules only while they are needed: code takes up most of the heap.

A module that is forgotten stays in memory as long as an object of it does. The next use loads
it again from flash, at some milliseconds per kilobyte.
"""

import sys


class Damaged(ImportError):
    """A file of the firmware is damaged: detected when a release loads something."""


def load(name):
    """Return the module with this dotted name, loading it if necessary."""
    __import__(name)
    return sys.modules[name]


def forget(name):
    """Drop the module or package with this dotted name from memory, if it was loaded."""
    for each in list(sys.modules):
        if each == name or each.startswith(name + "."):
            sys.modules.pop(each)
    package, _, leaf = name.rpartition(".")
    package = sys.modules.get(package)
    if hasattr(package, leaf):
        delattr(package, leaf)


def mark():
    """Have temporary units that are loaded now stay at each tidy(True), unless there is a mark."""


def tidy(to_mark=False):
    """Drop temporary units, all or those since mark(): only a release has any, see units.py."""


def once(name):
    """Return the module with this dotted name; only the caller's reference keeps it in memory."""
    module = load(name)
    forget(name)
    return module
