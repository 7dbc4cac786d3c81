"""Record what a token at rest runs, for the build: make record.

The firmware runs as modules, with a line added to each function that reports that it ran. A
token with ten accounts is switched on, shows codes and the next ones, pages through accounts,
goes dark, sleeps, wakes by a press, and sleeps again. The result, firmware/rest.json, determines
what the release has in memory at rest; everything else is loaded when it is called. Functions
that are called on the same occasions, of occasions.py, are loaded together.
"""

import ast
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tools.occasions import BOARDS, OCCASIONS

from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokenctl.payload import board_definition, firmware_folder
from tokenctl.release import record
from tokenctl.release.program import FUNCTIONS, is_viper
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.link.transport import SimulatedTransport
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

ACCOUNTS = 10
_HEAP = "4000K"  # the added lines take memory
_RAN = re.compile(rb"^ran ([\w.:]+)\r?$", re.MULTILINE)
_MAIN = """\
import micropython
micropython.kbd_intr(-1)
import machine
from tokenfw.system import app, on_demand
app.run(
    lambda: on_demand.once("tokenfw.board").Board(),
    machine.RTC().memory,
    machine.reset_cause() == machine.HARD_RESET,
    machine.reset_cause() == machine.WDT_RESET,
    machine.reset_cause() == machine.DEEPSLEEP_RESET,
    None,
)
"""
_SEEN = """\
import sys
import time

_seen = set()


def ran(name):
    if name not in _seen:
        _seen.add(name)
        sys.stdout.write("ran " + name + "\\n")
        time.sleep_ms(len(name) // 8 + 1)  # until it is out: a deep sleep may come next
"""


def main() -> None:
    """Write the record; with --check, report whether it is up to date."""
    found = run(firmware_folder())
    if "--check" in sys.argv[1:]:
        if not is_up_to_date(found):
            sys.exit("firmware/rest.json is out of date: run make record")
        return
    found = found._replace(used=use(firmware_folder()))
    record.write(firmware_folder(), found)
    print(f"{len(found.functions)} functions in {len(found.modules)} modules")


def is_up_to_date(found: record.Record) -> bool:
    """Return whether the record of what is at rest is up to date; occasions may be older."""
    kept = record.read(firmware_folder())
    return found.modules == kept.modules and found.functions == kept.functions


def use(firmware: Path) -> dict[str, frozenset[str]]:
    """Return {function: the occasions on which it runs}, of those that run on any."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        marked = Path(folder, "marked")
        _copy(firmware, marked)
        _instrument(marked)
        for name, occasion in OCCASIONS.items():
            chip = BOARDS[name]
            state = Path(folder, chip or "state")
            wiring = read(board_definition(chip)) if chip else None
            with SimulatedToken(
                state,
                runtime=Runtime(marked, heap=_HEAP),
                radio=True,
                parts=Parts(definition=wiring),
            ) as board:
                line = _Line(board)
                occasion(board, line)
                line.read(0)
            for each in _named(line.heard):
                if ":" in each:
                    found[each].add(name)
    return {each: frozenset(names) for each, names in found.items()}


class _Line(SimulatedTransport):
    """The link, which keeps all data that it has read."""

    def __init__(self, board: SimulatedToken) -> None:
        super().__init__(board)
        self.heard = b""

    def read(self, timeout: float) -> bytes:
        data = super().read(timeout)
        self.heard += data
        return data


def run(firmware: Path) -> record.Record:
    """Return the Record of a token with this firmware."""
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        state, plain, marked = (Path(folder, each) for each in ("state", "plain", "marked"))
        _copy(firmware, plain)
        _prepare(plain, state)
        _copy(firmware, marked)
        _instrument(marked)
        names = _live(marked, state)
    return record.Record(
        frozenset(each for each in names if ":" not in each),
        frozenset(each for each in names if ":" in each),
    )


def _prepare(firmware: Path, state: Path) -> None:
    """Put accounts on a token, and set its clock."""
    with (
        SimulatedToken(state, runtime=Runtime(firmware, heap=_HEAP)) as board,
        Token(board.transport(), lambda notice: board.press()) as token,
    ):
        for number in range(ACCOUNTS):
            token.add(enrol(f"Example {number}", "someone@example.com", b"x" * 20).account)
        token.sync()


def _live(firmware: Path, state: Path) -> set[str]:
    """Use a token without a computer; return the functions that it reports to have run."""
    with SimulatedToken(state, runtime=Runtime(firmware, heap=_HEAP)) as board:
        board.wait(5)
        for _ in range(2):
            _look(board)
            while not board.chip.asleep:
                board.wait(10)
        return _named(board.receive(0))


def _named(said: bytes) -> set[str]:
    """Return the functions that a token's output reports to have run."""
    return {each.decode() for each in _RAN.findall(said)}


def _look(board: SimulatedToken) -> None:
    """Light the token, wait for a code to end, and page through the other accounts."""
    board.press()
    board.wait(35)
    for second in (False, False, True):
        board.press(second=second)
        board.wait(2)
    board.wait(40)


def _copy(firmware: Path, copy: Path) -> None:
    """Copy the firmware without its loader, so that it runs as modules."""
    shutil.copytree(firmware, copy)
    (copy / "units.py").unlink()
    (copy / "main.py").write_text(_MAIN)


def _instrument(copy: Path) -> None:
    """Add a line to each module and function that reports that it ran."""
    (copy / "seen.py").write_text(_SEEN)
    for folder in ("tokenfw", "otpcore"):
        for source in (copy / folder).rglob("*.py"):
            name = source.relative_to(copy).with_suffix("").as_posix().replace("/", ".")
            name = name.removesuffix(".__init__")
            source.write_text(_with_marks(source.read_text(), name))


def _with_marks(source: str, module: str) -> str:
    tree = ast.parse(source)
    for statement in tree.body:
        owner = ""
        inner = [statement]
        if isinstance(statement, ast.ClassDef):
            owner, inner = f"{statement.name}.", statement.body
        for each in inner:
            if isinstance(each, FUNCTIONS) and not is_viper(each):
                _mark(each, f"{module}:{owner}{each.name}")
    first = ast.parse(f"import seen\nseen.ran({module!r})").body
    tree.body[0:0] = first
    return ast.unparse(tree)


def _mark(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> None:
    function.body[0:0] = ast.parse(f"seen.ran({name!r})").body


if __name__ == "__main__":
    main()
