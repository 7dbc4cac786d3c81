"""The firmware as MicroPython gets it on a board: compiled, once for all that run it.

From the sources it would be compiled by each program that runs it, and what it loads on demand
over and over.
"""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from tokenctl.payload import firmware_folder
from tokensim.port import compiled

SHARED = Path(__file__).parent / "micropython"  # what the programs of the tests have in common


@functools.cache
def firmware() -> Path:
    """Return a folder with the compiled modules of the firmware."""
    folder = tempfile.mkdtemp(prefix="on-micropython-")
    atexit.register(shutil.rmtree, folder)
    compiled.copy(firmware_folder(), Path(folder), "main.py")
    return Path(folder)


def environment(*more: Path) -> dict[str, str]:
    """Return the environment of a program that imports the firmware, SHARED and `more`."""
    places = [firmware(), SHARED, *more, ".frozen"]
    return {**os.environ, "MICROPYPATH": ":".join(map(str, places))}
