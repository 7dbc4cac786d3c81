"""Garbage collections in the simulated firmware: nothing that it can see is put off."""

import pytest

from tokensim.board.board import Board
from tokensim.board.timebase import SimulatedTime
from tokensim.port.runtime import Runtime
from tokensim.running.simulator import Simulator

pytestmark = pytest.mark.slow

MAIN = "probe.py"
PROBE = """
import gc, select, sys, time
port = select.poll()
port.register(sys.stdin, select.POLLIN)
found = []
print("begin")

def look(count):
    port.poll(100)  # the simulator is told of all output; nothing will happen for long
    for number in range(count):
        bytearray(100)
    gc.collect()
    found.append((gc.mem_free(), gc.mem_alloc()))

for count in (0, 0, 10, 100, 1000):
    look(count)
kept = [bytearray(100) for number in range(100)]
look(0)
for free, used in found:
    print(free - found[1][0], used - found[1][1])
print("over")
time.sleep(100)
"""
SMALL = 512  # bytes: names of the probe, and numbers that it keeps


def run(folder):
    """Return the lines that the probe prints."""
    (folder / MAIN).write_text(PROBE)
    time, said = SimulatedTime(1_790_000_000 * 10**9), bytearray()
    simulator = Simulator(Board(time.now, None), time, said.extend, Runtime(folder, MAIN))
    try:
        simulator.chip.power_on()
        simulator.run(time.now() + 50 * 10**9, lambda: b"over" in said, [])
    finally:
        simulator.close()
    return said.decode().splitlines()


def test_after_a_collection_nothing_of_the_garbage_counts(tmp_path):
    lines = run(tmp_path)
    begin = lines.index("begin") + 2  # the first may have made what stays
    changes = [[*map(int, line.split())] for line in lines[begin : begin + 5]]
    for free, used in changes[:4]:
        assert abs(free) <= SMALL and abs(used) <= SMALL, changes
    assert changes[4][0] < -10_000 and changes[4][1] > 10_000, changes
