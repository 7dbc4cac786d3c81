"""All the years: over the edges of the calendar, and to the end of 2099, with each clock chip."""

import pytest
from e2e.clock_chips import CHIPS, assert_no_code, assert_right, off_until, synced, unix
from e2e.clocks import S

from otpcore import errors

pytestmark = pytest.mark.long


EDGES = [
    (2028, 2, 29, 0, 0, 0),
    (2028, 3, 1, 0, 0, 0),
    (2029, 3, 1, 0, 0, 0),
    (2038, 1, 19, 3, 14, 8),  # the end of signed 32-bit seconds
    (2096, 2, 29, 0, 0, 0),
    (2099, 1, 1, 0, 0, 0),
]


@pytest.mark.timeout(400)  # seven starts of the board
@pytest.mark.parametrize("chip", CHIPS)
def test_over_the_edges_of_the_calendar(chip):
    """Set once; then switched on shortly before each edge. The crystal is a perfect one."""
    with synced(rtc=chip, start=unix(2028, 2, 28, 12)) as (sim, token, number):
        for edge in EDGES:
            off_until(sim, unix(*edge) - 3)
            assert sim.time.now() < unix(*edge) * S
            assert token.read_clock() in range(unix(*edge) - 4, unix(*edge))
            sim.wait(unix(*edge) + 5 - sim.time.now() / S)
            assert_right(sim, token, number)


@pytest.mark.parametrize("chip", CHIPS)
def test_the_end_of_2099_is_the_end(chip):
    """To 23:59:59 codes are right; then the time is not known, and cannot be set."""
    start = unix(2099, 12, 31, 23, 58, 50)
    with synced(rtc=chip, start=start) as (sim, token, number):
        assert_right(sim, token, number)
        sim.wait(unix(2099, 12, 31, 23, 59, 57) - sim.time.now() / S)
        assert token.status().unix_time is not None
        sim.wait(5)
        assert_no_code(token, number)
        with pytest.raises(errors.WireError):
            token._link.request("clock.set", {"unix_time": unix(2100, 1, 1)})
        assert_no_code(token, number)
