"""Inlines numbers and words that a module binds once at its top.

So they need no names, and take up no memory. micropython.const() means just that, and is
dropped. A word with a dot may name a module, and stays what it is.
"""

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from tokenctl.release.program import Module, Program, Symbol, bound_by

Value = int | str

_WORD = re.compile(r"\w{1,20}")
_LEAST, _MOST = -(1 << 30), (1 << 30) - 1  # what is no object of its own on the board
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_CONST = Symbol("micropython", "const")


def values(program: Program) -> dict[Symbol, Value]:
    """Return the symbols that stand for a number or a word, with its value."""
    found: dict[Symbol, Value] = {}
    candidates = [
        (Symbol(module.name, name), node)
        for module in program.modules.values()
        for name, node in _assigned_once(module).items()
    ]
    while True:  # until those that are made of others are known, too
        new = {
            symbol: value
            for symbol, node in candidates
            if symbol not in found and (value := _known(node, found)) is not None
        }
        if not new:
            return found
        found |= new


def is_const(node: ast.expr) -> bool:
    """Return whether this is a call of micropython.const()."""
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "symbol", None) == _CONST
        and len(node.args) == 1
    )


def _assigned_once(module: Module) -> dict[str, ast.expr]:
    """Return the names at the top that are bound once, by an assignment, and its value."""
    times: Counter[str] = Counter()
    values: dict[str, ast.expr] = {}
    for statement in module.tree.body:
        times.update(bound_by([statement]))
        for target, value in pairs(statement):
            values[target.id] = value
    return {name: value for name, value in values.items() if times[name] == 1}


def pairs(statement: ast.stmt) -> list[tuple[ast.Name, ast.expr]]:
    """Return what `a = 1` or `a, b = 1, 2` binds to what; nothing of any other statement."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        names = [each for each in target.elts if isinstance(each, ast.Name)]
        if len(names) == len(target.elts) == len(value.elts):
            return list(zip(names, value.elts, strict=True))
    return []


def _known(node: ast.expr, known: dict[Symbol, Value]) -> Value | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if _WORD.fullmatch(node.value) else None
    value = _number(node, known)
    return value if value is not None and _LEAST <= value <= _MOST else None


def _number(node: ast.expr, known: dict[Symbol, Value]) -> int | None:
    if is_const(node):
        return _number(node.args[0], known)  # pyrefly: ignore[missing-attribute]
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        value = known.get(getattr(node, "symbol", None))  # pyrefly: ignore[bad-argument-type]
        return value if isinstance(value, int) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand, known)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _number(node.left, known), _number(node.right, known)
        if left is None or right is None:
            return None
        return _OPERATORS[type(node.op)](left, right)
    return None
