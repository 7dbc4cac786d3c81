"""Who resets the token, as a computer can by DTR and RTS, does not choose what is in its key."""

from e2e.typist import Typist

from tokenctl.device.token import Token
from tokensim.board.processor import HARD_RESET, POWER_ON
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

DRAWN = b"E" + bytes(range(32)) + b"F:\x00"  # as a run leaves it that drew a key ahead
PIN = "102010"


def draws(sim: SimulatedToken, cause: int) -> int:
    """Reset with such bytes in the RTC's memory; return how often the radio draws for a PIN."""

    sim.chip.reset(cause)
    sim.chip.processor.rtc_memory = DRAWN  # before MicroPython has started
    sim.wait_until_ready()
    assert DRAWN[1:33] not in sim.chip.processor.rtc_memory
    before = sim.board.radio_draws

    def enter(notice: str) -> None:
        if notice == "pin":
            Typist(sim).enter(PIN).think(1).enter(PIN)

    with Token(sim.transport(), enter) as token:
        token.change_pin()
        assert token.status().strong_key is True
    return sim.board.radio_draws - before


def test_bytes_that_lie_there_after_a_reset_from_outside_are_not_taken():
    with SimulatedToken(runtime=Runtime(heap="4000K"), radio=True) as sim:
        assert draws(sim, POWER_ON) == 1


def test_bytes_that_the_run_before_drew_are():
    with SimulatedToken(runtime=Runtime(heap="4000K"), radio=True) as sim:
        assert draws(sim, HARD_RESET) == 0
