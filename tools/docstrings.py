"""Finds names in docstrings that do not exist any more; `make spelling` runs it.

A name is an identifier in backticks, or one before an empty pair of parentheses, such as parse().
It has to be in the same file, or in a module that this one imports, or that imports this one; or
be a module, a folder, or a built-in of Python. Of a qualified name, such as Store.open(), the last
part may be anywhere; those of the standard library are not checked.
"""

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence, Set
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
# The folders whose modules are checked; imports in them are relative to the first that fits.
_FOLDERS = ("firmware", "host", "bench", "tools", "hardware", "tests/support")
_PACKAGES = ("firmware", "host", "hardware", "tests")  # where imports start

_QUOTED = re.compile(r"`([a-z_]\w*)(?:\([^`\n]*\))?`")
_ARGUMENTS = re.compile(r"`[\w.]+\(([^`\n]*)\)`")
_CALLED = re.compile(r"(?<![\w.`])((?:\w+\.)*)([a-z_]\w*)\(\)")
_WORD = re.compile(r"\w+")
_DOTTED = re.compile(r"\b[a-z]\w*(?:\.\w+)+")  # modules that are loaded by their names
_IDENTIFIERS = ("id", "attr", "arg", "name", "module", "asname")  # fields of a node
_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """What a module has: its names, the modules that it may import, and its docstrings by line."""

    names: frozenset[str]
    imports: frozenset[str]
    docstrings: list[tuple[int, str]]


def gone(texts: dict[str, str]) -> Iterator[str]:
    """Yield a line for each name that does not exist. `texts` has sources by their paths."""
    paths = {_module(path): path for path in texts}
    sources = {module: _source(texts[path]) for module, path in paths.items()}
    anywhere = frozenset().union(*(source.names for source in sources.values()))
    files = {part for path in texts for part in PurePosixPath(path).with_suffix("").parts}
    everywhere = files.union(dir(builtins))
    importers = _importers(sources)
    for module, source in sources.items():
        beside = (source.imports & sources.keys()) | importers.get(module, set())
        known = [everywhere, source.names, *(sources[each].names for each in beside)]
        for line, text in source.docstrings:
            for name in _unknown(text, known, anywhere | files):
                yield f"{paths[module]}:{line}: {name} does not exist"


def _unknown(text: str, known: Sequence[Set[str]], anywhere: Set[str]) -> Iterator[str]:
    """Yield the names in a docstring that are in none of the sets `known`."""
    arguments = {word for given in _ARGUMENTS.findall(text) for word in _WORD.findall(given)}
    here = [arguments, *known]
    for name in _QUOTED.findall(text):
        if not any(name in each for each in here):
            yield f"`{name}`"
    for owner, name in _CALLED.findall(text):
        if owner.partition(".")[0] in sys.stdlib_module_names:
            continue
        if not any(name in each for each in ([anywhere] if owner else here)):
            yield f"{owner}{name}()"


def _importers(sources: dict[str, Source]) -> dict[str, set[str]]:
    """Return by module those that import it, or are in it."""
    found: dict[str, set[str]] = {}
    for module, source in sources.items():
        for each in source.imports | {module.rpartition(".")[0]}:
            found.setdefault(each, set()).add(module)
    return found


def _module(path: str) -> str:
    """Return the dotted name by which a file is imported."""
    parts = PurePosixPath(path).with_suffix("").parts
    if parts[0] in _PACKAGES:
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _source(text: str) -> Source:
    nodes = list(ast.walk(ast.parse(text)))
    documented = [node for node in nodes if isinstance(node, _Documented)]
    found = {id(_first(node)): node for node in documented if ast.get_docstring(node, clean=False)}
    identifiers: set[str] = set()
    constants: set[str] = set()
    imports: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            imports.update([start + each.name for each in node.names], [start[:-1]])
        elif isinstance(node, ast.Constant) and id(node) not in found:
            value = node.value.decode("latin1") if isinstance(node.value, bytes) else node.value
            constants.add(str(value))
        fields = vars(node)
        identifiers.update(str(fields[each]) for each in _IDENTIFIERS if each in fields)
    said = "\n".join(constants)
    imports.update(_DOTTED.findall(said))
    names = frozenset(_WORD.findall("\n".join((said, *identifiers))))
    docstrings = [(_first(node).lineno, str(ast.get_docstring(node))) for node in found.values()]
    return Source(names, frozenset(imports), docstrings)


def _first(node: _Documented) -> ast.expr:
    """Return the expression that the body of a node begins with."""
    statement = node.body[0]
    assert isinstance(statement, ast.Expr)  # noqa: S101 (for the type checker)
    return statement.value


def main() -> int:
    """Print the names that do not exist; return 1 if there are any."""
    listed = subprocess.run(
        ["git", "ls-files", *(f"{folder}/*.py" for folder in _FOLDERS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    texts = {path: (ROOT / path).read_text() for path in listed.stdout.split()}
    lines = list(gone(texts))
    print(*lines, sep="\n", end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
