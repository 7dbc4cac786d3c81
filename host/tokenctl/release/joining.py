"""Modules become units: one tree each, in which every name says where its meaning lies.

Within its unit a name stands for itself. What lies at rest, in unit 0, is an attribute of that
(`rest.name`); what lies in another unit that is imported at a module's top is one of that unit,
which is loaded first. What was moved aside is loaded where it is used: `units.load(7).name`.
"""

import ast
import builtins
import copy
from dataclasses import dataclass, field

from tokenctl.release import constants
from tokenctl.release.apart import Apart, find, package, referred
from tokenctl.release.grouping import BOOT, ON_DEMAND, REST, Unit, group
from tokenctl.release.program import (
    FUNCTIONS,
    BuildError,
    Program,
    Symbol,
    bound_by,
        place,
)
from tokenctl.release.record import Record

UNITS = "units"  # the module that loads them, see firmware/units.py
# Names that the build adds.
REST_NAME, CLASSES, APART, METHOD = "rest", "classes", "apart", "method"

_BUILT_IN = frozenset(dir(builtins))


@dataclass
class Built:
    """The body of a unit, and whether it stays in memory once it was loaded."""

    number: int
    title: str
    body: list[ast.stmt]
    stays: bool


@dataclass
class _Home:
    """Where symbols lie: `names` in each unit, by symbol."""

    names: list[dict[Symbol | str, str]] = field(default_factory=list)
    unit: dict[Symbol, int] = field(default_factory=dict)


def join(
    program: Program, record: Record, main: ast.Module
) -> tuple[list[Built], dict[str, int]]:
    """Return all units, and the number of the unit that each module is the root of."""
    called = {each.attr for each in ast.walk(main) if isinstance(each, ast.Attribute)}
    wanted = frozenset(Symbol(BOOT, each) for each in called)
    units = group(program, record, main)
    return _Joiner(program, units, find(program, units[REST].modules, record, wanted)).join()


class _Joiner:
    def __init__(self, program: Program, units: list[Unit], apart: Apart) -> None:
        self.program = program
        self.units = units
        self.numbers = constants.numbers(program)
        self.apart = apart
        self.keys = {
            key: len(self.units) + place for place, key in enumerate(self.apart.keys())
        }
        self.roots = {unit.root: unit.number for unit in self.units if unit.root}
        self.unit_of: dict[Symbol, int] = {}
        self.names: list[dict[Symbol | str, str]] = [
            {} for _ in range(len(self.units) + len(self.keys))
        ]
        self._dynamic = {each.root for each in self.units}
        self._local = program.local_names()
        self._place()
        self.classes: dict[int, list[Symbol]] = {number: [] for number in self.keys.values()}
        for symbol in sorted(self.apart.methods):
            self.classes[self.keys[package(symbol)]].append(symbol)

    # where symbols lie, and what they are called there

    def _place(self) -> None:
        for unit in self.units:
            for name in unit.modules:
                for symbol in self._symbols(name):
                    key = self.apart.symbols.get(symbol)
                    self.unit_of[symbol] = unit.number if key is None else self.keys[key]
        roots = {unit.number: unit.root for unit in self.units}
        for number in range(len(self.names)):
            here = [each for each, at in self.unit_of.items() if at == number]
            here.sort(key=lambda each: (each.module != roots.get(number), each))
            taken = {REST_NAME, UNITS, CLASSES} | {f"unit_{n}" for n in range(len(self.names))}
            for symbol in here:
                name, serial = symbol.name, 1
                root = symbol.module == roots.get(number)
                while name in taken or (not root and name in self._local | _BUILT_IN):
                    serial += 1
                    name = f"{symbol.name}_{serial}"
                taken.add(name)
                self.names[number][symbol] = name
            shadowed = {each for each in taken & _BUILT_IN}
            self._refuse_shadows(number, shadowed)
        for symbol in self.apart.methods:  # the class that has them, beside
            number = self.keys[package(symbol)]
            self.names[number][symbol] = self._free(number, symbol.name)

    def _free(self, number: int, wanted: str) -> str:
        name, serial = wanted, 1
        while name in self.names[number].values() or name in self._local | _BUILT_IN:
            serial += 1
            name = f"{wanted}_{serial}"
        return name

    def _refuse_shadows(self, number: int, shadowed: set[str]) -> None:
        """A root's function that is called like something built in hides that in its unit."""
        if not shadowed or number >= len(self.units):
            return
        for name in self.units[number].modules:
            if name == self.units[number].root:
                continue
            for node in ast.walk(self.program.modules[name].tree):
                if isinstance(node, ast.Name) and node.id in shadowed:
                    if getattr(node, "symbol", None) is None and isinstance(node.ctx, ast.Load):
                        raise BuildError(f"{name} uses {node.id}, which its unit hides")

    def _symbols(self, module: str) -> list[Symbol]:
        found = []
        for name, meaning in self.program.modules[module].bindings.items():
            if meaning == Symbol(module, name) and not self._is_folded(meaning):
                found.append(meaning)
        return found

    def _is_folded(self, symbol: Symbol) -> bool:
        """Tell whether a symbol stands where it is used, and nowhere else."""
        if symbol not in self.numbers:
            return False
        return symbol.module not in self._dynamic or symbol.name.startswith("_")

    # the units' trees

    def join(self) -> tuple[list[Built], dict[str, int]]:
        built = [self._unit(unit) for unit in self.units]
        for key, number in sorted(self.keys.items(), key=lambda each: each[1]):
            built.append(self._aside(key, number))
        return built, {root: number for root, number in self.roots.items() if root}

    def _unit(self, unit: Unit) -> Built:
        writer = Writer(self, unit.number)
        body: list[ast.stmt] = []
        for name in unit.modules:
            for statement in self.program.modules[name].tree.body:
                body += self._top(writer, name, statement)
        stays = unit.number == REST
        if stays:
            body = self._bridges() + body
        return Built(unit.number, unit.root or "", writer.head() + body, stays)

    def _bridges(self) -> list[ast.stmt]:
        """Return the functions that find the methods that were moved aside: one a unit."""
        source = ""
        for number, classes in self.classes.items():
            if classes:
                source += f"def {METHOD}_{number}(self, name):\n"
                source += f"    return {UNITS}.{METHOD}(self, name, {number})\n"
        return ast.parse(source).body

    def _top(self, writer: "Writer", module: str, statement: ast.stmt) -> list[ast.stmt]:
        """Return what becomes of a statement at the top of a module that stays together."""
        if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
            return []
        if any(self.apart.symbols.get(each) is not None for each in _bound(module, statement)):
            return []
        written = writer.write(module, statement)
        if isinstance(statement, ast.ClassDef):
            self._leave(Symbol(module, statement.name), statement, written[0])
        return written

    def _leave(self, symbol: Symbol, node: ast.ClassDef, written: ast.stmt) -> None:
        """Take a class's methods out of it that were moved aside; it knows where they are."""
        methods = self.apart.methods.get(symbol)
        if not methods:
            return
        assert isinstance(written, ast.ClassDef)
        number = self.keys[package(symbol)]
        kept = [
            each
            for each in written.body
            if not (isinstance(each, FUNCTIONS) and each.name in methods)
        ]
        place = self.classes[number].index(symbol)
        source = f"{APART} = {place}\n__getattr__ = {METHOD}_{number}"
        written.body = kept + ast.parse(source).body

    def _aside(self, key: str, number: int) -> Built:
        writer = Writer(self, number)
        body: list[ast.stmt] = []
        stays = False
        for name in self.units[REST].modules:
            for statement in self.program.modules[name].tree.body:
                bound = _bound(name, statement)
                if any(self.apart.symbols.get(each) == key for each in bound):
                    body += writer.write(name, statement)
                    stays = stays or isinstance(statement, ast.ClassDef)
                elif isinstance(statement, ast.ClassDef):
                    symbol = Symbol(name, statement.name)
                    if symbol in self.apart.methods and package(symbol) == key:
                        body.append(self._methods(writer, symbol, statement))
        if self.classes[number]:
            names = ", ".join(self.names[number][each] for each in self.classes[number])
            body += ast.parse(f"{CLASSES} = ({names},)").body
        return Built(number, key or "top", writer.head() + body, stays)

    def _methods(self, writer: "Writer", symbol: Symbol, node: ast.ClassDef) -> ast.stmt:
        """Return the class beside, which has the methods that were moved out of a class."""
        methods = self.apart.methods[symbol]
        bases = [base for base in node.bases if self._has_apart(getattr(base, "symbol", None))]
        body: list[ast.stmt] = []
        for name, each in methods.items():
            plain = copy.copy(each)
            body.append(plain)
            if each.decorator_list:  # a property: see units.method()
                plain.decorator_list = []
                body += ast.parse(f"{name} = ({name},)").body
        shell = ast.ClassDef(
            name=node.name, bases=bases, keywords=[], body=body, decorator_list=[]
        )
        shell.place = place(node)  # pyright: ignore[reportAttributeAccessIssue]
        return writer.write(symbol.module, shell, beside=symbol)[0]

    def _has_apart(self, symbol: Symbol | None) -> bool:
        return symbol in self.apart.methods


class Writer(ast.NodeTransformer):
    """Rewrites statements for one unit; head() is what that has to load first."""

    def __init__(self, joiner: _Joiner, number: int) -> None:
        self._joiner = joiner
        self._number = number
        self._handles: set[int] = set()
        self._outside: dict[Symbol | str, str] = {}
        self._says_units = False
        self._depth = 0
        self._beside = False
        self._module = ""

    def write(
        self, module: str, statement: ast.stmt, beside: Symbol | None = None
    ) -> list[ast.stmt]:
        """Return what becomes of a statement at a module's top."""
        self._depth = 0
        self._module = module
        self._beside = beside is not None
        statement = copy.deepcopy(statement)
        if beside is not None:
            assert isinstance(statement, ast.ClassDef)
            statement.name = self._joiner.names[self._number][beside]
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
        if isinstance(symbol, str) and self._joiner.program.is_ours(symbol):
            raise BuildError(f"{symbol} is used as a thing of its own in {_where(node)}")
        if isinstance(node.ctx, ast.Load):
            return self._refer(symbol, node)
        name = self._joiner.names[self._number].get(symbol)
        if name is None:
            raise BuildError(f"{symbol} is bound in {_where(node)}, where it does not lie")
        return _at(ast.Name(name, node.ctx), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        symbol = referred(node)
        if symbol is not None:
            if symbol.module == ON_DEMAND:
                self._says_units = True
                return _attribute(UNITS, node.attr, node)
            if self._joiner.program.is_ours(symbol.module):
                return self._refer(self._joiner.program.meaning(symbol), node)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str) and node.value in self._joiner.roots:
            return _at(ast.Constant(self._joiner.roots[node.value]), node)
        return node

    def _refer(self, symbol: Symbol | str, node: ast.AST) -> ast.expr:
        joiner = self._joiner
        if symbol in joiner.numbers:
            return _number(joiner.numbers[symbol], node)  # pyright: ignore
        if isinstance(symbol, str) or not joiner.program.is_ours(symbol.module):
            return self._refer_outside(symbol, node)
        home = joiner.unit_of[symbol]
        if home == self._number and symbol.module != self._module:
            if joiner.names[home][symbol] in joiner._local:
                raise BuildError(f"a local name in {_where(node)} may hide {symbol}")
        if self._beside and self._depth == 1 and symbol in joiner.apart.methods:
            return self._refer_beside(symbol, node)
        if home == self._number:
            return _at(ast.Name(joiner.names[home][symbol], ast.Load()), node)
        name = joiner.names[home][symbol]
        if home == REST or home < len(joiner.units):
            self._handles.add(home)
            return _attribute(_handle(home), name, node)
        return self._loaded(home, name, node)

    def _refer_beside(self, symbol: Symbol, node: ast.AST) -> ast.expr:
        """A class beside is made of the one beside its base."""
        home = self._joiner.keys[package(symbol)]
        name = self._joiner.names[home][symbol]
        if home == self._number:
            return _at(ast.Name(name, ast.Load()), node)
        return self._loaded(home, name, node)

    def _loaded(self, home: int, name: str, node: ast.AST) -> ast.expr:
        self._says_units = True
        call = ast.Call(_attribute(UNITS, "load", node), [ast.Constant(home)], [])
        return _at(
            ast.Attribute(_at(call, node), name, ast.Load()), node
        )

    def _refer_outside(self, symbol: Symbol | str, node: ast.AST) -> ast.expr:
        """What the interpreter has is bound once, at rest where it is bound there at all."""
        rest = self._joiner.names[REST]
        if self._number != REST and symbol in rest:
            self._handles.add(REST)
            return _attribute(_handle(REST), rest[symbol], node)
        if symbol not in self._outside:
            wanted = symbol if isinstance(symbol, str) else symbol.name
            name = self._joiner._free(self._number, wanted)
            self._outside[symbol] = name
            self._joiner.names[self._number][symbol] = name
        return _at(ast.Name(self._outside[symbol], ast.Load()), node)

    # statements

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt] | None:
        if self._depth == 0:
            bound = constants.pairs(node)
            folded = [self._joiner._is_folded(target.symbol) for target, _ in bound]  # pyright: ignore
            if bound and all(folded):
                return None
            if any(folded):
                kept = [each for each, gone in zip(bound, folded, strict=True) if not gone]
                return [
                    self.generic_visit(
                        _at(ast.Assign([target], self._plain(value)), node)
                    )
                    for target, value in kept
                ]
        node.value = self._plain(node.value)
        return self.generic_visit(node)

    def _plain(self, value: ast.expr) -> ast.expr:
        return value.args[0] if constants.is_const(value) else value  # pyright: ignore

    def _inside(self, node: ast.AST) -> ast.AST:
        if self._depth == 0 and not self._beside:
            node.name = self._own(node.name)  # pyright: ignore[reportAttributeAccessIssue]
        self._depth += 1
        result = self.generic_visit(node)
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
        return self.generic_visit(node)

    def _forgotten(self, call: ast.Call) -> list[int] | None:
        name = call.args[0]
        if not isinstance(name, ast.Constant):
            return None
        return [
            number
            for root, number in sorted(self._joiner.roots.items(), key=lambda each: each[1])
            if root and (root == name.value or root.startswith(f"{name.value}."))
        ]

    def _own(self, name: str) -> str:
        """Return what a name at the module's top is called in this unit."""
        return self._joiner.names[self._number][Symbol(self._module, name)]

    def _import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        """An import within a function binds names of its own."""
        statements: list[ast.stmt] = []
        for name, meaning in self._joiner.program.imported(node):
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
        joiner = self._joiner
        if isinstance(meaning, str) and not joiner.program.is_ours(meaning):
            return None
        if isinstance(meaning, Symbol):
            symbol = joiner.program.meaning(meaning)
            assert isinstance(symbol, Symbol)
            if joiner.program.is_ours(symbol.module):
                home = joiner.unit_of.get(symbol)
                if home is not None and home not in (self._number, REST):
                    return self._loaded(home, joiner.names[home][symbol], node)
            return self._refer(symbol, node)
        number = joiner.roots.get(meaning)
        if number is None or number == REST:
            raise BuildError(f"{meaning} is imported as a whole in {_where(node)}")
        self._says_units = True
        call = ast.Call(_attribute(UNITS, "load", node), [ast.Constant(number)], [])
        return _at(call, node)


def _at(new, old: ast.AST):
    """Return a new node in the place of an old one."""
    ast.copy_location(new, old)
    new.place = getattr(old, "place", None)
    return new


def _number(value: int, node: ast.AST) -> ast.expr:
    """Return a number as the parser has it: one below zero is no literal."""
    constant = _at(ast.Constant(abs(value)), node)
    return constant if value >= 0 else _at(ast.UnaryOp(ast.USub(), constant), node)


def _handle(number: int) -> str:
    return REST_NAME if number == REST else f"unit_{number}"


def _attribute(owner: str, name: str, node: ast.AST) -> ast.Attribute:
    value = _at(ast.Name(owner, ast.Load()), node)
    return _at(ast.Attribute(value, name, ast.Load()), node)


def _bound(module: str, statement: ast.stmt) -> list[Symbol]:
    return [Symbol(module, each) for each in bound_by([statement])]


def _where(node: ast.AST) -> str:
    path, line = getattr(node, "place", ("?", getattr(node, "lineno", 0)))
    return f"{path}:{line}"
