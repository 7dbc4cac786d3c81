"""tokenctl clone: everything from one token to another, unreadable for the computer."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, errors_at, is_interactive, is_same_port
from tokenctl.device import board_ports, cloning
from tokenctl.device.token import StoredAccount, Token
from tokenctl.errors import BadEnrolment, LinkError, VerificationFailed
from tokenctl.language import _, plural

_NAMES_SHOWN = 10


@click.command(short_help=_("Copy all accounts from one token to another."))
@click.option("--from", "source", metavar="TOKEN", required=True, help=_("The token to copy."))
@click.option("--to", "target", metavar="TOKEN", required=True, help=_("The token to copy to."))
@click.option(
    "--hotp", is_flag=True, help=_("Copy HOTP accounts too, though their counters drift apart.")
)
@global_options
@click.pass_obj
def clone(session: Session, source: str, target: str, hotp: bool) -> None:
    """Copy all accounts and app passwords from one token to another.

    The two tokens agree on a key that this computer does not have, so nothing can be read here,
    and no file is written. Hold the button of each for 3 seconds; the first one also asks for
    its PIN. Then both show a code of eight digits: compare the codes, and press both buttons
    only if they match. What the second token already has stays there; it asks about an account
    with the same names but another secret.

    TOKEN is a port or a serial number.
    """
    _refuse_one_token(session)
    source, target = board_ports.device(source), board_ports.device(target)
    if is_same_port(source, target):
        raise click.UsageError(
            _("the options --from and --to name the same port: two tokens are needed")
        )
    output = session.output
    with ExitStack() as stack:
        giver = stack.enter_context(_opened(session, source, _("the first token")))
        taker = stack.enter_context(_opened(session, target, _("the second token")))
        if giver.identity.serial == taker.identity.serial:
            raise click.UsageError(
                _("both ports lead to the token {serial}: two tokens are needed").format(
                    serial=giver.identity.serial
                )
            )
        before = giver.accounts()
        _require_in_step(before, hotp)
        with output.progress(len(before), _("Copying")) as progress:
            counts = cloning.clone(
                giver, taker, lambda: _say_code(output), lambda done, count: progress(done)
            )
        _report(output, before, taker.accounts(), counts)
        status = taker.status()
        if status.unix_time is None:
            output.note(_("The second token does not know the time yet: tokenctl sync"))
        if not status.has_pin:
            output.note(_("The second token:"))
            offer_pin(taker, output, is_interactive())


def _refuse_one_token(session: Session) -> None:
    """Raise UsageError for an option that names one token; TOKENCTL_PORT is for other commands."""
    given = {"--serial": session.serial}
    if session.port != os.environ.get("TOKENCTL_PORT"):
        given["--port"] = session.port
    for option, value in given.items():
        if value:
            raise click.UsageError(
                _("leave out {option}: --from and --to name both tokens").format(option=option)
            )


@contextmanager
def _opened(session: Session, port: str, which: str) -> Iterator[Token]:
    """Open a token; errors say which of the two it was, also when it is lost later."""
    place = _("{which}, at {port}").format(which=which, port=port)
    with ExitStack() as stack:
        with errors_at(place):
            opening = session.other_token(port, which[:1].upper() + which[1:])
            token = stack.enter_context(opening)
        try:
            yield token
        except LinkError as error:
            if token.unanswered is not None:
                error.at(place)
            raise


def _say_code(output: Output) -> None:
    output.note(
        _(
            "Both tokens now show a code of eight digits. If the codes match, press the button "
            "of each. If they do not, hold a button for a second: somebody is between the two "
            "tokens."
        )
    )


def _require_in_step(accounts: list[StoredAccount], hotp: bool) -> None:
    counting = [each for each in accounts if each.type == "hotp"]
    if counting and not hotp:
        raise BadEnrolment(
            "type",
            _(
                "{names}: HOTP accounts; after a code from one token, a service may refuse "
                "those of the other; --hotp copies them anyway"
            ).format(names=_listed(counting)),
        )


def _report(
    output: Output,
    before: list[StoredAccount],
    after: list[StoredAccount],
    counts: dict[str, int],
) -> None:
    """Print what became of the accounts; raise VerificationFailed if one did not arrive."""
    there = {(each.issuer, each.name): each.key_check_value for each in after}
    other = [
        each
        for each in before
        if not each.damaged and there.get((each.issuer, each.name)) != each.key_check_value
    ]
    if output.as_json:
        output.data(counts | {"other": [each.describe() for each in other]})
    else:
        count = len(before) - len(other) - counts.get("damaged", 0)
        output.note(
            plural(
                "{count} account is on both tokens, verified by the key check value.",
                "{count} accounts are on both tokens, verified by the key check value.",
                count,
            ).format(count=count)
        )
        if counts.get("damaged"):
            output.note(
                _("Left out, because the first token cannot read them: {count}.").format(
                    count=counts["damaged"]
                )
            )
    if len(other) > counts.get("kept", 0):
        raise VerificationFailed(
            _("the second token differs from what was copied: {names}").format(names=_listed(other))
        )


def _listed(accounts: list[StoredAccount]) -> str:
    names = ", ".join(f"'{each.issuer}:{each.name}'" for each in accounts[:_NAMES_SHOWN])
    more = len(accounts) - _NAMES_SHOWN
    return _("{names} and {more} more").format(names=names, more=more) if more > 0 else names
