"""How much of the chip's memory the release takes, in the states that matter.

Live bytes of the heap as on an ESP32 with the stock image v1.24.0: those in use at the bare
prompt, and what the firmware adds. Accuracy: build 7802d6f took 141,760 bytes on the chip at rest
with an empty vault, and 157,000 after ten accounts; here the same sources gave 140,992 and 156,672
(after the fault was fixed by which provisioning failed then).

Not shown: the places of objects in the heap, and so neither the largest free block nor a
MemoryError; garbage until the next collection; and the frames that the chip keeps in the heap
while a function runs. For those see lives.py and allocator.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import samples
from bench.figure import Figure
from bench.heap32 import driver
from bench.heap32.driver import Memory, Node
from bench.link import READ
from tokenctl.device.token import Token
from tokenctl.enrol import provisioning
from tokensim.port.interpreter import BOARD
from tokensim.token import SimulatedToken

FREE_WITH_THOUSAND = 40 * 1024  # bytes: the aim
AT_REST = 97_000  # bytes after provisioning: the aim
ACCOUNTS = 10
_MANY = 1000
DEVELOPMENT = "memory: bytes at rest, a development build"
_SETTLED = 5  # seconds after which a computer's session is over
_DARK = 60  # seconds after which the panel is dark


class Chip(NamedTuple):
    """What build 7802d6f took on the chip, in bytes."""

    fresh: int = 141_760
    provisioned: int = 157_000
    thousand: int = 162_400


CHIP = Chip()


@contextmanager
def used(state: Path | None = None, node: type[Node] = Node) -> Iterator[SimulatedToken]:
    """Yield a token at rest: everything is loaded, and a computer's first command is answered."""
    with driver.token(state, node) as board:
        _status(board)
        yield board


def _status(board: SimulatedToken) -> None:
    with Token(board.transport(), lambda notice: board.press(after=READ)) as token:
        token.status()
    board.wait(_SETTLED)


def fresh() -> Memory:
    """Return the memory of a token with an empty vault."""
    with used() as board:
        return driver.measure(board)


def provisioned(state: Path, node: type[Node] = Node) -> Memory:
    """Return it right after ten accounts were added and the clock was set; the panel is dark."""
    with driver.token(state, node) as board:
        with Token(board.transport(), lambda notice: board.press(after=READ)) as token:
            token.sync()
            for each in samples.enrolments(ACCOUNTS):
                token.add(each.account)
        board.wait(_DARK)
        return driver.measure(board)


def in_use(state: Path) -> dict[str, Memory]:
    """Return it for a token with accounts after a power-up: at rest, and during use, by name."""
    found: dict[str, Memory] = {}
    with used(state) as board:
        found["at rest"] = driver.measure(board)
        board.press()
        board.wait(1)
        found["a code on the screen"] = driver.measure(board)
        board.hold(1.2)
        board.wait(2)
        found["the menu"] = driver.measure(board)
    return found


def development() -> Memory:
    """Return it for a development build at rest, after a computer's first command."""
    with driver.token(node=driver.Development) as board:
        _status(board)
        return driver.measure(board)


class _Seen(Exception):
    """Raised to leave the dialog once the measurement is made."""


def pin_pad(state: Path) -> Memory:
    """Return it while a new PIN is being entered."""
    found: list[Memory] = []

    def look(notice: str) -> None:
        if notice == "pin":
            board.wait(1)
            found.append(driver.measure(board))
            raise _Seen
        board.hold(3.2, after=READ)

    with used(state) as board, suppress(_Seen), Token(board.transport(), look) as token:
        token.change_pin()
    return found[0]


def thousand() -> Memory:
    """Return it with a thousand accounts of one list, after a power-up, at rest."""
    with TemporaryDirectory(prefix="bench-") as folder:
        with SimulatedToken(Path(folder)) as board:
            bring(board, _MANY)
        with used(Path(folder)) as board:
            return driver.measure(board)


def bring(board: SimulatedToken, count: int) -> None:
    """Put so many accounts on a token, as `tokenctl provision` does."""
    with Token(board.transport(), lambda notice: board.press(after=READ)) as token:
        steps = provisioning.plan(samples.enrolments(count), token.accounts(), replace=False)
        provisioning.write(token, steps)


def written() -> dict[str, float]:
    """Return the figures that must not grow: see bench.figures."""
    with TemporaryDirectory(prefix="bench-") as folder:
        rest = named(provisioned(Path(folder)), in_use(Path(folder))["at rest"])
    return rest | {DEVELOPMENT: development().bytes}


def named(after: Memory, rest: Memory) -> dict[str, float]:
    """Return these figures by name: right after provisioning, and at rest after a power-up."""
    return {
        "memory: bytes at rest after provisioning": after.bytes,
        "memory: bytes at rest, switched on again": rest.bytes,
    }


def figures() -> Iterator[Figure]:
    """Measure all states."""
    group = "Memory of the release on a 32-bit MicroPython, as the chip counts it"
    yield _figure(group, "at rest, empty vault", fresh(), CHIP.fresh)
    with TemporaryDirectory(prefix="bench-") as folder:
        after = provisioned(Path(folder))
        yield _figure(group, f"at rest after {ACCOUNTS} accounts", after, CHIP.provisioned, AT_REST)
        yield Figure(group, "a sector is erased, for those accounts", after.erasing, "bytes")
        for name, memory in in_use(Path(folder)).items():
            yield _figure(group, f"switched on again: {name}", memory)
        yield _figure(group, "a PIN is asked for", pin_pad(Path(folder)))
    many = thousand()
    yield _figure(group, f"at rest, {_MANY} accounts", many, CHIP.thousand)
    yield Figure(
        group, f"free with {_MANY}", BOARD - many.bytes, "bytes", at_least=FREE_WITH_THOUSAND
    )
    yield Figure(group, "the largest piece since the start", many.largest, "bytes", at_most=4096)


def _figure(
    group: str, name: str, memory: Memory, chip: int | None = None, at_most: int | None = None
) -> Figure:
    beside = f" (7802d6f: {chip:,})" if chip else ""
    return Figure(group, name + beside, memory.bytes, "bytes", at_most=at_most)
