"""Syntax trees, walked, visited and copied: what ast and copy have takes half of a build."""

import ast
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

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


class _Visiting(dict[type[ast.AST], Callable[..., Any]]):
    """By a kind of node what a class does with one: its visit_Name() and so on."""

    def __init__(self, owner: type) -> None:
        super().__init__()
        self._owner = owner

    def __missing__(self, kind: type[ast.AST]) -> Callable[..., Any]:
        self[kind] = found = getattr(self._owner, f"visit_{kind.__name__}", self._owner.others)
        return found


class Visitor:
    """As ast.NodeVisitor, but it is handed only what walk() yields."""

    _visiting: _Visiting

    def __init_subclass__(cls) -> None:
        cls._visiting = _Visiting(cls)

    def visit(self, node: ast.AST) -> Any:
        """Do what the method for a node's kind does, or others() if there is none."""
        return self._visiting[node.__class__](self, node)

    def others(self, node: ast.AST) -> Any:
        """Visit the nodes that stand in a node."""
        for each in children(node):
            self.visit(each)


class Transformer(Visitor):
    """As ast.NodeTransformer: what visit() returns takes the place of the node; None is nothing."""

    def others(self, node: ast.AST) -> Any:
        """Put what becomes of the nodes that stand in a node into their places."""
        fields = node.__dict__
        for name, _ in _FIELDS[node.__class__]:
            value = fields.get(name)
            if isinstance(value, list):
                value[:] = self._each(value)
            elif value is not None:
                fields[name] = self.visit(value)
        return node

    def _each(self, nodes: list[ast.AST | None]) -> Iterator[ast.AST | None]:
        for node in nodes:
            if node is None:  # a hole, which stays one
                yield None
                continue
            found = self.visit(node)
            if isinstance(found, list):
                yield from found
            elif found is not None:
                yield found


def names_in(node: ast.AST) -> list[str]:
    """Return the names that stand in a node itself."""
    kind = node.__class__
    if kind in _ONE_NAME:
        return [node.__dict__[_ONE_NAME[kind]]]
    if kind in _NAMED:
        return node.names  # pyrefly: ignore[missing-attribute]
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


def clone(tree: Tree) -> Tree:
    """Return a tree whose nodes and lists are its own; what else the nodes have is shared.

    That is what the parser and the build put into them: names, numbers, places, symbols.
    """
    kind = tree.__class__
    new = kind.__new__(kind)
    fields = new.__dict__
    fields.update(tree.__dict__)
    if kind in _NAMED:
        fields["names"] = list(fields["names"])
    for name, _ in _FIELDS[kind]:
        value = fields.get(name)
        if isinstance(value, list):
            fields[name] = [each and clone(each) for each in value]
        elif value is not None:
            fields[name] = clone(value)
    return new
