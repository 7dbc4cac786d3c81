"""What the tests of all clock chips share: tokens with each, and what is right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from e2e.clocks import S
from e2e.conftest import presser

from otpcore import errors
from otpcore.account import Account
from tokenctl.boards.devices import CLOCK_CHIPS
from tokenctl.device.token import Token
from tokensim.board.board import Parts
from tokensim.board.timebase import SimulatedTime
from tokensim.token import SimulatedToken

CHIPS = list(CLOCK_CHIPS)
ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@contextmanager
def synced(rtc: str, **more: Any) -> Iterator[tuple[SimulatedToken, Token, int]]:
    """A token with Alice's account, whose clock was set just now."""
    with (
        SimulatedToken(parts=Parts(rtc=rtc), **more) as sim,
        Token(sim.transport(), presser(sim)) as token,
    ):
        number = token.add(ALICE)
        token.sync()
        yield sim, token, number


def off_until(sim: SimulatedToken, moment: int) -> None:
    """Switch it off, and on again at a Unix time."""
    assert isinstance(sim.time, SimulatedTime)
    sim.power_off()
    sim.time.move_to(moment * S)
    sim.power_on()
    sim.wait_until_ready()


def unix(*fields: int) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp())


def wait_until(sim: SimulatedToken, second: float) -> None:
    """Wait for a moment of the code's period."""
    sim.wait((second - sim.time.now() / S) % 30)


def assert_right(sim: SimulatedToken, token: Token, number: int) -> None:
    """The clock is right to the second, and the code is the one of now."""
    assert abs(sim.board.rtc.unix_ns() - sim.time.now()) < 1.05 * S
    wait_until(sim, 10)
    now = sim.time.now() // S
    assert token.code(number).code == pyotp.TOTP(BASE32).at(now)


def assert_no_code(token: Token, number: int) -> None:
    assert token.status().unix_time is None
    with pytest.raises(errors.TimeUnknown):
        token.code(number)


def write(sim: SimulatedToken, register: int, *values: int) -> None:
    """Write to the clock chip, as another computer would."""
    sim.board.bus.transfer(sim.board.rtc.ADDRESS, bytes([register, *values]), 0)


def registers(sim: SimulatedToken, register: int, n: int = 1) -> bytes:
    return sim.board.bus.transfer(sim.board.rtc.ADDRESS, bytes([register]), n)
