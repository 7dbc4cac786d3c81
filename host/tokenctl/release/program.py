"""The firmware's sources as trees in which every name is resolved.

A name is local to a function, built in, or bound at the top of a module: then its node has
a `symbol`. Only what the firmware does is understood; anything else is a BuildError,
so that nothing is built wrongly.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tokenctl.release.trees import Visitor, children, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
_DOCUMENTED = (ast.Module, *DEFINITIONS)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)


class BuildError(Exception):
    """The sources contain something that the build does not understand."""


class Symbol(NamedTuple):
    """What a module binds at its top. An outside module itself has no name."""

    module: str
    name: str


@dataclass
class Module:
    """One source file; `bindings` has what each name at its top means, `nodes` what walk() yields.

    A binding is a Symbol of this module, one of another that was imported, or a module's dotted
    name, also an outside one's.
    """

    name: str
    path: str
    tree: ast.Module
    bindings: dict[str, Symbol | str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)  # modules of ours, in order, at the top
    nodes: list[ast.AST] = field(default_factory=list)


class Program:
    """All modules of the firmware, by their dotted names."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        """`sources` are the files by their paths ("tokenfw/system/app.py")."""
        self.modules: dict[str, Module] = {}
        for path, source in sorted(sources.items()):
            name = dotted(path)
            tree = ast.parse(source)
            _prepare(tree, path)
            self.modules[name] = Module(name, path, tree)
        for module in self.modules.values():
            self._bind(module)
        for module in self.modules.values():
            _Resolver(self, module).visit(module.tree)
            module.nodes = list(walk(module.tree))

    def is_ours(self, name: str) -> bool:
        """Return whether a dotted name is that of a module of the firmware."""
        return name in self.modules

    def meaning(self, binding: Symbol | str) -> Symbol | str:
        """Follow a binding to where it was made: re-exports to their origin."""
        while isinstance(binding, Symbol) and self.is_ours(binding.module):
            next_one = self.modules[binding.module].bindings.get(binding.name)
            if next_one is None:
                raise BuildError(f"{binding.module} has no {binding.name}")
            if next_one == binding:
                return binding
            binding = next_one
        return binding

    def local_names(self) -> set[str]:
        """Return all names that are local to some function."""
        found: set[str] = set()
        for module in self.modules.values():
            for node in module.nodes:
                if isinstance(node, ast.Name):
                    if not hasattr(node, "symbol"):
                        found.add(node.id)
                elif isinstance(node, ast.arg):
                    found.add(node.arg)
                elif isinstance(node, ast.ExceptHandler) and node.name:
                    found.add(node.name)
            for statement, _ in inner_imports(module.tree):
                found |= {each.asname or each.name for each in statement.names}
        return found

    def imported(self, node: ast.Import | ast.ImportFrom) -> list[tuple[str, Symbol | str]]:
        """Return what an import statement binds: names, and what they mean."""
        if isinstance(node, ast.Import):
            if any("." in each.name or self.is_ours(each.name) for each in node.names):
                raise BuildError(f"import of a module by its dotted name in line {node.lineno}")
            return [(each.asname or each.name, each.name) for each in node.names]
        found: list[tuple[str, Symbol | str]] = []
        for each in node.names:
            dotted = f"{node.module}.{each.name}"
            meaning: Symbol | str = Symbol(node.module or "", each.name)
            found.append((each.asname or each.name, dotted if self.is_ours(dotted) else meaning))
        return found

    def _bind(self, module: Module) -> None:
        for statement in module.tree.body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                for name, meaning in self.imported(statement):
                    module.bindings[name] = meaning
                    other = meaning if isinstance(meaning, str) else meaning.module
                    if self.is_ours(other):
                        module.imports.append(other)
                continue
            for name in bound_by([statement]):
                module.bindings[name] = Symbol(module.name, name)


class _Resolver(Visitor):
    """Gives each Name at whose place a module's top is meant its `symbol`."""

    def __init__(self, program: Program, module: Module) -> None:
        self._program = program
        self._module = module
        self._scopes: list[tuple[set[str], bool]] = []  # names, and whether it is a class's
        self._elsewhere = any(isinstance(each, ast.Nonlocal) for each in walk(module.tree))

    def visit_Name(self, node: ast.Name) -> None:
        for depth, (names, is_class) in enumerate(reversed(self._scopes)):
            if node.id in names and (depth == 0 or not is_class):
                return
        binding = self._module.bindings.get(node.id)
        if binding is not None:
            node.symbol = self._program.meaning(binding)  # pyrefly: ignore[missing-attribute]

    def visit_FunctionDef(self, node: Function) -> None:
        for each in node.decorator_list:
            self.visit(each)
        self._arguments(node.args)
        if node.returns is not None and not is_viper(node):
            node.returns = None
        arguments = {each.arg for each in _all_arguments(node.args)}
        names = arguments | bound_by(node.body)
        if self._elsewhere:
            names -= _declared(node.body, ast.Nonlocal)
        self._inside(names, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._arguments(node.args)
        self._inside({each.arg for each in _all_arguments(node.args)}, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in [*node.decorator_list, *node.bases]:
            self.visit(each)
        self._inside(bound_by(node.body), node.body, is_class=True)

    def _comprehension(self, node: ast.GeneratorExp) -> None:
        names: set[str] = set()
        for each in node.generators:
            names |= {part.id for part in walk(each.target) if isinstance(part, ast.Name)}
        self._inside(names, list(children(node)))

    visit_GeneratorExp = visit_ListComp = visit_SetComp = visit_DictComp = _comprehension

    def visit_Global(self, node: ast.Global) -> None:
        raise BuildError(f"{self._module.path}:{node.lineno}: a global statement")

    def _arguments(self, arguments: ast.arguments) -> None:
        for each in [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]:
            self.visit(each)

    def _inside(self, names: set[str], nodes: list, is_class: bool = False) -> None:
        self._scopes.append((names, is_class))
        for each in nodes:
            self.visit(each)
        self._scopes.pop()


def bound_by(statements: list[ast.stmt]) -> set[str]:
    """Return the names that statements bind, those within functions and classes not counted."""
    found: set[str] = set()
    todo: list[ast.AST] = list(statements)
    while todo:
        node = todo.pop()
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
            continue
        if isinstance(node, SCOPES):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        todo += children(node)
    return found


def inner_imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Yield the imports that are not at the top, and whether they stand within a branch."""

    def look(statements: list[ast.stmt], inside: bool, branch: bool):
        for statement in statements:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                if inside:
                    yield statement, branch
            elif isinstance(statement, FUNCTIONS):
                yield from look(statement.body, True, False)
            elif isinstance(statement, ast.ClassDef):
                yield from look(statement.body, inside, branch)
            else:
                for _, value in ast.iter_fields(statement):
                    parts = value if isinstance(value, list) else []
                    for part in parts:
                        if isinstance(part, ast.stmt):
                            yield from look([part], True, True)
                        elif isinstance(part, ast.ExceptHandler):
                            yield from look(part.body, True, True)

    yield from look(tree.body, False, False)


def is_viper(node: Function) -> bool:
    """Return whether a function is machine code."""
    return any(isinstance(d, ast.Attribute) and d.attr == "viper" for d in node.decorator_list)


def place(node: ast.AST) -> tuple[str, int] | None:
    """Return the file and line of a node."""
    return getattr(node, "place", None)


def _all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    star = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *star]


def _declared(statements: list[ast.stmt], kind: type[ast.Nonlocal]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        for node in walk(statement):
            if isinstance(node, kind):
                found |= set(node.names)
    return found


def _prepare(tree: ast.Module, path: str) -> None:
    """Give the nodes of a tree their places, and drop its docstrings."""
    for node in walk(tree):
        line = getattr(node, "lineno", None)
        if line is not None:
            node.place = (path, line)  # pyrefly: ignore[missing-attribute]
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]


def dotted(path: str) -> str:
    """Return the name of the module in a file ("tokenfw/system/app.py")."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def read(folder: Path) -> dict[str, bytes]:
    """Return the Python files of a folder by their paths in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}
