"""Gives local names the same few names in all functions.

MicroPython keeps the names of arguments, for calls that name them; those of other locals it
forgets, but a name that stands for one of them cannot stand for anything of ours. So what is
local gets one of a few names that the stock image holds, and leaves the others to what must be
told apart. It keeps its own where a function within binds the same name again, and, an
argument, where some call names it or some string spells it: that may be a key of `**fields`.
"""

import ast
from collections.abc import Iterable, Iterator

from tokenctl.release.program import FUNCTIONS, SCOPES, is_viper
from tokenctl.release.trees import children, walk

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def rename(trees: Iterable[ast.AST], names: list[str]) -> None:
    """Rename what may be renamed, in place; `names` are those to take, the first ones first."""
    trees = list(trees)
    nodes = [each for tree in trees for each in walk(tree)]
    named: set[object] = {each.arg for each in nodes if isinstance(each, ast.keyword)}
    named |= {each.value for each in nodes if isinstance(each, ast.Constant)}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, ast.Lambda) or (isinstance(node, FUNCTIONS) and not is_viper(node)):
                _rename_in(node, named, names)


def _rename_in(function: _Scope, named: set[object], names: list[str]) -> None:
    taken = set(_mentioned(function))
    arguments = [*function.args.posonlyargs, *function.args.args]
    kept = named | set(_bound_within(function))
    free = iter([each for each in names if each not in taken and each not in named])
    own = dict.fromkeys([each.arg for each in arguments] + sorted(_stored(_body(function))))
    new = {
        each: name
        for each in own
        if each not in kept and each not in names and (name := next(free, None))
    }
    for each in arguments:
        each.arg = new.get(each.arg, each.arg)
    for node in _body(function):
        for each in walk(node):
            if isinstance(each, ast.Name):
                each.id = new.get(each.id, each.id)
            elif isinstance(each, ast.Nonlocal):
                each.names = [new.get(name, name) for name in each.names]


def _body(function: _Scope) -> list[ast.AST]:
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


def _stored(body: list[ast.AST]) -> set[str]:
    """Return the names that statements assign, those within functions not counted."""
    found: set[str] = set()
    elsewhere: set[str] = set()
    todo = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Nonlocal):
            elsewhere |= set(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, (*SCOPES, ast.ClassDef)):
            todo += children(node)
    return found - elsewhere


def _mentioned(function: _Scope) -> Iterator[str]:
    """Yield all names that stand in a function, or in one within it."""
    for node in walk(function):
        for name in (getattr(node, each, None) for each in ("id", "arg", "name", "asname")):
            if isinstance(name, str):
                yield name
        if isinstance(node, (ast.Nonlocal, ast.Import, ast.ImportFrom)):
            yield from (each if isinstance(each, str) else each.name for each in node.names)


def _bound_within(function: _Scope) -> Iterator[str]:
    """Yield the names that functions, classes and comprehensions within it bind for themselves.

    And those that are bound by something else than an assignment, which are left alone.
    """
    for node in _body(function):
        for each in walk(node):
            if isinstance(each, (*SCOPES, ast.ClassDef)):
                for inner in walk(each):
                    if isinstance(inner, ast.arg):
                        yield inner.arg
                    elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        yield inner.id
            name = getattr(each, "name", None)
            if isinstance(name, str):
                yield name
            if isinstance(each, ast.alias):
                yield each.asname or each.name
