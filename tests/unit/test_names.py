"""On the token the order of issuer and account is decided in one place: ui/screens/names.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TOKENFW = Path(__file__).parents[2] / "firmware" / "tokenfw"
SHOWING = [path for room in ("ui", "link") for path in (TOKENFW / room).rglob("*.py")]


def rows_of_names(source: str) -> Iterator[int]:
    """Yield the lines that put an account's issuer in a row or a text with something else."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
            parts: list[ast.AST] = list(node.elts)
        elif isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        else:
            continue
        if any(isinstance(part, ast.Attribute) and part.attr == "issuer" for part in parts):
            yield node.lineno


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: path.stem)
def test_no_screen_and_no_question_orders_names_itself(path: Path) -> None:
    assert list(rows_of_names(path.read_text())) == [], "in_order() of tokenfw/ui/screens/names.py"


@pytest.mark.parametrize(
    "source",
    [
        "ask([account.issuer, account.name])",
        "names = account.issuer, account.name",
        'text = account.issuer + ":" + account.name',
    ],
)
def test_an_order_of_its_own_is_found(source: str) -> None:
    assert list(rows_of_names(source)) == [1]
