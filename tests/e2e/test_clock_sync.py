"""`tokenctl sync` over links with delays: the RTC's error, and what is said of it."""

import pytest
from e2e.clocks import DAY, S, measured, opened, pass_time, rtc_error_ms
from e2e.wires import BareHost, FaultyWire, Watcher, Wire

from otpcore import errors
from tokenctl.clock.computer import ComputerClock
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokensim.board.board import Parts
from tokensim.chips.ds3231 import DS3231
from tokensim.link.adapter import Adapter
from tokensim.token import SimulatedToken

LATENCIES, JITTERS = (1, 2, 4, 8, 16), (1, 4, 15)


def spoilt(sim: SimulatedToken, number: int) -> None:
    """Have the clock wrong by up to a second, not always by the same."""
    sim.shift_clock((number * 377 % 2000 - 1000) / 1000)
    sim.wait(2.1 + number * 0.137 % 1)


@pytest.mark.parametrize(
    "part", [0, 1, 2, *(pytest.param(part, marks=pytest.mark.long) for part in range(3, 10))]
)
def test_over_links_with_1_to_16_ms_of_delay_and_jitter(part):
    """Forty syncs in all: each within 5 ms, where two might not be, and where sync says."""
    found = []
    with SimulatedToken(start=1_790_000_000.123 + part / 7) as sim:
        with opened(sim) as token:
            token.sync()
        for number in range(4):
            seed = 4 * part + number
            adapter = Adapter(seed, LATENCIES[seed % 5], JITTERS[seed % 3])
            spoilt(sim, seed)
            before = rtc_error_ms(sim)
            with opened(sim, adapter) as token:
                done = token.sync()
            error = rtc_error_ms(sim)
            # A clock chip at 0 ppm: it was off by the same all the while.
            offset, said, within = measured(done)
            assert abs(offset - before) <= 17
            assert abs(said - error) <= within <= 17
            found.append(abs(error))
    assert max(found) <= 5


@pytest.mark.parametrize("seed", range(2))
def test_with_bytes_lost_flipped_and_doubled(seed):
    with SimulatedToken() as sim:
        with opened(sim) as token:
            token.sync()
        sim.shift_clock(0.4)
        sim.wait(3)
        adapter = Adapter(seed, 8, 4)
        wire = FaultyWire(sim.transport(adapter), 0.003, seed)
        with Token(wire) as token:
            done = token.sync()
        error = rtc_error_ms(sim)
        assert abs(error) <= 8
        _, said, within = measured(done)
        assert abs(said - error) <= within


PHASES = 16


@pytest.mark.parametrize(
    "wrong",
    [-0.3, pytest.param(0, marks=pytest.mark.long), pytest.param(7, marks=pytest.mark.long)],
)
def test_in_whatever_part_of_a_second_it_begins(sim, wrong):
    """Each is exact, says so, and knows by how much the clock was wrong; two edges are waited for:
    in each phase that of the set, and one of the old time, which may come after it."""
    took = []
    for phase in range(0, PHASES, 1 if wrong != -0.3 else 4):
        sim.shift_clock(-rtc_error_ms(sim) / 1000 + wrong * (1 + phase / PHASES))
        sim.wait((phase / PHASES - sim.time.now() / S) % 1 + 3)
        before, begun = rtc_error_ms(sim), sim.time.now()
        with opened(sim) as token:
            done = token.sync()
        took.append((sim.time.now() - begun) / S)
        offset, said, within = measured(done)
        assert abs(offset - before) <= 5
        assert abs(rtc_error_ms(sim)) < 2
        assert abs(said - rtc_error_ms(sim)) <= within <= 3
        assert token.status().clock == "ok"
    if wrong < 1:  # else somebody has to say yes
        assert max(took) < 3.5
        assert sum(took) / len(took) < 2.5


class NoNewSecond(DS3231):
    """A clone that takes the time and leaves the running second as it is."""

    def _write_time(self, registers: bytes, new_second: bool) -> None:
        super()._write_time(registers, new_second=False)


@pytest.mark.parametrize(
    ("fraction", "later"), [(0.2, 2), (0.5, 2), (0.85, 2), (0.95, 2.3), (0.95, 2.6)]
)
def test_a_chip_in_which_a_write_begins_no_second_is_found_out(fraction, later):
    with SimulatedToken() as sim:
        with opened(sim) as token:
            token.sync()
        sim.shift_clock(fraction)
        sim.wait(later)
        sim.board.rtc.__class__ = NoNewSecond
        with opened(sim) as token, pytest.raises(errors.ClockFault, match="does not keep"):
            token.sync()
        with opened(sim) as token:
            assert token.status().unix_time is None


def test_a_chip_that_was_right_is_said_to_be(sim, token):
    done = token.sync()
    assert done.offset_ms == pytest.approx(0, abs=3)


def test_an_even_link_is_asked_no_more_than_tells_something(sim):
    """Every probe says the same there, and each makes a sync longer."""
    with opened(sim) as token:
        done = token.sync()
        assert 6 <= token.done.count("clock.probe") <= 8
    assert abs(done.error_ms) <= done.uncertainty_ms + 1


def test_a_computer_that_knows_no_ticks_sets_to_the_second(sim):
    host = BareHost(sim.transport())
    sim.shift_clock(3)
    sim.wait(1 - sim.time.now() / S % 1)
    answer = host.ask({"request_id": "AAAAAAAA", "method": "clock.set",
                       "params": {"unix_time": round(sim.time.now() / S)}}, 6)  # fmt: skip
    assert "result" in answer
    assert abs(rtc_error_ms(sim)) < 30


@pytest.mark.parametrize("thinking", [0.5, 25])
def test_somebody_thinks_before_the_yes(sim, thinking):
    sim.shift_clock(-3600.4)
    sim.wait(3)
    with Token(sim.transport(), lambda notice: sim.press(after=thinking)) as token:
        done = token.sync()
    assert done.offset_ms == pytest.approx(-3600400, abs=5)
    assert abs(rtc_error_ms(sim)) < 5


def test_the_token_starts_anew_in_between(sim):
    """The ticks that were measured then mean nothing: the set is not made with them."""
    resets = []

    def before(data: bytes) -> None:
        if b'"clock.set"' in data and not resets:
            resets.append(data)
            sim.reset()

    sim.shift_clock(1.5)
    wire = Wire(sim.transport(), before)
    with Token(wire) as token:
        token.sync()
    assert resets
    assert abs(rtc_error_ms(sim)) < 5


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


# --- drift ------------------------------------------------------------------------


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


# --- the log ----------------------------------------------------------------------


def test_the_log_has_each_change_and_outlives_all_but_a_wipe(commandline):
    sim = commandline.token
    commandline("sync")
    moved = []  # by how many ms a sync moved the chip, as the physical time has it
    for wrong in (5, -60):
        sim.shift_clock(wrong)
        sim.wait(2)
        before = rtc_error_ms(sim)
        commandline("sync")
        moved.append(rtc_error_ms(sim) - before)
    entries = commandline("status", "--clock-log", "--json").json
    assert [each["how"] for each in entries] == ["confirmed", "silent", "confirmed"]
    assert entries[0]["moved_ms"] is None
    for entry, physically in zip(entries[1:], moved, strict=True):
        assert abs(entry["moved_ms"] - physically) <= min(entry["uncertainty_ms"], 5)
    assert all(abs(each["unix_time"] - sim.time.now() / S) < 40 for each in entries)
    table = commandline("status", "--clock-log").out.splitlines()
    assert len(table) == 4 and "time unknown" in table[1]
    assert f"{entries[2]['moved_ms']:+.1f} ms" in table[3]
    sim.reset()
    sim.wait(1)
    assert commandline("status", "--clock-log", "--json").json == entries
    with opened(sim) as token:
        token.wipe()
        assert token.clock_log() == []


def test_silent_syncs_in_a_row_are_one_entry(commandline):
    sim = commandline.token
    commandline("sync")
    with opened(sim) as token:
        for _ in range(5):
            sim.wait(2)
            token.sync(uncertainty=0.005)
    entries = commandline("status", "--clock-log", "--json").json
    assert [each["sets"] for each in entries] == [1, 1, 4]
    assert entries[1]["unix_time"] < entries[2]["first_unix_time"] < entries[2]["unix_time"]
    assert "4 in a row since" in commandline("status", "--clock-log").out.splitlines()[-1]


@pytest.mark.parametrize("chip", ["ds1307", "pcf8563"])
def test_a_sync_is_right_to_the_millisecond_with_each_chip(chip):
    with SimulatedToken(parts=Parts(rtc=chip)) as sim, opened(sim) as token:
        done = token.sync(uncertainty=0.005)
        assert abs(rtc_error_ms(sim)) < 5
        assert done.error_ms is not None and done.uncertainty_ms is not None
        assert abs(rtc_error_ms(sim) - done.error_ms) <= done.uncertainty_ms


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
