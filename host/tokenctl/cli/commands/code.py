"""tokenctl code: a code on the terminal or in the clipboard, after a press on the token."""

import click

from otpcore.errors import AlreadyDone, TimeUnknown
from tokenctl.capture import clipboard
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options, one_account
from tokenctl.device.models import Code
from tokenctl.device.token import Token


@click.command()
@click.argument("name")
@click.option(
    "--copy", is_flag=True, help="Put it in the clipboard for 30 seconds instead of printing it."
)
@global_options
@click.pass_obj
def code(session: Session, name: str, copy: bool) -> None:
    """Print a code of the account NAME, after a press on the token.

    NAME is issuer:account, one of the two, or any part that only one account
    has. The code alone goes to standard output. Each code of an HOTP account
    moves its counter on.

    With --copy it goes to the clipboard, and is cleared there after 30 seconds
    or on Ctrl-C, if it still is what was copied last. A clipboard manager, where
    there is one, may keep a copy.
    """
    if copy and session.json:
        raise click.UsageError("Take --copy or --json: the first prints no code")
    if copy:
        clipboard.require()  # before a counter moves on
    with session.token() as token:
        account = one_account(token, name)
        answer = fetch(token, account.account_id)
    output = session.output
    if copy:
        _lend(answer, output)
    elif session.json:
        fields = {"code": answer.code, "seconds_left": answer.seconds_left}
        if answer.counter is not None:
            fields = {"code": answer.code, "counter": answer.counter}
        output.data({"issuer": account.issuer, "name": account.name, **fields})
    else:
        output.line(answer.code)
        if answer.seconds_left is not None:
            output.note(f"{answer.seconds_left} s left.")


def fetch(token: Token, id: int) -> Code:
    """Return a code of an account, after a press; TimeUnknown says what to do about it."""
    try:
        return token.code(id)
    except AlreadyDone:
        raise AlreadyDone(
            "the token made this code, which was lost on the way and is not sent twice; "
            "ask for another one"
        ) from None
    except TimeUnknown as error:
        raise TimeUnknown(
            f"the token does not know the time ({error}); set it with tokenctl sync"
        ) from None


def _lend(answer: Code, output: Output) -> None:
    left = "" if answer.seconds_left is None else f", and is valid for {answer.seconds_left} s"
    output.note(
        f"The code is in the clipboard{left}. "
        f"It is cleared there in {clipboard.LENT:.0f} s; Ctrl-C does it at once."
    )
    if clipboard.lend(answer.code):
        output.note("The clipboard was cleared.")
    else:
        output.note("Something else was copied since; that stays in the clipboard.")
