"""tokenctl pin and lock: the PIN, which is entered only on the token."""

import select
import sys
from typing import TYPE_CHECKING

import click

from otpcore import settings
from otpcore.errors import WireError
from tokenctl.cli import chip_key, terminal
from tokenctl.cli.dialog import YES
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.protection import advice, protection
from tokenctl.cli.session import Session
from tokenctl.cli.whole_number import WholeNumber
from tokenctl.errors import NoPin, TokenctlError, refused
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import Token

_PATIENCE = 30  # seconds for an answer to the offer


def offer_pin(token: "Token", output: Output, asking: bool) -> None:
    """Offer a PIN for a token with its first accounts and no PIN; with `asking`, as a question.

    What the command was asked for is done by now, so that a PIN that is not set is no error.
    """
    output.note(_("The token has no PIN yet: anyone who finds it can use it, and read its flash."))
    later = _("You can set a PIN at any time with: tokenctl pin set")
    if output.as_json or not asking or not _says_yes(_("Set a PIN on the token now?")):
        output.note(later)
        return
    try:
        token.change_pin()
    except (TokenctlError, WireError) as error:
        fault = error if isinstance(error, TokenctlError) else refused(error)
        output.note(f"{fault.sentence} {later}")
        return
    status = token.status()
    output.note(
        _("The PIN is set. Protection: {protection}.").format(protection=protection(status))
    )
    _advise(output, advice(token, status))


def _says_yes(question: str) -> bool:
    """Ask at the terminal; no answer in time means no, so that nothing waits for ever."""
    terminal.say(
        _("{question} [y/N, no after {patience} s] ").format(patience=_PATIENCE, question=question),
        newline=False,
    )
    try:
        answered = select.select([sys.stdin], [], [], _PATIENCE)[0]
    except (OSError, ValueError):  # no select for terminals on this system
        answered = []
    if not answered:
        terminal.say("")
        return False
    return sys.stdin.readline().strip().lower() in YES


@click.group()
@global_options
def pin() -> None:
    """Set, change or remove the PIN, which encrypts the contents of the token's flash.

    You enter it on the token, with its buttons; it never crosses the cable. It has
    4 to 32 digits, and ten wrong PINs in a row erase everything. An attacker who
    has read the flash can try PINs on a computer of their own: 10 digits or more
    are a real obstacle, 6 are none. A forgotten PIN cannot be recovered.
    """


@pin.command("set", short_help="Set or change the PIN.")
@global_options
@click.pass_obj
def set_pin(session: Session) -> None:
    """Set or change the PIN: the token asks for the old one, then twice for the new one."""
    with session.token() as token:
        token.change_pin()
        status = token.status()
        more = advice(token, status)
    if session.json:
        session.output.data({"pin_length": status.pin_length})
        return
    session.output.note(_("The PIN is set, and everything has been re-encrypted under it."))
    session.output.note(_("Protection: {protection}.").format(protection=protection(status)))
    _advise(session.output, more)


def _advise(output: Output, sentence: str) -> None:
    if sentence:
        output.note(f"{sentence}.")


@pin.command("clear", short_help="Remove the PIN.")
@global_options
@click.pass_obj
def clear_pin(session: Session) -> None:
    """Remove the PIN: hold the token's button for 3 seconds, then enter the PIN."""
    with session.token() as token:
        token.clear_pin()
    if session.json:
        session.output.data({"pin_length": 0})
    else:
        session.output.note(_("The token no longer has a PIN: anyone who holds it can use it."))


@pin.command("bind", short_help="Bind the PIN to the token's chip.")
@global_options
@click.pass_obj
def bind(session: Session) -> None:
    """Bind the vault to the chip's own key, burnt with tokenctl harden --burn chip-key.

    For a token that has the key, but was wiped or unbound since. The token asks for
    confirmation: hold its button for 3 seconds to agree, then enter the PIN. From then on
    a copy of its flash opens nowhere else, and a chip that fails takes the accounts with it.
    """
    with session.token() as token:
        if token.status().bound:
            session.output.note(_("The vault is already bound to this chip."))
            return
        chip_key.bind(token, session.output)


@pin.command("unbind", short_help="Free the PIN from the token's chip.")
@global_options
@click.pass_obj
def unbind(session: Session) -> None:
    """Let the vault open without the chip's own key again: everything is re-encrypted.

    The token asks for confirmation: hold its button for 3 seconds to agree, then enter the
    PIN. Anyone who copies the flash can then try PINs on their own computer. The key stays
    in the chip permanently.
    """
    with session.token() as token:
        token.chip.unbind()
        status = token.status()
    if session.json:
        session.output.data({"bound": status.bound})
        return
    session.output.note(_("The vault is no longer bound to the chip."))
    session.output.note(_("Protection: {protection}.").format(protection=protection(status)))


@pin.command("lock-after", short_help="Set when the token locks itself.")
@click.argument("seconds", type=WholeNumber(*settings.bounds(settings.LOCK_AFTER)))
@global_options
@click.pass_obj
def lock_after(session: Session, seconds: int) -> None:
    """Lock the token automatically SECONDS after the last press of its buttons.

    It always locks when its screen turns off; this setting is for a token that a computer
    keeps awake. To confirm a longer time than before, hold the token's button for 3 seconds.
    """
    with session.token() as token:
        token.lock_after(seconds)
    if session.json:
        session.output.data({settings.LOCK_AFTER: seconds})
    else:
        session.output.note(
            _("The token locks itself {seconds} s after the last press.").format(seconds=seconds)
        )


@click.command()
@global_options
@click.pass_obj
def lock(session: Session) -> None:
    """Lock the token now: it asks for its PIN before it shows anything again.

    A token without a PIN cannot be locked; the exit code is then 6.
    """
    with session.token() as token:
        if not token.status().has_pin:
            raise NoPin
        token.lock()
    if session.json:
        session.output.data({"locked": True})
    else:
        session.output.note(_("The token is locked."))
