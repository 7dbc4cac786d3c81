"""Loads pure modules of the firmware into CPython, with MicroPython's ticks, for simulations."""

import importlib.util
import sys
import types
from types import ModuleType

from tokenctl.payload import firmware_folder

_WRAP = 1 << 30  # of ticks_ms on the board


def _diff(end: int, start: int) -> int:
    return (end - start + _WRAP // 2) % _WRAP - _WRAP // 2


def load(name: str) -> ModuleType:
    """Return a fresh copy of a module of tokenfw that imports nothing but ticks_diff.

    `name` is its path within tokenfw, without .py.
    """
    source = firmware_folder() / "tokenfw" / f"{name}.py"
    fake = types.ModuleType("time")
    fake.ticks_diff = _diff  # pyrefly: ignore[missing-attribute]
    spec = importlib.util.spec_from_file_location(f"pure_{name.replace('/', '_')}", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept = sys.modules["time"]
    sys.modules["time"] = fake
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules["time"] = kept
    return module
