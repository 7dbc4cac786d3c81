"""The firmware without machine code, which the wasm port does not support.

A viper function is replaced by a call of an equivalent Python function, which is loaded before
anything is counted: on the chip machine code is outside the heap, in instruction memory.
"""

import ast
import shutil
from pathlib import Path

from tokenctl.release import record

_VIPER = "micropython.viper"
_POINTERS = ("ptr8", "ptr16", "ptr32")  # viper's types; stand_ins/_words.py has views like them


def write(firmware: Path, target: Path) -> dict[str, str]:
    """Copy the firmware to `target`, a new folder; return {name: source} of modules that it needs.

    The functions are added to the copy's record of what a token at rest runs, which does not have
    them, because the release leaves every function with a decorator in place.
    """
    shutil.copytree(firmware, target, ignore=shutil.ignore_patterns("__pycache__"))
    replaced: list[str] = []
    modules: dict[str, str] = {}
    for path in sorted(target.rglob("*.py")):
        if _VIPER in path.read_text():
            tree = ast.parse(path.read_text())
            parts = path.relative_to(target).with_suffix("").parts
            beside = "_plain_" + "_".join(parts)
            functions = [
                each for each in tree.body if isinstance(each, ast.FunctionDef) and _is_viper(each)
            ]
            modules[beside] = _module(tree, functions)
            for index, each in enumerate(functions):
                replaced.append(f"{'.'.join(parts)}:{each.name}")
                _call(each, beside, index)
            path.write_text(ast.unparse(tree))
    if (target / record.FILE).exists():
        ran = record.read(target)
        record.write(target, ran._replace(functions=ran.functions.union(replaced)))
    return modules


def _is_viper(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == _VIPER for each in node.decorator_list)


def _module(tree: ast.Module, functions: list[ast.FunctionDef]) -> str:
    """Return the source of plain functions, collected in the list `viper`, and what they use."""
    used = {each.id for one in functions for each in ast.walk(one) if isinstance(each, ast.Name)}
    body: list[ast.stmt] = ast.parse("import _words").body
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            bound = {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Assign):
            bound = {each.id for each in node.targets if isinstance(each, ast.Name)}
        else:
            continue
        if bound & (used | {"const"}) and bound != {"micropython"}:
            body.append(node)
    body += [_plain(each) for each in functions]
    names = ", ".join(each.name for each in functions)
    body += ast.parse(f"viper = [{names}]").body
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _call(node: ast.FunctionDef, module: str, index: int) -> None:
    """Replace a function's body by a call of an entry of `viper`: the release keeps that name."""
    arguments = ", ".join(each.arg for each in node.args.args)
    node.decorator_list, node.returns = [], None
    for each in node.args.args:
        each.annotation = None
    call = _expression(f"__import__('{module}').viper[{index}]({arguments})")
    node.body = [ast.Return(call)]


def _plain(node: ast.FunctionDef) -> ast.stmt:
    views = [
        f"{each.arg} = {_words(ast.unparse(each.annotation), each.arg)}"
        for each in node.args.args
        if each.annotation is not None and ast.unparse(each.annotation) in _POINTERS
    ]
    arguments = ", ".join(each.arg for each in node.args.args)
    made = ast.parse("\n ".join([f"def {node.name}({arguments}):", *views, "pass"])).body[0]
    assert isinstance(made, ast.FunctionDef)
    plain = _Plain(wraps="uint(" in ast.unparse(node))
    made.body += [plain.visit(ast.parse(ast.unparse(each)).body[0]) for each in node.body]
    return made


def _words(kind: str, buffer: str) -> str:
    return f"_words.{kind}({buffer})"


class _Plain(ast.NodeTransformer):
    """Turns ptr32(x) and the like into views of x; with `wraps` assigned values have 32 bits."""

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
        elif self._wraps and "_words." not in ast.unparse(node.value):
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


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
