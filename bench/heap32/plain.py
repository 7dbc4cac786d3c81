"""The firmware without machine code, which the wasm port has not.

Each viper function becomes a Python function that does the same. Its bytecode counts as
nothing: on the chip its machine code lies outside the heap, in instruction memory.
"""

import ast
import shutil
from pathlib import Path

from tokenctl.release import record

_VIPER = "micropython.viper"
_POINTERS = ("ptr8", "ptr16", "ptr32")  # viper's types; a stand-in, _words, has views like them


def write(firmware: Path, target: Path) -> None:
    """Copy the firmware to `target`, a new folder; there the functions are replaced.

    They are added to the record of what a token at rest runs, which lacks them: the release
    leaves every function with a decorator where it is.
    """
    shutil.copytree(firmware, target, ignore=shutil.ignore_patterns("__pycache__"))
    replaced: list[str] = []
    for path in sorted(target.rglob("*.py")):
        if _VIPER in path.read_text():
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and _is_viper(node):
                    _make_plain(node)
                    module = ".".join(path.relative_to(target).with_suffix("").parts)
                    replaced.append(f"{module}:{node.name}")
            path.write_text(ast.unparse(tree))
    if (target / record.FILE).exists():
        ran = record.read(target)
        record.write(target, ran._replace(functions=ran.functions.union(replaced)))


def _is_viper(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == _VIPER for each in node.decorator_list)


def _make_plain(node: ast.FunctionDef) -> None:
    node.decorator_list = []
    node.returns = None
    converted: list[ast.stmt] = []
    for argument in node.args.args:
        kind = None if argument.annotation is None else ast.unparse(argument.annotation)
        if kind in _POINTERS:
            converted += ast.parse(f"{argument.arg} = {_words(kind, argument.arg)}").body
        argument.annotation = None
    plain = _Plain(wraps="uint(" in ast.unparse(node))
    node.body = converted + [plain.visit(each) for each in node.body]


def _words(kind: str, buffer: str) -> str:
    return f"__import__('_words').{kind}({buffer})"


class _Plain(ast.NodeTransformer):
    """ptr32(x) and its like become views of x; where it `wraps`, what is kept has 32 bits."""

    def __init__(self, wraps: bool) -> None:
        self._wraps = wraps

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            if node.func.id in _POINTERS:
                return _expression(_words(node.func.id, ast.unparse(node.args[0])))
            if node.func.id == "uint":
                return node.args[0]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        if self._wraps and isinstance(node.value, ast.Tuple):
            node.value.elts = [_wrapped(each) for each in node.value.elts]
        elif self._wraps and not _is_view(node.value):
            node.value = _wrapped(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not self._wraps:
            return node
        value = ast.BinOp(_expression(ast.unparse(node.target)), node.op, node.value)
        return ast.Assign([node.target], _wrapped(value), lineno=node.lineno)


def _wrapped(value: ast.expr) -> ast.expr:
    return _expression(f"({ast.unparse(value)}) & 0xFFFFFFFF")


def _is_view(value: ast.expr) -> bool:
    return "__import__('_words')" in ast.unparse(value)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
