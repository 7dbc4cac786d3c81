"""What is said about a token's clock: its time, how far it is off, and how it drifts."""

from datetime import UTC, datetime
from typing import Any

from tokenctl.clock.offset import RIGHT, WRONG, ClockOffset
from tokenctl.device import refusals
from tokenctl.device.models import Status
from tokenctl.language import _, number

_DATE_MAX = 253402300799  # the last second of the year 9999


def utc(unix: int) -> str:
    """Return a Unix time as text."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def describe_clock(state: Status, apart: ClockOffset | None) -> str:
    """Return the token's time and how far it is off, or why it has none."""
    if state.unix_time is None:
        return _("unknown, so no codes: {why_no_time} (run tokenctl sync)").format(
            why_no_time=refusals.why_no_time(state.clock)
        )
    time = utc(state.unix_time)
    if apart is not None and apart.verdict != RIGHT:
        time = f"{time}, {describe_offset(apart)}"
    return time if state.clock == "ok" else f"{time}; {doubt(state)}"


def describe_offset(apart: ClockOffset) -> str:
    """Return how far a clock that is not RIGHT is from this computer, and what to do."""
    time, ahead = _amount(abs(apart.seconds)), apart.seconds > 0
    if apart.computer.synchronised is False:
        if ahead:
            text = _(
                "{time} ahead of this computer, whose clock is not synchronised: if the computer "
                "is right, codes will be refused; set its clock, then run tokenctl sync"
            )
        else:
            text = _(
                "{time} behind this computer, whose clock is not synchronised: if the computer "
                "is right, codes will be refused; set its clock, then run tokenctl sync"
            )
    elif apart.verdict == WRONG:
        text = (
            _("{time} ahead of this computer: codes will be refused; run tokenctl sync")
            if ahead
            else _("{time} behind this computer: codes will be refused; run tokenctl sync")
        )
    else:
        text = (
            _("{time} ahead of this computer: codes may be refused; run tokenctl sync")
            if ahead
            else _("{time} behind this computer: codes may be refused; run tokenctl sync")
        )
    return text.format(time=time)


def _amount(seconds: float) -> str:
    """Return a duration in the largest unit of which there are at least two."""
    units = ((86400, _("{number} days")), (3600, _("{number} h")), (60, _("{number} min")))
    for size, text in units:
        if seconds >= 2 * size:
            return text.format(number=round(seconds / size))
    return _("{number} s").format(number=round(seconds))


def offset_fields(apart: ClockOffset | None) -> dict[str, Any]:
    """Return the comparison with this computer as a dict of JSON types; null if there is none."""
    if apart is None:
        names = "offset_ms", "offset_uncertainty_ms", "clock_verdict", "computer_synchronised"
        return dict.fromkeys(names)
    return {
        "offset_ms": round(apart.seconds * 1000),
        "offset_uncertainty_ms": round(apart.uncertainty * 1000),
        "clock_verdict": apart.verdict,
        "computer_synchronised": apart.computer.synchronised,
    }


def doubt(state: Status) -> str:
    """Return why a clock that has a time may soon be wrong."""
    return refusals.why_no_time(state.clock) + _(
        ": the processor keeps the time until the power is lost"
    )


def describe_drift(state: Status) -> str:
    """Return what is known about the drift, and how long codes stay valid.

    Empty if nothing is, or if the clock chip does not give the time now.
    """
    if state.clock != "ok":
        return ""
    if state.codes_valid_until is None or state.drift_uncertainty_ppb is None:
        return ""
    uncertainty = state.drift_uncertainty_ppb / 1000
    if state.drift_measured:
        rate = f"{number(state.drift_ppb / 1000, '+.1f')} ± {number(uncertainty, '.1f')} ppm"
    else:
        rate = _("not measured yet, ± {uncertainty:.0f} ppm according to the data sheet").format(
            uncertainty=uncertainty
        )
    date = datetime.fromtimestamp(min(state.codes_valid_until, _DATE_MAX), UTC).date().isoformat()
    return _("{rate}; unless it is synced, codes may be refused from about {date}").format(
        date=date, rate=rate
    )


def ppm(ppb: int) -> str:
    """Return a rate, given in parts per 1e9, in ppm."""
    return f"{number(ppb / 1000, '+.1f')} ppm"
