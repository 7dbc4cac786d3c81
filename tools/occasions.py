"""What people and computers do with a token besides looking at codes: each in a run of its own.

The build keeps together what the same occasions need: see record.py. They begin with a blank
token, and each has the state that the one before it left. `line` is the link.
"""

from collections.abc import Callable

from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokensim.token import SimulatedToken, SimulatedTransport

Occasion = Callable[[SimulatedToken, SimulatedTransport], None]

_READ = 1.2  # seconds until a question counts as read
_HELD = 3.3
_SETTLED = 5
_TURNS = (1, 0, 2, 0, 2, 1, 0)  # the PIN 102010: behind the fourth digit OK comes first
_TURN, _TAKE, _GAP = 0.06, 0.9, 0.12  # seconds of a short press, a long one, and between them
_THINKING = 2.0


def _agreed(board: SimulatedToken, line: SimulatedTransport, seconds: float = 0.1) -> Token:
    """Return a token whose questions are answered by a press."""
    return Token(line, lambda notice: board.press(seconds, after=_READ))


def _start(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line) as token:
        token.status()
    board.wait(_SETTLED)


def _sync(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line) as token:
        token.sync()
    board.wait(_SETTLED)


def _add(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line) as token:
        batch = token.batch(3)
        for number in range(3):
            enrolment = enrol(f"Example {number}", "someone@example.com", b"x" * 20)
            token.add(enrolment.account, batch_id=batch)
        token.add(enrol("Example", "someone@example.com", b"y" * 20).account)
        token.accounts()


def _change(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line) as token:
        first, second, *_ = token.accounts()
        token.code(first.account_id)
        token.rename(first.account_id, "Other", "someone@example.org")
        token.move(first.account_id, 1)
        token.remove(second.account_id)


def _menu(board: SimulatedToken, line: SimulatedTransport) -> None:
    board.press()
    board.wait(2)
    board.hold(second=True)
    board.wait(2)
    for _ in range(6):
        board.press()
        board.wait(0.5)
    board.hold()
    board.wait(60)


def enter_pin(board: SimulatedToken, at: float = _THINKING) -> float:
    """Enter the PIN from `at` seconds on: turn, take, and OK behind it; return when it is done."""
    for turns in _TURNS:
        for seconds in (_TURN,) * turns + (_TAKE,):
            board.press(seconds, after=at)
            at += seconds + _GAP
    return at + _THINKING


def _pin(board: SimulatedToken, line: SimulatedTransport) -> None:
    def enter(notice: str) -> None:
        if notice == "pin":
            enter_pin(board, enter_pin(board))

    with Token(line, enter) as token:
        token.change_pin()
    board.wait(60)


def _locked(board: SimulatedToken, line: SimulatedTransport) -> None:
    board.press()
    board.wait(2)
    enter_pin(board)
    board.wait(60)


def _wipe(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line, _HELD) as token:
        token.wipe()
    board.wait(_SETTLED)


OCCASIONS: dict[str, Occasion] = {
    "start": _start,
    "sync": _sync,
    "add": _add,
    "change": _change,
    "menu": _menu,
    "pin": _pin,
    "locked": _locked,
    "wipe": _wipe,
}
