"""What a program reads at the simulated pins is what is there, in a loop that asks nothing else.

The simulator tells the levels of pins ahead of time; none may be older than a millisecond.
"""

from pathlib import Path

import pytest

from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

# Says which level each pin has, whenever one has changed, and how long after the start that is.
PROGRAM = """
from machine import Pin
from time import sleep_ms, sleep_us, ticks_us
import sys

pins = [Pin(number, Pin.IN, Pin.PULL_UP) for number in NUMBERS]
last = None
begun = ticks_us()
while True:
    levels = [pin.value() for pin in pins]
    if levels != last:
        last = levels
        print(ticks_us() - begun, *levels)
    PAUSE
"""
EDGE, HELD = 20, 30  # milliseconds


@pytest.fixture
def watched(tmp_path: Path):
    """Return what the program says of pins while the button is pressed, as (ms, levels)."""

    def watched(numbers: list[int], pause: str, seconds: float = 0.37) -> list[tuple[float, list]]:
        source = PROGRAM.replace("NUMBERS", str(numbers)).replace("PAUSE", pause)
        (tmp_path / "main.py").write_text(source)
        sim = SimulatedToken(runtime=Runtime(tmp_path))
        sim.power_on()
        sim.board.button.edges += [
            (sim.time.now() + (300 + EDGE) * 1_000_000, True),  # it starts in 300 ms
            (sim.time.now() + (300 + EDGE + HELD) * 1_000_000, False),
        ]
        sim.wait(seconds)
        said = sim.receive(0)
        sim.close()
        lines = (line.split() for line in said.decode().splitlines() if line[:1].isdigit())
        return [(int(first) / 1000, [*map(int, levels)]) for first, *levels in lines]

    return watched


@pytest.fixture
def first() -> int:
    """The pin of the first button."""
    sim = SimulatedToken()
    (pin,) = (number for number, wire in sim.board.buttons.items() if wire is sim.board.button)
    sim.close()
    assert pin is not None
    return pin


OTHERS = [4, 5, 12, 13, 14, 15, 16, 17, 18, 19]


@pytest.mark.parametrize("pause", ["sleep_us(50)", "sleep_ms(3)"])
@pytest.mark.parametrize("others", [[], OTHERS[:1], OTHERS])
def test_an_edge_is_seen_at_once_and_at_its_pin_alone(watched, first, pause, others):
    """However many pins are read, and however long the program waits meanwhile."""
    found = watched([first, *others], pause)
    late = 1 if "us" in pause else 4.5
    assert [levels for _, levels in found] == [[level, *[1] * len(others)] for level in (1, 0, 1)]
    (_, _), (pressed, _), (released, _) = found
    assert -1 < pressed - EDGE < late
    assert -1 < released - EDGE - HELD < late
