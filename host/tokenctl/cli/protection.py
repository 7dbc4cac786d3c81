"""How well the secrets in a token's flash are protected, in plain words."""

from otpcore.pins import SHORT, search_seconds
from tokenctl.device.chip import CAPABILITY
from tokenctl.device.models import Status
from tokenctl.device.token import Token
from tokenctl.language import _, plural

_UNITS = (("minute", 60), ("hour", 60), ("day", 24), ("year", 365))  # … of the unit before
_THOUSANDS = 3  # of years: billions
# HMACs a second that the best code could have of the peripheral of an ESP32-C3, -S3 or -S2:
# estimated from published hash rates, 190,000 to 360,000. Nothing was measured on a chip.
_CHIP_RATE = 360_000
_YEAR = 365 * 86400  # seconds
_LONG = 10  # digits: hours of a graphics card, and more


def protection(status: Status) -> str:
    """Return what it takes to open a copy of the token's flash, as a clause."""
    if status.bound:
        return _of_bound(status)
    if status.pin_length is None:
        return _("a PIN, whose length is shown once the token is unlocked")
    if not status.pin_length:
        return _("none: anyone holding the token can read the secrets in its flash")
    seconds = search_seconds(status.pin_length, status.pin_iterations)
    return _(
        "a {pin_length}-digit PIN; with a copy of the flash, one graphics card "
        "can try every PIN in {duration}"
    ).format(duration=duration(seconds), pin_length=status.pin_length)


def _of_bound(status: Status) -> str:
    if status.pin_length is None:
        return _("a PIN bound to this chip; unlock the token to see how strong it is")
    if not status.pin_length:
        return _(
            "bound to this chip, without a PIN: a copy of the flash opens nowhere else, "
            "but anyone holding the token can use it"
        )
    time = duration(chip_seconds(status.pin_length, status.pin_chain))
    text = _(
        "a {pin_length}-digit PIN, bound to this chip: a copy of the flash opens nowhere else, "
        "and trying every PIN on this chip takes {duration}"
    )
    if is_weak(status):
        text = _(
            "a weak {pin_length}-digit PIN, bound to this chip: a copy of the flash opens "
            "nowhere else, but trying every PIN on this chip takes only {duration}"
        )
    return text.format(pin_length=status.pin_length, duration=time)


def is_weak(status: Status) -> bool:
    """Return whether the PIN, if its length is known, is too short for its protection.

    One that is bound takes at least days from six digits on; any other should take a year.
    """
    if not status.pin_length:
        return False
    if status.bound:
        return status.pin_length < SHORT
    return search_seconds(status.pin_length, status.pin_iterations) < _YEAR


def chip_seconds(length: int, chain: int) -> int:
    """Return how many seconds the chip itself takes to try all PINs of this length.

    Each guess takes the whole chain, one HMAC after the other.
    """
    return 10**length * chain // _CHIP_RATE


def advice(token: Token, status: Status) -> str:
    """Return what would make it stronger, as a sentence without a full stop, or ""."""
    if status.bound or CAPABILITY not in token.identity.capabilities:
        return ""
    state = token.chip.key().state
    if state == "absent":
        if status.pin_length is None or status.pin_length >= _LONG:
            return ""
        return _("This chip cannot bind a PIN: use ten digits or more, or another chip")
    if state == "usable":
        return _("The chip has a key: bind the vault to it with tokenctl pin bind")
    return _("To bind the vault to this chip, permanently: tokenctl harden --burn chip-key")


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
