"""The token's ticks in the computer's time: the interval is true whatever a link does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenctl.clock.probes import RATE, Contradiction, Probe, TickOffset, intersect, unwrapped

S = 1_000_000
delays = st.lists(
    st.tuples(
        st.floats(0, 0.5),  # before the probe (s)
        st.floats(0, 0.05),  # there
        st.floats(0, 0.02),  # at the token
        st.floats(0, 0.05),  # and back
    ),
    min_size=1,
    max_size=20,
)


def exchange(steps, offset: float, rate: float) -> list[Probe]:
    """Return probes between a computer, and a token whose ticks are time * (1 + rate) + offset."""
    now, probes = 1000.0, []
    for pause, there, stay, back in steps:
        sent = now + pause
        received = sent + there
        answered = received + stay
        now = answered + back

        def ticks(moment: float) -> int:
            return round((moment * (1 + rate) + offset) * S)

        probes.append(Probe(sent, ticks(received), ticks(answered), now))
    return probes


@given(delays, st.floats(-1000, 1000), st.floats(-RATE, RATE))
def test_the_truth_lies_in_the_interval(steps, offset, rate):
    found = intersect(exchange(steps, offset, rate))
    truth = (found.at * (1 + rate) + offset) * S
    assert abs(found.ticks - truth) <= found.uncertainty + 2  # us: ticks are whole, and floats end
    later = found.at + 30
    truth = (later * (1 + rate) + offset) * S
    assert abs(found.ticks_at(later) - truth) <= found.uncertainty_at(later) + 2
    assert found.time_at(found.ticks_at(later)) == pytest.approx(later, abs=1e-6)


@given(delays)
def test_more_probes_never_know_less(steps):
    """But for what the clocks may run apart in the time that they take."""
    probes = exchange(steps, 5.0, 0.0)
    span = probes[-1].arrived - probes[0].sent
    assert intersect(probes).uncertainty <= intersect(probes[:1]).uncertainty + span * RATE * S + 1


@given(st.floats(0, 0.02), st.floats(0, 0.02))
def test_one_probe_knows_the_middle_and_half_of_both_ways(there, back):
    (probe,) = exchange([(0, there, 0.001, back)], 0.0, 0.0)
    found = intersect([probe])
    assert found.uncertainty == pytest.approx((there + back) / 2 * S, abs=10)


def test_the_best_of_each_way_counts():
    steps = [(0.01, 0.016, 0.001, 0.001), (0.01, 0.001, 0.001, 0.016)]
    assert intersect(exchange(steps, 0.0, 0.0)).uncertainty == pytest.approx(1000, abs=20)


def test_a_clock_that_was_set_in_between_is_a_contradiction():
    probes = exchange([(0.01, 0.001, 0.001, 0.001)] * 4, 0.0, 0.0)
    later = [Probe(p.sent + 1, p.received, p.answered, p.arrived + 1) for p in probes]
    with pytest.raises(Contradiction):
        intersect(probes + later)


@given(st.integers(0, 1 << 40), st.integers(-(1 << 29) + 1, (1 << 29) - 1))
def test_wrapped_ticks_are_the_count_that_is_nearest(near, away):
    count = near + away
    assert unwrapped(count % (1 << 30), near, 30) == count


def test_an_offset_reads_as_it_says():
    offset = TickOffset(at=10.0, ticks=2_000_000, uncertainty=5)
    assert offset.ticks_at(10.5) == 2_500_000
    assert offset.uncertainty_at(20) == pytest.approx(5 + 10 * RATE * S)
