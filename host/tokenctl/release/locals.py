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
    statements = _body(function)
    arguments = [*function.args.posonlyargs, *function.args.args]
    own = dict.fromkeys([each.arg for each in arguments] + sorted(_stored(statements)))
    own = [each for each in own if each not in named and each not in names]
    if not own:
        return
    body = [each for node in statements for each in walk(node)]
    bound = set(_bound_within(body))
    taken = set(_mentioned(function, body))
    free = [each for each in names if each not in taken and each not in named]
    new = dict(zip([each for each in own if each not in bound], free, strict=False))
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


def _mentioned(function: _Scope, body: list[ast.AST]) -> Iterator[str]:
    """Yield all names that stand in a function, whose `body` has these nodes; none of attributes.

    Those in functions within it are among them.
    """
    statements = {id(each) for each in _body(function)}
    around = [each for each in children(function) if id(each) not in statements]
    yield from names_in(function)
    for node in [*body, *(each for part in around for each in walk(part))]:
        if not isinstance(node, (ast.Attribute, ast.Constant)):
            yield from names_in(node)


def _bound_within(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that functions, classes and comprehensions among its nodes bind themselves.

    And those that are bound by something else than an assignment, which are left alone.
    """
    for each in body:
        if isinstance(each, (ast.Name, ast.Attribute, ast.Constant)):
            continue
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
