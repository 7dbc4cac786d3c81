"""Garbage collections in the simulated firmware: nothing that it can see is put off."""

import pytest

from tokensim.board import Board
from tokensim.runtime import Runtime
from tokensim.simulator import Simulator
from tokensim.timebase import SimulatedTime

pytestmark = pytest.mark.slow

MAIN = "probe.py"
PROBE = """
import gc, time
gc.collect()
free, used = gc.mem_free(), gc.mem_alloc()
print("begin")
def spoil(count):
    for number in range(count):
        bytearray(100)
for count in (0, 10, 100, 1000):
    spoil(count)
    gc.collect()
    print(gc.mem_free() - free, gc.mem_alloc() - used)
kept = [bytearray(100) for number in range(100)]
gc.collect()
print(free - gc.mem_free() > 10000, gc.mem_alloc() - used > 10000)
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
    begin = lines.index("begin") + 1
    for line in lines[begin : begin + 4]:
        free, used = map(int, line.split())
        assert -SMALL < free <= SMALL and -SMALL <= used < SMALL, lines
    assert lines[begin + 4] == "True True"
