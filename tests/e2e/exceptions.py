"""Where tokensim does not give what the record has, and why. The list only gets shorter.

The interpreter is a newer MicroPython for 64 bits: what its C code does by itself no shim can
change. Nothing here is about a call that the firmware makes (apis.txt). What firmware may not
use because of it is refused by tests/unit/test_language.py.
"""

import re
from typing import Any

_REASONS = {
    "Machine code has integers of 64 bits here, of 32 on the chip": """
        viper constant.-40000000
        viper constant.40000000
        viper constant.7fffffff
        viper int.in-32
        viper int.in-40
        viper int.overflow
        viper int.overflow-mul
        viper multiply-uint
        viper ptr32.compare
        viper ptr32.read-shift
        viper ptr32.read-sign
        viper shift.left-31
        viper shift.left-32
        viper shift.left-33
        viper shift.negative
        viper shift.right-of-31
        viper uint.add
        viper uint.negative
    """,
    "Sizes and addresses have 64 bits: less of them overflows": """
        lang array.itemsize
        lang struct.sizes
        system memory-error.list
        system overflow-error.bytearray
        system overflow-error.bytes
        system overflow-error.range
        system overflow-error.repeat
        system overflow-error.slice
    """,
    "Floats have 64 bits here, and 32 on the chip": """
        lang float.format
        lang float.from-large-int
        lang float.overflow
        lang float.precision
        lang float.repr
    """,
    "Methods of built-in types, which newer MicroPython has made more like Python's": """
        lang bytearray.extend-list
        lang int.to_bytes.keyword
        lang int.to_bytes.negative
        lang int.to_bytes.negative-large
        lang str.endswith.tuple
        lang str.find
        lang str.startswith.tuple
    """,
    "What built-in types say of an error, or do not say": """
        system file.closed
        system oserror.str
    """,
    "Frames on the C stack have another size; the depth is never greater here, see below": """
        stack depth.calls
        stack depth.methods
        stack depth.reached
        stack stack.at-a-probe
        stack stack.in-a-task
        stack stack.of-a-call
        stack stack.of-a-list-comprehension
        stack stack.of-a-method-call
        stack stack.of-an-await
    """,
    "What ESP-IDF has left is set, and does not shrink as Python's heap grows": """
        idf-heap heap.grow
        idf-heap idf.largest-block.when-grown
        idf-heap-starved gc.mem_free
        idf-heap-starved idf.released
        idf-heap-starved idf.starved
        wlan-memory idf.after-off
        wlan-memory wlan.first-with-20000
        wlan-memory wlan.first-with-30000
        wlan-memory wlan.first-with-40000
        wlan-memory wlan.first-with-50000
        wlan-memory wlan.first-with-60000
    """,
    "Interrupts of pins, which the firmware does not use, are not simulated": """
        idf-heap-starved pin.irq
        machine pin.irq
        machine pin.irq.none
    """,
}
EXCEPTIONS = {
    each.strip(): reason for reason, names in _REASONS.items() for each in names.strip().split("\n")
}

# The same error in the words of MicroPython 1.29, and in those of 1.24.
_REWORDED = (
    (re.compile(r"(invalid syntax for integer with base \d+): .*"), r"\1"),
    (re.compile(r"value would overflow a \d+ byte buffer"), "buffer too small"),
)


def in_words_of_1_24(outcome: Any) -> Any:
    """Return an outcome; an error's message as 1.24 has it."""
    if not isinstance(outcome, dict) or "raises" not in outcome:
        return outcome
    return {**outcome, "args": [_reword(each) for each in outcome["args"]]}


def _reword(text: Any) -> Any:
    for pattern, words in _REWORDED:
        if isinstance(text, str) and pattern.fullmatch(text):
            return pattern.sub(words, text)
    return text
