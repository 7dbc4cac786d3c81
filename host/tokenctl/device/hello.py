"""The first question to what is at a port: whether it is a token, and one that we understand."""

from collections.abc import Callable

from otpcore import errors, messages
from otpcore.version import VERSION
from tokenctl.device.link import Link
from tokenctl.device.models import Identity
from tokenctl.errors import NoAnswer, NoToken, VersionMismatch
from tokenctl.language import _

# Seconds without a word: opening the port may have reset the board; then it may be asleep, and
# somebody has to press its button.
HELLO_TIMEOUT, WAKE_TIMEOUT = 3.0, 8.0


def meet(link: Link, port: str, on_notice: Callable[[str], None]) -> Identity:
    """Return who is at `port`; NoToken, VersionMismatch.

    `on_notice` gets "asleep" where nobody answers at first: a press may be needed.
    """
    try:
        return _hello(link, HELLO_TIMEOUT)
    except NoAnswer:
        on_notice("asleep")
    try:
        return _hello(link, WAKE_TIMEOUT)
    except NoAnswer:
        raise NoToken(_("there is no token at {name}").format(name=port)) from None


def _hello(link: Link, timeout: float) -> Identity:
    hello = {"protocol": messages.PROTOCOL, "client": f"tokenctl {VERSION}"}
    try:
        answer = link.request("hello", hello, give_up=timeout)
    except errors.NewerProtocol as error:
        raise VersionMismatch(str(error)) from None
    if answer["protocol"] > messages.PROTOCOL:  # of the rest nothing is known then
        raise VersionMismatch(
            _(
                "the token's firmware speaks protocol {protocol}, but tokenctl {version} "
                "only {known}: update tokenctl"
            ).format(known=messages.PROTOCOL, protocol=answer["protocol"], version=VERSION)
        )
    return Identity.of(answer)
