"""Rewrites statements for their unit: every name says where its meaning is.

Within its unit a name stands for itself. What lies at rest, in unit 0, is an attribute of that
(`unit_0.name`); what lies in another unit that is imported at a module's top is one of that unit,
which is loaded first. What was moved aside is loaded where it is used: `units.load(7).name`.
"""

import ast
from typing import Protocol

from tokenctl.release import constants
from tokenctl.release.grouping import ON_DEMAND, REST, Unit
from tokenctl.release.program import BuildError, Program, Symbol
from tokenctl.release.splitting import MovedAside, referred
from tokenctl.release.trees import Transformer, clone

EMITTER = Symbol("micropython", "viper")
UNITS = "units"  # the module that loads them, see firmware/units.py
REST_NAME = "unit_0"  # as unit_7 is that of unit 7


class Layout(Protocol):
    """Where everything is."""

    program: Program
    units: list[Unit]
    aside: MovedAside
    values: dict[Symbol, constants.Value]  # what stands where it is used
    roots: dict[str, int]  # the unit of each module that is loaded by its name
    keys: dict[str, int]  # the unit of each key of what was moved aside
    unit_of: dict[Symbol, int]
    names: list[dict[Symbol | str, str]]  # what each symbol is called, by unit
    local: set[str]  # names that are local to some function

    def free(self, number: int, wanted: str) -> str:
        """Return a name that is free in a unit."""
        ...

    def is_folded(self, symbol: Symbol) -> bool:
        """Return whether a symbol is inlined where it is used."""
        ...


class Writer(Transformer):
    """Rewrites statements for one unit; head() is what that has to load first."""

    def __init__(self, layout: Layout, number: int) -> None:
        self._layout = layout
        self._number = number
        self._handles: set[int] = set()
        self._outside: dict[Symbol | str, str] = {}
        self._says_units = False
        self._depth = 0
        self._beside = False
        self._module = ""

    def write(self, module: str, statement: ast.stmt, beside: str | None = None) -> list[ast.stmt]:
        """Return what becomes of a statement at a module's top.

        That is called `beside` which has some methods of a class that lies elsewhere.
        """
        self._depth = 0
        self._module = module
        self._beside = beside is not None
        statement = clone(statement)
        if beside is not None and isinstance(statement, ast.ClassDef):
            statement.name = beside
        result = self.visit(statement)
        if result is None:
            return []
        return result if isinstance(result, list) else [result]

    def head(self) -> list[ast.stmt]:
        """Return the statements that come first."""
        lines = []
        for meaning, name in sorted(self._outside.items(), key=lambda each: each[1]):
            if isinstance(meaning, str):
                lines.append(f"import {meaning}" + (f" as {name}" if name != meaning else ""))
            else:
                renamed = f" as {name}" if name != meaning.name else ""
                lines.append(f"from {meaning.module} import {meaning.name}{renamed}")
        if self._says_units or self._handles or self._number == REST:
            lines.append(f"import {UNITS}")
        for number in sorted(self._handles):
            lines.append(f"{_handle(number)} = {UNITS}.load({number})")
        return ast.parse("\n".join(lines)).body

    # names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        symbol = getattr(node, "symbol", None)
        if symbol is None:
            return node
        if isinstance(symbol, str) and self._layout.program.is_ours(symbol):
            raise BuildError(f"{symbol} is used as a thing of its own in {_where(node)}")
        if isinstance(node.ctx, ast.Load):
            return self._refer(symbol, node)
        name = self._layout.names[self._number].get(symbol)
        if name is None:
            raise BuildError(f"{symbol} is bound in {_where(node)}, where it does not lie")
        return _at(ast.Name(name, node.ctx), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        symbol = referred(node)
        if symbol == EMITTER:  # the compiler knows it by these two names; nothing looks for it
            return _attribute(EMITTER.module, EMITTER.name, node)
        if symbol is not None:
            if symbol.module == ON_DEMAND:
                self._says_units = True
                return _attribute(UNITS, node.attr, node)
            if self._layout.program.is_ours(symbol.module):
                return self._refer(self._layout.program.meaning(symbol), node)
        return self.others(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str) and node.value in self._layout.roots:
            return _at(ast.Constant(self._layout.roots[node.value]), node)
        return node

    def _refer(self, symbol: Symbol | str, node: ast.AST) -> ast.expr:
        layout = self._layout
        if symbol in layout.values:
            return _value(layout.values[symbol], node)
        if isinstance(symbol, str) or not layout.program.is_ours(symbol.module):
            return self._refer_outside(symbol, node)
        home = layout.unit_of[symbol]
        foreign = home == self._number and symbol.module != self._module
        if foreign and layout.names[home][symbol] in layout.local:
            raise BuildError(f"a local name in {_where(node)} may hide {symbol}")
        if home == self._number:
            return _at(ast.Name(layout.names[home][symbol], ast.Load()), node)
        name = layout.names[home][symbol]
        if home == REST or home < len(layout.units):
            self._handles.add(home)
            return _attribute(_handle(home), name, node)
        return self._loaded(home, name, node)

    def _loaded(self, home: int, name: str, node: ast.AST) -> ast.expr:
        self._says_units = True
        call = ast.Call(_attribute(UNITS, "load", node), [ast.Constant(home)], [])
        return _at(ast.Attribute(_at(call, node), name, ast.Load()), node)

    def _refer_outside(self, symbol: Symbol | str, node: ast.AST) -> ast.expr:
        """What the interpreter has is bound once, at rest where it is bound there at all."""
        rest = self._layout.names[REST]
        if self._number != REST and symbol in rest:
            self._handles.add(REST)
            return _attribute(_handle(REST), rest[symbol], node)
        if symbol not in self._outside:
            wanted = symbol if isinstance(symbol, str) else symbol.name
            name = self._layout.free(self._number, wanted)
            self._outside[symbol] = name
            self._layout.names[self._number][symbol] = name
        return _at(ast.Name(self._outside[symbol], ast.Load()), node)

    # statements

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.AST] | None:
        if self._depth == 0:
            bound = constants.pairs(node)
            folded = [self._layout.is_folded(target.symbol) for target, _ in bound]  # pyrefly: ignore[missing-attribute]
            if bound and all(folded):
                return None
            if any(folded):
                kept = [each for each, gone in zip(bound, folded, strict=True) if not gone]
                return [
                    self.others(_at(ast.Assign([target], self._plain(value)), node))
                    for target, value in kept
                ]
        node.value = self._plain(node.value)
        return self.others(node)

    def _plain(self, value: ast.expr) -> ast.expr:
        return value.args[0] if constants.is_const(value) else value  # pyrefly: ignore[missing-attribute]

    def _inside(self, node: ast.AST) -> ast.AST:
        if self._depth == 0 and not self._beside:
            node.name = self._own(node.name)  # pyrefly: ignore[missing-attribute]
        self._depth += 1
        result = self.others(node)
        self._depth -= 1
        return result

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _inside

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """What is forgotten in other builds as a package is so as units here."""
        call = node.value
        if isinstance(call, ast.Call) and referred(call.func) == Symbol(ON_DEMAND, "forget"):
            numbers = self._forgotten(call)
            if numbers is not None:
                if not numbers:
                    return _at(ast.Pass(), node)
                call.args = [ast.Constant(each) for each in numbers]
        return self.others(node)

    def _forgotten(self, call: ast.Call) -> list[int] | None:
        name = call.args[0]
        if not isinstance(name, ast.Constant):
            return None
        return [
            number
            for root, number in sorted(self._layout.roots.items(), key=lambda each: each[1])
            if root and (root == name.value or root.startswith(f"{name.value}."))
        ]

    def _own(self, name: str) -> str:
        """Return what a name at the module's top is called in this unit."""
        return self._layout.names[self._number][Symbol(self._module, name)]

    def _import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        """An import within a function binds names of its own."""
        statements: list[ast.stmt] = []
        for name, meaning in self._layout.program.imported(node):
            target = _at(ast.Name(self._own(name) if self._depth == 0 else name, ast.Store()), node)
            value = self._imported(meaning, node)
            if value is None:
                outside = ast.Import([ast.alias(str(meaning), name if name != meaning else None)])
                statements.append(_at(outside, node))
                continue
            statements.append(_at(ast.Assign([target], value), node))
        return statements

    visit_Import = visit_ImportFrom = _import

    def _imported(self, meaning: Symbol | str, node: ast.AST) -> ast.expr | None:
        layout = self._layout
        if isinstance(meaning, str) and not layout.program.is_ours(meaning):
            return None
        if isinstance(meaning, Symbol):
            symbol = layout.program.meaning(meaning)
            if isinstance(symbol, Symbol) and layout.program.is_ours(symbol.module):
                home = layout.unit_of.get(symbol)
                if home is not None and home not in (self._number, REST):
                    return self._loaded(home, layout.names[home][symbol], node)
            return self._refer(symbol, node)
        number = layout.roots.get(meaning)
        if number is None or number == REST:
            raise BuildError(f"{meaning} is imported as a whole in {_where(node)}")
        self._says_units = True
        call = ast.Call(_attribute(UNITS, "load", node), [ast.Constant(number)], [])
        return _at(call, node)


def _at(new, old: ast.AST):
    """Return a new node at the location of an old one."""
    ast.copy_location(new, old)
    new.place = getattr(old, "place", None)
    return new


def _value(value: constants.Value, node: ast.AST) -> ast.expr:
    """Return a value as the parser has it: a number below zero is no literal."""
    if isinstance(value, str):
        return _at(ast.Constant(value), node)
    constant = _at(ast.Constant(abs(value)), node)
    return constant if value >= 0 else _at(ast.UnaryOp(ast.USub(), constant), node)


def _handle(number: int) -> str:
    return REST_NAME if number == REST else f"unit_{number}"


def _attribute(owner: str, name: str, node: ast.AST) -> ast.Attribute:
    value = _at(ast.Name(owner, ast.Load()), node)
    return _at(ast.Attribute(value, name, ast.Load()), node)


def _where(node: ast.AST) -> str:
    path, line = getattr(node, "place", ("?", getattr(node, "lineno", 0)))
    return f"{path}:{line}"
