"""How well the secrets in a token's flash are protected, in plain words."""

from otpcore.pins import search_seconds
from tokenctl.device.models import Status
from tokenctl.language import _, plural

_UNITS = (("minute", 60), ("hour", 60), ("day", 24), ("year", 365))  # … of the unit before
_THOUSANDS = 3  # of years: billions


def protection(status: Status) -> str:
    """Return what somebody needs who has the token's flash, as a clause."""
    if status.pin_length is None:
        return _("a PIN, whose length is shown once the token is unlocked")
    if not status.pin_length:
        return _("none: anyone holding the token can read the secrets in its flash")
    seconds = search_seconds(status.pin_length, status.pin_iterations)
    return _(
        "a {pin_length}-digit PIN; with a copy of the flash, one graphics card "
        "can try every PIN in {duration}"
    ).format(duration=duration(seconds), pin_length=status.pin_length)


def duration(seconds: int) -> str:
    """Return a duration in the largest unit that fits, rounded down."""
    if seconds < 1:
        return _("less than a second")
    value, name = seconds, "second"
    for larger, size in _UNITS:
        if value < size:
            break
        value, name = value // size, larger
    scale = 0
    while value >= 1000 and scale < _THOUSANDS:
        value, scale = value // 1000, scale + 1
    if value >= 1000 or scale == _THOUSANDS and value >= 14:
        return _("longer than the age of the universe")
    return _words(name, value, scale).format(value=value)


def _words(name: str, value: int, scale: int) -> str:
    """Return the words for `value` units, or for that many thousands, millions … of years."""
    if scale:
        return (
            _("about {value} thousand years"),
            _("about {value} million years"),
            _("about {value} billion years"),
        )[scale - 1]
    return {
        "second": plural("about {value} second", "about {value} seconds", value),
        "minute": plural("about {value} minute", "about {value} minutes", value),
        "hour": plural("about {value} hour", "about {value} hours", value),
        "day": plural("about {value} day", "about {value} days", value),
        "year": plural("about {value} year", "about {value} years", value),
    }[name]
