"""The release's names: which Python means which, and what they are called on the board."""

import ast

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release import locals as local_names
from tokenctl.release import names
from tokenctl.release.program import BuildError, Program, read


def test_nothing_of_ours_is_called_what_the_compiler_computes():
    """MicroPython's compiler takes every call of `const` for its own."""
    source = "\n".join(f"class Ours{number}:\n    pass" for number in range(5000))
    chosen = names.choose([ast.parse(source)])
    assert len(chosen) > 500 and "const" in names.stock()
    assert "const" not in chosen.values()


def test_what_has_most_names_has_the_shortest_ones():
    """Each unit that says a name has its letters in the flash, and they are read to load it."""
    uses = {"pressed_again": 3, "a_b": 2, "seldom_used": 1}
    source = "\n".join(f"def {name}(): pass" for name, count in uses.items() for _ in range(count))
    chosen = names.choose([ast.parse(source)])
    shortest = sorted(map(len, names.stock()))
    lengths = [len(chosen[name]) for name in uses]
    assert lengths == sorted(lengths) and lengths[-1] <= shortest[100]


def test_every_name_of_the_firmware_has_a_meaning():
    sources = read(firmware_folder())
    program = Program({name: data for name, data in sources.items() if "/" in name})
    assert "tokenfw.system.app" in program.modules


def test_resolving_names_knows_the_scopes_of_python():
    source = b"""
x = 1
def f(x):
    return x
def g():
    return x
class C:
    x = 2
    def h(self):
        return x
    y = [x for _ in range(2)]
"""
    program = Program({"tokenfw/a.py": source})
    found = [
        (node.lineno, hasattr(node, "symbol"))
        for node in ast.walk(program.modules["tokenfw.a"].tree)
        if isinstance(node, ast.Name) and node.id == "x" and isinstance(node.ctx, ast.Load)
    ]
    assert sorted(found) == [(4, False), (6, True), (10, True), (11, True)]


def test_a_global_statement_is_refused():
    with pytest.raises(BuildError):
        Program({"tokenfw/a.py": b"def f():\n    global x\n    x = 1\n"})


LOCALS = """
def outer(first, second=1, *, named=2):
    count = first
    def inner(third):
        nonlocal count
        count += third + second
        return [each + count for each in (first, third)]
    return inner(named), count, (lambda number: number + second)(first)

def keys(issuer):
    return issuer

said = outer(5, named=3), keys(**{"issuer": 4})
"""


def test_names_of_locals_mean_the_same_under_other_names():
    tree, before, after = ast.parse(LOCALS), {}, {}
    exec(compile(tree, "before", "exec"), before)  # noqa: S102 (our own)
    local_names.rename([tree], names.common())
    exec(compile(ast.unparse(tree), "after", "exec"), after)  # noqa: S102
    assert after["said"] == before["said"]
    text = ast.unparse(tree)
    assert "first" not in text and "named" in text and "issuer" in text


def test_an_attribute_and_the_top_of_a_module_may_be_called_alike_and_no_two_others():
    source = (
        "_many = 1\ndef _several(): return _many\nclass C:\n def _method(self): self._kept = 1\n"
    )
    tree = ast.parse(source)
    chosen = names.choose([tree])
    assert {"_many", "_several", "C", "_method", "_kept"} <= set(chosen)
    attributes = [chosen["_method"], chosen["_kept"]]
    tops = [chosen["_many"], chosen["_several"], chosen["C"]]
    assert len(set(attributes)) == 2 and len(set(tops)) == 3
