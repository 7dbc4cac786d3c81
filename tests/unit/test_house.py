"""The house: its rooms import one way, and CONTRIBUTING's picture of it names what exists.

A room is a folder or a module of tokenfw or tokenctl. None knows one that uses it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each may import what stands before its own line.
ROOMS = {
    "tokenctl": (
        "language printable",
        "errors confinement payload core_sentences system_sentences",
        "clock pictures boards release",
        "device",
        "enrol",
        "capture flashing",
        "hardening",
        "cli",
    ),
    "tokenfw": (
        "system.on_demand",  # what loads a unit
        "system.entropy",
        "drivers chip chip_keys",
        "inspection waking",
        "board display vault clock",
        "power ui",
        "link",
        "system",  # which ties all of them together
    ),
}
FOLDERS = {"tokenctl": ROOT / "host" / "tokenctl", "tokenfw": ROOT / "firmware" / "tokenfw"}


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


def imported(path: Path, package: str) -> Iterator[str]:
    """Give the dotted names within the package that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (each.partition(".")[2] for each in names if each.startswith(package + "."))


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
