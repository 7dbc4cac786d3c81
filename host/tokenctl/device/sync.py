"""Setting the token's clock to the computer's: measured, set at a second's edge, measured back.

A firmware that has no ticks to tell is set to the second, as it always was.
"""

from dataclasses import dataclass
from typing import Any

from otpcore import errors
from tokenctl.clock.probes import Contradiction, Probe, TickOffset, intersect, unwrapped
from tokenctl.device.link import Link
from tokenctl.device.models import Synchronised, understanding
from tokenctl.device.transport import Transport
from tokenctl.errors import ComputerClockWrong, LinkError, VerificationFailed

EARLIEST, LATEST = 1577836800, 4102444799  # 2020-01-01 and the end of 2099, in Unix time
PROBES, PROBES_AFTER = 12, 6
PROBES_LEAST = 4
_PAUSE, _SPREAD = 0.004, 0.016  # seconds between probes: the least, and a USB latency timer more
_GOLDEN = 0.6180339887  # multiples of it spread evenly over the unit, however many there are
_WRONG_MS = 50  # what the token's clock may be off, besides what is uncertain
_TRIES = 3
_US = 1_000_000
MEASURING_MAX = 300.0  # seconds, before the clock is set and after it
_WITHIN_MAX = 1.0  # seconds that the link may leave uncertain: codes live for thirty

EDGE_WAIT, EDGE_PAUSE = 1.2, 0.04  # seconds to wait for a new second, and between two readings


@dataclass(frozen=True)
class _Measured:
    """The token's ticks in the computer's monotonic time; they wrap at 2**bits in this `run`."""

    offset: TickOffset
    bits: int
    run: str


class Synchroniser:
    """`capabilities` are the methods that the token knows; `within` (s) is the computer's error."""

    def __init__(
        self, link: Link, transport: Transport, capabilities: tuple[str, ...], within: float
    ) -> None:
        self._link = link
        self._transport = transport
        self._capabilities = capabilities
        self._within = within
        self._end = transport.monotonic() + MEASURING_MAX

    def run(self, calibrate: bool) -> Synchronised:
        """Set the token's clock; see Token.sync."""
        if not EARLIEST <= self._transport.time() < LATEST - 60:
            raise ComputerClockWrong(
                "the computer's clock is wrong, or beyond what a token's holds: 2020 to 2099"
            )
        if "clock_probe" not in self._capabilities:
            if calibrate:
                raise errors.UnknownMethod("this firmware cannot calibrate: update it")
            return self._to_the_second()
        for _ in range(_TRIES):
            try:
                return self._at_the_edge(calibrate)
            except errors.Restarted:
                continue
        raise LinkError("the token starts anew again and again")

    # to the millisecond

    def _at_the_edge(self, calibrate: bool) -> Synchronised:
        measured = self._measure(PROBES)
        ahead = self._transport.time() - self._transport.monotonic()
        second = int(self._transport.time()) + 1
        at = second - ahead
        parameters = {
            "unix": second,
            "ticks": round(measured.offset.ticks_at(at)) % (1 << measured.bits),
            "within": int(measured.offset.within_at(at) + self._within * _US) + 1,
            "run": measured.run,
        }
        if calibrate:
            parameters["calibrate"] = True
        answer = self._link.request("clock_set", parameters)
        self._end = self._transport.monotonic() + MEASURING_MAX  # a press may have taken long
        with understanding():
            moved = answer["offset"]
        offset_ms = None if moved is None else -moved / 1000
        error_ms, uncertainty_ms = self._error()
        if abs(error_ms) > uncertainty_ms + _WRONG_MS:
            raise VerificationFailed(
                f"the token's clock was set, but is {error_ms:+.0f} ms off: try again"
            )
        before = None if offset_ms is None else round(offset_ms / 1000)
        return Synchronised(before, answer["unix"], offset_ms, error_ms, uncertainty_ms)

    def _error(self) -> tuple[float, float]:
        """Return how far (ms) the token is ahead of the computer, and how sure that is."""
        measured = self._measure(PROBES_AFTER)
        edge = self._link.request("clock_edge")
        ahead = self._transport.time() - self._transport.monotonic()
        with understanding():
            if edge["run"] != measured.run:
                raise errors.Restarted
            near = round(measured.offset.ticks_at(self._transport.monotonic()))
            began = measured.offset.time_at(unwrapped(edge["ticks"], near, measured.bits))
            error = edge["unix"] - (began + ahead)
            uncertainty = measured.offset.within_at(began) + edge["within"]
        return error * 1000, uncertainty / 1000

    def _measure(self, count: int) -> _Measured:
        """Return where the token's ticks lie, from `count` probes of which most get through."""
        first, _ = self._probe()
        probes: list[Probe] = []
        for number in range(2 * count):
            self._transport.sleep(_PAUSE + _SPREAD * (number * _GOLDEN % 1))
            answer, times = self._probe()
            with understanding():
                if answer["run"] != first["run"]:
                    raise errors.Restarted
                bits = first["bits"]
                received = unwrapped(answer["received"], first["received"], bits)
                answered = unwrapped(answer["sent"], received, bits)
            if times is not None:
                probes.append(Probe(times[0], received, answered, times[1]))
            if len(probes) == count:
                break
        if len(probes) < PROBES_LEAST:
            raise LinkError("the link loses too much for a sync: try another cable or port")
        try:
            offset = intersect(probes)
        except Contradiction as error:
            raise LinkError(f"{error}: try again") from None
        if offset.within > _WITHIN_MAX * _US:
            raise LinkError(
                "the link is too slow for a sync: it leaves the token's time uncertain by "
                f"{offset.within / _US:.0f} s"
            )
        return _Measured(offset, first["bits"], first["run"])

    def _probe(self) -> tuple[dict[str, Any], tuple[float, float] | None]:
        """Return the answer to a probe, and when that left and this came.

        None for the times when a line was lost: then nobody knows which copy was answered.
        """
        self._check_time()
        return self._link.timed("clock_probe")

    def _check_time(self) -> None:
        if self._transport.monotonic() >= self._end:
            raise LinkError("the token takes too long over a sync: try again")

    # to the second

    def _to_the_second(self) -> Synchronised:
        before = self._seconds_ahead()
        for _ in range(_TRIES):
            now = self._transport.time()
            second = int(now) + 1
            self._transport.sleep(second - now)
            self._link.request("clock_set", {"unix": second})
            after = self._read()
            if after is not None and abs(after + 0.5 - self._transport.time()) <= 1:
                return Synchronised(before, after)
        raise VerificationFailed(
            "the token's clock was set, but does not show the time it was set to"
        )

    def _read(self) -> int | None:
        self._check_time()
        return self._link.request("clock_read")["unix"]

    def _seconds_ahead(self) -> int | None:
        """Return by how much the token's clock is ahead, None when it has no time.

        It is read until a new second begins there: one reading is up to a second old.
        """
        first = self._read()
        if first is None:
            return None
        end = self._transport.monotonic() + EDGE_WAIT
        while True:
            asked = self._transport.time()
            now = self._read()
            if now is None:
                return None
            if now != first or self._transport.monotonic() >= end:
                return round(now - (asked + self._transport.time()) / 2)
            self._transport.sleep(EDGE_PAUSE)
