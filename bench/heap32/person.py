"""The user of a token that is measured: presses its buttons, and enters a PIN."""

from collections.abc import Callable

from bench.link import READ
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

PIN = "102010"
_DERIVED = 40  # seconds, after which the PIN's key is derived and the vault is open
_OK_FROM = 4  # digits, from which OK precedes the digits in the choices
_SHORT, _LONG, _HOLD, _GAP = 0.06, 0.9, 3.3, 0.12  # seconds


def who_sets_the_pin(board: SimulatedToken) -> Callable[[str], None]:
    """Return a function to call with each notice of the token: it enters a new PIN twice."""

    def act(notice: str) -> None:
        if notice == "pin":
            enter(board, enter(board))
        elif notice == "hold":
            board.hold(_HOLD, after=READ)
        elif notice != "restarts":
            board.press(after=READ)

    return act


def enter(board: SimulatedToken, at: float = READ) -> float:
    """Enter the PIN with one button, `at` seconds from now; return after how long that ends."""
    for count, digit in enumerate([*map(int, PIN), 0]):  # the last one is OK
        turns = 0 if count == len(PIN) else digit + (count >= _OK_FROM)
        for seconds in (*[_SHORT] * turns, _LONG):
            board.press(seconds, at)
            at += seconds + _GAP
    return at + READ


def lock_and_unlock(board: SimulatedToken, at_the_token: Callable[[str], None]) -> None:
    """Lock a token with the PIN through the link; wake it, and enter the PIN."""
    with Token(board.transport(), at_the_token) as token:
        token.lock()
        assert token.status().vault == "locked"
    board.wait(1)
    board.press()
    board.wait(1)
    enter(board)
    board.wait(_DERIVED)
    with Token(board.transport(), at_the_token) as token:
        assert token.status().vault != "locked"


def choose(board: SimulatedToken, row: int) -> None:
    """Open the menu, and choose a row of it."""
    board.wait(1)
    board.hold(second=True)
    board.wait(2)
    for _ in range(row):
        board.press()
        board.wait(1)
    board.hold()
    board.wait(2)
