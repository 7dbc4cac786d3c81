"""The drift between syncs: measured, said with its uncertainty, and corrected."""

import pytest
from e2e.clocks import DAY, S, opened, pass_time, rtc_error_ms

from otpcore import errors
from tokenctl.clock.computer import ComputerClock
from tokenctl.device.token import Token
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken


@pytest.mark.parametrize(
    "ppm", [3.05, *(pytest.param(ppm, marks=pytest.mark.long) for ppm in (3.0, -3.0))]
)
def test_a_year_after_a_calibration(ppm):
    """A crystal 3 ppm off: 95 s a year. Two syncs a week apart, and then none."""
    with SimulatedToken() as sim:
        sim.drift_clock(ppm)
        with opened(sim) as token:
            token.sync(uncertainty=0.005)
        pass_time(sim, 7 * DAY)
        with Token(sim.transport()) as token:  # nobody needs to press
            done = token.sync(uncertainty=0.005, calibrate=True)
            status = token.status()
        assert done.offset_ms == pytest.approx(ppm * 604.8, abs=10)
        correction = status.drift_correction_ppb
        assert abs(correction - ppm * 1000) <= 51
        assert status.drift_measured and abs(status.drift_ppb) <= 100
        pass_time(sim, 365 * DAY)
        assert abs(rtc_error_ms(sim)) < 10_000
        with opened(sim) as token:
            status = token.status()
            assert status.unix_time is not None and abs(status.unix_time - sim.time.now() / S) < 11
            token.sync()
            assert token.status().drift_correction_ppb == correction


def test_the_drift_is_said_with_its_uncertainty_and_the_date(commandline):
    sim = commandline.token
    sim.drift_clock(3.0)
    first = commandline("sync")
    assert "not measured yet" in first.err
    pass_time(sim, 7 * DAY)
    second = commandline("sync", "--json").json
    assert abs(second["drift_ppm"] - 3.0) <= second["drift_uncertainty_ppm"] < 1
    left = second["codes_valid_until"] - second["unix_time"]
    # 30 s at 3 ppm are 116 days; less what is not sure.
    assert 80 * DAY < left < 117 * DAY
    status = commandline("status")
    (line,) = [each for each in status.out.splitlines() if each.startswith("Drift")]
    assert "+3.0 ±" in line and "refused from about 20" in line
    calibrated = commandline("sync", "--calibrate")
    assert "+3.0 ppm" in calibrated.err
    assert (
        commandline("status", "--json").json["codes_valid_until"]
        > second["codes_valid_until"] + 100 * DAY
    )


def test_a_calibration_without_a_long_enough_history_is_refused(commandline):
    commandline("sync", "--calibrate").refused(6, "has not been measured yet")
    assert commandline("status", "--json").json["unix_time"] is None
    commandline("sync")
    pass_time(commandline.token, 3600)
    before = rtc_error_ms(commandline.token)
    commandline("sync", "--calibrate").refused(6, "days")
    assert rtc_error_ms(commandline.token) == pytest.approx(before, abs=0.1)
    assert commandline.token.board.rtc.dump()["storage"][32:34] == "00"  # register 10h


def test_a_computer_that_is_not_synchronised_calibrates_nothing(commandline, monkeypatch):
    """It is said before anything is set: such a clock, an hour unsure, would take centuries."""
    commandline("sync")
    before = rtc_error_ms(commandline.token)
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(False, 3600.0))
    result = commandline("sync", "--calibrate")
    result.refused(17, "not synchronised", "sync without --calibrate")
    assert "Warning" not in result.err
    assert rtc_error_ms(commandline.token) == pytest.approx(before, abs=0.1)
    result = commandline("sync")
    assert result.code == 0 and "the token is set to it anyway" in result.err


def test_an_unsure_computer_teaches_no_drift(sim):
    with opened(sim) as token:
        token.sync(uncertainty=0.005)
        pass_time(sim, 7 * DAY)
        token.sync(uncertainty=3600)
        assert not token.status().drift_measured
        with pytest.raises(errors.TooEarly):
            token.sync(uncertainty=3600, calibrate=True)


def test_where_the_chip_has_no_register_for_it_the_firmware_corrects_the_drift():
    """A crystal 15 ppm off: 473 s a year. Two syncs a week apart, and then none."""
    with SimulatedToken(parts=Parts(rtc="ds1307")) as sim:
        sim.drift_clock(15.0)
        with opened(sim) as token:
            token.sync(uncertainty=0.005)
        pass_time(sim, 7 * DAY)
        with opened(sim) as token:
            token.sync(uncertainty=0.005, calibrate=True)
        pass_time(sim, 365 * DAY)
        with opened(sim) as token:
            shown = token.read_clock()
        assert shown is not None and abs(shown - sim.time.now() / S) < 10
        assert rtc_error_ms(sim) > 400_000  # the chip itself goes on as it does
