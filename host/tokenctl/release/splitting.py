"""Moves aside what a token at rest never ran; it is loaded when it is called.

Functions, methods and the tables that only those use go into units of their own, by their room
of tokenfw and by the occasions on which the recorded runs needed them: what is used together
comes together, and nothing else with it. A class that goes whole has a unit for itself:
what was made of it keeps the unit in memory. Exceptions have one
unit for all, which stays once it was loaded, so that who catches one knows its class.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass, field

from tokenctl.release.constants import pairs
from tokenctl.release.program import (
    DEFINITIONS,
    FUNCTIONS,
    BuildError,
    Function,
    Program,
    Symbol,
)
from tokenctl.release.record import Record
from tokenctl.release.trees import children, walk

ERRORS = "errors"  # the key of the exceptions' unit
_NEVER = "never"  # in the keys of those that no occasion needs
_BUILT_IN_ERRORS = {"Exception", "ValueError", "OSError", "RuntimeError", "TypeError", "KeyError"}


@dataclass
class MovedAside:
    """What is moved aside, by the key of its unit.

    `symbols` are at the top of modules. `methods` are those of classes that stay, by the classes:
    what each is, and its key.
    """

    symbols: dict[Symbol, str] = field(default_factory=dict)
    methods: dict[Symbol, dict[str, tuple[Function, str]]] = field(default_factory=dict)

    def keys(self) -> list[str]:
        """Return the keys of the units, sorted."""
        methods = {key for found in self.methods.values() for _, key in found.values()}
        return sorted(set(self.symbols.values()) | methods)

    def methods_in(self, symbol: Symbol, key: str) -> dict[str, Function]:
        """Return the methods of a class that are in a unit."""
        found = self.methods.get(symbol, {}).items()
        return {name: function for name, (function, home) in found if home == key}


def _package(symbol: Symbol) -> str:
    """Return the room that a symbol's module is in, with the rooms in it."""
    return ".".join(symbol.module.split(".")[:-1][:2])


def find(
    program: Program, modules: list[str], record: Record, wanted: frozenset[Symbol]
) -> MovedAside:
    """Return what of these modules, which are in memory at rest, is moved aside.

    What is `wanted` stays: somebody knows it by its name.
    """
    return _Finder(program, modules, record).find(wanted)


class _Finder:
    def __init__(self, program: Program, modules: list[str], record: Record) -> None:
        self._program = program
        self._record = record
        self._tops: dict[Symbol, ast.stmt] = {}
        self._immediate: list[tuple[Symbol | None, ast.AST]] = []  # runs when the module is loaded
        for name in modules:
            for statement in program.modules[name].tree.body:
                self._take(name, statement)

    def _take(self, module: str, statement: ast.stmt) -> None:
        if isinstance(statement, DEFINITIONS):
            symbol = Symbol(module, statement.name)
            self._tops[symbol] = statement
            self._immediate += [(symbol, each) for each in _immediate(statement)]
            return
        if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
            return
        bound = pairs(statement)
        if bound and all(_is_literal(value) for _, value in bound):
            for target, _ in bound:
                self._tops[Symbol(module, target.id)] = statement
            return
        self._immediate.append((None, statement))

    def find(self, wanted: frozenset[Symbol]) -> MovedAside:
        """See find()."""
        aside = MovedAside()
        cold = {each for each, node in self._tops.items() if self._may_go(each, node)} - wanted
        while True:  # what is needed at once stays, with what that needs
            needed = {
                other
                for owner, node in self._immediate
                if owner not in cold
                for other in _symbols(node)
            }
            kept = {each for each in cold if each in needed}
            if not kept:
                break
            cold -= kept
        for symbol in cold:
            aside.symbols[symbol] = self._key(symbol)
        for symbol, node in self._tops.items():
            if isinstance(node, ast.ClassDef) and symbol not in cold:
                methods = self._methods(symbol, node)
                if methods:
                    aside.methods[symbol] = methods
        self._add_tables(aside)
        return aside

    def _ran(self, symbol: Symbol, method: str | None = None) -> bool:
        return _recorded(symbol, method) in self._record.functions

    def _may_go(self, symbol: Symbol, node: ast.stmt) -> bool:
        if isinstance(node, FUNCTIONS):
            return not self._ran(symbol) and not node.decorator_list
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, FUNCTIONS)]
            if any(self._ran(symbol, each.name) for each in methods):
                return False
            made = any(each.name == "__init__" for each in methods)  # and that never ran
            return made or self._is_error(node)
        return False

    def _is_error(self, node: ast.ClassDef) -> bool:
        for base in node.bases:
            other = self._tops.get(getattr(base, "symbol", None))  # pyrefly: ignore[bad-argument-type]
            if isinstance(other, ast.ClassDef):
                if self._is_error(other):
                    return True
            elif isinstance(base, ast.Name) and base.id in _BUILT_IN_ERRORS:
                return True
        return False

    def _key(self, symbol: Symbol) -> str:
        node = self._tops[symbol]
        if isinstance(node, ast.ClassDef):
            return ERRORS if self._is_error(node) else f"{symbol.module}:{symbol.name}"
        return self._room(symbol)

    def _room(self, symbol: Symbol, method: str | None = None) -> str:
        """Return the key of a function's unit: where it is from, and when it is needed."""
        used = self._record.used.get(_recorded(symbol, method), frozenset())
        return f"{_package(symbol)} {' '.join(sorted(used)) or _NEVER}"

    def _methods(self, symbol: Symbol, node: ast.ClassDef) -> dict[str, tuple[Function, str]]:
        if any(isinstance(e, FUNCTIONS) and e.name == "__getattr__" for e in node.body):
            return {}
        found: dict[str, Function] = {}
        for each in node.body:
            if not isinstance(each, FUNCTIONS) or self._ran(symbol, each.name):
                continue
            if each.name.startswith("__") or _says_super(each):
                continue
            if not each.decorator_list or is_property(each):
                found[each.name] = each
        if len({id(each) for each in found.values()}) != len(found):
            raise BuildError(f"{symbol.module}:{symbol.name} has a method twice")
        return {name: (each, self._room(symbol, name)) for name, each in found.items()}

    def _add_tables(self, aside: MovedAside) -> None:
        """Move the tables along that nothing at rest uses: to what uses them, the oftenest."""
        users: dict[Symbol, set[str]] = defaultdict(set)
        for module in {each.module for each in self._tops}:
            for statement in self._program.modules[module].tree.body:
                self._note_users(aside, module, statement, users)
        for symbol, node in self._tops.items():
            keys = users[symbol]
            if not isinstance(node, DEFINITIONS) and keys and "" not in keys:
                together = [Symbol(symbol.module, target.id) for target, _ in pairs(node)]
                if all(users[each] <= keys for each in together):
                    home = max(keys, key=lambda key: (key[-5:] != _NEVER, key.count(" "), key))
                    aside.symbols |= dict.fromkeys(together, home)

    def _note_users(
        self, aside: MovedAside, module: str, statement: ast.stmt, users: dict[Symbol, set[str]]
    ) -> None:
        """Note, for each symbol that a statement names, the statement's unit; "" is at rest."""
        name = getattr(statement, "name", "")
        key = aside.symbols.get(Symbol(module, name), "")
        methods = aside.methods.get(Symbol(module, name), {})
        parts = {id(each): home for each, home in methods.values()}
        todo: list[tuple[ast.AST, str]] = [(statement, key)]
        while todo:
            node, at = todo.pop()
            at = parts.get(id(node), at)
            symbol = getattr(node, "symbol", None)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and symbol:
                users[symbol].add(at)
            attribute = referred(node)
            if attribute is not None:
                users[attribute].add(at)
            todo += [(each, at) for each in children(node)]


def _recorded(symbol: Symbol, method: str | None) -> str:
    """Return the name of a function, or of a method of a class, in a record."""
    name = f"{symbol.module}:{symbol.name}"
    return f"{name}.{method}" if method else name


def referred(node: ast.AST) -> Symbol | None:
    """Return the symbol for `module.name`, None for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = getattr(node.value, "symbol", None)
        if isinstance(owner, str):
            return Symbol(owner, node.attr)
    return None


def is_property(node: Function) -> bool:
    """Return whether a function is a property's getter, and nothing else."""
    return [ast.unparse(each) for each in node.decorator_list] == ["property"]


def _symbols(node: ast.AST) -> set[Symbol]:
    found: set[Symbol] = set()
    for each in walk(node):
        symbol = getattr(each, "symbol", None)
        if isinstance(symbol, Symbol):
            found.add(symbol)
        attribute = referred(each)
        if attribute is not None:
            found.add(attribute)
    return found


def _immediate(statement: ast.stmt) -> list[ast.AST]:
    """Return what of a definition runs at once: bases, decorators, defaults, a class's body."""
    if isinstance(statement, ast.ClassDef):
        parts: list[ast.AST] = [*statement.bases, *statement.decorator_list]
        for each in statement.body:
            parts += _immediate(each) if isinstance(each, DEFINITIONS) else [each]
        return parts
    if isinstance(statement, FUNCTIONS):
        arguments = statement.args
        defaults = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
        return [*statement.decorator_list, *defaults]
    return [statement]


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple):
        return all(_is_literal(each) for each in node.elts)
    if isinstance(node, ast.Dict):
        return all(each is not None and _is_literal(each) for each in [*node.keys, *node.values])
    return False


def _says_super(node: Function) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "super" for each in walk(node))
