"""tokenctl list, rename, move, remove and code: the accounts on the token."""

import click

from tokenctl.session import Session, global_options, one_account


@click.command("list")
@global_options
@click.pass_obj
def list_accounts(session: Session) -> None:
    """List the accounts, in the order in which the token shows them."""
    with session.token() as token:
        accounts = token.accounts()
    if not accounts and not session.json:
        session.output.note("The token has no accounts: tokenctl provision")
    else:
        session.output.accounts(accounts)


@click.command()
@global_options
@click.argument("name")
@click.option("--issuer", help="The new issuer.")
@click.option("--account", help="The new account name.")
@click.pass_obj
def rename(session: Session, name: str, issuer: str | None, account: str | None) -> None:
    """Give the account NAME another issuer or account name."""
    if issuer is None and account is None:
        raise click.UsageError("say the new name with --issuer or --account")
    with session.token() as token:
        old = one_account(token, name)
        new = token.rename(
            old.id,
            old.issuer if issuer is None else issuer,
            old.account if account is None else account,
        )
    session.output.accounts([new])


@click.command()
@global_options
@click.argument("name")
@click.argument("position", type=click.IntRange(min=1))
@click.pass_obj
def move(session: Session, name: str, position: int) -> None:
    """Put the account NAME at POSITION (1 is the first) of the token's order."""
    with session.token() as token:
        account = one_account(token, name)
        count = len(token.accounts())
        if position > count:
            raise click.UsageError(f"the token has {count} accounts; POSITION is 1 to {count}")
        token.move(account.id, position - 1)
        session.output.accounts(token.accounts())


@click.command()
@global_options
@click.argument("name")
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Remove the account NAME from the token. There is no way back."""
    with session.token() as token:
        account = one_account(token, name)
        token.remove(account.id)
    if session.json:
        session.output.accounts([account])
    else:
        session.output.note(f"'{account.issuer}:{account.account}' was removed from the token.")


@click.command()
@global_options
@click.argument("name")
@click.pass_obj
def code(session: Session, name: str) -> None:
    """Print a code of the account NAME, after a press on the token."""
    with session.token() as token:
        account = one_account(token, name)
        answer = token.code(account.id)
    output = session.output
    if session.json:
        fields = {"code": answer.code, "seconds_left": answer.seconds_left}
        if answer.counter is not None:
            fields = {"code": answer.code, "counter": answer.counter}
        output.data({"issuer": account.issuer, "account": account.account, **fields})
        return
    output.line(answer.code)
    if answer.seconds_left is not None:
        output.note(f"{answer.seconds_left} s left.")
