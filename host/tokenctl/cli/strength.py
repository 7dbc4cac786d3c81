"""How well the secrets in a token's flash are protected, in plain words."""

from otpcore.pins import SHORT, search_seconds
from tokenctl.device.models import Status
from tokenctl.device.token import CHIP_KEY, Token
from tokenctl.language import _

_UNITS = (("minute", 60), ("hour", 60), ("day", 24), ("year", 365))  # … of the unit before
# HMACs a second that the best code could have of the peripheral of an ESP32-C3, -S3 or -S2:
# estimated from published hash rates, 190,000 to 360,000. Nothing was measured on a chip.
_CHIP_RATE = 360_000
_LONG = 10  # digits: an hour of a graphics card, and more
_NUMBERS = ("", "thousand ", "million ", "billion ")


def protection(status: Status) -> str:
    """Return what somebody needs who has the token's flash, as a clause."""
    if status.bound:
        return _of_bound(status)
    if status.pin_length is None:
        return "a PIN, whose length is told when the token is unlocked"
    if not status.pin_length:
        return "none: whoever has the token in hand can read the secrets in its flash"
    seconds = search_seconds(status.pin_length, status.pin_iterations)
    return (
        f"a PIN of {status.pin_length} digits; with a copy of the flash, "
        f"one graphics card tries them all in {duration(seconds)}"
    )


def _of_bound(status: Status) -> str:
    if status.pin_length is None:
        return _("a PIN bound to this chip; unlock the token to see how strong it is")
    if not status.pin_length:
        return _(
            "bound to this chip, without a PIN: a copy of the flash opens nowhere else, "
            "but whoever holds the token can use it"
        )
    time = duration(chip_seconds(status.pin_length, status.pin_chain))
    text = _(
        "a PIN of {digits} digits, bound to this chip: a copy of the flash opens nowhere else, "
        "and on this chip trying them all takes {time}"
    )
    if status.pin_length < SHORT:
        text = _(
            "a weak PIN of {digits} digits, bound to this chip: a copy of the flash opens "
            "nowhere else, but on this chip trying them all takes only {time}"
        )
    return text.format(digits=status.pin_length, time=time)


def chip_seconds(length: int, chain: int) -> int:
    """Return how many seconds a chip itself takes for all PINs of this length.

    Each guess takes the whole chain, one HMAC after the other.
    """
    return 10**length * chain // _CHIP_RATE


def advice(token: Token, status: Status) -> str:
    """Return what would make it stronger, as a sentence without its full stop, or nothing."""
    if status.bound or CHIP_KEY not in token.identity.capabilities:
        return ""
    state = token.chip_key().state
    if state == "absent":
        if status.pin_length is None or status.pin_length >= _LONG:
            return ""
        return _("This chip has no key to bind a PIN to: only ten digits or more are a hindrance")
    if state == "usable":
        return _("The chip has a key: tokenctl pin bind binds the vault to it")
    return _("tokenctl harden --burn chip-key binds the vault to this chip, for good")


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
