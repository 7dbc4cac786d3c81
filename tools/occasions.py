"""Uses of a token other than showing codes, each in a run of its own.

The build groups functions that the same occasions need: see record.py. The first occasion has a
blank token, and each other one the state that the one before it on such a board left. `line` is
the link.
"""

from collections import defaultdict
from collections.abc import Callable

from otpcore import recovery_code
from tokenctl.device.backup_file import parse
from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokenctl.hardening.key_answers import of_key
from tokenctl.payload import firmware_folder
from tokensim.link.transport import SimulatedTransport
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader

Occasion = Callable[[SimulatedToken, SimulatedTransport], None]

_READ = 1.2  # seconds until a question counts as read
_HELD = 3.3
_CHIP_KEY = bytes(range(1, 33))
_SETTLED = 5
_TURNS = (1, 0, 2, 0, 2, 1, 0)  # the PIN 102010: after four digits OK is the first choice
_TURN, _TAKE, _GAP = 0.06, 0.9, 0.12  # seconds of a short press, a long one, and between them
_THINKING = 2.0
_RUN = 0.4  # seconds for each digit that runs by in the entry of a recovery code


def _agreed(board: SimulatedToken, line: SimulatedTransport, seconds: float = 0.1) -> Token:
    """Return a Token whose questions are answered yes by a press of `seconds`."""
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
        token.find("Example 1")
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
    """Enter the PIN from `at` seconds on, and OK after it; return after how long that ends."""
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


def _bound(board: SimulatedToken, line: SimulatedTransport) -> None:
    """Bind the vault of a C3 to its chip, set a PIN, and unlock it."""
    board.board.efuses.burn(0, _CHIP_KEY)
    with _agreed(board, line, _HELD) as token:
        token.chip.bind(0, of_key(_CHIP_KEY))
    _pin(board, line)
    _locked(board, line)


def _examine(board: SimulatedToken, line: SimulatedTransport) -> None:
    with Token(line) as token:
        token.examination.board()
        token.examination.flash()
        token.examination.memory()
        token.examination.panel()
        board.press(after=_READ)
        token.examination.button(0)
    board.wait(_SETTLED)


class _Keeper:
    """A user who makes backups: enters the PIN, and reads the recovery code off the screen."""

    def __init__(self, board: SimulatedToken) -> None:
        self._board = board
        self._reader = CodeReader(firmware_folder())
        self._code: list[str] = []
        self._heard: set[str] = set()

    def __call__(self, notice: str) -> None:
        if notice == "pin":
            self._board.wait(enter_pin(self._board))
        elif notice in ("show_code", "code"):
            if notice not in self._heard:  # it may be repeated meanwhile
                self._heard.add(notice)
                self._copy() if notice == "show_code" else self._enter("".join(self._code))
        elif notice != "restarts":
            self._board.press(_HELD if notice == "hold" else 0.1, after=_READ)

    def _copy(self) -> None:
        for _ in range(recovery_code.GROUPS):
            self._board.wait(0.5)
            self._code.append(self._reader.read(self._board.look()[0]))
            self._press(_TURN)
        for _ in range(2):
            self._repeat()

    def _repeat(self) -> None:
        """Enter one group after the other until one is accepted: then the title changes."""
        self._board.wait(0.5)
        title = self._title()
        for group in self._code:
            self._enter(group)
            self._board.wait(0.5)
            if self._title() != title:
                return

    def _title(self) -> list[bytes]:
        return self._board.look()[0][:10]

    def _enter(self, digits: str) -> None:
        for digit in digits:
            self._press(_TAKE + _RUN * int(digit))

    def _press(self, seconds: float) -> None:
        self._board.press(seconds)
        self._board.wait(seconds + _GAP)


def _backup(board: SimulatedToken, line: SimulatedTransport) -> None:
    with Token(line, _Keeper(board)) as token:
        token.backups.state()
        file = parse(b"".join(token.backups.make().parts))
        token.backups.is_last(file)
        token.backups.state()
    board.wait(60)


def _restore(board: SimulatedToken, line: SimulatedTransport) -> None:
    keeper = _Keeper(board)
    with Token(line, keeper) as token:
        file = parse(b"".join(token.backups.make(new_code=True).parts))
        token.backups.open(file, "merge", ask_code=True)
        token.backups.open(file, "replace")
        token.backups.open(file, "drill")
    board.wait(60)


def _wipe(board: SimulatedToken, line: SimulatedTransport) -> None:
    with _agreed(board, line, _HELD) as token:
        token.wipe()
    board.wait(_SETTLED)


# With the board that each one needs; None is the usual one.
BOARDS: defaultdict[str, str | None] = defaultdict(lambda: None, bound="esp32c3")

OCCASIONS: dict[str, Occasion] = {
    "start": _start,
    "sync": _sync,
    "add": _add,
    "change": _change,
    "menu": _menu,
    "pin": _pin,
    "locked": _locked,
    "bound": _bound,
    "examine": _examine,
    "backup": _backup,
    "restore": _restore,
    "wipe": _wipe,
}
