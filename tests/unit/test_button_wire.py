"""The wire from a button: bounces, and in real time no press that the firmware cannot see."""

import pytest

from tokensim.board.button_wire import ButtonWire

MS = 1_000_000
BOUNCE = [400_000, 900_000, 2_100_000, 2_500_000]
DEBOUNCE, POLL = 20 * MS, 10 * MS  # ns, of the firmware: see drivers/button.py


def presses(wire: ButtonWire, moments: range | list[int]) -> list[int]:
    """Return how long (ms) each press is, as somebody sees it who polls then, and debounces."""
    found, level, since, down = [], 1, 0, None
    for now in moments:
        if (read := wire.level(now)) != level:
            level, since = read, now
        if now - since < DEBOUNCE:
            continue
        if level == 0 and down is None:
            down = since
        elif level == 1 and down is not None:
            found.append((since - down) // MS)
            down = None
    return found


def polls(start: int, end: int, *away: tuple[int, int]) -> list[int]:
    """Return the moments (ns) of polls between two (ms) of which there are none while away."""
    every = range(start * MS, end * MS, POLL)
    return [now for now in every if not any(a * MS <= now < b * MS for a, b in away)]


@pytest.mark.parametrize("waits", [False, True])
def test_presses_last_as_long_as_they_do(waits):
    wire = ButtonWire(waits=waits)
    for start, duration in ((100, 60), (200, 250), (1000, 900)):
        wire.schedule(start * MS, duration * MS, BOUNCE)
    assert presses(wire, polls(0, 3000)) == pytest.approx([60, 250, 900], abs=20)


@pytest.mark.parametrize(
    "away", [(50, 700), (100, 110), (105, 700), (110, 700), (120, 700), (345, 700), (0, 4000)]
)
def test_in_real_time_a_press_waits_for_a_firmware_that_gets_no_processor(away):
    wire = ButtonWire(waits=True)
    wire.schedule(100 * MS, 250 * MS, [])
    wire.schedule(450 * MS, 60 * MS, BOUNCE)
    first, second = presses(wire, polls(0, 6000, away))
    assert 40 <= first <= 800 and second == pytest.approx(60, abs=20)


def test_in_simulated_time_who_does_not_look_misses_it():
    wire = ButtonWire()
    wire.schedule(100 * MS, 250 * MS, [])
    assert presses(wire, polls(0, 1000, (50, 700))) == []


def test_a_board_that_was_off_gets_no_press_of_before():
    wire = ButtonWire(waits=True)
    wire.schedule(100 * MS, 250 * MS, BOUNCE)
    assert presses(wire, polls(20_000, 30_000)) == []
