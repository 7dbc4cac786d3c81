"""tokenctl status, sync and wipe: the token itself."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from tokenctl.session import Session, global_options

_IDENTITY = ("serial", "board", "firmware", "protocol")


@click.command(short_help="Show what the token is, and the state of vault and clock.")
@global_options
@click.pass_obj
def status(session: Session) -> None:
    """Show what the token is, and the state of its vault and clock."""
    with session.token() as token:
        identity, state = token.identity, token.status()
    output = session.output
    if session.json:
        known = {name: getattr(identity, name) for name in _IDENTITY}
        output.data(known | asdict(state))
        return
    output.line(f"Token      {identity.serial}, {identity.board}, firmware {identity.firmware}")
    output.line(f"Accounts   {state.accounts} of {state.capacity}")
    if state.damaged:
        output.line(f"Damaged    {state.damaged} records in the vault cannot be read")
    output.line(f"Clock      {_clock(state.unix, state.clock)}")
    if not state.sealed:
        output.line(
            "Protection none: whoever has the token in hand can read the secrets in its flash"
        )


def _clock(unix: int | None, why: str) -> str:
    if unix is None:
        return f"unknown, no codes: {why} (tokenctl sync)"
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@click.command(short_help="Set the token's clock to the computer's.")
@global_options
@click.pass_obj
def sync(session: Session) -> None:
    """Set the token's clock to the computer's, which should be right.

    Corrections of up to 10 s in all pass; more waits for the token's button.
    """
    with session.token() as token:
        done = token.sync()
    output = session.output
    if session.json:
        output.data({"was_ahead": done.before, "unix": done.unix})
        return
    if done.before is None:
        output.note("The token did not know the time.")
    elif done.before:
        output.note(f"The clock was {abs(done.before)} s {'fast' if done.before > 0 else 'slow'}.")
    else:
        output.note("The clock was right to the second.")
    output.line(f"Clock set: {_clock(done.unix, '')}")


@click.command(short_help="Erase everything on the token.")
@global_options
@click.pass_obj
def wipe(session: Session) -> None:
    """Erase every account and setting on the token. There is no way back.

    The token asks, and takes only a hold of its button for 3 seconds for a yes.
    """
    with session.token() as token:
        token.wipe()
        serial, left = token.identity.serial, token.status().accounts
    if session.json:
        session.output.data({"serial": serial, "accounts": left})
    else:
        session.output.note(f"The token {serial} is empty.")
