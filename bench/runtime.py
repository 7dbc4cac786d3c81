"""Runs a script of bench/on_micropython under the MicroPython unix port."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tokenctl.payload import firmware_folder
from tokensim.port.interpreter import HEAP
from tokensim.port.unix_port import executable

_HERE = Path(__file__).resolve().parent
_FLASH_IN_RAM = _HERE.parent / "tests" / "support" / "micropython"
_TIMEOUT = 120  # seconds


def run(script: str, heap: str = HEAP, firmware: Path | None = None) -> Any:
    """Return the report of `script` (a name without .py); raise RuntimeError if it fails.

    `firmware` is a folder to use instead of the sources.
    """
    places = (_HERE.parent, firmware or firmware_folder(), _FLASH_IN_RAM, ".frozen")
    done = subprocess.run(
        [executable(), "-X", f"heapsize={heap}", _HERE / "on_micropython" / f"{script}.py"],
        env={"MICROPYPATH": ":".join(map(str, places))},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise RuntimeError(f"{script} failed under MicroPython:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)
