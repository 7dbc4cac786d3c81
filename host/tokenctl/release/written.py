"""The firmware written in units, as source texts: all of a build but what depends on the chip."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tokenctl.errors import BadPayload
from tokenctl.language import _
from tokenctl.release import locals, names, record
from tokenctl.release.grouping import REST
from tokenctl.release.joining import Built, join
from tokenctl.release.program import Program, read
from tokenctl.release.rewriting import UNITS
from tokenctl.release.source_map import Place, text
from tokenctl.release.sources import DEVELOPMENT_MAIN, LOADER_SOURCE, MAIN
from tokenctl.release.standalone import alone
from tokenctl.release.trees import walk

RESCUE, RESCUE_ROOT = "rescue", "tokenfw.system.rescue"  # for when the others are damaged
_LAST = "give_up.py"  # behind main.py's code
_BOOT = (MAIN, DEVELOPMENT_MAIN, LOADER_SOURCE, _LAST)  # not of the program: they run it
_NOT_IN_A_RELEASE = ("tokenfw/ui/notice.py",)
_APART = ("tokenfw/system/rescue.py",)  # in a file of its own
_VERSION = "otpcore/version.py"
_MACHINE_CODE = b"micropython.viper"
_LINES = 2047  # that one step of bytecode's line numbers reaches


class Unit(NamedTuple):
    """A unit but for its text: see joining.Built."""

    number: int
    title: str
    stays: bool
    use: int


class Main(NamedTuple):
    """What main.py is made of: its tree, what lies behind its code, and the version's source.

    `roots` are the numbers of the units that it may load by the names of modules.
    """

    tree: ast.Module
    last: bytes
    version: bytes
    roots: dict[str, int]


class Written(NamedTuple):
    """The texts by their names: units by their numbers, the loader and the rescue by their own."""

    texts: dict[str, str]
    sources: dict[str, str]  # what each text is called in a traceback
    lines: dict[str, dict[int, Place]]  # by source
    names: dict[str, str]  # ours by what they are called
    units: list[Unit]
    methods: dict[str, int]  # the units of those that were moved aside, by "Class.method"
    main: Main


def write(firmware: Path, instead: Mapping[str, bytes], development: bool) -> Written:
    """Return the firmware in a folder, or its development build, written in units.

    `instead` has sources, by their paths, in the place of the firmware's. Raises BadPayload,
    BuildError or SyntaxError.
    """
    sources = read(firmware) | dict(instead)
    missing = [each for each in _BOOT if each not in sources]
    if missing:
        raise BadPayload(
            _("the firmware of this tokenctl lacks {name}: reinstall tokenctl").format(
                name=missing[0]
            )
        )
    loader = ast.parse(sources[LOADER_SOURCE])
    main = ast.parse(sources[DEVELOPMENT_MAIN if development else MAIN])
    skipped = _BOOT if development else (*_BOOT, *_NOT_IN_A_RELEASE)
    kept = {path: data for path, data in sources.items() if path not in skipped}
    program = Program({path: data for path, data in kept.items() if path not in _APART})
    units, roots = join(program, record.read(firmware), main)
    chosen = _rename(units, [loader, main], development)
    texts = _Texts({path for path, data in read(firmware).items() if _MACHINE_CODE in data})
    for unit in units:
        texts.add(unit)
    texts.add_alone(UNITS, _without_docstrings(loader).body)
    if _APART[0] in kept and not development:
        texts.add_alone(RESCUE, alone(kept, RESCUE_ROOT))
    last = b"" if development else sources[_LAST]
    return Written(
        texts.texts,
        texts.sources,
        texts.lines,
        {new: old for old, new in chosen.items()},
        [Unit(each.number, each.title, each.stays, each.use) for each in units],
        _methods(units, chosen),
        Main(main, last, sources.get(_VERSION, b""), roots),
    )


def _rename(units: list[Built], others: list[ast.Module], development: bool) -> dict[str, str]:
    """Rename what may be renamed in units and other trees; return what ours are called."""
    trees = [*(ast.Module(unit.body, []) for unit in units), *others]
    locals.rename(trees, names.common())
    use = {place: unit.use for place, unit in enumerate(units) if unit.number != REST}
    chosen = names.choose(trees, [UNITS], None if development else use)
    for tree in trees:
        names.rename(tree, chosen)
    return chosen


def _methods(units: list[Built], chosen: dict[str, str]) -> dict[str, int]:
    return {
        f"{chosen.get(owner, owner)}.{chosen.get(name, name)}": unit.number
        for unit in units
        for owner, name in unit.methods
    }


class _Texts:
    """The texts of units, and of what is in no archive, each in a source; and their lines' places.

    MicroPython keeps the name of each source that it loads in memory, for ever: so many units
    have one, called by the number of the first, and no line of it is in two. To reach a line
    above _LINES costs each function bytes.
    A unit of a file that is `apart` has a source of its own: what is put in that file's place
    moves no line of another.
    """

    def __init__(self, apart: set[str]) -> None:
        self._apart = apart
        self.texts: dict[str, str] = {}
        self.sources: dict[str, str] = {}  # by the names of texts
        self.lines: dict[str, dict[int, Place]] = {}  # by source
        self._source = ""
        self._begun = 0

    def add(self, unit: Built) -> None:
        """Add a unit, behind others in their source if there is room."""
        written, places = text(unit.body)
        name, length = str(unit.number), written.count("\n")
        if not self._apart.isdisjoint(path for path, _ in places.values()):
            self._put(name, name, written, places)
            return
        if not self._source or self._begun + length > _LINES:
            self._source, self._begun = name, 0
        moved = {self._begun + line: place for line, place in places.items()}
        self._put(name, self._source, "\n" * self._begun + written, moved)
        self._begun += length

    def add_alone(self, name: str, body: list[ast.stmt]) -> None:
        """Add what is a source of its own."""
        self._put(name, name, *text(body))

    def _put(self, name: str, source: str, written: str, places: dict[int, Place]) -> None:
        self.texts[name], self.sources[name] = written, source
        self.lines.setdefault(source, {}).update(places)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [each for each in body if not _is_text(each)]
            node.body = kept or [ast.Pass()]  # pyrefly: ignore[missing-attribute]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
