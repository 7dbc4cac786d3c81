"""A syntax tree is walked, visited, changed and copied as the library does it, only faster."""

import ast
from pathlib import Path

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release.trees import Transformer, Visitor, clone, walk

SOURCES = sorted(firmware_folder().glob("tokenfw/ui/**/*.py"))[:12]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_copy_is_the_same_and_has_no_statement_of_the_other(path: Path):
    tree = ast.parse(path.read_text())
    before = ast.dump(tree, include_attributes=True)
    copy = clone(tree)
    assert ast.dump(copy, include_attributes=True) == before
    kept = {id(node) for node in ast.walk(tree) if node._fields or isinstance(node, ast.stmt)}
    for node in ast.walk(copy):
        assert id(node) not in kept
        if isinstance(node, ast.Name):
            node.id += "_"
        if isinstance(getattr(node, "body", None), list):
            node.body.clear()  # pyrefly: ignore[missing-attribute]
    assert ast.dump(tree, include_attributes=True) == before


def test_what_the_build_puts_into_a_node_is_there_in_the_copy():
    tree = ast.parse("x = 1")
    tree.body[0].place = ("x.py", 1)  # pyrefly: ignore[missing-attribute]
    assert clone(tree).body[0].place == ("x.py", 1)  # pyrefly: ignore[missing-attribute]


MARKS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_walk_meets_what_the_library_s_does_in_its_order(path: Path):
    tree = ast.parse(path.read_text())
    assert list(walk(tree)) == [each for each in ast.walk(tree) if not isinstance(each, MARKS)]


def test_a_walk_meets_nodes_of_every_kind():
    """Such as the firmware may have one day."""
    tree = ast.parse(
        "async def f(a, /, b=1, *c, d: int, **e) -> None:\n"
        "    nonlocal x\n"
        "    async with g() as h, i: pass\n"
        "    async for j in k: await l\n"
        "    else: yield\n"
        "    try: raise m from n\n"
        "    except (o, p) as q: del r[1:2:3]\n"
        "    return {**s, t: u}, [v async for v in w if x < y > z and not a], f'{b!r:>{c}}'\n"
        "match d:\n"
        "    case E(1, f=g) | [h, *i] | {'j': k, **l} as m if n: o: p = (q := r)\n"
        "assert (lambda *s: t), u\n"
        "from v import w as x\n"
    )
    assert list(walk(tree)) == [each for each in ast.walk(tree) if not isinstance(each, MARKS)]


def changing(base: type) -> type:
    """Return a class that changes trees in every way that a statement or a name may change."""

    class Changing(base):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.copy_location(ast.Constant(node.id), node)

        def visit_Pass(self, node: ast.Pass) -> None:
            return None

        def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
            return [ast.Break(), ast.Continue()]

    return Changing


HOLES = "f({**s, t: u}, lambda *, a, b=c: a)\nif x: pass\ndef g(): return h\n"


@pytest.mark.parametrize("text", [HOLES, *(path.read_text() for path in SOURCES)])
def test_what_a_transformer_makes_is_what_the_library_s_makes(text: str):
    ours, theirs = (
        changing(base)().visit(ast.parse(text)) for base in (Transformer, ast.NodeTransformer)
    )
    assert ast.dump(ours, include_attributes=True) == ast.dump(theirs, include_attributes=True)


def test_a_visitor_meets_each_name_where_the_library_s_does():
    def names(base: type) -> list[str]:
        found: list[str] = []

        class Noting(base):
            def visit_Name(self, node: ast.Name) -> None:
                found.append(node.id)

        Noting().visit(ast.parse(HOLES))
        return found

    assert names(Visitor) == names(ast.NodeVisitor) != []
