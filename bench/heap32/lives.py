"""What tokens live through in the 32-bit port, recorded for the model of a chip's heap."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench import samples
from bench.heap32 import driver
from bench.heap32.allocator import Event, replay
from bench.heap32.driver import Recorder
from bench.link import READ
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

PREFIX = "chip: "
ACCOUNTS = 10
_SETTLED = 5  # seconds after which a computer's session is over
_DARK = 60  # seconds after which the panel is

Life = list[Event]


def written() -> dict[str, float]:
    """Return what a chip's heap goes through: bytes, at each moment of these lives.

    "in use" is what lives, "in one piece" the least that was free in one since the moment before,
    "left" what ESP-IDF then has in one piece: the radio needs 33,924.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        moments = replay(first(Path(folder))) + replay(later(Path(folder)))
    found: dict[str, float] = {}
    for each in moments:
        found[f"{PREFIX}{each.name}: in use"] = each.used
        found[f"{PREFIX}{each.name}: in one piece"] = each.least
        found[f"{PREFIX}{each.name}: left"] = each.left
        found[f"{PREFIX}{each.name}: MemoryErrors"] = len(each.failed)
    return found


def first(state: Path) -> Life:
    """From a blank flash to ten accounts."""
    with driver.token(state, Recorder) as board:
        life = _served(board, "empty vault")
        with _agreed(board) as token:
            token.sync()
            batch = token.batch(ACCOUNTS)
            for each in samples.enrolments(ACCOUNTS):
                token.add(each.account, batch_id=batch)
            life += driver.events(board, f"{ACCOUNTS} accounts are brought")
        board.wait(_DARK)
        return life + driver.events(board, f"after {ACCOUNTS} accounts")


def later(state: Path) -> Life:
    """Switched on again: a code, and the menu."""
    with driver.token(state, Recorder) as board:
        life = _served(board, f"at rest, {ACCOUNTS} accounts")
        board.press()
        board.wait(1)
        life += driver.events(board, "a code on the screen")
        board.hold(1.2)
        board.wait(2)
        return life + driver.events(board, "the menu")


def _served(board: SimulatedToken, moment: str) -> Life:
    """Serve a computer's first command, and settle."""
    with _agreed(board) as token:
        token.status()
    board.wait(_SETTLED)
    return driver.events(board, moment)


def _agreed(board: SimulatedToken) -> Token:
    return Token(board.transport(), lambda notice: board.press(after=READ))
