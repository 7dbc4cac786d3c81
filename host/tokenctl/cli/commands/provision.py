"""tokenctl provision: from a picture, a URI, standard input or the keyboard onto the token."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from otpcore.account import STATIC
from otpcore.errors import WireError
from tokenctl.cli.commands.accounts import read_all
from tokenctl.cli.commands.clock import set_clock
from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.dialog import agrees
from tokenctl.cli.enrolling import app_password, comparing, manual, site_code
from tokenctl.cli.enrolling.cleanup import Cleanup
from tokenctl.cli.enrolling.collect import Collector, refuse_assumptions, warn
from tokenctl.cli.enrolling.exports import Exports
from tokenctl.cli.enrolling.keeper import Keeper
from tokenctl.cli.enrolling.options import Options, provision_options, read_options
from tokenctl.cli.enrolling.review import Review
from tokenctl.cli.enrolling.second import SecondToken
from tokenctl.cli.enrolling.writing import Writer
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options, is_interactive
from tokenctl.enrol import provisioning
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError, TokenctlError, refused
from tokenctl.language import _, plural

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


@click.command()
@provision_options
@global_options
@click.pass_obj
def provision(session: Session, **values: Any) -> None:
    """Add accounts to the token.

    SOURCE is a picture with QR codes (PNG, JPEG, WebP, GIF, BMP, TIFF, PDF), a
    text file with one otpauth URI per line (and # comments), a folder of these, or
    - to read either from standard input. An otpauth:// URI works too, but stays in
    the shell's history. --screen and --clipboard read what is there, --camera what
    is held in front of one.
    The codes of a Google Authenticator export may come in any order, and export
    files of other apps are recognised by their content. Without any of these,
    tokenctl asks for issuer, account and secret; with --static, it asks for an app
    password, or another short text, instead of the secret.

    At a terminal, a table shows what would be added; you select, rename and edit.
    The token shows what will be added and waits for its button, once for all of it.
    Its key check values are then compared with those of the secrets: what is
    reported as added is on the token exactly as it was sent. If an import is
    interrupted, run the same command again: it adds the rest. After adding a single
    account, you can have the code that the site asks for shown here.

    With --keep FILE, the accounts are also kept on the computer, encrypted, in a
    file that Aegis on a phone can read: whoever has the file and its passphrase has
    the accounts. With --also TOKEN, they go to a second token at the same time.
    """
    output = session.output
    options = read_options(is_interactive(), values)
    exports = Exports(options, output)
    collected = Collector(options, output, exports).collect()
    if options.diff:
        with session.token() as token:
            comparing.compare(
                read_all(token, output), collected.enrolments, exports.left_out, output
            )
        collected.refuse_bad()
        return
    if not options.asking:
        warn(output, collected.enrolments)
        if not options.dry_run:
            refuse_assumptions(collected.enrolments)
    if options.dry_run:
        enrolments = collected.enrolments or [_typed(options, output)]
        provisioning.plan(enrolments, [], options.replace)
        output.enrolments(enrolments)
    else:
        written = _put_on_token(session, options, collected.enrolments)
        Cleanup(options, output).after(collected, written)
    collected.refuse_bad()
    exports.refuse_bad()


def _put_on_token(
    session: Session, options: Options, collected: Sequence[Enrolment]
) -> list[Enrolment]:
    """Write what was collected or is typed now, as the user chooses; return what was written."""
    output = session.output
    keeper = Keeper(options, output)
    with ExitStack() as stack:
        second = None
        if options.also is not None:
            second = stack.enter_context(SecondToken(session, options.also))
        beside = None if second is None else second.port
        token = stack.enter_context(session.token(beside))
        there = read_all(token, output)
        if second is not None:
            second.meet(token)
        # The tokens are there before somebody types a secret.
        enrolments = list(collected) or [_typed(options, output)]
        replace = options.replace
        if options.asking:
            review = Review(enrolments, there, output, typed=not collected)
            enrolments = review.choose(options.take_all, replace)
            replace = True  # where it would, somebody said yes
        writer = Writer(token, there, second, keeper, options, output)
        stored = writer.write(enrolments, replace)
        session.outcome = _outcome(len(stored), options)
        _report(output, writer.steps, stored, second)
        _say_unmarked(output, writer.steps, stored)
        knows_time = _knows_time(token, output, stored, options.asking)
        if options.asking and len(stored) == 1 and not session.json:
            site_code.offer(token, stored[0], knows_time)
        if not there and not token.status().has_pin:
            offer_pin(token, output, options.asking)
        if second is not None:
            _look_after(second, output, options.asking)
    return enrolments


def _look_after(second: SecondToken, output: Output, asking: bool) -> None:
    """Report what else the second token lacks: the time, or a PIN with its first accounts."""
    with second.named() as token:
        status = token.status()
        if status.unix_time is None:
            output.note(_("The second token does not know the time yet: tokenctl sync"))
        if not second.there and not status.has_pin:
            output.note(_("The second token:"))
            offer_pin(token, output, asking)


def _typed(options: Options, output: Output) -> Enrolment:
    """Return the account that the user types; warnings are shown here or in the review."""
    if sys.stdin is None:
        raise SourceError(_("there is no source, and no terminal to prompt at"))
    names = options.given.issuer, options.given.account
    typed = app_password.ask(*names) if options.static else manual.ask(*names, **options.manual)
    if not options.asking:
        warn(output, [typed])
    return typed


def _report(
    output: Output,
    steps: Sequence[provisioning.Step],
    stored: Sequence["StoredAccount"],
    second: SecondToken | None,
) -> None:
    """Print the accounts as the token now has them, and what was done about each."""
    output.accounts(stored)
    there = sum(step.is_there for step in steps)
    if second is not None:
        output.note(
            plural(
                "The account is on both tokens, verified by the key check value.",
                "All {count} accounts are on both tokens, verified by the key check value.",
                len(stored),
            ).format(count=len(stored))
        )
    elif len(steps) == there:
        sentence = plural(
            "The account was already on the token; nothing was written.",
            "All {count} accounts were already on the token; nothing was written.",
            there,
        )
        output.note(sentence.format(count=there))
    elif stored[0].type == STATIC:
        output.note(_("The app password is on the token, which has read it back from its flash."))
    else:
        sentence = plural(
            "The account is on the token, verified by its key check value.",
            "All {count} accounts are on the token, verified by their key check values.",
            len(stored),
        )
        output.note(sentence.format(count=len(stored)))
        if there:
            sentence = plural(
                "{count} of them was already on the token.",
                "{count} of them were already on the token.",
                there,
            )
            output.note(sentence.format(count=there))


def _say_unmarked(
    output: Output, steps: Sequence[provisioning.Step], stored: Sequence["StoredAccount"]
) -> None:
    """Say how many of the app's favourites are none on the token, which has room for eight."""
    left = sum(
        step.enrolment.favourite and not each.favourite
        for step, each in zip(steps, stored, strict=True)
    )
    if left:
        output.note(
            plural(
                "{count} of the app's favourites was not marked as a favourite on the token, "
                "which holds 8 at most; change them with tokenctl favourite.",
                "{count} of the app's favourites were not marked as favourites on the token, "
                "which holds 8 at most; change them with tokenctl favourite.",
                left,
            ).format(count=left)
        )


def _outcome(count: int, options: Options) -> str:
    """Return what is true from now on, however the command ends."""
    said = plural(
        "The account is on the token.", "All {count} accounts are on the token.", count
    ).format(count=count)
    if options.delete_pictures or options.delete_sources:
        said += " " + _("Nothing was deleted.")
    return said


def _knows_time(
    token: "Token", output: Output, stored: Sequence["StoredAccount"], asking: bool
) -> bool:
    """Return whether the token knows the time; if codes need it, offer to set its clock."""
    if token.status().unix_time is not None:
        return True
    if all(each.type in ("hotp", STATIC) for each in stored):
        return False
    if not asking or output.as_json:
        output.note(
            _("The token does not know the time yet and shows no codes; run tokenctl sync.")
        )
        return False
    output.note(_("The token does not know the time, and shows no codes until its clock is set."))
    if not agrees(_("Set its clock from this computer's now?")):
        return False
    try:
        set_clock(token, output)
    except (TokenctlError, WireError) as error:
        fault = error if isinstance(error, TokenctlError) else refused(error)
        output.note(
            _(
                "{sentence} The account is on the token; to set the clock later, run tokenctl sync."
            ).format(sentence=fault.sentence)
        )
        return False
    return True
