"""Runs pytest several times in one process that has nothing of this one's: loading takes longest.

pytest_runs.py, with a JSON list of lists of arguments at standard input
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

_BEGINS, _ENDS = "=== run begins", "=== run ends:"


class Done(NamedTuple):
    """What a run printed, and its exit code."""

    said: str
    code: int


def runs(folder: Path, *arguments: Sequence[str], **environment: str) -> list[Done]:
    """Return what pytest did in this folder with each of these arguments, one after the other."""
    inherited = {name: each for name, each in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        cwd=folder,
        env=inherited | environment,
    )
    parts = [part.partition(_ENDS) for part in done.stdout.split(_BEGINS)[1:]]
    assert len(parts) == len(arguments), (done.stdout, done.stderr)
    return [Done(said, int(code)) for said, _, code in parts]


def _run(arguments: list[str]) -> None:
    print(_BEGINS, flush=True)
    code = pytest.main(arguments)
    print(_ENDS, int(code), flush=True)


if __name__ == "__main__":
    sys.stderr = sys.stdout  # where pytest says what is wrong with arguments
    for _arguments in json.load(sys.stdin):
        _run(_arguments)
