"""Joins modules into units, one tree each: first unit 0, then what was moved aside.

A class whose methods were moved aside asks for them: see units.method(). In their units lie
classes of the same name, which have nothing but them.
"""

import ast
import builtins
import copy
import sys
from dataclasses import dataclass, field

from tokenctl.release import constants
from tokenctl.release.grouping import BOOT, REST, Unit, group
from tokenctl.release.program import (
    FUNCTIONS,
    BuildError,
    Function,
    Program,
    Symbol,
    bound_by,
    is_viper,
    place,
)
from tokenctl.release.record import Record
from tokenctl.release.rewriting import REST_NAME, UNITS, Writer
from tokenctl.release.splitting import ERRORS, MovedAside, find
from tokenctl.release.trees import walk

METHOD = "method"  # of units: what finds those that were moved aside

_BUILT_IN = frozenset(dir(builtins))


@dataclass
class Built:
    """The body of a unit, and whether it stays in memory once it was loaded.

    `methods` are those in it that were moved out of classes, as (class, method). `use` is on how
    many of the recorded occasions something of it runs.
    """

    number: int
    title: str
    body: list[ast.stmt]
    stays: bool
    methods: list[tuple[str, str]] = field(default_factory=list)
    use: int = 0


def join(
    program: Program, record: Record, main: ast.Module, boot: str = BOOT
) -> tuple[list[Built], dict[str, int]]:
    """Return all units, and the number of the unit that each module is the root of.

    `main` loads `boot`, the root of the unit at rest, and calls what it names as attributes.
    """
    called = {each.attr for each in walk(main) if isinstance(each, ast.Attribute)}
    wanted = frozenset(Symbol(boot, each) for each in called)
    units = group(program, record, main, boot)
    aside = find(program, units[REST].modules, record, wanted)
    built, roots = _Joiner(program, units, aside).join()
    _note_use(built, units, aside, record)
    return built, roots


class _Joiner:
    def __init__(self, program: Program, units: list[Unit], aside: MovedAside) -> None:
        self.program = program
        self.units = units
        self.values = constants.values(program)
        self.aside = aside
        self.keys = {key: len(self.units) + place for place, key in enumerate(self.aside.keys())}
        self.roots = {unit.root: unit.number for unit in self.units}
        self.unit_of: dict[Symbol, int] = {}
        self.names: list[dict[Symbol | str, str]] = [
            {} for _ in range(len(self.units) + len(self.keys))
        ]
        self._dynamic = {each.root for each in self.units}
        self.local = program.local_names()
        handles = {f"unit_{number}" for number in range(len(units) + len(aside.keys()))}
        if taken := self.local & {UNITS, REST_NAME, *handles}:
            raise BuildError(f"the build needs the name {min(taken)} for itself")
        self._at_rest = [
            (name, statement, _bound(name, statement))
            for name in units[REST].modules
            for statement in program.modules[name].tree.body
        ]
        self._place()

    # where symbols lie, and what they are called there

    def _place(self) -> None:
        for unit in self.units:
            for name in unit.modules:
                for symbol in self._symbols(name):
                    key = self.aside.symbols.get(symbol)
                    self.unit_of[symbol] = unit.number if key is None else self.keys[key]
        roots = {unit.number: unit.root for unit in self.units}
        for number in range(len(self.names)):
            here = [each for each, at in self.unit_of.items() if at == number]
            here.sort(key=lambda each: (each.module != roots.get(number), each))
            taken = {REST_NAME, UNITS} | {f"unit_{n}" for n in range(len(self.names))}
            taken |= self._beside(number)
            for symbol in here:
                name, serial = symbol.name, 1
                root = symbol.module == roots.get(number)
                while name in taken or (not root and name in self.local | _BUILT_IN):
                    serial += 1
                    name = f"{symbol.name}_{serial}"
                taken.add(name)
                self.names[number][symbol] = name
            shadowed = set(taken & _BUILT_IN)
            self._refuse_shadows(number, shadowed)

    def _beside(self, number: int) -> set[str]:
        """Return the names of classes whose methods lie in a unit: those that they have at rest."""
        found = {
            self.names[REST][symbol]
            for symbol, methods in self.aside.methods.items()
            if any(self.keys[key] == number for _, key in methods.values())
        }
        if clash := found & (self.local | _BUILT_IN):
            raise BuildError(f"a class has the name of something else: {min(clash)}")
        return found

    def free(self, number: int, wanted: str) -> str:
        name, serial = wanted, 1
        while name in self.names[number].values() or name in self.local | _BUILT_IN:
            serial += 1
            name = f"{wanted}_{serial}"
        return name

    def _refuse_shadows(self, number: int, shadowed: set[str]) -> None:
        """Refuse a root's function with the name of a built-in, which it would hide in its unit."""
        if not shadowed or number >= len(self.units):
            return
        for name in self.units[number].modules:
            if name == self.units[number].root:
                continue
            for node in walk(self.program.modules[name].tree):
                if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                    continue
                if node.id in shadowed and getattr(node, "symbol", None) is None:
                    raise BuildError(f"{name} uses {node.id}, which its unit hides")

    def _symbols(self, module: str) -> list[Symbol]:
        found = []
        for name, meaning in self.program.modules[module].bindings.items():
            symbol = Symbol(module, name)
            if meaning == symbol and not self.is_folded(symbol):
                found.append(symbol)
        return found

    def is_folded(self, symbol: Symbol) -> bool:
        """Return whether a symbol is inlined where it is used."""
        if symbol not in self.values:
            return False
        return symbol.module not in self._dynamic or symbol.name.startswith("_")

    # the units' trees

    def join(self) -> tuple[list[Built], dict[str, int]]:
        built = [self._unit(unit) for unit in self.units]
        for key, number in sorted(self.keys.items(), key=lambda each: each[1]):
            built.append(self._aside(key, number))
        return built, self.roots

    def _unit(self, unit: Unit) -> Built:
        writer = Writer(self, unit.number)
        body: list[ast.stmt] = []
        for name in unit.modules:
            for statement in self.program.modules[name].tree.body:
                body += self._top(writer, name, statement)
        # Machine code lies outside the heap, and no port for the ESP32 ever frees it.
        stays = unit.number == REST or _has_machine_code(body)
        return Built(unit.number, unit.root or "", writer.head() + body, stays)

    def _top(self, writer: Writer, module: str, statement: ast.stmt) -> list[ast.stmt]:
        """Return the form of a top-level statement in a module that stays together."""
        if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
            return []
        if any(self.aside.symbols.get(each) is not None for each in _bound(module, statement)):
            return []
        written = writer.write(module, statement)
        if isinstance(statement, ast.ClassDef) and isinstance(written[0], ast.ClassDef):
            self._leave(Symbol(module, statement.name), written[0])
        return written

    def _leave(self, symbol: Symbol, written: ast.ClassDef) -> None:
        """Take a class's methods out of it that were moved aside; it knows where they are."""
        methods = self.aside.methods.get(symbol)
        if not methods:
            return
        kept = [
            each
            for each in written.body
            if not (isinstance(each, FUNCTIONS) and each.name in methods)
        ]
        written.body = kept + ast.parse(f"__getattr__ = {UNITS}.{METHOD}").body

    def _aside(self, key: str, number: int) -> Built:
        writer = Writer(self, number)
        body: list[ast.stmt] = []
        found: list[tuple[str, str]] = []
        for name, statement, bound in self._at_rest:
            if any(self.aside.symbols.get(each) == key for each in bound):
                body += writer.write(name, statement)
            elif isinstance(statement, ast.ClassDef):
                symbol = Symbol(name, statement.name)
                methods = self.aside.methods_in(symbol, key)
                if methods:
                    body.append(self._methods(writer, symbol, statement, methods))
                    found += [(self.names[REST][symbol], each) for each in methods]
        return Built(number, key, writer.head() + body, key == ERRORS, found)

    def _methods(
        self, writer: Writer, symbol: Symbol, node: ast.ClassDef, methods: dict[str, Function]
    ) -> ast.stmt:
        """Return the class beside, which has methods that were moved out of a class."""
        body: list[ast.stmt] = []
        for name, each in methods.items():
            plain = copy.copy(each)
            body.append(plain)
            if each.decorator_list:  # a property: see units.method()
                plain.decorator_list = []
                body += ast.parse(f"{name} = ({name},)").body
        shell = ast.ClassDef(name=node.name, bases=[], keywords=[], body=body, decorator_list=[])
        shell.place = place(node)  # pyrefly: ignore[missing-attribute]
        return writer.write(symbol.module, shell, beside=self.names[REST][symbol])[0]


def _note_use(built: list[Built], units: list[Unit], aside: MovedAside, record: Record) -> None:
    """Set `use` of what was built: units, and behind them what was moved aside, by its keys.

    What the record saw at every start is used oftener than on any number of occasions.
    """
    homes = {name: unit.number for unit in units for name in unit.modules}
    keys = {unit.title: unit.number for unit in built[len(units) :]}
    found: list[set[str]] = [set() for _ in built]
    for function, occasions in record.used.items():
        module, _, name = function.partition(":")
        owner, _, method = name.partition(".")
        symbol = Symbol(module, owner)
        key = aside.symbols.get(symbol)
        if key is None and method:
            key = aside.methods.get(symbol, {}).get(method, (None, None))[1]
        number = homes.get(module) if key is None else keys[key]
        if number is not None:
            found[number] |= occasions
    started = {homes.get(each.partition(":")[0]) for each in record.functions}
    for unit, occasions in zip(built, found, strict=True):
        unit.use = sys.maxsize if unit.number in started else len(occasions)


def _bound(module: str, statement: ast.stmt) -> list[Symbol]:
    return [Symbol(module, each) for each in bound_by([statement])]


def _has_machine_code(body: list[ast.stmt]) -> bool:
    """Return whether a function at the top of a unit is viper."""
    return any(isinstance(each, FUNCTIONS) and is_viper(each) for each in body)
