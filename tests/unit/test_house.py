"""The house: its imports run one way, and CONTRIBUTING's picture of it names what exists.

A room is a folder or a module of tokenfw, tokenctl or tokensim. None knows one that uses it; and
within a room no module needs one that needs it, be it for the types only, or through others.
"""

import ast
import functools
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each may import what stands before its own line.
ROOMS = {
    "tokenctl": (
        "language printable",
        "exit_codes errors confinement payload core_sentences system_sentences durable",
        "clock pictures boards release",
        "device",
        "enrol",
        "capture flashing",
        "hardening",
        "cli",
    ),
    "tokenfw": (
        "system.on_demand",  # what loads a unit
        "system.entropy system.steps",
        "drivers chip chip_keys",
        "inspection waking",
        "vault.flash",
        "vault.keys",
        "vault.contents",
        "vault.backup",
        "board display vault clock",
        "power ui",
        "link",
        "system",  # which ties all of them together
    ),
    "tokensim": (
        "refusal",
        "chips view port",
        "board",
        "link loader",
        "running",
        "token",
        "control play",
        "commands",
        "cli",
    ),
}
FOLDERS = {
    "tokenctl": ROOT / "host" / "tokenctl",
    "tokenfw": ROOT / "firmware" / "tokenfw",
    "tokensim": ROOT / "host" / "tokensim",
}


def rank(package: str, name: str) -> tuple[int, str]:
    """Return the line of the room that the dotted name within the package is in, and the room."""
    parts = name.split(".")
    ranks = {room: at for at, line in enumerate(ROOMS[package]) for room in line.split()}
    for room in (".".join(parts[:2]), parts[0]):
        if room in ranks:
            return ranks[room], room
    raise AssertionError(f"{package} has a room that is not in the table: {parts[0]}")


def modules(package: str) -> list[Path]:
    own = FOLDERS[package] / "__init__.py"
    return [path for path in FOLDERS[package].rglob("*.py") if path != own]


@functools.cache
def every_import(path: Path) -> frozenset[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def imported(path: Path, package: str) -> Iterator[str]:
    """Give the dotted names within the package that a file imports."""
    start = package + "."
    yield from (each.removeprefix(start) for each in every_import(path) if each.startswith(start))


@pytest.mark.parametrize("package", ROOMS)
def test_imports_run_one_way(package: str) -> None:
    for path in modules(package):
        relative = path.relative_to(FOLDERS[package]).with_suffix("")
        at, room = rank(package, ".".join(relative.parts))
        for name in imported(path, package):
            other_at, other = rank(package, name)
            assert other == room or other_at < at, f"{relative} imports {package}.{name}"


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_of_the_table_exists(package: str) -> None:
    for room in " ".join(ROOMS[package]).split():
        path = FOLDERS[package].joinpath(*room.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), room


# --- modules ------------------------------------------------------------------------------


def named(folder: Path) -> dict[str, Path]:
    """Return the modules of all packages in a folder, by their dotted names."""
    found: dict[str, Path] = {}
    for path in folder.glob("*/**/*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def ring(sources: dict[str, Path]) -> list[str]:
    """Return the names of modules of which each imports the one before it, and the first the last.

    Empty if there is no such ring. A package's own name stands for its `__init__.py`.
    """
    needed: dict[str, set[str]] = {}
    for name, path in sources.items():
        asked = every_import(path)
        modules = {each if each in sources else each.rpartition(".")[0] for each in asked}
        needed[name] = modules & set(sources) - {name}
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("folder", ["host", "firmware", "hardware"])
def test_no_modules_import_one_another_in_a_ring(folder: str) -> None:
    sources = named(ROOT / folder)
    assert len(sources) > 30
    assert not (found := ring(sources)), " <- ".join(found)


def test_a_ring_is_found_however_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    texts = {
        "__init__": "",
        "roof": "from house.wall import stone\n",
        "wall": "def build():\n    from house import floor\n",
        "floor": "if TYPE_CHECKING:\n    import house.roof\n",
    }
    for name, text in texts.items():
        (tmp_path / "house" / f"{name}.py").write_text(text)
    assert set(ring(named(tmp_path))) == {"house.roof", "house.wall", "house.floor"}
    (tmp_path / "house" / "floor.py").write_text("import house\n")
    every_import.cache_clear()
    assert ring(named(tmp_path)) == []


# --- CONTRIBUTING's picture --------------------------------------------------------------


def pictured() -> set[str]:
    """Return the paths with which the items of CONTRIBUTING's list begin."""
    paths: set[str] = set()
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where things are\n")[2]
    for item in re.findall("^- ([^:]+):", section.partition("\n## ")[0], re.MULTILINE):
        first, *others = re.findall("`([^`]+)`", item)
        folder = first.rpartition("/")[0]
        paths |= {first, *(f"{folder}/{each}" for each in others)}
    return paths


def test_what_is_pictured_exists() -> None:
    assert len(pictured()) > 20
    assert [each for each in pictured() if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("package", FOLDERS)
def test_every_room_is_pictured(package: str) -> None:
    folder = FOLDERS[package]
    for path in folder.iterdir():
        is_module = path.suffix == ".py" and path.stem != "__init__"
        if is_module or path.is_dir() and any(path.glob("*.py")):
            assert path.relative_to(ROOT).as_posix() in pictured()


def test_the_ways_through_it_name_what_exists() -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Three ways through it\n")[2]
    named = re.findall(r"`([\w/]+\.py)`", section.partition("\n## ")[0])
    roots = FOLDERS["tokenctl"], FOLDERS["tokenfw"], ROOT / "firmware"
    assert len(named) > 20
    assert [each for each in named if not any((root / each).exists() for root in roots)] == []


# --- what is another in tokensim, and in the 32-bit port ---------------------------------

STANDING_IN = (
    "host/tokensim/port/shims",
    "host/tokensim/port/replacements",
    "bench/heap32/stand_ins",
)


def test_all_that_stands_in_for_something_real_is_in_the_table() -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("### What is another there\n")[2]
    section = section.partition("\nIt cannot show")[0]
    named = {each.rpartition("/")[2].removesuffix(".py") for each in re.findall("`(.+?)`", section)}
    files = [path for folder in STANDING_IN for path in (ROOT / folder).glob("*.py")]
    assert len(files) > 25
    assert [path.name for path in files if path.stem not in named] == []
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert {each for each in named if each.startswith("test_")} <= tests
