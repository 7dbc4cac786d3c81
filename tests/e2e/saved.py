"""Simulated tokens that begin where another one ended: each worker makes that one only once.

To set a token's clock takes four times as long as to start it.
"""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tokenctl.device.token import Token
from tokensim.token import SimulatedToken


class State(NamedTuple):
    """What outlives the supply of a board, in a folder, and the Unix time (s) that it is from."""

    folder: Path
    time: float


@contextmanager
def restarted(state: State) -> Iterator[SimulatedToken]:
    """Switch on a copy of a token, at once after it was switched off."""
    with tempfile.TemporaryDirectory(prefix="saved-") as folder:
        shutil.copytree(state.folder, folder, dirs_exist_ok=True)
        with SimulatedToken(Path(folder), start=state.time) as sim:
            yield sim


@functools.cache
def synchronised() -> State:
    """Return a token with no account whose clock was set."""
    folder = tempfile.mkdtemp(prefix="saved-")
    atexit.register(shutil.rmtree, folder)
    with SimulatedToken(Path(folder)) as sim:
        with Token(sim.transport(), lambda _: sim.press(after=0.2)) as token:
            token.sync()
        sim.wait(1)
    return State(Path(folder), sim.time.now() / 1e9)
