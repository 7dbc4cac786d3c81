"""Turns a tree into text whose lines know where they came from."""

import ast

from tokenctl.release.program import FUNCTIONS
from tokenctl.release.trees import clone

Place = tuple[str, int]  # a file of the sources, and a line in it


def text(body: list[ast.stmt]) -> tuple[str, dict[int, Place]]:
    """Return the source text of these statements, and the place that each line came from."""
    tree = ast.Module(body=body, type_ignores=[])
    _spell_out_emitters(tree)
    bare = _Bare()
    written = ast.unparse(ast.fix_missing_locations(bare.visit(clone(tree)))) + "\n"
    for name, values in bare.values.items():
        written = written.replace(name, values)
    places: dict[int, Place] = {}
    _pair(tree, ast.parse(written), places)
    return written, places


def _spell_out_emitters(tree: ast.Module) -> None:
    """Have each viper function ask for its emitter as the compiler knows it: by these two names.

    `unit.micropython.viper` is bytecode, which looks for it when it is loaded, and finds none.
    """
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            for each in node.decorator_list:
                if isinstance(each, ast.Attribute) and each.attr == "viper":
                    each.value = ast.copy_location(ast.Name("micropython", ast.Load()), each)


class _Bare(ast.NodeTransformer):
    """Takes the brackets off `a, b = (c, d)`: with them MicroPython makes a tuple, which costs
    memory, and which the viper emitter refuses. `values` has what stands in their place.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        value = node.value
        if isinstance(node.targets[0], ast.Tuple) and isinstance(value, ast.Tuple) and value.elts:
            name = f"__values_{len(self.values)}__"
            self.values[name] = ", ".join(ast.unparse(each) for each in value.elts)
            node.value = ast.copy_location(ast.Name(name, ast.Load()), value)
        return node


def _pair(old: ast.AST, new: ast.AST, places: dict[int, Place]) -> None:
    """Note the lines of a tree that was written and read again, which has the same form."""
    place, line = getattr(old, "place", None), getattr(new, "lineno", None)
    if place is not None and line is not None and line not in places:
        places[line] = place
    for one, other in zip(ast.iter_child_nodes(old), ast.iter_child_nodes(new), strict=True):
        _pair(one, other, places)
