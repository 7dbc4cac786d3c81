"""A plugin of pytest: all simulated tokens run the release in the 32-bit port of bench/heap32.

`make torture PARTS=port32` runs the tests with it that are about what takes much memory and time
on a chip. Board, flash, panel, buttons and link are tokensim's as ever; interpreter, integers,
asyncio's tasks and the collector are another's. What that port cannot show is left out, by name.
"""

import pytest
from bench.heap32 import driver

from tokensim.token import SimulatedToken

_URANDOM = "its random bytes are its own, so that each run of it takes the same memory"
_ENDLESS = "its heap has no end: for that there is the model, bench/heap32/allocator.py"
LEFT_OUT = {
    "test_a_fault_is_named[stuck-random]": _URANDOM,
    "test_little_memory_is_named": _ENDLESS,
    "test_after_much_use_the_radio_has_no_memory_until_a_restart_which_the_token_makes": _ENDLESS,
}


def pytest_configure() -> None:
    """Have each SimulatedToken that says nothing else take that interpreter."""
    if not driver.is_here():
        raise pytest.UsageError(driver.MISSING)
    defaults = SimulatedToken.__init__.__kwdefaults__
    assert defaults is not None and "interpreter" in defaults
    defaults["interpreter"] = driver.Node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what it cannot show."""
    for item in items:
        if reason := LEFT_OUT.get(item.name):
            item.add_marker(pytest.mark.skip(reason=reason))
