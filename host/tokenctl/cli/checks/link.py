"""The link: how many lines had to be sent again, and how fast it is."""

from tokenctl.cli.checks.finding import FAIL, OK, WARN, Finding
from tokenctl.device.examination import LinkQuality
from tokenctl.language import _

_SOME, _MANY = 0.01, 0.1  # of the lines
_SLOW_MS = 250


def link(quality: LinkQuality) -> Finding:
    """Return how good the link is."""
    share = quality.again / max(1, quality.lines)
    values = {
        "lines": quality.lines,
        "again": quality.again,
        "round_trip_ms": round(quality.round_trip_ms, 1),
        "bytes_per_second": quality.bytes_per_second,
    }
    text = _("{again} of {lines} lines sent again, {trip:.0f} ms there and back, {speed} B/s")
    text = text.format(
        again=quality.again,
        lines=quality.lines,
        trip=quality.round_trip_ms,
        speed=quality.bytes_per_second,
    )
    advice = _("try a shorter or different cable, or another port, and no hub")
    if share >= _MANY:
        return Finding("link", FAIL, text, advice, values)
    if share >= _SOME or quality.round_trip_ms >= _SLOW_MS:
        return Finding("link", WARN, text, advice, values)
    return Finding("link", OK, text, "", values)
