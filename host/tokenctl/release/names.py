"""Renames our names to names that the stock image holds, which take up no memory.

A name that MicroPython does not know is kept in its memory, for ever. Which names an image
holds differs by version: one that it lacks costs its bytes there, and nothing else. What is
renamed is ours alone: a name that some source defines, that the stock image lacks, and that
nobody spells as a string.
"""

import ast
import builtins
import json
import keyword
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tokenctl.release.trees import children, names_in, walk

STOCK = Path(__file__).with_name("stock-names-v1.24.0.json")

# What the viper emitter takes for types, and how it is asked for.
_VIPER = {"ptr", "ptr8", "ptr16", "ptr32", "uint", "int", "bool", "object", "micropython", "viper"}
# What the interpreter looks for in objects of ours that it is handed.
_LOOKED_FOR = {
    *("send", "throw", "close", "pend_throw", "value", "errno", "args"),
    *("read", "readinto", "readline", "write", "ioctl", "flush", "seek", "tell"),
    *("mount", "umount", "stat", "open", "chdir", "getcwd", "ilistdir", "mkdir"),
    *("remove", "rename", "rmdir", "statvfs", "append", "pop", "push", "peek", "main"),
}

# What means something: const() is what MicroPython's compiler computes.
_MEANT = _LOOKED_FOR | _VIPER | {"match", "case", "type", "_", "async", "await", "const"}

# For what is local to functions.
_COMMON = ("self", "d", "e", "f", "i", "n", "r", "s", "t", "v", "w", "y", "cb", "dt", "mv", "tb")


def stock() -> frozenset[str]:
    """Return the names that the stock image of the oldest supported MicroPython holds."""
    return frozenset(json.loads(STOCK.read_text()))


def common() -> list[str]:
    """Return some names that the stock image holds and nothing else is to be called: short ones."""
    known = stock()
    return [each for each in _COMMON if each in known]


def choose(
    trees: Iterable[ast.AST], fixed: Iterable[str] = (), use: Mapping[int, int] | None = None
) -> dict[str, str]:
    """Return what each of our names is to be called; `fixed` ones stay.

    There are fewer names in the stock image than we need: first come those of what is used
    oftenest. `use` says how often that is, by a tree's place; others are always in use. Without
    it the names depend on what is defined only, so that few change with a line of the sources.
    """
    trees = list(trees)
    nodes = [list(walk(tree)) for tree in trees]
    said = [{name for node in each for name in names_in(node)} for each in nodes]
    known = stock()
    defined: Counter[str] = Counter()
    spelled: set[str] = set(fixed)
    for tree, each in zip(trees, nodes, strict=True):
        for node in each:
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str):
                    spelled.add(node.value)
            else:
                defined.update(_defined(node))
        defined.update(_globals(tree))
    kept = known | spelled | _VIPER | set(dir(builtins))
    ours = [each for each in defined if each not in kept and not _is_special(each)]
    taken = spelled.union(dir(builtins), *said)  # a fault of theirs is named as it is
    free = [each for each in known if _is_free(each) and each not in taken]
    free.sort(key=lambda each: (len(each), each))  # not by length alone: builds have to be alike
    attributes, tops = _kinds(trees, nodes, spelled)
    used_at, spread = _use(said, use or {})
    ours.sort(key=lambda each: (-used_at[each], -defined[each], each))
    first = [each for each in ours if each not in tops][: len(free)]
    # The shortest names to those that stand in most units, each of which says them once.
    if use is not None:
        first.sort(key=lambda each: (-spread[each], used_at[each] != sys.maxsize, each))
    chosen = dict(zip(first, free, strict=False))
    again = [chosen[each] for each in first if each in attributes and each in chosen]
    rest = [each for each in ours if each in tops]
    return dict(zip(rest, free[len(chosen) :] + again, strict=False)) | chosen


def _use(said: list[set[str]], use: Mapping[int, int]) -> tuple[dict[str, int], Counter[str]]:
    """Return how often what mentions a name is used, and in how many trees it stands.

    `said` are the names in each tree.
    """
    found: dict[str, int] = {}
    spread: Counter[str] = Counter()
    for place, names in enumerate(said):
        often = use.get(place, sys.maxsize)
        found |= {name: often for name in names if found.get(name, -1) < often}
        spread.update(names)
    return found, spread


def _kinds(
    trees: list[ast.AST], nodes: list[list[ast.AST]], spelled: set[str]
) -> tuple[set[str], set[str]]:
    """Return the names that only attributes have, and those bound only at the top of modules.

    One of each may be called alike: nothing looks for both in the same place. Classes are not
    among the latter, since a fault is told by the name of its class.
    """
    attributes: set[str] = set()
    plain: set[str] = set()  # what stands for itself somewhere
    tops: set[str] = set()
    others: set[str] = set(spelled)  # what must be no other top's
    for tree, each in zip(trees, nodes, strict=True):
        of_classes: set[int] = set()
        for node in each:
            if isinstance(node, ast.Name):
                plain.add(node.id)
            elif isinstance(node, ast.Attribute):
                attributes.add(node.attr)
            elif isinstance(node, ast.ClassDef):
                of_classes |= {id(each) for each in node.body}
                attributes.update(_stored(node.body))
                others.add(node.name)
                others.update(_at_once(node))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                (attributes if id(node) in of_classes else plain).add(node.name)
            elif isinstance(node, (ast.arg, ast.keyword)):
                others.update(names_in(node))
                plain.update(names_in(node))
            elif not isinstance(node, (ast.Attribute, ast.Constant)):
                plain.update(names_in(node))
        tops.update(_globals(tree))
        tops.update(
            each.name
            for each in getattr(tree, "body", [])
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        )
    return attributes - plain - spelled, tops - attributes - others


def _at_once(node: ast.ClassDef) -> set[str]:
    """Return the names that a class's body looks for while it is made."""
    found: set[str] = set()
    todo: list[ast.AST] = list(node.body)
    while todo:
        each = todo.pop()
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += [*each.args.defaults, *(one for one in each.args.kw_defaults if one)]
            todo += getattr(each, "decorator_list", [])
            continue
        if isinstance(each, ast.Name):
            found.add(each.id)
        todo += children(each)
    return found


def rename(tree: ast.AST, names: dict[str, str]) -> None:
    """Rename the names in a tree, in place."""
    for node in walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.Attribute):
            node.attr = names.get(node.attr, node.attr)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.name = names.get(node.name, node.name)
        elif isinstance(node, (ast.arg, ast.keyword)):
            if node.arg is not None:
                node.arg = names.get(node.arg, node.arg)
        elif isinstance(node, ast.Nonlocal):
            node.names = [names.get(each, each) for each in node.names]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            node.name = names.get(node.name, node.name)
        elif isinstance(node, ast.alias):
            own = node.asname or node.name
            if own in names:
                node.asname = names[own]


def _defined(node: ast.AST) -> list[str]:
    """Return the names that a node defines and that the interpreter keeps."""
    if isinstance(node, ast.Name):
        return []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    if isinstance(node, ast.ClassDef):
        return [node.name, *_stored(node.body)]
    return []


def _globals(tree: ast.AST) -> list[str]:
    """Return the names that are bound at the top of a module."""
    return _stored(getattr(tree, "body", []))


def _stored(body: list[ast.stmt]) -> list[str]:
    found: list[str] = []
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.alias):
            found.append(node.asname or node.name)
        todo += children(node)
    return found


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_free(name: str) -> bool:
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not _is_special(name)
        and name not in _MEANT
    )
