"""What the checker of types would not see: what a field may be that begins as None.

pyrefly takes it for None alone where it has no annotation, and looks at nothing behind
`if self.field is not None`.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import sources

ROOT = Path(__file__).parents[2]


def checked(project: Path) -> list[Path]:
    """The files of which pyrefly checks the types, by the settings in a project's folder."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["pyrefly"]
    found = {
        path for each in settings["project-includes"] for path in (project / each).rglob("*.py")
    }
    out = [path for each in settings["project-excludes"] for path in project.glob(each)]
    return sorted(path for path in found if not any(path.is_relative_to(each) for each in out))


def bare(tree: ast.Module) -> Iterator[str]:
    """The fields that a constructor sets to None, and that have no annotation."""
    for made in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for method in made.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                named = [name for node in ast.walk(method) for name in _none(node)]
                said = _annotated(made) if named else set()
                yield from (name for name in named if not {name, f"self.{name}"} & said)


def _annotated(made: ast.ClassDef) -> set[str]:
    """What a class annotates: `field` in itself, `self.field` in its methods."""
    nodes = (node for node in ast.walk(made) if isinstance(node, ast.AnnAssign))
    return {ast.unparse(each.target) for each in nodes}


def _none(node: ast.AST) -> Iterator[str]:
    """The fields of `self` that this assignment sets to None, also as one of several."""
    if not isinstance(node, ast.Assign):
        return
    if not any(isinstance(each, ast.Constant) and each.value is None for each in ast.walk(node)):
        return
    for target in node.targets:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for name, value in pairs:
            owner, _, field = ast.unparse(name).partition(".")
            if owner == "self" and ast.unparse(value) == "None":
                yield field


@pytest.mark.parametrize("project", [ROOT, ROOT / "hardware"], ids=["root", "hardware"])
def test_a_field_that_begins_as_none_is_annotated(project):
    files = checked(project)
    assert len(files) > 20
    asked = [
        path for path in files if re.search(r"self\.\w+.*=.*\bNone\b", path.read_text("utf-8"))
    ]
    assert [(str(path), name) for path in asked for name in bare(sources.tree(path))] == []


def test_how_such_fields_are_found():
    source = """
class A:
    c: int | None
    def __init__(self):
        self.a: int | None = None
        self.b = self.e = None
        self.c, self.d = None, None
        other.f = None
"""
    assert list(bare(ast.parse(source))) == ["b", "e", "d"]
