"""A pytest plugin: all simulated tokens run in the 32-bit MicroPython of bench/chip32.

`make torture PARTS=chip32` uses it: what has too little memory on an ESP32, or too much of it in
pieces, fails there with a MemoryError. Tests of what it does not have are skipped, by name; those
that want less memory, when they do.
"""

from pathlib import Path

import pytest
from bench.chip32 import interpreter

from tokensim.port import compiled
from tokensim.port.interpreter import HEAP, MAIN, Interpreter
from tokensim.port.runtime import Runtime

LONG = ("test_chip32", "test_thousand_longest")  # that run all the same

_HEAP = "its heap is an ESP32's, and cannot be set"
_DEPTH = "its C stack has other frames"
_DEPLOYED = "what is deployed is compiled for the unix port of this computer"
_USUAL = "it is about the interpreter that tokensim usually runs"
LEFT_OUT = {  # tests and files
    "test_conformance": _USUAL,
    "test_a_heap_of_other_words_than_the_chip_s_is_not_taken_for_a_board_s": _USUAL,
    "test_the_process_list_has_no_secret_unless_the_user_put_it_there": _USUAL,
    "test_deploy": _DEPLOYED,
    "test_the_stand_ins_take_nothing_of_the_firmwares_heap": _HEAP,
    "test_the_stack_is_never_deeper_than_the_chips": _DEPTH,
}


def pytest_configure() -> None:
    """Have every simulated token run in that interpreter, and builds be for it."""
    if not interpreter.PORT.exists():
        raise pytest.UsageError(interpreter.MISSING)
    Runtime.usual_interpreter = _started
    compiled.ARCH = interpreter.Chip32.arch


def _started(
    firmware: Path, main: str = MAIN, folder: Path | None = None, heap: str = HEAP
) -> Interpreter:
    """Start one; skip the test that wants less memory than a chip has."""
    if _size(heap) < _size(HEAP):
        pytest.skip(_HEAP)
    return interpreter.Chip32(firmware, main, folder, heap)


def _size(heap: str) -> int:
    return int(heap.removesuffix("K").replace("M", "000"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of what it does not have; leave out long ones that take no more memory."""
    others = [
        each for each in items if each.get_closest_marker("long") and each.path.stem not in LONG
    ]
    config.hook.pytest_deselected(items=others)
    items[:] = [each for each in items if each not in others]
    for item in items:
        if reason := LEFT_OUT.get(item.name) or LEFT_OUT.get(item.path.stem):
            item.add_marker(pytest.mark.skip(reason=reason))
