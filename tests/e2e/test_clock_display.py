"""The code changes within 20 ms of the chip's second edge, and never a period early or late."""

import pyotp
import pytest
from e2e.clocks import S, opened

from otpcore.account import Account
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
READER = CodeReader(firmware_folder())
STEP = 0.0005  # seconds between two looks
LAG = 0.020

MOMENTS = {
    "any": 1790000010,
    "midnight": 1790035200,
    "a leap day's beginning": 1835395200,
    "a leap day's end": 1835481600,
    "a year's end": 1798761600,
    "2038": 1 << 31,
    "a year without a leap day": 1803859200,  # 2027-03-01
}


def code_rows(sim: SimulatedToken) -> list[list[int]]:
    return [list(row) for row in sim.board.panel.pixels()[24:48]]


def changes(sim: SimulatedToken, edge: float) -> list[float]:
    """Return when, by the chip's time after `edge`, the picture of the code changed."""
    found, before = [], code_rows(sim)
    while (now := sim.board.rtc.unix_ns() / S - edge) < 0.06:
        rows = code_rows(sim)
        if rows != before:
            found.append(now)
            before = rows
        sim.wait(STEP)
    return found


@pytest.mark.parametrize("name", MOMENTS)
def test_the_code_changes_at_the_edge(name):
    edge = MOMENTS[name] - MOMENTS[name] % 30
    if edge != MOMENTS[name]:
        edge += 30
    with SimulatedToken(start=edge - 30.3) as sim:
        with opened(sim) as token:
            token.sync()
            token.add(Account("Example", "alice", SECRET))
        sim.shift_clock(0.3217)  # the chip's edge is no other clock's
        while sim.board.rtc.unix_ns() / S < edge - 4:
            sim.wait(0.2)
        sim.press()
        sim.wait(edge - sim.board.rtc.unix_ns() / S - 0.03)
        assert READER.read(sim.board.panel.pixels()) == pyotp.TOTP(BASE32).at(edge - 1)
        seen = changes(sim, edge)
        assert READER.read(sim.board.panel.pixels()) == pyotp.TOTP(BASE32).at(edge)
    assert seen and min(seen) >= 0, seen
    assert max(seen) <= LAG + STEP, seen
