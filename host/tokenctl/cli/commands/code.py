"""tokenctl code: a code on the terminal or the clipboard, after a press on the token."""

from typing import Any

import click

from otpcore.account import STATIC
from otpcore.errors import AlreadyDone, TimeUnknown
from tokenctl.capture import clipboard
from tokenctl.cli import clock_state
from tokenctl.cli.account_argument import one_account
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.clock.offset import RIGHT, WRONG, ClockOffset
from tokenctl.device.accounts import StoredAccount
from tokenctl.device.models import Code
from tokenctl.device.token import Token
from tokenctl.exit_codes import CLOCK_WRONG
from tokenctl.language import _

_TIMELESS = ("hotp", STATIC)


@click.command()
@click.argument("name")
@click.option(
    "--copy",
    is_flag=True,
    help="Copy the code to the clipboard for 30 seconds instead of printing it.",
)
@global_options
@click.pass_obj
def code(session: Session, name: str, copy: bool) -> int:
    """Print a code for the account NAME, after a press on the token.

    NAME is issuer:account, one of the two, or any part that only one account
    has. Only the code goes to standard output. Each code of an HOTP account
    advances its counter.

    With --copy, the code goes to the clipboard instead and is cleared after 30
    seconds, or on Ctrl-C, unless something else was copied since. A clipboard
    manager, if there is one, may keep a copy.

    The token's clock is compared with this computer's first. If they are 30 s or
    more apart, a warning says so and the exit code is 20: the code will be refused.
    """
    if copy and session.json:
        raise click.UsageError(_("Use either --copy or --json: --copy prints no code"))
    if copy:
        clipboard.require()  # before a counter moves on
    with session.token() as token:
        account = one_account(token, name)
        apart = _compare(token, account, session.output)
        answer = fetch(token, account.account_id)
    output = session.output
    if copy:
        _lend(answer, output)
    elif session.json:
        output.data(_fields(account, answer, apart))
    else:
        output.line(answer.code)
        if answer.seconds_left is not None:
            output.note(_("{seconds_left} s left.").format(seconds_left=answer.seconds_left))
    return CLOCK_WRONG if apart is not None and apart.verdict == WRONG else 0


def _compare(token: Token, account: StoredAccount, output: Output) -> ClockOffset | None:
    """Return how far the token's clock is off, if that matters here; warn if codes suffer."""
    if account.type in _TIMELESS:
        return None
    apart = token.clock_offset()
    if apart is not None and apart.verdict != RIGHT:
        output.warn(_("the token's clock is {off}").format(off=clock_state.describe_offset(apart)))
    return apart


def _fields(account: StoredAccount, answer: Code, apart: ClockOffset | None) -> dict[str, Any]:
    names = {"issuer": account.issuer, "name": account.name, "code": answer.code}
    if answer.counter is not None:
        return names | {"counter": answer.counter}
    return names | {"seconds_left": answer.seconds_left} | clock_state.offset_fields(apart)


def fetch(token: Token, id: int) -> Code:
    """Return a code of an account, after a press; a TimeUnknown error says what to do."""
    try:
        return token.code(id)
    except AlreadyDone:
        raise AlreadyDone(
            _(
                "the token generated this code, but it was lost on the way and will not "
                "be sent again; ask for another one"
            )
        ) from None
    except TimeUnknown as error:
        raise TimeUnknown(
            _("the token does not know the time ({error}); set it with tokenctl sync").format(
                error=error
            )
        ) from None


def _lend(answer: Code, output: Output) -> None:
    there = _("The code is on the clipboard.")
    if answer.seconds_left is not None:
        there = _("The code is on the clipboard, and is valid for {seconds_left} s.")
    cleared = _("The clipboard will be cleared in {seconds:.0f} s; Ctrl-C clears it now.")
    output.note(
        f"{there.format(seconds_left=answer.seconds_left)} {cleared.format(seconds=clipboard.LENT)}"
    )
    if clipboard.lend(answer.code):
        output.note(_("The clipboard was cleared."))
    else:
        output.note(_("Something else was copied in the meantime; it stays on the clipboard."))
