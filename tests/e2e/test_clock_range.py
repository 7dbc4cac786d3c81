"""The ends of the range of times: a token's, a computer's, and what is refused beyond."""

import pyotp
import pytest
from e2e.clocks import S, opened, rtc_error_ms
from e2e.shown_codes import BASE32, SECRET, code_now

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

LAST = 4102444800 - 1  # the end of 2099


def test_the_last_second_of_2099():
    with SimulatedToken(start=LAST - 120) as sim:
        with opened(sim) as token:
            token.sync()
            token.add(Account("Example", "alice", SECRET))
        sim.wait(LAST - sim.time.now() / S - 10)
        sim.press()
        sim.wait(1)
        while sim.time.now() // S < LAST:
            assert code_now(sim) == pyotp.TOTP(BASE32).at(sim.time.now() // S)
            sim.wait(1)
        sim.wait(1.5)
        assert code_now(sim) is None
        with Token(sim.transport()) as token:
            assert "2099" in token.status().clock


@pytest.mark.parametrize("unix", [1577836800 - 86400 * 200, LAST + 1, LAST + 10**8])
def test_a_computer_before_2020_or_after_2099(commandline, monkeypatch, unix):
    commandline("sync")
    before = commandline.token.board.rtc.unix_ns() - commandline.token.time.now()
    monkeypatch.setattr("tokensim.link.transport.SimulatedTransport.time", lambda self: float(unix))
    commandline("sync").refused(17, "2020 to 2099")
    assert commandline.token.board.rtc.unix_ns() - commandline.token.time.now() == before


@pytest.mark.parametrize("unix", [0, 1577836799, LAST + 1, 1 << 40])
def test_the_token_refuses_what_no_chip_of_ours_shows(sim, unix):
    with Token(sim.transport()) as token, pytest.raises(errors.BadRequest):
        token._link.request("clock.set", {"unix_time": unix})
    assert abs(rtc_error_ms(sim)) < 5
