"""`tokenctl sync` over links with delays: the RTC's error, and what is said of it."""

import pytest
from e2e.clocks import S, measured, opened, rtc_error_ms
from e2e.wires import BareHost, FaultyWire, Wire

from otpcore import errors
from tokenctl.device.token import Token
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
    """Each is close, says how close, and knows by how much the clock was wrong. Two edges are
    waited for: in each phase that of the set, and one of the old time, which may come after it."""
    took = []
    for phase in range(0, PHASES, 1 if wrong != -0.3 else 4):
        sim.shift_clock(-rtc_error_ms(sim) / 1000 + wrong * (1 + phase / PHASES))
        sim.wait((phase / PHASES - sim.time.now() / S) % 1 + 3)
        before, begun = rtc_error_ms(sim), sim.time.now()
        with opened(sim) as token:
            done = token.sync()
        took.append((sim.time.now() - begun) / S)
        offset, said, within = measured(done)
        assert abs(offset - before) <= 7  # as below, and the looks at the old edge, 3 ms apart
        assert abs(rtc_error_ms(sim)) < 4  # a request waits in the chip's UART for its end
        assert abs(said - rtc_error_ms(sim)) <= within <= 5
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


@pytest.mark.parametrize("chip", ["ds1307", "pcf8563"])
def test_a_sync_is_right_to_the_millisecond_with_each_chip(chip):
    with SimulatedToken(parts=Parts(rtc=chip)) as sim, opened(sim) as token:
        done = token.sync(uncertainty=0.005)
        assert abs(rtc_error_ms(sim)) < 5
        assert done.error_ms is not None and done.uncertainty_ms is not None
        assert abs(rtc_error_ms(sim) - done.error_ms) <= done.uncertainty_ms
