"""Turns a tree into text whose lines know where they came from."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from tokenctl.release.trees import children, walk

Place = tuple[str, int]  # a file of the sources, and a line in it


def text(body: list[ast.stmt]) -> tuple[str, dict[int, Place]]:
    """Return the source text of these statements, and the place that each line came from."""
    tree = ast.Module(body=body, type_ignores=[])
    with _bare(tree) as values:
        written = ast.unparse(tree) + "\n"
    for name, value in values.items():
        written = written.replace(name, value)
    places: dict[int, Place] = {}
    _pair(tree, ast.parse(written), places)
    return written, places


@contextmanager
def _bare(tree: ast.Module) -> Iterator[dict[str, str]]:
    """Take the brackets off `a, b = (c, d)` for a while: with them MicroPython makes a tuple,
    which costs memory, and which the viper emitter refuses.

    The values that this yields have what is to stand in the place of their names.
    """
    found: dict[str, str] = {}
    taken: list[tuple[ast.Assign, ast.expr]] = []
    for node in walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            value = node.value
            if isinstance(value, ast.Tuple) and value.elts:
                name = f"__values_{len(found)}__"
                found[name] = ", ".join(ast.unparse(each) for each in value.elts)
                node.value = ast.Name(name, ast.Load())
                taken.append((node, value))
    yield found
    for node, value in taken:
        node.value = value


def _pair(old: ast.AST, new: ast.AST, places: dict[int, Place]) -> None:
    """Note the lines of a tree that was written and read again, which has the same form."""
    line = getattr(new, "lineno", None)
    if line is not None:
        place = getattr(old, "place", None)
        if place is not None:
            places.setdefault(line, place)
        if line in places and isinstance(new, ast.expr) and line == new.end_lineno:
            return  # all that stands in it is in this line
    for one, other in zip(children(old), children(new), strict=True):
        _pair(one, other, places)
