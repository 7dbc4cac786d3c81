"""tokenctl status, sync and wipe: the token itself."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from tokenctl.session import Session, global_options


@click.command()
@global_options
@click.pass_obj
def status(session: Session) -> None:
    """Show what the token is and how it is."""
    with session.token() as token:
        identity, state = token.identity, token.status()
    output = session.output
    if session.json:
        fields = {"serial": identity.serial, "board": identity.board}
        fields |= {"firmware": identity.firmware, "protocol": str(identity.protocol)}
        output.data(fields | asdict(state))
        return
    output.line(f"Token      {identity.serial}, {identity.board}, firmware {identity.firmware}")
    output.line(f"Accounts   {state.accounts} of {state.capacity}")
    if state.damaged:
        output.line(f"Damaged    {state.damaged} records in the vault cannot be read")
    output.line(f"Clock      {_clock(state.unix, state.clock)}")
    if not state.sealed:
        output.line(
            "Protection none: who has the token in hand can read its secrets out of the flash"
        )


def _clock(unix: int | None, why: str) -> str:
    if unix is None:
        return f"unknown, no codes: {why} (tokenctl sync)"
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@click.command()
@global_options
@click.pass_obj
def sync(session: Session) -> None:
    """Set the token's clock to the computer's."""
    with session.token() as token:
        done = token.sync()
    output = session.output
    if session.json:
        output.data({"before": done.before, "unix": done.unix})
        return
    if done.before is None:
        output.note("The clock was not set.")
    elif done.before:
        output.note(f"The clock was {abs(done.before)} s {'fast' if done.before > 0 else 'slow'}.")
    else:
        output.note("The clock was right to the second.")
    output.line(f"Clock set: {_clock(done.unix, '')}")


@click.command()
@global_options
@click.pass_obj
def wipe(session: Session) -> None:
    """Erase every account and setting on the token, after a hold of 3 seconds on it."""
    with session.token() as token:
        token.wipe()
    session.output.note("The token is empty.")
