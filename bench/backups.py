"""Backups: their speed against the limit of 115200 baud, their heap, and entering the code.

The computer's end is tokenctl, the token is simulated; as in link.py simulated time includes the
wire and the flash, but not the firmware's computing. The recovery code is read off the screen.
Heap is that of the 32-bit port, between two messages, with all code that is loaded.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import samples
from bench.figure import Figure, share
from bench.heap32 import driver, states
from bench.link import READ, Run
from otpcore import recovery_code
from tokenctl.device import backup_file
from tokenctl.device.backup_file import BackupFile
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader

COUNTS = (100, 1000)
_AIM = 70  # per cent of the line's limit
_HELD = 3.3
PREFIX = "memory: bytes beyond rest, "


class Keeper:
    """A user who answers yes, and writes the recovery code down, or enters one."""

    def __init__(self, board: SimulatedToken, groups: Sequence[str] = ()) -> None:
        self._board = board
        self._reader = CodeReader(firmware_folder())
        self.groups = list(groups)

    def __call__(self, notice: str) -> None:
        if notice == "show_code":
            self._copy()
        elif notice == "code":
            for group in self.groups:
                self._enter(group)
        elif notice == "hold":
            self._board.press(_HELD, after=READ)
        elif notice in ("press", "acknowledge"):
            self._board.press(after=READ)

    def _copy(self) -> None:
        for _ in range(recovery_code.GROUPS):
            self._board.wait(0.5)
            self.groups.append(self._reader.read(self._board.look()[0]))
            self._press(0.06)
        for _ in range(2):  # which two groups it asks for shows by what it accepts
            self._repeat()

    def _repeat(self) -> None:
        """Enter one group after the other until one is accepted: then the title changes."""
        self._board.wait(0.5)
        title = self._board.look()[0][:10]
        for group in self.groups:
            self._enter(group)
            self._board.wait(0.5)
            if self._board.look()[0][:10] != title:
                return

    def _enter(self, group: str) -> None:
        for digit in group:
            self._press(1.0 + 0.4 * int(digit))

    def _press(self, seconds: float) -> None:
        self._board.press(seconds)
        self._board.wait(seconds + 0.12)


def made(state: Path, count: int) -> tuple[Run, BackupFile, str]:
    """Put accounts on a token and make a backup; return the Run, the file, and its code."""
    with SimulatedToken(state) as board:
        keeper, transport = Keeper(board), board.transport()
        with Token(transport, keeper) as token:
            batch = token.batch(count)
            for each in samples.enrolments(count):
                token.add(each.account, batch_id=batch)
            making = token.backups.make()
            uart = board.chip.uart
            before, begun = uart.received + uart.sent, transport.monotonic()
            data = b"".join(making.parts)
            seconds = transport.monotonic() - begun
            run = Run(count, seconds, uart.received + uart.sent - before)
    return run, backup_file.parse(data), " ".join(keeper.groups)


def restored(file: BackupFile, code: str) -> Run:
    """Restore a file to an empty token; return the Run, timed from the first part on."""
    moments: list[tuple[int, float]] = []
    with SimulatedToken() as board:
        uart, transport = board.chip.uart, board.transport()
        with Token(transport, Keeper(board)) as token:
            token.backups.open(
                file,
                "merge",
                code=code,
                progress=lambda done: moments.append(
                    (uart.received + uart.sent, transport.monotonic())
                ),
            )
            moments.append((uart.received + uart.sent, transport.monotonic()))
    (before, begun), (after, ended) = moments[0], moments[-1]
    return Run(file.count, ended - begun, after - before)


def figures() -> Iterator[Figure]:
    """Yield the figures of backups of a few and of many accounts, and of restores."""
    for count in COUNTS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            backup, file, code = made(Path(folder), count)
        size = len(file.header) + sum(map(len, file.records)) + len(file.end)
        for what, run in (("Backup", backup), ("Restore", restored(file, code))):
            group = f"{what} of {count} accounts, in simulated time"
            yield Figure(group, "bytes of the file", size, "bytes")
            yield Figure(group, "bytes on the wire", run.bytes, "bytes")
            yield Figure(group, "seconds", run.seconds, "s")
            yield share(group, "of what the line allows", run.allowed, run.seconds, _AIM)
    if driver.is_here():
        yield from memory()


def memory() -> Iterator[Figure]:
    """Yield the heap that a status, a backup and a restore take beyond a token at rest."""
    for name, most in beyond_rest().items():
        yield Figure("Heap beyond rest, with the code for it", name, most, "bytes")


def written() -> dict[str, float]:
    """Return the figures that must not grow: see bench.figures."""
    return {f"{PREFIX}{name}": most for name, most in beyond_rest().items()}


def beyond_rest() -> dict[str, int]:
    """Return the most live bytes between two parts, and after a status, minus those at rest.

    The clock is set: else the screen explains why there is no code, which takes 4 KB more.
    """
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with SimulatedToken(Path(folder)) as board:
            states.bring(board, states.ACCOUNTS)
            with Token(board.transport(), Keeper(board)) as token:
                token.sync()
        with driver.token(Path(folder)) as board:
            keeper = Keeper(board)
            with Token(board.transport(), keeper) as token:
                token.status()
                board.wait(5)
                rest = driver.measure(board).bytes
                token.status()
                _note(board, found, "a status")
                parts = [*_measured(board, found, "a backup", token.backups.make().parts)]
                file, code = backup_file.parse(b"".join(parts)), " ".join(keeper.groups)
                token.backups.open(
                    file,
                    "replace",
                    code=code,
                    progress=lambda done: _note(board, found, "a restore"),
                )
    return {name: most - rest for name, most in found.items()}


def _measured(
    board: SimulatedToken, found: dict[str, int], name: str, parts: Iterator[bytes]
) -> Iterator[bytes]:
    for part in parts:
        _note(board, found, name)
        yield part


def _note(board: SimulatedToken, found: dict[str, int], name: str) -> None:
    found[name] = max(found.get(name, 0), driver.measure(board).bytes)


def entry() -> Iterator[Figure]:
    """Yield the presses and seconds to enter a code of 132 bits, in several ways.

    The user is modelled: they release or press _REACTION seconds after they have seen what they
    wait for, sometimes too late, notice that, and correct it.
    """
    dice = random.Random(1)
    codes = [recovery_code.draw(dice.randbytes(64)) for _ in range(200)]
    group = "A recovery code of 132 bits, entered by a model of a person"
    for name, (digit, symbols) in WAYS.items():
        runs = [_entered(digit, symbols or list(map(int, code)), dice) for code in codes]
        for place, unit in enumerate(("presses", "seconds")):
            mean = sum(run[place] for run in runs) / len(runs)
            most = 70 if name == HOLD and unit == "presses" else None
            yield Figure(group, f"{name}: {unit}", mean, "", at_most=most)


HOLD = "held: digits run by"
_REACTION, _SPREAD = 0.25, 0.06  # seconds from seeing to pressing or releasing
_TAP, _PAUSE, _LONG, _RUN = 0.15, 0.2, 0.8, 0.4  # seconds: press, pause, long press, step of a run
_Cost = tuple[int, float, bool]  # presses, seconds, and whether the result is right


def _late(dice: random.Random) -> bool:
    return dice.gauss(_REACTION, _SPREAD) > _RUN


def _tapped(symbol: int, dice: random.Random) -> _Cost:
    """A press for each step from the first choice on, and a long one to take it."""
    slip = dice.random() < 0.01  # a press too many
    return symbol + 1 + slip, symbol * (_TAP + _PAUSE) + _LONG + _REACTION + _PAUSE, not slip


def _held(symbol: int, dice: random.Random) -> _Cost:
    return 1, _LONG + symbol * _RUN + _REACTION + _PAUSE, not _late(dice)


def _held_both(symbol: int, dice: random.Random) -> _Cost:
    """With two buttons: the second one takes the choice, and runs backwards from 9."""
    if symbol == 0:
        return 1, _TAP + _PAUSE, True
    return _held(symbol if symbol < 5 else 9 - symbol, dice)


def _halved(symbol: int, dice: random.Random) -> _Cost:
    """Each press halves what is left: a short one for the left half, a long one for the right."""
    left, count, presses, seconds = 0, 10, 0, 0.0
    while count > 1:
        half = (count + 1) // 2
        right = symbol >= left + half
        seconds += _REACTION + _PAUSE + (_LONG if right else _TAP)  # to see where it is
        left, count = (left + half, count - half) if right else (left, half)
        presses += 1
    return presses, seconds, dice.random() >= 0.01


def _entered(
    way: Callable[[int, random.Random], _Cost], symbols: list[int], dice: random.Random
) -> tuple[float, float]:
    """Return presses and seconds of a whole code, including corrections."""
    presses, seconds = 0, 0.0
    for symbol in symbols:
        right = False
        while not right:
            taken = way(symbol, dice)
            presses, seconds, right = presses + taken[0], seconds + taken[1], taken[2]
            if not right:  # "del" follows the nine
                undone = way(9, dice)
                presses, seconds = presses + undone[0], seconds + undone[1]
    return presses, seconds


def _symbols(alphabet: int, length: int) -> list[int]:
    return [number * alphabet // length for number in range(length)]


WAYS: dict[str, tuple[Callable[[int, random.Random], _Cost], list[int]]] = {
    HOLD: (_held, []),
    "held, two buttons": (_held_both, []),
    "pressed: a press for each step": (_tapped, []),
    "halved: each press halves the digits": (_halved, []),
    "pressed: 35 letters and digits (base32)": (_tapped, _symbols(32, 35)),
    "pressed: 13 words of four letters": (_tapped, _symbols(26, 52)),
}
