"""Copies syntax trees: with copy.deepcopy() that takes half of the build's time."""

import ast
from typing import TypeVar

Tree = TypeVar("Tree", bound=ast.AST)


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
