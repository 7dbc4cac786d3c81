"""tokenctl list, rename, move, favourite and remove: the accounts on the token."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from otpcore.account import Account, AccountError
from otpcore.errors import BadRequest
from tokenctl.cli.account_argument import full_name, one_account
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.cli.whole_number import WholeNumber
from tokenctl.core_sentences import said
from tokenctl.language import _, marked

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token

_FAVOURITES_FIRST = marked(
    "The token's screen shows its favourites first, then the others in this order."
)


def _text(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an argument that is not valid text."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise click.BadParameter(_("this is not valid text in the terminal's encoding")) from None
    return value


def read_all(token: "Token", output: Output) -> list["StoredAccount"]:
    """Return all accounts; show how many have been read if that takes long."""
    with output.working(_("Reading the accounts")) as far:

        def progress(done: int, total: int) -> None:
            far(_("{done} of {total}").format(done=done, total=total))

        return token.accounts(progress=progress)


@click.command("list")
@global_options
@click.pass_obj
def list_accounts(session: Session) -> None:
    """List the accounts in the token's order; # is the POSITION of tokenctl move.

    The token's screen shows its favourites first, then the others in this order or, if
    its menu says so, the recently used ones before the rest.

    Check is the key check value: two accounts with the same value have the same
    secret. The secret itself never leaves the token.
    """
    with session.token() as token:
        accounts = read_all(token, session.output)
    if not accounts and not session.json:
        session.output.note(_("The token has no accounts; add one with tokenctl provision."))
    else:
        session.output.accounts(accounts, first=1)
        if any(each.favourite for each in accounts) and not session.json:
            session.output.note(_(_FAVOURITES_FIRST))


@click.command()
@click.argument("name")
@click.option("--issuer", help="The new issuer.", callback=_text)
@click.option("--account", help="The new account name.", callback=_text)
@global_options
@click.pass_obj
def rename(session: Session, name: str, issuer: str | None, account: str | None) -> None:
    """Change the issuer or the name of the account NAME, or both.

    NAME is issuer:account, one of the two, or any part that only one account
    has. The token shows the new name and waits for its button.
    """
    if issuer is None and account is None:
        raise click.UsageError(_("give the new name with --issuer or --account"))
    with session.token() as token:
        old = one_account(token, name)
        names = old.issuer if issuer is None else issuer, old.name if account is None else account
        try:
            Account(*names, b"x")
        except AccountError as error:  # it says more than the token would
            raise BadRequest(said(error)) from None
        new = token.rename(old.account_id, *names)
    session.output.accounts([new])


@click.command()
@click.argument("name")
@click.argument("position", type=WholeNumber(min=1))
@global_options
@click.pass_obj
def move(session: Session, name: str, position: int) -> None:
    """Move the account NAME to POSITION in the token's order; 1 is the first.

    NAME is issuer:account, one of the two, or any part that only one account
    has. The token asks for confirmation and waits for its button. The account is then
    shown with its place or, with --json, all accounts in their new order. This order is
    that of tokenctl list; favourites come first on the token's screen all the same.
    """
    with session.token() as token:
        account = one_account(token, name)
        count = token.status().account_count or 0
        if position > count:
            raise click.UsageError(
                _("POSITION is {position}, but the token's last one is {count}").format(
                    count=count, position=position
                )
            )
        token.move(account.account_id, position - 1)
        if session.json:
            session.output.accounts(token.accounts())
            return
        favourites = token.favourites()
    account = replace(account, favourite=account.account_id in favourites)
    session.output.accounts([account], first=position)
    if account.favourite:
        session.output.note(_("It stays where it is on the token's screen, as a favourite."))
    elif favourites:
        session.output.note(_(_FAVOURITES_FIRST))


@click.command()
@click.argument("name")
@click.option("--remove", is_flag=True, help="Have it come in its usual place again.")
@global_options
@click.pass_obj
def favourite(session: Session, name: str, remove: bool) -> None:
    """Mark the account NAME as a favourite: it comes first on the token's screen.

    NAME is issuer:account, one of the two, or any part that only one account
    has. A token has up to 8 favourites; tokenctl list shows them. The token shows the
    account and waits for its button, unless nothing would change.
    """
    with session.token() as token:
        account = one_account(token, name)
        token.mark(account.account_id, not remove)
    if session.json:
        session.output.accounts([replace(account, favourite=not remove)])
        return
    sentence = (
        _("'{full_name}' is no longer a favourite.")
        if remove
        else _("'{full_name}' is a favourite.")
    )
    session.output.note(sentence.format(full_name=full_name(account)))


@click.command()
@click.argument("name")
@global_options
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Remove the account NAME from the token. This cannot be undone.

    NAME is issuer:account, one of the two, or any part that only one account
    has. The token shows the account and waits for its button.
    """
    with session.token() as token:
        account = one_account(token, name)
        token.remove(account.account_id)
    if session.json:
        session.output.accounts([account])
    else:
        session.output.note(
            _("'{full_name}' was removed from the token.").format(full_name=full_name(account))
        )
