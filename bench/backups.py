"""Backups: against what 115200 baud allow, what they take of the heap, what the code costs.

The computer's end is tokenctl's, the token a simulated one; as in link.py simulated time holds
the wire and the flash, and nothing for the firmware's own computing. The code is read off the
screen. Heap is counted in 32 bits, between two messages, with all code that was loaded for it.
"""

import random
import string
import tempfile
from collections.abc import Iterator
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
from tokensim.reading import CodeReader
from tokensim.token import SimulatedToken

COUNTS = (100, 1000)
_AIM = 70  # per cent of what the line allows
_HELD = 3.3


class Keeper:
    """Somebody at a token, who says yes, and writes the code down."""

    def __init__(self, board: SimulatedToken) -> None:
        self._board = board
        self._reader = CodeReader(firmware_folder())
        self.groups: list[str] = []

    def __call__(self, notice: str) -> None:
        if notice == "show_code":
            self._copy()
        elif notice == "hold":
            self._board.press(_HELD, after=READ)
        elif notice in ("press", "acknowledge"):
            self._board.press(after=READ)

    def _copy(self) -> None:
        for _ in range(recovery_code.GROUPS):
            self._board.wait(0.5)
            self.groups.append(self._reader.read(self._board.look()[0]))
            self._press(0.06)
        for _ in range(2):  # which two it asks for is seen by what it takes
            self._repeat()

    def _repeat(self) -> None:
        """Enter one group after the other until one is taken: then the title changes."""
        self._board.wait(0.5)
        title = self._board.look()[0][:10]
        for group in self.groups:
            for digit in group:
                self._press(1.0 + 0.4 * int(digit))
            self._board.wait(0.5)
            if self._board.look()[0][:10] != title:
                return

    def _press(self, seconds: float) -> None:
        self._board.press(seconds)
        self._board.wait(seconds + 0.12)


def made(state: Path, count: int) -> tuple[Run, BackupFile, str]:
    """Put accounts on a token and make a backup; return how that went, the file, and its code."""
    with SimulatedToken(state) as board:
        keeper, transport = Keeper(board), board.transport()
        with Token(transport, keeper) as token:
            batch = token.batch(count)
            for each in samples.enrolments(count):
                token.add(each.account, batch_id=batch)
            making = token.backups.make()
            uart = board.simulator.uart
            before, begun = uart.received + uart.sent, transport.monotonic()
            data = b"".join(making.parts)
            seconds = transport.monotonic() - begun
            run = Run(count, seconds, uart.received + uart.sent - before)
    return run, backup_file.parse(data), " ".join(keeper.groups)


def restored(file: BackupFile, code: str) -> Run:
    """Restore a file onto an empty token; return how that went, from the first part on."""
    moments: list[tuple[int, float]] = []
    with SimulatedToken() as board:
        uart, transport = board.simulator.uart, board.transport()
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
    """Return what backups of some and of many accounts take, and restores of them."""
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
    """Return the heap that a backup and a restore take beyond a token at rest."""
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with SimulatedToken(Path(folder)) as board:
            states.bring(board, states.ACCOUNTS)
        with driver.token(Path(folder)) as board:
            keeper = Keeper(board)
            with Token(board.transport(), keeper) as token:
                token.status()
                board.wait(5)
                rest = driver.measure(board).bytes
                parts = [*_measured(board, found, "a backup", token.backups.make().parts)]
                file, code = backup_file.parse(b"".join(parts)), " ".join(keeper.groups)
                token.backups.open(
                    file,
                    "replace",
                    code=code,
                    progress=lambda done: _note(board, found, "a restore"),
                )
    for name, most in found.items():
        yield Figure("Heap beyond rest, with the code for it", name, most - rest, "bytes")


def _measured(
    board: SimulatedToken, found: dict[str, int], name: str, parts: Iterator[bytes]
) -> Iterator[bytes]:
    for part in parts:
        _note(board, found, name)
        yield part


def _note(board: SimulatedToken, found: dict[str, int], name: str) -> None:
    found[name] = max(found.get(name, 0), driver.measure(board).bytes)


def entry() -> Iterator[Figure]:
    """Return what codes of the same strength cost to copy, and to enter with a cursor."""
    group = "A recovery code of 132 bits: characters to copy, presses to enter it"
    for name, alphabet, length in (
        ("digits, ten groups of five", string.digits, recovery_code.GROUPS * recovery_code.DIGITS),
        ("letters and digits, seven groups of five", string.ascii_uppercase + "234567", 35),
        ("words of a list of 2,048, four letters each", string.ascii_lowercase, 13 * 4),
    ):
        yield Figure(group, f"{name}: characters", length, "")
        yield Figure(group, f"{name}: presses", length * _presses(alphabet), "")
    dice = random.Random(1)
    codes = [recovery_code.draw(dice.randbytes(64)) for _ in range(1000)]
    mean = sum(sum(int(digit) + 1 for digit in code) for code in codes) / len(codes)
    yield Figure(group, "digits, of 1,000 codes: presses on average", mean, "", at_most=300)


def _presses(alphabet: str) -> float:
    """Return how many presses a character takes: a cursor goes from the first one to it."""
    return (len(alphabet) - 1) / 2 + 1
