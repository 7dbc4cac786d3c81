"""What a start reads before its first picture: from the firmware's files, and from the vault.

The release is in a littlefs with the parameters of a board; main.py is started from it, and each
read of flash and each look-up of a file is counted. The button is pressed as soon as that counts;
the picture is the first that the panel shows. In simulated time computing takes no time, so a
start from power-up has by then also checked all free sectors of the vault, which on a chip comes
after the picture: that is counted too. Garbage collections are those of this 64-bit heap, which
has its full size from the start: a board's starts smaller, and is collected before it grows.

Reads come in jumps: a file of littlefs is a list of 4 KB blocks from its end to its beginning, with
pointers that skip some. When app.bin has grown into another block, each look into it may have one
pointer more to follow. A jump of 45 to 65 reads that comes with a few bytes more (with 1,300 bytes
of padding, which no start loads: 63) is that, and nothing that a start does: write it down.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.figure import Figure
from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokensim.port.interpreter import Interpreter
from tokensim.port.runtime import Runtime
from tokensim.running.chip import BOOT_NS
from tokensim.token import SimulatedToken

ACCOUNTS = 10
OF_OLD = 54_380  # reads on the chip by build 7802d6f, before there were releases
AT_MOST = 0.1  # the aim, relative to these
_LISTENS = 0.1  # seconds after the chip's start, by when the button was seen released
_LONGEST = 10.0  # seconds to a picture


@dataclass(frozen=True)
class Start:
    """The counts of a start up to its first picture: reads of flash, look-ups, collections."""

    reads: int
    bytes_read: int
    lookups: int
    collections: int
    vault_reads: int
    vault_bytes: int


def measure(accounts: int = ACCOUNTS) -> tuple[Start, Start]:
    """Return the counts of a start from power-up, and of one from deep sleep."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = Path(folder)
        _prepare(state, accounts)
        board = SimulatedToken(
            state, runtime=Runtime(interpreter=partial(Interpreter, counted=True))
        )
        try:
            board.power_on()
            cold = _until_picture(board, BOOT_NS / 1e9 + _LISTENS)
            while not board.chip.asleep:
                board.wait(10)
            return cold, _until_picture(board, 0)
        finally:
            board.close()


def _prepare(state: Path, accounts: int) -> None:
    with SimulatedToken(state) as board, Token(board.transport(), lambda _: board.press()) as token:
        for number in range(accounts):
            token.add(enrol(f"Example {number}", "someone@example.com", b"x" * 20).account)
        token.sync()


def _until_picture(board: SimulatedToken, after: float) -> Start:
    flash = board.board.flash
    reads, bytes_read = flash.reads, flash.bytes_read
    board.press(0.3, after)
    if not board.wait_for(lambda: board.board.panel.lit, _LONGEST):
        raise TimeoutError("the token shows nothing")
    app = board.board.app
    assert app is not None  # noqa: S101 (for the type checker)
    return Start(
        app.reads,
        app.bytes_read,
        app.lookups.total(),
        app.collections,
        flash.reads - reads,
        flash.bytes_read - bytes_read,
    )


def written() -> dict[str, float]:
    """Return the figures for written.json, by name."""
    cold, woken = measure()
    return {
        "start: flash reads to the first picture": cold.reads + cold.vault_reads,
        "start: bytes of them": cold.bytes_read + cold.vault_bytes,
        "start: file look-ups to the first picture": cold.lookups,
        "wake: flash reads to the picture": woken.reads + woken.vault_reads,
        "wake: bytes of them": woken.bytes_read + woken.vault_bytes,
        "wake: file look-ups to the picture": woken.lookups,
    }


def figures() -> Iterator[Figure]:
    """Yield the figures of both starts; the first one relative to OF_OLD."""
    group = f"Flash reads until the picture, {ACCOUNTS} accounts"
    yield Figure(group, "the build 7802d6f, on the chip", OF_OLD, "")
    cold, woken = measure()
    total = cold.reads + cold.vault_reads
    yield Figure(group, "from power-up, to that", total / OF_OLD, "x", at_most=AT_MOST)
    for name, start in (("from power-up", cold), ("from deep sleep", woken)):
        yield Figure(group, f"{name}: of the firmware's files", start.reads, "")
        yield Figure(group, f"{name}: … KB", start.bytes_read / 1024, "")
        yield Figure(group, f"{name}: of the vault", start.vault_reads, "")
        yield Figure(group, f"{name}: … KB", start.vault_bytes / 1024, "")
        yield Figure(group, f"{name}: look-ups of files", start.lookups, "")
        yield Figure(group, f"{name}: collections", start.collections, "")
