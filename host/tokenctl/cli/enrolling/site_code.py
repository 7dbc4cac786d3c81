"""The last step of an enrolment: the site wants a code, as proof that its secret arrived.

The code can be read off the token, or fetched here after a press on it. Nothing that
goes wrong here undoes the enrolment: it is said, and the command goes on. Ctrl-C ends it.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from otpcore.account import STATIC
from otpcore.errors import Cancelled, NotPressed, Refused, WireError
from tokenctl.cli.account_argument import full_name
from tokenctl.cli.dialog import ask, tell
from tokenctl.errors import Quit, TokenctlError, refused
from tokenctl.language import NO, YES, _, marked

if TYPE_CHECKING:
    from tokenctl.device.accounts import StoredAccount
    from tokenctl.device.models import Code
    from tokenctl.device.token import Token

SHORT = 6  # seconds; with fewer left, a code is hardly typed before it ends
NEAR = 8  # presses at most, until the account appears, and there is no quicker way to mention
_QUICKER = marked(
    "Find in its menu (two quick presses) gets there sooner. A second button goes backwards, from "
    "the first account to the last."
)
_QUESTION = marked("c shows a code here after a press on the token, Enter continues: ")


def offer(token: "Token", account: "StoredAccount", knows_time: bool, others: int = 0) -> None:
    """Offer the codes that the site asks for, until the user has enough of them.

    The token had so many `others` before: on the way to this one it may show them all.
    """
    name = full_name(account)
    is_far = others > NEAR and not account.favourite
    if account.type == STATIC:
        tell(_("To see it, press until the token shows the account, then hold the button for 3 s."))
        if is_far:
            tell(_(_QUICKER))
        return
    if account.type != "hotp" and not knows_time:
        tell(
            _(
                "The site now asks for a code: run tokenctl sync, then tokenctl code '{name}'."
            ).format(name=name)
        )
        return
    tell(_("The site now asks for a code. The token shows it: press until the account appears."))
    if is_far:
        tell(_(_QUICKER))
    if account.type == "hotp":
        tell(_("Each code counts: use the first one, and another only if the site asks for two."))
    try:
        while _wants_one():
            _show_one(token, account.account_id)
    except (TokenctlError, WireError) as error:
        fault = error if isinstance(error, TokenctlError) else refused(error)
        tell(
            _(
                "{sentence} The account is on the token; for a code later, run tokenctl "
                "code '{name}'."
            ).format(name=name, sentence=fault.sentence)
        )


def _wants_one() -> bool:
    with suppress(Quit):
        while (answer := ask(_(_QUESTION)).lower()) not in ("c", "code", *YES):
            if answer in ("", "q", "quit", *NO):
                return False
            tell(_("Enter c, or press Enter."))
        return True
    return False


def _show_one(token: "Token", id: int) -> None:
    """Show a code, or that nobody pressed; Ctrl-C cancels the question on the token."""
    try:
        tell(_in_words(token.code(id)))
    except (NotPressed, Refused, Cancelled) as error:
        tell(refused(error).sentence)
    except KeyboardInterrupt:
        token.cancel()
        tell(_("No code was generated."))
        raise


def _in_words(code: "Code") -> str:
    if code.seconds_left is None:
        return _("{code}   (counter {counter})").format(code=code.code, counter=code.counter)
    if code.seconds_left < SHORT:
        return _("{code}   only {seconds_left} s left: better to wait for the next one").format(
            code=code.code, seconds_left=code.seconds_left
        )
    return _("{code}   {seconds_left} s left").format(
        code=code.code, seconds_left=code.seconds_left
    )
