"""Simulated tokens that begin where another one ended: each worker makes that one only once.

To set a token's clock takes four times as long as to start it.
"""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from e2e.typist import Typist
from support.chance import drawing

from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.board.board import Parts
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
def after(prepare: Callable[[SimulatedToken], None], panel: str | None = None) -> State:
    """Return a token, as it was when it was new and `prepare` had been called with it.

    `panel` is one of wiring.PANELS.
    """
    folder = tempfile.mkdtemp(prefix="saved-")
    atexit.register(shutil.rmtree, folder)
    name = f"{prepare.__module__}.{prepare.__qualname__} {panel}"
    with drawing(name), SimulatedToken(Path(folder), parts=Parts(panel=panel)) as sim:
        prepare(sim)
        sim.wait(1)
    return State(Path(folder), sim.time.now() / 1e9)


def synchronised() -> State:
    """Return a token with no account whose clock was set."""
    return after(provision)


def provision(sim: SimulatedToken, *accounts: Account, synced: bool = True) -> None:
    """Put accounts on it, and set its clock before, unless `synced` is False."""
    with Token(sim.transport(), lambda _: sim.press(after=0.2)) as token:
        if synced:
            token.sync()
        batch = token.batch(len(accounts)) if accounts else None
        for account in accounts:
            token.add(account, batch_id=batch)


def protect(sim: SimulatedToken, pin: str) -> None:
    """Give it its first PIN."""

    def enter(_: str) -> None:
        Typist(sim).enter(pin).enter(pin)

    with Token(sim.transport(), enter) as token:
        token.change_pin()
