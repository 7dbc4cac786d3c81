"""What the chip does that a program cannot prevent, as the simulator does it."""

from pathlib import Path

import pytest
from e2e.probing import Probing

from tokensim.board.board import Board
from tokensim.board.processor import HARD_RESET, WATCHDOG
from tokensim.board.timebase import SimulatedTime
from tokensim.port.interpreter import HEAP, STAND_INS
from tokensim.port.runtime import Runtime
from tokensim.running.simulator import Simulator
from tokensim.token import SimulatedToken

START = 1_790_000_000_000_000_000
S = 1_000_000_000


def run(folder: Path, main: str, seconds: int = 3) -> tuple[Simulator, bytes]:
    """Run a main.py on a new board; return the simulator, and what came out of the port."""
    (folder / "main.py").write_text(main)
    output = bytearray()
    time = SimulatedTime(START)
    simulator = Simulator(Board(time.now, None), time, output.extend, Runtime(folder))
    try:
        simulator.chip.power_on()
        simulator.run(START + seconds * S, lambda: False, [])
    finally:
        simulator.close()
    return simulator, bytes(output)


def test_a_crash_writes_a_trace_and_the_token_starts_again():
    with SimulatedToken() as token:
        token.receive(0.1)
        token.crash()
        token.wait(3)
        output = token.receive(0.1)
        assert b"Guru Meditation Error" in output and b"Backtrace:" in output
        assert token.chip.ready and token.chip.processor.cause == HARD_RESET


def test_a_watchdogs_bite_writes_a_trace(tmp_path):
    main = "import machine\nmachine.WDT(timeout=50)\nwhile True:\n machine.freq()\n"
    simulator, output = run(tmp_path, main, seconds=1)
    assert simulator.chip.resets >= 1 and simulator.chip.processor.cause == WATCHDOG
    assert b"Task watchdog got triggered" in output and b"Backtrace:" in output


def test_a_main_file_that_ends_leads_to_the_repl_as_on_a_board(tmp_path):
    simulator, output = run(tmp_path, "print('over')\n")
    assert simulator.chip.resets == 0
    assert b"over" in output and output.endswith(b">>> ")


def test_a_fault_of_the_main_file_is_written_to_the_port(tmp_path):
    _, output = run(tmp_path, "1 // 0\n")
    assert b"ZeroDivisionError" in output and b'File "main.py", line 1' in output


def test_there_are_no_other_files_than_the_boards(tmp_path):
    (tmp_path / "board.json").write_text("{}")
    _, output = run(tmp_path, "import os\nprint(sorted(os.listdir('/')), os.getcwd())\n")
    assert b"['board.json', 'main.py'] /" in output


def test_the_stand_ins_take_nothing_of_the_firmwares_heap(tmp_path):
    _, output = run(tmp_path, "import gc\ngc.collect()\nprint('free', gc.mem_free())\n")
    free = int(output.partition(b"free ")[2].split()[0])
    # The table of names, which the firmware fills, is there already.
    assert abs(free - (int(HEAP[:-1]) * 1024 - 36_000)) < 8_000, STAND_INS


def test_a_probe_that_ends_says_so(tmp_path):
    assert Probing("promise", tmp_path).run().keys() == {"promise.read-two-after-one-poll"}


HASHING = """
import machine, time
from hashlib import sha256
for hertz in (240000000, 80000000):
    machine.freq(hertz)
    start = time.ticks_us()
    for _ in range(400):
        sha256(bytes(96)).digest()
    print("took", time.ticks_diff(time.ticks_us(), start))
"""


@pytest.mark.usefixtures("hashes_of_a_chip")
def test_hashes_take_what_they_take_on_the_chip(tmp_path):
    """Two of two blocks are a round of PBKDF2, of which it does 10,475 a second at 240 MHz."""
    _, output = run(tmp_path, HASHING)
    fast, slow = (int(line.split()[1]) for line in output.split(b"\n") if b"took" in line)
    assert 200 / fast * 1e6 == pytest.approx(10_475, rel=0.02)
    assert slow / fast == pytest.approx(3, rel=0.02)


def test_what_arrives_while_hashes_are_made_is_lost_beyond_what_the_port_holds(tmp_path):
    """259 bytes; 115,200 baud bring that in 22.5 ms."""
    main = (
        "import sys, time\nfrom hashlib import sha256\nprint('begins')\n"
        "while not sys.stdin.buffer.read(1): pass\n"
        "for _ in range(2000): sha256(bytes(96))\nprint('over')\ntime.sleep(1)\n"
    )
    (tmp_path / "main.py").write_text(main)
    time = SimulatedTime(START)
    output = bytearray()
    simulator = Simulator(Board(time.now, None), time, output.extend, Runtime(tmp_path))
    try:
        simulator.chip.power_on()
        simulator.run(START + S, lambda: b"begins" in output, [])
        simulator.chip.uart.from_computer(bytes(1000), time.now())
        simulator.run(START + 2 * S, lambda: b"over" in output, [])
        assert simulator.chip.uart.dropped == 1000 - 1 - 259
    finally:
        simulator.close()
