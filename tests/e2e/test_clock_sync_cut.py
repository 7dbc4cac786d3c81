"""A sync whose link or power ends in the midst of it: the old time, the new one, or none."""

import pytest
from e2e.clocks import S, opened, rtc_error_ms
from e2e.wires import Watcher, Wire

from otpcore import errors
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokensim.token import SimulatedToken

MESSAGES = (0, 1, 5, 22, 25, 26, 27, 28, 29, 32, 36)  # clock.set begins with the 25th


@pytest.mark.parametrize(
    "writes",
    [
        pytest.param(writes, marks=() if writes in (0, 25, 27, 29, 36) else pytest.mark.long)
        for writes in MESSAGES
    ],
)
def test_the_link_ends_at_any_message(writes):
    """The RTC keeps the old time or has the new one; it is never between."""
    with SimulatedToken() as sim:
        with opened(sim) as token:
            token.sync()
        sim.shift_clock(5)
        sim.wait(2)
        count = 0

        def before(data: bytes) -> None:
            nonlocal count
            count += 1
            if count > writes:
                raise ConnectionError

        with pytest.raises(ConnectionError), Token(Wire(sim.transport(), before)) as token:
            token.sync()
            raise ConnectionError  # it was over before
        sim.wait(6)
        error = rtc_error_ms(sim)
        assert abs(error) < 5 or abs(error - 5000) < 5
        with opened(sim) as token:
            assert token.status().clock == "ok"
            shown = token.read_clock()
            assert shown is not None and abs(shown - sim.board.rtc.unix_ns() / S) <= 1


def cut(sim: SimulatedToken, operation: int, torn: bool) -> bool:
    """Cut the power at a flash operation of a sync; return whether it came to that."""
    sim.cut_power(operation, torn)
    with pytest.raises(TokenctlError), opened(sim) as token:
        token.sync()
        if sim.chip.powered:
            raise TokenctlError("it was over before")
    was_cut = not sim.chip.powered
    sim.board.flash.cut_after(1 << 30, False, 0)
    sim.power_on()
    sim.wait_until_ready()
    sim.wait(1)
    return was_cut


@pytest.mark.parametrize(
    "torn", [False, pytest.param(True, marks=pytest.mark.long)], ids=["clean", "torn"]
)
@pytest.mark.parametrize(
    "operation",
    [1, 3, 5, *(pytest.param(each, marks=pytest.mark.long) for each in (2, 4, 6))],
)
def test_the_power_goes_at_any_flash_operation(operation, torn):
    """The old time, the new one, or none; a silent correction that was made is counted."""
    with SimulatedToken() as sim:
        with opened(sim) as token:
            token.sync()
        sim.shift_clock(-6)
        sim.wait(2)
        assert cut(sim, operation, torn)
        error = rtc_error_ms(sim)
        assert abs(error) < 5 or abs(error + 6000) < 5
        with Token(sim.transport()) as token:
            status = token.status()
            if status.unix_time is None:
                assert "interrupted" in status.clock
                with pytest.raises(errors.NotPressed):  # it does not pass silently
                    token.sync()
            elif abs(error) < 5:
                sim.shift_clock(-6)
                sim.wait(2)
                with pytest.raises(errors.NotPressed):
                    token.sync()
        with opened(sim) as token:
            said = token.sync().error_ms
            assert said is not None and abs(said) < 5
            assert token.status().clock == "ok"


def test_a_sync_has_no_more_flash_operations_than_are_cut(sim):
    sim.shift_clock(-6)
    sim.wait(2)
    flash = sim.board.flash
    before = flash.programs + flash.erases
    with opened(sim) as token:
        token.sync()
    assert flash.programs + flash.erases - before <= 6


def test_a_power_cut_while_the_chip_is_waited_for(sim):
    """All that goes to the flash is there, the chip is not yet set: no code until a sync."""
    sim.shift_clock(-6)
    sim.wait(2)
    flash = sim.board.flash
    programs = flash.programs

    def act() -> None:
        sim.wait(0.1)
        sim.power_off()

    wire = Watcher(sim.transport(), lambda: flash.programs > programs, act)
    with pytest.raises((TokenctlError, ValueError)), Token(wire) as token:
        token.sync()
    sim.power_on()
    sim.wait(2)
    assert -6500 < rtc_error_ms(sim) < -5500
    with opened(sim) as token:
        assert token.status().unix_time is None
        assert "interrupted" in token.status().clock
        token.sync()
        assert token.status().clock == "ok"
