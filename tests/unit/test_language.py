"""The firmware uses no newer language, and no newer library, than MicroPython 1.24 has.

The compiler of 1.24 takes it all (test_viper_cross_compile.py); here are the calls that
compile there and then fail, or answer otherwise, as the record in tests/data/conformance has it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import sources

FIRMWARE = Path(__file__).parents[2] / "firmware"
SOURCES = sorted(FIRMWARE.rglob("*.py"))

# Functions written in C that take no keywords there (of the record, or of their sources).
NO_KEYWORDS = {
    "to_bytes", "from_bytes", "freq", "memory", "poll", "ipoll", "register", "modify", "unregister",
    "writeto", "readfrom", "readfrom_into", "writevto", "scan", "readblocks", "writeblocks",
    "ioctl", "ticks_add", "ticks_diff", "sleep_ms", "sha1", "sha256",
}  # fmt: skip
# Methods and functions that 1.24 on an ESP32 has not.
MISSING = {
    "rjust", "ljust", "zfill", "removeprefix", "removesuffix", "translate", "maketrans",
    "casefold", "hexdigest", "bit_length", "bit_count", "is_integer", "getenv", "flush", "fileno",
    "getbuffer", "isascii", "isidentifier", "expandtabs",
}  # fmt: skip


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def faults(tree: ast.AST) -> Iterator[str]:
    """Yield what of a source MicroPython 1.24 would refuse when it runs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.Compare):
            calls = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.Call)]
            if "ticks_ms" in map(_called, calls):
                yield f"{node.lineno}: ticks_ms() wraps: ticks_add() and ticks_diff() know how"
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        first = node.args[0] if node.args else None
        if name in MISSING:
            yield f"{node.lineno}: there is no {name}()"
        if name in NO_KEYWORDS and node.keywords:
            yield f"{node.lineno}: {name}() takes no keywords"
        if name in ("startswith", "endswith") and isinstance(first, ast.Tuple):
            yield f"{node.lineno}: {name}() takes no tuple"
        if name == "find" and isinstance(first, ast.Constant) and isinstance(first.value, int):
            yield f"{node.lineno}: find() takes no number"
        if name == "to_bytes" and len(node.args) != 2:
            yield f"{node.lineno}: to_bytes() takes the length and the order"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(FIRMWARE)))
def test_the_firmware_calls_what_1_24_has(path):
    assert list(faults(sources.tree(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "(5).to_bytes(2, byteorder='big')",
        "(5).to_bytes()",
        "machine.freq(hertz=160000000)",
        "poll.poll(timeout=5)",
        "i2c.writeto(60, b'', stop=False)",
        "'abc'.startswith(('x', 'ab'))",
        "'abc'.endswith(('x', 'bc'))",
        "b'abc'.find(98)",
        "'7'.zfill(2)",
        "sha256(b'').hexdigest()",
        "due = time.ticks_ms() + 500",
        "over = time.ticks_ms() >= due",
        "due = time.ticks_ms() + 500",
        "over = time.ticks_ms() >= due",
    ],
)
def test_what_1_24_refuses_is_found(code):
    assert list(faults(ast.parse(code)))
