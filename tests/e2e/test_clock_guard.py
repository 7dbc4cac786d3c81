"""By how much a clock may be moved before somebody has to press, and what is asked then."""

import pytest
from e2e.clocks import DAY, opened, pass_time

from otpcore import errors
from tokenctl.device.token import Token


def test_silent_corrections_add_up_in_milliseconds(sim):
    """3.4 + 3.3 + 3.2 s pass; a tenth and a half of a second more do not."""
    for seconds in (3.4, -3.3, 3.2):
        sim.shift_clock(seconds)
        sim.wait(2)
        with Token(sim.transport()) as token:
            token.sync()
    sim.shift_clock(0.15)
    sim.wait(2)
    with Token(sim.transport()) as token, pytest.raises(errors.NotPressed):
        token.sync()
    with opened(sim) as token:
        token.sync()  # confirmed: the sum is none again
    sim.shift_clock(-9.5)
    sim.wait(2)
    with Token(sim.transport()) as token:
        token.sync()


@pytest.mark.parametrize(("seconds", "passes"), [(11.5, True), (13.5, False)])
def test_20_ppm_of_the_time_are_allowed_besides(sim, seconds, passes):
    """100 days of them are 172.8 s; 1 day 1.7 s, so that 11.7 s pass after it."""
    pass_time(sim, DAY)
    sim.shift_clock(seconds)
    sim.wait(2)
    with Token(sim.transport()) as token:
        if passes:
            token.sync()
        else:
            with pytest.raises(errors.NotPressed):
                token.sync()


def test_the_question_shows_the_old_and_the_new_time(sim):
    pictures = []

    def look(notice: str) -> None:
        pictures.append(sim.screen())
        sim.press(after=0.2)

    sim.shift_clock(-7200)
    sim.wait(3)
    with Token(sim.transport(), look) as token:
        token.sync()
    assert len(pictures) == 1 and pictures[0].count("▄") > 20
