"""Syntax trees, walked and copied: ast.walk() and copy.deepcopy() take half of a build."""

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

Tree = TypeVar("Tree", bound=ast.AST)

# What stands in these fields is no node, or a mark of how an expression is meant: Load, Add.
_PLAIN = {
    *("id", "attr", "name", "arg", "asname", "module", "level", "kind", "conversion"),
    *("ctx", "op", "ops", "is_async", "simple", "type_comment", "type_ignores"),
}


@cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node in which others may stand."""
    return tuple(each for each in kind._fields if each not in _PLAIN)


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that stand in a node itself, in order; without its marks."""
    found: list[ast.AST] = []
    fields = node.__dict__
    for name in _fields(node.__class__):
        value = fields.get(name)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all nodes in it, level by level; see children()."""
    todo = [tree]
    for node in todo:
        todo += children(node)
        yield node


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles for a while: trees have none, and to look takes a quarter of a build."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def clone(tree: Tree) -> Tree:
    """Return a tree whose nodes and lists are its own; what else the nodes have is shared.

    That is what the parser and the build put into them: names, numbers, places, symbols.
    """
    new = tree.__class__.__new__(tree.__class__)
    fields = new.__dict__
    for name, value in tree.__dict__.items():
        if isinstance(value, list):
            value = [clone(each) if isinstance(each, ast.AST) else each for each in value]
        elif isinstance(value, ast.AST) and value._fields:
            value = clone(value)
        fields[name] = value
    return new
