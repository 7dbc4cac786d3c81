"""The computer's clock: in whatever zone it is, and where it is not synchronised."""

import time

import pytest
from e2e.clocks import S, rtc_error_ms
from e2e.commandline import CommandLine

from tokenctl.clock.computer import ComputerClock
from tokensim.token import SimulatedToken

# --- zones ------------------------------------------------------------------------

MOMENTS = {
    "before spring in Amsterdam": 1774745999,  # 2026-03-29 00:59:59 UTC
    "in autumn's double hour": 1792890000,  # 2026-10-25 01:00:00 UTC
    "before New York's": 1772953199,  # 2026-03-08 06:59:59 UTC
    "a year's end": 1798761599,
    "a leap day": 1835395199,  # 2028-02-28 23:59:59 UTC
    "2038": (1 << 31) - 2,
}
ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati")


@pytest.mark.parametrize(
    "number",
    [1, 2, 5, *(pytest.param(number, marks=pytest.mark.long) for number in (0, 3, 4))],
    ids=[[*MOMENTS][number] for number in (1, 2, 5, 0, 3, 4)],
)
def test_whatever_zone_the_computer_is_in(monkeypatch, capfd, number):
    zone = ZONES[number % len(ZONES)]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = list(MOMENTS.values())[number]
        with SimulatedToken(start=moment - 4) as sim:
            commandline = CommandLine(sim, monkeypatch, capfd)
            assert commandline("sync").code == 0
            assert abs(rtc_error_ms(sim)) < 5
            sim.wait(8)
            assert abs(rtc_error_ms(sim)) < 5
            shown = commandline("status", "--json").json["unix_time"]
            assert abs(shown - sim.time.now() / S) <= 1
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


# --- the computer's clock ---------------------------------------------------------


@pytest.mark.parametrize("known", [False, None])
def test_a_computer_that_is_not_synchronised(commandline, monkeypatch, known):
    clock = ComputerClock(known, 3600.0)
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: clock)
    commandline("sync", "--require-synchronised").refused(17, "synchronised")
    assert not commandline.asked
    result = commandline("sync")
    assert result.code == 0
    assert ("Warning" in result.err) == (known is False)
    assert "synchronised" in result.err
    assert commandline("sync", "--json").json["computer_synchronised"] is known
