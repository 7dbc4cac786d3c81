"""The last step of an enrolment: the site wants a code, as proof that its secret arrived.

The code can be read off the token, or fetched here after a press on it. Nothing that
goes wrong here undoes the enrolment: it is said, and the command goes on. Ctrl-C ends it.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from otpcore.account import STATIC
from otpcore.errors import Cancelled, NotPressed, Refused, WireError
from tokenctl.cli.dialog import ask, tell
from tokenctl.cli.session import full_name
from tokenctl.errors import Quit, TokenctlError, refused

if TYPE_CHECKING:
    from tokenctl.device.models import Code, StoredAccount
    from tokenctl.device.token import Token

SHORT = 6  # seconds; with fewer left, a code is hardly typed before it ends
_QUESTION = "c shows one here after a press on the token, Enter goes on: "


def offer(token: "Token", account: "StoredAccount", knows_time: bool) -> None:
    """Offer the codes that the site asks for, until somebody has enough of them."""
    name = full_name(account)
    if account.type == STATIC:
        tell("To see it, press until the token shows the account, then hold the button for 3 s.")
        return
    if account.type != "hotp" and not knows_time:
        tell(f"The site wants a code now: tokenctl sync, then tokenctl code '{name}'.")
        return
    tell("The site wants a code now. The token shows it: press until the account is there.")
    if account.type == "hotp":
        tell("Each code counts: take the first one, and another only if the site asks for two.")
    try:
        while _wants_one():
            _show_one(token, account.account_id)
    except (TokenctlError, WireError) as error:
        fault = error if isinstance(error, TokenctlError) else refused(error)
        tell(f"{fault.sentence} The account is on the token; a code later: tokenctl code '{name}'")


def _wants_one() -> bool:
    with suppress(Quit):
        while (answer := ask(_QUESTION).lower()) not in ("c", "code", "y", "yes"):
            if answer in ("", "n", "no", "q", "quit"):
                return False
            tell("c or Enter, please.")
        return True
    return False


def _show_one(token: "Token", id: int) -> None:
    """Show a code, or that nobody pressed; Ctrl-C takes the question at the token away."""
    try:
        tell(_in_words(token.code(id)))
    except (NotPressed, Refused, Cancelled) as error:
        tell(refused(error).sentence)
    except KeyboardInterrupt:
        token.cancel()
        tell("No code was made.")
        raise


def _in_words(code: "Code") -> str:
    if code.seconds_left is None:
        return f"{code.code}   (counter {code.counter})"
    if code.seconds_left < SHORT:
        return (
            f"{code.code}   only {code.seconds_left} s left: better wait for them and take "
            "the next one"
        )
    return f"{code.code}   {code.seconds_left} s left"
