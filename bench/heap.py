"""How much heap the running firmware uses in the simulator's interpreter, at first and later.

The firmware is the release with a method added to its link, which collects
garbage and counts. Words are twice as wide as on the board: see
tokensim.port.interpreter.HEAP.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import samples
from bench.figure import Figure
from bench.link import READ
from tokenctl.device import methods, validators
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.payload import firmware_folder
from tokensim.port.interpreter import HEAP, STAND_INS
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

_METHOD = "bench_heap"
_PROBE = f"""
from tokenfw.system import on_demand

async def {_METHOD}(token, request):
    import gc

    on_demand.tidy()
    gc.collect()
    return {{"used": gc.mem_alloc(), "free": gc.mem_free()}}

COMMANDS["{_METHOD}"] = ({_METHOD}, WHILE_LOCKED)
"""


_ACCOUNTS = 10
_DARK = 60  # seconds after which the panel is dark
_HOUR = 60  # minutes
_SETTLED = 5  # minutes, after which everything has been loaded once
_FLAT = 1024  # bytes: the aim for growth within an hour


def measure(state: Path | None = None) -> tuple[int, int]:
    """Return (used, free) bytes of heap of a token that was just started on `state`."""
    with _probed(state) as board:
        return _heap(board)


def at_rest() -> int:
    """Return the bytes that the firmware itself uses right after provisioning ten accounts."""
    with _probed() as board:
        _add(board, samples.enrolments(_ACCOUNTS))
        board.wait(_DARK)
        return _heap(board)[0] - STAND_INS


def in_use(minutes: int = _HOUR) -> list[int]:
    """Return the bytes of heap in use after each minute of use.

    Each minute the token is woken and shows codes, the next code and the menu, and a
    computer reads the list; in between it goes dark.
    """
    with _probed() as board:
        issuers = ("Example", "Example Bank", "Zoë")
        _add(board, [enrol(each, "someone@example.com", b"x" * 20) for each in issuers])
        used: list[int] = []
        for _ in range(minutes):
            _use(board)
            used.append(_heap(board)[0])
        return used


def after_each(state: Path, use: Callable[[SimulatedToken], None], times: int) -> list[int]:
    """Return the bytes of heap in use after each of some uses of a token, once it is dark."""
    with _probed(state) as board:
        used: list[int] = []
        for _ in range(times):
            use(board)
            board.wait(_DARK)
            used.append(_heap(board)[0])
        return used


def _add(board: SimulatedToken, enrolments: list[Enrolment]) -> None:
    with Token(board.transport(), lambda notice: board.press(after=READ)) as token:
        for each in enrolments:
            token.add(each.account)
        token.sync()


def _use(board: SimulatedToken) -> None:
    """Use the token for a minute: short and long presses, with both buttons."""
    presses = ((0.1, False), (0.1, False), (0.9, False), (0.9, True), (0.1, False), (0.9, False))
    presses += ((0.1, True), (0.9, True), (0.9, True))
    for seconds, second in presses:
        board.press(seconds, second=second)
        board.wait(seconds + 0.7)
    with Token(board.transport(), lambda notice: None) as token:
        token.accounts()
    board.wait(60 - sum(seconds + 0.7 for seconds, _ in presses))


def _heap(board: SimulatedToken) -> tuple[int, int]:
    methods.METHODS[_METHOD] = methods.Method(validators.table)
    try:
        answer = Link(board.transport(), lambda notice: None).request(_METHOD)
    finally:
        del methods.METHODS[_METHOD]
    return answer["used"], answer["free"]


@contextmanager
def _probed(state: Path | None = None) -> Iterator[SimulatedToken]:
    """Start a token with the counting method."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        firmware = Path(folder, "firmware")
        shutil.copytree(firmware_folder(), firmware)
        commands = firmware / "tokenfw" / "link" / "commands"
        (commands / "device.py").write_text((commands / "device.py").read_text() + _PROBE)
        with SimulatedToken(state, runtime=Runtime(firmware)) as board:
            yield board


def figures(
    empty: tuple[int, int], full: tuple[int, int], accounts: int, used: list[int]
) -> list[Figure]:
    """Return the figures of an empty token, of one with accounts, and of one in use."""
    group = "Heap of the running firmware (64-bit words)"
    return [
        Figure(group, f"used, of {HEAP}, without an account", empty[0] / 1024, "KB"),
        Figure(group, f"used, of {HEAP}, with {accounts} accounts", full[0] / 1024, "KB"),
        Figure(group, "for an account", (full[0] - empty[0]) / accounts, "bytes"),
        Figure(
            group,
            f"added by {len(used)} minutes of use",
            max(used[_SETTLED:]) - max(used[:_SETTLED]),
            "bytes",
            at_most=_FLAT,
        ),
    ]
