"""The release in a heap that is as large, and grows and is divided, as an ESP32's.

What MicroPython says of its own heap there, against the record of a chip and the model of
bench/heap32/allocator.py. Needs the MicroPython of bench/chip32: make torture PARTS=chip32.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench.backups import Keeper  # noqa: E402
from bench.chip32 import interpreter  # noqa: E402
from bench.chip32.interpreter import Chip32, Memory  # noqa: E402
from bench.heap32 import person, thousand  # noqa: E402
from bench.heap32.allocator import ESP32  # noqa: E402
from e2e.commandline import CommandLine  # noqa: E402
from e2e.daily_life import Life  # noqa: E402

from tokenctl.device import backup_file
from tokenctl.device.token import Token
from tokensim.board.board import Board
from tokensim.board.timebase import SimulatedTime
from tokensim.port.interpreter import MAIN
from tokensim.port.runtime import Runtime
from tokensim.running.chip import Chip
from tokensim.running.simulator import Simulator
from tokensim.token import SimulatedToken

FREE_AT_THE_PROMPT = 165_264  # bytes of a stock ESP32_GENERIC 1.24.0
NEEDED = 4096  # bytes in one piece, the most that the firmware allocates at once
DAYS = 30
GROWTH = 512  # bytes: ten accounts more, and by which two starts may differ

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not interpreter.PORT.exists(), reason=interpreter.MISSING),
]


def memory(chip: Chip) -> Memory:
    interpreter = chip.execution.interpreter
    assert isinstance(interpreter, Chip32)
    return interpreter.memory(collect=True)


def test_it_is_as_large_as_a_boards(tmp_path: Path):
    (tmp_path / MAIN).write_text("import time\nprint('here')\ntime.sleep(60)\n")
    output = bytearray()
    time = SimulatedTime(0)
    runtime = Runtime(tmp_path, interpreter=Chip32)
    simulator = Simulator(Board(time.now, None), time, output.extend, runtime)
    try:
        simulator.chip.power_on()
        simulator.run(time.now() + 10**9, lambda: False, [])
        assert output.endswith(b"here\n")
        free = memory(simulator.chip).free + max(ESP32.pieces)
        assert free == pytest.approx(FREE_AT_THE_PROMPT, rel=0.01)
    finally:
        simulator.close()


def test_a_pin_with_a_thousand_accounts_leaves_room(tmp_path: Path):
    with (
        SimulatedToken(thousand.state(tmp_path), runtime=Runtime(interpreter=Chip32)) as board,
        Token(board.transport(), person.who_sets_the_pin(board)) as token,
    ):
        token.change_pin()
        assert memory(board.chip).largest > 2 * NEEDED


def test_a_restore_of_a_thousand_accounts_leaves_room(tmp_path: Path):
    with SimulatedToken(thousand.state(tmp_path / "first")) as board:
        keeper = Keeper(board)
        with Token(board.transport(), keeper) as token:
            file = backup_file.parse(b"".join(token.backups.make().parts))
    with (
        SimulatedToken(tmp_path / "second", runtime=Runtime(interpreter=Chip32)) as board,
        Token(board.transport(), Keeper(board, keeper.groups)) as token,
    ):
        assert token.backups.open(file, "merge")["added"] == thousand.COUNT
        assert memory(board.chip).largest > 2 * NEEDED
        board.wait(8)
        assert memory(board.chip).largest > 2 * NEEDED


@pytest.mark.timeout(1800)
def test_a_month_of_use_neither_grows_nor_divides_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    with SimulatedToken(runtime=Runtime(interpreter=Chip32)) as board:
        run = CommandLine(board, monkeypatch, capfd)
        assert run("sync").code == 0
        days: list[list[Memory]] = []
        life = Life(run, after=lambda: days[-1].append(memory(board.chip)))
        for _ in range(DAYS):
            days.append([])
            life.day()
    assert board.chip.resets == 2 * DAYS, "each PIN: two that are planned"
    assert min(each.largest for day in days for each in day) > NEEDED
    least = [min(each.used for each in day) for day in days]
    assert min(least[-10:]) - min(least[-20:-10]) < GROWTH
