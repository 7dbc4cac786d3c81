"""Keeps, where the heap is large, what a board has no room for and so does over again.

What the firmware loads on demand stays, as in a release until `tidy()`; and which names of
accounts were found to be valid.
"""

import collecting

from otpcore import account
from tokenfw.system import on_demand

_loaded = {}
_valid = set()  # (field, text)
_check = account._name


def _once(name):
    """Return the module with this dotted name, the same one each time."""
    module = _loaded.get(name)
    if module is None:
        module = _loaded[name] = on_demand.load(name)
    return module


def _name(field, text):
    """Return a valid text; it is checked once."""
    if (field, text) not in _valid:
        _valid.add((field, _check(field, text)))
    return text


if collecting.LARGE:
    on_demand.once = _once
    account._name = _name
