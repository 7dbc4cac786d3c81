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
    *("rest", "kwd_attrs"),
    *("ctx", "op", "ops", "is_async", "simple", "type_comment", "type_ignores"),
}


# In these fields None stands between nodes: in the keys of {**more}, and where no default is.
_WITH_HOLES = {"keys", "kw_defaults"}
_NAMED = (ast.Nonlocal, ast.Global)  # whose names are no nodes
# Most nodes are of these kinds: nothing stands in them.
_LEAVES = {ast.Name, ast.Constant, ast.MatchSingleton, *_NAMED}
_ONE_NAME = {ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg"}  # which is always there


class _Fields(dict[type[ast.AST], "tuple[tuple[str, bool], ...]"]):
    """By a kind of node the fields in which others may stand, each with whether it has holes."""

    def __missing__(self, kind: type[ast.AST]) -> "tuple[tuple[str, bool], ...]":
        names = () if kind in _LEAVES else (each for each in kind._fields if each not in _PLAIN)
        self[kind] = found = tuple((each, each in _WITH_HOLES) for each in names)
        return found


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that stand in a node itself, in order; without its marks."""
    found: list[ast.AST] = []
    fields = node.__dict__
    for name, holes in _FIELDS[node.__class__]:
        value = fields.get(name)
        if isinstance(value, list):
            found += filter(None, value) if holes else value
        elif value is not None:
            found.append(value)
    return found


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all nodes in it, level by level; see children()."""
    todo = [tree]
    for node in todo:
        if node.__class__ not in _LEAVES:
            todo += children(node)
        yield node


def names_in(node: ast.AST) -> list[str]:
    """Return the names that stand in a node itself."""
    kind = node.__class__
    if kind in _ONE_NAME:
        return [node.__dict__[_ONE_NAME[kind]]]
    if kind in _NAMED:
        return node.names  # pyright: ignore[reportAttributeAccessIssue]
    fields = node.__dict__
    found = [fields.get(each) for each in _naming(kind)]
    return [each for each in found if isinstance(each, str)] if found else []


@cache
def _naming(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that are names."""
    return tuple(each for each in ("id", "attr", "name", "arg", "asname") if each in kind._fields)


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


_ATOMS = {int, str, type(None), ast.Load, ast.Store}  # most of what stands in fields


def clone(tree: Tree) -> Tree:
    """Return a tree whose nodes and lists are its own; what else the nodes have is shared.

    That is what the parser and the build put into them: names, numbers, places, symbols.
    """
    new = tree.__class__.__new__(tree.__class__)
    fields = new.__dict__
    for name, value in tree.__dict__.items():
        kind = value.__class__
        if kind is list:
            value = [clone(each) if isinstance(each, ast.AST) else each for each in value]
        elif kind in _ATOMS:
            pass
        elif isinstance(value, ast.AST) and value._fields:
            value = clone(value)
        fields[name] = value
    return new
