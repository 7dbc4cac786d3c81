"""The screen of a token whose firmware fails at every start: what it says, and when it sleeps."""

import pytest
from e2e import small_text
from e2e.failing import STANDARD, copied, failed, fault_of, firmware, make, one_failed, rest

from tokensim.board.board import Parts
from tokensim.board.wiring import PANELS

__all__ = ["copied", "failed", "firmware", "make", "one_failed"]


@pytest.mark.parametrize("panel", list(PANELS))
def test_the_screen_says_what_and_where_and_what_to_do(firmware, make, panel):
    """As the built-in font has it: compared with the same text drawn by hand."""
    firmware.put("fails")
    sim = make(parts=Parts(panel=panel))
    seen = set()
    for _ in range(60):
        sim.wait(0.3)
        rows = sim.board.panel.pixels()
        for top in range(0, len(rows) - 7, 8):
            seen.add(b"".join(rows[top : top + 8]))
    place = fault_of(sim).split()[1]
    for text in ("FAULT", "ValueError", place, "tokenctl status", "hold: try again"):
        assert drawn(text) in seen, text
    assert bytes(1 - each for each in drawn("FAULT")) in seen, "it blinks"


def drawn(text: str) -> bytes:
    """Return eight rows of pixels with a text at their left, in MicroPython's own font."""
    return b"".join(row.ljust(128, b"\0") for row in small_text.drawn(text, own=False))


def test_it_sleeps_where_nobody_is_and_a_press_shows_the_fault_again(firmware, make):
    firmware.put("fails")
    sim = make()
    sim.wait(200)
    fault = fault_of(sim)  # whoever asks keeps it awake
    sim.wait(200)
    assert not sim.chip.asleep
    sim.wait(150)
    assert sim.chip.asleep and not sim.board.panel.lit
    sim.press()
    sim.wait(3)
    assert "█" in sim.screen() and sim.chip.resets == 3
    assert fault_of(sim) == fault


def test_on_usb_power_it_goes_dark_but_does_not_sleep_and_a_press_lights_it(firmware, make):
    firmware.put("fails")
    sim = make(parts=Parts(STANDARD | {"usb_power": {"pin": 34}}))
    sim.wait(350)
    assert not sim.chip.asleep and not sim.board.panel.lit
    sim.press()
    sim.wait(1)
    assert "█" in sim.screen() and sim.chip.resets == 3


def test_a_panel_that_lost_its_supply_shows_the_fault_again(failed):
    sim = failed
    sim.board.panel.reset()
    assert "█" not in sim.screen()
    sim.wait(2)
    assert "█" in sim.screen()


@pytest.mark.parametrize("name", ["no link", "no service"])
def test_when_the_link_cannot_be_loaded_the_screen_works(firmware, make, name):
    firmware.put("fails")
    firmware.put(name)
    sim = make()
    assert "█" in sim.screen()
    sim.press(1.5)
    assert rest(sim) == 5
