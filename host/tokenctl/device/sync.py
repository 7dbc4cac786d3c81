"""Setting the token's clock to the computer's: measured, set at a second's edge, measured back."""

from dataclasses import dataclass, replace
from typing import Any

from otpcore import errors
from tokenctl.clock.probes import Contradiction, Probe, TickOffset, intersect, unwrapped
from tokenctl.device.answer import understanding
from tokenctl.device.link import Link
from tokenctl.device.models import Synchronised
from tokenctl.device.transport import Transport
from tokenctl.errors import ComputerClockWrong, LinkError, VerificationFailed
from tokenctl.language import _

EARLIEST, LATEST = 1577836800, 4102444799  # 2020-01-01 and the end of 2099, in Unix time
PROBES, PROBES_AFTER = 10, 5  # besides the first one
PROBES_AGAIN = 1  # besides the first one, where those before still say much
PROBES_LEAST = 4
_FINE_US = 700  # of uncertainty: little more than bytes on the wire and a look at the port take
_ALIKE_US = 200  # between the shortest round trips: none is shorter then
_LATELY = 10.0  # seconds: in so many the clocks run apart by a millisecond at most
_PAUSE, _SPREAD = 0.004, 0.016  # seconds between probes: the least, and a USB latency timer more
_GOLDEN = 0.6180339887  # multiples of it spread evenly over the unit, however many there are
_WRONG_MS = 50  # what the token's clock may be off, besides what is uncertain
_TRIES = 3
_US = 1_000_000
MEASURING_MAX = 300.0  # seconds, before the clock is set and after it
_UNCERTAINTY_MAX = 1.0  # seconds of uncertainty that the link may leave: codes live for thirty


@dataclass(frozen=True)
class _Measured:
    """The token's ticks against the computer's monotonic time; they wrap at 2**bits in this run."""

    offset: TickOffset
    bits: int
    run_id: str
    probes: tuple[Probe, ...]


class Synchroniser:
    """`uncertainty` (s) is how far the computer's own clock may be off."""

    def __init__(self, link: Link, transport: Transport, uncertainty: float) -> None:
        self._link = link
        self._transport = transport
        self._uncertainty = uncertainty
        self._end = transport.monotonic() + MEASURING_MAX

    def run(self, calibrate: bool) -> Synchronised:
        """Set the token's clock; see Token.sync."""
        if not EARLIEST <= self._transport.time() < LATEST - 60:
            raise ComputerClockWrong(
                _(
                    "the computer's clock is wrong, or outside the range of a token's clock, "
                    "2020 to 2099"
                )
            )
        for _attempt in range(_TRIES):
            try:
                return self._at_the_edge(calibrate)
            except errors.Restarted:
                continue
        raise LinkError(_("the token keeps restarting"))

    def _at_the_edge(self, calibrate: bool) -> Synchronised:
        measured = self._measure(PROBES)
        ahead = self._transport.time() - self._transport.monotonic()
        second = int(self._transport.time()) + 1
        at = second - ahead
        parameters = {
            "unix_time": second,
            "ticks": round(measured.offset.ticks_at(at)) % (1 << measured.bits),
            "uncertainty_us": int(measured.offset.uncertainty_at(at) + self._uncertainty * _US) + 1,
            "run_id": measured.run_id,
        }
        if calibrate:
            parameters["calibrate"] = True
        answer = self._link.request("clock.set", parameters)
        self._end = self._transport.monotonic() + MEASURING_MAX  # a press may have taken long
        moved = answer["offset_us"]
        offset_ms = None if moved is None else -moved / 1000
        error_ms, uncertainty_ms = self._error(measured)
        if abs(error_ms) > uncertainty_ms + _WRONG_MS:
            raise VerificationFailed(
                _("the token's clock was set, but is off by {error_ms:+.0f} ms: try again").format(
                    error_ms=error_ms
                )
            )
        return Synchronised(answer["unix_time"], offset_ms, error_ms, uncertainty_ms)

    def _error(self, before: _Measured) -> tuple[float, float]:
        """Return how far (ms) the token is ahead of the computer, and how sure that is."""
        if self._transport.monotonic() - before.offset.at < _LATELY:
            measured = self._measure(PROBES_AGAIN, before)
        else:
            measured = self._measure(PROBES_AFTER)
        edge = self._link.request("clock.edge")
        ahead = self._transport.time() - self._transport.monotonic()
        with understanding():
            if edge["run_id"] != measured.run_id:
                raise errors.Restarted
            near = round(measured.offset.ticks_at(self._transport.monotonic()))
            began = measured.offset.time_at(unwrapped(edge["ticks"], near, measured.bits))
            error = edge["unix_time"] - (began + ahead)
            uncertainty = measured.offset.uncertainty_at(began) + edge["uncertainty_us"]
        return error * 1000, uncertainty / 1000

    def _measure(self, count: int, before: _Measured | None = None) -> _Measured:
        """Return how the token's ticks relate to this clock, from a probe and `count` more.

        Or fewer, where the link is so even that they would tell no more.
        The probes of `before`, of the same run, count too.
        """
        first, times = self._probe()
        answer = first
        probes: list[Probe] = []
        for number in range(2 * count + 1):
            if number:
                self._transport.sleep(_PAUSE + _SPREAD * (number * _GOLDEN % 1))
                answer, times = self._probe()
            with understanding():
                if answer["run_id"] != first["run_id"]:
                    raise errors.Restarted
                bits = first["bits"]
                received = unwrapped(answer["received"], first["received"], bits)
                answered = unwrapped(answer["sent"], received, bits)
            if times is not None:
                probes.append(Probe(times[0], received, answered, times[1]))
            if len(probes) > count or _is_fine(probes):
                break
        if before is not None:
            probes += self._counted_on(before, first)
        if len(probes) < PROBES_LEAST:
            raise LinkError(_("the link loses too much data for a sync: try another cable or port"))
        try:
            offset = intersect(probes)
        except Contradiction as error:
            raise LinkError(_("{error}: try again").format(error=error)) from None
        if offset.uncertainty > _UNCERTAINTY_MAX * _US:
            raise LinkError(
                _(
                    "the link is too slow for a sync: the token's time would be uncertain by "
                    "{seconds:.0f} s"
                ).format(seconds=offset.uncertainty / _US)
            )
        return _Measured(offset, first["bits"], first["run_id"], tuple(probes))

    def _counted_on(self, before: _Measured, first: dict[str, Any]) -> list[Probe]:
        """Return the probes of `before` in the count of ticks that the probe `first` is in."""
        with understanding():
            if before.run_id != first["run_id"]:
                raise errors.Restarted
            expected = round(before.offset.ticks_at(self._transport.monotonic()))
            wraps = first["received"] - unwrapped(first["received"], expected, before.bits)
        return [
            replace(each, received=each.received + wraps, answered=each.answered + wraps)
            for each in before.probes
        ]

    def _probe(self) -> tuple[dict[str, Any], tuple[float, float] | None]:
        """Return the answer to a probe, when the probe was sent and when the answer arrived.

        The times are None if a line was lost: it is unknown which copy was answered.
        """
        self._check_time()
        return self._link.timed("clock.probe")

    def _check_time(self) -> None:
        if self._transport.monotonic() >= self._end:
            raise LinkError(_("the token takes too long to sync: try again"))


def _is_fine(probes: list[Probe]) -> bool:
    """Return whether enough probes agree, and more would not bound the offset closer."""
    if len(probes) < PROBES_LEAST:
        return False
    trips = [(p.arrived - p.sent) * _US - (p.answered - p.received) for p in probes]
    shortest = sorted(trips)[: PROBES_LEAST - 1]
    try:
        return intersect(probes).uncertainty < _FINE_US or shortest[-1] - shortest[0] < _ALIKE_US
    except Contradiction:
        return False
