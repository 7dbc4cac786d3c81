"""A copied syntax tree is the same, and whoever changes it leaves the other alone."""

import ast
from pathlib import Path

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release.trees import clone

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
            node.body.clear()  # pyright: ignore[reportAttributeAccessIssue]
    assert ast.dump(tree, include_attributes=True) == before


def test_what_the_build_puts_into_a_node_is_there_in_the_copy():
    tree = ast.parse("x = 1")
    tree.body[0].place = ("x.py", 1)  # pyright: ignore[reportAttributeAccessIssue]
    assert clone(tree).body[0].place == ("x.py", 1)  # pyright: ignore[reportAttributeAccessIssue]
