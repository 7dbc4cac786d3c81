"""Scenarios of use, recorded in the 32-bit port for the model of a chip's heap."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import samples
from bench.heap32 import driver, fits
from bench.heap32.allocator import Event, Moment, replay
from bench.heap32.driver import Recorder
from bench.heap32.states import bring
from bench.link import READ
from tokenctl.device.token import Token
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken

PREFIX = "chip: "
ACCOUNTS = 10
MANY = 1000
_SETTLED = 5  # seconds after which a computer's session is over
_DARK = 60  # seconds after which the panel is dark
_SMALL = 8 * 4096  # bytes of a flash that is soon full
_ALMOST = 90  # changes that almost fill it
_ASKED = b"DF:\0"  # RTC memory before a start that draws a key: see system/boot_entropy.py

Life = list[Event]


def written() -> dict[str, float]:
    """Return the figures (bytes) of a chip's heap at each moment of these scenarios.

    "in use" is live bytes, "in one piece" the smallest size of the largest free block since the
    moment before, "left" the largest free block of ESP-IDF at that moment: the radio needs 33,924.
    And the heap that suffices for those with ten accounts.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        state = Path(folder, "ten")
        ten = [first(state), later(state), asked(state), radio(state)]
        lived = [*ten, compacted(Path(folder, "small")), many(Path(folder, "many"))]
    found = named([moment for life in lived for moment in replay(life)])
    return found | {fits.named(ACCOUNTS): fits.needed(ten)}


def named(moments: list[Moment]) -> dict[str, float]:
    """Return the figures of moments by their names."""
    found: dict[str, float] = {}
    for each in moments:
        found[f"{PREFIX}{each.name}: in use"] = each.used
        found[f"{PREFIX}{each.name}: in one piece"] = each.least
        found[f"{PREFIX}{each.name}: left"] = each.left
        found[f"{PREFIX}{each.name}: MemoryErrors"] = len(each.failed)
    return found


def first(state: Path) -> Life:
    """Record a token from a blank flash to ten accounts."""
    with driver.token(state, Recorder) as board:
        life = _served(board, "empty vault")
        with _agreed(board) as token:
            token.sync()
            life += driver.events(board, "the clock is set")
            batch = token.batch(ACCOUNTS)
            for each in samples.enrolments(ACCOUNTS):
                token.add(each.account, batch_id=batch)
            life += driver.events(board, f"{ACCOUNTS} accounts are brought")
        board.wait(_DARK)
        return life + driver.events(board, f"after {ACCOUNTS} accounts")


def later(state: Path) -> Life:
    """Record a power-up, a code, and the menu."""
    with driver.token(state, Recorder) as board:
        life = _served(board, f"at rest, {ACCOUNTS} accounts")
        board.press()
        board.wait(1)
        life += driver.events(board, "a code on the screen")
        board.hold(1.2)
        board.wait(2)
        return life + driver.events(board, "the menu")


class _Seen(Exception):
    """Raised to leave the dialog once the recording is made."""


def asked(state: Path) -> Life:
    """Record the entry of a new PIN, in the run after the one in which the radio was on."""
    life: Life = []

    def look(notice: str) -> None:
        if notice == "pin":
            board.wait(1)
            life.extend(driver.events(board, "a PIN is asked for"))
            raise _Seen

    with (
        driver.token(state, Recorder) as board,
        suppress(_Seen),
        Token(board.transport(), look) as token,
    ):
        token.change_pin()
    return life


def radio(state: Path) -> Life:
    """Record a start that does nothing but draw with the radio on."""
    with driver.token(state, Recorder) as board:
        board.restart_with(_ASKED)
        board.wait_for(lambda: board.board.radio_on, _DARK)
        return driver.events(board, "the radio is on")


def compacted(state: Path) -> Life:
    """Record a full flash, in which all records are moved."""
    with SimulatedToken(state, parts=Parts(flash_size=_SMALL)) as board:
        bring(board, 1)
        _rename(board, _ALMOST)
    with driver.token(state, Recorder, flash_size=_SMALL) as board:
        life = _served(board, "a small flash")
        erased = board.board.flash.erases
        while board.board.flash.erases == erased:
            _rename(board, 1)
        return life + driver.events(board, "everything was moved")


def _rename(board: SimulatedToken, times: int) -> None:
    with _agreed(board) as token:
        (account,) = token.accounts()
        for turn in range(times):
            token.rename(account.account_id, "Example", f"turn {turn}")


def many(state: Path) -> Life:
    """Record a thousand accounts of one list, and a power-up."""
    with SimulatedToken(state) as board:
        bring(board, MANY)
    with driver.token(state, Recorder) as board:
        return _served(board, f"at rest, {MANY} accounts")


def _served(board: SimulatedToken, moment: str) -> Life:
    """Answer a computer's first command, and let the token come to rest."""
    with _agreed(board) as token:
        token.status()
    board.wait(_SETTLED)
    return driver.events(board, moment)


def _agreed(board: SimulatedToken) -> Token:
    return Token(board.transport(), lambda notice: board.press(after=READ))
