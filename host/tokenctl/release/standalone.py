"""A module, with everything it imports, as one self-contained unit.

It is for what runs when the archive cannot be loaded.
"""

import ast

from tokenctl.release.joining import join
from tokenctl.release.program import BuildError, Program, dotted
from tokenctl.release.record import Record
from tokenctl.release.rewriting import UNITS
from tokenctl.release.trees import walk


def alone(sources: dict[str, bytes], root: str) -> list[ast.stmt]:
    """Return the body of a unit that has `root` (a dotted name) and what that imports.

    Raises BuildError if it would load anything else.
    """
    program = Program(_needed(sources, root))
    ran = frozenset(_functions(program))
    units, _ = join(program, Record(frozenset(program.modules), ran), ast.parse(""), root)
    if len(units) != 1:
        raise BuildError(f"{root} does not stand alone: it loads {units[1].title}")
    body = [each for each in units[0].body if not _loads_units(each)]
    for node in walk(ast.Module(body, [])):
        if isinstance(node, ast.Name) and node.id == UNITS:
            raise BuildError(f"{root} does not stand alone: it loads units")
    return body


def _needed(sources: dict[str, bytes], root: str) -> dict[str, bytes]:
    """Return those of the sources that `root` imports at the top of a module, and so on."""
    paths = {dotted(path): path for path in sources}
    needed: dict[str, bytes] = {}
    todo = [root]
    while todo:
        path = paths[todo.pop()]
        if path in needed:
            continue
        needed[path] = sources[path]
        for statement in ast.parse(sources[path]).body:
            if isinstance(statement, ast.ImportFrom):
                names = [f"{statement.module}.{each.name}" for each in statement.names]
                names = [each if each in paths else statement.module or "" for each in names]
                todo += [each for each in names if each in paths]
    return needed


def _functions(program: Program) -> list[str]:
    """Return all functions and methods as a record has them: none is to be moved aside."""
    found: list[str] = []
    for module in program.modules.values():
        for statement in module.tree.body:
            inner = statement.body if isinstance(statement, ast.ClassDef) else [statement]
            owner = f"{statement.name}." if isinstance(statement, ast.ClassDef) else ""
            for each in inner:
                if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found.append(f"{module.name}:{owner}{each.name}")
    return found


def _loads_units(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import) and statement.names[0].name == UNITS
