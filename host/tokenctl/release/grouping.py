"""Groups modules: one unit for what a token at rest needs, others for what it loads on demand.

A unit is what is loaded as one. Unit 0 has the modules that were in memory in the recorded
run. A module that is loaded by its name (on_demand.load and once), or imported in a function
as one of a choice (a driver, a face) is the root of a unit of its own, with what no
other unit needs.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tokenctl.release.program import BuildError, Module, Program, inner_imports
from tokenctl.release.record import Record
from tokenctl.release.trees import walk

BOOT = "tokenfw.system.app"  # what main.py runs
ON_DEMAND = "tokenfw.system.on_demand"  # becomes the module `units`
REST = 0


@dataclass
class Unit:
    """Modules that are loaded together, in the order in which their tops run."""

    number: int
    root: str
    modules: list[str] = field(default_factory=list)


def group(program: Program, record: Record, main: ast.Module, boot: str = BOOT) -> list[Unit]:
    """Return the units by number. What nothing loads is in none.

    `main` is main.py, which loads some by name, too, `boot` first.
    """
    choices, plain = _chosen(program)
    choices |= set(_named(program, walk(main)))
    roots = (choices | {each for each in plain if each not in record.modules}) - {boot}
    outside = {ON_DEMAND}
    rest = {boot} | {each for each in record.modules if program.is_ours(each)}
    rest = _closure(program, rest - roots - outside, roots | outside)
    roots -= rest
    owners: Counter[str] = Counter()
    for root in roots:
        owners.update(_closure(program, {root}, (rest | roots | outside) - {root}))
    shared = {each for each, count in owners.items() if count > 1} - roots
    units = [Unit(REST, boot, _in_order(program, rest))]
    for root in sorted(roots | shared):
        apart = (rest | roots | shared | outside) - {root}
        modules = _in_order(program, _closure(program, {root}, apart))
        units.append(Unit(len(units), root, modules))
    return units


def _is_empty(module: Module) -> bool:
    return all(isinstance(each, ast.Pass) for each in module.tree.body)


def _chosen(program: Program) -> tuple[set[str], set[str]]:
    """Return the modules that are loaded by name or as one of a choice, and the others
    that a function imports."""
    choices: set[str] = set()
    plain: set[str] = set()
    for module in program.modules.values():
        if module.name == ON_DEMAND:
            continue
        forgotten = set(_forgotten(module.nodes))
        choices.update(_named(program, module.nodes, forgotten))
        for statement, is_choice in inner_imports(module.tree):
            for _, meaning in program.imported(statement):
                name = meaning if isinstance(meaning, str) else meaning.module
                if program.is_ours(name):
                    (choices if is_choice else plain).add(name)
    return choices, plain


def _named(
    program: Program,
    nodes: Iterable[ast.AST],
    without: set[ast.expr] | frozenset[ast.expr] = frozenset(),
) -> Iterator[str]:
    """Yield the modules whose dotted names are strings among these nodes."""
    names = set(program.modules)
    for node in nodes:
        if isinstance(node, ast.Constant) and node not in without and node.value in names:
            yield node.value


def _forgotten(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Yield the arguments of on_demand.forget(): who forgets a module loads none."""
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "forget":
            yield from node.args


def _closure(program: Program, start: set[str], without: set[str]) -> set[str]:
    """Return `start` and what that imports at the top, and so on, `without` some."""
    found: set[str] = set()
    todo = sorted(start)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [each for each in program.modules[name].imports if each not in without]
    return {each for each in found if not _is_empty(program.modules[each])}


def _in_order(program: Program, names: set[str]) -> list[str]:
    """Return the modules ordered so that each comes after those it imports."""
    ordered: list[str] = []
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in ordered or name not in names:
            return
        if name in under_way:
            raise BuildError(f"{name} imports itself, by way of {under_way[-1]}")
        under_way.append(name)
        for each in program.modules[name].imports:
            visit(each)
        under_way.pop()
        ordered.append(name)

    for name in sorted(names):
        visit(name)
    return ordered
