"""tokenctl pin, lock: the PIN, which is entered at the token and nowhere else."""

import select
import sys

import click

from otpcore import settings
from tokenctl.cli import chip_key, terminal
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options
from tokenctl.cli.strength import advice, protection
from tokenctl.device.token import Token
from tokenctl.language import _

_PATIENCE = 30  # seconds for an answer to the offer


def offer_pin(token: Token, output: Output, asking: bool) -> None:
    """Offer a PIN for a token that has its first accounts, and none; `asking`: by a question."""
    output.note("It has no PIN yet: whoever finds it can use it, and read its flash.")
    if output.as_json or not asking or not _says_yes("Set a PIN at the token now?"):
        output.note("Set one at any time with: tokenctl pin set")
        return
    token.change_pin()
    status = token.status()
    output.note(f"The PIN is set. Protection: {protection(status)}.")
    _advise(output, advice(token, status))


def _says_yes(question: str) -> bool:
    """Ask at the terminal; no answer in time is a no, so that nothing waits for ever."""
    terminal.say(f"{question} [y/N, no after {_PATIENCE} s] ", newline=False)
    try:
        answered = select.select([sys.stdin], [], [], _PATIENCE)[0]
    except (OSError, ValueError):  # no select for terminals on this system
        answered = []
    if not answered:
        terminal.say("")
        return False
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@click.group(short_help="Set, change or clear the token's PIN.")
def pin() -> None:
    """Set, change or clear the PIN, which seals what the token's flash holds.

    It is entered at the token, with its buttons, and never crosses the cable. It
    has 4 to 32 digits; ten wrong ones in a row erase everything. Somebody who
    reads the flash can try PINs on a computer of his own: 10 digits and more are
    a real hindrance there, 6 are none. There is no way to read a forgotten PIN.
    """


@pin.command("set", short_help="Set the PIN, or change it.")
@global_options
@click.pass_obj
def set_pin(session: Session) -> None:
    """Set the PIN, or change it: the token asks for the old one, then twice for the new one."""
    with session.token() as token:
        token.change_pin()
        status = token.status()
        more = advice(token, status)
    if session.json:
        session.output.data({"pin_length": status.pin_length})
        return
    session.output.note("The PIN is set, and everything is sealed anew under it.")
    session.output.note(f"Protection: {protection(status)}.")
    _advise(session.output, more)


def _advise(output: Output, sentence: str) -> None:
    if sentence:
        output.note(f"{sentence}.")


@pin.command("clear", short_help="Take the PIN away.")
@global_options
@click.pass_obj
def clear_pin(session: Session) -> None:
    """Take the PIN away: the token takes a hold of 3 seconds for a yes, and then the PIN."""
    with session.token() as token:
        token.clear_pin()
    if session.json:
        session.output.data({"pin_length": 0})
    else:
        session.output.note("The token has no PIN any more: whoever holds it can use it.")


@pin.command("bind", short_help=_("Bind the PIN to the token's chip."))
@global_options
@click.pass_obj
def bind(session: Session) -> None:
    """Bind the vault to the chip's own key, which tokenctl harden --burn chip-key has burnt.

    For a token that has the key, but was wiped or unbound since. The token takes a hold of 3
    seconds for a yes, and then the PIN. A copy of its flash opens nowhere else from then on; a
    chip that fails takes the accounts along.
    """
    with session.token() as token:
        if token.status().bound:
            session.output.note(_("The vault is bound to this chip already."))
            return
        chip_key.bind(token, session.output)


@pin.command("unbind", short_help=_("Free the PIN from the token's chip."))
@global_options
@click.pass_obj
def unbind(session: Session) -> None:
    """Have the vault open without the chip's own key again: everything is sealed anew.

    The token takes a hold of 3 seconds for a yes, and then the PIN. Whoever copies the flash
    can then try PINs on a computer of his own. The key stays in the chip, for good.
    """
    with session.token() as token:
        token.unbind()
        status = token.status()
    if session.json:
        session.output.data({"bound": status.bound})
        return
    session.output.note(_("The vault is not bound to the chip any more."))
    session.output.note(_("Protection: {clause}.").format(clause=protection(status)))


@pin.command("lock-after", short_help="Set when the token locks itself.")
@click.argument("seconds", type=click.IntRange(*settings.bounds(settings.LOCK_AFTER)))
@global_options
@click.pass_obj
def lock_after(session: Session, seconds: int) -> None:
    """Have the token lock itself SECONDS after the last press of its buttons.

    It locks when it goes dark in any case; this is for one that a computer keeps awake. A
    longer time than before takes a hold of the token's button for 3 seconds.
    """
    with session.token() as token:
        token.lock_after(seconds)
    if session.json:
        session.output.data({settings.LOCK_AFTER: seconds})
    else:
        session.output.note(f"The token locks itself {seconds} s after the last press.")


@click.command(short_help="Lock the token now.")
@global_options
@click.pass_obj
def lock(session: Session) -> None:
    """Lock the token now: it wants its PIN before it shows anything again."""
    with session.token() as token:
        has_pin = token.status().has_pin
        if has_pin:
            token.lock()
    if session.json:
        session.output.data({"locked": has_pin})
    elif has_pin:
        session.output.note("The token is locked.")
    else:
        session.output.warn("the token has no PIN, and cannot be locked; see tokenctl pin set")
