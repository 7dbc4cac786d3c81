"""The clock: its error after a sync and after a year, and how late a code is shown.

The clock chip's second is compared with the true one, over simulated USB adapters with latency
timers and jitter from 1 to 16 ms. The clock is set in three ways: by tokenctl; by the same
firmware set with whole seconds, as an older tokenctl did; and as by `mpremote rtc --set`, which
is computed: it sends the computer's local time without its fraction, by the REPL's handshakes.
"""

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figure import Figure
from bench.link import READ
from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokensim.link.adapter import Adapter
from tokensim.token import SimulatedToken

_S = 10**9  # nanoseconds
_DAY = 86400  # seconds
_ADAPTERS = tuple((latency, jitter) for latency in (1, 2, 4, 8, 16) for jitter in (1, 4, 8, 15))
_PPM = 3.0  # of the crystal, over the year
_WORST_PPM = 3.05  # half-way between two steps of the aging register, of 0.1 ppm each
_STEP = 0.0005  # seconds between two readings of the display
_PERIOD = 30

# mpremote's exec: after raw mode is entered the text is sent by raw paste, whose start, window and
# end are acknowledged one after the other.
_HANDSHAKES = 3
_TEXT = 75  # bytes
_BYTES_PER_SECOND = 11520


@dataclass(frozen=True)
class Errors:
    """The clock's error after each sync, in ms, by the way of setting it."""

    at_the_edge: list[float]
    whole_seconds: list[float]
    mpremote: list[float]


def errors(rounds: int = len(_ADAPTERS)) -> Errors:
    """Set the clock in each way over each adapter."""
    found = Errors([], [], [])
    with SimulatedToken() as board:
        with _token(board) as token:
            token.sync()
        for seed in range(rounds):
            latency, jitter = _ADAPTERS[seed % len(_ADAPTERS)]
            moods = random.Random(seed)  # noqa: S311 (delays, not secrets)
            board.wait(2 + moods.random())
            with _token(board, Adapter(seed, latency, jitter)) as token:
                token.sync()
                found.at_the_edge.append(_error(board))
                board.wait(2 + moods.random())
                _to_the_second(token)
                found.whole_seconds.append(_error(board))
            found.mpremote.append(_mpremote(moods, latency, jitter))
    return found


def _token(board: SimulatedToken, adapter: Adapter | None = None) -> Token:
    return Token(board.transport(adapter), lambda notice: board.press(after=READ))


def _to_the_second(token: Token) -> None:
    """Set the clock as a host without ticks does: with a request at the second's edge."""
    now = token._transport.time()
    second = int(now) + 1
    token._transport.sleep(second - now)
    token._link.request("clock.set", {"unix_time": second})


def _error(board: SimulatedToken) -> float:
    return abs(board.board.rtc.unix_ns() - board.time.now()) / 1e6


def _mpremote(moods: random.Random, latency: float, jitter: float) -> float:
    """Return by how much (ms) the clock is late: the fraction that is cut off, and the transfer."""
    fraction = moods.random() * 1000
    there = _HANDSHAKES * (1 + moods.random() * jitter)
    back = (_HANDSHAKES - 1) * (moods.random() * latency + moods.random() * jitter)
    return fraction + there + back + 1000 * _TEXT / _BYTES_PER_SECOND


def after_a_year(calibrated: bool, ppm: float = _PPM) -> float:
    """Return the error (s), after a year, of a clock that was synced twice, a week apart."""
    with SimulatedToken() as board:
        board.drift_clock(ppm)
        with _token(board) as token:
            token.sync(uncertainty=0.005)
        board.stay_unplugged(7 * _DAY)
        with _token(board) as token:
            token.sync(uncertainty=0.005, calibrate=calibrated)
        board.stay_unplugged(365 * _DAY)
        return _error(board) / 1000


def lags(count: int = 8) -> list[float]:
    """Return how late (ms) after the chip's edge each new code is complete on the display."""
    found = []
    with SimulatedToken() as board:
        with _token(board) as token:
            token.add(enrol("Example", "someone@host", b"12345678901234567890").account)
            token.sync()
        for _ in range(count):
            board.shift_clock(0.137)  # a different phase of the chip's edge each time
            now = board.board.rtc.unix_ns() / _S
            board.wait(-now % _PERIOD - 4 + (_PERIOD if -now % _PERIOD < 5 else 0))
            board.press()
            now = board.board.rtc.unix_ns() / _S
            board.wait(-now % _PERIOD - 0.005)
            found.append(_last_change(board))
            board.wait(1)
    return found


def _last_change(board: SimulatedToken) -> float:
    edge = round(board.board.rtc.unix_ns() / _S / _PERIOD) * _PERIOD
    before, last = board.screen(), 0.0
    while (now := board.board.rtc.unix_ns() / _S - edge) < 0.06:
        screen = board.screen()
        if screen != before:
            before, last = screen, now * 1000
        board.wait(_STEP)
    return last


def figures() -> Iterator[Figure]:
    """Measure, and return what is found."""
    found = errors()
    group = "Error of the clock chip after a sync"
    yield from _of("tokenctl sync", group, found.at_the_edge, at_most=5)
    yield from _of("with whole seconds", group, found.whole_seconds)
    yield from _of("mpremote rtc --set (computed)", group, found.mpremote)
    group = f"After a year at {_PPM:g} ppm, two syncs a week apart before"
    yield Figure(group, "not calibrated", after_a_year(False), "s")
    yield Figure(group, "calibrated", after_a_year(True), "s", at_most=10)
    worst = after_a_year(True, _WORST_PPM)
    yield Figure(group, f"calibrated, at {_WORST_PPM:g} ppm", worst, "s", at_most=10)
    group = "A new code in the display, after the chip's second edge"
    late = lags()
    yield Figure(group, "median", statistics.median(late), "ms")
    yield Figure(group, "the latest", max(late), "ms", at_most=20)


def _of(name: str, group: str, found: list[float], at_most: float | None = None) -> list[Figure]:
    twentieths = statistics.quantiles(found, n=20, method="inclusive")
    return [
        Figure(group, f"{name}: median", statistics.median(found), "ms"),
        Figure(group, f"{name}: 95th percentile", twentieths[-1], "ms", at_most=at_most),
    ]
