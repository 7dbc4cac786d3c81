"""How well the secrets in a token's flash are protected, in plain words."""

from otpcore.pins import search_seconds
from tokenctl.device.models import Status

_UNITS = (("minute", 60), ("hour", 60), ("day", 24), ("year", 365))  # … of the unit before
_NUMBERS = ("", "thousand ", "million ", "billion ")


def protection(status: Status) -> str:
    """Return what somebody needs who has the token's flash, as a clause."""
    if status.pin_length is None:
        return "a PIN, whose length is told when the token is unlocked"
    if not status.pin_length:
        return "none: whoever has the token in hand can read the secrets in its flash"
    seconds = search_seconds(status.pin_length, status.pin_iterations)
    return (
        f"a PIN of {status.pin_length} digits; with a copy of the flash, "
        f"one graphics card tries them all in {duration(seconds)}"
    )


def duration(seconds: int) -> str:
    """Return a duration in the largest unit that fits, rounded down."""
    if seconds < 1:
        return "under a second"
    value, name = seconds, "second"
    for larger, size in _UNITS:
        if value < size:
            break
        value, name = value // size, larger
    scale = 0
    while value >= 1000 and scale < len(_NUMBERS) - 1:
        value, scale = value // 1000, scale + 1
    if value >= 1000 or scale == len(_NUMBERS) - 1 and value >= 14:
        return "longer than the universe is old"
    return f"about {value} {_NUMBERS[scale]}{name}{'' if value == 1 and not scale else 's'}"
