"""A pytest plugin: all simulated tokens run the release in the 32-bit port of bench/heap32.

`make torture PARTS=port32` uses it for tests of what takes much memory and time on a chip. Board,
flash, panel, buttons and link are still tokensim's; interpreter, integers, asyncio's tasks and the
garbage collector are those of the port. Tests of what it does not support are skipped, by name.
"""

import pytest
from bench.heap32 import driver

from tokensim.port.runtime import Runtime

_URANDOM = "its random bytes are its own, so that each run of it takes the same memory"
_ENDLESS = "its heap has no end: for that there is the model, bench/heap32/allocator.py"
_ALIKE = "its words are a chip's"
LEFT_OUT = {
    "test_a_fault_is_named[stuck-random]": _URANDOM,
    "test_a_heap_of_other_words_than_the_chip_s_is_not_taken_for_a_board_s": _ALIKE,
    "test_little_memory_is_named": _ENDLESS,
    "test_after_much_use_the_radio_has_no_memory_until_a_restart_which_the_token_makes": _ENDLESS,
}


def pytest_configure() -> None:
    """Have every simulated token run in that interpreter."""
    if not driver.is_here():
        raise pytest.UsageError(driver.MISSING)
    Runtime.usual_interpreter = driver.Node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of what the port does not support."""
    for item in items:
        if reason := LEFT_OUT.get(item.name):
            item.add_marker(pytest.mark.skip(reason=reason))
