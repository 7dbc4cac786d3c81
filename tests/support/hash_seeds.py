"""Builds in a process of its own, in which sets have another order."""

import os
import subprocess
import sys
from pathlib import Path


def built(program: str, firmware: Path, seed: int) -> bytes:
    """Return what a Python program prints about the firmware in a folder, its one argument."""
    done = subprocess.run(
        [sys.executable, "-c", program, firmware],
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout
