"""Accounts and times at the ends of their ranges: each has its code, and the token lives on."""

import pyotp
import pytest

from otpcore import errors, lines
from otpcore.account import COUNTER_MAX, PERIOD_MAX, Account
from tokensim.token import START

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def look(sim) -> None:
    """Wake the token and go once through its accounts."""
    sim.wait(35)
    for _ in range(4):
        sim.press()
        sim.wait(1)
    assert sim.chip.resets == 0


@pytest.mark.parametrize("t0", [START + 3600, 1 << 33, (1 << 64) - 1])
def test_a_t0_that_lies_ahead(sim, token, t0):
    """RFC 6238 has no code before T0: the screen says so, and other accounts work."""
    early = token.add(Account("Early", "", SECRET, t0=t0))
    other = token.add(Account("Other", "", SECRET))
    with pytest.raises(errors.NotYet):
        token.code(early)
    look(sim)
    assert len(token.code(other).code) == 6
    assert [each.t0 for each in token.accounts()] == [t0, 0]


def test_the_first_code_comes_at_t0(sim, token):
    number = token.add(Account("Early", "", SECRET, t0=START + 40))
    sim.wait(START + 41 - sim.time.now() / 1e9)
    assert token.code(number).code == "755224"  # RFC 4226, appendix D, counter 0


@pytest.mark.parametrize(
    "fields",
    [
        {"period": 1},
        {"period": PERIOD_MAX, "digits": 10},
        {"digits": 4, "algorithm": "SHA512"},
        {"t0": START - 1},
    ],
)
def test_odd_periods_and_digits(sim, token, fields):
    account = Account("Odd", "", SECRET, **fields)
    code = token.code(token.add(account))
    assert len(code.code) == account.digits
    assert 1 <= code.seconds_left <= account.period
    look(sim)


@pytest.mark.long
def test_the_last_counters(sim, token):
    number = token.add(Account("Counter", "", SECRET, type="hotp", counter=COUNTER_MAX - 1))
    assert token.code(number).code == pyotp.HOTP(BASE32).at(COUNTER_MAX - 1)
    with pytest.raises(errors.VaultFull):
        token.code(number)
    sim.hold()
    look(sim)
    assert token.accounts()[0].counter == COUNTER_MAX


def test_a_silent_correction_is_on_record_before_it_is_made(sim):
    """Who cuts the power in between has made no correction that does not count."""
    sim.shift_clock(-5)
    sim.cut_power(1)
    now = sim.time.now() // 10**9
    request = b'{"request_id":"AAAAAAAA","method":"clock.set","params":{"unix_time":%d}}' % now
    sim.send(lines.encode(1, 0, lines.REQUEST_END, request))
    sim.wait(2)
    assert not sim.chip.powered
    assert 4e9 < sim.time.now() - sim.board.rtc.unix_ns() < 6e9
