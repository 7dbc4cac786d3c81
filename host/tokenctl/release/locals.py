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
from tokenctl.release.trees import children, names_in, walk

_CLASSES_TOO = (*SCOPES, ast.ClassDef)
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def rename(trees: Iterable[ast.AST], names: list[str]) -> None:
    """Rename what may be renamed, in place; `names` are those to take, the first ones first."""
    nodes = [each for tree in trees for each in walk(tree)]
    named: set[object] = {each.arg for each in nodes if isinstance(each, ast.keyword)}
    named |= {each.value for each in nodes if isinstance(each, ast.Constant)}
    for node in nodes:
        if isinstance(node, ast.Lambda) or (isinstance(node, FUNCTIONS) and not is_viper(node)):
            _rename_in(node, named, names)


def _rename_in(function: _Scope, named: set[object], names: list[str]) -> None:
    taken = set(_mentioned(function))
    body = [each for node in _body(function) for each in walk(node)]
    arguments = [*function.args.posonlyargs, *function.args.args]
    bound = set(_bound_within(body))
    free = iter([each for each in names if each not in taken and each not in named])
    own = dict.fromkeys([each.arg for each in arguments] + sorted(_stored(_body(function))))
    new = {
        each: name
        for each in own
        if each not in named
        and each not in bound
        and each not in names
        and (name := next(free, None))
    }
    if not new:
        return
    for each in arguments:
        each.arg = new.get(each.arg, each.arg)
    for each in body:
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
        if not isinstance(node, _CLASSES_TOO):
            todo += children(node)
    return found - elsewhere


def _mentioned(function: _Scope) -> Iterator[str]:
    """Yield all names that stand in a function, or in one within it; none of attributes."""
    for node in walk(function):
        if isinstance(node, ast.Nonlocal):
            yield from node.names
        elif not isinstance(node, ast.Attribute):
            yield from names_in(node)


def _bound_within(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that functions, classes and comprehensions among its nodes bind themselves.

    And those that are bound by something else than an assignment, which are left alone.
    """
    for each in body:
        if isinstance(each, _CLASSES_TOO):
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
